"""The states that an effect goes through between its attempts."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0003_effects.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("streams", "0002_search")]
    operations = [migrations.RunSQL(SQL, "alter table effect drop column uncertain;")]
