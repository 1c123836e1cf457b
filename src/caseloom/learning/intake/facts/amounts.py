"""Amounts of money with their currency."""

from collections.abc import Iterator
from decimal import Decimal

import regex

from caseloom.learning.intake.facts.named_fact import Money, NamedFact

_CURRENCIES = {
    "€": "EUR",
    "eur": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "$": "USD",
    "usd": "USD",
    "us$": "USD",
    "dollar": "USD",
    "dollars": "USD",
    "£": "GBP",
    "gbp": "GBP",
    "pound": "GBP",
    "pounds": "GBP",
    "pfund": "GBP",
    "chf": "CHF",
    "franken": "CHF",
    "francs": "CHF",
    "¥": "JPY",
    "jpy": "JPY",
    "yen": "JPY",
}
_NUMBER = r"(?:\d{1,3}(?:[.,’' ]\d{3})+(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?)(?![.,]?\d)"
_NAMES = "|".join(sorted((regex.escape(name) for name in _CURRENCIES), key=len, reverse=True))
_BEFORE = rf"(?<![\w])(?P<before>us\$|[€$£¥]|(?:eur|usd|gbp|chf|jpy)(?=[\s\d]))\s?(?P<first>{_NUMBER})(?:,-|,–|\.-)?"
_AFTER = rf"(?<![\w.,])(?P<second>{_NUMBER})(?:,-|,–|\.-)?\s?(?P<after>{_NAMES})(?!\w)"
_AMOUNT = regex.compile(f"{_BEFORE}|{_AFTER}", regex.I)


def amounts(text: str) -> Iterator[NamedFact]:
    """`€ 12.50`, `1.234,56 EUR`, `$1,234`, `20 pounds`."""
    for found in _AMOUNT.finditer(text):
        currency = _CURRENCIES[(found["before"] or found["after"]).lower()]
        number = found["first"] or found["second"]
        yield NamedFact("amount", Money(decimal_of(number), currency), found.start(), found.end())


def decimal_of(number: str) -> Decimal:
    """The number, whichever of point and comma parts its thousands: the last one followed by one or two digits is
    the decimal one."""
    mark = max(number.rfind("."), number.rfind(","))
    digits = regex.sub(r"\D", "", number)
    if mark >= 0 and len(number) - mark - 1 in (1, 2):
        cents = len(number) - mark - 1
        return Decimal(digits).scaleb(-cents)
    return Decimal(digits)
