"""A customer with a mail program: sends by SMTP, reads the mailbox that the demo's mail host keeps for them."""

import re
import smtplib
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from html import unescape
from typing import Final
from urllib.parse import quote
from urllib.request import urlopen

_KEY: Final = re.compile(r'href="/mail\?([^"]*)"')
_PERSON: Final = re.compile(r'<a href="/box\?address=([^"&]+)">([^<]+)</a>')


class Unfulfilled(Exception):
    """A step of the check did not come true; the message says what was expected."""


class Postbox:
    """The mailbox of `address`; `host` is where the demo shows mailboxes, `smtp` the house's host and port."""

    def __init__(self, name: str, address: str, host: str, smtp: tuple[str, int]) -> None:
        self.name, self.address, self._host, self._smtp = name, address, host.rstrip("/"), smtp

    def write(self, to: str, subject: str, text: str, attachment: bytes = b"", **headers: str) -> str:
        """Send a mail as any mail program does; its Message-ID."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"{self.name} <{self.address}>", to, subject
        mail["Message-ID"] = make_msgid(domain=self.address.partition("@")[2])
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        if attachment:
            mail.add_attachment(attachment, maintype="image", subtype="png", filename="card.png")
        with smtplib.SMTP(*self._smtp, timeout=10) as client:
            client.send_message(mail, self.address, [to])
        return str(mail["Message-ID"])

    def keys(self) -> list[str]:
        """The query strings under which the mails are read, newest first."""
        page = _get(f"{self._host}/box?address={quote(self.address)}").decode()
        return [unescape(found) for found in _KEY.findall(page)]

    def read(self, key: str) -> EmailMessage:
        """A mail, parsed from its source."""
        found = message_from_bytes(_get(f"{self._host}/raw?{key}"), policy=policy.default)
        assert isinstance(found, EmailMessage)  # noqa: S101 - what this policy makes
        return found

    def wait_for(self, known: set[str], wanted: Callable[[EmailMessage], bool], seconds: float = 20) -> EmailMessage:
        """The first mail that is not among `known` and is the one wanted.

        Raises:
            Unfulfilled: none came in time.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for key in self.keys():
                if key not in known and wanted(mail := self.read(key)):
                    return mail
            time.sleep(0.2)
        raise Unfulfilled(f"no such mail came to {self.address} in {seconds:.0f} s")


def words_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def people(host: str) -> list[tuple[str, str]]:
    """(name, address) of the demo's customers, as the page of mailboxes lists them."""
    page = _get(host).decode().partition("<h2>Customers</h2>")[2]
    return [(unescape(name), unescape(address).replace("%40", "@")) for address, name in _PERSON.findall(page)]


def _get(url: str) -> bytes:
    with urlopen(url, timeout=10) as answer:  # noqa: S310 - the address that the caller gave
        return bytes(answer.read())
