"""A real mail host for tests: SMTP that delivers into Maildirs, and dovecot's IMAP over them, on free
loopback ports.
"""

import shutil
import smtplib
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from caseloom.channels.mail.dovecot import Dovecot, DovecotMissing, find_dovecot, mail_owner
from caseloom.channels.mail.imap_intake import ImapMailbox
from caseloom.channels.mail.maildir_host import MaildirHost
from caseloom.channels.mail.smtp_intake import SmtpListen
from caseloom.channels.mail.transport import SmtpServer

PASSWORD = "secret-of-the-tests"


def dovecot_missing() -> str | None:
    """Why tests that need IMAP are skipped here, or None if dovecot is at hand."""
    found = find_dovecot()
    return found.reason if isinstance(found, DovecotMissing) else None


needs_dovecot = [
    pytest.mark.mail,
    pytest.mark.skipif(dovecot_missing() is not None, reason=str(dovecot_missing())),
]
"""Marks for a test (or, as `pytestmark`, a file) that talks IMAP."""


class MailHost:
    """SMTP and IMAP for `domains`. Every address has a mailbox; every password is `PASSWORD`.

    imap: False starts SMTP alone, which needs no dovecot.
    """

    def __init__(self, *domains: str, imap: bool = True) -> None:
        # Not below pytest's own folder: root's is closed to the user that reads mail, and its path is long.
        self.folder = Path(tempfile.mkdtemp(prefix="mailhost-"))
        self.folder.chmod(0o755)
        self._domains = domains or ("example.org",)
        self.maildirs = self._maildirs()
        self._dovecot = self._imap() if imap else None

    def _maildirs(self) -> MaildirHost:
        return MaildirHost(
            self.folder / "mails", SmtpListen(), self._domains, lambda: datetime.now(UTC), owner=mail_owner()
        )

    def _imap(self) -> Dovecot:
        found = find_dovecot()
        assert not isinstance(found, DovecotMissing), found.reason
        return Dovecot(found, self.folder / "run", self.folder / "mails", PASSWORD)

    def __enter__(self) -> "MailHost":
        self.maildirs.start()
        if self._dovecot:
            self._dovecot.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._dovecot:
            self._dovecot.stop()
        self.maildirs.stop()
        shutil.rmtree(self.folder)

    @property
    def smtp(self) -> SmtpServer:
        """Where mail is sent."""
        return SmtpServer("127.0.0.1", self.maildirs.port, security="none", timeout=10)

    @property
    def imap_port(self) -> int:
        """Where mail is read."""
        assert self._dovecot
        return self._dovecot.port

    def mailbox(self, address: str, after: str = "seen") -> ImapMailbox:
        """The settings of an address' mailbox."""
        return ImapMailbox(address, "127.0.0.1", self.imap_port, "none", address, PASSWORD, after=after, timeout=10)

    def deliver(self, raw: bytes, sender: str, *recipients: str) -> None:
        """Hand a mail over by SMTP, as any mail program does."""
        with smtplib.SMTP("127.0.0.1", self.maildirs.port, timeout=10) as client:
            client.sendmail(sender, recipients, raw)

    def mails(self, address: str) -> list[bytes]:
        """The raw mails of an address, newest first."""
        return [self.maildirs.read(address, entry.key) for entry in self.maildirs.list_mails(address)]
