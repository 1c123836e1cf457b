"""`caseloom up` as its users run it, on an embedded database, with a mail host for its customers beside it; and those
who call it: by API, by browser forms, by mail.
"""

import http.client
import http.cookiejar
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import make_msgid
from html import unescape
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode, urljoin
from uuid import uuid4

from caseloom.channels.mail.maildir_host import MaildirHost
from caseloom.channels.mail.receipt import RawMail
from caseloom.channels.mail.smtp_intake import SmtpListen
from caseloom.foundation.ports import claim_port
from caseloom.foundation.postgres import EmbeddedPostgres
from tests.config.test_up import descendants

HOUSE = "service@house.example"
CUSTOMERS = "people.example"
PATIENCE = 60.0
Victim = Literal["web", "worker", "database"]


def until(true: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Poll until it is true; what it was then."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)
    return found


class Mailboxes(MaildirHost):
    """The customers' mail host. `on_delivery` is called when a mail is stored and its sender has no answer yet."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, SmtpListen(), (CUSTOMERS,), lambda: datetime.now(UTC))
        self.on_delivery: Callable[[RawMail], None] = lambda mail: None

    def _deliver(self, mail: RawMail) -> Any:
        stored = super()._deliver(mail)
        self.on_delivery(mail)
        return stored

    def mails(self, address: str) -> list[EmailMessage]:
        """The mails of an address, oldest first."""
        raws = [self.read(address, entry.key) for entry in reversed(self.list_mails(address))]
        return [message_from_bytes(raw, policy=policy.default) for raw in raws]


class Product:
    """A running `caseloom up`. `said` is all that it printed."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="caseloom-e2e-", dir="/tmp")
        root = Path(self._folder.name)
        root.chmod(0o711)
        self.home, self.said = root / "home", list[str]()
        self.boxes = Mailboxes(root / "mailboxes")
        self.boxes.start()
        self._tokens: dict[str, str] = {}
        self.url, self.smtp = f"http://127.0.0.1:{claim_port()}", claim_port()
        self.database = EmbeddedPostgres(self.home / "postgres")
        ours = ("DATABASE_URL", "CASELOOM_")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
            "CASELOOM_HOME": str(self.home),
            "CASELOOM_URL": self.url,
            "CASELOOM_MAIL_DOMAIN": "house.example",
            "CASELOOM_SMTP_LISTEN": f"127.0.0.1:{self.smtp}",
            "CASELOOM_SMTP_URL": f"smtp://127.0.0.1:{self.boxes.port}",
            "CASELOOM_WEB_WORKERS": "1",
            "DJANGO_SETTINGS_MODULE": "caseloom.config.settings",
        }
        command = [sys.executable, "-m", "caseloom.config.start", "up", "--bind", self.url.removeprefix("http://")]
        self.process = subprocess.Popen(
            command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_ready(self) -> None:
        """Until it says where it is."""
        until(lambda: any("Caseloom is up" in line for line in self.said), "the product comes up", 120)

    @property
    def tokens(self) -> dict[str, str]:
        """The API's token of each member of staff."""
        if not self._tokens:
            self._tokens = self.inside("prepare")
        return self._tokens

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            self.said.extend(line.rstrip("\n") for line in self.process.stdout)

    def inside(self, what: str, *arguments: str) -> Any:
        """What `tests.e2e.inside` answers, in the product's environment."""
        command = [sys.executable, "-m", "tests.e2e.inside", what, *arguments]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def kill(self, victim: Victim) -> None:
        """kill -9 of a service with all its processes; of the database, an immediate stop."""
        if victim == "database":
            self.database.stop("immediate")
            return
        words = {"web": "gunicorn", "worker": "config.start worker"}[victim]
        number = until(lambda: self._service(words), f"{victim} runs")
        os.killpg(number, signal.SIGKILL)

    def _service(self, words: str) -> int:
        return next((number for number, line in descendants(self.process.pid).items() if words in line), 0)

    def close(self) -> None:
        """Stop it, and remove what it kept."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        self._reader.join(5)
        self.boxes.stop()
        self.database.remove()
        self._folder.cleanup()

    def mail(self, mail: EmailMessage) -> None:
        """Hand a mail over by SMTP, again until it is accepted, as mail servers do."""

        def accepted() -> bool:
            try:
                with smtplib.SMTP("127.0.0.1", self.smtp, timeout=10) as client:
                    client.send_message(mail, str(mail["From"].addresses[0].addr_spec), [HOUSE])
            except (OSError, smtplib.SMTPException):
                return False
            return True

        until(accepted, "the mail is accepted")


def a_mail(sender: str, subject: str, text: str, attachment: bytes = b"", **headers: str) -> EmailMessage:
    """A mail as a mail program writes it; header names are given with `_` for `-`."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, HOUSE, subject
    mail["Message-ID"] = make_msgid(domain=CUSTOMERS)
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if attachment:
        mail.add_attachment(attachment, maintype="application", subtype="pdf", filename="proof.pdf")
    return mail


class Answered(Exception):
    """The product answered with an error that is no matter of trying again."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status} {body[:500]}")
        self.status, self.body = status, body


class Api:
    """Calls with a token; a call that broke is made again with the same `Idempotency-Key`."""

    def __init__(self, product: Product, who: str) -> None:
        self._url, self._token = f"{product.url}/api/v1", product.tokens[who]

    def get(self, path: str) -> Any:
        return self._call("GET", path, None, {})

    def post(self, path: str, body: dict[str, Any], **headers: str) -> Any:
        known = {"Idempotency-Key": uuid4().hex, **{name.replace("_", "-"): v for name, v in headers.items()}}
        return self._call("POST", path, json.dumps(body).encode(), known)

    def _call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        known = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json", **headers}
        request = urllib.request.Request(self._url + path, body, known, method=method)
        return json.loads(_patiently(lambda: urllib.request.urlopen(request, timeout=20).read()))


class Browser:
    """A browser without scripts: cookies, forms, where it is. A form that broke is sent again as it was."""

    def __init__(self, product: Product) -> None:
        self.here = product.url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def get(self, address: str) -> str:
        """A page."""
        return self._open(urllib.request.Request(urljoin(self.here, address)))

    def send(self, page: str, action: str, mark: str = "", **fields: str) -> str:
        """Fill in the form of a page that goes to `action` (empty: to where this is) and, where there are several, has
        this `mark` in its tag; the page that follows.
        """
        data = urlencode(fields_of(page, action, mark) | fields).encode()
        return self._open(urllib.request.Request(urljoin(self.here, action), data, {"Referer": self.here}))

    def sign_in(self, username: str, password: str) -> "Browser":
        self.send(self.get("/accounts/login/?next=/desk/"), "", login=username, password=password)
        assert self.here.endswith("/desk/"), f"not signed in: {self.here}"
        return self

    def _open(self, request: urllib.request.Request) -> str:
        def call() -> bytes:
            with self._opener.open(request, timeout=20) as answer:
                content: bytes = answer.read()
                self.here = answer.url
                return content

        return _patiently(call).decode()


def fields_of(page: str, action: str, mark: str = "") -> dict[str, str]:
    """The hidden fields of the first form with this action, and this mark in its tag."""
    forms = re.findall(r"<form\b([^>]*)>(.*?)</form>", page, re.DOTALL)
    wanted = [inside for head, inside in forms if mark in head and (not action or f'action="{action}"' in head)]
    assert wanted, f"no form goes to {action}"
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", wanted[0]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if 'type="hidden"' in tag and name:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


def _patiently(call: Callable[[], bytes]) -> bytes:
    """Make a call again until it is answered: no connection, or an answer that tells of trouble on the other side."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return call()
        except urllib.error.HTTPError as fault:
            body = fault.read().decode("utf-8", "replace")
            if fault.code < 500 or time.monotonic() > deadline:
                raise Answered(fault.code, body) from None
        except (OSError, http.client.HTTPException):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.2)
