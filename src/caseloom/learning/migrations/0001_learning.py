"""Versions of what was learned, and the advice that stands."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0001_learning.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("streams", "0004_order")]
    operations = [migrations.RunSQL(SQL, "drop table imported_log, advice_row, learned_model;")]
