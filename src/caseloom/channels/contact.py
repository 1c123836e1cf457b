"""The contact as a stream kind: one touch on any channel, in or out, and what became of it.

The words stand in the history alone, sealed under the customer's key (or the contact's own, where nobody could be
identified). The state keeps what lists and threading need.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from caseloom.channels.contact_events import (
    CONTACT_EVENTS,
    Attached,
    BouncePrivate,
    ContactEvent,
    ContactJoinedCase,
    ContactPrepared,
    ContactRead,
    ContactReceived,
    DeliveryAttempted,
    DeliveryBounced,
    DeliverySettled,
    DeliveryState,
    Direction,
    WhyPrivate,
    Words,
)
from caseloom.channels.reading import Guess, Reading
from caseloom.engine.case.evolve import Stamp
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.foundation.text import mended_line
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Context, Decided, Effect, Row, StreamKind, Table, folding
from caseloom.staff.access import need
from caseloom.streams.search import SEARCH, search_row

Status = Literal["received", "requested", "accepted", "rejected", "unknown"]
SNIPPET: Final = 300
CUSTOMER_CHANNELS: Final = ("portal", "web form", "chat")
"""On these a customer who is signed in makes contact alone."""


class Contact(msgspec.Struct, array_like=True):
    """The state of a contact. `customer` is 0 for nobody known; `case` is the first case that it was sorted to."""

    id: int = 0
    customer: int = 0
    case: int | None = None
    direction: Direction = "in"
    channel: str = ""
    at: datetime | None = None
    automatic: str = ""
    status: Status = "received"
    team: str = ""
    subject: str = ""
    snippet: str = ""
    address: str = ""
    name: str = ""
    reply_to: str = ""
    envelope_from: str | None = None
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[Attached, ...] = ()
    raw: int | None = None
    has_html: bool = False
    answers: int | None = None
    attempts: int = 0
    bounced: bool = False
    reading: Reading | None = None


class ContactCommand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all commands to a contact."""


class ReceiveContact(ContactCommand, frozen=True, kw_only=True):
    """A contact came in, on any channel: a mail, a note of a call, a scanned letter, a form."""

    contact: int
    customer: int
    channel: str
    at: datetime
    words: Words
    automatic: str = ""
    case: int | None = None
    team: str = ""
    mailbox: str = ""
    raw: int | None = None
    images_held: int = 0
    faults: tuple[str, ...] = ()


class PrepareContact(ContactCommand, frozen=True, kw_only=True):
    """A contact is to go out; with `happened` it has done so already (a call that was made)."""

    contact: int
    customer: int
    channel: str
    at: datetime
    words: Words
    automatic: str = ""
    case: int | None = None
    team: str = ""
    answers: int | None = None
    happened: bool = False


class JoinCase(ContactCommand, frozen=True, kw_only=True):
    case: int
    team: str = ""


class RecordReading(ContactCommand, frozen=True, kw_only=True):
    """How the intake has read a contact that came in."""

    reading: Reading


class NoteAttempt(ContactCommand, frozen=True, kw_only=True):
    attempt: int
    code: int = 0
    reason: str = ""


class SettleDelivery(ContactCommand, frozen=True, kw_only=True):
    """What became of it. An unknown end may become known later, by a reply or a report."""

    status: DeliveryState
    attempt: int = 0
    code: int = 0
    reason: str = ""


class RecordBounce(ContactCommand, frozen=True, kw_only=True):
    report: int
    action: str
    code: str
    recipient: str = ""
    diagnostic: str = ""


CONTACT_COMMANDS: Final = (
    ReceiveContact, PrepareContact, JoinCase, RecordReading, NoteAttempt, SettleDelivery, RecordBounce,
)  # fmt: skip

# --- decide ---------------------------------------------------------------------------------------------------------

Decision = Refused | tuple[ContactEvent, ...]


