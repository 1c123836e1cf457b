"""Activities: what begins when a token comes to one (BPMN 2.0.2 §13.2)."""

from datetime import datetime
from typing import Any, Final

from caseloom.engine.decision.published import evaluate as decide
from caseloom.engine.decision.published import inputs_of
from caseloom.engine.feel import NOW, Fault, Note, Value
from caseloom.engine.flow import events as e
from caseloom.engine.flow import loops
from caseloom.engine.flow.compiler import implicit_starts
from caseloom.engine.flow.host import TaskGiven
from caseloom.engine.flow.messages import say
from caseloom.engine.flow.plan import Step
from caseloom.engine.flow.run import (
    DEEPEST,
    Run,
    Token,
    complete,
    end_flow,
    fail,
    hold,
    keep,
    outputs_of,
    pass_on,
    rest,
    set_variable,
    ways_from,
)
from caseloom.engine.flow.state import ROOT, Flow, Work
from caseloom.engine.flow.timers import TimerFault, counts, later
from caseloom.engine.flow.variables import FlowScope, evaluate, wire_of
from caseloom.engine.flow.waits import (
    Kept,
    WaitFault,
    add_waits,
    boundary_waits,
    look_at_node,
    scope_waits,
    starters_of,
    waits_of,
)
from caseloom.engine.spec.values import ValueFault, from_tagged

NOTHING_GIVEN: Final = TaskGiven("", (), None, {})
RETRIES: Final = 3
"""How often a worker may fail where the process does not say."""


def enter(run: Run, flow: Flow, token: Token) -> None:
    """A token comes to an activity."""
    step = token.step
    if step.loop is not None and not token.instance:
        loops.begin(run, flow, token)
        return
    if step.passes and not token.instance and token.returns < 0:
        _at_once(run, flow, token)
        return
    try:
        variables = _inputs(run, flow, token)
        waits = boundary_waits(run, flow, token.scope, step) if step.boundary and not token.instance else []
        _BEGIN.get(step.kind, _begin_nothing)(run, flow, token, variables, waits)
    except (WaitFault, ValueFault, TimerFault) as fault:
        hold(run, flow, token, str(fault))


def _at_once(run: Run, flow: Flow, token: Token) -> None:
    step = token.step
    why = _decide(run, flow, token.scope, token.scope, step)
    if why:
        hold(run, flow, token, why)
        return
    ways = ways_from(run, flow, token.scope, step)
    if step.out and not ways:
        hold(run, flow, token, "None of the ways on has a condition that holds, and none is the default.")
    else:
        pass_on(run, flow, token, ways)


def _decide(run: Run, flow: Flow, seen_from: int, scope: int, step: Step) -> str:
    """Let a script or a decision be worked out, and keep its result; why that was not possible, or empty."""
    if step.script is not None:
        value = evaluate(run.host, flow, seen_from, step.script)
        if isinstance(value, Fault):
            return f"The script could not be worked out: {value.message}"
    elif step.decision is not None:
        notes: list[Note] = []
        value = _by_decision(run, flow, seen_from, step, notes)
        if isinstance(value, Fault) or (value is None and notes):
            reasons = value.message if isinstance(value, Fault) else "; ".join(map(str, notes))
            return f"“{step.decision[1]}” could not be decided: {reasons}"
    else:
        return ""
    return set_variable(run, flow, scope, step.spec.result, value, step.id) if step.spec.result else ""


def _by_decision(run: Run, flow: Flow, seen_from: int, step: Step, notes: list[Note]) -> Any:
    if step.decision is None:
        return None
    published, name = step.decision
    around = FlowScope(run.host.scope, flow, seen_from)
    given: dict[str, Value] = {one.name: around[one.name] for one in inputs_of(published.model, name)}
    value = decide(published.model, name, {**given, NOW: run.host.now}, notes)
    return _mapped(value, step.spec.map_result)


def _mapped(value: Any, how: str) -> Any:
    """A decision's result as the process wants it (Camunda's `mapDecisionResult`)."""
    first = value[0] if isinstance(value, list | tuple) and value else value
    if how == "singleEntry":
        return next(iter(first.values()), None) if isinstance(first, dict) else first
    if how == "singleResult":
        return first
    if how in ("collectEntries", "resultList") and not isinstance(value, list | tuple):
        return [] if value is None else [value]
    if how == "collectEntries":
        return [next(iter(one.values()), None) if isinstance(one, dict) else one for one in value]
    return value


