"""Performers that end what a customer has with the house: the erasure of everything personal, and the end of the
relation.
"""

from typing import Final
from uuid import NAMESPACE_OID, uuid5

import psycopg
from psycopg.rows import tuple_row

from caseloom.cases.kind import CASES
from caseloom.customers.customer import EndRelation
from caseloom.foundation.blobs import Blobs
from caseloom.sdk.access import program
from caseloom.sdk.stream import Order
from caseloom.streams import store
from caseloom.streams.effects import Attempt, Done, Outcome
from caseloom.streams.handle import Door
from caseloom.streams.replay import erase_person, read_state

ACCESS: Final = program("caseloom")


class Forgetting:
    """Performs "erase customer": the key goes first, then bytes, snapshots, projections and search. It can be cut off
    and done again.
    """

    def __init__(self, door: Door, blobs: Blobs) -> None:
        self._door, self._blobs = door, blobs

    def __call__(self, attempt: Attempt) -> Outcome:
        """The customer is the stream of the event."""
        for person in (attempt.stream, *_contacts_of_their_own(attempt.stream)):
            erase_person(self._door, person)
            self._blobs.delete_of(person)
        return Done()


def _contacts_of_their_own(customer: int) -> list[int]:
    """Contacts that came under a key of their own before it was known whose they are."""
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(
            "select c.id from contact_row c join person_key k on k.person = c.id where c.customer = %s", (customer,)
        )
        return [row[0] for row in cursor.fetchall()]


class EndingRelation:
    """Performs "end relation": the customer of a case whose service goal says so has left."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def __call__(self, attempt: Attempt) -> Outcome:
        """The case is the stream of the event."""
        found = read_state(self._door, CASES, attempt.stream)
        if found is not None:
            customer = found[0].customer
            command_id = uuid5(NAMESPACE_OID, f"end relation {attempt.stream} {attempt.version}")
            self._door.handle(Order("customer", customer, EndRelation(), command_id, ACCESS))
        return Done()
