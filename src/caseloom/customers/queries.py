"""Questions about customers. Each takes an `Access`."""

from collections.abc import Iterable
from typing import Any

from caseloom.customers.customer import CUSTOMERS, Customer, facts_of, normalised
from caseloom.customers.models import CustomerRow, IdentityRow
from caseloom.sdk.access import Access
from caseloom.staff.access import reaches_customer
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_state


def by_identity(access: Access, kind: str, value: str) -> int | None:
    """The customer whom this identity leads to; an alias leads on to the record it was merged into."""
    found = (
        IdentityRow.objects.filter(kind=kind, value=normalised(kind, value)).values_list("customer", flat=True).first()
    )
    return None if found is None or not reaches_customer(access, found) else leading(found)


def by_identities(access: Access, kind: str, values: Iterable[str]) -> dict[str, int]:
    """Normalised value → customer, for those that are known."""
    wanted = {normalised(kind, value) for value in values}
    rows = IdentityRow.objects.filter(kind=kind, value__in=wanted).values_list("value", "customer")
    return {value: customer for value, customer in rows if reaches_customer(access, customer)}


def leading(customer: int) -> int:
    """The record that stands for this customer after merges."""
    for _ in range(8):
        into = CustomerRow.objects.filter(pk=customer).values_list("merged_into", flat=True).first()
        if into is None:
            return customer
        customer = into
    return customer


def read_customer(access: Access, customer: int) -> tuple[Customer, int] | None:
    """A customer's record and its version; None where there is none that this actor reaches."""
    if not reaches_customer(access, customer) and access.customer != customer:
        return None
    return read_state(the_door(), CUSTOMERS, customer)


def known_facts(access: Access, customer: int) -> dict[str, Any]:
    """What a case that is opened for this customer may copy; nothing of one whom the actor does not reach."""
    found = read_customer(access, customer)
    return {} if found is None else facts_of(found[0])


def names(access: Access, customers: Iterable[int]) -> dict[int, str]:
    """The names of these customers, for lists."""
    rows = CustomerRow.objects.filter(pk__in=set(customers)).values_list("id", "name")
    return {
        customer: name for customer, name in rows if reaches_customer(access, customer) or access.customer == customer
    }
