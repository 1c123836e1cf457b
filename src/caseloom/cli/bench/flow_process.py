"""The process of `caseloom bench flow`, for us and for SpiffWorkflow alike: start, user task, exclusive gateway,
script, parallel split of two, join, user task, end.
"""

from datetime import UTC, datetime
from itertools import count
from typing import Final

from caseloom.engine.calendar import ALWAYS_OPEN
from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.decide import decide
from caseloom.engine.case.evolve import Stamp
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.engine.case.turn import Moment
from caseloom.engine.flow.published import PublishedFlow
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.flow import ElementSpec, FlowModel, ProcessSpec, SequenceFlowSpec
from caseloom.engine.spec.history import Event
from caseloom.engine.spec.service_goal import FactSpec, GoalSpec, HouseRules, ServiceGoal, TaskSpec

AGENT: Final = Actor("agent:1", "agent", "Ada", frozenset(("agent",)))
NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
WAYS: Final = (
    ("start", "ask"), ("ask", "enough"), ("enough", "reckon"), ("enough", "end"), ("reckon", "split"),
    ("split", "left"), ("split", "right"), ("left", "join"), ("right", "join"), ("join", "tell"), ("tell", "end"),
)  # fmt: skip
KINDS: Final = {
    "start": "startEvent", "ask": "userTask", "enough": "exclusiveGateway", "reckon": "scriptTask",
    "split": "parallelGateway", "left": "task", "right": "task", "join": "parallelGateway", "tell": "userTask",
    "end": "endEvent",
}  # fmt: skip


def process() -> ProcessSpec:
    elements = {id: ElementSpec(id=id, kind=kind) for id, kind in KINDS.items()}  # type: ignore[arg-type]
    elements["reckon"] = ElementSpec(id="reckon", kind="scriptTask", script="amount * 2", result="double")
    elements["enough"] = ElementSpec(id="enough", kind="exclusiveGateway", default="enough-end")
    flows = {
        f"{source}-{target}": SequenceFlowSpec(
            id=f"{source}-{target}",
            source=source,
            target=target,
            condition="amount > 100" if (source, target) == ("enough", "reckon") else None,
        )
        for source, target in WAYS
    }
    return ProcessSpec(id="bench", elements=elements, flows=flows)


def looping() -> ProcessSpec:
    """A flow that lives as long as one likes: its task comes again and again."""
    ways = (("begin", "merge"), ("merge", "round"), ("round", "more"), ("more", "merge"), ("more", "stop"))
    kinds = {
        "begin": "startEvent", "merge": "exclusiveGateway", "round": "userTask", "more": "exclusiveGateway",
        "stop": "endEvent",
    }  # fmt: skip
    elements = {id: ElementSpec(id=id, kind=kind) for id, kind in kinds.items()}  # type: ignore[arg-type]
    elements["more"] = ElementSpec(id="more", kind="exclusiveGateway", default="more-merge")
    flows = {
        f"{a}-{b}": SequenceFlowSpec(id=f"{a}-{b}", source=a, target=b, condition="amount < 0" if b == "stop" else None)
        for a, b in ways
    }
    return ProcessSpec(id="circle", elements=elements, flows=flows)


def plan() -> Plan:
    """A service goal whose one task runs the process; what is asked and reckoned are facts."""
    goal = ServiceGoal(
        service_goal="bench",
        title="Bench",
        customer_title="Bench",
        owner="team lead",
        team="",
        facts={"amount": FactSpec(type="number", initial=200), "double": FactSpec(type="number")},
        tasks={"run": TaskSpec(kind="flow", model="bench")},
        goals={"done": GoalSpec(title="Done")},
    )
    flows = {"bench": PublishedFlow(1, FlowModel(key="bench", processes={"bench": process()}))}
    return compile_plan(goal, HouseRules(house_rules="house", title="House"), flows)


class MemoryCase:
    """A case in memory that runs one instance of the process after the other."""

    def __init__(self, made: Plan | None = None) -> None:
        self.plan = made or plan()
        self.state = CaseState()
        self.events = 0
        self.stamp = Stamp(NOW, AGENT.id)
        self._moment = Moment(NOW, AGENT, lambda *_: self.plan, ALWAYS_OPEN, count(1_000))
        self.do(c.OpenCase(case=1, customer=1, service_goal="bench", version=1))

    def do(self, command: c.Command) -> tuple[Event, ...]:
        """Decide, settle and fold one command."""
        outcome = decide(self.state, command, self._moment)
        if isinstance(outcome, Refused):
            raise RuntimeError(outcome.message)
        self.state.rest()
        self.events += len(outcome)
        return outcome

    def instance(self) -> None:
        """One instance from start to end: three commands."""
        self.do(c.CreateTask(key="run"))
        self.do(c.CompleteTask(item=self.state.last))
        self.do(c.CompleteTask(item=self.state.last))
