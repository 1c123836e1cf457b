"""CMMN 1.1 §8.6: completion of stages, and the manual activation, required and repetition rules."""

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.refusal import Refused
from tests.engine.case.kit import Case
from tests.engine.cmmn.kit import HOUSE, Item
from tests.engine.cmmn.tables import COMPLETES

FACTS = "facts: {go: {type: boolean}, hand: {type: boolean}, out: {type: boolean}, must: {type: boolean},"
FACTS += " more: {type: boolean}, tries: {type: number}}"
GOAL = "goals: {done: {title: Done, options: {plan: {title: Plan, automatic: true, tasks: [whole]}}}}"


def a_case(body: str) -> Case:
    return Case(f"{FACTS}\n{GOAL}\n{body}", HOUSE).open()


def bring(case: Case, state: str) -> None:
    """Bring `x`, a manual task with an entry criterion, to a state."""
    number = case.task("x").id
    steps = {
        "available": (),
        "enabled": ("go",),
        "disabled": ("go", "disable"),
        "active": ("go", "manual start"),
        "suspended": ("go", "manual start", "suspend"),
        "failed": ("go", "manual start", "fault"),
        "completed": ("go", "manual start", "complete"),
        "terminated": ("go", "manual start", "terminate"),
    }[state]
    for step in steps:
        if step == "go":
            case.accept(c.SetFacts(facts={"go": True}))
        elif step == "complete":
            case.accept(c.CompleteTask(item=number))
        else:
            case.accept(c.TransitItem(item=number, transition=step, reason="a test"))  # type: ignore[arg-type]


def is_complete(case: Case, key: str = "whole") -> bool:
    return any(ev.key == key and ev.status == "completed" for ev in case.told(e.ItemTransitioned))


@pytest.mark.parametrize(("auto", "state", "required"), list(COMPLETES))
def test_a_stage_completes_as_the_truth_table_says(auto: bool, state: str, required: bool) -> None:
    """§8.6.1, stage termination criteria."""
    case = a_case(
        f"stages: {{whole: {{auto complete: {str(auto).lower()}, tasks: [x, last]}}}}\n"
        f"tasks: {{x: {{when: go, manual: true, required: {str(required).lower()}}}, last: {{}}}}"
    )
    bring(case, state)
    case.complete("last")
    assert is_complete(case) is COMPLETES[auto, state, required]


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("state", ["available", "enabled", "disabled", "active", "suspended", "failed"])
def test_somebody_completes_a_stage_when_nothing_is_active_and_what_is_required_is_done(
    state: str, required: bool
) -> None:
    """§8.6.1: manual completion asks what auto complete asks."""
    case = a_case(
        "stages: {whole: {auto complete: false, tasks: [x, last]}}\n"
        f"tasks: {{x: {{when: go, manual: true, required: {str(required).lower()}}}, last: {{when: out}}}}"
    )
    bring(case, state)
    outcome = case.do(c.TransitItem(item=case.task("whole").id, transition="complete"))
    assert is_complete(case) is COMPLETES[True, state, required]
    if isinstance(outcome, Refused):
        assert outcome.facts["open"] == ["x"]
        assert outcome.next


def test_a_stage_with_a_planning_table_waits_for_somebody_to_complete_it() -> None:
    """§8.6.1: without auto complete discretionary items may still be planned."""
    case = a_case(
        "stages: {whole: {auto complete: false, tasks: [x], discretionary: [{item: y}]}}\ntasks: {x: {}, y: {}}"
    )
    case.complete("x")
    assert not is_complete(case)
    case.accept(c.TransitItem(item=case.task("whole").id, transition="complete"))
    assert is_complete(case)
    assert case.status() == "completed"


def test_an_empty_stage_completes_at_once() -> None:
    """§8.6.1."""
    assert is_complete(a_case("stages: {whole: {}}"))


def test_a_stage_that_listens_is_not_complete_before_something_has_happened_in_it() -> None:
    """§8.6.1: the criteria are asked when a child ends; a stage of waiting alone would be over as it begins."""
    case = a_case("stages: {whole: {tasks: [x, tick]}}\ntasks: {x: {after: [tick]}}\nlisteners: {tick: {}}")
    assert not is_complete(case)
    case.accept(c.TransitItem(item=case.task("tick").id, transition="occur"))
    case.complete("x")
    assert is_complete(case)


@pytest.mark.parametrize("end", ["complete", "terminate", "exit"])
@pytest.mark.parametrize(("kind", "last"), [("task", "exit"), ("stage", "exit"), ("milestone", "parent terminate")])
def test_what_stands_open_in_a_stage_ends_with_it(kind: str, last: str, end: str) -> None:
    """§8.4.2 and §8.4.3: exit for stages and tasks, parent terminate for milestones and listeners."""
    item = Item(kind, beside="")
    number = item.case.task("whole").id
    if end == "exit":
        item = Item(kind, more="reactions: [{says: One., when: hand, do: [{set fact: note, to: '\"x\"'}]}]", beside="")
        item.case.accept(c.WaiveGoal(goal=item.case.goal("done").id, reason="a test"))
    else:
        item.case.accept(c.TransitItem(item=number, transition=end, reason="a test"))  # type: ignore[arg-type]
    assert item.transitions == [last]


@pytest.mark.parametrize("kind", ["tasks", "stages"])
@pytest.mark.parametrize(("rule", "state"), [("hand", "enabled"), ("not(hand)", "active"), ("true", "enabled")])
def test_the_manual_activation_rule_is_asked_when_the_item_could_begin(kind: str, rule: str, state: str) -> None:
    """§8.6.2: what was true when the item was created does not count."""
    other = "tasks: {y: {}}" if kind == "stages" else ""
    body = f"  x: {{when: go, manual: {rule}}}"
    whole = "  whole: {auto complete: false, tasks: [x]}"
    text = f"stages:\n{whole}\n{body}\n{other}" if kind == "stages" else f"stages:\n{whole}\ntasks:\n{body}"
    if kind == "stages":
        text = text.replace("manual: " + rule, f"manual: {rule}, tasks: [y]")
    case = a_case(text)
    case.accept(c.SetFacts(facts={"hand": True}))
    case.accept(c.SetFacts(facts={"go": True}))
    assert case.task("x").status == state


