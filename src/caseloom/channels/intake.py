"""Intake: new raw mails become contacts, customers and cases, a batch at a time.

One transaction holds it all: the rows of the inbox (locked, so that any number of sorters share the work), the
customers that are made, the contacts, the cases that are opened or joined, the bytes, and the mark that the mail is
done. So a kill anywhere loses nothing and doubles nothing; and each command's id follows from the mail's hash and the
step, should it ever be brought twice. A mail that fails is tried alone, and what still fails goes to quarantine with
the sentence that says why.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
import psycopg

from caseloom.channels.contact import ReceiveContact, RecordBounce, RecordReading, SettleDelivery
from caseloom.channels.contact_events import Attached, Words
from caseloom.channels.inbox import Inbox, Waiting
from caseloom.channels.mail.message import InboundMail, MailLimits, Unreadable, read_mail
from caseloom.channels.mail.threading import without_tags
from caseloom.channels.models import ContactRow
from caseloom.channels.sorter import Destination, Joins, Opens, Sorter, Stays, Unsorted
from caseloom.customers.customer import CUSTOMERS, CreateCustomer, facts_of, normalised
from caseloom.customers.queries import by_identities, leading
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.blobs import Blobs, NewBlob
from caseloom.library.plans import the_plans
from caseloom.sdk.access import program
from caseloom.sdk.stream import Order
from caseloom.streams import store
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_state

BATCH: Final = 50
USUAL_LIMITS: Final = MailLimits()
TRIES: Final = 3
"""How often a mail that fails for a reason of ours is tried before it goes to quarantine."""
ACCESS: Final = program("intake")
log = logging.getLogger(__name__)


class Broken(Exception):
    """A command of a mail was refused; nothing of its batch has happened."""

    def __init__(self, mail: int, refused: Refused) -> None:
        super().__init__(refused.message)
        self.mail, self.refused = mail, refused


class Read(msgspec.Struct):
    """A mail that was read, with what has been found out about it so far. `contact` is its id in the inbox, too."""

    waiting: Waiting
    mail: InboundMail
    customer: int | None = None
    is_new: bool = False
    raw: int = 0
    attached: tuple[Attached, ...] = ()

    @property
    def contact(self) -> int:
        return self.waiting.id

    @property
    def address(self) -> str:
        """The sender's address as identities are compared; empty where there is none that could be answered."""
        sender = self.mail.sender
        return normalised("mail", sender.address) if sender is not None and "@" in sender.address else ""

    def command_id(self, step: str) -> UUID:
        return uuid5(NAMESPACE_OID, f"{self.waiting.sha256.hex()} {step}")


class _Step(msgspec.Struct, frozen=True):
    """A command of a mail. `may_be_late`: refused as a duplicate, it was told by somebody else meanwhile."""

    mail: int
    order: Order
    may_be_late: bool = False


