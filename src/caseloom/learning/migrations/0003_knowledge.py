"""Knowledge for open cases, and what is missing."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0003_knowledge.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("learning", "0002_proposals")]
    operations = [migrations.RunSQL(SQL, "drop table knowledge_gap, knowledge_row;")]
