"""The IMAP intake against dovecot, with the connection cut at each stage by a proxy between the two."""

import imaplib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
import pytest
from imap_tools import MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from caseloom.channels.mail.imap_intake import ImapIntake, ImapMailbox, PollReport, Trouble
from caseloom.channels.mail.receipt import Duplicate, Failed, ImapSource, RawMail, Receipt, Stored
from tests.channels.mail.nasty import nested
from tests.mailhost import PASSWORD, MailHost, needs_dovecot

pytestmark = needs_dovecot
ADA = "ada@example.org"
BROKEN = (OSError, imaplib.IMAP4.error, ImapToolsError)


class MemoryLedger:
    """The ledger's protocol over a dictionary; `breaks` raises once before writing."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int, int], str] = {}
        self.breaks = False

    def last_uid(self, mailbox: str, uidvalidity: int) -> int | None:
        return max((u for m, v, u in self.rows if (m, v) == (mailbox, uidvalidity)), default=None)

    def taken(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> set[int]:
        return {uid for uid in uids if (mailbox, uidvalidity, uid) in self.rows}

    def holds(self, mailbox: str, sha256: str) -> bool:
        return any(m == mailbox and s == sha256 for (m, _, _), s in self.rows.items())

    def record(self, source: ImapSource, sha256: str) -> None:
        if self.breaks:
            self.breaks = False
            raise ConnectionError("the database went away")
        self.rows[source.mailbox, source.uidvalidity, source.uid] = sha256


class Store:
    """A receiver that keeps the content's hash unique, as the door does."""

    def __init__(self) -> None:
        self.mails: dict[str, RawMail] = {}
        self.failures = 0

    def __call__(self, mail: RawMail) -> Receipt:
        if self.failures:
            self.failures -= 1
            return Failed("busy")
        if mail.sha256 in self.mails:
            return Duplicate()
        self.mails[mail.sha256] = mail
        return Stored()


class CuttingProxy:
    """Passes bytes on to a server, and cuts the first connection at a sign, before or after passing the sign
    on.
    """

    def __init__(self, port: int, sign: bytes, *, reply: bool, after: bool) -> None:
        self._target, self._sign, self._reply, self._after = port, sign, reply, after
        self.cut = False
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                for pair in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, is_reply: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                hit = is_reply == self._reply and self._sign in data and not self.cut
                if not hit or self._after:
                    sink.sendall(data)
                if hit:
                    self.cut = True
                    break
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture(scope="module")
def shared_host() -> Iterator[MailHost]:
    with MailHost("example.org") as running:
        yield running


@pytest.fixture
def host(shared_host: MailHost) -> Iterator[MailHost]:
    yield shared_host
    with MailBoxUnencrypted("127.0.0.1", shared_host.imap_port).login(ADA, PASSWORD) as box:
        for folder in [f.name for f in box.folder.list()]:
            box.folder.set(folder)
            box.delete(box.uids())


def fill(host: MailHost, number: int = 3) -> set[bytes]:
    """Deliver mails and return what the mailbox then holds."""
    for n in range(number):
        host.deliver(b"Subject: %d\r\n\r\nHi %d\r\n" % (n, n), "x@example.com", ADA)
    return set(host.mails(ADA))


def intake(mailbox: ImapMailbox, store: Store, ledger: MemoryLedger) -> ImapIntake:
    return ImapIntake(mailbox, store, ledger, lambda: datetime(2024, 1, 1, tzinfo=UTC))


def unseen(host: MailHost) -> int:
    with MailBoxUnencrypted("127.0.0.1", host.imap_port).login(ADA, PASSWORD) as box:
        return len(box.uids("UNSEEN"))


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_new_mails_are_taken_once_and_marked(host: MailHost) -> None:
    mails, store, ledger = fill(host), Store(), MemoryLedger()
    reader = intake(host.mailbox(ADA), store, ledger)
    assert reader.poll() == PollReport(taken=3)
    assert reader.poll() == PollReport()
    assert {mail.raw for mail in store.mails.values()} == mails
    assert unseen(host) == 0
    first = next(iter(store.mails.values()))
    assert (first.envelope_from, first.envelope_to, first.mailbox) == (None, (), ADA)


def test_taken_mails_are_moved_into_a_folder_that_is_made(host: MailHost) -> None:
    fill(host)
    reader = intake(host.mailbox(ADA, "move:Done"), Store(), MemoryLedger())
    assert reader.poll() == PollReport(taken=3)
    with MailBoxUnencrypted("127.0.0.1", host.imap_port).login(ADA, PASSWORD) as box:
        assert box.uids() == []
        box.folder.set("Done")
        assert len(box.uids()) == 3


def test_a_mail_that_somebody_opened_first_is_taken_all_the_same(host: MailHost) -> None:
    fill(host, 1)
    store = Store()
    reader = intake(host.mailbox(ADA), store, MemoryLedger())
    reader.poll()
    host.deliver(b"Subject: later\r\n\r\nHi\r\n", "x@example.com", ADA)
    with MailBoxUnencrypted("127.0.0.1", host.imap_port).login(ADA, PASSWORD) as box:
        box.flag(box.uids(), "\\Seen", True)
    assert reader.poll() == PollReport(taken=1)


