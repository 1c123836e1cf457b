"""The tables of bytes, in SQL of their own: their storage options matter."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0001_blobs.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    initial = True
    operations = [migrations.RunSQL(SQL, "drop table blob_chunk, blob;")]
