"""Tokens on their way: what one turn does to the flows of a case (BPMN 2.0.2, chapter 13).

A token is an entry in `Run.tokens` while it moves, and a node of the flow where it rests; at the end of a turn none
moves. Each step of the way is an event, emitted through the host, which folds it at once. When no token moves any
more, the scopes that something has left are looked at: joins that wait for nobody any more, and scopes that are empty.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple

from caseloom.engine.feel import Value, is_true
from caseloom.engine.flow import events as e
from caseloom.engine.flow.host import Host
from caseloom.engine.flow.plan import FlowPlan, Sequence, Step
from caseloom.engine.flow.state import ROOT, Flow, FlowStatus, Loop, Node, NodeStatus, Wait, Work
from caseloom.engine.flow.variables import evaluate, owner, wire_of
from caseloom.engine.spec.values import ValueFault

STEP_BOUND: Final = 2_000
"""Elements entered in one turn. What has not come to rest by then is held, with an incident at the element."""
DEEPEST: Final = 20
"""Flows that call one another."""


class Token(NamedTuple):
    """A token that moves: to `step` in the scope node `scope`, by a sequence flow (empty where none leads)."""

    flow: int
    scope: int
    step: Step
    by: str = ""
    instance: int = 0
    """Of an instance of a loop: which one, from 1."""
    returns: int = -1
    """The compensating node that this is a piece of."""
    start: str = ""
    """Of an event sub-process: the start event that was triggered."""
    given: Mapping[str, Value] = {}
    """What that event has brought."""


_new: Final = tuple.__new__
"""Makes a token without looking for defaults: tokens are made for every step of every flow."""
_NO_KEYS: Final = e.KeysPrivate()
_NOTHING: Final[Mapping[str, Value]] = {}


class Run:
    """The flows of one turn."""

    __slots__ = ("_plans", "dirty", "host", "left", "names", "steps", "tokens")

    def __init__(self, host: Host) -> None:
        self.host = host
        self.tokens: deque[Token] = deque()
        self.dirty: dict[tuple[int, int], None] = {}
        """Scopes that something has left, in order."""
        self.names: dict[str, None] = {}
        """What has a new value, for the conditional events that read it."""
        self.left: deque[tuple[int, Node, str]] = deque()
        """Instances of loops and pieces of compensation that have been left, and how."""
        self.steps = 0
        self._plans: dict[int, FlowPlan] = {}

    def plan(self, flow: Flow) -> FlowPlan:
        """The process of a running flow. Raises `KeyError` when the definition has it no more."""
        known = self._plans.get(flow.id)
        if known is not None:
            return known
        plan = self.host.plan(flow.process)
        if plan is None:
            raise KeyError(flow.process)
        self._plans[flow.id] = plan
        return plan

    def step(self, flow: Flow, node: Node) -> Step:
        """The element that a node is an instance of."""
        return self.plan(flow).steps[node.element]

    def push(self, flow: int, scope: int, ways: Iterable[Sequence]) -> None:
        """Send a token along each of these sequence flows."""
        for way in ways:
            self.tokens.append(_new(Token, (flow, scope, way.target, way.id, 0, -1, "", _NOTHING)))

    def purge(self, flow: int, scope: int) -> None:
        """Take the moving tokens out of a scope."""
        self.tokens = deque(token for token in self.tokens if (token.flow, token.scope) != (flow, scope))


# --- going on ---------------------------------------------------------------------------------------------------------


def ways_from(run: Run, flow: Flow, scope: int, step: Step) -> tuple[Sequence, ...]:
    """The sequence flows that a token takes behind a step: all that have no condition or one that holds; else the
    default (§8.4.13, §13.2.1). Empty where it may not go on.
    """
    if not step.branches:
        return step.out
    taken = tuple(way for way in step.out if way is not step.default and open_to(run, flow, scope, way))
    return taken or ((step.default,) if step.default is not None else ())


def open_to(run: Run, flow: Flow, scope: int, way: Sequence) -> bool:
    """Whether the condition of a sequence flow holds, or it has none."""
    return way.condition is None or is_true(evaluate(run.host, flow, scope, way.condition))


def pass_on(run: Run, flow: Flow, token: Token, ways: tuple[Sequence, ...]) -> None:
    """A token passes an element without resting."""
    step, scope, number = token.step, token.scope, flow.id
    # It moves nothing in the state: no token rests.
    run.host.tell(
        e.ElementPassed(
            flow=number, element=step.id, kind=step.kind, scope=scope, taken=tuple([way.id for way in ways])
        )
    )
    if ways:
        run.push(number, scope, ways)
    else:
        run.dirty[number, scope] = None


def rest(
    run: Run,
    flow: Flow,
    token: Token,
    *,
    waits: tuple[tuple[Wait, str], ...] = (),
    variables: dict[str, Any] | None = None,
    item: int = 0,
    work: Work | None = None,
    loop: Loop | None = None,
    arrived: tuple[str, ...] = (),
    status: NodeStatus = "active",
    todo: tuple[int, ...] = (),
    todo_of: int = -1,
) -> Node:
    """A token comes to rest on an element."""
    step, number = token.step, flow.last + 1
    run.host.emit(
        e.NodeEntered(
            flow=flow.id,
            node=number,
            element=step.id,
            kind=step.kind,
            scope=token.scope,
            status=status,
            item=item,
            waits=tuple([wait for wait, _ in waits]),
            arrived=arrived,
            loop=loop,
            index=token.instance,
            work=work,
            todo=todo,
            todo_of=todo_of,
            returns=token.returns,
            private=e.KeysPrivate(keys_of(waits), variables or {}) if waits or variables else _NO_KEYS,
        )
    )
    return flow.nodes[number]


def keys_of(waits: Iterable[tuple[Wait, str]]) -> tuple[str, ...]:
    """The correlation keys of waits; nothing where none has one."""
    keys = tuple([key for _, key in waits])
    return keys if any(keys) else ()


def complete(
    run: Run, flow: Flow, node: Node, how: Literal["completed", "skipped"] = "completed", handed: bool = False
) -> None:
    """What rested on an element is done: its outputs are handed on (unless they are already), and its token goes on."""
    step, scope = run.step(flow, node), node.scope
    if step.outputs and not handed and how == "completed" and node.loop is None and not give_outputs(run, flow, node):
        return
    inner = node.index > 0 or node.returns >= 0
    ways = () if inner else ways_from(run, flow, scope, step)
    if not ways and step.out and not inner:
        fail(run, flow, node, "None of the ways on has a condition that holds, and none is the default.")
        return
    run.host.emit(
        e.NodeLeft(
            flow=flow.id,
            node=node.id,
            element=step.id,
            kind=step.kind,
            how=how,
            taken=tuple([way.id for way in ways]),
            compensable=step.compensable and how == "completed" and not inner,
        )
    )
    if node.returns >= 0 or node.index:
        run.left.append((flow.id, node, how))
    elif ways:
        run.push(flow.id, scope, ways)
    run.dirty[flow.id, scope] = None


def give_outputs(run: Run, flow: Flow, node: Node, given: Mapping[str, Value] | None = None) -> bool:
    """Hand the outputs of an activity to the variables around it; False, with an incident, when that may not be."""
    step = run.step(flow, node)
    why = set_all(run, flow, node.scope, outputs_of(run, flow, node.id, step, given), step.id)
    if why:
        fail(run, flow, node, why)
    return not why


def outputs_of(
    run: Run, flow: Flow, seen_from: int, step: Step, given: Mapping[str, Value] | None = None
) -> dict[str, Any]:
    """What a step hands on: its output mappings, else all that it was given."""
    if not step.outputs:
        return dict(given or {})
    return {target: evaluate(run.host, flow, seen_from, source, given) for target, source in step.outputs}


def set_variable(run: Run, flow: Flow, scope: int, name: str, value: object, element: str) -> str:
    """Give a variable or a fact of the case a value; why that may not be, or empty."""
    holder = owner(run.host, flow, scope, name)
    if holder < 0:
        why = run.host.record(name, value, element)
        run.names[name] = None
        return why
    return keep(run, flow, flow.nodes[holder], name, value)


def keep(run: Run, flow: Flow, node: Node, name: str, value: object) -> str:
    """Give a node a variable of its own; why that may not be, or empty."""
    try:
        wire = wire_of(value)
    except ValueFault as fault:
        return f"“{name}” could not be set: {fault}"
    if name not in node.variables or node.variables[name] != wire:
        run.host.emit(e.VariableSet(flow=flow.id, node=node.id, name=name, private=e.ValuePrivate(wire)))
        run.names[name] = None
    return ""


def set_all(run: Run, flow: Flow, scope: int, values: Mapping[str, Value], element: str) -> str:
    """Give several; the first reason against one."""
    for name, value in values.items():
        why = set_variable(run, flow, scope, name, value, element)
        if why:
            return why
    return ""


# --- incidents --------------------------------------------------------------------------------------------------------


def fail(run: Run, flow: Flow, node: Node, message: str) -> None:
    """A step could not be done: it waits until somebody repairs what is wrong."""
    run.host.emit(e.IncidentRaised(flow=flow.id, node=node.id, element=node.element, private=e.MessagePrivate(message)))


def hold(run: Run, flow: Flow, token: Token, message: str) -> None:
    """A token cannot enter its element: it rests there with an incident."""
    arrived = (token.by,) if token.by else ()
    fail(run, flow, rest(run, flow, token._replace(returns=-1), arrived=arrived), message)


# --- ending -----------------------------------------------------------------------------------------------------------


def terminate(
    run: Run,
    flow: Flow,
    node: Node,
    how: Literal["terminated", "skipped", "compensated", "cancelled"] = "terminated",
    taken: tuple[Sequence, ...] = (),
) -> None:
    """Take the token from an element, with all that it has begun inside."""
    terminate_inside(run, flow, node)
    step = run.step(flow, node)
    run.host.emit(
        e.NodeLeft(
            flow=flow.id,
            node=node.id,
            element=node.element,
            kind=step.kind,
            how=how,
            taken=tuple([way.id for way in taken]),
        )
    )
    if node.item:
        run.host.close_task(node.item)
    called = run.host.flows.get(node.flow)
    if called is not None:
        end_flow(run, called, "terminated")
    run.push(flow.id, node.scope, taken)
    run.dirty[flow.id, node.scope] = None


def terminate_inside(run: Run, flow: Flow, node: Node, but: int = -1) -> None:
    """Take all tokens out of a scope."""
    if node.children:
        for child in flow.inside(node.id):
            if child.id != but:
                terminate(run, flow, child)
    run.purge(flow.id, node.id)


def end_flow(run: Run, flow: Flow, status: FlowStatus) -> None:
    """The process is over. Who called it goes on by itself."""
    terminate_inside(run, flow, flow.nodes[ROOT])
    run.host.emit(e.FlowEnded(flow=flow.id, process=flow.process, status=status))
    if not flow.caller:
        run.host.ended(flow, status)
