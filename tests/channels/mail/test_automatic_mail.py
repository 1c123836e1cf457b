import pytest

from caseloom.channels.mail.automatic import Allowed, Suppressed, may_answer
from caseloom.channels.mail.message import InboundMail, read_mail
from tests.channels.mail.nasty import multipart, plain

BOUNCE_PARTS = (
    b"\r\nYour mail could not be delivered.",
    b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
    b"Final-Recipient: rfc822; ada@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    b"Diagnostic-Code: smtp; 550 5.1.1 no such\r\n user here\r\n\r\n"
    b"Final-Recipient: rfc822; bob@example.org\r\nAction: Delayed\r\nStatus: 4.2.2\r\n",
    b"Content-Type: message/rfc822\r\n\r\n"
    b"From: bank@example.com\r\nMessage-ID: <sent-1@example.com>\r\nSubject: x\r\n\r\nbody",
)


def read(raw: bytes, envelope_from: str | None = "ada@example.org") -> InboundMail:
    mail = read_mail(raw, envelope_from=envelope_from)
    assert isinstance(mail, InboundMail)
    return mail


def bounce() -> InboundMail:
    raw = multipart(*BOUNCE_PARTS, kind=b"report").replace(
        b"multipart/report;", b"multipart/report; report-type=delivery-status;"
    )
    return read(raw, "")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (b"Auto-Submitted: auto-replied (vacation)", "auto-replied"),
        (b"Auto-Submitted: auto-generated", "auto-generated"),
        (b"Auto-Submitted: auto-notified; owner-email=x", "auto-generated"),
        (b"Auto-Submitted: no", None),
        (b"Precedence: bulk", "bulk"),
        (b"Precedence: junk", "bulk"),
        (b"Precedence: list", "list"),
        (b"Precedence: auto_reply", "auto-replied"),
        (b"Precedence: first-class", None),
        (b"List-Id: <news.example.org>", "list"),
        (b"List-Unsubscribe: <https://example.org/u>", "bulk"),
        (b"X-Autoreply: yes", "auto-replied"),
        (b"X-Auto-Response-Suppress: All", "auto-generated"),
        (b"Return-Path: <>", "auto-generated"),
        (b"Return-Path: <ada@example.org>", None),
        (b"X-Mailer: Thunderbird", None),
    ],
)
def test_headers_tell_who_wrote(header: bytes, kind: str | None) -> None:
    assert read(plain(b"Hi", header)).automatic == kind


def test_the_null_sender_of_the_envelope_marks_automatic_mail() -> None:
    assert read(plain(b"I am away", b"In-Reply-To: <1@example.com>"), "").automatic == "auto-replied"


def test_a_delivery_report_names_each_recipient_and_the_mail_that_was_sent() -> None:
    mail = bounce()
    assert mail.automatic == "bounce"
    first, second = mail.delivery_reports
    assert (first.original_message_id, first.recipient, first.action, first.status) == (
        "<sent-1@example.com>",
        "ada@example.org",
        "failed",
        "5.1.1",
    )
    assert first.diagnostic == "550 5.1.1 no such user here"
    assert (second.recipient, second.action) == ("bob@example.org", "delayed")


def test_a_bounce_without_a_report_is_known_by_its_daemon() -> None:
    raw = b"From: MAILER-DAEMON@mx.example.org\r\nSubject: Undelivered\r\n\r\nno such user"
    assert read(raw, "").automatic == "bounce"


def test_a_read_receipt_is_an_automatic_reply() -> None:
    raw = multipart(
        b"\r\nread", b"Content-Type: message/disposition-notification\r\n\r\nDisposition: x", kind=b"report"
    )
    assert read(raw).automatic == "auto-replied"


def test_a_persons_mail_may_be_answered_at_the_reply_address() -> None:
    verdict = may_answer(read(plain(b"Hi", b"Reply-To: other@example.org")), 0)
    assert isinstance(verdict, Allowed)
    assert verdict.to.address == "other@example.org"


@pytest.mark.parametrize(
    "raw",
    [
        plain(b"Hi", b"Auto-Submitted: auto-replied"),
        b"Subject: x\r\n\r\nno sender",
        plain(b"Hi", b"Reply-To: no-reply@example.org"),
        plain(b"Hi", b"Precedence: bulk"),
    ],
)
def test_automatic_mail_and_mail_from_nobody_get_no_answer(raw: bytes) -> None:
    assert isinstance(may_answer(read(raw), 0), Suppressed)


def test_a_bounce_and_an_empty_sender_get_no_answer() -> None:
    assert isinstance(may_answer(bounce(), 0), Suppressed)
    assert isinstance(may_answer(read(plain(b"Hi"), ""), 0), Suppressed)


def test_answers_to_one_sender_in_a_day_are_bounded() -> None:
    mail = read(plain(b"Hi"))
    assert isinstance(may_answer(mail, 2), Allowed)
    assert isinstance(may_answer(mail, 3), Suppressed)
    assert isinstance(may_answer(mail, 3, daily=5), Allowed)
