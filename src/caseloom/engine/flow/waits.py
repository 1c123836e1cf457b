"""Waiting: for messages, timers, signals and conditions, and what happens when they come (BPMN 2.0.2 §13.4)."""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, Final

from caseloom.engine.feel import Fault, Value, is_true
from caseloom.engine.feel.builtins.conversion import text_of
from caseloom.engine.flow import events as e
from caseloom.engine.flow.plan import Definition, Step
from caseloom.engine.flow.run import (
    Run,
    Token,
    complete,
    fail,
    give_outputs,
    hold,
    keys_of,
    outputs_of,
    pass_on,
    set_all,
    terminate,
    terminate_inside,
)
from caseloom.engine.flow.state import ROOT, Flow, Node, Wait
from caseloom.engine.flow.timers import TimerFault, again, counts, when
from caseloom.engine.flow.variables import evaluate

WAITING: Final = ("message", "timer", "signal", "conditional")
"""The events that a token waits for; the others are thrown at it."""
Kept = tuple[Wait, str]
"""A wait and its correlation key."""


class WaitFault(ValueError):
    """What is to be waited for could not be worked out."""


def waits_of(run: Run, flow: Flow, scope: int, step: Step) -> Iterator[Kept]:
    """What an event (or a receive task) waits for, seen from a scope. Raises `WaitFault`."""
    for definition in step.definitions:
        if definition.spec.kind in WAITING:
            yield _wait(run, flow, scope, step, definition)


def _wait(run: Run, flow: Flow, scope: int, step: Step, definition: Definition) -> Kept:
    spec, key = definition.spec, ""
    if definition.correlation is not None:
        key = key_text(evaluate(run.host, flow, scope, definition.correlation))
    if spec.timer is None or definition.timer is None:
        return Wait(step.id, spec.kind, spec.name), key
    value = evaluate(run.host, flow, scope, definition.timer)
    if isinstance(value, Fault):
        raise WaitFault(value.message)
    try:
        due, every, left = when(run.host, spec.timer.kind, value, run.host.now)
    except TimerFault as fault:
        raise WaitFault(f"“{step.title}”: {fault}") from None
    return Wait(step.id, "timer", "", due, every, left, counts(spec.timer.kind, value)), key


def key_text(value: Any) -> str:
    """A correlation key as it is compared: the text of the value."""
    return "" if value is None or isinstance(value, Fault) else str(text_of(value) or "")


def boundary_waits(run: Run, flow: Flow, scope: int, step: Step) -> list[Kept]:
    """What the events on an activity wait for while it is active."""
    return [wait for event in step.boundary for wait in waits_of(run, flow, scope, event)]


def scope_waits(run: Run, flow: Flow, scope: int, step: Step) -> list[Kept]:
    """What the event sub-processes of a scope wait for while it is active."""
    return [wait for sub in step.events for start in sub.starts for wait in waits_of(run, flow, scope, start)]


def change_waits(run: Run, flow: Flow, node: Node, kept: list[Kept], interrupted: bool = False) -> None:
    """What a node waits for from now on."""
    run.host.emit(
        e.WaitsChanged(
            flow=flow.id,
            node=node.id,
            element=node.element,
            waits=tuple([wait for wait, _ in kept]),
            interrupted=interrupted,
            private=e.KeysPrivate(keys_of(kept)),
        )
    )


def add_waits(run: Run, flow: Flow, node: Node, more: list[Kept]) -> None:
    """What a node waits for besides."""
    change_waits(run, flow, node, [*kept_of(node), *more])


def kept_of(node: Node) -> list[Kept]:
    """The waits of a node with their keys."""
    keys = node.keys or ("",) * len(node.waits)
    return list(zip(node.waits, keys, strict=False))


# --- when it comes ----------------------------------------------------------------------------------------------------


