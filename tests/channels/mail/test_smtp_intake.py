import smtplib
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from caseloom.channels.mail.receipt import Duplicate, Failed, RawMail, Receipt, SmtpSource, Stored, one_by_one
from caseloom.channels.mail.smtp_intake import SmtpIntake, SmtpListen

NOW = datetime(2024, 1, 1, tzinfo=UTC)


class Store:
    """Takes batches and remembers them; slow as a door is, so that mails gather."""

    def __init__(self, pause: float = 0.0) -> None:
        self.batches: list[list[RawMail]] = []
        self._pause = pause
        self._lock = threading.Lock()

    def __call__(self, mails: Sequence[RawMail]) -> list[Receipt]:
        time.sleep(self._pause)
        with self._lock:
            self.batches.append(list(mails))
        return [self._receipt(mail) for mail in mails]

    @staticmethod
    def _receipt(mail: RawMail) -> Receipt:
        if b"busy" in mail.raw:
            return Failed("the database restarts")
        return Duplicate() if b"again" in mail.raw else Stored()


def client(server: SmtpIntake) -> smtplib.SMTP:
    smtp = smtplib.SMTP("127.0.0.1", server.port, timeout=10)
    smtp.ehlo()
    return smtp


def code(smtp: smtplib.SMTP, raw: bytes) -> int:
    """The server's answer to one mail."""
    smtp.mail("ada@example.org")
    smtp.rcpt("bank@example.com")
    return smtp.data(raw)[0]


def test_a_mail_is_handed_over_with_its_envelope() -> None:
    store = Store()
    with SmtpIntake(SmtpListen(), store, lambda: NOW) as server, client(server) as smtp:
        smtp.ehlo("pc.example.org")
        smtp.sendmail("", ["a@example.com", "b@example.com"], b"Subject: x\r\n\r\nHi\r\n")
    assert store.batches == [
        [
            RawMail(
                raw=b"Subject: x\r\n\r\nHi\r\n",
                mailbox="a@example.com",
                envelope_from="",
                envelope_to=("a@example.com", "b@example.com"),
                received_at=NOW,
                source=SmtpSource("127.0.0.1", "pc.example.org"),
            )
        ]
    ]


def test_each_mail_of_a_batch_gets_its_own_answer() -> None:
    with SmtpIntake(SmtpListen(), Store(), lambda: NOW) as server, client(server) as smtp:
        answers = [code(smtp, raw) for raw in (b"one", b"busy", b"again", b"two")]
    assert answers == [250, 451, 250, 250]


def test_mails_that_come_together_are_stored_together() -> None:
    store = Store(pause=0.05)
    with SmtpIntake(SmtpListen(receivers=1), store, lambda: NOW) as server:

        def send(number: int) -> int:
            with client(server) as smtp:
                return code(smtp, b"mail %d" % number)

        with ThreadPoolExecutor(20) as pool:
            assert set(pool.map(send, range(200))) == {250}
    assert sum(map(len, store.batches)) == 200
    assert len({mail.raw for batch in store.batches for mail in batch}) == 200
    assert len(store.batches) <= 60
    assert max(map(len, store.batches)) <= 50


def test_the_answer_comes_only_after_the_mail_is_stored() -> None:
    stored = threading.Event()

    def receive(mail: RawMail) -> Receipt:
        assert not stored.is_set()
        time.sleep(0.2)
        stored.set()
        return Stored()

    with SmtpIntake(SmtpListen(), one_by_one(receive), lambda: NOW) as server, client(server) as smtp:
        assert code(smtp, b"x") == 250
        assert stored.is_set()


def test_a_receiver_that_raises_or_forgets_an_answer_is_a_passing_failure() -> None:
    def raising(mails: Sequence[RawMail]) -> list[Receipt]:
        raise ConnectionError("password=secret is wrong")

    def forgetful(mails: Sequence[RawMail]) -> list[Receipt]:
        return []

    for receive_many in (raising, forgetful):
        with SmtpIntake(SmtpListen(), receive_many, lambda: NOW) as server, client(server) as smtp:
            smtp.mail("a@b.c")
            smtp.rcpt("a@b.c")
            number, words = smtp.data(b"x")
        assert number == 451
        assert b"secret" not in words


def test_too_large_a_mail_is_refused_at_once_and_after_the_data() -> None:
    store = Store()
    with SmtpIntake(SmtpListen(size=10_000), store, lambda: NOW) as server, client(server) as smtp:
        smtp.ehlo()
        assert smtp.esmtp_features["size"] == "10000"
        assert smtp.mail("a@b.c", ["SIZE=20000"])[0] == 552
        assert code(smtp, b"x\r\n" * 10_000) == 552
        assert code(smtp, b"small") == 250
    assert len(store.batches) == 1


def test_recipients_that_are_not_served_are_refused() -> None:
    accepts = "bank@example.com".__eq__
    with SmtpIntake(SmtpListen(), Store(), lambda: NOW, accepts) as server, client(server) as smtp:
        smtp.ehlo()
        smtp.mail("a@b.c")
        assert smtp.rcpt("other@example.com")[0] == 550
        assert smtp.rcpt("bank@example.com")[0] == 250


def test_a_line_of_100_kb_is_taken() -> None:
    store = Store()
    with SmtpIntake(SmtpListen(), store, lambda: NOW) as server, client(server) as smtp:
        assert code(smtp, b"x" * 100_000) == 250
    assert len(store.batches[0][0].raw) > 100_000


def test_a_client_that_drops_in_the_middle_stores_nothing_and_harms_nobody() -> None:
    store = Store()
    with SmtpIntake(SmtpListen(), store, lambda: NOW) as server:
        for talk in (
            b"EHLO x\r\n",
            b"EHLO x\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<a@b.c>\r\nDATA\r\nhalf a mail\r\n",
        ):
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                connection.recv(100)
                connection.sendall(talk)
        with client(server) as smtp:
            assert code(smtp, b"whole") == 250
    assert [mail.raw for batch in store.batches for mail in batch] == [b"whole\r\n"]


def test_stopping_answers_what_was_handed_over() -> None:
    server = SmtpIntake(SmtpListen(), Store(pause=0.3), lambda: NOW)
    server.start()
    with client(server) as smtp, ThreadPoolExecutor(1) as pool:
        answer = pool.submit(code, smtp, b"x")
        deadline = time.monotonic() + 5
        while not server.busy() and time.monotonic() < deadline:
            time.sleep(0.005)
        server.stop()
        assert answer.result(5) == 250
