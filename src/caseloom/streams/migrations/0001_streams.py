"""The tables of the door, in SQL of their own: their storage options matter (LESSONS, the hot path)."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0001_streams.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("procrastinate", "__latest__")]
    operations = [
        migrations.RunSQL(
            SQL,
            "drop table effect, timer, person_key, event, stream; drop sequence stream_id_seq;",
        )
    ]
