"""Proposals to the owners of definitions, and how often advice was followed."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0002_proposals.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("learning", "0001_learning")]
    operations = [migrations.RunSQL(SQL, "drop table advice_followed, learned_proposal;")]
