"""The order in which events are followed."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0004_order.sql").read_text(encoding="utf-8")
BACK = "create index event_position on event (position); drop index event_order;"


class Migration(migrations.Migration):
    dependencies = [("streams", "0003_effects")]
    operations = [migrations.RunSQL(SQL, BACK)]
