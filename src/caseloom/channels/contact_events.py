"""What happens to a contact, as it is told for ever. The words are sealed apart (`private`)."""

from datetime import datetime
from typing import ClassVar, Final, Literal

import msgspec

from caseloom.channels.reading import Guess, ReadPrivate, ReadVerdict
from caseloom.engine.spec.history import Private

Direction = Literal["in", "out"]
DeliveryState = Literal["accepted", "rejected", "unknown"]


class Attached(msgspec.Struct, frozen=True, array_like=True):
    """A file of a contact: the blob that holds it. `content_id` (RFC 2392) is set where the HTML shows it."""

    blob: int
    name: str
    media_type: str
    size: int
    content_id: str = ""


class ContactEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all events of a contact."""

    stored: ClassVar[str]


class Words(Private, frozen=True):
    """Everything that was said, by whom and to whom. `text` is whole; `own_text` leaves out what was quoted."""

    subject: str = ""
    text: str = ""
    own_text: str = ""
    html: str | None = None
    address: str = ""
    name: str = ""
    recipients: tuple[str, ...] = ()
    reply_to: str = ""
    envelope_from: str | None = None
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[Attached, ...] = ()


class BouncePrivate(Private, frozen=True):
    recipient: str = ""
    diagnostic: str = ""


class WhyPrivate(Private, frozen=True):
    reason: str = ""


class ContactReceived(ContactEvent, frozen=True, kw_only=True):
    """`automatic` says why no person wrote it (RFC 3834), or is empty. `raw` is the blob of the source."""

    stored = "contact_received.1"
    contact: int
    customer: int
    channel: str
    at: datetime
    automatic: str = ""
    case: int | None = None
    team: str = ""
    mailbox: str = ""
    raw: int | None = None
    images_held: int = 0
    faults: tuple[str, ...] = ()
    private: Words = Words()


class ContactPrepared(ContactEvent, frozen=True, kw_only=True):
    """A contact that goes out, as it is to be said. `at` is when it was asked for: the same mail has the same bytes."""

    stored = "contact_prepared.1"
    contact: int
    customer: int
    channel: str
    at: datetime
    automatic: str = ""
    case: int | None = None
    team: str = ""
    answers: int | None = None
    private: Words = Words()


class ContactJoinedCase(ContactEvent, frozen=True, kw_only=True):
    """A contact that stood alone belongs to a case."""

    stored = "contact_joined_case.1"
    case: int
    team: str = ""


class ContactRead(ContactEvent, frozen=True, kw_only=True):
    """The intake has read it (`Reading`)."""

    stored = "contact_read.1"
    verdict: ReadVerdict
    model: str
    guesses: tuple[Guess, ...] = ()
    wants: tuple[str, ...] = ()
    outside: float = 0.0
    like: tuple[int, ...] = ()
    cases: tuple[int, ...] = ()
    private: ReadPrivate = ReadPrivate()


class DeliveryAttempted(ContactEvent, frozen=True, kw_only=True):
    """The other side could not take it just now; it is tried again. `code` as RFC 5321 §4.2, 0 where there was no
    answer.
    """

    stored = "delivery_attempted.1"
    attempt: int
    code: int = 0
    private: WhyPrivate = WhyPrivate()


class DeliverySettled(ContactEvent, frozen=True, kw_only=True):
    stored = "delivery_settled.1"
    status: DeliveryState
    attempt: int = 0
    code: int = 0
    private: WhyPrivate = WhyPrivate()


class DeliveryBounced(ContactEvent, frozen=True, kw_only=True):
    """A report came back (RFC 3464). `report` is the contact that brought it."""

    stored = "delivery_bounced.1"
    report: int
    action: str
    code: str
    private: BouncePrivate = BouncePrivate()


CONTACT_EVENTS: Final = (
    ContactReceived,
    ContactPrepared,
    ContactJoinedCase,
    ContactRead,
    DeliveryAttempted,
    DeliverySettled,
    DeliveryBounced,
)
