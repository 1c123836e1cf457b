"""Start, catch, throw and end events: what a token does on them (BPMN 2.0.2 §13.4, §13.5)."""

from collections.abc import Callable
from typing import Final

from caseloom.engine.flow import compensation, faults
from caseloom.engine.flow import events as e
from caseloom.engine.flow.compiler import link_target
from caseloom.engine.flow.messages import say
from caseloom.engine.flow.plan import Definition
from caseloom.engine.flow.run import Run, Token, hold, pass_on, rest, terminate_inside
from caseloom.engine.flow.state import Flow, Work
from caseloom.engine.flow.variables import evaluate, wire_of
from caseloom.engine.flow.waits import (
    WaitFault,
    deliver_signal,
    look_at_node,
    waits_of,
)
from caseloom.engine.spec.values import ValueFault


def start(run: Run, flow: Flow, token: Token) -> None:
    """A start event lets its token through."""
    pass_on(run, flow, token, token.step.out)


def catch(run: Run, flow: Flow, token: Token) -> None:
    """A token waits at an intermediate catch event until it comes (§13.4.2); a link is passed at once."""
    step = token.step
    try:
        waits = tuple(waits_of(run, flow, token.scope, step))
    except WaitFault as fault:
        hold(run, flow, token, str(fault))
        return
    if not waits:
        pass_on(run, flow, token, step.out)
        return
    look_at_node(run, flow, rest(run, flow, token, waits=waits))


def throw(run: Run, flow: Flow, token: Token) -> None:
    """An intermediate throw or end event brings about what its definitions say (§13.4.3, §13.5.3)."""
    for definition in token.step.definitions:
        if not _THROWS[definition.spec.kind](run, flow, token, definition):
            return
    pass_on(run, flow, token, token.step.out)


def _message(run: Run, flow: Flow, token: Token, definition: Definition) -> bool:
    spec = definition.spec
    if spec.topic or not spec.name:
        rest(run, flow, token, work=Work(spec.topic or token.step.id))
        return False
    given = {name: evaluate(run.host, flow, token.scope, source) for name, source in token.step.inputs}
    why = say(run, flow, token, definition, given)
    if why:
        hold(run, flow, token, why)
    return not why


def _signal(run: Run, flow: Flow, token: Token, definition: Definition) -> bool:
    given = {name: evaluate(run.host, flow, token.scope, source) for name, source in token.step.inputs}
    try:
        wires = {name: wire_of(value) for name, value in given.items()}
    except ValueFault as fault:
        hold(run, flow, token, str(fault))
        return False
    name = definition.spec.name
    run.host.emit(e.SignalThrown(flow=flow.id, element=token.step.id, name=name, private=e.VariablesPrivate(wires)))
    deliver_signal(run, name, given)
    return run.host.flows.get(flow.id) is flow and token.scope in flow.nodes


def _error(run: Run, flow: Flow, token: Token, definition: Definition) -> bool:
    """The scope in which an error end event stands is left by it (§13.5.3)."""
    _passed(run, flow, token)
    faults.throw(run, flow, flow.nodes[token.scope], "error", definition.spec.name, element=token.step.id)
    run.dirty[flow.id, token.scope] = None
    return False


def _escalation(run: Run, flow: Flow, token: Token, definition: Definition) -> bool:
    faults.throw(run, flow, flow.nodes[token.scope], "escalation", definition.spec.name, element=token.step.id)
    return run.host.flows.get(flow.id) is flow and token.scope in flow.nodes


def _terminate(run: Run, flow: Flow, token: Token, definition: Definition) -> bool:
    """All of the scope ends, the token with it (§13.5.3)."""
    _passed(run, flow, token)
    terminate_inside(run, flow, flow.nodes[token.scope])
    run.dirty[flow.id, token.scope] = None
    return False


def _cancel(run: Run, flow: Flow, token: Token, definition: Definition) -> bool:
    compensation.cancel(run, flow, token)
    return False


def _compensation(run: Run, flow: Flow, token: Token, definition: Definition) -> bool:
    compensation.throw(run, flow, token, definition.spec.activity)
    return False


def _link(run: Run, flow: Flow, token: Token, definition: Definition) -> bool:
    target = link_target(token.step, definition.spec.name)
    if target is None:
        hold(run, flow, token, f"No link catch event is named “{definition.spec.name}”.")
        return False
    _passed(run, flow, token)
    run.tokens.append(Token(flow.id, token.scope, target))
    return False


def _nothing(run: Run, flow: Flow, token: Token, definition: Definition) -> bool:
    """A timer or condition is not thrown."""
    return True


def _passed(run: Run, flow: Flow, token: Token) -> None:
    run.host.emit(e.ElementPassed(flow=flow.id, element=token.step.id, kind=token.step.kind, scope=token.scope))


_THROWS: Final[dict[str, Callable[[Run, Flow, Token, Definition], bool]]] = {
    "message": _message,
    "signal": _signal,
    "error": _error,
    "escalation": _escalation,
    "terminate": _terminate,
    "cancel": _cancel,
    "compensation": _compensation,
    "link": _link,
    "timer": _nothing,
    "conditional": _nothing,
}
