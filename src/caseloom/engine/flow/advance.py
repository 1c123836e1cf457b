"""Let the flows of a case go on until every token rests (BPMN 2.0.2, chapter 13)."""

from collections.abc import Callable
from typing import Final

from caseloom.engine.flow import activities, catching, compensation, gateways, loops, steps
from caseloom.engine.flow.run import STEP_BOUND, Run, Token, complete, end_flow, fail, hold
from caseloom.engine.flow.state import ROOT, Flow, Node
from caseloom.engine.flow.waits import look_at_conditions, starters_of
from caseloom.engine.spec.flow import ElementKind

_ENTER: Final[dict[ElementKind, Callable[[Run, Flow, Token], None]]] = {
    "startEvent": catching.start,
    "boundaryEvent": catching.start,
    "intermediateCatchEvent": catching.catch,
    "intermediateThrowEvent": catching.throw,
    "endEvent": catching.throw,
    "exclusiveGateway": gateways.exclusive,
    "inclusiveGateway": gateways.inclusive,
    "parallelGateway": gateways.parallel,
    "eventBasedGateway": gateways.event_based,
    "complexGateway": gateways.complex_,
    "task": activities.enter,
    "userTask": activities.enter,
    "manualTask": activities.enter,
    "serviceTask": activities.enter,
    "sendTask": activities.enter,
    "receiveTask": activities.enter,
    "scriptTask": activities.enter,
    "businessRuleTask": activities.enter,
    "callActivity": activities.enter,
    "subProcess": activities.enter,
    "adHocSubProcess": activities.enter,
    "transaction": activities.enter,
}


def advance(run: Run) -> None:
    """Move tokens until all rest, or the case has something to look at first: call it again then."""
    flows = run.host.flows
    first, second = run.host.waiting
    while not (first or second):
        if run.left:
            _left(run, *run.left.popleft())
        elif run.tokens:
            token = run.tokens.popleft()
            flow = flows.get(token.flow)
            if flow is None or token.scope not in flow.nodes:
                continue
            run.steps += 1
            if run.steps > STEP_BOUND:
                hold(run, flow, token, f"It went round {STEP_BOUND} steps without anybody to wait for.")
            else:
                _ENTER[token.step.kind](run, flow, token)
        elif run.names:
            names = tuple(run.names)
            run.names.clear()
            look_at_conditions(run, names)
        elif run.dirty:
            place = next(iter(run.dirty))
            del run.dirty[place]
            _look_at_scope(run, *place)
        else:
            return


def at_rest(run: Run) -> bool:
    """Whether no token moves and nothing is to be looked at."""
    return not (run.left or run.tokens or run.dirty or run.names)


def _left(run: Run, number: int, node: Node, how: str) -> None:
    flow = run.host.flows.get(number)
    if flow is None:
        return
    if node.returns >= 0:
        compensation.left(run, flow, node)
    else:
        loops.left(run, flow, node, how)


def _look_at_scope(run: Run, number: int, scope: int) -> None:
    """No token moves any more: joins that wait for nobody fire, an empty scope is done, and what waits for tokens that
    cannot come any more is held.
    """
    flow = run.host.flows.get(number)
    node = flow.nodes.get(scope) if flow is not None else None
    if flow is None or node is None:
        return
    plan = run.plan(flow)
    if plan.steps[node.element].kind == "adHocSubProcess" and node.loop is None:
        steps.look_at_ad_hoc(run, flow, node)
        return
    if not node.children:
        _empty(run, flow, node)
        return
    if not plan.joins_in(node.element):
        return
    if gateways.look(run, flow, scope):
        run.dirty[number, scope] = None
        return
    for join in gateways.stuck(run, flow, scope):
        if join.status == "active":
            fail(run, flow, join, "It waits for tokens that cannot come any more.")


def _empty(run: Run, flow: Flow, node: Node) -> None:
    if node.id == ROOT:
        if not _waits_to_begin(run, flow, node):
            _end(run, flow)
    elif node.status == "compensating":
        compensation.finish(run, flow, node)
    elif node.loop is None and run.step(flow, node).kind in ("subProcess", "transaction") and node.status == "active":
        complete(run, flow, node)


def _waits_to_begin(run: Run, flow: Flow, node: Node) -> bool:
    starters = {step.id for step in starters_of(run.plan(flow).root)}
    return any(wait.element in starters for wait in node.waits)


def _end(run: Run, flow: Flow) -> None:
    caller = run.host.flows.get(flow.caller)
    if caller is not None and flow.caller_node in caller.nodes:
        activities.called_ended(run, flow, caller)
    else:
        end_flow(run, flow, "completed")
