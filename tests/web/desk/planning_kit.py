"""A house for tests of planning: a goal with two ways, a process with many kinds of steps, a stage to plan into."""

from caseloom.cases.queries import CaseView, read_case
from caseloom.engine.case.state import Item
from caseloom.engine.flow.state import Flow, Node
from caseloom.library.plans import the_plans
from caseloom.library.publishing import publish
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Answer
from caseloom.staff.models import Team
from caseloom.web.desk import people
from caseloom.web.desk.parts import part_title
from tests.streams.kit import PROGRAM, a_case, a_customer

HOUSE = """
house rules: house
title: The house
roles: {team lead: A team lead, supervisor: A supervisor}
teams: {money: Money, back: Back office}
"""
_PLACES = {
    "start": (40, 100, 36, 36), "check": (120, 78, 100, 80), "both": (260, 93, 50, 50), "transfer": (350, 20, 100, 80),
    "answer": (500, 42, 36, 36), "care": (350, 150, 190, 120), "call": (360, 170, 80, 60), "write": (450, 170, 80, 60),
    "join": (600, 93, 50, 50), "sum": (690, 93, 50, 50), "end": (840, 100, 36, 36), "late": (330, 82, 36, 36),
    "chase": (320, 300, 100, 80), "gone": (480, 322, 36, 36),
}  # fmt: skip
_ARROWS = {
    "f1": ("start", "check"), "f2": ("check", "both"), "f3": ("both", "transfer"), "f4": ("transfer", "answer"),
    "f5": ("answer", "join"), "f6": ("both", "care"), "f7": ("care", "join"), "f8": ("join", "sum"),
    "f9": ("sum", "end"), "f10": ("late", "chase"), "f11": ("chase", "gone"),
}  # fmt: skip
_CONDITIONS = {"f9": "<conditionExpression>${amount > 0}</conditionExpression>"}


def _drawn() -> str:
    shapes = "".join(
        f'<bpmndi:BPMNShape id="{name}_di" bpmnElement="{name}"{_open(name)}>'
        f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/></bpmndi:BPMNShape>'
        for name, (x, y, width, height) in _PLACES.items()
    )
    edges = "".join(
        f'<bpmndi:BPMNEdge id="{name}_di" bpmnElement="{name}">{_point(source)}{_point(target)}</bpmndi:BPMNEdge>'
        for name, (source, target) in _ARROWS.items()
    )
    plane = f'<bpmndi:BPMNPlane id="plane" bpmnElement="refund">{shapes}{edges}</bpmndi:BPMNPlane>'
    return f'<bpmndi:BPMNDiagram id="drawing">{plane}</bpmndi:BPMNDiagram>'


def _open(name: str) -> str:
    return ' isExpanded="true"' if name == "care" else ""


def _point(name: str) -> str:
    x, y, width, height = _PLACES[name]
    return f'<di:waypoint x="{x + width / 2}" y="{y + height / 2}"/>'


_SEQUENCES = "".join(
    f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{_CONDITIONS.get(name, "")}</sequenceFlow>'
    for name, (source, target) in _ARROWS.items()
)
FLOW = f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="refunds" targetNamespace="test"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI">
  <message id="m" name="bank answered"/>
  <process id="refund" name="Refund by the book" isExecutable="true">
    <startEvent id="start"/>
    <userTask id="check" name="Check the claim"/>
    <parallelGateway id="both"/>
    <serviceTask id="transfer" name="Transfer the money" camunda:type="external" camunda:topic="bank"/>
    <boundaryEvent id="late" attachedToRef="transfer" cancelActivity="false">
      <timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition>
    </boundaryEvent>
    <userTask id="chase" name="Chase the bank"/>
    <endEvent id="gone"/>
    <intermediateCatchEvent id="answer" name="The bank answers"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>
    <adHocSubProcess id="care" name="Care for the customer" ordering="Parallel">
      <userTask id="call" name="Call the customer"/>
      <userTask id="write" name="Write a card"/>
    </adHocSubProcess>
    <parallelGateway id="join"/>
    <exclusiveGateway id="sum" name="Is the sum known?"/>
    <endEvent id="end"/>
    {_SEQUENCES}
  </process>
  {_drawn()}
</definitions>
"""  # noqa: E501
GOAL = """
service goal: money back
title: The money is back
customer title: My money is back
owner: process owner
team: money
facts:
  name: {personal: true, from customer: name}
  amount: {type: number, label: Amount}
  reference: {type: text, label: Reference of the bank}
goals:
  returned:
    title: The money is back
    customer title: My money is back
    reached when: reference != null
    clock: {within: 5 days}
    options:
      by the book: {title: By the book, tasks: [refund]}
      by hand: {title: By hand, tasks: [tell the bank, pay back]}
  told:
    title: The customer knows
    need: optional
tasks:
  refund: {title: Refund by the book, kind: flow, model: refunds, flow: refund}
  tell the bank: {title: Tell the bank, required: true}
  pay back: {title: Pay it back, form: [reference], must: [reference], required: true}
  look into it: {title: Look into it}
  ask an expert: {title: Ask an expert, manual: true}
stages:
  inquiry:
    title: Inquiry
    tasks: [look into it]
    auto complete: false
    discretionary: [{item: ask an expert}]
listeners:
  came: {title: The receipt came}
rules:
  - The task "pay back" must not be done until the task "tell the bank" is done.
"""


def a_planning_house() -> None:
    """House rules, the process and the service goal, published; two teams."""
    the_plans.forget()
    for text in (HOUSE, FLOW, GOAL):
        answer = publish(PROGRAM, text)
        assert isinstance(answer, Answer), answer
    Team.objects.create(key="money", title="Money")
    Team.objects.create(key="back", title="Back office")
    people.staff_names.forget()  # type: ignore[attr-defined]
    people.active_staff.forget()  # type: ignore[attr-defined]
    people.team_titles.forget()  # type: ignore[attr-defined]


def a_refund(name: str = "Maria Keller") -> int:
    """A running case of it."""
    return a_case(a_customer(name), "money back", house_version=1, title="Money back, please")


def look(access: Access, case: int) -> CaseView:
    """The case as it stands."""
    view = read_case(access, case)
    assert view is not None
    return view


def goal_of(view: CaseView, key: str = "returned") -> int:
    found = view.state.goal_by_key(key)
    assert found is not None
    return found.id


def item_of(view: CaseView, title: str) -> Item:
    """The open task or stage of this title."""
    return next(item for item in view.state.items.values() if part_title(view, item) == title)


def step_of(view: CaseView, element: str) -> tuple[Flow, Node]:
    """The flow and the node at which this element is active."""
    found = [
        (flow, node)
        for flow in view.state.flows.values()
        for node in flow.nodes.values()
        if node.id and node.element == element
    ]
    return found[0]
