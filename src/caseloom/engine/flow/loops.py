"""Loops and multi-instance activities (BPMN 2.0.2 §13.2.5 to §13.2.7): a body node around instances that are numbered
from 1.
"""

from collections.abc import Mapping
from typing import Any, Final

from caseloom.engine.feel import is_true
from caseloom.engine.flow import events as e
from caseloom.engine.flow.plan import LoopPlan
from caseloom.engine.flow.run import Run, Token, complete, fail, hold, rest, set_variable, terminate_inside
from caseloom.engine.flow.state import Flow, Loop, Node
from caseloom.engine.flow.variables import FlowScope, evaluate, explained, wire_of
from caseloom.engine.flow.waits import WaitFault, boundary_waits, look_at_node
from caseloom.engine.spec.values import ValueFault, from_tagged

MOST_INSTANCES: Final = 10_000


class LoopFault(ValueError):
    """How often a loop is to run could not be worked out."""


def begin(run: Run, flow: Flow, token: Token) -> None:
    """A token comes to an activity with a loop marker: its body begins, with its first instance or all."""
    loop = token.step.loop
    if loop is None:
        return
    try:
        state = _state(run, flow, token.scope, loop)
        waits = boundary_waits(run, flow, token.scope, token.step)
    except (LoopFault, WaitFault) as fault:
        hold(run, flow, token, str(fault))
        return
    body = rest(run, flow, token, waits=tuple(waits), loop=state)
    count = state.total if loop.spec.kind == "parallel" else min(state.total, 1) if state.total >= 0 else 1
    if state.total < 0 and loop.spec.test_before and not _again(run, flow, body, loop, state):
        count = 0
    if count == 0:
        _finish(run, flow, body, loop)
        return
    _move(run, flow, body, state, started=count)
    for index in range(1, count + 1):
        run.tokens.append(Token(flow.id, body.id, token.step, instance=index))
    look_at_node(run, flow, body)


def variables_of(loop: LoopPlan, body: Node, index: int) -> dict[str, Any]:
    """What an instance has of its own: its member of the collection."""
    members = body.loop.members if body.loop is not None else ()
    return {loop.spec.element: members[index - 1]} if loop.spec.element and members else {}


def left(run: Run, flow: Flow, node: Node, how: str) -> None:
    """An instance is done: the next one, or the end of the loop."""
    body = flow.nodes.get(node.scope)
    if body is None or body.loop is None:
        return
    step = run.step(flow, body)
    loop = step.loop
    if loop is None:
        return
    _count(run, flow, node, body, loop, how)
    state = body.loop
    if loop.completion is not None and is_true(evaluate(run.host, flow, body.id, loop.completion)):
        terminate_inside(run, flow, body)
        _finish(run, flow, body, loop)
    elif loop.spec.kind == "parallel":
        if not body.children:
            _finish(run, flow, body, loop)
    elif _more(run, flow, body, loop, state):
        _move(run, flow, body, state, started=state.started + 1)
        run.tokens.append(Token(flow.id, body.id, step, instance=state.started + 1))
    else:
        _finish(run, flow, body, loop)


def _state(run: Run, flow: Flow, scope: int, loop: LoopPlan) -> Loop:
    if loop.spec.kind == "standard":
        return Loop(-1)
    if loop.collection is not None:
        value, why = explained(run.host, flow, scope, loop.collection)
        if not isinstance(value, list | tuple):
            raise LoopFault(f"“{loop.collection.text}” is no list. {why}".strip())
        _bounded(len(value))
        try:
            return Loop(len(value), members=tuple([wire_of(member) for member in value]))
        except ValueFault as fault:
            raise LoopFault(f"“{loop.collection.text}” holds what no variable may be: {fault}") from None
    if loop.cardinality is None:
        raise LoopFault("It says neither a number of instances nor a collection.")
    count, why = explained(run.host, flow, scope, loop.cardinality)
    try:
        number = int(count)
    except (TypeError, ValueError, OverflowError):
        raise LoopFault(f"“{loop.cardinality.text}” is no number of instances. {why}".strip()) from None
    _bounded(number)
    return Loop(max(number, 0))


def _bounded(count: int) -> None:
    if count > MOST_INSTANCES:
        raise LoopFault(f"{count} instances are too many; at most {MOST_INSTANCES} are taken.")


def _more(run: Run, flow: Flow, body: Node, loop: LoopPlan, state: Loop) -> bool:
    return state.started < state.total if state.total >= 0 else _again(run, flow, body, loop, state)


def _again(run: Run, flow: Flow, body: Node, loop: LoopPlan, state: Loop) -> bool:
    """Whether a standard loop goes round once more."""
    if loop.spec.maximum is not None and state.started >= loop.spec.maximum:
        return False
    if state.started >= MOST_INSTANCES:
        return False
    return loop.condition is None or is_true(evaluate(run.host, flow, body.id, loop.condition))


def _move(run: Run, flow: Flow, body: Node, state: Loop, started: int) -> None:
    run.host.emit(
        e.LoopMoved(
            flow=flow.id,
            node=body.id,
            element=body.element,
            started=started,
            completed=state.completed,
            terminated=state.terminated,
        )
    )


def _count(run: Run, flow: Flow, node: Node, body: Node, loop: LoopPlan, how: str) -> None:
    state = body.loop or Loop(-1)
    done = how == "completed"
    output, adds = _output(run, flow, node, loop) if done else (None, False)
    run.host.emit(
        e.LoopMoved(
            flow=flow.id,
            node=body.id,
            element=body.element,
            started=state.started,
            completed=state.completed + done,
            terminated=state.terminated + (not done),
            adds=adds,
            private=e.ValuePrivate(output),
        )
    )


def _output(run: Run, flow: Flow, node: Node, loop: LoopPlan) -> tuple[Any, bool]:
    """What an instance that was just left adds to the output collection."""
    if loop.output is None or not loop.spec.output_collection:
        return None, False
    own = {name: from_tagged(value) for name, value in node.variables.items()}
    own.setdefault("loopCounter", from_tagged(["number", str(node.index)]))
    scope: Mapping[str, Any] = FlowScope(run.host.scope, flow, node.scope, own)
    try:
        return wire_of(loop.output.evaluate(scope)), True
    except ValueFault:
        return None, True


def _finish(run: Run, flow: Flow, body: Node, loop: LoopPlan) -> None:
    if loop.spec.output_collection and body.loop is not None:
        members = [from_tagged(member) for member in body.loop.outputs]
        why = set_variable(run, flow, body.scope, loop.spec.output_collection, members, body.element)
        if why:
            fail(run, flow, body, why)
            return
    complete(run, flow, body)
