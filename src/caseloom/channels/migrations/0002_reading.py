"""How contacts were read."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0002_reading.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("channels", "0001_channels")]
    operations = [migrations.RunSQL(SQL, "drop table contact_reading;")]
