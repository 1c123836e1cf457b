"""The intake learns from what people stand for: it opens cases by itself, asks, is corrected, and forgets."""

import random
from uuid import uuid4

import pytest

from caseloom.cases.models import CaseContactRow, CaseRow
from caseloom.channels.contact import CONTACTS, Contact, ReceiveContact
from caseloom.channels.contact_events import Words
from caseloom.channels.mail.threading import case_number
from caseloom.channels.models import ReadingRow
from caseloom.cli.demo.clientele import person as the_person
from caseloom.cli.demo.mail_words import written
from caseloom.customers.customer import EraseCustomer
from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.learning import versions
from caseloom.learning.intake_training import IntakeTraining
from caseloom.learning.mail_reader import NAME, MailReader, unpack
from caseloom.library.plans import latest
from caseloom.sdk.access import Access, program
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door
from caseloom.streams.replay import compare, read_state
from caseloom.streams.tail import Place, follow
from tests.channels.kit import NOW, contacts, mail, receive
from tests.streams.kit import a_customer, a_service_goal, can_be_followed, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)
GOALS = ("activate card", "lost card", "fault", "change address")
GOAL = """
service goal: {key}
title: {key}
customer title: {key}
owner: process owner
team: service
goals:
  done: {{title: Done}}
"""
ADA = Access(Actor("agent:1", "agent", "Ada", frozenset(("agent",))), program("test").rights)


@pytest.fixture(autouse=True)
def _house() -> None:
    empty_streams()
    versions.forget_all(NAME)
    for key in GOALS:
        a_service_goal(GOAL.format(key=key), key)


def _past(count: int = 15) -> None:
    """Messages that agents have opened cases from."""
    rng = random.Random(7)
    for key in GOALS:
        for _ in range(count):
            _worked(key, *written(rng, key, the_person(1, 1, NOW)))


def _worked(key: str, subject: str, text: str) -> int:
    door = the_door()
    customer, contact, case = a_customer(), next(door.ids), next(door.ids)
    words = Words(subject=subject, text=text, own_text=text)
    received = ReceiveContact(contact=contact, customer=customer, channel="mail", at=NOW, words=words, case=case)
    send("contact", contact, received)
    opened = c.OpenCase(
        case=case, customer=customer, service_goal=key, version=latest(key), channel="mail", contact=contact,
        contact_at=NOW,
    )  # fmt: skip
    answer = door.handle(Order("case", case, opened, uuid4(), ADA))
    assert isinstance(answer, Answer), answer
    return customer


def _train() -> IntakeTraining:
    training = IntakeTraining(the_door(), lambda: None)
    training.work()
    return training


def _hear_all(training: IntakeTraining) -> None:
    can_be_followed()
    place, before = Place(), None
    while place != before:
        before = place
        events, place = follow(the_door(), place)
        training.hear(events)


def _reading(contact: int) -> Contact:
    found = read_state(the_door(), CONTACTS, contact)
    assert found is not None and found[0].reading is not None
    state: Contact = found[0]
    return state


def test_a_message_like_many_before_opens_its_case_by_itself() -> None:
    _past(40)
    _train()
    receive(mail("I lost my card on the train, please block it at once!", subject="My card is gone"))
    [contact] = contacts()[-1:]
    assert contact.case_id is not None
    case = CaseRow.objects.get(pk=contact.case_id)
    row = ReadingRow.objects.get(pk=contact.id)
    assert (case.service_goal, row.verdict, row.goal) == ("lost card", "opens", "lost card")
    assert row.model == versions.newest(NAME).label  # type: ignore[union-attr]
    assert compare(the_door(), CONTACTS, contact.id) == []


def test_what_is_not_sure_is_asked_and_a_correction_counts_at_once() -> None:
    _past(6)
    training = _train()
    strange = "The thing from the envelope keeps blinking in a way that my grandmother finds alarming."
    receive(mail(strange, subject="Blinking"))
    [contact] = contacts()[-1:]
    assert contact.case_id is not None
    case = CaseRow.objects.get(pk=contact.case_id)
    assert case.service_goal == ""
    classify = c.ClassifyCase(service_goal="fault", version=latest("fault"))
    assert isinstance(the_door().handle(Order("case", case.id, classify, uuid4(), ADA)), Answer)
    can_be_followed()
    reader = MailReader(the_door(), lambda: None)
    model = reader.refreshed()
    assert model is not None
    assert model.read(f"Blinking\n\n{strange} Again.").goals[0][0] == "fault"
    _hear_all(training)
    assert training.work()


def test_what_carried_a_reading_is_told_with_it() -> None:
    _past(5)
    training = _train()
    receive(mail("The card from your envelope.", subject="Card"))
    [contact] = contacts()[-1:]
    _hear_all(training)
    training.work()
    reading = _reading(contact.id).reading
    assert reading is not None
    assert "card" in {word.lower() for word, _ in reading.private.words}
    assert reading.like


def test_who_is_erased_is_learned_from_no_more() -> None:
    _past(12)
    customer = _worked("fault", "Zebra", "The zebra on my roof cuts the quartz cable every xylophone night.")
    training = _train()
    version = versions.newest(NAME)
    assert version is not None
    send("customer", customer, EraseCustomer())
    _hear_all(training)
    training.work()
    after = versions.newest(NAME)
    assert after is not None and after.number != version.number
    words = set(unpack(after.body, None).scorer.learned.vocabulary.names)
    assert not {word for word in words if "xylophone" in word or "zebra" in word}
    assert [one for one in unpack(version.body, None).scorer.learned.vocabulary.names if "zebra" in one]


def test_a_message_that_names_an_open_case_joins_it() -> None:
    _past(20)
    _train()
    receive(mail("We have moved, please note our new address.", subject="We have moved"))
    [first] = contacts()[-1:]
    assert first.case_id is not None
    number = case_number(first.case_id)
    receive(mail(f"Something about case {number}: it is the third floor.", subject="One more thing"))
    [second] = contacts()[-1:]
    assert second.case_id == first.case_id


def test_two_sure_wants_open_two_cases() -> None:
    _past(40)
    _train()
    text = "I lost my card on the train, please block it at once!\n\nWe have moved, please note our new address."
    receive(mail(text, subject="Two things"))
    [contact] = contacts()[-1:]
    goals = set(CaseContactRow.objects.filter(contact=contact.id).values_list("case_id", flat=True))
    wanted = {CaseRow.objects.get(pk=case).service_goal for case in goals}
    reading = _reading(contact.id).reading
    assert reading is not None
    if reading.verdict == "opens":
        assert wanted == set(reading.wants)
    assert {"lost card", "change address"} <= {one.goal for one in reading.guesses} | set(reading.wants)


def test_what_came_in_by_another_channel_is_read_too() -> None:
    _past(40)
    training = _train()
    door = the_door()
    customer, contact, case = a_customer(), next(door.ids), next(door.ids)
    words = Words(subject="My card is gone", text="I lost my card on the train, please block it at once!")
    send("contact", contact, ReceiveContact(
        contact=contact, customer=customer, channel="web form", at=NOW, words=words, case=case
    ))  # fmt: skip
    send("case", case, c.OpenCase(case=case, customer=customer, channel="web form", contact=contact, contact_at=NOW))
    _hear_all(training)
    training.work()
    assert CaseRow.objects.get(pk=case).service_goal == "lost card"
    assert ReadingRow.objects.get(pk=contact).verdict == "opens"
