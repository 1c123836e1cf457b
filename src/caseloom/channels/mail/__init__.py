"""Mail in and out: reading, threading, sending, intake by SMTP and IMAP, and a host of mailboxes.

The package knows neither Django nor the door. What it needs from above (receivers, ledger, clock, key) comes
in as typed values; see `receipt.py` for what passes between a mail host and the door.
"""