def occur(run: Run, flow: Flow, node: Node, place: int, given: Mapping[str, Value]) -> None:
    """What a node waits for (its wait number `place`) has come, and brings these values."""
    event = run.plan(flow).steps[node.waits[place].element]
    if event.id == node.element:
        _own(run, flow, node, place, event, given)
    elif event.kind == "boundaryEvent":
        _boundary(run, flow, node, place, event, given)
    elif event.parent is not None and event.parent.spec.triggered_by_event and event.kind == "startEvent":
        _event_sub_process(run, flow, node, place, event, given)
    elif node.id == ROOT:
        _begin(run, flow, node, place, event, given)
    else:
        _behind_gateway(run, flow, node, event, given)


def _without(node: Node, place: int) -> list[Kept]:
    return [kept for number, kept in enumerate(kept_of(node)) if number != place]


def _remaining(run: Run, node: Node, place: int, event: Step) -> list[Kept]:
    """What a node waits for after an event that does not end its waiting: a timer comes again if it is a cycle, all
    else may come again as it is. Raises `WaitFault`.
    """
    wait, key = kept_of(node)[place]
    if wait.kind != "timer":
        return kept_of(node)
    if not wait.every or wait.left == 0 or wait.due is None:
        return _without(node, place)
    try:
        due = again(run.host, wait.every, wait.due)
    except TimerFault as fault:
        raise WaitFault(f"“{event.title}”: {fault}") from None
    left = wait.left - 1 if wait.left > 0 else wait.left
    return [*_without(node, place), (Wait(wait.element, wait.kind, wait.name, due, wait.every, left, wait.counts), key)]


def _still_wanted(node: Node, place: int, event: Step) -> bool:
    """Of a parallel multiple event: whether others of its definitions have not come yet."""
    return event.spec.parallel_multiple and any(wait.element == event.id for wait, _ in _without(node, place))


def _own(run: Run, flow: Flow, node: Node, place: int, event: Step, given: Mapping[str, Value]) -> None:
    if not give_outputs(run, flow, node, given):
        return
    if _still_wanted(node, place, event):
        change_waits(run, flow, node, _without(node, place))
    else:
        complete(run, flow, node, handed=True)


def _boundary(run: Run, flow: Flow, node: Node, place: int, event: Step, given: Mapping[str, Value]) -> None:
    if _still_wanted(node, place, event):
        change_waits(run, flow, node, _without(node, place))
        return
    why = set_all(run, flow, node.scope, outputs_of(run, flow, node.scope, event, given), event.id)
    if why:
        fail(run, flow, node, why)
        return
    if event.spec.interrupting:
        terminate(run, flow, node)
    else:
        change_waits(run, flow, node, _remaining(run, node, place, event))
    pass_on(run, flow, Token(flow.id, node.scope, event), event.out)


def _event_sub_process(run: Run, flow: Flow, node: Node, place: int, start: Step, given: Mapping[str, Value]) -> None:
    if _still_wanted(node, place, start):
        change_waits(run, flow, node, _without(node, place))
    elif start.spec.interrupting:
        interrupt(run, flow, node)
        begin_event_sub_process(run, flow, node, start, given)
    else:
        change_waits(run, flow, node, _remaining(run, node, place, start))
        begin_event_sub_process(run, flow, node, start, given)


def interrupt(run: Run, flow: Flow, node: Node) -> None:
    """An interrupting event sub-process takes a scope over: what runs in it ends, and no other may take it again."""
    terminate_inside(run, flow, node)
    own = {step.id for step in run.plan(flow).steps[node.element].boundary}
    change_waits(run, flow, node, [kept for kept in kept_of(node) if kept[0].element in own], interrupted=True)


def begin_event_sub_process(
    run: Run, flow: Flow, node: Node, start: Step, given: Mapping[str, Value], returns: int = -1
) -> None:
    """Enter an event sub-process at the start event that was triggered."""
    if start.parent is not None:
        run.tokens.append(Token(flow.id, node.id, start.parent, returns=returns, start=start.id, given=given))


def starters_of(root: Step) -> list[Step]:
    """The events by which a process begins that has no none start event (§13.2): its start events with a trigger, what
    stands behind an instantiating event-based gateway, instantiating receive tasks.
    """
    found: list[Step] = []
    for step in root.starts:
        found += [way.target for way in step.out] if step.kind == "eventBasedGateway" else [step]
    return found


