"""The web server of the mailboxes: read-only but for one form, which sends by real SMTP. For this machine alone."""

import hmac
import secrets
import smtplib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from caseloom.channels.mail.maildir_host import MaildirHost, NoSuchMailError
from caseloom.channels.mail.message import InboundMail, Unreadable, read_mail
from caseloom.cli.demo.mailboxes import pages
from caseloom.foundation.text import mended_line

POLICY: Final = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; "
    "frame-ancestors 'self'; base-uri 'none'"
)
MAIL_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
LONGEST_FORM: Final = 1_000_000
LOCAL: Final = ("localhost", "127.0.0.1", "[::1]")
LISTED: Final = 200


class NotSent(Exception):
    """The house did not take the mail; the message says what it answered."""


class Mailboxes:
    """What the pages show and do. `house` is the address and port that takes mail for the house."""

    def __init__(
        self,
        host: MaildirHost,
        people: Sequence[pages.Known],
        house: tuple[str, int],
        write_to: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._host, self._people, self._house, self._write_to, self._clock = host, people, house, write_to, clock
        self._token = secrets.token_urlsafe(16)

    def all_boxes(self) -> str:
        filled = [(address, len(self._host.list_mails(address))) for address in self._host.addresses()]
        return pages.all_boxes([entry for entry in filled if entry[1]], self._people)

    def box(self, address: str, note: str = "") -> str:
        """Raises NoSuchMailError for an address that is none of the demo's."""
        mails = []
        for entry in self._host.list_mails(address)[:LISTED]:
            mail = self._read(address, entry.key)
            mails.append((entry, mail.sender.address if mail.sender else "", mail.subject))
        return pages.one_box(address, mails, pages.form(address, self._write_to, self._token), note)

    def mail(self, address: str, key: str) -> str:
        """Raises NoSuchMailError."""
        mail = self._read(address, key)
        to = mail.answer_to.address if mail.answer_to else self._write_to
        subject = mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}"
        quoted = "\n\n\n" + "\n".join(f"> {line}" for line in mail.text.splitlines())
        return pages.one_mail(address, key, mail, pages.form(address, to, self._token, subject, quoted, key))

    def html(self, address: str, key: str) -> str:
        """The mail's own HTML, made harmless. Raises NoSuchMailError."""
        return self._read(address, key).html or ""

    def raw(self, address: str, key: str) -> bytes:
        return self._host.read(address, key)

    def _read(self, address: str, key: str) -> InboundMail:
        read = read_mail(self._host.read(address, key))
        if isinstance(read, Unreadable):
            raise NoSuchMailError("This mail cannot be read; its source can.")
        return read

    def write(self, form: Mapping[str, str]) -> str:
        """Send a mail as the owner of the mailbox; the mailbox's address.

        Raises:
            NoSuchMailError: the address is none of the demo's, or the form is not ours.
            NotSent: the house did not take it.
        """
        address = form.get("address", "")
        if not hmac.compare_digest(form.get("token", ""), self._token) or not self._host.serves(address):
            raise NoSuchMailError("This form is too old. Open the mailbox again.")
        message = self._message(address, form)
        try:
            with smtplib.SMTP(*self._house, timeout=20) as client:
                client.send_message(message, from_addr=address, to_addrs=[form.get("to", "")])
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"The mail was not taken: {error}. Is Caseloom up?") from error
        return address

    def _message(self, address: str, form: Mapping[str, str]) -> EmailMessage:
        message = EmailMessage()
        name = next((name for name, known in self._people if known == address), "")
        message["From"] = f'"{name}" <{address}>' if name else address
        message["To"], message["Subject"] = mended_line(form.get("to", "")), mended_line(form.get("subject", ""))
        message["Date"], message["Message-ID"] = (
            format_datetime(self._clock()),
            make_msgid(domain=address.partition("@")[2]),
        )
        if form.get("reply"):
            answered = self._read(address, form["reply"])
            if answered.message_id:
                message["In-Reply-To"] = answered.message_id
                message["References"] = " ".join((*answered.references, answered.message_id))
        message.set_content(form.get("text", "").replace("\0", ""))
        return message


def serve(mailboxes: Mailboxes, port: int) -> ThreadingHTTPServer:
    """The server, bound to the loopback address; call its `serve_forever`. Raises OSError if the port is taken."""

    class Bound(Handler):
        boxes = mailboxes

    return ThreadingHTTPServer(("127.0.0.1", port), Bound)


class Handler(BaseHTTPRequestHandler):
    """One request. Foreign host names are refused: a page elsewhere cannot read these mailboxes by renaming itself."""

    boxes: Mailboxes
    server_version, sys_version = "Caseloom", ""

    def do_GET(self) -> None:
        route, query = self._asked()
        address, key = query.get("address", ""), query.get("key", "")
        self._guarded(lambda: self._show(route, address, key, query.get("sent", "")))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(self.rfile.read(min(length, LONGEST_FORM)).decode("utf-8", "replace")))
        self._guarded(lambda: self._sent(form))

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        return parts.path, dict(parse_qsl(parts.query))

    def _guarded(self, answer: Callable[[], None]) -> None:
        if (self.headers.get("Host") or "").rpartition(":")[0] not in LOCAL:
            self._answer(
                pages.page("Not here", "<section>Open this page at its printed address.</section>"), status=421
            )
            return
        try:
            answer()
        except NoSuchMailError as error:
            self._answer(pages.page("Not found", f"<section>{escape(str(error))}</section>"), status=404)
        except NotSent as error:
            self._answer(pages.page("Not sent", f"<section>{escape(str(error))}</section>"), status=502)

    def _show(self, route: str, address: str, key: str, sent: str) -> None:
        match route:
            case "/":
                self._answer(self.boxes.all_boxes())
            case "/style.css":
                style = (files("caseloom.cli.demo.mailboxes") / "style.css").read_text()
                self._answer(style, "text/css; charset=utf-8")
            case "/box":
                self._answer(self.boxes.box(address, "Sent. The house has it." if sent else ""))
            case "/mail":
                self._answer(self.boxes.mail(address, key))
            case "/html":
                self._answer(self.boxes.html(address, key), policy=MAIL_POLICY)
            case "/raw":
                self._answer(self.boxes.raw(address, key).decode("utf-8", "replace"), "text/plain; charset=utf-8")
            case _:
                raise NoSuchMailError("There is no such page here.")

    def _sent(self, form: Mapping[str, str]) -> None:
        address = self.boxes.write(form)
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", pages.address_of("/box", address=address, sent="1"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(
        self, text: str, kind: str = "text/html; charset=utf-8", policy: str = POLICY, status: int = 200
    ) -> None:
        body = text.encode("utf-8", "replace")
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Content-Security-Policy": policy}
        headers |= {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Addresses are personal: no request is logged."""
