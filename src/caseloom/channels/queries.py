"""Questions about contacts. Each takes an `Access`; what an actor does not reach is answered as if there were none."""

from collections.abc import Iterator
from datetime import datetime

import msgspec
import psycopg
from psycopg.rows import class_row, tuple_row

from caseloom.channels.contact import CONTACTS, Contact
from caseloom.channels.contact_events import Attached, ContactPrepared, ContactReceived, Words
from caseloom.channels.inbox import Inbox
from caseloom.channels.models import ContactRow
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.blobs import Blobs
from caseloom.sdk.access import Access
from caseloom.staff.access import need, reaches_case, reaches_customer
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history, read_state

PAGE = 50
_OF_CASE = """
select r.*, c.customer as owner, c.team as case_team from case_contact l
join case_row c on c.id = l.case_id join contact_row r on r.id = l.contact
where l.case_id = %(case)s and (%(before)s::bigint is null or r.id < %(before)s) order by r.id desc limit %(limit)s
"""


class ContactPage(msgspec.Struct, frozen=True):
    """A contact whole: its state and version, what was said, and the cases that this actor reaches it by."""

    contact: Contact
    version: int
    words: Words
    images_held: int
    faults: tuple[str, ...]
    cases: tuple[int, ...]


class ThreadHeaders(msgspec.Struct, frozen=True):
    """What an answer to a contact carries (RFC 5322 §3.6.4), with the address that it goes to."""

    in_reply_to: str
    references: tuple[str, ...]
    to: str
    subject: str


class Quarantined(msgspec.Struct, frozen=True):
    """A mail that could not become a contact, and why."""

    id: int
    mailbox: str
    received_at: datetime
    reason: str
    attempts: int


def read_contact(access: Access, contact: int) -> ContactPage | None:
    """A contact with its whole text; None where there is none that this actor reaches."""
    cases = _reached_by(access, contact)
    found = read_state(the_door(), CONTACTS, contact) if cases is not None else None
    if found is None or cases is None:
        return None
    first = read_history(the_door(), CONTACTS, contact, 0, 1)[0].event
    words = first.private if isinstance(first, ContactReceived | ContactPrepared) else Words()
    received = first if isinstance(first, ContactReceived) else None
    held, faults = (received.images_held, received.faults) if received else (0, ())
    return ContactPage(found[0], found[1], words, held, faults, cases)


def read_attachment(access: Access, blobs: Blobs, contact: int, blob: int) -> tuple[Attached, Iterator[bytes]] | None:
    """A file of a contact and its bytes; None where this actor reaches no such file.

    Raises:
        BlobGone: while reading, the customer was erased meanwhile.
    """
    page = read_contact(access, contact)
    found = next((file for file in page.contact.attachments if file.blob == blob), None) if page is not None else None
    return None if found is None else (found, blobs.read(blob))


def read_source(access: Access, blobs: Blobs, contact: int) -> Iterator[bytes] | None:
    """The raw mail of a contact as it came; None where there is none, or for customers."""
    page = read_contact(access, contact) if access.customer is None else None
    return None if page is None or page.contact.raw is None else blobs.read(page.contact.raw)


def contacts_of_case(access: Access, case: int, before: int | None = None, limit: int = PAGE) -> list[ContactRow]:
    """The contacts of a case, newest first, below the id `before`."""
    rows = ContactRow.objects.raw(_OF_CASE, {"case": case, "before": before, "limit": limit})
    return [row for row in rows if reaches_case(access, case, vars(row)["owner"], vars(row)["case_team"])]


def contacts_of_customer(
    access: Access, customer: int, before: int | None = None, limit: int = PAGE
) -> list[ContactRow]:
    """All contacts with a customer, newest first, below the id `before`, but those of confidential teams."""
    if not reaches_customer(access, customer):
        return []
    rows = ContactRow.objects.filter(customer=customer).exclude(team__in=access.hidden)
    return list((rows if before is None else rows.filter(pk__lt=before)).order_by("-id")[:limit])


def unsorted_contacts(access: Access, before: int | None = None, limit: int = PAGE) -> list[ContactRow]:
    """Contacts that stand in no case, newest first."""
    if access.customer is not None or not access.may("read cases"):
        return []
    rows = ContactRow.objects.filter(case_id__isnull=True, direction="in")
    return list((rows if before is None else rows.filter(pk__lt=before)).order_by("-id")[:limit])


def thread_of(access: Access, contact: int) -> ThreadHeaders | None:
    """What an answer to this contact carries."""
    page = read_contact(access, contact)
    if page is None:
        return None
    one = page.contact
    references = (*one.references, one.message_id) if one.message_id else one.references
    return ThreadHeaders(one.message_id, references, one.reply_to or one.address, one.subject)


def quarantined(access: Access, before: int | None = None, limit: int = PAGE) -> list[Quarantined]:
    """Mails that could not become contacts, newest first."""
    if not access.may("manage quarantine"):
        return []
    with psycopg.Cursor(store.raw_connection(), row_factory=class_row(Quarantined)) as cursor:
        cursor.execute(
            "select id, mailbox, received_at, reason, attempts from raw_mail "
            "where state = 'quarantined' and (%s::bigint is null or id < %s) order by id desc limit %s",
            (before, before, limit),
        )
        return cursor.fetchall()


def quarantined_source(access: Access, inbox: Inbox, mail: int) -> bytes | None:
    """The raw bytes of a quarantined mail, for a person to look at."""
    return inbox.raw_source(mail) if access.may("manage quarantine") else None


def retry_quarantined(access: Access, inbox: Inbox, mail: int) -> Refused | None:
    """Let a quarantined mail be sorted again; None when it will be."""
    refused = need(access, "manage quarantine")
    if refused is not None:
        return refused
    return (
        None
        if inbox.release(mail)
        else Refused("not found", f"There is no mail {mail} in quarantine; it may have been sorted meanwhile.")
    )


def _reached_by(access: Access, contact: int) -> tuple[int, ...] | None:
    """The cases by which this actor reaches a contact; none of a contact that stands alone; None where it is not
    reached.
    """
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(
            "select c.id, c.customer, c.team from case_contact l join case_row c on c.id = l.case_id "
            "where l.contact = %s",
            (contact,),
        )
        linked = cursor.fetchall()
    reached = tuple(case for case, customer, team in linked if reaches_case(access, case, customer, team))
    if linked:
        return reached or None
    if access.customer is None:
        return () if access.may("read cases") else None
    own = access.case is None and ContactRow.objects.filter(pk=contact, customer=access.customer).exists()
    return () if own else None
