"""Mail in by IMAP (RFC 9051): mailboxes are polled or idled, and no mail is lost or taken twice.

The order is what matters: fetch without marking → receive durably → write the ledger → mark or move.
Whatever breaks between two steps, the next poll goes on from the last one that was done:

    broken after fetch      nothing was stored; the mail is fetched again
    broken after receive    it is fetched again, and the receiver says Duplicate by the content's hash
    broken after ledger     the ledger knows it; only the mark is made up
"""

import hashlib
import imaplib
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, cast

from imap_tools import BaseMailBox, MailBox, MailboxLoginError, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from msgspec import Struct

from caseloom.channels.mail.receipt import Failed, ImapSource, RawMail, Receive, one_by_one
from caseloom.channels.mail.smtp_intake import Clock
from caseloom.channels.mail.transport import Security
from caseloom.foundation.text import mended_line

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_UID = re.compile(rb"UID (\d+)")
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
# RFC 2177: an IDLE is renewed at least every 29 minutes; many routers forget a silent connection much sooner.
_LONGEST_IDLE = 240.0


class ImapMailbox(Struct, frozen=True):
    """A mailbox to be read.

    name: ours, stable, for the ledger. after: what becomes of a taken mail: `seen`, or `move:Folder`.
    size: a larger mail is left where it is and reported; read it by hand or raise the bound.
    """

    name: str
    host: str
    port: int
    security: Security
    user: str
    password: str
    folder: str = "INBOX"
    after: str = "seen"
    size: int = 100_000_000
    timeout: float = 60.0
    tls_context: ssl.SSLContext | None = None

    @property
    def move_to(self) -> str | None:
        """The folder for taken mails, or None if they are only marked."""
        kind, _, folder = self.after.partition(":")
        return folder if kind == "move" and folder else None