CUTS = {
    "before the login's answer": (b"Logged in", True, False),
    "before the search": (b"SEARCH", False, False),
    "before the search's answer": (b"* SEARCH", True, False),
    "before a fetch": (b"BODY.PEEK[]", False, False),
    "after a fetch was sent": (b"BODY.PEEK[]", False, True),
    "before a fetched mail": (b"BODY[] {", True, False),
    "after a fetched mail": (b"BODY[] {", True, True),
    "before marking": (b"STORE", False, False),
    "after marking was sent": (b"STORE", False, True),
}


@pytest.mark.parametrize(("sign", "reply", "after"), CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("forgets", [False, True], ids=["one ledger", "ledger lost"])
def test_a_cut_connection_loses_nothing_and_doubles_nothing(
    host: MailHost, sign: bytes, reply: bool, after: bool, forgets: bool
) -> None:
    mails, store, ledger = fill(host), Store(), MemoryLedger()
    proxy = CuttingProxy(host.imap_port, sign, reply=reply, after=after)
    reader = intake(msgspec.structs.replace(host.mailbox(ADA), port=proxy.port), store, ledger)
    with suppress(*BROKEN):
        reader.poll()
    assert proxy.cut
    if forgets:
        ledger.rows.clear()
    reader.poll()
    proxy.close()
    assert {mail.raw for mail in store.mails.values()} == mails
    assert len(store.mails) == 3
    assert unseen(host) == 0


def test_a_ledger_that_breaks_after_storing_doubles_nothing(host: MailHost) -> None:
    fill(host)
    store, ledger = Store(), MemoryLedger()
    ledger.breaks = True
    reader = intake(host.mailbox(ADA), store, ledger)
    with pytest.raises(ConnectionError):
        reader.poll()
    reader.poll()
    assert (len(store.mails), len(ledger.rows), unseen(host)) == (3, 3, 0)


def test_a_mail_that_could_not_be_stored_stays_unmarked_and_is_tried_again(host: MailHost) -> None:
    fill(host)
    store = Store()
    store.failures = 1
    reader = intake(host.mailbox(ADA), store, MemoryLedger())
    assert reader.poll() == PollReport(taken=2, failed=("busy",))
    assert unseen(host) == 1
    assert reader.poll() == PollReport(taken=1)


def test_the_same_content_under_another_uid_is_known(host: MailHost) -> None:
    (raw,) = fill(host, 1)
    store, ledger = Store(), MemoryLedger()
    reader = intake(host.mailbox(ADA), store, ledger)
    reader.poll()
    with MailBoxUnencrypted("127.0.0.1", host.imap_port).login(ADA, PASSWORD) as box:
        box.append(raw)
    assert reader.poll() == PollReport(known=1)
    assert (len(store.mails), len(ledger.rows)) == (1, 2)


def test_an_unreadable_mail_is_handed_on_raw_and_a_too_large_one_is_left(host: MailHost) -> None:
    host.deliver(nested(2000), "x@example.com", ADA)
    host.deliver(b"Subject: large\r\n\r\n" + b"x\r\n" * 60_000, "x@example.com", ADA)
    store = Store()
    report = intake(msgspec.structs.replace(host.mailbox(ADA), size=170_000), store, MemoryLedger()).poll()
    assert (report.taken, len(report.too_large)) == (1, 1)
    assert b"deep inside" in next(iter(store.mails.values())).raw


def test_a_running_intake_takes_mail_as_it_comes_and_survives_a_cut(host: MailHost) -> None:
    store, stop = Store(), threading.Event()
    told: list[PollReport | Trouble] = []
    proxy = CuttingProxy(host.imap_port, b"BODY[] {", reply=True, after=False)
    reader = intake(msgspec.structs.replace(host.mailbox(ADA), port=proxy.port), store, MemoryLedger())
    runner = threading.Thread(target=reader.run, args=(stop, 60.0, told.append))
    runner.start()
    try:
        host.deliver(b"Subject: 1\r\n\r\nHi\r\n", "x@example.com", ADA)
        until(lambda: len(store.mails) == 1)
        host.deliver(b"Subject: 2\r\n\r\nHi\r\n", "x@example.com", ADA)
        until(lambda: len(store.mails) == 2)
    finally:
        stop.set()
        runner.join(10)
        proxy.close()
    assert not runner.is_alive()
    assert [type(event) for event in told] == [Trouble, PollReport, PollReport]


def test_a_wrong_password_is_told_in_words(host: MailHost) -> None:
    told: list[PollReport | Trouble] = []
    stop = threading.Event()

    def report(event: PollReport | Trouble) -> None:
        told.append(event)
        stop.set()

    mailbox = msgspec.structs.replace(host.mailbox(ADA), password="wrong")
    intake(mailbox, Store(), MemoryLedger()).run(stop, 1, report)
    assert isinstance(told[0], Trouble)
    assert "check user and password" in told[0].reason


def test_an_unknown_way_to_settle_is_refused(host: MailHost) -> None:
    with pytest.raises(ValueError, match="neither"):
        intake(host.mailbox(ADA, "burn"), Store(), MemoryLedger())
