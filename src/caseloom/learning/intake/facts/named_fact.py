"""What a fact named in a text is."""

import datetime as dt
from decimal import Decimal
from typing import Literal

import msgspec

Kind = Literal[
    "date",
    "amount",
    "order number",
    "customer number",
    "invoice number",
    "contract number",
    "case number",
    "e-mail address",
    "phone number",
    "IBAN",
    "postal address",
]


class Money(msgspec.Struct, frozen=True):
    """An amount with its currency (ISO 4217)."""

    amount: Decimal
    currency: str


class PostalAddress(msgspec.Struct, frozen=True):
    """An address in its parts; those that the text does not name are empty."""

    street: str
    house_number: str
    postcode: str
    city: str
    region: str = ""


class NamedFact(msgspec.Struct, frozen=True):
    """A fact with its place: `text[start:end]` (characters) names it; `value` is its one form.

    Numbers are without blanks, in capitals; phone numbers are `+` and digits where the country is named, digits
    otherwise.
    """

    kind: Kind
    value: dt.date | Money | PostalAddress | str
    start: int
    end: int
