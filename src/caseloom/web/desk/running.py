"""Where the flows of a case stand: their active steps by name, who or what each waits for, and what can be done."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec
from django.utils.translation import gettext as _

from caseloom.cases.queries import CaseView
from caseloom.engine.flow.plan import FlowPlan, Step
from caseloom.engine.flow.state import ROOT, Flow, Node, Wait
from caseloom.engine.rules.models import flows_in
from caseloom.web.words import ClockWords, clock_words, exact

Choice = tuple[str, str]
NO_PLACE: Final = ("boundaryEvent",)


class StepView(msgspec.Struct, frozen=True):
    """An active step. `depth` is how many sub-processes it stands in; `item` the task that a person does; `note` what
    keeps it from going on; `waits` what it waits for, in words; `offers` what can be begun in it.
    """

    node: int
    element: str
    title: str
    depth: int
    failed: bool
    note: str
    item: int
    waits: tuple[str, ...]
    clock: ClockWords | None
    work: bool
    offers: tuple[Choice, ...]
    ad_hoc: bool
    form: str
    messages: tuple[tuple[str, str], ...]
    """The messages that it waits for itself, each with the correlation key that finds it."""
    signals: tuple[str, ...]


class FlowView(msgspec.Struct, frozen=True):
    """A running process with its active steps in the order of the process."""

    id: int
    title: str
    steps: tuple[StepView, ...]
    drawn: bool

    @property
    def marks(self) -> str:
        """The elements that are active, for the drawing: those with an incident have a mark of their own."""
        return " ".join(f"{step.element}{'!' if step.failed else ''}" for step in self.steps)


def flow_views(view: CaseView, now: datetime) -> list[FlowView]:
    """The running flows, in the order in which they began."""
    known = [(flow, view.plan.flows.get(flow.process)) for flow in view.state.flows.values()]
    return [
        FlowView(flow.id, _title(plan), tuple(_steps(view, flow, plan, now)), _model(view, flow) is not None)
        for flow, plan in known
        if plan is not None
    ]


def drawing_of(view: CaseView, flow: int) -> tuple[str, int] | None:
    """The key and version of the flow model that a running flow was drawn in."""
    running = view.state.flows.get(flow)
    return _model(view, running) if running is not None else None


def flow_of_task(view: CaseView, flow: int, node: int) -> str:
    """The process that a task is a step of, or that it runs; empty for a task outside flows."""
    running = view.state.flows.get(flow) if node else None
    plan = view.plan.flows.get(running.process) if running is not None else None
    return _title(plan) if plan is not None else ""


def targets(view: CaseView, flow: int, scope: int) -> list[Choice]:
    """(id, title) of the elements on which a token can be put in a scope."""
    running = view.state.flows.get(flow)
    plan = view.plan.flows.get(running.process) if running is not None else None
    if running is None or plan is None or scope not in running.nodes:
        return []
    around = plan.steps.get(running.nodes[scope].element, plan.root)
    return [
        (step.id, _named(step))
        for step in around.inner
        if step.kind not in NO_PLACE and not step.spec.triggered_by_event
    ]


def _title(plan: FlowPlan) -> str:
    return plan.spec.name or plan.spec.id


def _named(step: Step) -> str:
    """A step by its name; one without, by what it is."""
    if step.spec.name:
        return step.title
    kinds = {
        "startEvent": _("the beginning"),
        "endEvent": _("the end"),
        "exclusiveGateway": _("a branching"),
        "inclusiveGateway": _("a branching"),
        "complexGateway": _("a branching"),
        "parallelGateway": _("a parallel branching"),
        "eventBasedGateway": _("a wait for what comes first"),
        "intermediateCatchEvent": _("a wait"),
    }
    return f"{kinds[step.kind]} ({step.id})" if step.kind in kinds else step.title


def _model(view: CaseView, flow: Flow) -> tuple[str, int] | None:
    used = {**flows_in(view.plan.house_models), **flows_in(view.plan.models)}
    found = ((key, one.version) for key, one in used.items() if flow.process in one.model.processes)
    return next(found, None)


def _steps(view: CaseView, flow: Flow, plan: FlowPlan, now: datetime) -> Iterator[StepView]:
    """What is active, sub-processes before what is in them."""
    for node, depth in _inside(flow, ROOT, 0):
        step = plan.steps.get(node.element)
        if step is not None:
            yield _step(view, flow, node, step, depth, now)


def _inside(flow: Flow, scope: int, depth: int) -> Iterator[tuple[Node, int]]:
    for node in flow.inside(scope):
        yield node, depth
        yield from _inside(flow, node.id, depth + 1)


def _step(view: CaseView, flow: Flow, node: Node, step: Step, depth: int, now: datetime) -> StepView:
    dues = [wait.due for wait in node.waits if wait.due is not None]
    return StepView(
        node=node.id,
        element=node.element,
        title=f"{_named(step)} ({node.index})" if node.index else _named(step),
        depth=depth,
        failed=node.status == "failed",
        note=node.note,
        item=node.item if node.item in view.state.items else 0,
        waits=tuple(_waits(view, flow, node, step)),
        clock=clock_words(min(dues), now) if dues else None,
        work=node.work is not None,
        offers=tuple((one.id, _named(one)) for one in _offered(step, node)),
        ad_hoc=step.kind == "adHocSubProcess" and node.status == "active" and node.loop is None,
        form=f"step-{flow.id}-{node.id}",
        messages=tuple(_messages(node)),
        signals=tuple(dict.fromkeys(wait.name for wait in node.waits if wait.kind == "signal")),
    )


def _messages(node: Node) -> Iterator[tuple[str, str]]:
    for place, wait in enumerate(node.waits):
        if wait.kind == "message":
            yield wait.name, node.keys[place] if place < len(node.keys) else ""


def _offered(step: Step, node: Node) -> list[Step]:
    """What may be begun now in an ad-hoc sub-process (BPMN 2.0.2 §10.3.5), as `engine.flow.steps.offered` says."""
    if step.kind != "adHocSubProcess" or node.status != "active" or node.loop is not None:
        return []
    if step.spec.ordering == "sequential" and node.children:
        return []
    return [one for one in step.inner if not one.into and one.kind != "boundaryEvent" and not one.spec.attached_to]


def _waits(view: CaseView, flow: Flow, node: Node, step: Step) -> Iterator[str]:
    """Who and what is waited for, a phrase each."""
    if node.item in view.state.items:
        yield _("waits for a person")
    if node.work is not None:
        yield _worked(node)
    if node.loop is not None and node.loop.total > 0:
        yield _("%(done)d of %(total)d done") % {"done": node.loop.completed, "total": node.loop.total}
    called = view.state.flows.get(node.flow) if node.flow else None
    if called is not None:
        plan = view.plan.flows.get(called.process)
        yield _("runs “%s”") % (_title(plan) if plan is not None else called.process)
    if node.arrived:
        yield _("waits for the other branches")
    for wait in node.waits:
        yield _waited(wait, wait.element == node.element or step.kind == "eventBasedGateway")


def _worked(node: Node) -> str:
    work = node.work
    if work is None:
        return ""
    if work.worker:
        until = exact(work.until) if work.until is not None else ""
        return _("the program “%(worker)s” works on it until %(until)s") % {"worker": work.worker, "until": until}
    return _("waits for a program that does “%s”") % work.topic


def _waited(wait: Wait, own: bool) -> str:
    """One thing that is waited for; what would come beside the step itself is said as such."""
    says = {
        "message": _("waits for the message “%s”") % wait.name,
        "signal": _("waits for the signal “%s”") % wait.name,
        "timer": _("until %s") % (exact(wait.due) if wait.due is not None else "?"),
        "conditional": _("waits until its condition holds"),
    }.get(wait.kind, _("waits for “%s”") % (wait.name or wait.kind))
    return says if own else _("or %s") % says