class Intake:
    """Sorts new mails. `sort_batch` again and again, in as many processes as wanted."""

    def __init__(
        self, door: Door, inbox: Inbox, blobs: Blobs, sorter: Sorter, limits: MailLimits = USUAL_LIMITS
    ) -> None:
        self._door, self._inbox, self._blobs, self._sorter, self._limits = door, inbox, blobs, sorter, limits
        self._ids: Iterator[int] = door.ids

    def sort_batch(self, limit: int = BATCH) -> int:
        """Sort the next new mails; how many were dealt with. Call again at once while there are any.

        Raises:
            psycopg.OperationalError: the database is away; nothing has happened.
        """
        for _ in range(2):
            try:
                return self._sort(lambda: self._inbox.waiting(limit))
            except (Broken, psycopg.errors.IntegrityError, psycopg.errors.InFailedSqlTransaction) as fault:
                # Another sorter made the same customer just now, or a mail is broken: once more, then one by one.
                log.info("A batch of mails is sorted again: %s.", type(fault).__name__)
            except psycopg.OperationalError:
                raise
            except Exception:
                log.exception("A batch of mails failed; its mails are sorted one by one.")
                break
        return self._sort_singly(limit)

    def _sort_singly(self, limit: int) -> int:
        with store.raw_connection().transaction():
            numbers = [waiting.id for waiting in self._inbox.waiting(limit)]
        for number in numbers:
            self._sort_alone(number)
        return len(numbers)

    def _sort_alone(self, number: int) -> None:
        reason = ""
        for attempt in range(1, TRIES + 1):
            try:
                self._sort(lambda: [one for one in (self._inbox.waiting_one(number),) if one is not None])
                return
            except Broken as fault:
                # It may have been another sorter that was faster; then the next attempt finds what that one made.
                reason = f"The mail could not become a contact: {fault.refused.message}"
            except psycopg.OperationalError:
                raise
            except Exception as fault:
                log.exception("A mail failed.", extra={"mail": number, "attempt": attempt})
                reason = f"The mail could not be sorted ({type(fault).__name__}); the log says more. Try again later."
        self._inbox.quarantine(number, reason)

    # --- one transaction --------------------------------------------------------------------------------------------

    def _sort(self, take: Callable[[], list[Waiting]]) -> int:
        with store.raw_connection().transaction():
            waiting = take()
            if not waiting:
                return 0
            reads = self._without_copies(self._read(waiting))
            if reads:
                self._bring(reads)
                self._inbox.mark_done([read.contact for read in reads])
        return len(waiting)

    def _read(self, waiting: Sequence[Waiting]) -> list[Read]:
        reads = []
        for one in waiting:
            envelope = one.envelope
            mail = read_mail(envelope.raw, self._limits, envelope_from=envelope.sender, envelope_to=envelope.recipients)
            if isinstance(mail, Unreadable):
                self._inbox.quarantine(one.id, f"{mail.place}: {mail.reason}" if mail.place else mail.reason)
            else:
                reads.append(Read(one, mail))
        return reads

    def _without_copies(self, reads: list[Read]) -> list[Read]:
        """The same mail may come by two ways (To one of our addresses, Cc another), with other trace headers each
        time.
        """
        ids = [read.mail.message_id for read in reads if read.mail.message_id]
        rows = ContactRow.objects.filter(message_id__in=ids, direction="in").values_list(
            "message_id", "address", "subject"
        )
        known = (
            {(message_id, normalised("mail", address), subject) for message_id, address, subject in rows}
            if ids
            else set()
        )
        fresh = []
        for read in reads:
            sign = (read.mail.message_id, read.address, read.mail.subject)
            if read.mail.message_id and sign in known:
                self._inbox.mark_duplicate(read.contact)
            else:
                known.add((read.mail.message_id or "", read.address, read.mail.subject))
                fresh.append(read)
        return fresh

    def _bring(self, reads: list[Read]) -> None:
        self._find_customers(reads)
        unsorted = [
            Unsorted(read.contact, read.mail, read.waiting.mailbox, None if read.is_new else read.customer)
            for read in reads
        ]
        places = self._sorter(unsorted)
        for read, place in zip(reads, places, strict=True):
            self._name_blobs(read)
            if isinstance(place, Joins) and read.customer is None:
                # A report speaks of the customer to whom the mail went: it is theirs, and is forgotten with them.
                read.customer = place.customer
        steps = [*self._new_customers(reads), *self._steps(reads, places)]
        verdicts = self._door.handle_many([step.order for step in steps])
        for step, verdict in zip(steps, verdicts, strict=True):
            if isinstance(verdict, Refused) and not (step.may_be_late and verdict.code == "duplicate"):
                raise Broken(step.mail, verdict)
        self._blobs.put([blob for read in reads for blob in _blobs(read)])

    def _find_customers(self, reads: list[Read]) -> None:
        found = by_identities(ACCESS, "mail", {read.address for read in reads if read.address})
        fresh: dict[str, int] = {}
        for read in reads:
            known = found.get(read.address)
            if known is not None:
                read.customer = leading(known)
            elif read.mail.automatic is None:
                # Whom nobody can name is a customer all the same; without an address each mail is somebody new.
                read.is_new = True
                read.customer = fresh.setdefault(read.address or f"no address {read.contact}", next(self._ids))

    def _name_blobs(self, read: Read) -> None:
        read.raw = next(self._ids)
        read.attached = tuple(
            Attached(next(self._ids), file.name, file.media_type, len(file.content), file.content_id or "")
            for file in read.mail.attachments
        )

    # --- commands ---------------------------------------------------------------------------------------------------

    def _new_customers(self, reads: Sequence[Read]) -> Iterator[_Step]:
        made: set[int] = set()
        for read in reads:
            if read.is_new and read.customer is not None and read.customer not in made:
                made.add(read.customer)
                name = read.mail.sender.name if read.mail.sender is not None else ""
                identities = (("mail", read.address),) if read.address else ()
                command = CreateCustomer(customer=read.customer, name=name, identities=identities)  # type: ignore[arg-type]
                yield self._step(read, "customer", read.customer, command)

    def _steps(self, reads: Sequence[Read], places: Sequence[Destination]) -> Iterator[_Step]:
        facts = self._facts(reads, places)
        for read, place in zip(reads, places, strict=True):
            case = next(self._ids) if isinstance(place, Opens) else None
            yield self._receive(read, place, case)
            if isinstance(place, Opens | Joins) and place.reading is not None:
                yield self._step(read, "reading", read.contact, RecordReading(reading=place.reading))
            match place:
                case Opens() if case is not None and read.customer is not None:
                    yield from self._open(read, place, case, facts.get(read.customer, {}))
                    yield from self._open_more(read, place, facts.get(read.customer, {}))
                case Joins():
                    yield self._join(read, place)
                    yield from self._reported(read, place)
                case _:
                    pass

    def _receive(self, read: Read, place: Destination, opened: int | None) -> _Step:
        mail = read.mail
        joined = place.case if isinstance(place, Joins) else opened
        command = ReceiveContact(
            contact=read.contact,
            customer=read.customer or 0,
            channel="mail",
            at=read.waiting.received_at,
            automatic=mail.automatic or "",
            case=joined,
            team=_team(place),
            mailbox=read.waiting.mailbox,
            raw=read.raw,
            images_held=mail.remote_images_held,
            faults=mail.faults,
            words=_words(read),
        )
        return self._step(read, "contact", read.contact, command)

    def _open_more(self, read: Read, place: Opens, facts: dict[str, Any]) -> Iterator[_Step]:
        """Each further want of the message is a case of its own."""
        for number, (service_goal, version) in enumerate(place.more, 1):
            one = msgspec.structs.replace(place, service_goal=service_goal, version=version, note="", more=())
            yield from self._open(read, one, next(self._ids), facts, f"case {number}")

    def _open(self, read: Read, place: Opens, case: int, facts: dict[str, Any], step: str = "case") -> Iterator[_Step]:
        customer = read.customer or 0
        command = c.OpenCase(
            case=case,
            customer=customer,
            service_goal=place.service_goal,
            version=place.version,
            house_version=place.house_version,
            channel="mail",
            title=_title(read.mail),
            team=place.team,
            contact_at=read.waiting.received_at,
            contact=read.contact,
            customer_facts=facts or _facts_of_sender(read),
        )
        yield self._step(read, step, case, command)
        if place.note:
            yield self._step(read, "note", case, c.AddNote(text=place.note))

    def _join(self, read: Read, place: Joins) -> _Step:
        command = c.LinkContact(
            contact=read.contact,
            channel="mail",
            at=read.waiting.received_at,
            customer=read.customer or 0,
            automatic=read.mail.automatic is not None,
        )
        return self._step(read, "join", place.case, command)

    def _reported(self, read: Read, place: Joins) -> Iterator[_Step]:
        """What an answer or a report tells of the mail that it answers: it arrived, or it bounced."""
        if place.answers is None:
            return
        rows = ContactRow.objects.filter(pk=place.answers, direction="out", case_id=place.case)
        ours = rows.values_list("status", flat=True).first()
        if ours is None:
            return
        failed = next((report for report in read.mail.delivery_reports if report.action == "failed"), None)
        if read.mail.automatic == "bounce":
            report = failed or next(iter(read.mail.delivery_reports), None)
            bounce = RecordBounce(
                report=read.contact,
                action=report.action if report else "failed",
                code=report.status if report else "",
                recipient=report.recipient if report else "",
                diagnostic=report.diagnostic if report else "",
            )
            yield self._step(read, "bounce", place.answers, bounce)
        if ours in ("unknown", "requested"):
            reason = (
                f"It came back: {failed.diagnostic or failed.status}" if failed else "The answer shows that it arrived."
            )
            status: Any = "rejected" if failed else "accepted"
            yield self._step(
                read, "settle contact", place.answers, SettleDelivery(status=status, reason=reason), may_be_late=True
            )
            message = c.SettleMessage(contact=place.answers, status=status, reason=reason)
            yield self._step(read, "settle message", place.case, message, may_be_late=True)

    def _step(self, read: Read, step: str, stream: int, command: object, may_be_late: bool = False) -> _Step:
        kind = next(name for name, kind in self._door.kinds.items() if isinstance(command, kind.commands))
        return _Step(read.contact, Order(kind, stream, command, read.command_id(step), ACCESS), may_be_late)

    def _facts(self, reads: Sequence[Read], places: Sequence[Destination]) -> dict[int, dict[str, Any]]:
        """What is known of the customers for whom a case is opened, where its definition asks for it."""
        wanted = {
            read.customer
            for read, place in zip(reads, places, strict=True)
            if isinstance(place, Opens) and not read.is_new and read.customer is not None and _asks_for_facts(place)
        }
        found = {customer: read_state(self._door, CUSTOMERS, customer) for customer in wanted}
        return {customer: facts_of(state[0]) for customer, state in found.items() if state is not None}