def _begin(run: Run, flow: Flow, node: Node, place: int, event: Step, given: Mapping[str, Value]) -> None:
    """An event that starts the process has come. The other starters may no more, unless all of a parallel event-based
    gateway have to (§10.6.6).
    """
    gateway = next((way.source for way in event.into if way.source.spec.parallel_events), None)
    together = {way.target.id for way in gateway.out} if gateway is not None else set()
    others = {step.id for step in starters_of(run.plan(flow).root)} - together
    if not _still_wanted(node, place, event):
        change_waits(run, flow, node, [kept for kept in _without(node, place) if kept[0].element not in others])
        set_all(run, flow, ROOT, outputs_of(run, flow, ROOT, event, given), event.id)
        pass_on(run, flow, Token(flow.id, ROOT, event), event.out)
    else:
        change_waits(run, flow, node, _without(node, place))


def _behind_gateway(run: Run, flow: Flow, node: Node, event: Step, given: Mapping[str, Value]) -> None:
    """The first event behind an event-based gateway has come: its way is taken (§13.3.4)."""
    way = next(way for way in run.step(flow, node).out if way.target is event)
    run.host.emit(
        e.NodeLeft(flow=flow.id, node=node.id, element=node.element, kind="eventBasedGateway", taken=(way.id,))
    )
    token = Token(flow.id, node.scope, event, way.id)
    why = set_all(run, flow, node.scope, outputs_of(run, flow, node.scope, event, given), event.id)
    if why:
        hold(run, flow, token, why)
    else:
        pass_on(run, flow, token, event.out)


# --- conditions -------------------------------------------------------------------------------------------------------


def look_at_conditions(run: Run, names: Iterable[str]) -> None:
    """Let the conditional events happen that read one of these names, and whose condition holds now (§10.5.5)."""
    for flow in list(run.host.flows.values()):
        plan = run.plan(flow)
        wanted = {step.id for name in names for step in plan.readers.get(name, ())}
        for node in list(flow.nodes.values()) if wanted else ():
            look_at_node(run, flow, node, wanted)


def look_at_node(run: Run, flow: Flow, node: Node, wanted: Container[str] | None = None) -> None:
    """Let those conditional events of a node happen whose condition holds."""
    if node.id not in flow.nodes or flow.nodes[node.id] is not node:
        return
    for place, wait in enumerate(node.waits):
        if wait.kind == "conditional" and (wanted is None or wait.element in wanted) and _holds(run, flow, node, wait):
            occur(run, flow, node, place, {})
            return


def _holds(run: Run, flow: Flow, node: Node, wait: Wait) -> bool:
    step = run.plan(flow).steps[wait.element]
    return any(
        one.condition is not None and is_true(evaluate(run.host, flow, node.id, one.condition))
        for one in step.definitions
    )


# --- what comes from outside ------------------------------------------------------------------------------------------


def find_wait(flows: Iterable[Flow], kind: str, name: str, key: str | None = None) -> tuple[Flow, Node, int] | None:
    """The first wait for a message or signal of this name; a message's correlation key is compared where it has one."""
    for flow in flows:
        for node in flow.nodes.values():
            for place, (wait, own) in enumerate(kept_of(node)):
                if wait.kind == kind and wait.name == name and (key is None or own in ("", key)):
                    return flow, node, place
    return None


def deliver_message(run: Run, name: str, key: str, given: Mapping[str, Value]) -> bool:
    """Give a message to the flow that waits for it; whether one did."""
    found = find_wait(run.host.flows.values(), "message", name, key)
    if found is not None:
        occur(run, *found, given)
    return found is not None


def deliver_signal(run: Run, name: str, given: Mapping[str, Value]) -> int:
    """Give a signal to all who wait for it now; how many did."""
    waiting = [
        (flow, node, place)
        for flow in run.host.flows.values()
        for node in flow.nodes.values()
        for place, wait in enumerate(node.waits)
        if wait.kind == "signal" and wait.name == name
    ]
    told = 0
    for flow, node, place in waiting:
        if run.host.flows.get(flow.id) is flow and flow.nodes.get(node.id) is node and place < len(node.waits):
            occur(run, flow, node, place, given)
            told += 1
    return told
