"""Contacts in and out: mail by SMTP and IMAP, web forms, the log of calls."""
