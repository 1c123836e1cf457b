import smtplib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from caseloom.channels.mail.maildir_host import MaildirHost, NoSuchMailError
from caseloom.channels.mail.smtp_intake import SmtpListen

NOW = datetime(2024, 1, 1, 10, 0, tzinfo=UTC)
RAW = b"Subject: x\r\n\r\nHi\r\n"


@pytest.fixture
def host(tmp_path: Path) -> MaildirHost:
    return MaildirHost(tmp_path / "mails", SmtpListen(), ["Example.org"], lambda: datetime.now(UTC))


def test_a_mail_is_delivered_to_each_recipient_once(host: MaildirHost) -> None:
    with host, smtplib.SMTP("127.0.0.1", host.port, timeout=10) as client:
        client.sendmail("a@b.c", ["ada@example.org", "Ada@Example.org", "bob@example.org"], RAW)
    assert host.addresses() == ["ada@example.org", "bob@example.org"]
    (entry,) = host.list_mails("ADA@example.org")
    raw = host.read("ada@example.org", entry.key)
    assert raw == b"Return-Path: <a@b.c>\r\nDelivered-To: ada@example.org\r\n" + RAW
    assert (entry.size, entry.seen) == (len(raw), False)


def test_other_domains_are_not_served(host: MaildirHost) -> None:
    refused = pytest.raises(smtplib.SMTPRecipientsRefused)
    with host, smtplib.SMTP("127.0.0.1", host.port, timeout=10) as client, refused:
        client.sendmail("a@b.c", ["ada@elsewhere.example"], RAW)
    assert host.addresses() == []


def test_mails_are_listed_newest_first_and_read_wherever_they_lie(host: MaildirHost, tmp_path: Path) -> None:
    with host:
        older = host.put("ada@example.org", b"older", NOW)
        newer = host.put("ada@example.org", b"newer", NOW.replace(hour=11))
    folder = tmp_path / "mails" / "ada@example.org"
    (folder / "new" / older).rename(folder / "cur" / f"{older},S=5:2,RS")
    (folder / "cur" / "dovecot-uidlist").write_text("no mail")
    entries = host.list_mails("ada@example.org")
    assert [(e.key, e.arrived_at.hour, e.seen) for e in entries] == [(newer, 11, False), (older, 10, True)]
    assert host.read("ada@example.org", older) == b"older"


def test_a_mailbox_without_mail_is_empty(host: MaildirHost) -> None:
    assert host.list_mails("ada@example.org") == []


@pytest.mark.parametrize(
    "address", ["../x@example.org", "a/b@example.org", ".x@example.org", "a\0@example.org", "a@b", "", "x"]
)
def test_an_address_names_no_place_outside(host: MaildirHost, address: str) -> None:
    with pytest.raises(NoSuchMailError):
        host.put(address, RAW, NOW)
    with pytest.raises(NoSuchMailError):
        host.list_mails(address)


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "1704103200000000.0.caseloom", "x" * 1000])
def test_an_unknown_key_is_told(host: MaildirHost, key: str) -> None:
    with host:
        host.put("ada@example.org", RAW, NOW)
        with pytest.raises(NoSuchMailError, match="has no mail"):
            host.read("ada@example.org", key)
