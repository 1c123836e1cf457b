"""Running a process to its end, as `caseloom bpmn check` does: a driver answers every wait, by a seed."""

import random
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any, Final

import msgspec

from caseloom.engine.calendar import ALWAYS_OPEN
from caseloom.engine.case import commands as c
from caseloom.engine.case import flow_commands as f
from caseloom.engine.case.actor import PROGRAM
from caseloom.engine.case.decide import decide
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.engine.case.turn import Moment
from caseloom.engine.feel import Expression, tree
from caseloom.engine.feel.walk import children
from caseloom.engine.flow import events as e
from caseloom.engine.flow.plan import FlowPlan, Step
from caseloom.engine.flow.published import PublishedFlow
from caseloom.engine.flow.state import Flow, Node
from caseloom.engine.flow.steps import timers
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.flow import ElementSpec, FlowModel, ProcessSpec, SequenceFlowSpec
from caseloom.engine.spec.service_goal import GoalSpec, HouseRules, ServiceGoal, TaskSpec

NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
MOST_ACTS: Final = 600
"""Waits answered in one run."""
SEEDS: Final = 100
"""Runs of one process, so that its branches are taken."""
BLIND: Final = 10
"""The first runs answer by chance alone; later ones seek what no run has entered yet."""
HOUSE: Final = HouseRules(house_rules="house", title="House")


@dataclass
class Ran:
    """What became of a process: how it could not be published, or the runs that ended, and the elements that tokens
    entered in them.
    """

    process: str
    fault: str = ""
    ended: int = 0
    runs: int = 0
    entered: set[str] = field(default_factory=set)
    stuck: str = ""
    stand_ins: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it was published, and every run came to an end."""
        return not self.fault and self.runs > 0 and self.ended == self.runs


def run_process(model: FlowModel, process: str, seeds: Iterable[int] = range(SEEDS)) -> Ran:
    """Publish a process as a task of a service goal, and run it from start to end by each seed."""
    whole, stand_ins = _with_stand_ins(model)
    told = Ran(process, stand_ins=stand_ins)
    try:
        plan = _published(whole, process)
    except DefinitionFaulty as faulty:
        told.fault = str(faulty)
        return told
    wanted = set(plan.flows[process].steps) - {""}
    for seed in seeds:
        driver = Driver(plan, seed, told.entered if seed >= BLIND else wanted)
        told.runs += 1
        if driver.to_the_end():
            told.ended += 1
        elif not told.stuck:
            told.stuck = driver.stuck
        told.entered |= driver.entered.get(process, set())
        if told.entered >= wanted:
            break
    return told


def run_all(model: FlowModel) -> list[Ran]:
    """Every executable process of a model."""
    return [run_process(model, process.id) for process in model.processes.values() if process.executable]


def _published(model: FlowModel, process: str) -> Plan:
    goal = ServiceGoal(
        service_goal="check",
        title="Check",
        customer_title="Check",
        owner="nobody",
        team="",
        tasks={"run": TaskSpec(kind="flow", model="flows", flow=process)},
        goals={"done": GoalSpec(title="Done")},
    )
    return compile_plan(goal, HOUSE, {"flows": PublishedFlow(0, model)})


def _with_stand_ins(model: FlowModel) -> tuple[FlowModel, tuple[str, ...]]:
    """The model with a process for each that is called and stands in another file: what that does is the driver's."""
    missing: dict[str, ProcessSpec] = {}
    for process in model.processes.values():
        for element in process.elements.values():
            called = (element.called or "").strip()
            if called[:1] == '"' and (name := called.strip('"')) not in model.processes:
                missing[name] = _stand_in(name)
    if not missing:
        return model, ()
    return FlowModel(key=model.key, processes={**model.processes, **missing}), tuple(sorted(missing))


