"""A small case around flows, for tests of what tokens do: it keeps facts and tasks, folds each event, and after each
step proves that the events alone rebuild the flows.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec

from caseloom.engine.calendar import ALWAYS_OPEN
from caseloom.engine.case.terms import later, term_of
from caseloom.engine.feel import Value
from caseloom.engine.flow import events as e
from caseloom.engine.flow import steps, waits
from caseloom.engine.flow.activities import start_flow
from caseloom.engine.flow.advance import advance
from caseloom.engine.flow.compiler import compile_flow
from caseloom.engine.flow.evolve import evolve
from caseloom.engine.flow.host import TaskGiven
from caseloom.engine.flow.plan import FlowPlan, Step
from caseloom.engine.flow.run import Run, set_variable
from caseloom.engine.flow.state import Flow, FlowStatus, Node
from caseloom.engine.flow.variables import wire_of
from caseloom.engine.spec.flow import ElementSpec, ProcessSpec, SequenceFlowSpec
from caseloom.engine.spec.history import Event
from caseloom.engine.spec.values import from_tagged

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def process(*elements: ElementSpec, flows: str = "", id: str = "p", **conditions: str) -> ProcessSpec:
    """A process from its elements and its sequence flows in short: `start > a > end; a > b [x = 1]; a >> c` (`>>` is a
    default flow). The id of a flow is `a>b`.
    """
    found: dict[str, SequenceFlowSpec] = {}
    defaults: dict[str, str] = {}
    for line in filter(None, (part.strip() for part in flows.split(";"))):
        path, _, condition = line.partition("[")
        names = path.replace(">>", "> !").split(">")
        for source, target in pairwise(names):
            source, default, target = source.strip(" !"), "!" in target, target.strip(" !")
            name = f"{source}>{target}"
            found[name] = SequenceFlowSpec(
                id=name, source=source, target=target, condition=condition.rstrip("] ") or None
            )
            if default:
                defaults[source] = name
    wired = {
        one.id: msgspec.structs.replace(one, default=defaults[one.id]) if one.id in defaults else one
        for one in elements
    }
    return ProcessSpec(id=id, elements=wired, flows=found)


def el(id: str, kind: str, **more: Any) -> ElementSpec:
    return ElementSpec(id=id, kind=kind, **more)  # type: ignore[arg-type]  # a test names the kinds of the spec


def feel(value: Any) -> Any:
    """A Python value as FEEL has it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return [feel(one) for one in value] if isinstance(value, list) else value


def felt(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: feel(value) for name, value in values.items()}


