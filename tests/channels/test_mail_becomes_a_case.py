"""A mail becomes a contact, a customer and a case, once, whatever breaks."""

import pytest

from caseloom.cases.kind import CASES
from caseloom.cases.models import CaseRow
from caseloom.channels.contact import CONTACTS
from caseloom.channels.mail.receipt import Duplicate, Stored
from caseloom.channels.models import ContactRow
from caseloom.channels.queries import contacts_of_case, contacts_of_customer, read_attachment, read_contact, read_source
from caseloom.config.wiring import make_blobs, make_inbox
from caseloom.customers.models import CustomerRow, IdentityRow
from caseloom.staff.access import of_customer
from caseloom.streams.door import the_door
from caseloom.streams.replay import compare
from caseloom.streams.search import find
from tests.channels.kit import OURS, contacts, mail, raw_mail, receive, rows, sort, the_case
from tests.streams.kit import PROGRAM, a_customer, a_service_goal

pytestmark = pytest.mark.django_db(transaction=True)

CARD = """
service goal: card
title: Card works
customer title: My card
owner: process owner
team: cards
facts:
  name: {personal: true, from customer: name}
goals:
  works: {title: The card works}
recognise: {keywords: [card, "debit card"], mailboxes: [cards]}
"""


def test_the_first_mail_of_a_stranger_makes_customer_contact_and_case() -> None:
    assert receive(mail(attachment=b"%PDF-" + b"x" * 300_000)) == [Stored()]
    customer, case, [contact] = CustomerRow.objects.get(), the_case(), contacts()
    assert customer.name == "Maria Keller"
    assert (case.customer, case.title, case.channel, case.contacts_in) == (customer.id, "My card", "mail", 1)
    assert (contact.customer, contact.case_id, contact.address, contact.snippet) == (
        customer.id, case.id, "maria@example.org", "My card does not work.",
    )  # fmt: skip
    assert [one.id for one in contacts_of_case(PROGRAM, case.id)] == [contact.id]
    assert [one.id for one in contacts_of_customer(PROGRAM, customer.id)] == [contact.id]
    assert (contact.id, "contact", customer.id) in find("does not work")
    assert compare(the_door(), CONTACTS, contact.id) == compare(the_door(), CASES, case.id) == []


def test_text_files_and_source_can_be_read_again() -> None:
    raw = mail(html="<p>My <b>card</b></p><script>x()</script>", attachment=b"%PDF-" + b"x" * 300_000)
    receive(raw)
    [contact] = contacts()
    page = read_contact(PROGRAM, contact.id)
    assert page is not None
    assert page.words.text.strip() == "My card does not work."
    assert page.words.html is not None
    assert "script" not in page.words.html
    [file] = page.contact.attachments
    found = read_attachment(PROGRAM, make_blobs(), contact.id, file.blob)
    assert found is not None
    assert (found[0].name, b"".join(found[1])) == ("bill.pdf", b"%PDF-" + b"x" * 300_000)
    source = read_source(PROGRAM, make_blobs(), contact.id)
    assert source is not None
    assert b"".join(source) == raw


def test_a_customer_reads_their_own_contacts_and_nobody_elses() -> None:
    receive(mail())
    [contact] = contacts()
    assert read_contact(of_customer(contact.customer), contact.id) is not None
    assert read_contact(of_customer(a_customer()), contact.id) is None


def test_a_known_customer_is_found_by_address() -> None:
    known = a_customer("Maria Keller", "Maria@Example.org")
    receive(mail())
    assert the_case().customer == known
    assert IdentityRow.objects.count() == 1


def test_a_keyword_or_a_mailbox_leads_to_the_service_goal() -> None:
    a_service_goal(CARD, "card")
    receive(mail(), mail("Hello", subject="Hi", sender="b@example.org"))
    receive(mail("Hello", subject="Hi", sender="c@example.org"), mailbox="cards@bank.example")
    assert list(CaseRow.objects.order_by("id").values_list("service_goal", "team")) == [
        ("card", "cards"),
        ("", ""),
        ("card", "cards"),
    ]


def test_the_same_mail_twice_is_one_contact() -> None:
    raw = mail()
    assert receive(raw, raw) == [Stored(), Duplicate()]
    assert receive(raw) == [Duplicate()]
    # By another way, with another trace.
    receive(b"Received: from mx2.example.org\r\n" + raw)
    assert len(contacts()) == CaseRow.objects.count() == 1
    assert rows("select count(*) from raw_mail where state = 'done' and sealed is null") == [(2,)]


def test_two_mails_of_one_new_sender_make_one_customer() -> None:
    receive(mail(subject="One"), mail(subject="Two"))
    assert CustomerRow.objects.count() == 1
    assert CaseRow.objects.count() == 2


def test_a_kill_between_storing_and_sorting_loses_nothing() -> None:
    make_inbox().receive(raw_mail(mail()))
    assert ContactRow.objects.count() == 0
    # Another process finds it.
    sort()
    assert len(contacts()) == CaseRow.objects.count() == 1


def test_a_failure_at_the_end_of_sorting_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    from caseloom.channels.inbox import Inbox
    from caseloom.config.wiring import make_intake

    class Dying(Inbox):
        def mark_done(self, mails: object) -> None:
            raise KeyboardInterrupt

    inbox = make_inbox()
    inbox.receive(raw_mail(mail()))
    inbox.__class__ = Dying
    with pytest.raises(KeyboardInterrupt):
        make_intake(inbox).sort_batch()
    assert rows("select count(*) from event") == [(0,)]
    sort()
    assert len(contacts()) == CaseRow.objects.count() == CustomerRow.objects.count() == 1


def test_automatic_mail_opens_no_case() -> None:
    receive(mail(Auto_Submitted="auto-replied"))
    assert CaseRow.objects.count() == CustomerRow.objects.count() == 0
    [contact] = contacts()
    assert (contact.automatic, contact.case_id) == ("auto-replied", None)


def test_a_mail_without_a_sender_is_somebody_all_the_same() -> None:
    receive(b"To: " + OURS.encode() + b"\r\nSubject: Help\r\n\r\nHello\r\n", sender=None)
    assert the_case().title == "Help"
