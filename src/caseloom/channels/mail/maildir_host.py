"""Mailboxes on this machine: an SMTP server that delivers into Maildirs, one folder an address.

The demo's customers have their mail here; a person reads it in the browser, a mail program by IMAP
(`dovecot.py`). The format is Maildir (D. J. Bernstein): a mail is written below `tmp` and moved to `new`, so
that none is ever half there.
"""

import os
import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from caseloom.channels.mail.receipt import RawMail, Receipt, Stored, one_by_one
from caseloom.channels.mail.smtp_intake import Clock, SmtpIntake, SmtpListen

# One folder name and one address at once: no slash, no leading dot, no quoting.
_ADDRESS = re.compile(r"[a-z0-9_][a-z0-9._%+=-]{0,63}@[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_KEY = re.compile(r"[0-9]{10,20}\.[0-9a-f]{32}\.caseloom")
_FOLDERS = ("new", "cur")


class MailEntry(Struct, frozen=True):
    """A mail in a mailbox. key: its name for `read`, the same once it was seen. size: in bytes."""

    key: str
    size: int
    arrived_at: datetime
    seen: bool


class NoSuchMailError(LookupError):
    """The address or the key names no mail here; list the mailbox and take a key from there."""


class MaildirHost:
    """Accepts mail for every address of its domains and keeps it below `folder/<address>/`.

    domains: lower-case names that are served; other recipients get 550. owner: user and group ids that the
    files are given to, where an IMAP server reads them as another user; None leaves them ours.
    """

    def __init__(
        self,
        folder: Path,
        listen: SmtpListen,
        domains: Sequence[str],
        clock: Clock,
        owner: tuple[int, int] | None = None,
    ) -> None:
        self._folder = folder
        self._domains = frozenset(domain.lower() for domain in domains)
        self._owner = owner
        self._server = SmtpIntake(listen, one_by_one(self._deliver), clock, self.serves)

    @property
    def port(self) -> int:
        """The SMTP port, once started."""
        return self._server.port

    def start(self) -> None:
        """Make the folder, and serve in a thread. Raises OSError if the port is taken."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._give(self._folder)
        self._server.start()

    def stop(self) -> None:
        """Stop serving; the mails stay."""
        self._server.stop()

    def __enter__(self) -> "MaildirHost":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def serves(self, address: str) -> bool:
        """Whether the address is one of ours."""
        return bool(_ADDRESS.fullmatch(address.lower())) and address.lower().rpartition("@")[2] in self._domains

    def addresses(self) -> list[str]:
        """Every address that has a mailbox, sorted."""
        return sorted(path.name for path in self._folder.iterdir() if path.is_dir() and _ADDRESS.fullmatch(path.name))

    def list_mails(self, address: str) -> list[MailEntry]:
        """The mails of an address, newest first; none if it has no mailbox yet."""
        mailbox = self._mailbox(address)
        entries = [_entry(path) for name in _FOLDERS for path in _files(mailbox / name)]
        return sorted((e for e in entries if e), key=lambda entry: entry.key, reverse=True)

    def read(self, address: str, key: str) -> bytes:
        """The raw mail. Raises NoSuchMailError."""
        if _KEY.fullmatch(key):
            for name in _FOLDERS:
                for path in _files(self._mailbox(address) / name):
                    if path.name.partition(":")[0].partition(",")[0] == key:
                        return path.read_bytes()
        raise NoSuchMailError(f"{address} has no mail {key[:80]!r}.")

    def put(self, address: str, raw: bytes, moment: datetime) -> str:
        """Deliver one mail and return its key. Raises NoSuchMailError if the address is not served here."""
        mailbox = self._mailbox(address)
        self._make(mailbox)
        key = f"{int(moment.timestamp() * 1_000_000):016d}.{uuid.uuid4().hex}.caseloom"
        draft = mailbox / "tmp" / key
        with draft.open("xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        self._give(draft)
        draft.rename(mailbox / "new" / key)
        return key

    def _deliver(self, mail: RawMail) -> Receipt:
        header = f"Return-Path: <{mail.envelope_from or ''}>\r\n"
        for address in dict.fromkeys(a.lower() for a in mail.envelope_to):
            delivered = f"{header}Delivered-To: {address}\r\n".encode("utf-8", "replace") + mail.raw
            self.put(address, delivered, mail.received_at)
        return Stored()

    def _mailbox(self, address: str) -> Path:
        if not self.serves(address):
            raise NoSuchMailError(
                f"{address[:80]!r} is not served here; the domains are {', '.join(sorted(self._domains))}."
            )
        return self._folder / address.lower()

    def _make(self, mailbox: Path) -> None:
        for path in (mailbox, *(mailbox / name for name in ("cur", "new", "tmp"))):
            if not path.exists():
                path.mkdir(exist_ok=True)
                self._give(path)

    def _give(self, path: Path) -> None:
        if self._owner is not None:
            os.chown(path, *self._owner)


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _entry(path: Path) -> MailEntry | None:
    # Behind ":" and "," an IMAP server writes flags and sizes; S is seen.
    key, _, flags = path.name.partition(":")
    key = key.partition(",")[0]
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return None  # An IMAP server renames a mail when its flags change.
    if not _KEY.fullmatch(key):
        return None
    arrived_at = datetime.fromtimestamp(int(key.partition(".")[0]) / 1_000_000, UTC)
    return MailEntry(key, size, arrived_at, "S" in flags.partition(",")[2])