def _stand_in(name: str) -> ProcessSpec:
    elements = {
        "start": ElementSpec(id="start", kind="startEvent"),
        "done elsewhere": ElementSpec(id="done elsewhere", kind="serviceTask", topic=f"process:{name}"),
        "end": ElementSpec(id="end", kind="endEvent"),
    }
    pairs = (("start", "done elsewhere"), ("done elsewhere", "end"))
    flows = {f"{a}-{b}": SequenceFlowSpec(id=f"{a}-{b}", source=a, target=b) for a, b in pairs}
    return ProcessSpec(id=name, elements=elements, flows=flows)


class Driver:
    """One run: it looks for what the flow waits for, picks one by chance, and answers it."""

    def __init__(self, plan: Plan, seed: int, entered: Collection[str] = ()) -> None:
        self._plan = plan
        self._chance = random.Random(seed)  # noqa: S311 - a test's chance, to be had again
        self._state = CaseState()
        self._now = NOW
        self._ids = count(1_000)
        self.entered: dict[str, set[str]] = {}
        self.stuck = ""
        self._literals = _literals_of(plan.flows.values())
        self._sought = self._seek(entered)
        self._codes = sorted({code for flow in plan.flows.values() for code in _caught_in(flow)})

    def to_the_end(self) -> bool:
        """Open a case, begin the process, answer until no flow runs; False when it gets stuck, and `stuck` says how."""
        self._send(c.OpenCase(case=1, customer=1, service_goal="check", version=1))
        self._send(c.CreateTask(key="run"))
        for _ in range(MOST_ACTS):
            if not self._state.flows:
                return True
            ways = list(self._ways())
            if not ways:
                break
            self._chance.shuffle(ways)
            if not any(self._send(command) for command in ways):
                break
        else:
            self.stuck = f"it has not ended after {MOST_ACTS} answers"
        if self._state.flows and not self.stuck:
            resting = {
                node.element for flow in self._state.flows.values() for node in flow.nodes.values() if node.element
            }
            self.stuck = f"it waits at {', '.join(sorted(resting)) or 'its start'}; {self._last}"
        return not self._state.flows

    _last = "nothing answers it"

    def _send(self, command: c.Command) -> bool:
        state = self._copied()
        moment = Moment(self._now, PROGRAM, lambda *_: self._plan, ALWAYS_OPEN, self._ids)
        if isinstance(command, c.TimerDue):
            due = self._timers()[command.timer]
            self._now = max(self._now, due)
            moment = Moment(self._now, PROGRAM, lambda *_: self._plan, ALWAYS_OPEN, self._ids)
        process_of = {flow.id: flow.process for flow in state.flows.values()}
        outcome = decide(state, command, moment)
        if isinstance(outcome, Refused):
            self._last = outcome.message
            return False
        for event in outcome:
            if isinstance(event, e.FlowStarted):
                process_of[event.flow] = event.process
            elif isinstance(event, e.NodeEntered | e.ElementPassed):
                self.entered.setdefault(process_of[event.flow], set()).add(event.element)
        state.rest()
        self._state = state
        return True

    def _copied(self) -> CaseState:
        return msgspec.msgpack.decode(msgspec.msgpack.encode(self._state), type=CaseState, strict=False)

    def _timers(self) -> dict[str, datetime]:
        return timers(self._state.flows)

    def _ways(self) -> Iterator[c.Command]:
        """What could be done now."""
        for flow in self._state.flows.values():
            for node in flow.nodes.values():
                yield from self._of_node(flow, node)
        due = sorted((moment, name) for name, moment in self._timers().items())
        if due:
            yield c.TimerDue(timer=due[0][1])

    def _of_node(self, flow: Flow, node: Node) -> Iterator[c.Command]:
        step = self._plan.flows[flow.process].steps[node.element]
        if node.status == "failed":
            yield f.RetryStep(flow=flow.id, node=node.id, values=self._values(), reason="the driver gives other values")
        elif node.item:
            form = self._state.items[node.item].form
            yield from self._preset(flow, node)
            yield c.CompleteTask(item=node.item, facts={**self._values(), **{name: self._fact(name) for name in form}})
        elif node.work is not None:
            done = f.CompleteWork(flow=flow.id, node=node.id, values=self._values())
            errors = [f.ThrowFromWork(flow=flow.id, node=node.id, kind=kind, code=code) for kind, code in self._codes]
            # An error is the rarer answer, so that what comes behind is reached too.
            yield self._chance.choice(errors) if errors and self._chance.random() < 0.2 else done
        elif step.kind == "adHocSubProcess":
            yield from self._ad_hoc(flow, node, step)
        for wait, key in zip(node.waits, node.keys or ("",) * len(node.waits), strict=False):
            if wait.kind == "message":
                yield f.CorrelateMessage(name=wait.name, key=key, values=self._values())
            elif wait.kind == "signal":
                yield f.BroadcastSignal(name=wait.name, values=self._values())
            elif wait.kind == "conditional":
                yield from self._preset(flow, node)

    def _preset(self, flow: Flow, node: Node) -> Iterator[c.Command]:
        """A person or another system changes what the flow may wait for."""
        facts = {name: self._fact(name) for name in self._values() if name in self._plan.facts}
        if facts and self._chance.random() < 0.3:
            yield c.SetFacts(facts=facts)

    def _ad_hoc(self, flow: Flow, node: Node, step: Step) -> Iterator[c.Command]:
        for inner in step.inner:
            if not inner.into and inner.kind != "boundaryEvent":
                yield f.StartStep(flow=flow.id, node=node.id, element=inner.id)
        if self._chance.random() < 0.3:
            yield f.FinishSteps(flow=flow.id, node=node.id)

    def _fact(self, name: str) -> Any:
        spec = self._plan.facts[name]
        if spec.choices:
            return self._chance.choice(spec.choices)
        known = [one for one in self._literals.get(name, ()) if _fits(spec.type, one)]
        if known:
            return self._chance.choice(known)
        return {
            "number": 1, "boolean": self._chance.random() < 0.5, "date": "2026-03-02", "time": "10:00",
            "date and time": "2026-03-02T10:00:00Z", "money": "10 EUR", "days and time duration": "P1D",
            "years and months duration": "P1Y", "object": {},
        }.get(spec.type, [] if spec.type.startswith("list") else "x")  # fmt: skip

    def _values(self) -> dict[str, Any]:
        """A value for each name that a condition reads, of those that conditions compare it with; mostly those that
        lead to what is sought.
        """
        found = {
            name: self._fact(name) if name in self._plan.facts else self._chance.choice(choices)
            for name, choices in self._literals.items()
            if choices
        }
        return {**found, **self._sought} if self._chance.random() < 0.8 else found

    def _seek(self, entered: Collection[str]) -> dict[str, Any]:
        """Values under which some of the ways are open that lead to elements which were not entered."""
        conditions = [
            way.condition
            for flow in self._plan.flows.values()
            for step in flow.steps.values()
            for way in step.out
            if way.condition is not None and way.target.id not in entered
        ]
        if not conditions:
            return {}
        wanted = self._chance.sample(conditions, min(len(conditions), self._chance.randrange(1, 4)))
        names = sorted({name for condition in wanted for name in condition.reads})
        best: tuple[int, dict[str, Any]] = (0, {})
        for _ in range(60):
            tried = {name: self._chance.choice(self._literals[name]) for name in names if self._literals.get(name)}
            open_ways = sum(condition.evaluate(_Given(tried)) is True for condition in wanted)
            best = max(best, (open_ways, tried), key=lambda one: one[0])
        return {name: value for name, value in best[1].items() if name not in self._plan.facts}


