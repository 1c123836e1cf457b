"""The advisor hears what is done in all cases and advises in the open ones; it survives a restart, and forgets."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from caseloom.customers.customer import EraseCustomer
from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.interchange.event_log import LoggedEvent
from caseloom.learning import imported, versions
from caseloom.learning.advised import Advised, decoded, encoded
from caseloom.learning.advisor import NAME, Advisor
from caseloom.learning.case_steps import telling_facts
from caseloom.learning.models import AdviceRow, ImportedLog
from caseloom.learning.queries import at_risk
from caseloom.learning.steps.state import dump
from caseloom.library.plans import house_version, latest, the_plans
from caseloom.sdk.access import Access, program
from caseloom.sdk.stream import Answer, Order
from caseloom.staff.access import of_user
from caseloom.staff.models import User
from caseloom.streams.door import the_door
from caseloom.streams.tail import follow
from tests.channels.kit import NOW
from tests.streams.kit import a_customer, a_service_goal, can_be_followed, empty_streams, send
from tests.web.desk.kit import a_person

pytestmark = pytest.mark.django_db(transaction=True)
GOAL = """
service goal: repair
title: Repair
customer title: My repair
owner: process owner
team: service
facts:
  product: {choices: [lamp, radio], telling: true}
  name: {personal: true}
goals:
  works: {title: It works, clock: {within: 2 days}}
tasks:
  look: {title: Look at it}
  change the bulb: {title: Change the bulb}
  solder: {title: Solder it}
