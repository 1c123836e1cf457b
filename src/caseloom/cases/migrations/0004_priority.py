"""The priority of a case in its row."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0004_priority.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_mirrors")]
    operations = [migrations.RunSQL(SQL, "alter table case_row drop column priority;")]
