"""CMMN 1.1 §8.5 and §5.4.6: sentries, their on-parts on every standard event, and their if-parts."""

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from tests.engine.case.kit import Case
from tests.engine.cmmn.kit import HOUSE, Item
from tests.engine.cmmn.tables import CASE_FILE_ITEM, POINT_EVENTS, STANDARD_EVENTS

WAYS: dict[str, tuple[str, ...]] = {
    "create": (),
    "enable": ("enable",),
    "start": ("start",),
    "manualStart": ("enable", "manual start"),
    "disable": ("enable", "disable"),
    "reenable": ("enable", "disable", "reenable"),
    "suspend": ("start", "suspend"),
    "resume": ("start", "suspend", "resume"),
    "parentSuspend": ("start", "parent suspend"),
    "parentResume": ("start", "suspend", "parent resume"),
    "fault": ("start", "fault"),
    "reactivate": ("start", "fault", "reactivate"),
    "complete": ("start", "complete"),
    "occur": ("occur",),
    "terminate": ("terminate",),
    "exit": ("start", "exit"),
    "parentTerminate": ("parent terminate",),
}


def watch(kind: str, words: str) -> Item:
    """An item, and a reaction outside of its stage that waits for one of its events."""
    return Item(kind, f"reactions: [{{says: Seen., after: ['{words}'], do: [{{set fact: note, to: '\"seen\"'}}]}}]")


@pytest.mark.parametrize("kind", ["task", "stage"])
@pytest.mark.parametrize("event", list(STANDARD_EVENTS))
def test_an_on_part_waits_for_any_standard_event_of_a_stage_or_task(kind: str, event: str) -> None:
    """§5.4.6.1, PlanItemTransition; it fires at that event and at none before it."""
    item = watch(kind, STANDARD_EVENTS[event])
    steps = ("start", "terminate") if event == "terminate" else WAYS[event]
    for step in steps:
        assert "note" not in item.case.state.facts
        item.do(step)
    assert item.case.state.facts["note"].value == "seen"


@pytest.mark.parametrize("kind", ["milestone", "listener"])
@pytest.mark.parametrize("event", list(POINT_EVENTS))
def test_an_on_part_waits_for_any_standard_event_of_a_milestone_or_listener(kind: str, event: str) -> None:
    """§5.4.6.1 and §8.4.3."""
    item = watch(kind, POINT_EVENTS[event])
    for step in {"suspend": ("suspend",), "resume": ("suspend", "resume")}.get(event, WAYS[event]):
        assert "note" not in item.case.state.facts
        item.do(step)
    assert item.case.state.facts["note"].value == "seen"


VALUES = {
    "create": (None, ["a"]),
    "update": (["a"], ["b"]),
    "replace": (["a"], ["b"]),
    "addChild": (["a"], ["a", "b"]),
    "removeChild": (["a", "b"], ["a"]),
    "addReference": (["a"], ["a", "b"]),
    "removeReference": (["a", "b"], ["a"]),
    "delete": (["a"], None),
}


FILE = "facts: {papers: {type: list of text}}\ngoals: {done: {title: Done}}\ntasks: {x: {after: ['papers %s']}}"


def filed(words: str, before: object) -> Case:
    """A case in which `x` comes to wait after the case file item has got its first value."""
    case = Case(FILE % words, HOUSE).open()
    if before is not None:
        case.accept(c.SetFacts(facts={"papers": before}))
    case.accept(c.CreateTask(key="x"))
    assert case.task("x").status == "available"
    return case


@pytest.mark.parametrize(("state", "transition"), list(CASE_FILE_ITEM))
def test_an_on_part_waits_for_any_standard_event_of_a_case_file_item(state: str, transition: str) -> None:
    """§5.4.6.2, CaseFileItemTransition, and §8.3."""
    before, after = VALUES[transition]
    case = filed(CASE_FILE_ITEM[state, transition], before)
    case.accept(c.SetFacts(facts={"papers": after}))
    assert case.task("x").status == "active"


