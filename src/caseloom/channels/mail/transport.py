"""Handing mail to an SMTP server (RFC 5321), with an honest word on what became of it.

The one moment that nobody can know is between the dot that ends the mail and the server's answer. Only if
the connection breaks there is the outcome Unknown; at any earlier moment the server has not taken the mail,
and a new attempt is safe.
"""

import re
import smtplib
import ssl
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from caseloom.foundation.text import mended_line

Security = Literal["none", "starttls", "tls"]

_LONE_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")


class SmtpServer(Struct, frozen=True):
    """Where mail is handed over. security: `tls` from the first byte (port 465), `starttls` (587), or `none`
    (25).

    With `starttls` a server that does not offer it gets nothing: there is no silent way back to plain text.
    """

    host: str
    port: int
    security: Security = "starttls"
    user: str = ""
    password: str = ""
    timeout: float = 30.0
    tls_context: ssl.SSLContext | None = None


class Accepted(Struct, frozen=True):
    """The server has taken the mail. refused: recipients that it did not take, with its answer each."""

    response: str
    refused: tuple[tuple[str, str], ...] = ()


class Rejected(Struct, frozen=True):
    """The server has not taken the mail. code: its answer (RFC 5321 §4.2), 0 where there was none.

    permanent: the same mail will never be taken; otherwise try again later.
    """

    code: int
    message: str
    permanent: bool


class Unknown(Struct, frozen=True):
    """The mail was given whole, and no answer came. It may have gone out; send it again at most once, with
    the same id.
    """

    reason: str


Outcome = Accepted | Rejected | Unknown


class _Refusal(Exception):
    def __init__(self, outcome: Rejected) -> None:
        super().__init__(outcome.message)
        self.outcome = outcome


class MailTransport:
    """Sends mails through one server, a connection each. `send` never raises for what a server or a network
    does.
    """

    def __init__(self, server: SmtpServer, hostname: str = "localhost") -> None:
        """hostname: how we name ourselves in EHLO."""
        self._server = server
        self._hostname = hostname

    def send(self, raw: bytes, sender: str, recipients: Sequence[str]) -> Outcome:
        """Hand one mail over. sender: the reverse path, "" for the null sender that automatic mail should
        use.
        """
        client: smtplib.SMTP | None = None
        try:
            client = self._connect()
            refused = _envelope(client, sender, recipients)
            return _data(client, raw, refused)
        except _Refusal as refusal:
            return refusal.outcome
        except smtplib.SMTPResponseException as error:
            return Rejected(error.smtp_code, _words(error.smtp_error), permanent=False)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return Rejected(
                0,
                f"The mail server did not take the mail: {mended_line(str(error))}. Try again.",
                permanent=False,
            )
        finally:
            _close(client)

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        context = server.tls_context or ssl.create_default_context()
        if server.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, self._hostname, timeout=server.timeout, context=context
            )
        else:
            client = smtplib.SMTP(server.host, server.port, self._hostname, timeout=server.timeout)
        try:
            self._greet(client, context)
        except BaseException:
            client.close()
            raise
        return client

    def _greet(self, client: smtplib.SMTP, context: ssl.SSLContext) -> None:
        client.ehlo_or_helo_if_needed()
        if self._server.security == "starttls":
            client.starttls(context=context)
            client.ehlo()
        if not self._server.user:
            return
        try:
            client.login(self._server.user, self._server.password)
        except smtplib.SMTPAuthenticationError as error:
            message = f"The mail server refused our user; check user and password ({_words(error.smtp_error)})."
            raise _Refusal(Rejected(error.smtp_code, message, permanent=False)) from error


def _envelope(client: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Name sender and recipients; the recipients that were refused while at least one was taken."""
    code, answer = client.mail(sender)
    if code != 250:
        raise _Refusal(_rejected(code, answer))
    refusals: list[tuple[str, int, bytes]] = []
    for recipient in recipients:
        code, answer = client.rcpt(recipient)
        if code not in (250, 251):
            refusals.append((recipient, code, answer))
    if len(refusals) == len(recipients):
        # One passing refusal among permanent ones is worth another attempt.
        _, code, answer = min(refusals, key=lambda refusal: refusal[1] if refusal[1] >= 400 else 999)
        raise _Refusal(_rejected(code, answer))
    return tuple((recipient, f"{code} {_words(answer)}") for recipient, code, answer in refusals)


def _data(client: smtplib.SMTP, raw: bytes, refused: tuple[tuple[str, str], ...]) -> Outcome:
    code, answer = client.docmd("DATA")
    if code != 354:
        return _rejected(code, answer)
    client.send(_on_the_wire(raw))
    _check_still_open(client)
    client.send(b".\r\n")
    try:
        code, answer = client.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Unknown(f"The connection broke while the server had the whole mail and had not answered ({error}).")
    return Accepted(_words(answer), refused) if code == 250 else _rejected(code, answer)


def _on_the_wire(raw: bytes) -> bytes:
    """Lines end with CRLF, leading dots are doubled (RFC 5321 §4.5.2); the end is a line end."""
    sound = raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    lines = raw if sound else _LONE_LINE_END.sub(b"\r\n", raw)
    lines = _LEADING_DOT.sub(b"..", lines)
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def _check_still_open(client: smtplib.SMTP) -> None:
    """Before the dot the server has nothing to say. If it has spoken or gone, the mail is not taken, and we
    know it.
    """
    sock = client.sock
    if sock is None:
        raise smtplib.SMTPServerDisconnected("the connection is closed")
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        early = sock.recv(512)
    except (BlockingIOError, ssl.SSLWantReadError):
        return
    finally:
        sock.settimeout(timeout)
    client.close()  # No QUIT: inside a mail it would be a line of it.
    if not early:
        raise smtplib.SMTPServerDisconnected("the server closed the connection during the mail")
    found = re.match(rb"([245]\d\d)[ -]?(.*)", early)
    raise _Refusal(_rejected(int(found[1]), found[2]) if found else Rejected(0, _words(early), permanent=False))


def _rejected(code: int, answer: bytes) -> Rejected:
    return Rejected(code, _words(answer), permanent=500 <= code < 600)


def _words(answer: bytes | str) -> str:
    return mended_line(answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer)


def _close(client: smtplib.SMTP | None) -> None:
    """Say goodbye, but never let it change the outcome: the answer to the mail was given before."""
    if client is None:
        return
    try:
        if client.sock is not None:
            client.sock.settimeout(2)
            client.quit()
    except (OSError, smtplib.SMTPException):
        pass
    finally:
        client.close()
