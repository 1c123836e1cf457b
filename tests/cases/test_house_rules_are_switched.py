"""Running cases come under new house rules: tried first, then done; what has happened before counts."""

from uuid import uuid4

import pytest

from caseloom.cases.switching import running_cases, switch, try_switch
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.library.plans import latest_versions
from caseloom.library.publishing import publish
from caseloom.sdk.access import program
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door
from caseloom.streams.replay import compare
from tests.streams.kit import a_case, a_customer, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)

HOUSE = """
house rules: house
title: The house
facts:
  refund: {type: number}
tasks:
  approve the refund: {}
  pay the refund: {}
rules:
  - The refund must be at most 5000.
"""
STRICTER = (
    HOUSE
    + """  - The refund must be approved before the refund is paid.
  - The refund must be below 1000.
"""
)


def a_running_case(refund: int, approved: bool) -> int:
    case = a_case(a_customer(), "", version=0, house_version=1)
    send("case", case, c.SetFacts(facts={"refund": refund}))
    for key in ("approve the refund", "pay the refund"):
        send("case", case, c.CreateTask(key=key))
    if approved:
        send("case", case, c.CompleteTask(item=1))
    return case


@pytest.fixture
def cases() -> list[int]:
    empty_streams()
    assert isinstance(publish(program("test"), HOUSE), Answer)
    found = [a_running_case(100, True), a_running_case(100, False), a_running_case(2000, True)]
    assert isinstance(publish(program("test"), STRICTER), Answer)
    latest_versions.forget()  # type: ignore[attr-defined]
    return found


def pay(case: int) -> Answer | Refused:
    return the_door().handle(Order("case", case, c.CompleteTask(item=2), uuid4(), program("test")))


def test_a_trial_says_what_would_become_of_each_and_changes_nothing(cases: list[int]) -> None:
    assert running_cases(2) == cases
    tried = {verdict.case: verdict.refused for verdict in try_switch(program("test"), cases, 2)}
    assert [tried[case] is None for case in cases] == [True, True, False]
    refused = tried[cases[2]]
    assert refused is not None
    assert refused.rule == "The refund must be below 1000."
    assert isinstance(pay(cases[1]), Answer), "nothing has been switched yet"


def test_switched_cases_keep_what_has_happened_and_obey_from_then_on(cases: list[int]) -> None:
    done = {verdict.case: verdict.refused for verdict in switch(program("test"), cases, 2)}
    assert [done[case] is None for case in cases] == [True, True, False]
    assert isinstance(pay(cases[0]), Answer), "the approval of before counts"
    refused = pay(cases[1])
    assert isinstance(refused, Refused)
    assert refused.rule == "The refund must be approved before the refund is paid."
    assert running_cases(2) == [cases[2]]
    kind = the_door().kinds["case"]
    assert [difference for case in cases for difference in compare(the_door(), kind, case)] == []


def test_a_case_goes_back_and_over_again(cases: list[int]) -> None:
    for version in (2, 1, 2):
        assert [verdict.refused for verdict in switch(program("test"), cases[:1], version)] == [None]
        assert cases[0] not in running_cases(version), version
    assert isinstance(pay(cases[0]), Answer)


def test_what_happened_while_a_rule_was_not_in_force_counts_when_it_comes_back(cases: list[int]) -> None:
    case = cases[1]
    list(switch(program("test"), [case], 2))
    assert isinstance(pay(case), Refused)
    list(switch(program("test"), [case], 1))
    send("case", case, c.CompleteTask(item=1))
    list(switch(program("test"), [case], 2))
    assert isinstance(pay(case), Answer), "it was approved meanwhile"
