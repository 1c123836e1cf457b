"""Sending: the performer that carries a case's message to the customer, and tells the case what became of it.

A message goes out at most once as far as anybody can know; where nobody can (the connection broke after the last dot,
or the worker died there), the case shows so, and the same bytes with the same Message-ID go out once more at most.
Everything that makes the bytes stands in the contact's first event, so they are the same on every attempt.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Final, Literal, cast
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from django.utils.translation import gettext

from caseloom.cases.kind import CASES
from caseloom.channels.contact import CONTACTS, Contact, NoteAttempt, PrepareContact, SettleDelivery
from caseloom.channels.contact_events import Attached, ContactPrepared, Words
from caseloom.channels.letter_page import letter_page
from caseloom.channels.links import PLACEHOLDER
from caseloom.channels.mail.addresses import Address
from caseloom.channels.mail.automatic import Automatic, Suppressed, may_answer
from caseloom.channels.mail.message import Attachment
from caseloom.channels.mail.outgoing import OutgoingMail, UnsendableMailError, build_mail
from caseloom.channels.mail.threading import make_marker, make_message_id
from caseloom.channels.mail.transport import Accepted, MailTransport, Rejected
from caseloom.channels.mail.transport import Outcome as Handed
from caseloom.channels.models import ContactRow
from caseloom.customers.customer import CUSTOMERS, Customer, normalised
from caseloom.engine.case import commands as c
from caseloom.engine.case.events import MessageRequested
from caseloom.engine.case.state import CaseState
from caseloom.foundation.blobs import BlobGone, Blobs
from caseloom.sdk.access import program
from caseloom.sdk.stream import Order, Recorded
from caseloom.streams.effects import Attempt, Done, Failed, Outcome, Unknown
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_history, read_state

ACCESS: Final = program("sender")
ON_OUR_PAGES: Final = ("portal", "web form", "chat")
"""Channels on which a message has arrived once it is written down."""
DAY: Final = timedelta(days=1)
End = Literal["accepted", "rejected", "unknown"]


class House(msgspec.Struct, frozen=True):
    """Who sends. `address` is From and the reverse path; `domain` stands in our Message-IDs; `key` signs their
    tokens.
    """

    name: str
    address: str
    domain: str
    key: bytes


class _Wanted(msgspec.Struct, frozen=True):
    """A message that a case asked for."""

    case: int
    state: CaseState
    event: MessageRequested
    at: datetime


class _Refusal(Exception):
    """The message cannot go out; the sentence is for the case."""


class Sender:
    """Performs "send message". `portal_link(customer, case, at)` makes the address that replaces `[portal link]`."""

    def __init__(
        self,
        door: Door,
        blobs: Blobs,
        transport: MailTransport,
        house: House,
        portal_link: Callable[[int, int, datetime], str],
    ) -> None:
        self._door, self._blobs, self._transport, self._house, self._portal_link = (
            door,
            blobs,
            transport,
            house,
            portal_link,
        )

    def __call__(self, attempt: Attempt) -> Outcome:
        """One attempt at the message that the case asked for in the event of this version."""
        wanted = self._wanted(attempt)
        if wanted is None:
            return Done()
        contact = self._contact(wanted.event.contact)
        try:
            if contact is None:
                contact = self._prepare(wanted)
            return self._deliver(attempt, wanted, contact)
        except _Refusal as refusal:
            self._settle(wanted, attempt, "rejected", str(refusal))
            return Failed(retry=False, reason="not sendable")

    # --- what is wanted ---------------------------------------------------------------------------------------------

    def _wanted(self, attempt: Attempt) -> _Wanted | None:
        """The message, unless its customer has been erased: then there are no words left to send."""
        history = read_history(self._door, CASES, attempt.stream, attempt.version - 1, attempt.version)
        found = read_state(self._door, CASES, attempt.stream)
        event = history[0].event if history else None
        if found is None or not isinstance(event, MessageRequested) or not event.private.text:
            return None
        return _Wanted(attempt.stream, found[0], event, history[0].at)

    def _contact(self, contact: int) -> Contact | None:
        found = read_state(self._door, CONTACTS, contact)
        return None if found is None else found[0]

    # --- prepare ----------------------------------------------------------------------------------------------------

    def _prepare(self, wanted: _Wanted) -> Contact:
        event, state = wanted.event, wanted.state
        answered = self._contact(event.answers) if event.answers is not None else None
        command = PrepareContact(
            contact=event.contact,
            customer=state.customer,
            channel=event.channel,
            at=wanted.at,
            automatic="auto-replied" if event.automatic else "",
            case=wanted.case,
            team=state.team,
            answers=event.answers,
            words=self._words(wanted, answered),
        )
        self._send_commands([Order("contact", event.contact, command, _id(event.contact, "prepare"), ACCESS)])
        prepared = self._contact(event.contact)
        if prepared is None:
            raise RuntimeError(f"The contact {event.contact} could not be written down.")
        return prepared

    def _words(self, wanted: _Wanted, answered: Contact | None) -> Words:
        event = wanted.event
        to = self._recipient(wanted)
        # Mail programs show a letter under the mail that it follows, also one that answers nothing in particular.
        follows = answered if event.answers is not None else self._last_mail_of(wanted.case)
        return Words(
            subject=event.private.subject or (answered.subject if answered else "") or wanted.state.title,
            text=event.private.text,
            address=to.address,
            name=to.name,
            attachments=self._attachments(event.attachments, wanted.state.customer),
            message_id=make_message_id(self._house.domain, wanted.case, event.contact, self._house.key),
            in_reply_to=follows.message_id if follows else "",
            references=_thread(follows),
        )

    def _last_mail_of(self, case: int) -> Contact | None:
        """The last mail that a person wrote in this case."""
        mails = ContactRow.objects.filter(case_id=case, direction="in", channel="mail", automatic="")
        last = mails.order_by("-id").values_list("id", flat=True).first()
        return None if last is None else self._contact(last)

    def _recipient(self, wanted: _Wanted) -> Address:
        if wanted.event.private.to:
            name, address = parseaddr(wanted.event.private.to)
            return Address(name, address or wanted.event.private.to)
        found = read_state(self._door, CUSTOMERS, wanted.state.customer)
        customer = found[0] if found is not None else Customer()
        address = next((value for kind, value in customer.identities if kind == "mail"), "")
        return Address(customer.name, address)

    @staticmethod
    def _attachments(blobs: tuple[int, ...], customer: int) -> tuple[Attached, ...]:
        """The files, under the names by which this customer's contacts brought them. Anybody else's are not sent."""
        known = {file.blob: file for blob in blobs for file in _files_with(blob, customer)}
        foreign = [blob for blob in blobs if blob not in known]
        if foreign:
            raise _Refusal(f"File {foreign[0]} belongs to no contact of this customer; attach one that does.")
        return tuple(known[blob] for blob in blobs)

    # --- deliver ----------------------------------------------------------------------------------------------------

    def _deliver(self, attempt: Attempt, wanted: _Wanted, contact: Contact) -> Outcome:
        if contact.status in ("accepted", "rejected"):
            # Known already, by an attempt that died before it said so, or by a reply.
            self._settle(wanted, attempt, contact.status, "")
            return Done()
        if contact.channel in ON_OUR_PAGES:
            return self._settled(wanted, attempt, "accepted", "")
        if contact.channel != "mail":
            raise _Refusal(
                f"There is no way to send by {contact.channel} yet. Send it by mail, or record it once it went."
            )
        self._check_loop(contact)
        return self._hand_over(attempt, wanted, contact)

    def _hand_over(self, attempt: Attempt, wanted: _Wanted, contact: Contact) -> Outcome:
        raw, recipients = self._built(wanted, contact)
        if attempt.uncertain:
            self._settle(wanted, attempt, "unknown", "The mail may have gone out; nobody can tell.")
        if attempt.exhausted:
            return Done()
        attempt.start()
        sender = "" if contact.automatic else self._house.address
        return self._outcome(attempt, wanted, self._transport.send(raw, sender, recipients))

    def _outcome(self, attempt: Attempt, wanted: _Wanted, handed: Handed) -> Outcome:
        match handed:
            case Accepted():
                return self._settled(wanted, attempt, "accepted", "")
            case Rejected(code=code, message=message, permanent=permanent) if permanent or attempt.last:
                self._settle(wanted, attempt, "rejected", f"{code} {message}" if code else message, code)
                return Failed(retry=False, reason=f"rejected {code}")
            case Rejected(code=code, message=message):
                note = NoteAttempt(attempt=attempt.number, code=code, reason=message)
                number = wanted.event.contact
                self._send_commands([Order("contact", number, note, _id(number, f"attempt {attempt.number}"), ACCESS)])
                return Failed(retry=True, reason=f"rejected {code}")
            case _:
                self._settle(wanted, attempt, "unknown", handed.reason)
                return Unknown("no answer after the mail")

    def _check_loop(self, contact: Contact) -> None:
        """A program answers no program, and nobody more than a few times a day (RFC 3834 §2)."""
        if not contact.automatic or contact.answers is None:
            return
        answered = self._contact(contact.answers)
        if answered is None or answered.channel != "mail":
            return
        at = contact.at or self._door.clock()
        sent = ContactRow.objects.filter(
            direction="out", customer=contact.customer, at__gt=at - DAY, at__lt=at, status__in=("accepted", "unknown")
        ).exclude(automatic="")
        verdict = may_answer(_Answered(answered), sent.count())
        if isinstance(verdict, Suppressed):
            raise _Refusal(f"No automatic answer was sent: {verdict.reason}")

    def _built(self, wanted: _Wanted, contact: Contact) -> tuple[bytes, tuple[str, ...]]:
        """The bytes, the same on every attempt, and the envelope's recipients."""
        if not contact.address:
            raise _Refusal("The customer has no mail address. Add one, then send the message again.")
        text = self._with_link(wanted, contact)
        house = self._house
        mail = OutgoingMail(
            message_id=contact.message_id,
            date=wanted.at,
            sender=Address(house.name, house.address),
            to=(Address(contact.name, contact.address),),
            subject=contact.subject,
            text=text,
            html=letter_page(text, house.name),
            in_reply_to=contact.in_reply_to or None,
            references=contact.references,
            case_id=wanted.case,
            marker=make_marker(wanted.case, wanted.event.contact, house.key),
            attachments=tuple(self._files(contact)),
            automatic="auto-replied" if contact.automatic else None,
        )
        try:
            return build_mail(mail), mail.recipients
        except UnsendableMailError as fault:
            raise _Refusal(f"The mail cannot be built: {fault}") from fault

    def _with_link(self, wanted: _Wanted, contact: Contact) -> str:
        """The words with the link to the customer's page: where the letter speaks of it, else at the end. A link is a
        key, so it goes unasked to the customer's own addresses alone.
        """
        text = self._text(wanted.event.contact)
        if PLACEHOLDER not in text:
            if not self._is_own(contact):
                return text
            text = f"{text.rstrip()}\n\n{gettext('See how it stands, and do your part:')}\n{PLACEHOLDER}\n"
        return text.replace(PLACEHOLDER, self._portal_link(contact.customer, wanted.case, wanted.at))

    def _is_own(self, contact: Contact) -> bool:
        found = read_state(self._door, CUSTOMERS, contact.customer)
        return found is not None and ("mail", normalised("mail", contact.address)) in {
            (kind, normalised(kind, value)) for kind, value in found[0].identities
        }

    def _text(self, contact: int) -> str:
        first: Recorded = read_history(self._door, CONTACTS, contact, 0, 1)[0]
        return first.event.private.text if isinstance(first.event, ContactPrepared) else ""

    def _files(self, contact: Contact) -> list[Attachment]:
        try:
            return [
                Attachment(file.name, file.media_type, self._blobs.read_whole(file.blob), None)
                for file in contact.attachments
            ]
        except BlobGone as fault:
            raise _Refusal(f"{fault} Attach it anew, then send the message again.") from fault

    # --- what became of it ------------------------------------------------------------------------------------------

    def _settled(self, wanted: _Wanted, attempt: Attempt, end: End, reason: str) -> Outcome:
        self._settle(wanted, attempt, end, reason)
        return Done()

    def _settle(self, wanted: _Wanted, attempt: Attempt, end: End, reason: str, code: int = 0) -> None:
        """Tell contact and case, in one transaction; whoever has told it before is right."""
        contact = wanted.event.contact
        step = f"{end} {attempt.number}"
        orders = [
            Order(
                "case",
                wanted.case,
                c.SettleMessage(contact=contact, status=end, reason=reason),
                _id(contact, f"case {step}"),
                ACCESS,
            )
        ]
        if self._contact(contact) is not None:
            settle = SettleDelivery(status=end, attempt=attempt.number, code=code, reason=reason)
            orders.insert(0, Order("contact", contact, settle, _id(contact, step), ACCESS))
        self._send_commands(orders)

    def _send_commands(self, orders: list[Order]) -> None:
        self._door.handle_many(orders)


class _Answered:
    """What the loop guard reads of the contact that is answered."""

    def __init__(self, contact: Contact) -> None:
        self.automatic = cast("Automatic | None", contact.automatic or None)
        address = contact.reply_to or contact.address
        self.answer_to = Address(contact.name, address) if address else None
        self.envelope_from = contact.envelope_from


def _thread(answered: Contact | None) -> tuple[str, ...]:
    if answered is None or not answered.message_id:
        return ()
    return (*answered.references, answered.message_id)


def _id(contact: int, step: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"contact {contact} {step}")


def _files_with(blob: int, customer: int) -> list[Attached]:
    rows = ContactRow.objects.filter(customer=customer, attachments__contains=f'"blob":{blob},')[:1]
    files = [file for row in rows for file in msgspec.json.decode(row.attachments)]
    return [Attached(file["blob"], file["name"], file["media_type"], file["size"]) for file in files]
