"""Service goals are written as CMMN, and nothing of a file is lost."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from lxml import etree

from caseloom.engine.spec.service_goal import SentrySpec, ServiceGoal, TaskSpec
from caseloom.interchange.cmmn_names import OWN
from caseloom.interchange.cmmn_reader import read_cmmn
from caseloom.interchange.cmmn_writer import canonical, items_of, write_back, write_cmmn
from caseloom.interchange.yaml_text import read_service_goal
from tests.interchange.cmmn_text import TASKS, TWO, condition, guarded, model

DEMO = Path(__file__).parents[2] / "src/caseloom/cli/demo/definitions"
ON_A = '<planItemOnPart sourceRef="a"><standardEvent>complete</standardEvent></planItemOnPart>'
FULL = """
service goal: full
title: Everything that CMMN can say
customer title: Everything
owner: process owner
team: service
facts: {ok: {type: boolean}, papers: {type: list of text}, note of it: {}}
goals: {done: {title: Done, options: {plan: {title: Plan, automatic: true, tasks: [whole]}}}}
stages:
  whole:
    title: Whole
    case plan: true
    auto complete: false
    tasks: [a, b, inner, reached, tick, call, sub, out]
    exit: [{when: ok, name: leave}]
    discretionary: [{item: extra, when: 'note of it = "now"', roles: [team lead]}]
  inner: {tasks: [c], after: [a has failed], repeat: 'true', repeat on: entered, manual: true}
tasks:
  a: {required: ok, exit: [{when: 'count(papers) > 2', name: gone}]}
  b: {title: The second, after: [a], when: ok, role: team lead, form: [note of it]}
  c: {blocking: false, manual: 'not(ok)'}
  extra: {after: [papers gains a member]}
  call: {kind: process, calls: order, after: [a has exited by gone, any contact]}
  sub: {kind: case, calls: other, repeat: index < 3, repeat on: ended}
  out: {kind: external, calls: com.example.Send}
milestones: {reached: {after: [inner, b is started by hand], required: true}}
listeners:
  tick: {timer: '"PT1H"', repeat: index < 3, starts: [a]}
  call me: {roles: [team lead], when: ok}
"""


def demo_goals() -> Iterator[ServiceGoal]:
    for file in sorted(DEMO.glob("*.yaml")):
        if file.stem != "house":
            yield read_service_goal(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("goal", [*demo_goals(), read_service_goal(FULL)], ids=lambda goal: goal.service_goal)
def test_a_definition_written_as_cmmn_reads_as_it_was(goal: ServiceGoal) -> None:
    assert read_cmmn(write_cmmn(goal)).cases[0].goal == goal


def without_own(data: bytes) -> bytes:
    """The file as another tool would understand it."""
    root = etree.fromstring(data)
    for node in list(root.iter(f"{{{OWN}}}definition")):
        above = node.getparent()
        assert above is not None
        above.remove(node)
    return etree.tostring(root)


def test_the_elements_alone_say_what_cmmn_can_say() -> None:
    goal = read_service_goal(FULL)
    items, found = items_of(goal), items_of(read_cmmn(without_own(write_cmmn(goal))).cases[0].goal)
    assert set(found) == set(items) - {"call me"}
    assert {key: spec.repeat for key, spec in found.items()} == {key: items[key].repeat for key in found}
    assert {key: spec.required for key, spec in found.items()} == {key: items[key].required for key in found}
    assert found["inner"].enter[0].after == ("a has failed",)
    assert found["b"].enter[0].after == ("a",)
    assert found["b"].enter[0].when == "ok"
    assert set(found["call"].enter[0].after) == {"a has exited by gone", "any contact"}
    assert found["tick"] == items["tick"]
    assert found["whole"].exit == items["whole"].exit


def test_an_element_that_a_tool_has_changed_has_the_last_word() -> None:
    goal = read_service_goal(FULL)
    data = write_cmmn(goal).replace(b"count(papers) &gt; 2", b"count(papers) &gt; 5", 2)
    root = etree.fromstring(data)
    for body in root.iter("{*}body"):
        if body.text == "count(papers) > 2":
            body.text = "count(papers) > 5"
    found = read_cmmn(etree.tostring(root)).cases[0].goal
    assert found.tasks["a"].exit[0].when == "count(papers) > 5"
    assert found.tasks["b"] == goal.tasks["b"]


DIAGRAM = (
    '<d:CMMNDI xmlns:d="http://www.omg.org/spec/CMMN/20151109/CMMNDI"><d:CMMNDiagram><d:CMMNShape cmmnElementRef="a"/>'
    "</d:CMMNDiagram></d:CMMNDI>"
)


def drawn(inside: str) -> bytes:
    return model(inside).replace(b"</definitions>", DIAGRAM.encode() + b"</definitions>")


def test_a_file_is_written_back_as_it_was() -> None:
    data = drawn(guarded(f"{ON_A}<ifPart>{condition('${ok}')}</ifPart>") + '<x:y xmlns:x="elsewhere" a="b">t</x:y>')
    assert canonical(write_back(read_cmmn(data))) == canonical(data)


def changed(goal: ServiceGoal, key: str, **fields: object) -> ServiceGoal:
    task = msgspec.structs.replace(goal.tasks[key], **fields)
    return msgspec.structs.replace(goal, tasks={**goal.tasks, key: task})


def test_a_changed_item_is_changed_in_the_file_and_nothing_else() -> None:
    file = read_cmmn(drawn(guarded(ON_A)))
    goal = changed(file.cases[0].goal, "B", required="must", enter=(SentrySpec(after=("A has failed",), name="c"),))
    goal = msgspec.structs.replace(goal, facts={**goal.facts})
    written = write_back(file, {"it": goal})
    again = read_cmmn(written).cases[0].goal
    assert again.tasks["B"].required == "must"
    assert again.tasks["B"].enter[0].after == ("A has failed",)
    assert again.tasks["A"] == goal.tasks["A"]
    assert b"CMMNShape" in written


def test_an_item_is_added_to_its_stage_and_taken_out_of_it() -> None:
    file = read_cmmn(drawn(TWO.format("") + TASKS))
    goal = file.cases[0].goal
    plan = msgspec.structs.replace(goal.stages["Plan"], tasks=("A", "New"))
    tasks = {"A": goal.tasks["A"], "New": TaskSpec(kind="process", calls="order", manual=True)}
    written = write_back(file, {"it": msgspec.structs.replace(goal, tasks=tasks, stages={"Plan": plan})})
    again = read_cmmn(written).cases[0].goal
    assert again.stages["Plan"].tasks == ("A", "New")
    assert again.tasks["New"] == tasks["New"]
    assert "B" not in again.tasks
