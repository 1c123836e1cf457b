"""The values that facts may have: their types, how people's input becomes one, and how events hold them.

| type | Python value | wire form |
|---|---|---|
| text, choice | `str` | the text |
| number | `Decimal`, 34 digits (decimal128) | text |
| boolean | `bool` | true, false |
| date, time | `date`, `time` | ISO 8601, a time in a named zone with `@zone` |
| date and time | aware `datetime` | ISO 8601 with offset, then `@zone` for a named zone |
| days and time duration | `timedelta` | ISO 8601 |
| years and months duration | `YearsMonths` | ISO 8601 |
| money | `Money` | `[amount, currency]` |
| object | `dict` of text to value | the same, values that are no text or boolean tagged with their type |
| list of … | `list` | list of the members' wire forms |

`None` is the absent value of every type, and its own wire form.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException, InvalidOperation
from typing import TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from caseloom.engine.spec.moments import (
    YearsMonths,
    duration_text,
    moment_text,
    read_date,
    read_datetime,
    read_days_and_time,
    read_time,
    read_years_and_months,
    time_text,
)

__all__ = [
    "DECIMAL128",
    "LIST_OF",
    "SIMPLE_TYPES",
    "Money",
    "Value",
    "ValueFault",
    "Wire",
    "YearsMonths",
    "from_tagged",
    "from_wire",
    "is_type",
    "parse_number",
    "parse_text",
    "parse_value",
    "to_tagged",
    "to_wire",
    "type_of",
]

# DMN 1.5 §10.3.2.3.1: numbers are IEEE 754-2008 decimal128.
DECIMAL128 = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144)

LIST_OF = "list of "
SIMPLE_TYPES = (
    "text",
    "number",
    "boolean",
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
    "money",
    "choice",
    "object",
)


class ValueFault(ValueError):
    """Input that is no value of its type; the text tells a person what was expected."""


class Money(msgspec.Struct, frozen=True, array_like=True):
    """An amount in one currency (ISO 4217). Adding or ordering two currencies raises `ValueFault`."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        return Money(DECIMAL128.add(self.amount, self._comparable(other)), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(DECIMAL128.subtract(self.amount, self._comparable(other)), self.currency)

    def __mul__(self, factor: Decimal) -> "Money":
        return Money(DECIMAL128.multiply(self.amount, factor), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._comparable(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._comparable(other)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def _comparable(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise ValueFault(f"{self} and {other} are in different currencies.")
        return other.amount


Value: TypeAlias = (
    "str | Decimal | bool | date | time | datetime | timedelta | YearsMonths | Money"
    " | Sequence[Value] | Mapping[str, Value] | None"
)
Wire: TypeAlias = "str | bool | list[Wire] | dict[str, Wire] | None"


def is_type(type_name: str) -> bool:
    """Whether facts may have this type."""
    return type_name.removeprefix(LIST_OF) in SIMPLE_TYPES or (
        type_name.startswith(LIST_OF) and is_type(type_name.removeprefix(LIST_OF))
    )


def type_of(value: Value) -> str:
    """The simple type of a value that is not `None` ("list" for a list). Raises `ValueFault` for no value."""
    for python_type, type_name in _TYPE_OF:
        if isinstance(value, python_type):
            return type_name
    raise ValueFault(f"A {type(value).__name__} is no value that a fact may have.")


def has_type(value: object, type_name: str) -> bool:
    """Whether this is a value of the type, as it is: nothing is converted."""
    if type_name.startswith(LIST_OF):
        member_type = type_name.removeprefix(LIST_OF)
        return isinstance(value, list | tuple) and all(has_type(member, member_type) for member in value)
    try:
        return type_of(value) == ("text" if type_name == "choice" else type_name)  # type: ignore[arg-type]
    except ValueFault:
        return False


# In this order: bool before what else is a number, datetime before date, of which it is a subclass.
_TYPE_OF: tuple[tuple[type, str], ...] = (
    (str, "text"),
    (bool, "boolean"),
    (Decimal, "number"),
    (datetime, "date and time"),
    (date, "date"),
    (time, "time"),
    (timedelta, "days and time duration"),
    (YearsMonths, "years and months duration"),
    (Money, "money"),
    (Mapping, "object"),
    (list, "list"),
    (tuple, "list"),
)


# -- wire ----------------------------------------------------------------------------------------------------


def to_wire(value: Value) -> Wire:
    """The plain form in which events and snapshots hold a value; safe for JSON and MessagePack."""
    if value is None or isinstance(value, str | bool):
        return value
    return _WRITERS[type_of(value)](value)  # type: ignore[operator,no-any-return]


def to_tagged(value: Value) -> Wire:
    """The wire form of a value whose type no definition tells, as a member of an object or a variable of a flow: in a
    list behind its type where unclear. Raises `ValueFault` for what no fact may have.
    """
    if value is None or isinstance(value, str | bool | Mapping):
        return to_wire(value)
    if isinstance(value, Sequence):
        return ["list", *(to_tagged(member) for member in value)]
    return [type_of(value), to_wire(value)]


_WRITERS: dict[str, object] = {
    "number": str,
    "date": date.isoformat,
    "time": time_text,
    "date and time": moment_text,
    "days and time duration": duration_text,
    "years and months duration": str,
    "money": lambda money: [str(money.amount), money.currency],
    "object": lambda members: {name: to_tagged(member) for name, member in members.items()},
    "list": lambda members: [to_wire(member) for member in members],
}


def from_wire(type_name: str, wire: Wire) -> Value:
    """The value that `to_wire` wrote. Raises `ValueFault` when the wire form is not of this type."""
    if wire is None:
        return None
    if type_name.startswith(LIST_OF):
        member_type = type_name.removeprefix(LIST_OF)
        return [from_wire(member_type, member) for member in _a_list(wire)]
    reader = _READERS.get(type_name)
    if reader is None:
        raise ValueFault(f"{type_name!r} is no type of facts.")
    return reader(wire)


def from_tagged(wire: Wire) -> Value:
    """The value that `to_tagged` wrote."""
    if isinstance(wire, dict):
        return {name: from_tagged(member) for name, member in wire.items()}
    if not isinstance(wire, list):
        return wire
    if wire[0] == "list":
        return [from_tagged(member) for member in wire[1:]]
    return from_wire(str(wire[0]), wire[1])


def _a_list(wire: Wire) -> list[Wire]:
    if not isinstance(wire, list):
        raise ValueFault("A list is expected.")
    return wire


# -- input ---------------------------------------------------------------------------------------------------


def parse_value(type_name: str, raw: object, zone: str | None = None) -> Value:
    """The value that a person or program meant by `raw`: form text, JSON, or a value already.

    `zone` (IANA) completes a date and time that is given without one, as browsers' forms do. Raises
    `ValueFault` with a sentence that tells what was expected; also for `None`, NUL and lone surrogates.
    """
    if type_name.startswith(LIST_OF):
        return _parse_list(type_name.removeprefix(LIST_OF), raw, zone)
    if type_name == "date and time":
        return _parse_moment(raw, zone)
    parser = _PARSERS.get(type_name)
    if parser is None:
        raise ValueFault(f"{type_name!r} is no type of facts. Use one of: {', '.join(SIMPLE_TYPES)}.")
    return parser(raw)


def parse_text(raw: object) -> str:
    """Text that PostgreSQL and every font can hold: no NUL, no half of a surrogate pair."""
    if not isinstance(raw, str):
        raise ValueFault("A text is expected.")
    if "\0" in raw:
        raise ValueFault("The text holds a NUL character, which cannot be kept. Remove it.")
    if _SURROGATE.search(raw):
        raise ValueFault("The text holds half a character (a lone surrogate). Remove it.")
    return raw


_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_MONEY = re.compile(r"(?P<before>[A-Z]{3})?\s*(?P<amount>[^\sA-Z]+)\s*(?P<after>[A-Z]{3})?")


def parse_number(raw: object) -> Decimal:
    """A number of at most 34 digits; what is finer is rounded half to even."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise ValueFault("A number is expected, such as 12 or 12.50.")
    text = str(raw).strip()
    if not _NUMBER.fullmatch(text):
        raise ValueFault("A number is expected, such as 12 or 12.50, without signs for thousands.")
    try:
        return DECIMAL128.create_decimal(text)
    except DecimalException:
        raise ValueFault("The number is too large or too small.") from None


def _parse_boolean(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = raw.strip().lower() if isinstance(raw, str) else ""
    if word in ("true", "yes", "on", "1"):
        return True
    if word in ("false", "no", "off", "0"):
        return False
    raise ValueFault("Yes or no is expected.")


def _parse_money(raw: object) -> Money:
    if isinstance(raw, Money):
        return _money(raw.amount, raw.currency)
    if isinstance(raw, Mapping) and set(raw) == {"amount", "currency"}:
        return _money(raw["amount"], raw["currency"])
    if isinstance(raw, list | tuple) and len(raw) == 2:
        return _money(raw[0], raw[1])
    found = _MONEY.fullmatch(raw.strip()) if isinstance(raw, str) else None
    if not found or bool(found["before"]) == bool(found["after"]):
        raise ValueFault("An amount with its currency is expected, such as 12.50 EUR.")
    return _money(found["amount"], found["before"] or found["after"])


def _money(amount: object, currency: object) -> Money:
    if not isinstance(currency, str) or not re.fullmatch("[A-Z]{3}", currency):
        raise ValueFault("A currency is expected as three capital letters, such as EUR.")
    return Money(parse_number(amount), currency)


def _parse_object(raw: object) -> dict[str, Value]:
    if not isinstance(raw, Mapping):
        raise ValueFault("An object is expected: names, each with a value.")
    return {parse_text(name): _parse_member(member) for name, member in raw.items()}


def _parse_member(raw: object) -> Value:
    if raw is None:
        return None
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return parse_number(raw)
    if isinstance(raw, list | tuple):
        return [_parse_member(member) for member in raw]
    return parse_value(type_of(raw), raw)  # type: ignore[arg-type]


def _parse_list(member_type: str, raw: object, zone: str | None) -> list[Value]:
    if not isinstance(raw, list | tuple):
        raise ValueFault(f"A list is expected, each member a {member_type}.")
    return [parse_value(member_type, member, zone) for member in raw]


def _parse_moment(raw: object, zone: str | None) -> datetime:
    expected = "A date and time with its zone is expected, such as 2026-03-31T14:30:00+02:00."
    moment = raw if isinstance(raw, datetime) else read_datetime(raw.strip()) if isinstance(raw, str) else None
    if moment is None:
        raise ValueFault(expected)
    if moment.tzinfo is None and zone:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    if moment.utcoffset() is None:
        raise ValueFault(expected)
    return moment


def _reads(python_type: type, read: Callable[[str], Value], expected: str) -> Callable[[object], Value]:
    """A parser that takes a value of the type as it is, and text by `read`."""

    def parse(raw: object) -> Value:
        if isinstance(raw, python_type) and not isinstance(raw, datetime):
            return raw  # type: ignore[return-value]
        found = read(raw.strip()) if isinstance(raw, str) else None
        if found is None:
            raise ValueFault(expected)
        return found

    return parse


_parse_date = _reads(date, read_date, "A date is expected, such as 2026-03-31.")
_parse_time = _reads(time, read_time, "A time is expected, such as 14:30 or 14:30:00.")
_parse_days_and_time = _reads(
    timedelta,
    read_days_and_time,
    "A length of time is expected, such as P2D for two days or PT4H for four hours.",
)
_parse_years_and_months = _reads(
    YearsMonths,
    read_years_and_months,
    "A length of time is expected, such as P1Y for a year or P6M for six months.",
)

_PARSERS: dict[str, Callable[[object], Value]] = {
    "text": parse_text,
    "choice": parse_text,
    "number": parse_number,
    "boolean": _parse_boolean,
    "date": _parse_date,
    "time": _parse_time,
    "days and time duration": _parse_days_and_time,
    "years and months duration": _parse_years_and_months,
    "money": _parse_money,
    "object": _parse_object,
}

_READERS: dict[str, Callable[[Wire], Value]] = {
    "text": parse_text,
    "choice": parse_text,
    "number": lambda wire: _exact_number(str(wire)),
    "boolean": _parse_boolean,
    "date": _parse_date,
    "time": _parse_time,
    "date and time": lambda wire: _parse_moment(wire, None),
    "days and time duration": _parse_days_and_time,
    "years and months duration": _parse_years_and_months,
    "money": lambda wire: _parse_money(_a_list(wire)),
    "object": from_tagged,
}


def _exact_number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueFault("A number is expected.") from None
