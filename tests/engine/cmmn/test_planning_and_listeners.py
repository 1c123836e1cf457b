"""CMMN 1.1 §8.7 planning tables, and §5.4.2 event listeners: timers and people who raise events."""

from datetime import timedelta

import pytest

from caseloom.engine.case import commands as c
from tests.engine.case.kit import AGENT, LEAD, Case
from tests.engine.cmmn.kit import HOUSE

FACTS = "facts: {go: {type: boolean}, when due: {type: text}}\n"
GOAL = "goals: {done: {title: Done, options: {plan: {title: Plan, automatic: true, tasks: [whole]}}}}\n"


def a_case(body: str) -> Case:
    return Case(FACTS + GOAL + body, HOUSE).open()


def keys(case: Case) -> dict[str, str]:
    return {item.key: item.status for item in case.state.items.values() if item.key != "done/plan"}


# --- §8.7 -----------------------------------------------------------------------------------------------------------

TABLE = "stages: {whole: {auto complete: false, tasks: [x], discretionary: [%s]}}\ntasks: {x: {}, y: {}}"


def test_a_discretionary_item_is_planned_into_an_active_stage() -> None:
    """§8.7: it is created like any other plan item of that stage."""
    case = a_case(TABLE % "{item: y}")
    assert "y" not in keys(case)
    whole = case.task("whole").id
    case.accept(c.PlanItem(key="y", into=whole))
    assert keys(case)["y"] == "active"
    assert case.task("y").parent == whole


def test_a_discretionary_item_of_a_task_comes_into_the_stage_of_the_task() -> None:
    """§8.7: planning table of a human task."""
    case = a_case("stages: {whole: {tasks: [x]}}\ntasks: {x: {discretionary: [{item: y}]}, y: {}}")
    case.accept(c.PlanItem(key="y", into=case.task("x").id))
    assert case.task("y").parent == case.task("whole").id


def test_an_applicability_rule_says_when_an_item_may_be_planned() -> None:
    """§5.4.9.2 and §8.7."""
    case = a_case(TABLE % "{item: y, when: go}")
    refused = case.refuse(c.PlanItem(key="y", into=case.task("whole").id))
    assert refused.code == "wrong state"
    assert "go" in refused.facts
    case.accept(c.SetFacts(facts={"go": True}))
    case.accept(c.PlanItem(key="y", into=case.task("whole").id))


def test_an_authorised_role_is_asked_for() -> None:
    """§5.4.9.1, authorizedRoleRefs."""
    case = a_case(TABLE % "{item: y, roles: [team lead]}")
    refused = case.refuse(c.PlanItem(key="y", into=case.task("whole").id), AGENT)
    assert refused.code == "role"
    assert refused.next[0].who == "team lead"
    case.accept(c.PlanItem(key="y", into=case.task("whole").id), LEAD)


def test_nothing_is_planned_into_what_is_not_active() -> None:
    """§8.7."""
    case = a_case(TABLE % "{item: y}")
    whole = case.task("whole").id
    case.accept(c.TransitItem(item=whole, transition="suspend"))
    assert case.refuse(c.PlanItem(key="y", into=whole)).code == "wrong state"


def test_what_is_in_no_table_is_refused_with_what_is() -> None:
    """§8.7."""
    case = a_case(TABLE % "{item: y}")
    assert "y" in case.refuse(c.PlanItem(key="z", into=case.task("whole").id)).message
    refused = case.refuse(c.PlanItem(key="y", into=case.task("x").id))
    assert refused.next[0].arguments == {"key": "y", "into": case.task("whole").id}


def test_a_discretionary_item_may_be_planned_more_than_once() -> None:
    """§8.7."""
    case = a_case(TABLE % "{item: y}")
    for _ in range(2):
        case.accept(c.PlanItem(key="y", into=case.task("whole").id))
    assert case.state.counters["y"].created == 2


# --- §5.4.2 ---------------------------------------------------------------------------------------------------------

TIMED = "stages: {whole: {tasks: [tick, x, y]}}\ntasks: {x: {}, y: {after: [tick], required: true}}\n"
TIMED += "listeners: {tick: {%s}}"


