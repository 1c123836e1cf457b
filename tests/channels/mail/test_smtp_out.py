"""The transport against real servers, and against one that drops the connection at each stage."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from caseloom.channels.mail.receipt import Failed, RawMail, Receipt, Stored, one_by_one
from caseloom.channels.mail.smtp_intake import SmtpIntake, SmtpListen
from caseloom.channels.mail.transport import Accepted, MailTransport, Outcome, Rejected, SmtpServer, Unknown
from tests.mailhost import MailHost

RAW = b"Subject: x\r\n\r\nHello\r\n"
BIG = b"Subject: x\r\n\r\n" + b"x" * 22_000_000 + b"\r\n"


class DroppingServer:
    """Speaks SMTP up to a stage, then closes the connection. At most one client."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listening.close()
        self._thread.join(5)

    def _serve(self) -> None:
        try:
            connection, _ = self._listening.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(10)
            try:
                self._talk(connection)
            except OSError:
                return

    def _talk(self, connection: socket.socket) -> None:
        if self._stage == "connect":
            return
        connection.sendall(b"220 hello\r\n")
        for command in ("EHLO", "MAIL", "RCPT", "DATA"):
            if not connection.recv(4096) or self._stage == command:
                return
            connection.sendall(b"354 go on\r\n" if command == "DATA" else b"250 ok\r\n")
        if self._stage == "early answer":
            connection.sendall(b"552 too much\r\n")
        if self._stage == "body":
            connection.recv(1000)
            return
        received = b""
        while not received.endswith(b"\r\n.\r\n"):
            if not (data := connection.recv(65536)):
                return
            received = (received + data)[-64:]
        if self._stage != "dot":
            connection.sendall(b"250 taken\r\n")


def send_to(stage: str, raw: bytes = RAW) -> Outcome:
    server = DroppingServer(stage)
    try:
        transport = MailTransport(SmtpServer("127.0.0.1", server.port, "none", timeout=5))
        return transport.send(raw, "bank@example.com", ["ada@example.org"])
    finally:
        server.close()


@pytest.mark.parametrize("stage", ["connect", "EHLO", "MAIL", "RCPT", "DATA", "body"])
def test_a_connection_that_breaks_before_the_final_dot_is_a_passing_failure(stage: str) -> None:
    outcome = send_to(stage, BIG if stage == "body" else RAW)
    assert isinstance(outcome, Rejected)
    assert not outcome.permanent


def test_a_connection_that_breaks_between_dot_and_answer_leaves_the_outcome_unknown() -> None:
    assert isinstance(send_to("dot"), Unknown)


def test_a_connection_that_breaks_after_the_answer_changes_nothing() -> None:
    assert isinstance(send_to("quit"), Accepted)


def test_a_server_that_answers_during_the_mail_has_not_taken_it() -> None:
    assert isinstance(send_to("early answer", BIG), Rejected)


def test_nobody_listening_is_a_passing_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    outcome = MailTransport(SmtpServer("127.0.0.1", port, "none")).send(RAW, "", ["a@b.c"])
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.permanent) == (0, False)


def test_a_mail_arrives_byte_for_byte_with_dots_and_the_null_sender() -> None:
    with MailHost("example.org", imap=False) as host:
        raw = b"Subject: x\r\n\r\n.\r\n..\r\n.dot\r\nend"
        assert isinstance(MailTransport(host.smtp).send(raw, "", ["ada@example.org"]), Accepted)
        assert host.mails("ada@example.org") == [
            b"Return-Path: <>\r\nDelivered-To: ada@example.org\r\n" + raw + b"\r\n"
        ]


def test_refused_recipients_are_named_and_all_refused_is_permanent() -> None:
    with MailHost("example.org", imap=False) as host:
        transport = MailTransport(host.smtp)
        some = transport.send(RAW, "a@b.c", ["ada@example.org", "x@elsewhere.example"])
        none = transport.send(RAW, "a@b.c", ["x@elsewhere.example"])
    assert isinstance(some, Accepted)
    assert [recipient for recipient, _ in some.refused] == ["x@elsewhere.example"]
    assert isinstance(none, Rejected)
    assert (none.code, none.permanent) == (550, True)


@contextmanager
def intake(receipt: Receipt, listen: SmtpListen) -> Iterator[SmtpIntake]:
    def receive(mail: RawMail) -> Receipt:
        return receipt

    with SmtpIntake(listen, one_by_one(receive), lambda: datetime.now(UTC)) as server:
        yield server


def test_a_passing_and_a_lasting_refusal_are_told_apart() -> None:
    with intake(Failed("busy"), SmtpListen(size=10_000)) as server:
        transport = MailTransport(SmtpServer("127.0.0.1", server.port, "none"))
        busy = transport.send(RAW, "a@b.c", ["ada@example.org"])
        large = transport.send(RAW + b"x" * 20_000, "a@b.c", ["ada@example.org"])
    assert isinstance(busy, Rejected)
    assert (busy.code, busy.permanent) == (451, False)
    assert isinstance(large, Rejected)
    assert (large.code, large.permanent) == (552, True)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts for server and client around a certificate made now."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-keyout",
            key,
            "-out",
            cert,
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ],
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=str(cert))


def test_starttls_is_used_checked_and_never_given_up(tmp_path: Path) -> None:
    server_side, client_side = certificate(tmp_path)
    with intake(Stored(), SmtpListen(tls_context=server_side)) as server:
        trusting = SmtpServer("localhost", server.port, "starttls", tls_context=client_side)
        assert isinstance(MailTransport(trusting).send(RAW, "a@b.c", ["a@b.c"]), Accepted)
        wary = SmtpServer("localhost", server.port, "starttls")
        assert isinstance(MailTransport(wary).send(RAW, "a@b.c", ["a@b.c"]), Rejected)
    with intake(Stored(), SmtpListen()) as plain:
        refused = MailTransport(SmtpServer("localhost", plain.port, "starttls")).send(RAW, "a@b.c", ["a@b.c"])
    assert isinstance(refused, Rejected)
    assert not refused.permanent