"""
ADA = Access(Actor("agent:1", "agent", "Ada", frozenset(("agent",))), program("test").rights)


@pytest.fixture(autouse=True)
def _house() -> None:
    empty_streams()
    versions.forget_all(NAME)
    AdviceRow.objects.all().delete()
    ImportedLog.objects.all().delete()
    a_service_goal(GOAL, "repair")


def _open(product: str) -> tuple[int, int]:
    customer, case = a_customer(), next(the_door().ids)
    opening = c.OpenCase(
        case=case, customer=customer, service_goal="repair", version=latest("repair"), channel="mail",
        facts={"product": product}, contact_at=NOW,
    )  # fmt: skip
    _do(case, opening)
    return customer, case


def _do(case: int, command: c.Command) -> Answer:
    answer = the_door().handle(Order("case", case, command, uuid4(), ADA))
    assert isinstance(answer, Answer), answer
    return answer


def _task(case: int, key: str) -> None:
    made = _do(case, c.CreateTask(key=key))
    item = next(event.item for event in made.events if event.stored == "item_created.1")
    _do(case, c.CompleteTask(item=item))


def _repaired(product: str) -> int:
    customer, case = _open(product)
    _task(case, "look")
    _task(case, "change the bulb" if product == "lamp" else "solder")
    _do(case, c.ReachGoal(goal=1))
    return customer


def _heard(advisor: Advisor) -> None:
    can_be_followed()
    while True:
        events, place = follow(the_door(), advisor.reached)
        if place == advisor.reached:
            break
        advisor.hear(events, place)
    advisor.advise()


def _advised(case: int) -> Advised:
    return decoded(AdviceRow.objects.get(pk=case).body)


def _first(advised: Advised) -> str:
    return advised.next[0].action


def test_what_people_did_with_such_a_product_is_advised_with_its_reasons() -> None:
    for _ in range(8):
        _repaired("lamp")
        _repaired("radio")
    _customer, case = _open("radio")
    _task(case, "look")
    advisor = Advisor(the_door())
    _heard(advisor)
    advised = _advised(case)
    assert _first(advised) in ("create solder", "complete solder")
    assert advised.next[0].habit > 0.6
    reasons = [reason for one in advised.next[:1] for reason in one.reasons]
    assert any("product" in name or "together" in name for reason in reasons for name in reason.situation)
    assert advised.next[0].cases and case not in advised.next[0].cases
    assert advised.foresight.reached is not None and advised.foresight.reached > 0.6


def test_a_case_that_has_ended_is_advised_no_more() -> None:
    for _ in range(3):
        _repaired("lamp")
    _customer, case = _open("lamp")
    advisor = Advisor(the_door())
    _heard(advisor)
    assert AdviceRow.objects.filter(pk=case).exists()
    _do(case, c.ReachGoal(goal=1))
    _heard(advisor)
    assert not AdviceRow.objects.filter(pk=case).exists()


def test_it_goes_on_where_it_stood() -> None:
    for _ in range(3):
        _repaired("lamp")
    first = Advisor(the_door())
    _heard(first)
    first.save()
    again = Advisor(the_door())
    assert again.reached == first.reached
    assert {key: dump(one) for key, one in again.learners.items()} == {
        key: dump(one) for key, one in first.learners.items()
    }


def _counts(advisor: Advisor) -> Any:
    learner = advisor.learners["repair"]
    names = learner.actions
    return {
        key: ({names[a] if a >= 0 else "all": n for a, n in found[1].items()}, found[0])
        for key in learner.counters.table
        if (found := learner.counters.counts(key)) is not None
    }


def test_without_a_customer_it_is_as_if_they_had_never_been() -> None:
    for _ in range(3):
        _repaired("lamp")
    before = Advisor(the_door())
    _heard(before)
    advisor = Advisor(the_door())
    customer = _repaired("radio")
    _heard(advisor)
    assert _counts(advisor) != _counts(before)
    send("customer", customer, EraseCustomer())
    _heard(advisor)
    assert _counts(advisor) == _counts(before)


def test_what_is_personal_is_learned_from_in_no_case() -> None:
    plan = the_plans("repair", latest("repair"), house_version())
    assert telling_facts(plan) == ("product",)


def test_an_old_systems_log_is_learned_from_and_taken_back() -> None:
    advisor = Advisor(the_door())
    _heard(advisor)
    plan = the_plans("repair", latest("repair"), house_version())
    activities = ("Look at it", "Solder it", "Something else")
    events = [
        LoggedEvent(f"c{number}", activity, NOW.replace(hour=9 + place), "bob", {"Product": "radio"})
        for number in range(6)
        for place, activity in enumerate(activities)
    ]
    rows = imported.rows_of(events, imported.actions_of(plan), ("product",), {})
    assert [row.action for row in rows if row.case == "c1"] == [
        "complete look", "complete solder", "log: Something else",
    ]  # fmt: skip
    imported.keep("old", "repair", rows)
    advisor.hear_logs()
    _customer, case = _open("radio")
    _task(case, "look")
    _heard(advisor)
    assert "complete solder" in [one.action for one in _advised(case).next[:2]]
    imported.forget("old")
    advisor.hear_logs()
    assert not ImportedLog.objects.exists()
    assert "complete solder" not in [one.action for one in _advised_anew(advisor, case)]


def _advised_anew(advisor: Advisor, case: int) -> Any:
    _do(case, c.AddNote(text="x"))
    _heard(advisor)
    row = AdviceRow.objects.filter(pk=case).first()
    return decoded(row.body).next if row is not None else ()


def test_the_board_tells_what_is_probably_late() -> None:
    customer, case = _open("lamp")
    other_customer, other = _open("radio")
    at, body = NOW, encoded(Advised("test"))
    for number, risk in ((case, 80), (other, 20)):
        AdviceRow.objects.update_or_create(
            case_id=number, defaults={"version": 1, "at": at, "model": "test", "risk": risk, "body": body}
        )
    access = of_user(a_person("quentin", ("process owner",)))
    assert [(one.case, one.risk) for one in at_risk(access, 50)] == [(case, 80)]
    assert at_risk(access, 50, "something else") == []
    client = Client()
    client.force_login(User.objects.get(username="quentin"))
    page = client.get("/board/").content.decode()
    assert f"/desk/cases/{case}/" in page and "80 %" in page
    assert f"/desk/cases/{other}/" not in page
    assert customer != other_customer
