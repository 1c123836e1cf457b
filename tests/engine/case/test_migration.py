"""A running case goes over to another version of its service goal, and back."""

import msgspec
import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import PROGRAM
from caseloom.engine.flow.published import PublishedFlow
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.spec.flow import FlowModel, ProcessSpec
from caseloom.interchange.yaml_text import read_house_rules, read_service_goal
from tests.engine.case.kit import HEAD, HOUSE, Case
from tests.engine.flow.kit import el, process

OLD = """
facts: {n: {type: number}}
goals:
  answered:
    title: Answered
    options:
      plain: {title: Plain, tasks: [read, write], automatic: true}
tasks: {read: {title: Read it}, write: {title: Write back}}
"""


def drawn(*processes: ProcessSpec) -> dict[str, PublishedFlow]:
    return {"flows": PublishedFlow(1, FlowModel(key="flows", processes={one.id: one for one in processes}))}


def versions(old: str, new: str, before: ProcessSpec | None = None, after: ProcessSpec | None = None) -> Case:
    """A case that was opened under `old` and knows `new` as version 2."""
    case = Case(old, flows=[before] if before else [])
    house = read_house_rules(HOUSE)
    first = case.plans["test"]
    second = compile_plan(read_service_goal(HEAD + new), house, drawn(*([after] if after else [])))
    case.plan_of = lambda key, version: {1: first, 2: second}[version]
    return case.open()


def test_what_lies_ahead_is_simply_there() -> None:
    new = OLD.replace("tasks: {read", "tasks: {call: {title: Call}, read").replace(
        "automatic: true}", "automatic: true}\n      talk: {title: Talk, tasks: [call]}"
    )
    case = versions(OLD, new)
    case.accept(c.MigrateCase(version=2), PROGRAM)
    assert case.state.version == 2
    case.accept(c.ChooseOption(goal=case.goal("answered").id, option="talk"))
    assert case.task("call").status == "active"


def test_new_goals_and_new_tasks_of_the_open_way_come_in() -> None:
    new = OLD.replace("tasks: [read, write]", "tasks: [read, write, sign]").replace(
        "tasks: {read", "  rated: {title: Rated}\ntasks: {sign: {title: Sign}, read"
    )
    case = versions(OLD, new)
    case.accept(c.MigrateCase(version=2), PROGRAM)
    assert case.task("sign").parent == case.task("read").parent
    assert case.goal("rated").status == "active"


def test_what_is_open_needs_its_place() -> None:
    new = OLD.replace("write]", "reply]").replace("write: {title: Write back}", "reply: {title: Reply}")
    case = versions(OLD, new)
    refused = case.refuse(c.MigrateCase(version=2), PROGRAM)
    assert "“Write back”" in refused.message and refused.next
    case.accept(c.MigrateCase(version=2, items={"write": "reply"}), PROGRAM)
    assert case.task("reply").status == "active"
    case.accept(c.CompleteTask(item=case.task("reply").id))


def test_what_is_mapped_to_nothing_ends() -> None:
    new = OLD.replace(", write]", "]").replace(", write: {title: Write back}", "")
    case = versions(OLD, new)
    case.accept(c.MigrateCase(version=2, items={"write": ""}), PROGRAM)
    assert [item.key for item in case.state.items.values() if item.kind == "task"] == ["read"]


FLOWING = """
goals:
  answered:
    title: Answered
    options:
      drawn: {title: Drawn, tasks: [run], automatic: true}
tasks: {run: {kind: flow, model: flows, flow: p}}
"""
BEFORE = process(el("s", "startEvent"), el("a", "userTask"), el("e", "endEvent"), flows="s > a > e")
AFTER = process(
    el("s", "startEvent"), el("ask", "userTask", name="Ask"), el("z", "userTask"), el("e", "endEvent"),
    flows="s > ask > z > e",
)  # fmt: skip


def test_the_tokens_of_a_flow_take_their_new_places() -> None:
    case = versions(FLOWING, FLOWING, BEFORE, AFTER)
    assert "step" in case.refuse(c.MigrateCase(version=2), PROGRAM).message
    case.accept(c.MigrateCase(version=2, elements={"a": "ask"}), PROGRAM)
    case.accept(c.CompleteTask(item=case.task("ask").id))
    case.accept(c.CompleteTask(item=case.task("z").id))
    assert not case.state.flows


def test_it_goes_back_as_if_it_had_never_left() -> None:
    new = OLD.replace("tasks: [read, write]", "tasks: [sign, read]").replace(
        "tasks: {read", "  rated: {title: Rated}\ntasks: {sign: {title: Sign}, read"
    )
    case = versions(OLD, new)
    before = msgspec.structs.replace(case.state)
    case.accept(c.MigrateCase(version=2, items={"write": ""}), PROGRAM)
    assert case.refuse(c.UndoWork()).code == "rights"
    case.accept(c.RevertMigration(), PROGRAM)
    same = {"last": 0, "planned": 0}
    assert msgspec.structs.replace(case.state, **same) == msgspec.structs.replace(before, **same)
    assert case.refuse(c.RevertMigration(), PROGRAM).code == "wrong state"


def test_what_has_moved_on_does_not_go_back_by_itself() -> None:
    new = OLD.replace("tasks: [read, write]", "tasks: [sign, read, write]").replace(
        "tasks: {read", "tasks: {sign: {title: Sign}, read"
    )
    case = versions(OLD, new)
    case.accept(c.MigrateCase(version=2), PROGRAM)
    case.accept(c.CompleteTask(item=case.task("sign").id))
    assert "moved on" in case.refuse(c.RevertMigration(), PROGRAM).message


@pytest.mark.parametrize("version", [1, 9])
def test_only_another_version_that_is_there(version: int) -> None:
    assert versions(OLD, OLD).refuse(c.MigrateCase(version=version), PROGRAM).code in ("duplicate", "not found")
