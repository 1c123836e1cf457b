"""What people, workers and clocks do to a running flow: answer a wait, repair, move, leave out, repeat a step."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from caseloom.engine.feel import Value, is_true
from caseloom.engine.flow import events as e
from caseloom.engine.flow import faults
from caseloom.engine.flow.plan import Step
from caseloom.engine.flow.run import (
    Run,
    Token,
    complete,
    fail,
    give_outputs,
    terminate,
    terminate_inside,
)
from caseloom.engine.flow.state import ROOT, Flow, Node, Work
from caseloom.engine.flow.variables import evaluate
from caseloom.engine.flow.waits import WaitFault, occur


class StepRefused(ValueError):
    """A step cannot be treated so now; the words say why, and what can be done."""


def find(run: Run, flow: int, node: int) -> tuple[Flow, Node]:
    """A running flow and one of its nodes. Raises `StepRefused`."""
    found = run.host.flows.get(flow)
    if found is None:
        known = ", ".join(map(str, run.host.flows)) or "none"
        raise StepRefused(f"No flow {flow} runs in this case; it may have ended. Running are: {known}.")
    if node not in found.nodes or node == ROOT:
        known = (
            ", ".join(f"{one.id} ({run.step(found, one).title})" for one in found.nodes.values() if one.id) or "none"
        )
        raise StepRefused(f"The flow has no step {node} now; it may be done. Active are: {known}.")
    return found, found.nodes[node]


# --- waits ------------------------------------------------------------------------------------------------------------


def timer_name(flow: int, node: int) -> str:
    """The name of a node's timer among those of its case: of several the one that comes first."""
    return f"flow {flow} node {node}"


def first_due(node: Node) -> datetime | None:
    """When the first timer of a node comes; None where it has none."""
    return min((wait.due for wait in node.waits if wait.due is not None), default=None)


def timers(flows: Mapping[int, Flow]) -> dict[str, datetime]:
    """The timers of the running flows, with the moment at which each is due."""
    return {
        timer_name(flow.id, node.id): due
        for flow in flows.values()
        for node in flow.nodes.values()
        if (due := first_due(node)) is not None
    }


def timer_due(run: Run, name: str) -> bool:
    """A timer has come; False when none of this name waits."""
    for flow in run.host.flows.values():
        for node in flow.nodes.values():
            due = first_due(node) if timer_name(flow.id, node.id) == name else None
            if due is None:
                continue
            place = next(place for place, wait in enumerate(node.waits) if wait.due == due)
            try:
                occur(run, flow, node, place, {})
            except WaitFault as fault:
                fail(run, flow, node, str(fault))
            return True
    return False


def task_done(run: Run, flow: int, node: int, how: str) -> None:
    """A person's task has ended: completed, or cancelled, which leaves the step out and goes on behind it."""
    running = run.host.flows.get(flow)
    found = running.nodes.get(node) if running is not None else None
    if running is not None and found is not None:
        complete(run, running, found, "completed" if how == "completed" else "skipped")


# --- work outside -----------------------------------------------------------------------------------------------------


def work_of(run: Run, flow: int, node: int, worker: str = "") -> tuple[Flow, Node, Work]:
    """What a worker is to do at a node, where it is theirs. Raises `StepRefused`."""
    running, found = find(run, flow, node)
    if found.work is None:
        raise StepRefused(f"“{run.step(running, found).title}” is not done by a worker.")
    if worker and found.work.worker != worker:
        holder = f"it is locked by “{found.work.worker}”" if found.work.worker else "its lock has run out"
        raise StepRefused(f"“{worker}” has no lock on this work: {holder}. Fetch it again.")
    return running, found, found.work


def lock_work(run: Run, flow: int, node: int, worker: str, until: datetime) -> None:
    """A worker takes work for a time."""
    running, found, work = work_of(run, flow, node)
    if found.status == "failed":
        raise StepRefused("This work has failed too often. Repair what is wrong, then let it be tried again.")
    if work.until is not None and work.until > run.host.now:
        holder = f"“{work.worker}” has it" if work.worker else "it is put off"
        raise StepRefused(f"This work cannot be fetched now: {holder} until {work.until:%Y-%m-%d %H:%M:%S} UTC.")
    _move(run, running, found, work.retries, worker, until)


def extend_work(run: Run, flow: int, node: int, worker: str, until: datetime) -> None:
    """A worker keeps work for longer."""
    running, found, work = work_of(run, flow, node, worker)
    _move(run, running, found, work.retries, worker, until)


def complete_work(run: Run, flow: int, node: int, worker: str, given: Mapping[str, Value]) -> None:
    """Work is done, and gives these values: to the step's outputs, else to the variables around it. Without `worker` a
    person has done it by hand.
    """
    running, found, _ = work_of(run, flow, node, worker)
    step = run.step(running, found)
    if found.status == "failed":
        _resolve(run, running, found, "")
    values = dict(given)
    if step.spec.result and step.spec.result not in values and len(values) == 1 and not step.outputs:
        values = {step.spec.result: next(iter(values.values()))}
    if give_outputs(run, running, found, values):
        complete(run, running, found, handed=True)


def fail_work(
    run: Run, flow: int, node: int, worker: str, message: str, retries: int | None, not_before: datetime | None
) -> None:
    """A worker could not do it. With no tries left it becomes an incident."""
    running, found, work = work_of(run, flow, node, worker)
    left = max(retries if retries is not None else work.retries - 1, 0)
    _move(run, running, found, left, "", not_before, message)
    if left == 0:
        fail(run, running, found, message or "The worker could not do it.")


