"""Contacts over the API: what was said on any channel, its files, and contacts that are recorded by hand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import uuid5

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import AwareDatetime

from caseloom.cases.queries import CaseView, read_case
from caseloom.channels.contact import Contact, PrepareContact, ReceiveContact
from caseloom.channels.contact_events import Attached, Words
from caseloom.channels.models import ContactRow
from caseloom.channels.queries import contacts_of_case, read_contact
from caseloom.customers.queries import read_customer
from caseloom.engine.case.commands import LinkContact
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.foundation.clock import now
from caseloom.sdk.stream import Answer, Order
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.web.api import schema as s
from caseloom.web.api.problem import Problem
from caseloom.web.api.route import access_of, command_id, expected_version, plain, route, tagged

router = Router(tags=["contacts"])
MOST: Final = 200
ByHand = Literal["phone", "counter", "letter", "fax", "sms", "chat", "social"]
"""Channels whose contacts somebody writes down; mail comes by itself, and goes out by `send-message`."""


class FileOut(Schema):
    """A file of a contact; its bytes are at `/desk/contacts/{contact}/files/{blob}/`."""

    blob: int
    name: str
    media_type: str
    size: int


class ContactOut(Schema):
    """A contact whole. `automatic` says why no person wrote it, or is empty; `own_text` leaves out what was quoted."""

    id: int
    version: int
    customer: int
    cases: list[int]
    direction: str
    channel: str
    at: datetime | None
    status: str
    automatic: str
    address: str
    name: str
    subject: str
    text: str
    own_text: str
    has_html: bool
    message_id: str
    in_reply_to: str
    answers: int | None
    bounced: bool
    images_held: int
    faults: list[str]
    attachments: list[FileOut]


class ContactLineOut(Schema):
    """A contact in a list, with the beginning of what was said."""

    id: int
    customer: int
    direction: str
    channel: str
    at: datetime
    status: str
    automatic: str
    subject: str
    snippet: str
    address: str
    attachments: int
    bounced: bool


class ContactsOut(Schema):
    """A page of contacts, newest first; `next` is the `before` of the older page."""

    contacts: list[ContactLineOut]
    next: int | None


class ContactIn(Schema):
    """A contact that somebody had: who (0 for nobody known), on which channel, when (now, where it is left out), what
    was said, and in which case. `out` is one that went to the customer: a call that was made.
    """

    channel: ByHand
    text: str
    subject: str = ""
    customer: int = 0
    case: int | None = None
    direction: Literal["in", "out"] = "in"
    at: AwareDatetime | None = None


@route(router, "get", "/contacts/{int:contact}", "read cases", response={200: ContactOut, 304: None})
def get_contact(request: HttpRequest, response: HttpResponse, contact: int) -> Any:
    """A contact with its whole text and its files."""
    page = read_contact(access_of(request), contact)
    if page is None:
        raise Http404
    if tagged(request, response, page.version):
        return Status(304, None)
    one, words = page.contact, page.words
    return ContactOut(
        **_of_state(one),
        version=page.version,
        cases=list(page.cases),
        text=words.text,
        own_text=words.own_text or words.text,
        images_held=page.images_held,
        faults=list(page.faults),
    )


def _of_state(one: Contact) -> dict[str, Any]:
    names = (
        "id", "customer", "direction", "channel", "at", "status", "automatic", "address", "name", "subject", "has_html",
        "message_id", "in_reply_to", "answers", "bounced",
    )  # fmt: skip
    return {name: getattr(one, name) for name in names} | {"attachments": [_file(file) for file in one.attachments]}


def _file(file: Attached) -> FileOut:
    return FileOut(blob=file.blob, name=file.name, media_type=file.media_type, size=file.size)


@route(router, "get", "/cases/{int:case}/contacts", "read cases", response=ContactsOut)
def list_contacts(request: HttpRequest, case: int, before: int | None = None, limit: int = 50) -> ContactsOut:
    """The contacts of a case, newest first. `before` is the `next` of the page read before."""
    if read_case(access_of(request), case) is None:
        raise Http404
    most = max(1, min(limit, MOST))
    rows = contacts_of_case(access_of(request), case, before, most)
    return ContactsOut(contacts=[_line(row) for row in rows], next=rows[-1].id if len(rows) == most else None)


def _line(row: ContactRow) -> ContactLineOut:
    return ContactLineOut(
        id=row.id,
        customer=row.customer,
        direction=row.direction,
        channel=row.channel,
        at=row.at,
        status=row.status,
        automatic=row.automatic,
        subject=row.subject,
        snippet=row.snippet,
        address=row.address,
        attachments=row.attachments.count('"blob":'),
        bounced=row.bounced,
    )


@route(router, "post", "/contacts", "work cases", response={201: s.Done})
def record_contact(request: HttpRequest, body: ContactIn) -> Status[s.Done]:
    """Record a call, a letter, somebody at the counter; with `case` it joins this case in the same transaction."""
    s.sound(body.dict(), "")
    view = _case_of(request, body)
    customer = view.state.customer if view is not None and not body.customer else body.customer
    if customer and read_customer(access_of(request), customer) is None:
        raise _nothing(f"There is no customer {customer}.", NextStep("POST /customers"))
    first, *_ = _all_or_nothing(_orders(request, body, view, customer))
    events = [{"type": event.stored, **plain(event)} for event in first.events]
    return Status(201, s.Done(id=first.stream, version=first.version, repeated=first.repeated, events=events))


def _all_or_nothing(orders: Sequence[Order]) -> list[Answer]:
    """A contact that its case refuses is not recorded either."""
    accepted = []
    with store.raw_connection().transaction():
        for verdict in the_door().handle_many(orders):
            if isinstance(verdict, Refused):
                raise Problem(verdict, 412 if verdict.code == "stale" else None)
            accepted.append(verdict)
    return accepted


def _case_of(request: HttpRequest, body: ContactIn) -> CaseView | None:
    """The case that the contact is to join, as far as it takes one."""
    if body.case is None:
        return None
    view = read_case(access_of(request), body.case)
    if view is None:
        raise _nothing(f"There is no case {body.case}.", NextStep("GET /cases"))
    return view


def _nothing(says: str, way_on: NextStep) -> Problem:
    return Problem(Refused("not found", says, next=(way_on,)))


def _orders(request: HttpRequest, body: ContactIn, view: CaseView | None, customer: int) -> list[Order]:
    """Record it, then join it. Its key makes both harmless when they are repeated."""
    access, key, contact, at = access_of(request), command_id(request), next(the_door().ids), body.at or now()
    words = Words(subject=body.subject, text=body.text, own_text=body.text)
    said: dict[str, Any] = {
        "contact": contact,
        "customer": customer,
        "channel": body.channel,
        "at": at,
        "words": words,
        "case": body.case,
        "team": view.state.team if view is not None else "",
    }
    recorded = ReceiveContact(**said) if body.direction == "in" else PrepareContact(**said, happened=True)
    orders = [Order("contact", contact, recorded, key, access)]
    if view is not None:
        linked = LinkContact(contact=contact, channel=body.channel, direction=body.direction, at=at, customer=customer)
        orders.append(Order("case", view.state.id, linked, uuid5(key, "link"), access, expected_version(request)))
    return orders