@pytest.mark.parametrize(
    "timer",
    ['duration("PT2H")', '"PT2H"', 'date and time("2026-03-02T11:00:00Z")', '"2026-03-02T11:00:00Z"'],
)
def test_a_timer_occurs_when_its_time_has_come(timer: str) -> None:
    """§5.4.2.1, timerExpression: a moment or a duration."""
    case = a_case(TIMED % f"timer: '{timer}'")
    case.pass_time(timedelta(hours=1, minutes=59))
    assert keys(case)["y"] == "available"
    case.pass_time(timedelta(minutes=2))
    assert keys(case)["y"] == "active"
    assert "tick" not in keys(case)


def test_a_timer_of_months_comes_on_the_day_of_the_calendar() -> None:
    """§5.4.2.1."""
    case = a_case(TIMED % "timer: '\"P1M\"'")
    case.pass_time(timedelta(days=30))
    assert keys(case)["y"] == "available"
    case.pass_time(timedelta(days=1, hours=1))
    assert keys(case)["y"] == "active"


def test_a_timer_may_begin_to_run_with_something_else() -> None:
    """§5.4.2.1, timerStart."""
    case = a_case(TIMED % "timer: '\"PT2H\"', starts: [x]")
    case.pass_time(timedelta(hours=5))
    assert keys(case)["tick"] == "available"
    case.complete("x")
    assert keys(case).get("y") == "available"
    case.pass_time(timedelta(hours=3))
    assert keys(case)["y"] == "active"


def test_a_timer_begins_to_run_when_its_moment_is_known() -> None:
    """§5.4.2.1: an expression over the case file."""
    case = a_case(TIMED % "timer: when due")
    case.accept(c.SetFacts(facts={"when due": "PT1H"}))
    case.pass_time(timedelta(hours=2))
    assert keys(case)["y"] == "active"


def test_a_timer_repeats() -> None:
    """§5.4.2.1 and §8.6.4: R3/PT1H."""
    case = a_case(TIMED % "timer: '\"PT1H\"', repeat: index < 3")
    case.pass_time(timedelta(hours=10))
    assert case.state.counters["tick"].completed == 3


def test_a_suspended_timer_stands_still() -> None:
    """§8.4.3, suspend and resume."""
    case = a_case(TIMED % "timer: '\"PT2H\"'")
    case.accept(c.TransitItem(item=case.task("tick").id, transition="suspend"))
    case.pass_time(timedelta(hours=10))
    case.accept(c.TransitItem(item=case.task("tick").id, transition="resume"))
    case.pass_time(timedelta(hours=1))
    assert keys(case)["y"] == "available"
    case.pass_time(timedelta(hours=2))
    assert keys(case)["y"] == "active"


def test_nobody_raises_a_timer() -> None:
    """§5.4.2.1."""
    case = a_case(TIMED % "timer: '\"PT2H\"'")
    assert case.refuse(c.TransitItem(item=case.task("tick").id, transition="occur")).code == "wrong state"


def test_somebody_with_the_role_raises_a_user_event() -> None:
    """§5.4.2.2, authorizedRoleRefs."""
    case = a_case(TIMED % "roles: [team lead]")
    assert case.refuse(c.TransitItem(item=case.task("tick").id, transition="occur"), AGENT).code == "role"
    case.accept(c.TransitItem(item=case.task("tick").id, transition="occur"), LEAD)
    assert keys(case)["y"] == "active"


def test_a_listener_hears_only_while_its_condition_holds() -> None:
    """An extension that other engines have too: a listener that is not always available."""
    case = a_case(TIMED % "when: go")
    assert case.refuse(c.TransitItem(item=case.task("tick").id, transition="occur")).code == "wrong state"
    case.accept(c.SetFacts(facts={"go": True}))
    case.accept(c.TransitItem(item=case.task("tick").id, transition="occur"))


def test_a_task_that_does_not_block_is_complete_as_soon_as_it_begins() -> None:
    """§5.4.10, isBlocking."""
    case = a_case("stages: {whole: {tasks: [x, y]}}\ntasks: {x: {blocking: false}, y: {after: [x]}}")
    assert keys(case) == {"whole": "active", "y": "active"}
