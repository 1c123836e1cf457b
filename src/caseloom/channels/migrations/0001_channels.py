"""The projections of contacts, raw mails, and the ledger of IMAP mailboxes."""

from pathlib import Path

from django.db import migrations

SQL = (Path(__file__).parent.parent / "sql" / "0001_channels.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("streams", "0002_search")]
    operations = [migrations.RunSQL(SQL, "drop table imap_taken, raw_mail, contact_row;")]