def _inputs(run: Run, flow: Flow, token: Token) -> dict[str, Any]:
    """The variables of its own that an activity begins with, in wire form. Raises `ValueFault`."""
    step = token.step
    variables: dict[str, Any] = {}
    if not (step.inputs or token.instance):
        return variables
    if token.instance and step.loop is not None:
        variables = loops.variables_of(step.loop, flow.nodes[token.scope], token.instance)
    own: dict[str, Value] = {name: from_tagged(value) for name, value in variables.items()}
    own["loopCounter"] = from_tagged(["number", str(token.instance)]) if token.instance else None
    for target, source in step.inputs:
        value = evaluate(run.host, flow, token.scope, source, own if token.instance or variables else None)
        variables[target] = wire_of(value)
        own[target] = value
    return variables


# --- each kind --------------------------------------------------------------------------------------------------------


def _begin_nothing(run: Run, flow: Flow, token: Token, variables: dict[str, Any], waits: list[Kept]) -> None:
    """What is done as it comes: a script, a decision, an abstract or manual task; else a worker's."""
    step = token.step
    if step.kind not in ("task", "manualTask") and step.script is None and step.decision is None:
        _begin_work(run, flow, token, variables, waits)
        return
    node = rest(run, flow, token, waits=tuple(waits), variables=variables)
    why = _decide(run, flow, node.id, node.id if step.outputs else node.scope, step)
    if why:
        fail(run, flow, node, why)
    else:
        complete(run, flow, node)


def _begin_user_task(run: Run, flow: Flow, token: Token, variables: dict[str, Any], waits: list[Kept]) -> None:
    given = NOTHING_GIVEN if token.step.plain else _given(run, flow, token, variables)
    item = run.host.open_task(flow, flow.last + 1, token.step, given)
    node = rest(run, flow, token, waits=tuple(waits), variables=variables, item=item)
    if waits:
        look_at_node(run, flow, node)


