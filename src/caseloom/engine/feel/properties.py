"""Properties behind a dot: entries of contexts, and those that dates, durations, ranges and money define
(DMN 1.5 §10.3.2.5, tables 60 to 66). Never an attribute of a Python object."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from caseloom.engine.feel.comparison import offset_of
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.kinds import Value, an, kind


def property_of(value: Value, name: str) -> Value:
    """`value.name`. Raises `NoValue` when there is no such property."""
    if isinstance(value, Mapping):
        if name not in value:
            raise NoValue(f"There is no {name!r} in the context.")
        return value[name]
    which = kind(value)
    if which == "list":
        return [_of_member(member, name) for member in value]  # type: ignore[attr-defined]
    reader = _PROPERTIES.get((which, name))
    if reader is None:
        raise NoValue(f"There is no {name!r} of {an(which)}.")
    return reader(value)


def _of_member(member: Value, name: str) -> Value:
    try:
        return property_of(member, name)
    except NoValue:
        return None


def _offset(value: Any) -> timedelta | None:
    if hasattr(value, "utcoffset") and isinstance(value.tzinfo, ZoneInfo) and hasattr(value, "year"):
        return value.utcoffset()  # type: ignore[no-any-return]
    return offset_of(value.tzinfo)


def _zone(value: Any) -> str | None:
    return getattr(value.tzinfo, "key", None)


def _whole(length: timedelta) -> timedelta:
    return abs(length)


def _signed(length: timedelta, amount: int) -> Decimal:
    return Decimal(-amount if length < timedelta() else amount)


def _years(length: Any) -> Decimal:
    return Decimal(abs(length.months) // 12 * (-1 if length.months < 0 else 1))


def _months(length: Any) -> Decimal:
    return Decimal(abs(length.months) % 12 * (-1 if length.months < 0 else 1))


_DATE: dict[str, Callable[[Any], Value]] = {
    "year": lambda day: Decimal(day.year),
    "month": lambda day: Decimal(day.month),
    "day": lambda day: Decimal(day.day),
    "weekday": lambda day: Decimal(day.isoweekday()),
}
_TIME: dict[str, Callable[[Any], Value]] = {
    "hour": lambda moment: Decimal(moment.hour),
    "minute": lambda moment: Decimal(moment.minute),
    "second": lambda moment: Decimal(moment.second),
    "time offset": _offset,
    "timezone": _zone,
}
_DAYS: dict[str, Callable[[Any], Value]] = {
    "days": lambda length: _signed(length, _whole(length).days),
    "hours": lambda length: _signed(length, _whole(length).seconds // 3600),
    "minutes": lambda length: _signed(length, _whole(length).seconds // 60 % 60),
    "seconds": lambda length: _signed(length, _whole(length).seconds % 60),
}
_OF_KIND: dict[str, dict[str, Callable[[Any], Value]]] = {
    "date": _DATE,
    "time": _TIME,
    "date and time": _DATE | _TIME,
    "days and time duration": _DAYS,
    "years and months duration": {"years": _years, "months": _months},
    "money": {"amount": lambda money: money.amount, "currency": lambda money: money.currency},
    "range": {
        "start": lambda bounds: bounds.start,
        "end": lambda bounds: bounds.end,
        "start included": lambda bounds: bounds.start_included,
        "end included": lambda bounds: bounds.end_included,
    },
}
_PROPERTIES = {(which, name): reader for which, readers in _OF_KIND.items() for name, reader in readers.items()}
