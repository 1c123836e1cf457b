"""Erase a customer from the command line."""

from uuid import NAMESPACE_OID, uuid5

from caseloom.customers.customer import EraseCustomer
from caseloom.customers.models import CustomerRow
from caseloom.customers.queries import by_identity
from caseloom.engine.case.refusal import Refused
from caseloom.sdk.access import program
from caseloom.sdk.stream import Order
from caseloom.streams.door import the_door
from caseloom.streams.replay import erase_person


class NoSuchCustomer(LookupError):
    """The words name no customer."""


def find_customer(words: str) -> int:
    """The customer of an id or identity.

    Raises:
        NoSuchCustomer: there is none.
    """
    if words.isdigit() and CustomerRow.objects.filter(pk=int(words)).exists():
        return int(words)
    kinds = ("mail",) if "@" in words else ("number", "phone")
    found = next((customer for kind in kinds if (customer := by_identity(program("cli"), kind, words))), None)
    if found is None:
        raise NoSuchCustomer(
            f"There is no customer “{words}”. Give an id, a mail address, a phone or a customer number."
        )
    return found


def erase(customer: int) -> int:
    """Forget the customer; the number of streams rebuilt. Called again it goes on where it was cut off.

    The effect that the erasure asks for (files, jobs) is done by the worker as soon as it runs.
    """
    command = uuid5(NAMESPACE_OID, f"erase {customer}")
    verdict = the_door().handle(Order("customer", customer, EraseCustomer(), command, program("cli")))
    if isinstance(verdict, Refused) and verdict.code != "closed":
        raise NoSuchCustomer(verdict.message)
    return erase_person(the_door(), customer)
