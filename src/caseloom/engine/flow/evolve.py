"""Fold the events of flows: a plain table of functions over the flows of a case."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from caseloom.engine.flow import events as e
from caseloom.engine.flow.state import ROOT, Done, Flow, Loop, Node, Work
from caseloom.engine.spec.history import Event

Flows = dict[int, Flow]


def evolve(flows: Flows, event: Event) -> None:
    """Fold `event` into the running flows, in place. Raises `KeyError` for one that does not belong to them."""
    FOLDS[type(event)](flows, event)


def rename_element(flow: Flow, before: str, element: str) -> None:
    """Another version of the process calls an element otherwise."""
    for node in flow.nodes.values():
        if node.element == before:
            node.element = element
        node.waits = tuple(
            [msgspec.structs.replace(wait, element=element) if wait.element == before else wait for wait in node.waits]
        )
        node.done, node.todo = (
            tuple([msgspec.structs.replace(one, element=element) if one.element == before else one for one in kept])
            for kept in (node.done, node.todo)
        )


def _flow_started(flows: Flows, ev: e.FlowStarted) -> None:
    root = Node(ROOT, "", waits=ev.waits, keys=ev.private.keys, variables=dict(ev.private.variables))
    flows[ev.flow] = Flow(ev.flow, ev.process, ev.item, ev.caller, ev.caller_node, {ROOT: root})
    caller = flows.get(ev.caller)
    if caller is not None:
        caller.nodes[ev.caller_node].flow = ev.flow


def _node_entered(flows: Flows, ev: e.NodeEntered) -> None:
    flow = flows[ev.flow]
    flow.last = ev.node
    node = Node(
        ev.node, ev.element, ev.scope, ev.status, ev.item, ev.waits, ev.private.keys, dict(ev.private.variables),
        ev.arrived, False, ev.loop, ev.index, 0, ev.work, returns=ev.returns,
    )  # fmt: skip
    flow.nodes[ev.node] = node
    flow.nodes[ev.scope].children += 1
    if ev.returns >= 0:
        compensator = flow.nodes[ev.returns]
        undone, *rest = compensator.todo
        compensator.todo = tuple(rest)
        if ev.status == "compensating":
            node.variables, node.todo = dict(undone.variables), undone.done[::-1]
    if ev.todo:
        scope = flow.nodes[ev.todo_of]
        kept = {one.node: one for one in scope.done}
        node.todo = tuple(kept[number] for number in ev.todo)
        scope.done = tuple(one for one in scope.done if one.node not in ev.todo)


def _node_left(flows: Flows, ev: e.NodeLeft) -> None:
    nodes = flows[ev.flow].nodes
    node = nodes.pop(ev.node)
    scope = nodes[node.scope]
    scope.children -= 1
    if ev.compensable:
        scope.done = (*scope.done, Done(node.id, node.element, node.variables, node.done))


def _element_passed(flows: Flows, ev: e.ElementPassed) -> None:
    if not ev.node:
        return
    nodes = flows[ev.flow].nodes
    node = nodes[ev.node]
    rest = list(node.arrived)
    for by in ev.joined:
        if by in rest:
            rest.remove(by)
    node.arrived = tuple(rest)
    if ev.resetting is not None:
        node.resetting = ev.resetting
    if not rest and not node.resetting:
        del nodes[ev.node]
        nodes[node.scope].children -= 1


def _token_arrived(flows: Flows, ev: e.TokenArrived) -> None:
    node = flows[ev.flow].nodes[ev.node]
    node.arrived = (*node.arrived, ev.by)


def _variable_set(flows: Flows, ev: e.VariableSet) -> None:
    flows[ev.flow].nodes[ev.node].variables[ev.name] = ev.private.value


def _waits_changed(flows: Flows, ev: e.WaitsChanged) -> None:
    node = flows[ev.flow].nodes[ev.node]
    node.waits, node.keys = ev.waits, ev.private.keys
    node.interrupted = node.interrupted or ev.interrupted


def _loop_moved(flows: Flows, ev: e.LoopMoved) -> None:
    node = flows[ev.flow].nodes[ev.node]
    loop = node.loop or Loop(-1)
    outputs = (*loop.outputs, ev.private.value) if ev.adds else loop.outputs
    node.loop = Loop(loop.total, ev.started, ev.completed, ev.terminated, loop.members, outputs)


def _incident_raised(flows: Flows, ev: e.IncidentRaised) -> None:
    node = flows[ev.flow].nodes[ev.node]
    node.status, node.note = "failed", ev.private.message


def _incident_resolved(flows: Flows, ev: e.IncidentResolved) -> None:
    node = flows[ev.flow].nodes[ev.node]
    node.status, node.note = "active", ""


def _work_moved(flows: Flows, ev: e.WorkMoved) -> None:
    node = flows[ev.flow].nodes[ev.node]
    topic = node.work.topic if node.work is not None else ""
    node.work = Work(topic, ev.retries, ev.worker, ev.until)


def _flow_ended(flows: Flows, ev: e.FlowEnded) -> None:
    del flows[ev.flow]


def _nothing(flows: Flows, ev: Any) -> None:
    """Told for the history alone."""


FOLDS: Final[dict[type[Event], Callable[[Flows, Any], None]]] = {
    e.FlowStarted: _flow_started,
    e.NodeEntered: _node_entered,
    e.NodeLeft: _node_left,
    e.ElementPassed: _element_passed,
    e.TokenArrived: _token_arrived,
    e.VariableSet: _variable_set,
    e.WaitsChanged: _waits_changed,
    e.LoopMoved: _loop_moved,
    e.IncidentRaised: _incident_raised,
    e.IncidentResolved: _incident_resolved,
    e.WorkMoved: _work_moved,
    e.StepTreated: _nothing,
    e.MessageThrown: _nothing,
    e.SignalThrown: _nothing,
    e.ErrorThrown: _nothing,
    e.FlowEnded: _flow_ended,
}
