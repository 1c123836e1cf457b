"""The search rows, one table for all kinds of stream."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0002_search.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("streams", "0001_streams")]
    operations = [migrations.RunSQL(SQL, "drop table search_row;")]
