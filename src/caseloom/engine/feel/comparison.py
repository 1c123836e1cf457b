"""Equality, order and membership (DMN 1.5 §10.3.2.13, §10.3.2.14). Two kinds do not compare."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from caseloom.engine.feel.faults import Faulted, NoValue
from caseloom.engine.feel.kinds import Range, Value, an, kind
from caseloom.engine.feel.wide import AnyDate, AnyMoment, AnyTime, WideDate, WideTime, nanoseconds, ordinal
from caseloom.engine.spec.values import Money

ORDERED = {
    "number",
    "string",
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
    "money",
}


def equal(left: Value, right: Value) -> bool | None:
    """Whether two values are equal; None where they are of different kinds."""
    if left is None or right is None:
        return left is right
    which = kind(left)
    if which != kind(right):
        return None
    compare = _EQUALITY.get(which)
    return compare(left, right) if compare else left == right


def _equal_lists(left: Sequence[Value], right: Sequence[Value]) -> bool | None:
    if len(left) != len(right):
        return False
    results = [equal(a, b) for a, b in zip(left, right, strict=True)]
    return None if None in results else all(results)


def _equal_contexts(left: Mapping[str, Value], right: Mapping[str, Value]) -> bool | None:
    if set(left) != set(right):
        return False
    results = [equal(left[key], right[key]) for key in left]
    return None if None in results else all(results)


def _equal_ranges(left: Range, right: Range) -> bool:
    same_bounds = (left.start_included, left.end_included) == (right.start_included, right.end_included)
    return same_bounds and equal(left.start, right.start) is True and equal(left.end, right.end) is True


def _equal_money(left: Money, right: Money) -> bool:
    one_currency(left, right)
    return left.amount == right.amount


def one_currency(left: Money, right: Money) -> None:
    """Raises `Faulted` for money in two currencies."""
    if left.currency != right.currency:
        raise Faulted(f"{left} and {right} are in different currencies. Convert one of them first.")


def _equal_moments(left: AnyMoment, right: AnyMoment) -> bool:
    if isinstance(left, datetime) and isinstance(right, datetime):
        return on_timeline(left) == on_timeline(right)
    return (left.tzinfo is None) == (right.tzinfo is None) and nanoseconds(left) == nanoseconds(right)


def on_timeline(moment: datetime) -> datetime:
    """A moment in UTC; Python compares two of one zone by the clock on the wall. Local ones stay local."""
    return moment.astimezone(UTC) if moment.tzinfo is not None else moment


def offset_of(zone: tzinfo | None) -> timedelta | None:
    """The offset of a time of day; None for a local time and for a zone, whose offset depends on the day."""
    if zone is None or isinstance(zone, ZoneInfo):
        return None
    return zone.utcoffset(None)


def _equal_times(left: AnyTime, right: AnyTime) -> bool:
    if getattr(left.tzinfo, "key", None) != getattr(right.tzinfo, "key", None):
        return False
    return _clock(left) == _clock(right)


def _clock(moment: AnyTime) -> tuple[time, int]:
    return (moment.base, moment.nanos) if isinstance(moment, WideTime) else (moment, 0)


_EQUALITY: dict[str, Callable[[Any, Any], bool | None]] = {
    "list": _equal_lists,
    "context": _equal_contexts,
    "range": _equal_ranges,
    "money": _equal_money,
    "date and time": _equal_moments,
    "time": _equal_times,
}


def less(left: Value, right: Value) -> bool:
    """Whether left comes before right. Raises `NoValue` where there is no order, `Faulted` for currencies."""
    which, other = kind(left), kind(right)
    if which != other or which not in ORDERED:
        raise NoValue(f"There is no order between {an(which)} and {an(other)}.")
    if isinstance(left, Money) and isinstance(right, Money):
        one_currency(left, right)
        return left.amount < right.amount
    if which in _COMPARABLE:
        left, right = _COMPARABLE[which](left, right)
    try:
        return bool(left < right)  # type: ignore[operator]
    except TypeError:
        raise NoValue("A local time and one with a zone have no order.") from None


def _comparable_moments(left: AnyMoment, right: AnyMoment) -> tuple[Any, Any]:
    if isinstance(left, datetime) and isinstance(right, datetime):
        return on_timeline(left), on_timeline(right)
    if (left.tzinfo is None) != (right.tzinfo is None):
        raise NoValue("A local time and one with a zone have no order.")
    return nanoseconds(left), nanoseconds(right)


def _comparable_dates(left: AnyDate, right: AnyDate) -> tuple[Any, Any]:
    if isinstance(left, WideDate) or isinstance(right, WideDate):
        return ordinal(left), ordinal(right)
    return left, right


_COMPARABLE: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "date": _comparable_dates,
    "date and time": _comparable_moments,
    "time": lambda left, right: (_clock(left), _clock(right)),
}


def compare(operator: str, left: Value, right: Value) -> Value:
    """`left operator right`; None where FEEL has no answer for equality. Raises as `less` does."""
    if operator == "=":
        return equal(left, right)
    if operator == "!=":
        same = equal(left, right)
        return None if same is None else not same
    return _ORDER[operator](left, right)


_ORDER: dict[str, Callable[[Value, Value], bool]] = {
    "<": less,
    ">": lambda left, right: less(right, left),
    "<=": lambda left, right: not less(right, left),
    ">=": lambda left, right: not less(left, right),
}


def includes(bounds: Range, value: Value) -> bool:
    """Whether a range includes a value. Raises `NoValue` where they do not compare."""
    if bounds.start is not None and (
        less(value, bounds.start) or (not bounds.start_included and not less(bounds.start, value))
    ):
        return False
    if bounds.end is None:
        return True
    return less(value, bounds.end) or (bounds.end_included and not less(bounds.end, value))


def matches(value: Value, test: Value) -> bool | None:
    """`value in test`: in a range, in a list (of values and ranges), or equal. (§10.3.2.7, table 54)"""
    if isinstance(test, Range) and not isinstance(value, Range):
        return includes(test, value)
    if kind(test) == "list":
        return _in_list(value, test)  # type: ignore[arg-type]
    return equal(value, test)


def _in_list(value: Value, members: Sequence[Value]) -> bool | None:
    if kind(value) == "list" and equal(value, members):
        return True
    return any(_in_member(value, member) for member in members)


def _in_member(value: Value, member: Value) -> bool:
    try:
        return (matches(value, member) if isinstance(member, Range) else equal(value, member)) is True
    except NoValue:
        return False
