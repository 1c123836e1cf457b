"""Conversion functions (DMN 1.5 §10.3.4.1): text to values and back, `money`, and `not`."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from caseloom.engine.feel.arithmetic import at_midnight
from caseloom.engine.feel.builtins.signature import builtin
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.kinds import Range, Value, kind
from caseloom.engine.feel.strings import quoted
from caseloom.engine.feel.wide import (
    AnyDate,
    AnyMoment,
    AnyTime,
    clock_of,
    clock_text,
    date_of,
    date_text,
    day_of,
    moment_of,
    read_any_date,
    read_any_moment,
    read_any_time,
)
from caseloom.engine.spec.moments import (
    duration_text,
    read_days_and_time,
    read_years_and_months,
)
from caseloom.engine.spec.values import DECIMAL128, Money, YearsMonths

_CURRENCY = re.compile("[A-Z]{3}")
_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_SECONDS = re.compile(r"\d{2}:\d{2}:\d{2}")


def read_moment(text: str) -> Value:
    """The date, time, date and time or duration that a text such as `2026-03-31` stands for, or None."""
    readers = (read_any_date, _read_moment, _read_time, read_days_and_time, read_years_and_months)
    return next((value for read in readers if (value := read(text)) is not None), None)


def _read_moment(text: str) -> AnyMoment | None:
    clock = text.partition("T")[2]
    whole = clock.startswith("24:00:00") or _read_time(clock) is not None
    return read_any_moment(text) if whole else None


def _read_time(text: str) -> AnyTime | None:
    """A time as FEEL has it: with seconds, and not with both an offset and a zone."""
    if not _SECONDS.match(text) or ("@" in text and re.search(r"[Z+-].*@", text)):
        return None
    return read_any_time(text)


def _expected(value: Value, what: str, text: str) -> Value:
    if value is None:
        raise NoValue(f"{text!r} is no {what}.")
    return value


def _date(text: str) -> Value:
    return _expected(read_any_date(text), "date, such as 2026-03-31", text)


def _date_from_parts(year: Decimal, month: Decimal, day: Decimal) -> Value:
    return date_of(_whole(year), _whole(month), _whole(day))


def _whole(value: Decimal) -> int:
    if value != value.to_integral_value():
        raise NoValue(f"{value} is no whole number.")
    return int(value)


def _time(text: str) -> Value:
    return _expected(_read_time(text), "time, such as 14:30:00", text)


def _time_of_date(day: date) -> Value:
    return time(0, tzinfo=UTC)


def _time_from_parts(hour: Decimal, minute: Decimal, second: Decimal, offset: timedelta | None = None) -> Value:
    micro = int((second % 1) * 1_000_000)
    zone = None if offset is None else timezone(offset) if offset else UTC
    try:
        return time(_whole(hour), _whole(minute), int(second), micro, zone)
    except ValueError:
        raise NoValue(f"There is no time {hour}:{minute}:{second}.") from None


def _date_and_time(text: str) -> Value:
    day = read_any_date(text)
    if day:
        return moment_of(day, time())
    return _expected(_read_moment(text), "date and time, such as 2026-03-31T14:30:00", text)


def _joined(day: AnyDate | AnyMoment, clock: AnyTime) -> Value:
    return moment_of(day_of(day), clock)


def _number(text: str, grouping: str | None = None, decimal: str | None = None) -> Value:
    both = grouping is not None and grouping == decimal
    if both or grouping not in (None, " ", ",", ".") or decimal not in (None, ",", "."):
        raise NoValue("The separators are one of space, comma and point, and differ.")
    plain = text.replace(grouping, "") if grouping else text
    plain = plain.replace(decimal, ".") if decimal else plain
    if not _NUMBER.fullmatch(plain):
        raise NoValue(f"{text!r} is no number.")
    return DECIMAL128.create_decimal(plain)


def _duration(text: str) -> Value:
    value = read_days_and_time(text) or read_years_and_months(text)
    return _expected(value if value is not None else read_days_and_time(text), "duration, such as P2DT4H", text)


def _years_and_months(start: AnyDate | AnyMoment, end: AnyDate | AnyMoment) -> Value:
    """The whole months between two days; the time of day does not count (§10.3.4.1, table 70)."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and start.day > end.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearsMonths(months)