SILENT = [
    ("create", "addChild"),
    ("create", "delete"),
    ("update", "create"),
    ("update", "delete"),
    ("replace", "create"),
    ("replace", "delete"),
    ("addChild", "removeChild"),
    ("addChild", "delete"),
    ("removeChild", "addChild"),
    ("removeChild", "create"),
    ("delete", "create"),
    ("delete", "removeChild"),
]


@pytest.mark.parametrize(("transition", "other"), SILENT)
def test_an_on_part_does_not_fire_at_another_event_of_the_case_file_item(transition: str, other: str) -> None:
    """§8.3."""
    words = next(words for (_, name), words in CASE_FILE_ITEM.items() if name == transition)
    before, after = VALUES[other]
    case = filed(words, before)
    case.accept(c.SetFacts(facts={"papers": after}))
    assert case.task("x").status == "available"


BODY = "facts: {go: {type: boolean}, more: {type: boolean}}\n"
BODY += "goals: {done: {title: Done, options: {plan: {title: Plan, automatic: true, tasks: [a, b, x]}}}}\n"


def test_all_on_parts_and_the_if_part_of_a_sentry_have_to_hold() -> None:
    """§8.5, in any order."""
    case = Case(BODY + "tasks: {a: {}, b: {}, x: {after: [a, b has failed], when: go}}", HOUSE).open()
    case.accept(c.SetFacts(facts={"go": True}))
    case.accept(c.TransitItem(item=case.task("b").id, transition="fault"))
    assert case.task("x").status == "available"
    case.complete("a")
    assert case.task("x").status == "active"


def test_one_of_several_criteria_is_enough() -> None:
    """§8.5."""
    case = Case(BODY + "tasks: {a: {}, b: {}, x: {enter: [{after: [a]}, {after: [b], when: go}]}}", HOUSE).open()
    case.complete("b")
    assert case.task("x").status == "available"
    case.complete("a")
    assert case.task("x").status == "active"


def test_a_sentry_without_on_parts_is_satisfied_when_its_condition_becomes_true() -> None:
    """§8.5."""
    case = Case(BODY + "tasks: {a: {}, b: {}, x: {when: go}}", HOUSE).open()
    case.accept(c.SetFacts(facts={"go": True}))
    assert case.task("x").status == "active"


@pytest.mark.parametrize(("by", "starts"), [("go", True), ("more", False)])
def test_an_on_part_may_wait_for_an_exit_by_one_criterion(by: str, starts: bool) -> None:
    """§5.4.6.1, exitCriterionRef."""
    case = Case(
        BODY + "tasks: {a: {exit: [{when: go, name: first}, {when: more, name: second}]}, b: {},"
        " x: {after: [a has exited by first]}}",
        HOUSE,
    ).open()
    case.accept(c.SetFacts(facts={by: True}))
    assert (case.task("x").status == "active") is starts


def test_an_exit_criterion_of_the_case_plan_ends_the_case() -> None:
    """§8.4.1."""
    case = Case(
        "facts: {go: {type: boolean}}\n"
        "goals: {done: {title: Done, options: {plan: {title: Plan, automatic: true, tasks: [whole]}}}}\n"
        "stages: {whole: {case plan: true, tasks: [x], exit: [{when: go}]}}\ntasks: {x: {}}",
        HOUSE,
    ).open()
    case.accept(c.SetFacts(facts={"go": True}))
    assert case.status() == "terminated"
    assert not case.state.items
    assert [ev.transition for ev in case.told(e.ItemTransitioned) if ev.key == "whole"] == ["exit"]


def test_what_is_suspended_is_asked_for_its_criteria_when_it_is_resumed() -> None:
    """§8.4.2 and §8.5."""
    item = Item("task").be("available")
    item.ask("suspend", "whole")
    item.case.accept(c.SetFacts(facts={"go": True}))
    assert item.status == "suspended"
    item.ask("resume", "whole")
    assert item.status == "active"