class _Given(dict[str, Any]):
    """Values by name; null for all others."""

    def __missing__(self, name: str) -> None:
        return None


def _caught_in(plan: FlowPlan) -> Iterator[tuple[Any, str]]:
    """The errors and escalations that something in a process catches."""
    for step in plan.steps.values():
        if step.kind in ("boundaryEvent", "startEvent"):
            yield from ((one.kind, one.name) for one in step.spec.definitions if one.kind in ("error", "escalation"))


def _fits(type_name: str, value: Any) -> bool:
    return {"number": Decimal, "boolean": bool, "text": str}.get(type_name) is type(value)


def _literals_of(plans: Iterable[FlowPlan]) -> dict[str, list[Any]]:
    """Name → what its values could sensibly be, by the conditions of all processes: a context for a name whose members
    are read, a list for what is walked over.
    """
    found: dict[str, dict[str, Any]] = {}
    for plan in plans:
        for step in plan.steps.values():
            for expression in _expressions(step):
                _collect(expression.tree, expression.reads, found)
            loop = step.loop
            if loop is not None and loop.collection is not None:
                for name in loop.collection.reads:
                    found.setdefault(name, {})["*"] = [["a", "b"]]
            for timer in (one.timer for one in step.definitions if one.timer is not None):
                for name in timer.reads:
                    found.setdefault(name, {})["*"] = ["PT1M"]
            if loop is not None and loop.cardinality is not None:
                for name in loop.cardinality.reads:
                    found.setdefault(name, {})["*"] = [Decimal(2)]
    return {name: _choices(parts) for name, parts in found.items()}


