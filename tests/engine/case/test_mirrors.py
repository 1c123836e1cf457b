"""One goal, several cases: the owner works for it, the others hold mirrors; and goals that wait for another case's."""

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case import planned as p
from caseloom.engine.case.actor import PROGRAM
from tests.engine.case.kit import AGENT, LEAD, MARIA, Case

TEXT = """
facts: {done: {type: boolean}}
goals:
  answered: {title: The customer is answered, reached when: done = true}
"""
REPAIR = c.MirrorGoal(case=500, goal=3, title="The mast is repaired")


def told(status: str, version: int) -> c.MoveMirror:
    return c.MoveMirror(case=500, goal=3, status=status, version=version)  # type: ignore[arg-type]


@pytest.fixture
def case() -> Case:
    case = Case(TEXT).open()
    case.accept(REPAIR)
    return case


def mirror(case: Case) -> str:
    return next(goal.status for goal in case.state.goals.values() if goal.title == REPAIR.title)


def test_a_mirror_moves_as_its_owner_does(case: Case) -> None:
    case.accept(c.SetFacts(facts={"done": True}))
    assert case.status() == "active", "the repair is required here too"
    case.accept(told("reached", 7), PROGRAM)
    assert (mirror(case), case.status()) == ("reached", "completed")


@pytest.mark.parametrize("version", [6, 7])
def test_what_was_told_already_happens_once(case: Case, version: int) -> None:
    case.accept(told("reached", 7), PROGRAM)
    assert case.refuse(told("active", version), PROGRAM).code == "duplicate"
    assert mirror(case) == "reached"


def test_nobody_else_reaches_it(case: Case) -> None:
    number = next(goal.id for goal in case.state.goals.values() if goal.mirror)
    refused = case.refuse(c.ReachGoal(goal=number), LEAD)
    assert refused.facts == {"case": 500}
    assert refused.next[-1].command == "WaiveGoal"
    for actor in (AGENT, LEAD, MARIA):
        assert case.refuse(told("reached", 9), actor).code == "rights"


def test_a_goal_that_the_owner_reopens_is_open_in_the_mirror(case: Case) -> None:
    case.accept(told("reached", 7), PROGRAM)
    case.accept(told("active", 9), PROGRAM)
    assert mirror(case) == "active"
    case.accept(told("waived", 12), PROGRAM)
    assert mirror(case) == "waived"


def test_a_closed_case_is_told_and_stays_closed(case: Case) -> None:
    case.accept(c.SetFacts(facts={"done": True}))
    case.accept(told("reached", 7), PROGRAM)
    case.accept(told("active", 9), PROGRAM)
    assert case.status() == "completed"
    assert case.refuse(told("active", 9), PROGRAM).code == "duplicate"


def test_a_goal_that_the_owner_gives_up_becomes_ones_own(case: Case) -> None:
    case.accept(told("cancelled", 7), PROGRAM)
    assert [event.case for event in case.told(p.MirrorReleased)] == [500]
    number = next(goal.id for goal in case.state.goals.values() if goal.title == REPAIR.title)
    case.accept(c.ReachGoal(goal=number))
    assert case.refuse(told("reached", 8), PROGRAM).code == "not found"


def test_a_goal_waits_for_one_of_another_case() -> None:
    case = Case(TEXT).open()
    answered = case.goal("answered").id
    case.accept(c.MirrorGoal(case=500, goal=3, title=REPAIR.title, need="optional", before=answered))
    case.accept(c.SetFacts(facts={"done": True}))
    assert case.goal("answered").status == "active", "its rule holds, and it waits"
    refused = case.refuse(c.ReachGoal(goal=answered))
    assert REPAIR.title in refused.message and "500" in refused.message
    case.accept(told("reached", 7), PROGRAM)
    assert (case.goal("answered").status, case.status()) == ("reached", "completed")


def test_a_goal_made_up_waits_too() -> None:
    case = Case(TEXT).open()
    case.accept(c.AddGoal(title="Mine"))
    mine = case.state.last
    case.accept(c.MirrorGoal(case=500, goal=3, title=REPAIR.title, need="optional", before=mine))
    assert case.refuse(c.ReachGoal(goal=mine)).code == "wrong state"
    case.accept(told("waived", 7), PROGRAM)
    case.accept(c.ReachGoal(goal=mine))


def test_the_owner_shares_a_goal_once() -> None:
    case = Case(TEXT).open()
    goal = case.goal("answered").id
    case.accept(c.ShareGoal(goal=goal))
    assert case.goal("answered").shared
    assert case.refuse(c.ShareGoal(goal=goal)).code == "duplicate"
    case.accept(REPAIR)
    assert case.refuse(REPAIR).code == "duplicate"
    number = case.state.last
    assert case.refuse(c.ShareGoal(goal=number)).code == "wrong state"
    assert case.refuse(c.MirrorGoal(case=100, goal=goal, title="Me")).code == "invalid"


def test_a_mirror_says_what_it_stands_for() -> None:
    assert Case(TEXT).open().refuse(c.MirrorGoal(case=500, goal=3, title=" ")).code == "invalid"