def decide(state: Contact, command: ContactCommand, context: Context) -> Decision:
    """What a command does to a contact."""
    if isinstance(command, ReceiveContact | PrepareContact):
        if state.id:
            return Refused("duplicate", "This contact is recorded already.")
        return _receive(command) if isinstance(command, ReceiveContact) else _prepare(command)
    if not state.id:
        return Refused("not found", "There is no such contact.")
    if isinstance(command, JoinCase):
        return () if state.case == command.case else (ContactJoinedCase(case=command.case, team=command.team),)
    if isinstance(command, RecordReading):
        return _read(state, command.reading)
    if state.direction == "in":
        return Refused("wrong state", "This contact came in; only one that goes out is delivered.")
    return _deliver(state, command)


def _receive(command: ReceiveContact) -> Decision:
    event = ContactReceived(
        contact=command.contact,
        customer=command.customer,
        channel=command.channel,
        at=command.at,
        automatic=command.automatic,
        case=command.case,
        team=command.team,
        mailbox=command.mailbox,
        raw=command.raw,
        images_held=command.images_held,
        faults=command.faults,
        private=command.words,
    )
    return (event,)


def _read(state: Contact, reading: Reading) -> Decision:
    if state.direction != "in":
        return Refused("wrong state", "Only what came in is read.")
    return (ContactRead(**{name: getattr(reading, name) for name in reading.__struct_fields__}),)


def _prepare(command: PrepareContact) -> Decision:
    if not command.words.text.strip():
        return Refused("invalid", "There are no words to send yet.", next=(NextStep("Write the message"),))
    event = ContactPrepared(
        contact=command.contact,
        customer=command.customer,
        channel=command.channel,
        at=command.at,
        automatic=command.automatic,
        case=command.case,
        team=command.team,
        answers=command.answers,
        private=command.words,
    )
    return (event, DeliverySettled(status="accepted")) if command.happened else (event,)


def _deliver(state: Contact, command: ContactCommand) -> Decision:
    match command:
        case NoteAttempt(attempt=attempt, code=code, reason=reason):
            return (DeliveryAttempted(attempt=attempt, code=code, private=WhyPrivate(reason)),)
        case SettleDelivery(status=status, attempt=attempt, code=code, reason=reason):
            if state.status not in ("requested", "unknown") or state.status == status:
                return Refused("duplicate", "What became of this contact is recorded already.")
            return (DeliverySettled(status=status, attempt=attempt, code=code, private=WhyPrivate(reason)),)
        case RecordBounce(report=report, action=action, code=code, recipient=recipient, diagnostic=diagnostic):
            return (
                DeliveryBounced(report=report, action=action, code=code, private=BouncePrivate(recipient, diagnostic)),
            )
        case _:
            return Refused("invalid", "This is no command to a contact that goes out.")


# --- evolve ---------------------------------------------------------------------------------------------------------


def evolve(state: Contact, event: ContactEvent, stamp: Stamp) -> None:
    """Fold one event into the state, in place."""
    _FOLDS[type(event)](state, event)


def _received(s: Contact, ev: ContactReceived) -> None:
    s.direction, s.status, s.raw = "in", "received", ev.raw
    _first(s, ev)


def _prepared(s: Contact, ev: ContactPrepared) -> None:
    s.direction, s.status, s.answers = "out", "requested", ev.answers
    _first(s, ev)


def _first(s: Contact, ev: ContactReceived | ContactPrepared) -> None:
    said = ev.private
    s.id, s.customer, s.case, s.channel, s.at = ev.contact, ev.customer, ev.case, ev.channel, ev.at
    s.automatic, s.team, s.subject = ev.automatic, ev.team, said.subject
    s.snippet = mended_line((said.own_text or said.text)[: 3 * SNIPPET])[:SNIPPET]
    s.address, s.name, s.reply_to, s.envelope_from = said.address, said.name, said.reply_to, said.envelope_from
    s.message_id, s.in_reply_to, s.references = said.message_id, said.in_reply_to, said.references
    s.attachments, s.has_html = said.attachments, said.html is not None


def _joined(s: Contact, ev: ContactJoinedCase) -> None:
    s.case, s.team = ev.case, ev.team


