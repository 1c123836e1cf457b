"""The worklist by priority, and the case that asked for another one."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0005_haste.sql").read_text(encoding="utf-8")
BACK = "alter table work_row drop column haste; alter table case_row drop column parent;"


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_priority")]
    operations = [migrations.RunSQL(SQL, BACK)]
