"""The projections of cases."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0001_cases.sql").read_text(encoding="utf-8")
TABLES = "notice_row, perception_row, promise_row, case_contact, task_row, goal_row, work_row, case_row"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("streams", "0002_search")]
    operations = [migrations.RunSQL(SQL, f"drop table {TABLES};")]
