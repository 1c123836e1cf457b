"""Gateways: where a token goes on, and where tokens wait for each other (BPMN 2.0.2 §13.3)."""

from typing import Any

from caseloom.engine.feel import is_true
from caseloom.engine.flow import events as e
from caseloom.engine.flow.plan import Sequence, Step
from caseloom.engine.flow.run import Run, Token, hold, open_to, pass_on, rest, ways_from
from caseloom.engine.flow.state import Flow, Node
from caseloom.engine.flow.variables import evaluate, number_of
from caseloom.engine.flow.waits import waits_of

NO_WAY = "None of the ways on has a condition that holds, and none is the default."


def exclusive(run: Run, flow: Flow, token: Token) -> None:
    """The first way whose condition holds, else the default (§13.3.2). As a join it lets every token through."""
    step = token.step
    for way in step.out:
        if way is not step.default and open_to(run, flow, token.scope, way):
            pass_on(run, flow, token, (way,))
            return
    if step.default is not None:
        pass_on(run, flow, token, (step.default,))
    elif step.out:
        hold(run, flow, token, NO_WAY)
    else:
        pass_on(run, flow, token, ())


def parallel(run: Run, flow: Flow, token: Token) -> None:
    """A token from each way in, then one on each way out (§13.3.1). What comes twice waits for the next round."""
    step = token.step
    if not step.joins:
        pass_on(run, flow, token, step.out)
        return
    node = _waiting(flow, token)
    arrived = {*(node.arrived if node is not None else ()), token.by}
    if all(way.id in arrived for way in step.into):
        _fire(run, flow, token, node, tuple([way.id for way in step.into]), step.out)
    elif node is None:
        rest(run, flow, token, arrived=(token.by,))
        run.dirty[flow.id, token.scope] = None
    else:
        run.host.emit(e.TokenArrived(flow=flow.id, node=node.id, element=step.id, by=token.by))
        run.dirty[flow.id, token.scope] = None


def inclusive(run: Run, flow: Flow, token: Token) -> None:
    """As a join it waits while a token may still come by a way on which none has come (§13.3.3): that is seen when no
    token moves any more.
    """
    step = token.step
    if step.joins:
        _wait(run, flow, token)
        return
    ways = ways_from(run, flow, token.scope, step)
    if step.out and not ways:
        hold(run, flow, token, NO_WAY)
    else:
        pass_on(run, flow, token, ways)


def complex_(run: Run, flow: Flow, token: Token) -> None:
    """Fires when its activation condition holds for the tokens that have come (§13.3.5)."""
    if token.step.joins:
        _wait(run, flow, token)
    else:
        inclusive(run, flow, token)


def event_based(run: Run, flow: Flow, token: Token) -> None:
    """Waits for the first of the events behind it (§13.3.4)."""
    waits = tuple([wait for way in token.step.out for wait in waits_of(run, flow, token.scope, way.target)])
    rest(run, flow, token, waits=waits)


def look(run: Run, flow: Flow, scope: int) -> bool:
    """Look at the inclusive and complex joins of a scope; whether one has fired. Called when no token moves."""
    for node in flow.inside(scope):
        step = run.plan(flow).steps[node.element]
        if not step.joins or node.status != "active" or step.kind == "parallelGateway":
            continue
        if step.kind == "inclusiveGateway":
            fired = _look_inclusive(run, flow, node, step)
        else:
            fired = _look_complex(run, flow, node, step)
        if fired:
            return True
    return False


def stuck(run: Run, flow: Flow, scope: int) -> list[Node]:
    """The joins of a scope in which nothing else is left that could bring them a token."""
    inside = flow.inside(scope)
    steps = run.plan(flow).steps
    joins = [node for node in inside if steps[node.element].joins]
    return joins if joins and len(joins) == len(inside) else []


def _waiting(flow: Flow, token: Token) -> Node | None:
    for node in flow.nodes.values():
        if node.element == token.step.id and node.scope == token.scope and node.status == "active":
            return node
    return None


def _wait(run: Run, flow: Flow, token: Token) -> None:
    node = _waiting(flow, token)
    if node is None:
        rest(run, flow, token, arrived=(token.by,))
    else:
        run.host.emit(e.TokenArrived(flow=flow.id, node=node.id, element=token.step.id, by=token.by))
    run.dirty[flow.id, token.scope] = None


def _fire(
    run: Run,
    flow: Flow,
    token: Token,
    node: Node | None,
    joined: tuple[str, ...],
    ways: tuple[Sequence, ...],
    resetting: bool | None = None,
) -> None:
    """`joined` are the tokens that it takes; the one that moves, if it came just now, never rested."""
    step = token.step
    run.host.emit(
        e.ElementPassed(
            flow=flow.id,
            element=step.id,
            kind=step.kind,
            scope=token.scope,
            taken=tuple([way.id for way in ways]),
            node=node.id if node is not None else 0,
            joined=joined,
            resetting=resetting,
        )
    )
    run.push(flow.id, token.scope, ways)
    run.dirty[flow.id, token.scope] = None


def _may_still_come(run: Run, flow: Flow, node: Node, step: Step) -> bool:
    """Whether a token elsewhere in the scope can reach the gateway by a way on which none has come, and by none on
    which one has (§13.3.3).
    """
    came = set(node.arrived)
    for other in flow.inside(node.scope):
        if other.id == node.id or (other.element == node.element and other.status == "failed"):
            continue
        reaches = [way.id for way in step.into if other.element in step.reach[way.id]]
        if reaches and not any(way in came for way in reaches):
            return True
    return False


def _look_inclusive(run: Run, flow: Flow, node: Node, step: Step) -> bool:
    if _may_still_come(run, flow, node, step):
        return False
    token = Token(flow.id, node.scope, step)
    ways = ways_from(run, flow, node.scope, step)
    if step.out and not ways:
        from_here = tuple(dict.fromkeys(node.arrived))
        _fire(run, flow, token, node, from_here, ())
        hold(run, flow, token, NO_WAY)
        return True
    _fire(run, flow, token, node, tuple(dict.fromkeys(node.arrived)), ways)
    return True


def _look_complex(run: Run, flow: Flow, node: Node, step: Step) -> bool:
    token = Token(flow.id, node.scope, step)
    if not node.resetting:
        count = {"activationCount": number_of(len(node.arrived)), "waitingForStart": True}
        if step.activation is not None and not is_true(evaluate(run.host, flow, node.scope, step.activation, count)):
            return False
        ways = _complex_ways(run, flow, node, step, count)
        joined = tuple(dict.fromkeys(node.arrived))
        _fire(run, flow, token, node, joined, ways, resetting=_may_still_come(run, flow, node, step))
        return True
    if _may_still_come(run, flow, node, step):
        return False
    again = {"activationCount": number_of(len(node.arrived)), "waitingForStart": False}
    ways = tuple(way for way in _complex_ways(run, flow, node, step, again) if way.condition is not None)
    _fire(run, flow, token, node, node.arrived, ways, resetting=False)
    return True


def _complex_ways(run: Run, flow: Flow, node: Node, step: Step, count: dict[str, Any]) -> tuple[Sequence, ...]:
    return tuple(
        way
        for way in step.out
        if way.condition is None or is_true(evaluate(run.host, flow, node.scope, way.condition, count))
    )