def _given(run: Run, flow: Flow, token: Token, variables: dict[str, Any]) -> TaskGiven:
    step = token.step
    own = {name: from_tagged(value) for name, value in variables.items()}
    around = FlowScope(run.host.scope, flow, token.scope, own)
    due = step.due.evaluate(around) if step.due is not None else None
    return TaskGiven(
        _text(step.assignee.evaluate(around)) if step.assignee is not None else "",
        _texts(step.candidates.evaluate(around)) if step.candidates is not None else (),
        _due(run, due) if step.due is not None else None,
        {name: source.evaluate(around) for name, source in step.fields},
        counts("duration", due) == "business",
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(one for one in value if isinstance(one, str) and one)
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else ()


def _due(run: Run, value: object) -> datetime | None:
    """A due date that says nothing sensible is none: it is no reason to hold the work."""
    if isinstance(value, datetime):
        return value
    try:
        return later(run.host, run.host.now, value)
    except TimerFault:
        return None


def _begin_work(run: Run, flow: Flow, token: Token, variables: dict[str, Any], waits: list[Kept]) -> None:
    step = token.step
    retries = RETRIES
    if step.retries is not None:
        given = evaluate(run.host, flow, token.scope, step.retries)
        text = str(given)
        retries = int(text) if text.isdigit() else RETRIES
    work = Work(step.spec.topic or step.id, max(retries, 1))
    node = rest(run, flow, token, waits=tuple(waits), variables=variables, work=work)
    if waits:
        look_at_node(run, flow, node)


def _begin_service(run: Run, flow: Flow, token: Token, variables: dict[str, Any], waits: list[Kept]) -> None:
    script = token.step.script is not None and not token.step.spec.topic
    (_begin_nothing if script else _begin_work)(run, flow, token, variables, waits)


def _begin_send(run: Run, flow: Flow, token: Token, variables: dict[str, Any], waits: list[Kept]) -> None:
    """A send task says its message, unless a worker sends it (§13.2.2)."""
    step = token.step
    message = next((one for one in step.definitions if one.spec.kind == "message" and one.spec.name), None)
    if step.spec.topic or message is None or message.spec.topic:
        _begin_work(run, flow, token, variables, waits)
        return
    node = rest(run, flow, token, waits=tuple(waits), variables=variables)
    why = say(run, flow, token, message, {name: from_tagged(value) for name, value in variables.items()})
    if why:
        fail(run, flow, node, why)
    else:
        complete(run, flow, node)


def _begin_receive(run: Run, flow: Flow, token: Token, variables: dict[str, Any], waits: list[Kept]) -> None:
    own = list(waits_of(run, flow, token.scope, token.step))
    if not own:
        raise WaitFault(f"“{token.step.title}” names no message that it could receive.")
    rest(run, flow, token, waits=(*own, *waits), variables=variables)


def _begin_scope(run: Run, flow: Flow, token: Token, variables: dict[str, Any], waits: list[Kept]) -> None:
    step = token.step
    node = rest(run, flow, token, waits=tuple(waits), variables=variables)
    inside = scope_waits(run, flow, node.id, step)
    if inside:
        add_waits(run, flow, node, inside)
    if token.start:
        start = next(one for one in step.starts if one.id == token.start)
        for name, value in outputs_of(run, flow, node.id, start, token.given).items():
            if run.host.declares(name):
                set_variable(run, flow, node.id, name, value, start.id)
            else:
                keep(run, flow, node, name, value)
        run.tokens.append(Token(flow.id, node.id, start))
    elif step.start is not None:
        run.tokens.append(Token(flow.id, node.id, step.start))
    else:
        for one in implicit_starts(step):
            run.tokens.append(Token(flow.id, node.id, one))
    run.dirty[flow.id, node.id] = None
    look_at_node(run, flow, node)


def _begin_ad_hoc(run: Run, flow: Flow, token: Token, variables: dict[str, Any], waits: list[Kept]) -> None:
    """People begin what is in it, when they see fit (§10.3.5, ad-hoc)."""
    rest(run, flow, token, waits=tuple(waits), variables=variables)


def _begin_call(run: Run, flow: Flow, token: Token, variables: dict[str, Any], waits: list[Kept]) -> None:
    step = token.step
    called = evaluate(run.host, flow, token.scope, step.called) if step.called is not None else None
    if not isinstance(called, str) or run.host.plan(called) is None:
        hold(run, flow, token, f"It calls the process “{called}”, which is not there. Publish it, then try again.")
        return
    if _depth(run, flow) >= DEEPEST:
        hold(run, flow, token, f"{DEEPEST} processes have called one another; a process seems to call itself.")
        return
    node = rest(run, flow, token, waits=tuple(waits), variables=variables)
    given = _all_variables(flow, node.id) if step.spec.inherits else dict(node.variables)
    start_flow(run, called, caller=flow, caller_node=node.id, variables=given)


def _all_variables(flow: Flow, node: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    number = node
    while number >= ROOT:
        found = {**flow.nodes[number].variables, **found}
        number = flow.nodes[number].scope
    return found


def _depth(run: Run, flow: Flow) -> int:
    depth = 1
    while flow.caller and flow.caller in run.host.flows:
        flow = run.host.flows[flow.caller]
        depth += 1
    return depth


_BEGIN: Final = {
    "userTask": _begin_user_task,
    "serviceTask": _begin_service,
    "sendTask": _begin_send,
    "receiveTask": _begin_receive,
    "callActivity": _begin_call,
    "subProcess": _begin_scope,
    "transaction": _begin_scope,
    "adHocSubProcess": _begin_ad_hoc,
}


# --- whole flows ------------------------------------------------------------------------------------------------------


def start_flow(
    run: Run,
    process: str,
    *,
    item: int = 0,
    caller: Flow | None = None,
    caller_node: int = 0,
    variables: dict[str, Any] | None = None,
) -> Flow | None:
    """Begin a process: at its none start event, or waiting for one of the events that may start it (§13.2). None where
    the definition has no such process.
    """
    plan = run.host.plan(process)
    if plan is None:
        return None
    number = run.host.next_flow()
    run.host.emit(
        e.FlowStarted(
            flow=number,
            process=process,
            item=item,
            caller=caller.id if caller is not None else 0,
            caller_node=caller_node,
            private=e.KeysPrivate(variables=variables or {}),
        )
    )
    flow, root = run.host.flows[number], plan.root
    for name, source in root.inputs:
        if name not in flow.nodes[ROOT].variables:
            set_variable(run, flow, ROOT, name, evaluate(run.host, flow, ROOT, source), "")
    try:
        waits = scope_waits(run, flow, ROOT, root)
        if root.start is None:
            waits += [wait for step in starters_of(root) for wait in waits_of(run, flow, ROOT, step)]
    except WaitFault as fault:
        first = root.start or (root.starts or root.inner)[0]
        hold(run, flow, Token(number, ROOT, first), str(fault))
        return flow
    if waits:
        add_waits(run, flow, flow.nodes[ROOT], waits)
    if root.start is not None:
        run.tokens.append(Token(number, ROOT, root.start))
    elif not root.starts:
        for step in implicit_starts(root):
            run.tokens.append(Token(number, ROOT, step))
    look_at_node(run, flow, flow.nodes[ROOT])
    return flow


def called_ended(run: Run, flow: Flow, caller: Flow) -> None:
    """A called process has completed: its outputs come back, and the call activity is done (§13.2.3)."""
    node = caller.nodes[flow.caller_node]
    step = run.step(caller, node)
    values: dict[str, Any] = {}
    if step.spec.returns:
        values = {name: from_tagged(value) for name, value in flow.nodes[ROOT].variables.items()}
    for target, source in step.outputs:
        values[target] = evaluate(run.host, flow, ROOT, source)
    end_flow(run, flow, "completed")
    for name, value in values.items():
        why = set_variable(run, caller, node.scope, name, value, step.id)
        if why:
            fail(run, caller, node, why)
            return
    complete(run, caller, node, handed=True)
