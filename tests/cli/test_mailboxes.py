"""The mailboxes of the demo: read in the browser, written from by real SMTP."""

import re
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest

from caseloom.channels.mail.maildir_host import MaildirHost
from caseloom.channels.mail.smtp_intake import SmtpListen
from caseloom.cli.demo.mailboxes.server import Mailboxes, serve

MARIA, HOUSE = "maria@mailhaus.example", "service@lindholt.example"
MAIL = b"""From: Lindholt <service@lindholt.example>\r
To: maria@mailhaus.example\r
Subject: <b>Your card</b>\r
Message-ID: <one@lindholt.example>\r
References: <zero@lindholt.example>\r
MIME-Version: 1.0\r
Content-Type: text/html; charset=utf-8\r
\r
<p>Your card <script>alert(1)</script>works.</p>\r
"""


def now() -> datetime:
    return datetime.now(UTC)


class Boxes:
    def __init__(self, folder: Path) -> None:
        self.host = MaildirHost(folder / "customers", SmtpListen(), ("mailhaus.example",), now)
        self.house = MaildirHost(folder / "house", SmtpListen(), ("lindholt.example",), now)
        self.house.start()
        self.host.start()
        pages = Mailboxes(self.host, [("Maria Keller", MARIA)], ("127.0.0.1", self.house.port), HOUSE, now)
        self.server = serve(pages, 0)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def get(self, route: str, **query: str) -> tuple[str, str]:
        with urllib.request.urlopen(f"{self.url}{route}?{urllib.parse.urlencode(query)}", timeout=10) as answer:
            return answer.read().decode(), answer.headers["Content-Security-Policy"]

    def post(self, **form: str) -> str:
        body = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(f"{self.url}/write", body, timeout=10) as answer:
            return str(answer.read().decode())

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.host.stop()
        self.house.stop()


@pytest.fixture
def boxes(tmp_path: Path) -> Iterator[Boxes]:
    running = Boxes(tmp_path)
    yield running
    running.close()


def test_a_mail_is_listed_and_shown_without_its_scripts(boxes: Boxes) -> None:
    key = boxes.host.put(MARIA, MAIL, now())
    listed, policy = boxes.get("/box", address=MARIA)
    assert "&lt;b&gt;Your card&lt;/b&gt;" in listed
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    shown, _ = boxes.get("/mail", address=MARIA, key=key)
    assert "iframe sandbox" in shown
    html, policy = boxes.get("/html", address=MARIA, key=key)
    assert "works" in html
    assert "<script" not in html
    assert policy.startswith("sandbox")
    assert "Message-ID: &lt;one" not in boxes.get("/raw", address=MARIA, key=key)[0]


def test_an_answer_goes_out_by_smtp_with_its_threading_headers(boxes: Boxes) -> None:
    key = boxes.host.put(MARIA, MAIL, now())
    form, _ = boxes.get("/mail", address=MARIA, key=key)
    token = re.search(r'name="token" value="([^"]+)"', form)
    assert token
    said = boxes.post(
        address=MARIA, token=token[1], to=HOUSE, subject="Re: Your card", text="Thanks\r\nMaria", reply=key
    )
    assert "Sent" in said
    [entry] = boxes.house.list_mails(HOUSE)
    mail = message_from_bytes(boxes.house.read(HOUSE, entry.key))
    assert mail["In-Reply-To"] == "<one@lindholt.example>"
    assert mail["References"] == "<zero@lindholt.example> <one@lindholt.example>"
    assert "Maria Keller" in mail["From"]


def refused(boxes: Boxes, request: urllib.request.Request) -> int:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=10)
    with caught.value as answer:
        return answer.code


def test_a_form_from_elsewhere_and_a_foreign_host_name_are_refused(boxes: Boxes) -> None:
    form = urllib.parse.urlencode({"address": MARIA, "token": "guess", "to": HOUSE, "subject": "x", "text": "y"})
    assert refused(boxes, urllib.request.Request(f"{boxes.url}/write", form.encode())) == 404
    assert refused(boxes, urllib.request.Request(boxes.url, headers={"Host": "evil.example:80"})) == 421
    assert refused(boxes, urllib.request.Request(f"{boxes.url}/box?address=../../etc")) == 404
    assert boxes.house.addresses() == []