class Ledger(Protocol):
    """What was taken from IMAP mailboxes. Durable; one row a mail: mailbox, UIDVALIDITY, UID, hash of the
    content.
    """

    def last_uid(self, mailbox: str, uidvalidity: int) -> int | None:
        """The highest UID that was taken, or None if none was under this UIDVALIDITY."""
        ...

    def taken(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> set[int]:
        """Which of these UIDs were taken."""
        ...

    def holds(self, mailbox: str, sha256: str) -> bool:
        """Whether a mail with this content was taken from this mailbox, under whatever UID."""
        ...

    def record(self, source: ImapSource, sha256: str) -> None:
        """Write one mail down, durably; writing it again changes nothing."""
        ...


class PollReport(Struct, frozen=True):
    """What one poll did. taken: stored now. known: had been stored before. failed: reasons, tried again at
    the next poll. too_large: UIDs of mails over the bound, left in place.
    """

    taken: int = 0
    known: int = 0
    failed: tuple[str, ...] = ()
    too_large: tuple[int, ...] = ()


class Trouble(Struct, frozen=True):
    """Why a mailbox could not be read just now, in a sentence, and the seconds until the next attempt."""

    mailbox: str
    reason: str
    pause: float


class ImapIntake:
    """Reads one mailbox. `poll` once, or `run` until told to stop.

    receive: stores one raw mail durably and keeps the content's hash unique (`RawMail.sha256`).
    """

    def __init__(self, mailbox: ImapMailbox, receive: Receive, ledger: Ledger, clock: Clock) -> None:
        if mailbox.after != "seen" and mailbox.move_to is None:
            raise ValueError(f"after={mailbox.after!r} is neither 'seen' nor 'move:Folder'; correct the setting.")
        self._mailbox = mailbox
        self._receive = one_by_one(receive)
        self._ledger = ledger
        self._clock = clock

    def poll(self) -> PollReport:
        """Take what is new over a connection of its own.

        Raises OSError, imaplib.IMAP4.error or ImapToolsError if the connection breaks or a setting is wrong;
        what was taken before stays taken.
        """
        with _Connection(self._mailbox) as connection:
            return self._take(connection)

    def run(
        self,
        stop: threading.Event,
        every: float,
        report: Callable[[PollReport | Trouble], None],
    ) -> None:
        """Take, then idle until mail comes or `every` seconds pass, again and again; reconnect with growing
        pauses.

        report: told of each poll that found something, and of each trouble.
        """
        pause = _FIRST_PAUSE
        while not stop.is_set():
            try:
                with _Connection(self._mailbox) as connection:
                    while not stop.is_set():
                        self._tell(self._take(connection), report)
                        pause = _FIRST_PAUSE
                        connection.wait(stop, min(every, _LONGEST_IDLE))
            except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
                report(Trouble(self._mailbox.name, _why(error, self._mailbox), pause))
                stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    @staticmethod
    def _tell(outcome: PollReport, report: Callable[[PollReport | Trouble], None]) -> None:
        if outcome != PollReport():
            report(outcome)

    def _take(self, connection: "_Connection") -> PollReport:
        name, validity = self._mailbox.name, connection.uidvalidity
        uids = connection.candidates(self._ledger.last_uid(name, validity))
        taken_before = self._ledger.taken(name, validity, uids)
        connection.settle([uid for uid in uids if uid in taken_before])
        fresh = [uid for uid in uids if uid not in taken_before]
        sizes = connection.sizes(fresh)
        too_large = tuple(uid for uid in fresh if sizes.get(uid, 0) > self._mailbox.size)
        outcomes = [self._take_one(connection, uid) for uid in fresh if uid not in too_large]
        reasons = tuple(outcome for outcome in outcomes if outcome not in ("taken", "known", "gone"))
        return PollReport(outcomes.count("taken"), outcomes.count("known"), reasons, too_large)

    def _take_one(self, connection: "_Connection", uid: int) -> str:
        raw = connection.fetch(uid)
        if raw is None:
            return "gone"
        source = ImapSource(self._mailbox.name, connection.uidvalidity, uid)
        sha256 = hashlib.sha256(raw).hexdigest()
        outcome = "known"
        if not self._ledger.holds(self._mailbox.name, sha256):
            mail = RawMail(raw, self._mailbox.name, None, (), self._clock(), source)
            receipt = self._receive([mail])[0]
            if isinstance(receipt, Failed):
                return receipt.reason
            outcome = "taken"
        self._ledger.record(source, sha256)
        connection.settle([uid])
        return outcome


class _Connection:
    """One session: signed in, the folder selected, the few commands that the intake needs.

    imap-tools' own `fetch` parses each mail with the standard library, which hostile mail breaks; so bodies
    come raw.
    """

    def __init__(self, mailbox: ImapMailbox) -> None:
        self._mailbox = mailbox
        self._box: BaseMailBox = _open(mailbox)
        try:
            self._box.login(mailbox.user, mailbox.password, initial_folder=None)
            if mailbox.move_to and not self._box.folder.exists(mailbox.move_to):
                self._box.folder.create(mailbox.move_to)
            self._box.folder.set(mailbox.folder)
            answer = self._box.client.response("UIDVALIDITY")[1]
        except BaseException:
            self._drop()
            raise
        self.uidvalidity = int(answer[0]) if answer and answer[0] else 0

    def __enter__(self) -> "_Connection":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self._box.logout()
            except (OSError, imaplib.IMAP4.error, ImapToolsError):
                self._drop()
        else:
            self._drop()

    def _drop(self) -> None:
        try:
            self._box.client.shutdown()
        except OSError:
            return

    def candidates(self, last_uid: int | None) -> list[int]:
        """UIDs that may be new, ascending.

        With `seen`: unseen ones, and all above the last that was taken, since a person may have opened a
        mail first.
        """
        # NOOP first: a server tells of new mail between commands only.
        self._box.client.noop()
        if self._mailbox.move_to:
            return sorted(self._search("ALL"))
        above = self._search(f"UID {last_uid + 1}:*") if last_uid is not None else set()
        # "n:*" names the last mail even if its UID is below n (RFC 9051, seq-range).
        return sorted(self._search("UNSEEN") | {uid for uid in above if uid > (last_uid or 0)})

    def _search(self, criteria: str) -> set[int]:
        return {int(uid) for uid in self._box.uids(criteria)}

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """Bytes of each mail, as the server says."""
        found: dict[int, int] = {}
        for line in self._fetch(uids, "(UID RFC822.SIZE)"):
            text = line if isinstance(line, bytes) else line[0]
            uid, size = _UID.search(text), _SIZE.search(text)
            if uid and size:
                found[int(uid[1])] = int(size[1])
        return found

    def fetch(self, uid: int) -> bytes | None:
        """The raw mail, without marking it; None if it is gone."""
        for line in self._fetch([uid], "(UID BODY.PEEK[])"):
            if isinstance(line, tuple) and len(line) > 1:
                return line[1]
        return None

    def _fetch(self, uids: Sequence[int], what: str) -> Iterator[bytes | tuple[bytes, bytes]]:
        for start in range(0, len(uids), 500):
            chunk = ",".join(map(str, uids[start : start + 500]))
            status, lines = self._box.client.uid("FETCH", chunk, what)
            if status != "OK":
                raise imaplib.IMAP4.error(f"FETCH was answered with {status}")
            yield from cast("list[bytes | tuple[bytes, bytes]]", [line for line in lines if line])

    def settle(self, uids: Sequence[int]) -> None:
        """Mark or move what was taken."""
        if not uids:
            return
        names = list(map(str, uids))
        if self._mailbox.move_to:
            self._box.move(names, self._mailbox.move_to)
        else:
            self._box.flag(names, "\\Seen", True)

    def wait(self, stop: threading.Event, seconds: float) -> None:
        """Until new mail is told, the time is over, or we are to stop (looked at twice a second)."""
        if "IDLE" not in self._box.client.capabilities:
            stop.wait(seconds)
            return
        self._box.idle.start()  # type: ignore[no-untyped-call]
        try:
            for _ in range(max(1, round(seconds * 2))):
                if stop.is_set() or self._box.idle.poll(timeout=0.5):
                    break
        finally:
            self._box.idle.stop()  # type: ignore[no-untyped-call]


def _open(mailbox: ImapMailbox) -> BaseMailBox:
    host, port, timeout = mailbox.host, mailbox.port, mailbox.timeout
    if mailbox.security == "none":
        return MailBoxUnencrypted(host, port, timeout)
    context = mailbox.tls_context or ssl.create_default_context()
    if mailbox.security == "tls":
        return MailBox(host, port, timeout, ssl_context=context)
    return MailBoxStartTls(host, port, timeout, ssl_context=context)


def _why(error: Exception, mailbox: ImapMailbox) -> str:
    what = mended_line(str(error))[:300]
    if isinstance(error, MailboxLoginError):
        return f"The mail server refused our user; check user and password of {mailbox.name} ({what})."
    return f"{mailbox.name} on {mailbox.host} could not be read ({what}); it is tried again."
