"""What flows did, in sentences of the timeline. What they did by themselves is folded, what waits is not."""

from collections.abc import Callable
from typing import Any, Final, Literal

from django.utils.translation import gettext as _

from caseloom.cases.queries import CaseView
from caseloom.engine.flow import events as f
from caseloom.engine.spec.history import Event

Kind = Literal["contact", "message", "note", "rating", "step", "goal", "system"]
Tell = Callable[[CaseView, Any], str]
_QUIET: Final = ("startEvent", "endEvent", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway")


def element_title(view: CaseView, process: str, element: str) -> str:
    """What a step of a process is called."""
    plan = view.plan.flows.get(process)
    step = plan.steps.get(element) if plan is not None else None
    return step.title if step is not None else element


def _title(view: CaseView, event: Any) -> str:
    flow = view.state.flows.get(event.flow)
    if flow is not None:
        return element_title(view, flow.process, event.element)
    # The flow has ended: its process is the one that has this element.
    found = (plan for plan in view.plan.flows.values() if event.element in plan.steps)
    plan = next(found, None)
    return plan.steps[event.element].title if plan is not None else str(event.element)


def _process(view: CaseView, process: str) -> str:
    plan = view.plan.flows.get(process)
    return (plan.spec.name if plan is not None else "") or process


def _passed(view: CaseView, event: f.ElementPassed) -> str:
    return "" if event.kind in _QUIET else _("passed “%s”") % _title(view, event)


def _left(view: CaseView, event: f.NodeLeft) -> str:
    title = _title(view, event)
    return {
        "skipped": _("left “%s” out") % title,
        "compensated": _("undid “%s”") % title,
        "cancelled": _("called “%s” off") % title,
        "completed": "" if event.kind in ("userTask", *_QUIET) else _("“%s” is done") % title,
    }.get(event.how, "")


def _entered(view: CaseView, event: f.NodeEntered) -> str:
    if event.work is not None:
        return _("“%s” waits for a program") % _title(view, event)
    return _("waits at “%s”") % _title(view, event) if event.waits and event.kind != "userTask" else ""


def _work(view: CaseView, event: f.WorkMoved) -> str:
    title = _title(view, event)
    if event.worker:
        return _("“%(worker)s” took “%(step)s” on") % {"worker": event.worker, "step": title}
    return _("“%(step)s” did not succeed: %(why)s") % {"step": title, "why": event.private.message or "?"}


def _error(view: CaseView, event: f.ErrorThrown) -> str:
    words = {"code": event.code or _("no code"), "step": _title(view, event)}
    if event.kind == "escalation":
        return _("“%(step)s” escalates: %(code)s") % words
    return _("“%(step)s” ended with the error %(code)s") % words


def _treated(view: CaseView, event: f.StepTreated) -> str:
    title = _title(view, event)
    if event.how == "moved":
        process = next((one for one in view.plan.flows.values() if event.to in one.steps), None)
        to = process.steps[event.to].title if process is not None else event.to
        return _("went from “%(step)s” on to “%(to)s”") % {"step": title, "to": to}
    return (_("left “%s” out") if event.how == "skipped" else _("does “%s” once more")) % title


def _ended(view: CaseView, event: f.FlowEnded) -> str:
    name = _process(view, event.process)
    return {
        "completed": _("“%s” is through") % name,
        "terminated": _("“%s” was ended") % name,
        "failed": _("“%s” ended with an error that nobody caught") % name,
    }[event.status]


FLOW_STEPS: Final[dict[type[Event], tuple[Kind, str, Tell]]] = {
    f.FlowStarted: ("system", "right", lambda v, ev: _("“%s” begins") % _process(v, ev.process)),
    f.NodeEntered: ("system", "right", _entered),
    f.NodeLeft: ("system", "check", _left),
    f.ElementPassed: ("system", "right", _passed),
    f.TokenArrived: ("system", "right", lambda v, ev: ""),
    f.VariableSet: ("system", "list", lambda v, ev: ""),
    f.WaitsChanged: ("system", "clock", lambda v, ev: ""),
    f.LoopMoved: ("system", "right", lambda v, ev: ""),
    f.IncidentRaised: ("step", "flag", lambda v, ev: _("“%s” cannot go on") % _title(v, ev)),
    f.IncidentResolved: ("step", "check", lambda v, ev: _("lets “%s” be tried again") % _title(v, ev)),
    f.StepTreated: ("step", "right", _treated),
    f.WorkMoved: ("system", "gear", _work),
    f.MessageThrown: ("system", "mail", lambda v, ev: _("told “%s” to whoever waits for it") % ev.name),
    f.SignalThrown: ("system", "flag", lambda v, ev: _("gave the signal “%s”") % ev.name),
    f.ErrorThrown: ("step", "flag", _error),
    f.FlowEnded: ("system", "check", _ended),
}
"""Each event of a flow: how it is shown, its icon, its sentence (empty where it says nothing to people)."""
