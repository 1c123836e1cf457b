"""Which versions of decision models a published definition decides by."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0002_models.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("library", "0001_library")]
    operations = [migrations.RunSQL(SQL, "drop table definition_model;")]