def _asks_for_facts(place: Opens) -> bool:
    plan = the_plans(place.service_goal, place.version, place.house_version)
    return any(spec.from_customer for spec in plan.facts.values())


def _facts_of_sender(read: Read) -> dict[str, Any]:
    name = read.mail.sender.name if read.mail.sender is not None else ""
    return {key: value for key, value in (("name", name), ("mail", read.address)) if value}


def _team(place: Destination) -> str:
    match place:
        case Joins(team=team):
            return team
        case Opens() if place.service_goal:
            goal = the_plans(place.service_goal, place.version, place.house_version).service_goal
            return place.team or (goal.team if goal is not None else "")
        case Opens(team=team):
            return team
        case Stays():
            return ""


def _title(mail: InboundMail) -> str:
    """The subject, or the first words of a mail that has none."""
    subject = without_tags(mail.subject)
    return (subject or next(iter(mail.reply_text.strip().splitlines()), ""))[:200]


def _words(read: Read) -> Words:
    mail, sender = read.mail, read.mail.sender
    answer = mail.answer_to
    return Words(
        subject=mail.subject,
        text=mail.text,
        own_text=mail.reply_text if mail.reply_text != mail.text else "",
        html=mail.html,
        address=sender.address if sender else "",
        name=sender.name if sender else "",
        recipients=tuple(address.address for address in (*mail.to, *mail.cc))[:50],
        reply_to=answer.address if answer is not None and answer != sender else "",
        envelope_from=mail.envelope_from,
        message_id=mail.message_id or "",
        in_reply_to=mail.in_reply_to or "",
        references=mail.references,
        attachments=read.attached,
    )


def _blobs(read: Read) -> Iterator[NewBlob]:
    person = read.customer or read.contact
    yield NewBlob(read.raw, person, read.waiting.envelope.raw)
    for attached, file in zip(read.attached, read.mail.attachments, strict=True):
        yield NewBlob(attached.blob, person, file.content)
