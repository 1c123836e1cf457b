"""CMMN 1.1 §8.4.1: every state of a case times every transition."""

from typing import Any

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from tests.engine.case.kit import Case
from tests.engine.cmmn.tables import CASE, CASE_BY_THE_VERBS, CASE_STATES, CASE_TRANSITIONS

CELLS = [(state, transition) for state in CASE_STATES for transition in CASE_TRANSITIONS]
LEGAL = [cell for cell in CELLS if cell in CASE]
ILLEGAL = [cell for cell in CELLS if cell not in CASE and cell not in CASE_BY_THE_VERBS]
WAYS: dict[str, tuple[str, ...]] = {
    "active": (),
    "suspended": ("suspend",),
    "completed": ("complete",),
    "terminated": ("terminate",),
    "failed": ("fault",),
    "closed": ("complete", "close"),
}


def a_case(state: str) -> Case:
    case = Case("goals: {done: {title: Done}}\ntasks: {work: {}}").open()
    for step in WAYS[state]:
        outcome = take(case, step)
        assert not isinstance(outcome, Refused), outcome
    assert case.status() == state
    return case


def take(case: Case, transition: str) -> Any:
    match transition:
        case "suspend":
            return case.do(c.SuspendCase(reason="a test"))
        case "complete":
            return case.do(c.ReachGoal(goal=next(iter(case.state.goals))))
        case "terminate":
            return case.do(c.TerminateCase(reason="a test"))
        case "fault":
            return case.do(c.FailCase(reason="a test"))
        case "close":
            return case.do(c.CloseCase(reason="a test"))
    return case.do(c.ResumeCase() if case.status() == "suspended" else c.ReopenCase(reason="a test"))


@pytest.mark.parametrize(("state", "transition"), LEGAL)
def test_a_legal_transition_leads_to_the_state_of_the_table(state: str, transition: str) -> None:
    """§8.4.1, case instance transitions."""
    case = a_case(state)
    outcome = take(case, transition)
    assert not isinstance(outcome, Refused), outcome
    assert case.status() == CASE[state, transition]


@pytest.mark.parametrize(("state", "transition"), ILLEGAL)
def test_an_illegal_transition_is_refused_and_changes_nothing(state: str, transition: str) -> None:
    """§8.4.1."""
    case = a_case(state)
    before = len(case.history)
    outcome = take(case, transition)
    assert isinstance(outcome, Refused)
    assert outcome.code in ("wrong state", "closed")
    assert case.status() == state
    assert len(case.history) == before


def test_a_suspended_case_may_be_ended_without_being_resumed() -> None:
    """Beyond §8.4.1: cancelling is one of the six verbs."""
    case = a_case("suspended")
    take(case, "terminate")
    assert case.status() == "terminated"


def test_a_case_is_created_active() -> None:
    """§8.4.1, create."""
    assert a_case("active").status() == "active"


def test_a_suspended_case_suspends_its_work_and_resumes_it() -> None:
    """§8.4.1 and §8.4.2: what the case does its outermost items do with it."""
    case = Case("goals: {done: {title: Done}}\ntasks: {one: {}, two: {manual: true}}").open()
    case.accept(c.CreateTask(key="one"))
    case.accept(c.CreateTask(key="two"))
    take(case, "suspend")
    assert {item.status for item in case.state.items.values()} == {"suspended"}
    take(case, "reactivate")
    assert {item.key: item.status for item in case.state.items.values()} == {"one": "active", "two": "enabled"}


def test_a_failed_case_lets_nothing_move_until_it_is_reopened() -> None:
    """§8.4.1, fault."""
    case = Case("goals: {done: {title: Done}}\ntasks: {one: {}}").open()
    case.accept(c.CreateTask(key="one"))
    take(case, "fault")
    assert case.refuse(c.CompleteTask(item=case.task("one").id)).code == "closed"
    take(case, "reactivate")
    case.complete("one")
