"""A reply joins the case that it answers; a stranger never does."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from caseloom.cases.models import CaseRow
from caseloom.channels.contact import CONTACTS
from caseloom.channels.mail.threading import subject_tag
from caseloom.engine.case import commands as c
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history
from tests.channels.kit import contacts, mail, receive, rows, send_all, sending, the_case
from tests.mailhost import MailHost
from tests.streams.kit import a_customer, send

pytestmark = pytest.mark.django_db(transaction=True)


def answered() -> EmailMessage:
    """A case whose first mail was answered; the answer as it lies in the customer's mailbox."""
    receive(mail())
    case, [contact] = the_case(), contacts()
    send("case", case.id, _answer(contact.id))
    with MailHost("example.org", imap=False) as host:
        send_all(sending(host.smtp))
        [raw] = host.mails("maria@example.org")
    return message_from_bytes(raw, policy=policy.default)


def _answer(answers: int) -> c.SendMessage:
    number = next(the_door().ids)
    return c.SendMessage(
        contact=number, to="maria@example.org", subject="Re: My card", text="Try it now.", answers=answers
    )


def test_the_answer_carries_the_thread_and_the_number() -> None:
    letter = answered()
    [first] = contacts()
    assert letter["In-Reply-To"] == letter["References"] == first.message_id
    assert letter["Subject"] == f"Re: My card {subject_tag(the_case().id)}"
    assert letter["From"] == "Caseloom <service@localhost>"
    assert letter.get_body(("html",)) is not None
    [out] = contacts("out")
    assert (out.status, out.message_id, out.answers) == ("accepted", letter["Message-ID"], first.id)
    assert rows("select count(*) from case_contact") == [(2,)]


def test_a_reply_joins_the_case() -> None:
    letter = answered()
    receive(mail("It works.", subject="Re: hm", In_Reply_To=letter["Message-ID"]))
    assert CaseRow.objects.count() == 1
    assert the_case().contacts_in == 2
    assert {contact.case_id for contact in contacts()} == {the_case().id}


def test_a_reply_whose_headers_were_lost_joins_by_number_or_marker() -> None:
    letter = answered()
    plain = letter.get_body(("plain",))
    assert plain is not None
    receive(mail("Yes.", subject=letter["Subject"]))
    receive(mail("Yes.\n\n> " + plain.get_content().replace("\n", "\n> "), subject="No subject"))
    assert CaseRow.objects.count() == 1
    assert the_case().contacts_in == 3


def test_a_stranger_opens_a_case_of_their_own_with_a_note() -> None:
    letter = answered()
    first = the_case().id
    receive(mail("Let me in.", sender="eve@example.net", In_Reply_To=letter["Message-ID"], subject=letter["Subject"]))
    assert CaseRow.objects.count() == 2
    other = CaseRow.objects.exclude(pk=first).get()
    assert CaseRow.objects.get(pk=first).contacts_in == 1
    assert rows("select count(*) from event where stream = %s and type = 'note_added.1'", other.id) == [(1,)]


def test_somebody_who_takes_part_joins_too() -> None:
    letter = answered()
    case = the_case()
    partner = a_customer("Paul", "paul@example.org")
    send(
        "case",
        case.id,
        c.LinkContact(contact=next(the_door().ids), channel="phone", at=case.opened_at, customer=partner),
    )
    receive(mail("And me.", sender="paul@example.org", In_Reply_To=letter["Message-ID"]))
    assert CaseRow.objects.count() == 1


def test_a_new_want_reopens_a_closed_case() -> None:
    letter = answered()
    send("case", the_case().id, c.TerminateCase(reason="done"))
    receive(mail("Not yet.", In_Reply_To=letter["Message-ID"]))
    assert the_case().status == "active"


def test_a_holiday_note_joins_without_asking_for_an_answer() -> None:
    letter = answered()
    before = the_case().unanswered
    receive(mail("I am away.", In_Reply_To=letter["Message-ID"], Auto_Submitted="auto-replied"))
    case = the_case()
    assert (case.unanswered, rows("select count(*) from case_contact")) == (before, [(3,)])


def test_a_bounce_is_recorded_on_the_mail_that_came_back() -> None:
    letter = answered()
    receive(_bounce(letter["Message-ID"]), sender="")
    [out] = contacts("out")
    assert out.bounced
    assert CaseRow.objects.count() == 1
    event = read_history(the_door(), CONTACTS, out.id)[-1].event
    assert (event.stored, event.code, event.action) == ("delivery_bounced.1", "5.1.1", "failed")
    assert event.private.recipient == "maria@example.org"


def _bounce(message_id: str) -> bytes:
    return f"""From: Mail Delivery System <mailer-daemon@example.org>
To: service@bank.example
Subject: Undelivered Mail
Message-ID: <bounce.1@example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Sorry, maria@example.org is not known.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; maria@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: Re: My card

--b--
""".replace("\n", "\r\n").encode()
