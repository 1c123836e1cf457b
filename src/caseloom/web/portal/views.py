"""The pages of a matter: how it stands, my part, write to us, rate, confirm, answer an offer."""

from typing import Any, Final
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from caseloom.cases.queries import CaseView, cases_of_customer, read_case
from caseloom.channels.contact import ReceiveContact
from caseloom.channels.contact_events import Words
from caseloom.customers.queries import known_facts, read_customer
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.clock import now
from caseloom.library.plans import house_version, latest, offered_goals, the_plans
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door
from caseloom.web.desk.fields import Field, fields
from caseloom.web.forms import FormFaulty, check_text, command_id, read_command
from caseloom.web.portal.entrance import Visitor, for_visitor
from caseloom.web.portal.matter import matter_of
from caseloom.web.rights import no_such

COMMANDS: Final[dict[str, type[c.Command]]] = {
    "complete": c.CompleteTask,
    "choose": c.ChooseOption,
    "rate": c.RecordPerception,
    "confirm": c.ConfirmOutcome,
    "offer": c.AnswerOffer,
}
"""What a customer may ask of their matter; the engine bounds each of them."""
THANKS: Final = ("rate", "confirm", "complete", "choose", "offer", "write")


@require_GET
@for_visitor
def matters(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    """All that is mine: what runs, what is done, what I may start alone."""
    rows = cases_of_customer(visitor.access, visitor.customer)
    views = [view for row in rows[:20] if (view := read_case(visitor.access, row.id)) is not None]
    moment = now()
    known = [(matter_of(visitor.access, view, moment), visitor.address(view.state.id)) for view in views]
    startable = [goal for goal in offered_goals() if goal.self_service]
    context = {
        "open": [one for one in known if one[0].status in ("active", "suspended")],
        "done": [one for one in known if one[0].status not in ("active", "suspended")],
        "startable": startable,
        "name": visitor.access.actor.name,
    }
    return render(request, "portal/matters.html", context)


@require_GET
@for_visitor
def matter(request: HttpRequest, visitor: Visitor, case: int) -> HttpResponseBase:
    """Where my matter stands."""
    view = read_case(visitor.access, case)
    return no_such(request, "case") if view is None else _page(request, visitor, view)


def _page(
    request: HttpRequest, visitor: Visitor, view: CaseView, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    thanks = request.GET.get("done", "")
    context = {
        "matter": matter_of(visitor.access, view, now()),
        "base": visitor.address(view.state.id),
        "signed_in": not visitor.token,
        "refused": refused,
        "typed": request.POST.get("text", "") or request.POST.get("words", "") if refused else "",
        "thanks": thanks if thanks in THANKS else "",
        "faces": FACES,
    }
    return render(request, "portal/matter.html", context, status=status)


FACES: Final = ((1, _("Very bad")), (2, _("Bad")), (3, _("So-so")), (4, _("Good")), (5, _("Very good")))


@require_POST
@for_visitor
def do(request: HttpRequest, visitor: Visitor, case: int, command: str) -> HttpResponseBase:
    """One thing that the customer does."""
    view = read_case(visitor.access, case)
    kind = COMMANDS.get(command)
    if view is None or kind is None:
        return no_such(request, "case")
    try:
        order = Order("case", case, read_command(kind, request.POST), command_id(request.POST), visitor.access)
    except FormFaulty as fault:
        return _page(request, visitor, view, Refused("invalid", fault.says), 422)
    verdict = the_door().handle(order)
    if isinstance(verdict, Refused):
        return _page(request, visitor, read_case(visitor.access, case) or view, verdict, 422)
    return redirect(visitor.address(case) + f"?done={command}")


@require_POST
@for_visitor
def write(request: HttpRequest, visitor: Visitor, case: int) -> HttpResponseBase:
    """Write to us: a contact of the matter."""
    view = read_case(visitor.access, case)
    if view is None:
        return no_such(request, "case")
    text = request.POST.get("text", "")
    try:
        check_text("text", [text])
    except FormFaulty as fault:
        return _page(request, visitor, view, Refused("invalid", fault.says), 422)
    if not text.strip():
        return _page(request, visitor, view, Refused("invalid", _("Write a few words first.")), 422)
    refused = send_contact(request, visitor, view, text)
    if refused is not None:
        return _page(request, visitor, view, refused, 422)
    return redirect(visitor.address(case) + "?done=write")


def send_contact(request: HttpRequest, visitor: Visitor, view: CaseView, text: str) -> Refused | None:
    """Record the contact and join it to the case, in one transaction."""
    number, moment, case = next(the_door().ids), now(), view.state.id
    words = Words(subject=_("A message on the portal"), text=text, own_text=text, name=visitor.access.actor.name)
    received = ReceiveContact(
        contact=number,
        customer=view.state.customer,
        channel="portal",
        at=moment,
        words=words,
        case=case,
        team=view.state.team,
    )
    linked = c.LinkContact(contact=number, channel="portal", at=moment, customer=view.state.customer)
    first = command_id(request.POST)
    verdicts = the_door().handle_many(
        [
            Order("contact", number, received, uuid4(), visitor.access),
            Order("case", case, linked, first, visitor.access),
        ]
    )
    return next((verdict for verdict in verdicts if isinstance(verdict, Refused)), None)


# --- my part, one question a step
# -----------------------------------------------------------------------------------------


@for_visitor
def task(request: HttpRequest, visitor: Visitor, case: int, item: int) -> HttpResponseBase:
    """A task of the customer's: one question a step, then the answers to check, then it is sent."""
    view = read_case(visitor.access, case)
    found = view.state.items.get(item) if view is not None else None
    if view is None or found is None or not found.by_customer or found.status != "active":
        return no_such(request, "task")
    spec = view.plan.task(found.key)
    asked = fields(view.plan, view.state.facts, found.form, "task", spec.must if spec else (), _typed(request))
    context: dict[str, Any] = {
        "title": (spec.customer_title or spec.title) if spec else found.title,
        "help": spec.customer_help if spec else "",
        "base": visitor.address(case),
        "send": visitor.address(case, "do/complete/"),
        "item": item,
    }
    return _ask(request, asked, context)


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: value for name, value in request.POST.items() if isinstance(value, str)}


def _ask(request: HttpRequest, asked: list[Field], context: dict[str, Any]) -> HttpResponse:
    """The next question, or the answers to check. Answers travel with the form: nothing is kept that was not sent."""
    step = _step(request, len(asked))
    fault = _fault(request, asked, step)
    if fault:
        step -= 1
    context |= {"fields": asked, "step": step, "fault": fault, "count": len(asked)}
    context["field"] = asked[step] if step < len(asked) else None
    return render(request, "portal/task.html", context, status=422 if fault else 200)


def _step(request: HttpRequest, last: int) -> int:
    given = request.POST.get("step", "0")
    return min(int(given), last) if given.isdecimal() and len(given) < 4 else 0


def _fault(request: HttpRequest, asked: list[Field], step: int) -> str:
    """What is wrong with the answer to the question before this step."""
    if request.method != "POST" or step == 0:
        return ""
    answered = asked[step - 1]
    try:
        check_text(answered.label, [answered.value])
    except FormFaulty as fault:
        return fault.says
    if answered.must and not answered.value.strip():
        return _("Please answer this question.")
    return ""


# --- starting alone
# -----------------------------------------------------------------------------------------------------


@for_visitor
def start(request: HttpRequest, visitor: Visitor, key: str) -> HttpResponseBase:
    """Start a service goal alone: nothing is asked that is known already."""
    version = latest(key)
    goal = the_plans(key, version, house_version()).service_goal if version else None
    found = read_customer(visitor.access, visitor.customer)
    if goal is None or not goal.self_service or found is None:
        return no_such(request, "page")
    plan = the_plans(key, version, house_version())
    known = known_facts(visitor.access, visitor.customer)
    unknown = [name for name in goal.start_form if plan.facts[name].from_customer not in known]
    asked = fields(plan, {}, unknown, "start", unknown, _typed(request))
    context: dict[str, Any] = {
        "title": goal.customer_title,
        "help": _("We know you already, and ask for nothing that we know."),
        "base": "/portal/",
        "send": request.path,
        "starting": True,
    }
    if request.method != "POST" or request.POST.get("send") != "yes":
        return _ask(request, asked, context)
    verdict = _open(request, visitor, key, version, known)
    if isinstance(verdict, Refused):
        context |= {"refused": verdict}
        return _ask(request, asked, context)
    return redirect(visitor.address(verdict.stream) + "?done=write")


def _open(request: HttpRequest, visitor: Visitor, key: str, version: int, known: dict[str, Any]) -> Answer | Refused:
    given = {
        "case": next(the_door().ids),
        "customer": visitor.customer,
        "service_goal": key,
        "version": version,
        "house_version": house_version(),
        "channel": "web form",
        "customer_facts": known,
    }
    try:
        opening = read_command(c.OpenCase, request.POST, given)
    except FormFaulty as fault:
        return Refused("invalid", fault.says)
    return the_door().handle(Order("case", opening.case, opening, command_id(request.POST), visitor.access))
