"""The projection of mirrored goals."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0003_mirrors.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_flows")]
    operations = [migrations.RunSQL(SQL, "drop table goal_mirror;")]
