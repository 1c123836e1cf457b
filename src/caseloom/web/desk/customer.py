"""A customer on one line of time: contacts, cases, goals, promises, ratings; and how they are forgotten."""

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from caseloom.cases.models import CaseRow, PerceptionRow, PromiseRow
from caseloom.cases.queries import cases_of_customer
from caseloom.channels.queries import contacts_of_customer
from caseloom.customers.customer import (
    CUSTOMER_COMMANDS,
    AddIdentity,
    EraseCustomer,
    RemoveIdentity,
    RenameCustomer,
    SetCustomerFacts,
)
from caseloom.customers.queries import read_customer
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.clock import now
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Order
from caseloom.streams.door import the_door
from caseloom.web.desk.matter import case_lines, customer_facts
from caseloom.web.desk.people import plan_of, wants
from caseloom.web.desk.work import frame
from caseloom.web.forms import FormFaulty, command_id, read_command
from caseloom.web.rights import needs, no_such
from caseloom.web.words import channel_words

MAY = {
    kind.__name__: kind
    for kind in CUSTOMER_COMMANDS
    if kind in (AddIdentity, RemoveIdentity, RenameCustomer, SetCustomerFacts)
}


class Moment(msgspec.Struct, frozen=True):
    """Something on the customer's line of time."""

    at: datetime
    icon: str
    says: str
    text: str = ""
    case: int = 0
    score: int | None = None


@needs("read customers")
def customer(request: HttpRequest, access: Access, customer: int) -> HttpResponse:
    """The customer's page."""
    return _page(request, access, customer)


def _page(request: HttpRequest, access: Access, customer: int, refused: Refused | None = None) -> HttpResponse:
    found = read_customer(access, customer)
    if found is None:
        return no_such(request, "customer")
    known = found[0]
    rows = cases_of_customer(access, customer, 50)
    context = {
        "customer": known,
        "facts": customer_facts(known),
        "cases": case_lines(rows, now()),
        "moments": moments(access, customer, rows),
        "refused": refused,
        "erases": access.may("erase customers"),
        "works": access.may("work cases"),
        "typed": request.POST.dict() if refused is not None else {},
    }
    status = 200 if refused is None else 422
    return render(request, "desk/customer.html", frame(request, access) | context, status=status)


def moments(access: Access, customer: int, cases: list[CaseRow]) -> list[Moment]:
    """What has happened with this customer, newest first."""
    titles = {row.id: wants(row.title, row.service_goal, plan_of(row.service_goal, row.version)) for row in cases}
    found = [_opened(row, titles) for row in cases] + [_ended(row, titles) for row in cases if row.ended_at]
    for contact in contacts_of_customer(access, customer):
        way = _("wrote to us by %s") if contact.direction == "in" else _("we wrote by %s")
        says = way % channel_words(contact.channel)
        found.append(
            Moment(
                contact.at,
                "mail" if contact.direction == "in" else "send",
                says,
                contact.subject or contact.snippet,
                contact.case_id or 0,
            )
        )
    for promise in PromiseRow.objects.filter(case_id__in=titles)[:200]:
        says = {"kept": _("a promise, kept"), "broken": _("a promise, not kept in time")}.get(
            promise.status, _("a promise")
        )
        found.append(Moment(promise.due, "flag", says, promise.text, promise.case_id))
    for rating in PerceptionRow.objects.filter(case_id__in=titles)[:200]:
        found.append(Moment(rating.at, "star", _("said how it goes"), rating.words, rating.case_id, rating.score))
    return sorted(found, key=lambda moment: moment.at, reverse=True)


def _opened(row: CaseRow, titles: dict[int, str]) -> Moment:
    return Moment(row.opened_at, "plus", _("case opened"), titles[row.id], row.id)


def _ended(row: CaseRow, titles: dict[int, str]) -> Moment:
    says = _("case complete") if row.status == "completed" else _("case ended before its goals")
    return Moment(row.ended_at or row.opened_at, "check", says, titles[row.id], row.id)


@require_POST
@needs("work cases")
def change(request: HttpRequest, access: Access, customer: int, command: str) -> HttpResponseBase:
    """Change the record: name, identities, facts."""
    kind = MAY.get(command)
    if kind is None or read_customer(access, customer) is None:
        return no_such(request, "customer")
    try:
        built = read_command(kind, request.POST, _fact(request) if kind is SetCustomerFacts else {})
    except FormFaulty as fault:
        return _page(request, access, customer, Refused("invalid", fault.says))
    answer = the_door().handle(Order("customer", customer, built, command_id(request.POST), access))
    if isinstance(answer, Refused):
        return _page(request, access, customer, answer)
    return redirect("desk:customer", customer=customer)


def _fact(request: HttpRequest) -> dict[str, Any]:
    name, value = request.POST.get("name", "").strip()[:80], request.POST.get("value", "").strip()
    return {"facts": {name: value} if name else {}}


@require_http_methods(["GET", "POST"])
@needs("erase customers")
def erase(request: HttpRequest, access: Access, customer: int) -> HttpResponseBase:
    """Ask first, naming what happens; erase when the number was typed."""
    found = read_customer(access, customer)
    if found is None:
        return no_such(request, "customer")
    refused: Refused | None = None
    if request.method == "POST":
        refused = _erase(request, access, customer)
        if refused is None:
            return redirect("desk:customer", customer=customer)
    cases = cases_of_customer(access, customer, 200)
    context = {"customer": found[0], "open": sum(row.ended_at is None for row in cases), "refused": refused}
    return render(request, "desk/erase.html", context, status=200 if refused is None else 422)


def _erase(request: HttpRequest, access: Access, customer: int) -> Refused | None:
    if request.POST.get("number", "").strip() != str(customer):
        return Refused("invalid", _("Type the number of the customer, %s, to confirm.") % customer)
    answer = the_door().handle(Order("customer", customer, EraseCustomer(), command_id(request.POST), access))
    return answer if isinstance(answer, Refused) else None