def throw_from_work(
    run: Run, flow: int, node: int, worker: str, kind: faults.Kind, code: str, message: str, given: Mapping[str, Value]
) -> None:
    """A worker reports a BPMN error, or an escalation."""
    running, found, _ = work_of(run, flow, node, worker)
    faults.throw(run, running, found, kind, code, message, given)


def _move(
    run: Run, flow: Flow, node: Node, retries: int, worker: str, until: datetime | None, message: str = ""
) -> None:
    run.host.emit(
        e.WorkMoved(
            flow=flow.id,
            node=node.id,
            element=node.element,
            retries=retries,
            worker=worker,
            until=until,
            private=e.MessagePrivate(message),
        )
    )


# --- people -----------------------------------------------------------------------------------------------------------


def retry(run: Run, flow: int, node: int, reason: str) -> None:
    """What was wrong is repaired: the step is tried again."""
    running, found = find(run, flow, node)
    if found.status != "failed":
        raise StepRefused(f"“{run.step(running, found).title}” has no incident.")
    _resolve(run, running, found, reason)
    step = run.step(running, found)
    if found.work is not None:
        _move(run, running, found, 1, "", None)
    elif found.item and not run.host.is_open(found.item):
        complete(run, running, found)
    elif found.waits or found.item or found.children or found.flow or found.loop is not None:
        run.dirty[running.id, found.id] = None
    elif found.arrived or not found.variables:
        arrived = found.arrived[0] if found.arrived else ""
        terminate(run, running, found, "skipped")
        run.tokens.append(Token(running.id, found.scope, step, arrived, found.index))
    else:
        complete(run, running, found)


def skip(run: Run, flow: int, node: int, reason: str = "") -> None:
    """Leave a step out: what it has begun ends, and the flow goes on behind it."""
    running, found = find(run, flow, node)
    _tell(run, running, found.element, "skipped", reason)
    terminate_inside(run, running, found)
    complete(run, running, found, "skipped")
    if found.item and found.id not in running.nodes:
        run.host.close_task(found.item)


def move(run: Run, flow: int, node: int, to: str, reason: str = "") -> None:
    """Take the token of a step to another element of the same scope."""
    running, found = find(run, flow, node)
    target = _element(run, running, found.scope, to)
    _tell(run, running, found.element, "moved", reason, to)
    terminate(run, running, found)
    run.tokens.append(Token(running.id, found.scope, target))


def repeat(run: Run, flow: int, element: str, scope: int = ROOT, reason: str = "") -> None:
    """Let a step be done once more, beside what runs."""
    running = run.host.flows.get(flow)
    if running is None or scope not in running.nodes:
        raise StepRefused(f"No flow {flow} runs in this case; it may have ended.")
    step = _element(run, running, scope, element)
    _tell(run, running, element, "repeated", reason)
    run.tokens.append(Token(running.id, scope, step))


def _tell(
    run: Run, flow: Flow, element: str, how: Literal["skipped", "moved", "repeated"], reason: str, to: str = ""
) -> None:
    private = e.MessagePrivate(reason)
    run.host.emit(e.StepTreated(flow=flow.id, element=element, how=how, to=to, private=private))


def _element(run: Run, flow: Flow, scope: int, element: str) -> Step:
    around = run.plan(flow).steps[flow.nodes[scope].element]
    found = next((step for step in around.inner if step.id == element), None)
    if found is None or found.kind == "boundaryEvent" or found.spec.triggered_by_event:
        known = ", ".join(step.id for step in around.inner if step.kind != "boundaryEvent")
        raise StepRefused(f"A token cannot be put on “{element}” here. It can on: {known}.")
    return found


def _resolve(run: Run, flow: Flow, node: Node, reason: str) -> None:
    run.host.emit(
        e.IncidentResolved(flow=flow.id, node=node.id, element=node.element, private=e.MessagePrivate(reason))
    )


# --- ad-hoc sub-processes ---------------------------------------------------------------------------------------------


def offered(run: Run, flow: Flow, node: Node) -> list[Step]:
    """What may be begun now in an ad-hoc sub-process (§10.3.5): in a sequential one, while nothing is active."""
    step = run.step(flow, node)
    if step.kind != "adHocSubProcess" or node.status != "active" or node.loop is not None:
        return []
    if step.spec.ordering == "sequential" and node.children:
        return []
    return [one for one in step.inner if not one.into and one.kind != "boundaryEvent" and not one.spec.attached_to]


def start_ad_hoc(run: Run, flow: int, node: int, element: str) -> None:
    """Begin something in an ad-hoc sub-process."""
    running, found = find(run, flow, node)
    offers = offered(run, running, found)
    chosen = next((step for step in offers if step.id == element), None)
    if chosen is None:
        known = ", ".join(step.id for step in offers) or "nothing"
        raise StepRefused(f"“{element}” cannot be begun here now. What can: {known}.")
    run.tokens.append(Token(running.id, found.id, chosen))


def finish_ad_hoc(run: Run, flow: int, node: int) -> None:
    """Somebody says that an ad-hoc sub-process is done."""
    running, found = find(run, flow, node)
    if run.step(running, found).kind != "adHocSubProcess":
        raise StepRefused(f"“{run.step(running, found).title}” is no ad-hoc sub-process.")
    if found.children and not run.step(running, found).spec.cancel_remaining:
        raise StepRefused("Something in it is still active. Finish or cancel that first.")
    terminate_inside(run, running, found)
    complete(run, running, found)


def look_at_ad_hoc(run: Run, flow: Flow, node: Node) -> None:
    """An ad-hoc sub-process completes when its condition says so."""
    step = run.step(flow, node)
    if node.status != "active" or step.completion is None:
        return
    if not is_true(evaluate(run.host, flow, node.id, step.completion)):
        return
    if node.children and not step.spec.cancel_remaining:
        return
    terminate_inside(run, flow, node)
    complete(run, flow, node)
