"""The projections of customers."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0001_customers.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("streams", "0002_search")]
    operations = [migrations.RunSQL(SQL, "drop table customer_identity, customer;")]
