"""Errors and escalations: thrown at an element, caught by the nearest scope around it (BPMN 2.0.2 §13.4.4, §10.5.7)."""

from collections.abc import Mapping
from typing import Literal

from caseloom.engine.feel import Value
from caseloom.engine.flow import events as e
from caseloom.engine.flow.plan import Definition, Step
from caseloom.engine.flow.run import Run, Token, end_flow, pass_on, set_all, terminate
from caseloom.engine.flow.state import ROOT, Flow, Node
from caseloom.engine.flow.waits import begin_event_sub_process, interrupt

Kind = Literal["error", "escalation"]


def throw(
    run: Run,
    flow: Flow,
    start: Node,
    kind: Kind,
    code: str,
    message: str = "",
    given: Mapping[str, Value] | None = None,
    element: str = "",
) -> bool:
    """An error or escalation rises from `start` (an activity, or the scope in which it was thrown) until it is caught;
    whether somebody has. An error that nobody catches ends the whole flow as failed.
    """
    node = start
    while True:
        caught = _caught_by(run, flow, node, kind, code)
        if caught is not None:
            _tell(run, flow, element or start.element, kind, code, caught.id, message)
            _catch(run, flow, node, caught, kind, code, message, given or {})
            return True
        if node.id != ROOT:
            node = flow.nodes[node.scope]
            continue
        break
    caller = run.host.flows.get(flow.caller)
    _tell(run, flow, element or start.element, kind, code, "", message)
    if caller is not None:
        if kind == "error":
            end_flow(run, flow, "failed")
        return throw(run, caller, caller.nodes[flow.caller_node], kind, code, message, given)
    if kind == "error":
        end_flow(run, flow, "failed")
    return False


def _tell(run: Run, flow: Flow, element: str, kind: Kind, code: str, caught: str, message: str) -> None:
    private = e.MessagePrivate(message)
    run.host.emit(e.ErrorThrown(flow=flow.id, element=element, kind=kind, code=code, caught=caught, private=private))


def _caught_by(run: Run, flow: Flow, node: Node, kind: Kind, code: str) -> Step | None:
    """The event that catches it at a node: of an event sub-process in it, else on its border. One that names the code
    goes before one that takes any.
    """
    step = run.plan(flow).steps[node.element]
    inside = () if node.interrupted or node.loop is not None else tuple(s for sub in step.events for s in sub.starts)
    for events in (inside, () if node.index else step.boundary):
        for wanted in (code, ""):
            for event in events:
                for definition in event.spec.definitions:
                    if definition.kind == kind and definition.name == wanted:
                        return event
    return None


def _catch(
    run: Run,
    flow: Flow,
    node: Node,
    event: Step,
    kind: Kind,
    code: str,
    message: str,
    given: Mapping[str, Value],
) -> None:
    definition: Definition = next(one for one in event.definitions if one.spec.kind == kind)
    values: dict[str, Value] = dict(given)
    if definition.spec.code_variable:
        values[definition.spec.code_variable] = code
    if definition.spec.message_variable:
        values[definition.spec.message_variable] = message
    interrupting = event.spec.interrupting or kind == "error"
    if event.kind == "startEvent":
        if interrupting:
            interrupt(run, flow, node)
        begin_event_sub_process(run, flow, node, event, values)
        return
    set_all(run, flow, node.scope, values, event.id)
    if interrupting:
        terminate(run, flow, node)
    pass_on(run, flow, Token(flow.id, node.scope, event), event.out)
