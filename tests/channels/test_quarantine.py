"""What cannot become a contact is kept, with the reason, and can be tried again."""

import pytest

from caseloom.cases.models import CaseRow
from caseloom.channels.intake import Intake
from caseloom.channels.mail.message import MailLimits
from caseloom.channels.queries import quarantined, quarantined_source, retry_quarantined
from caseloom.channels.sorter import Joins, Unsorted
from caseloom.config.wiring import make_blobs, make_inbox, make_intake
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.refusal import Refused
from caseloom.sdk.access import Access
from caseloom.streams.door import the_door
from tests.channels.kit import contacts, mail, raw_mail, receive, sort
from tests.streams.kit import PROGRAM

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_unreadable_mail_waits_and_is_read_with_other_limits() -> None:
    inbox = make_inbox()
    big = mail("x" * 5000)
    inbox.receive(raw_mail(big))
    inbox.receive(raw_mail(mail(sender="b@example.org")))
    Intake(the_door(), inbox, make_blobs(), lambda batch: [], MailLimits(size=100)).sort_batch()
    kept = quarantined(PROGRAM)
    assert len(kept) == 2
    assert "size" in kept[1].reason
    assert quarantined_source(PROGRAM, inbox, kept[1].id) == big
    assert retry_quarantined(PROGRAM, inbox, kept[1].id) is None
    sort(inbox)
    assert [contact.id for contact in contacts()] == [kept[1].id]
    assert [one.id for one in quarantined(PROGRAM)] == [kept[0].id]


def test_a_refused_command_keeps_the_mail_and_harms_no_other() -> None:
    inbox = make_inbox()
    good, bad = mail(sender="a@example.org"), mail(sender="b@example.org", subject="bad")
    inbox.receive_many([raw_mail(good), raw_mail(bad)])
    plain = make_intake(inbox)._sorter

    def wrong(batch: "list[Unsorted]") -> "list[object]":
        return [Joins(99, 99, "x") if one.mail.subject == "bad" else plain([one])[0] for one in batch]

    intake = Intake(the_door(), inbox, make_blobs(), wrong)  # type: ignore[arg-type]
    while intake.sort_batch():
        pass
    [kept] = quarantined(PROGRAM)
    assert "There is no such case" in kept.reason
    assert len(contacts()) == CaseRow.objects.count() == 1
    assert retry_quarantined(PROGRAM, inbox, kept.id) is None
    sort(inbox)
    assert len(contacts()) == CaseRow.objects.count() == 2


def test_a_fault_of_ours_keeps_the_mail_too() -> None:
    inbox = make_inbox()
    inbox.receive(raw_mail(mail()))

    def broken(batch: object) -> list[object]:
        raise ZeroDivisionError

    intake = Intake(the_door(), inbox, make_blobs(), broken)  # type: ignore[arg-type]
    while intake.sort_batch():
        pass
    [kept] = quarantined(PROGRAM)
    assert "ZeroDivisionError" in kept.reason


def test_the_quarantine_is_for_those_who_may() -> None:
    receive(mail())
    nobody = Access(Actor("agent:1", "agent"), frozenset(("read cases",)))
    assert quarantined(nobody) == []
    assert isinstance(retry_quarantined(nobody, make_inbox(), 1), Refused)
    missing = retry_quarantined(PROGRAM, make_inbox(), 1)
    assert isinstance(missing, Refused)
    assert missing.code == "not found"