def _was_read(s: Contact, ev: ContactRead) -> None:
    s.reading = Reading(**{name: getattr(ev, name) for name in Reading.__struct_fields__})


def _attempted(s: Contact, ev: DeliveryAttempted) -> None:
    s.attempts = ev.attempt


def _settled(s: Contact, ev: DeliverySettled) -> None:
    s.status, s.attempts = ev.status, max(s.attempts, ev.attempt)


def _bounced(s: Contact, ev: DeliveryBounced) -> None:
    s.bounced = s.bounced or ev.action == "failed"


_FOLDS: Final[dict[type[ContactEvent], Callable[[Contact, Any], None]]] = {
    ContactReceived: _received,
    ContactPrepared: _prepared,
    ContactJoinedCase: _joined,
    ContactRead: _was_read,
    DeliveryAttempted: _attempted,
    DeliverySettled: _settled,
    DeliveryBounced: _bounced,
}

# --- projections ----------------------------------------------------------------------------------------------------

CONTACT: Final = Table(
    "contact_row",
    {"id": "bigint"},
    {
        "customer": "bigint",
        "case_id": "bigint",
        "direction": "text",
        "channel": "text",
        "at": "timestamptz",
        "automatic": "text",
        "status": "text",
        "team": "text",
        "subject": "text",
        "snippet": "text",
        "address": "text",
        "name": "text",
        "has_html": "boolean",
        "attachments": "text",
        "message_id": "text",
        "in_reply_to": "text",
        "answers": "bigint",
        "bounced": "boolean",
    },
)
READING: Final = Table(
    "contact_reading",
    {"contact": "bigint"},
    {
        "case_id": "bigint",
        "at": "timestamptz",
        "verdict": "text",
        "model": "text",
        "goal": "text",
        "permille": "smallint",
    },
)


def project(decided: Decided) -> Iterable[Row]:
    """The contact's row, how it was read, and the words to find it by."""
    s: Contact = decided.state
    values = (
        s.customer,
        s.case,
        s.direction,
        s.channel,
        s.at,
        s.automatic,
        s.status,
        s.team,
        s.subject,
        s.snippet,
        s.address,
        s.name,
        s.has_html,
        _listed(s.attachments),
        s.message_id,
        s.in_reply_to,
        s.answers,
        s.bounced,
    )
    yield Row(CONTACT, (s.id,), values)
    for event in decided.events:
        if isinstance(event, ContactReceived | ContactPrepared):
            said = event.private
            words = f"{said.subject} {said.name} {said.address} {said.text}"
            yield search_row(s.id, "contact", s.customer, words, s.team)
        elif isinstance(event, ContactRead):
            best = event.guesses[0] if event.guesses else Guess("", 0.0)
            read = (s.case, s.at, event.verdict, event.model, best.goal, round(best.probability * 1000))
            yield Row(READING, (s.id,), read)


def _listed(attachments: tuple[Attached, ...]) -> str:
    plain = [{"blob": a.blob, "name": a.name, "media_type": a.media_type, "size": a.size} for a in attachments]
    return msgspec.json.encode(plain).decode()


def effects(decided: Decided) -> Iterable[Effect]:
    """A contact asks for nothing: the case that wants it sent does."""
    return ()


def admit(access: Access, state: Contact, command: ContactCommand) -> Refused | None:
    """Who may record contacts; a customer, only what they say themselves on the house's own pages."""
    if access.customer is None:
        return need(access, "work cases")
    own = (
        isinstance(command, ReceiveContact)
        and command.customer == access.customer
        and command.channel in CUSTOMER_CHANNELS
    )
    return need(access, "own case" if own else "work cases")


CONTACTS: Final = StreamKind[Contact](
    name="contact",
    number=2,
    shape=1,
    state=Contact,
    events={event.stored: event for event in CONTACT_EVENTS},
    commands=CONTACT_COMMANDS,
    decide=folding(decide, evolve),
    evolve=evolve,
    person=lambda state: state.customer or state.id,
    admit=admit,
    project=project,
    tables=(CONTACT, READING, SEARCH),
    effects=effects,
)