def _money(amount: Decimal, currency: str) -> Value:
    if not _CURRENCY.fullmatch(currency):
        raise NoValue(f"{currency!r} is no currency; write three capital letters such as EUR.")
    return Money(amount, currency)


def _not(value: Value) -> Value:
    return not value if isinstance(value, bool) else None


def text_of(value: Value) -> str | None:
    """The text of a value, as `string()` gives it."""
    return value if isinstance(value, str) or value is None else _inner_text(value)


def _inner_text(value: Value) -> str:
    return _WRITERS.get(kind(value), lambda _: "null")(value)


def number_text(value: Decimal) -> str:
    """A number without exponent and without what does not count (`1.50` is `1.5`)."""
    if not value:
        return "0"
    text = format(value, "f") if -40 < value.adjusted() < 40 else str(value)
    return text.rstrip("0").rstrip(".") if "." in text and "E" not in text else text


def _moment_text(moment: AnyMoment) -> str:
    return f"{date_text(moment)}T{clock_text(clock_of(moment))}"


def _list_text(members: list[Value]) -> str:
    return "[" + ", ".join(map(_inner_text, members)) + "]"


def _context_text(entries: Mapping[str, Value]) -> str:
    return "{" + ", ".join(f"{_key(name)}: {_inner_text(value)}" for name, value in entries.items()) + "}"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[^\W\d]\w*( \w+)*", name) else quoted(name)


def _range_text(bounds: Range) -> str:
    if bounds.start is None:
        return f"({'<=' if bounds.end_included else '<'} {_inner_text(bounds.end)})"
    if bounds.end is None:
        return f"({'>=' if bounds.start_included else '>'} {_inner_text(bounds.start)})"
    opens, closes = "[" if bounds.start_included else "(", "]" if bounds.end_included else ")"
    return f"{opens}{_inner_text(bounds.start)}..{_inner_text(bounds.end)}{closes}"


_WRITERS: dict[str, Callable[[Any], str]] = {
    "string": quoted,
    "number": number_text,
    "boolean": lambda value: "true" if value else "false",
    "date": date_text,
    "time": clock_text,
    "date and time": _moment_text,
    "days and time duration": duration_text,
    "years and months duration": str,
    "money": lambda money: f"{number_text(money.amount)} {money.currency}",
    "list": _list_text,
    "context": _context_text,
    "range": _range_text,
    "function": lambda value: "function(" + ", ".join(value.parameters) + ")",
}

FUNCTIONS = (
    builtin(
        "date",
        ("from: string", _date),
        ("from: date|date and time", day_of),
        ("year: number, month: number, day: number", _date_from_parts),
    ),
    builtin(
        "time",
        ("from: string", _time),
        ("from: date and time", clock_of),
        ("from: date", _time_of_date),
        ("from: time", lambda moment: moment),
        (
            "hour: number, minute: number, second: number, offset?: days and time duration|null",
            _time_from_parts,
        ),
    ),
    builtin(
        "date and time",
        ("from: string", _date_and_time),
        ("date: date|date and time, time: time", _joined),
        ("from: date and time", lambda moment: moment),
        ("from: date", at_midnight),
    ),
    builtin("number", ("from: string, grouping separator?: string|null, decimal separator?: string|null", _number)),
    builtin("string", ("from: any", text_of)),
    builtin(
        "duration",
        ("from: string", _duration),
        ("from: days and time duration|years and months duration", lambda length: length),
    ),
    builtin(
        "years and months duration",
        ("from: date|date and time, to: date|date and time", _years_and_months),
    ),
    builtin("money", ("amount: number, currency: string", _money)),
    builtin("not", ("negand: any", _not)),
)