def _choices(parts: dict[str, Any]) -> list[Any]:
    own = list(parts.get("", ())) + list(parts.get("*", ()))
    members = {path: values for path, values in parts.items() if path not in ("", "*")}
    if members:
        size = max(len(values) for values in members.values())
        own += [_context(members, place) for place in range(size)]
    return own or [True, False]


def _context(members: dict[str, list[Any]], place: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for path, values in members.items():
        *above, last = path.split("\0")
        inner = made
        for name in above:
            inner = inner.setdefault(name, {}) if isinstance(inner.get(name, {}), dict) else {}
        inner[last] = values[place % len(values)]
    return made


def _expressions(step: Step) -> Iterator[Expression]:
    yield from (way.condition for way in step.out if way.condition is not None)
    yield from (one.condition for one in step.definitions if one.condition is not None)
    for one in (step.completion, step.activation, step.called):
        if one is not None:
            yield one
    if step.loop is not None:
        yield from (one for one in (step.loop.condition, step.loop.completion) if one is not None)


def _collect(node: tree.Node, reads: Collection[str], found: dict[str, dict[str, Any]]) -> None:
    """The paths that are read, each with the literals that it is compared with."""
    if isinstance(node, tree.Comparison):
        for one, other in ((node.left, node.right), (node.right, node.left)):
            path = _path(one)
            if path and path[0] in reads:
                _note(found, path, _literal(other) or (_NUMBERS if node.operator in _ORDERS else []))
    if isinstance(node, tree.Arithmetic):
        for one in (node.left, node.right):
            path = _path(one)
            if path and path[0] in reads:
                _note(found, path, _NUMBERS)
    path = _path(node)
    if path:
        if path[0] in reads:
            _note(found, path, [])
        return
    for child in children(node):
        _collect(child, reads, found)


def _note(found: dict[str, dict[str, Any]], path: list[str], values: list[Any]) -> None:
    known = found.setdefault(path[0], {}).setdefault("\0".join(path[1:]), [])
    known += [value for value in values if value not in known]
    if not known and not values:
        known += [True, False]
    elif values and known[:2] == [True, False] and not isinstance(values[0], bool):
        del known[:2]


_NUMBERS: Final = [Decimal(1), Decimal(2)]
_ORDERS: Final = ("<", "<=", ">", ">=")


def _path(node: tree.Node) -> list[str]:
    if isinstance(node, tree.Name):
        return [node.name]
    if isinstance(node, tree.Path):
        above = _path(node.base)
        return [*above, node.name] if above else []
    return []


def _literal(node: tree.Node) -> list[Any]:
    match node:
        case tree.Number(value=value):
            return [value, value + 1, value - 1]
        case tree.Text(value=text):
            return [text, text + "?"]
        case tree.Boolean():
            return [True, False]
        case _:
            return []
