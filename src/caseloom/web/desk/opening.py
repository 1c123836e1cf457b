"""A new case by hand: a call, somebody at the counter, a letter."""

from typing import Any, Final
from uuid import UUID, uuid5

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseloom.channels.contact import ReceiveContact
from caseloom.channels.contact_events import Words
from caseloom.customers.customer import CreateCustomer, IdentityKind
from caseloom.customers.queries import by_identity, known_facts, names
from caseloom.engine.case.commands import OpenCase
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.clock import now
from caseloom.library.plans import house_version, latest, offered_goals
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Order
from caseloom.streams.door import the_door
from caseloom.streams.search import find
from caseloom.web.desk.people import team_titles
from caseloom.web.desk.work import frame
from caseloom.web.forms import FormFaulty, check_text, command_id
from caseloom.web.rights import needs
from caseloom.web.words import CHANNELS

CHOICES: Final = ("phone", "counter", "letter", "mail", "chat", "fax", "sms", "social")


@require_http_methods(["GET", "POST"])
@needs("work cases")
def new(request: HttpRequest, access: Access) -> HttpResponseBase:
    """Who it is (found or new), on which channel, what they want."""
    fault: tuple[str, str] | None = None
    if request.method == "POST":
        try:
            return redirect("desk:case", case=open_by_hand(access, request.POST))
        except FormFaulty as faulty:
            fault = (faulty.field, faulty.says)
    form = request.POST if request.method == "POST" else request.GET
    return render(
        request, "desk/new.html", frame(request, access) | _context(access, form, fault), status=422 if fault else 200
    )


@needs("work cases")
def who(request: HttpRequest, access: Access) -> HttpResponse:
    """Customers that match what is typed, to choose from."""
    return render(
        request,
        "desk/part/who.html",
        {"found": _found(access, request.GET.get("q", "")), "q": request.GET.get("q", "")},
    )


def _context(access: Access, form: QueryDict, fault: tuple[str, str] | None) -> dict[str, Any]:
    customer = _number(form.get("customer", ""))
    known = names(access, (customer,)).get(customer, "") if customer else ""
    return {
        "typed": form,
        "fault": fault,
        "chosen": customer if known else None,
        "chosen_name": known,
        "found": _found(access, form.get("q", "")),
        "channels": [(channel, CHANNELS[channel]) for channel in CHOICES],
        "goals": offered_goals(),
        "teams": sorted(team_titles().items(), key=lambda pair: pair[1]),
    }


def _found(access: Access, asked: str) -> list[tuple[int, str]]:
    streams = [stream for stream, kind, _customer in find(asked[:200].replace("\0", ""), 20) if kind == "customer"]
    return sorted(names(access, streams).items(), key=lambda pair: pair[1])


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 19 else 0


def open_by_hand(access: Access, form: QueryDict) -> int:
    """Open the case, its contact, and the customer where they are new; the case's number.

    Raises:
        FormFaulty: something is missing, or was refused.
    """
    for name in form:
        check_text(name, form.getlist(name))
    step = command_id(form)
    customer = _customer(access, form, step)
    channel = form.get("channel", "phone") if form.get("channel", "phone") in CHANNELS else "phone"
    key, said = form.get("service_goal", "")[:80], form.get("said", "").strip()
    if key and not latest(key):
        raise FormFaulty("service_goal", _("This service goal is not offered any more; choose another."))
    contact = next(the_door().ids)
    words = Words(subject=form.get("title", "").strip(), text=said, own_text=said)
    team = form.get("team", "")[:80] or (sorted(access.actor.teams) or ["service"])[0]
    received = ReceiveContact(contact=contact, customer=customer, channel=channel, at=now(), words=words, team=team)
    answer = _send(access, "contact", contact, received, uuid5(step, "contact"))
    return _send(
        access, "case", next(the_door().ids), _opening(access, form, customer, channel, key, team, answer), step
    )


def _opening(
    access: Access, form: QueryDict, customer: int, channel: str, key: str, team: str, contact: int
) -> "OpeningOf":
    return OpeningOf(
        customer=customer,
        service_goal=key,
        version=latest(key) if key else 0,
        house_version=house_version(),
        channel=channel,
        title=form.get("title", "").strip(),
        team="" if key else team,
        owner=access.actor.id if form.get("mine") == "1" else "",
        contact=contact,
        customer_facts=known_facts(access, customer),
    )


class OpeningOf(dict[str, Any]):
    """The fields of an `OpenCase` but its number, which is fresh."""


def _send(access: Access, kind: str, stream: int, command: Any, step: UUID) -> int:
    built = OpenCase(case=stream, **command) if isinstance(command, OpeningOf) else command
    answer = the_door().handle(Order(kind, stream, built, step, access))
    if isinstance(answer, Refused):
        raise FormFaulty("", answer.message)
    return answer.stream


def _customer(access: Access, form: QueryDict, step: UUID) -> int:
    chosen = _number(form.get("customer", ""))
    if chosen:
        if chosen not in names(access, (chosen,)):
            raise FormFaulty("customer", _("This customer is not known here; search again."))
        return chosen
    name = form.get("name", "").strip()
    identities = [(kind, form.get(kind, "").strip()) for kind in ("mail", "phone") if form.get(kind, "").strip()]
    if not name and not identities:
        raise FormFaulty(
            "name", _("Say who it is: choose a customer, or give a name, a mail address or a phone number.")
        )
    for kind, value in identities:
        known = by_identity(access, kind, value)
        if known is not None:
            return known
    return _create(access, name, identities, step)


def _create(access: Access, name: str, identities: list[tuple[str, str]], step: UUID) -> int:
    number = next(the_door().ids)
    pairs: tuple[tuple[IdentityKind, str], ...] = tuple(
        ("mail" if kind == "mail" else "phone", value) for kind, value in identities
    )
    return _send(
        access,
        "customer",
        number,
        CreateCustomer(customer=number, name=name, identities=pairs),
        uuid5(step, "customer"),
    )
