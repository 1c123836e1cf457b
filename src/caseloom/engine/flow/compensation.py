"""Compensation: what has completed is undone by its handlers, the last one first (BPMN 2.0.2 §10.6, §13.4.5)."""

from caseloom.engine.flow import events as e
from caseloom.engine.flow.plan import Step
from caseloom.engine.flow.run import Run, Token, complete, rest, terminate, terminate_inside
from caseloom.engine.flow.state import ROOT, Flow, Node
from caseloom.engine.flow.waits import begin_event_sub_process


def throw(run: Run, flow: Flow, token: Token, activity: str, wait: bool = True) -> None:
    """A compensation event: the activity, or all of the scope, is undone; then the token goes on. Thrown in an event
    sub-process it means the scope around that.
    """
    scope = _meant(run, flow, token.scope)
    chosen = [one.node for one in reversed(flow.nodes[scope].done) if activity in ("", one.element)]
    node = rest(run, flow, token, todo=tuple(chosen), todo_of=scope)
    go_on(run, flow, node)


def cancel(run: Run, flow: Flow, token: Token) -> None:
    """The cancel end event of a transaction: what runs in it ends, what is done is undone, and the transaction is left
    by its cancel boundary event (§10.3.5, transaction).
    """
    scope = _transaction(run, flow, token.scope)
    if scope is None:
        complete(run, flow, rest(run, flow, token))
        return
    terminate_inside(run, flow, scope)
    chosen = tuple([one.node for one in reversed(scope.done)])
    own = token._replace(scope=scope.id)
    go_on(run, flow, rest(run, flow, own, todo=chosen, todo_of=scope.id))


def go_on(run: Run, flow: Flow, node: Node) -> None:
    """Undo the next of what a node has to, or let the node be done."""
    if not node.todo:
        _done(run, flow, node)
        return
    undone = node.todo[0]
    step = run.plan(flow).steps[undone.element]
    scope = node.scope if node.status != "compensating" else node.id
    if node.status != "compensating":
        scope = _meant(run, flow, node.scope)
    handler = next((event.handler for event in step.boundary if event.handler is not None), None)
    if handler is not None:
        run.tokens.append(Token(flow.id, scope, handler, returns=node.id))
        return
    again = rest(run, flow, Token(flow.id, scope, step, returns=node.id), status="compensating")
    start = _handler_inside(step)
    if start is not None:
        begin_event_sub_process(run, flow, again, start, {}, returns=-1)
    else:
        go_on(run, flow, again)


def left(run: Run, flow: Flow, node: Node) -> None:
    """A piece of compensation is done: the next one."""
    compensator = flow.nodes.get(node.returns)
    if compensator is not None:
        go_on(run, flow, compensator)


def finish(run: Run, flow: Flow, node: Node) -> None:
    """Nothing runs any more in a sub-process that is compensated: it is done."""
    _done(run, flow, node)


def _done(run: Run, flow: Flow, node: Node) -> None:
    step = run.step(flow, node)
    if any(one.spec.kind == "cancel" for one in step.definitions):
        _leave_transaction(run, flow, flow.nodes[node.scope])
    elif node.status == "compensating":
        run.host.emit(e.NodeLeft(flow=flow.id, node=node.id, element=node.element, kind=step.kind, how="compensated"))
        run.dirty[flow.id, node.scope] = None
        left(run, flow, node)
    else:
        complete(run, flow, node)


def _leave_transaction(run: Run, flow: Flow, scope: Node) -> None:
    step = run.step(flow, scope)
    event = next((one for one in step.boundary if any(d.spec.kind == "cancel" for d in one.definitions)), None)
    terminate(run, flow, scope, "cancelled")
    if event is not None:
        run.host.emit(
            e.ElementPassed(
                flow=flow.id,
                element=event.id,
                kind=event.kind,
                scope=scope.scope,
                taken=tuple([way.id for way in event.out]),
            )
        )
        run.push(flow.id, scope.scope, event.out)


def _meant(run: Run, flow: Flow, scope: int) -> int:
    """The scope whose activities a compensation event means."""
    node = flow.nodes[scope]
    step = run.plan(flow).steps[node.element]
    while step.spec.triggered_by_event and node.id != ROOT:
        node = flow.nodes[node.scope]
        step = run.plan(flow).steps[node.element]
    return node.id


def _transaction(run: Run, flow: Flow, scope: int) -> Node | None:
    number = scope
    while number != ROOT:
        node = flow.nodes[number]
        if run.plan(flow).steps[node.element].kind == "transaction":
            return node
        number = node.scope
    return None


def _handler_inside(step: Step) -> Step | None:
    """The compensation event sub-process of a sub-process."""
    for sub in step.events:
        for start in sub.starts:
            if any(one.spec.kind == "compensation" for one in start.definitions):
                return start
    return None