def test_the_required_rule_is_asked_once_when_the_item_comes() -> None:
    """§8.6.3: what its facts become later does not matter."""
    text = "stages: {whole: {tasks: [x, last]}}\ntasks: {x: {manual: true, required: must}, last: {}}"
    case = Case(f"{FACTS}\n{GOAL}\n{text}", HOUSE).open(facts={"must": True})
    case.accept(c.SetFacts(facts={"must": False}))
    case.complete("last")
    assert not is_complete(case)
    other = Case(f"{FACTS}\n{GOAL}\n{text}", HOUSE).open(facts={"must": False})
    other.accept(c.SetFacts(facts={"must": True}))
    other.complete("last")
    assert is_complete(other)


# --- §8.6.4, repetition ---------------------------------------------------------------------------------------------


def came(case: Case, key: str = "x") -> int:
    return case.state.counters[key].created


@pytest.mark.parametrize(("end", "again"), [("complete", 2), ("terminate", 2), ("exit", 1)])
def test_without_entry_criteria_an_item_comes_again_when_it_has_ended_by_itself(end: str, again: int) -> None:
    """§8.6.4: on complete and terminate, not on exit."""
    case = a_case(
        "stages: {whole: {tasks: [x, last]}}\n"
        "tasks: {x: {repeat: 'true', repeat on: ended, exit: [{when: out}]}, last: {}}"
    )
    number = case.task("x").id
    if end == "complete":
        case.accept(c.CompleteTask(item=number))
    elif end == "terminate":
        case.accept(c.TransitItem(item=number, transition="terminate"))
    else:
        case.accept(c.SetFacts(facts={"out": True}))
    assert came(case) == again


def test_nothing_repeats_while_the_rule_does_not_hold() -> None:
    """§8.6.4."""
    case = a_case("stages: {whole: {tasks: [x, last]}}\ntasks: {x: {repeat: more, repeat on: ended}, last: {}}")
    case.complete("x")
    assert came(case) == 1


def test_nothing_repeats_when_its_stage_has_ended() -> None:
    """§8.6.4 and §8.4.2."""
    case = a_case("stages: {whole: {tasks: [x]}}\ntasks: {x: {repeat: 'true', repeat on: ended}}")
    case.accept(c.TransitItem(item=case.task("whole").id, transition="terminate"))
    assert came(case) == 1


def test_with_entry_criteria_each_satisfaction_lets_one_more_in() -> None:
    """§8.6.4: the next one waits as soon as one is let in, and several may be active at once."""
    case = a_case(
        "stages: {whole: {tasks: [x, tick]}}\n"
        "tasks: {x: {after: [tick], repeat: 'true', repeat on: entered}, tick: {repeat: 'true'}}"
    )
    for expected in (1, 2, 3):
        case.complete("tick")
        active = [i for i in case.state.items.values() if i.key == "x" and i.status == "active"]
        waiting = [i for i in case.state.items.values() if i.key == "x" and i.status == "available"]
        assert (len(active), len(waiting)) == (expected, 1)


def test_a_milestone_repeats_on_its_criterion() -> None:
    """§8.6.4."""
    case = a_case(
        "stages: {whole: {tasks: [x, tick]}}\nmilestones: {x: {after: [tick], repeat: 'true', repeat on: entered}}\n"
        "tasks: {tick: {repeat: 'true'}}"
    )
    case.complete("tick")
    case.complete("tick")
    assert case.state.counters["x"].completed == 2


def test_a_stage_repeats_with_all_that_is_in_it_and_each_counts_for_itself() -> None:
    """§8.6.4: an on-part inside a stage is not satisfied by what happened in an earlier instance of it."""
    case = a_case(
        "stages:\n  whole: {tasks: [x, last]}\n  x: {tasks: [one, two], repeat: 'true', repeat on: ended}\n"
        "tasks: {one: {}, two: {after: [one], required: true}, last: {}}"
    )
    for round_ in (1, 2, 3):
        assert came(case) == round_
        assert case.task("two").status == "available"
        case.complete("one")
        assert case.task("two").status == "active"
        case.complete("two")


def test_an_on_part_does_not_reach_into_another_instance_of_its_stage() -> None:
    """§8.5 and §8.6.4: two instances of one stage are open; what happens in one lets nothing into the other."""
    case = a_case(
        "stages:\n  whole: {tasks: [x, tick]}\n"
        "  x: {tasks: [one, two], after: [tick], repeat: 'true', repeat on: entered}\n"
        "tasks: {one: {}, two: {after: [one], required: true}, tick: {repeat: 'true'}}"
    )
    case.complete("tick")
    case.complete("tick")
    first = next(i for i in case.state.items.values() if i.key == "one")
    case.accept(c.CompleteTask(item=first.id))
    two = {i.parent: i.status for i in case.state.items.values() if i.key == "two"}
    assert two.pop(first.parent) == "active"
    assert set(two.values()) == {"available"}


def test_the_index_of_a_repetition_bounds_it() -> None:
    """§8.6.4 with the name that Caseloom gives to how often an item has come."""
    case = a_case("stages: {whole: {tasks: [x, last]}}\ntasks: {x: {repeat: index < 3, repeat on: ended}, last: {}}")
    for _ in range(3):
        case.complete("x")
    assert came(case) == 3
