"""The mailboxes of the demo's customers: they take mail by SMTP, and show it in the browser and by IMAP."""