class World:
    """A host: facts are those in `facts`, everything else is a variable."""

    def __init__(self, *processes: ProcessSpec, facts: Mapping[str, Value] | None = None, **models: Any) -> None:
        known = [one.id for one in processes]
        self.plans: dict[str, FlowPlan] = {one.id: compile_flow(one, (), models, known) for one in processes}
        self.now = BEGIN
        self.flows: dict[int, Flow] = {}
        self.facts: dict[str, Any] = {name: feel(value) for name, value in (facts or {}).items()}
        self.tasks: dict[int, tuple[int, int, Step, TaskGiven]] = {}
        self.events: list[Event] = []
        self.over: list[tuple[int, FlowStatus]] = []
        self.forbidden: set[str] = set()
        self._last = 0

    # what a flow asks

    @property
    def scope(self) -> Mapping[str, Value]:
        return _Facts(self.facts)

    def emit(self, event: Event) -> None:
        evolve(self.flows, event)
        self.events.append(event)

    def plan(self, process: str) -> FlowPlan | None:
        return self.plans.get(process)

    def next_flow(self) -> int:
        self._last += 1
        return self._last

    def declares(self, name: str) -> bool:
        return name in self.facts

    def record(self, name: str, value: Value, element: str) -> str:
        if name in self.forbidden:
            return f"A rule forbids to set {name}."
        self.facts[name] = value
        return ""

    def open_task(self, flow: Flow, node: int, step: Step, given: TaskGiven) -> int:
        self._last += 1
        self.tasks[self._last] = (flow.id, node, step, given)
        return self._last

    def close_task(self, item: int) -> None:
        del self.tasks[item]

    def is_open(self, item: int) -> bool:
        return item in self.tasks

    zone = "UTC"

    def business_later(self, since: datetime, term: str) -> datetime:
        return later(ALWAYS_OPEN, since, term_of(term))

    def ended(self, flow: Flow, status: FlowStatus) -> None:
        self.over.append((flow.id, status))

    def tell(self, event: Event) -> None:
        self.emit(event)

    @property
    def waiting(self) -> tuple[list[object], list[object]]:
        return [], []

    # what a test does

    def begin(self, process: str = "p", **variables: Any) -> "World":
        wires = {name: wire_of(feel(value)) for name, value in variables.items()}
        return self._do(lambda run: start_flow(run, process, variables=wires))

    def do(self, *titles: str, **values: Any) -> "World":
        """Complete the open tasks of these element ids."""
        for title in titles:
            item = next(number for number, (_, _, step, _) in self.tasks.items() if step.id == title)
            flow, node, _, _ = self.tasks.pop(item)
            for name, value in values.items():
                if name in self.facts:
                    self.facts[name] = feel(value)
                else:
                    self._do(lambda run, flow=flow, name=name, value=value: _set(run, flow, name, feel(value)))
            self._do(lambda run, flow=flow, node=node: steps.task_done(run, flow, node, "completed"))
        return self

    def work(self, element: str, **given: Any) -> "World":
        node = self.node(element)
        return self._do(lambda run: steps.complete_work(run, self.flow_of(element).id, node.id, "", felt(given)))

    def error(self, element: str, code: str, kind: str = "error", **given: Any) -> "World":
        node, flow = self.node(element), self.flow_of(element).id
        return self._do(lambda run: steps.throw_from_work(run, flow, node.id, "", kind, code, "", given))  # type: ignore[arg-type]

    def message(self, name: str, key: str = "", **given: Any) -> bool:
        told: list[bool] = []
        self._do(lambda run: told.append(waits.deliver_message(run, name, key, felt(given))))
        return told[0]

    def signal(self, name: str, **given: Any) -> int:
        told: list[int] = []
        self._do(lambda run: told.append(waits.deliver_signal(run, name, felt(given))))
        return told[0]

    def set(self, **values: Any) -> "World":
        """Facts change from outside the flow."""
        self.facts.update({name: feel(value) for name, value in values.items()})

        def touched(run: Run) -> None:
            run.names.update(dict.fromkeys(values))

        return self._do(touched)

    def turn_clock(self, **length: float) -> "World":
        """Let time pass; every timer that comes is heard, the earliest first."""
        until = self.now + timedelta(**length)
        while True:
            due = sorted((moment, name) for name, moment in steps.timers(self.flows).items() if moment <= until)
            if not due:
                break
            self.now = due[0][0]
            name = due[0][1]
            self._do(lambda run, name=name: steps.timer_due(run, name))
        self.now = until
        return self

    def act(self, what: Any) -> "World":
        return self._do(what)

    def _do(self, what: Any) -> "World":
        run = Run(self)
        what(run)
        advance(run)
        self.check()
        return self

    def check(self) -> None:
        rebuilt: dict[int, Flow] = {}
        for event in self.events:
            evolve(rebuilt, event)
        assert rebuilt == self.flows
        for flow in self.flows.values():
            for node in flow.nodes.values():
                assert node.children == len(flow.inside(node.id))
                assert not node.item or node.item in self.tasks or node.status == "failed"
        open_items = {node.item for flow in self.flows.values() for node in flow.nodes.values() if node.item}
        assert set(self.tasks) <= open_items, "a task stands open that no flow waits for"

    # what a test sees

    def node(self, element: str) -> Node:
        return next(n for flow in self.flows.values() for n in flow.nodes.values() if n.element == element)

    def flow_of(self, element: str) -> Flow:
        return next(f for f in self.flows.values() if any(n.element == element for n in f.nodes.values()))

    @property
    def open(self) -> list[str]:
        """The elements of the open tasks."""
        return sorted(step.id for _, _, step, _ in self.tasks.values())

    @property
    def resting(self) -> list[str]:
        """The elements on which tokens rest."""
        return sorted(n.element for flow in self.flows.values() for n in flow.nodes.values() if n.element)

    @property
    def failed(self) -> list[str]:
        return sorted(n.element for f in self.flows.values() for n in f.nodes.values() if n.status == "failed")

    @property
    def trace(self) -> list[str]:
        """The elements in the order in which tokens left or passed them."""
        return [
            event.element
            for event in self.events
            if isinstance(event, e.ElementPassed) or (isinstance(event, e.NodeLeft) and event.how == "completed")
        ]

    @property
    def done(self) -> bool:
        return not self.flows and not self.tasks

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the only flow."""
        (flow,) = self.flows.values()
        return {name: from_tagged(value) for name, value in flow.nodes[0].variables.items()}


def _set(run: Run, flow: int, name: str, value: object) -> None:
    set_variable(run, run.host.flows[flow], 0, name, value, "")


class _Facts(dict[str, Any]):
    def __missing__(self, name: str) -> None:
        return None
