"""What passes between an intake and whoever stores mail: the raw mail up, a receipt down."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct


class ImapSource(Struct, frozen=True):
    """Where a mail lay on an IMAP server (RFC 9051 §2.3.1.1: mailbox, UIDVALIDITY and UID name a message for
    ever).
    """

    mailbox: str
    uidvalidity: int
    uid: int


class SmtpSource(Struct, frozen=True):
    """Which client handed a mail over by SMTP: its address and the name that it gave in EHLO."""

    peer: str
    helo: str


class RawMail(Struct, frozen=True):
    """A mail as it came, byte for byte, with what only the transport knows.

    mailbox: name of the intake's mailbox (IMAP: the configured mailbox; SMTP: the first envelope recipient).
    envelope_from: the reverse path, "" for the null sender, None where the transport does not tell (IMAP).
    envelope_to: the envelope's recipients; empty where the transport does not tell.
    received_at: aware moment of the arrival here.
    """

    raw: bytes
    mailbox: str
    envelope_from: str | None
    envelope_to: tuple[str, ...]
    received_at: datetime
    source: ImapSource | SmtpSource

    @property
    def sha256(self) -> str:
        """Hex digest of the raw bytes. The receiver keeps it unique: it is what makes a second hand-over a
        Duplicate.
        """
        return hashlib.sha256(self.raw).hexdigest()


class Stored(Struct, frozen=True, tag=True):
    """The raw mail is durable: committed, not merely queued."""


class Duplicate(Struct, frozen=True, tag=True):
    """This very mail is durable already; the sender is told that all is well."""


class Failed(Struct, frozen=True, tag=True):
    """Nothing was stored, for a passing reason; the host keeps the mail and tries again."""

    reason: str


Receipt = Stored | Duplicate | Failed

Receive = Callable[[RawMail], Receipt]
"""Stores one mail durably. It may raise; an exception counts as Failed."""

ReceiveMany = Callable[[Sequence[RawMail]], Sequence[Receipt]]
"""Stores many mails in one go and answers for each, in the same order."""


def one_by_one(receive: Receive) -> ReceiveMany:
    """A batch receiver out of a single one; an exception for one mail leaves the others standing."""

    def receive_many(mails: Sequence[RawMail]) -> list[Receipt]:
        return [_guarded(receive, mail) for mail in mails]

    return receive_many


def _guarded(receive: Receive, mail: RawMail) -> Receipt:
    try:
        return receive(mail)
    except Exception as error:
        return Failed(f"{type(error).__name__}: {error}")
