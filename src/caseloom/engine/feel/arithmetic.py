"""Addition to powers over numbers, texts, dates, durations and money (DMN 1.5 §10.3.2.10, table 55 to 59)."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from caseloom.engine.feel.comparison import offset_of, on_timeline, one_currency
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.kinds import Value, an, kind
from caseloom.engine.feel.wide import (
    AnyDate,
    AnyMoment,
    AnyTime,
    WideMoment,
    WideTime,
    clock_of,
    date_of,
    day_of,
    moment_of,
    nanoseconds,
    shifted,
)
from caseloom.engine.spec.values import DECIMAL128, Money, YearsMonths

_MICROSECOND = timedelta(microseconds=1)
_MICROS_A_SECOND = Decimal(1_000_000)
_DAY = timedelta(days=1)

Operation = Callable[[Any, Any], Value]


def calculate(operator: str, left: Value, right: Value) -> Value:
    """`left operator right`. Raises `NoValue` where FEEL gives null, `Faulted` for two currencies."""
    operation = _TABLE.get((operator, kind(left), kind(right)))
    if operation is None:
        raise NoValue(f"There is no {an(kind(left))} {operator} {an(kind(right))}.".replace("no a ", "no "))
    return operation(left, right)


def negate(value: Value) -> Value:
    """`-value`. Raises `NoValue` for what has no opposite."""
    if isinstance(value, Decimal):
        return DECIMAL128.minus(value)
    if isinstance(value, timedelta):
        return -value
    if isinstance(value, YearsMonths):
        return YearsMonths(-value.months)
    if isinstance(value, Money):
        return Money(DECIMAL128.minus(value.amount), value.currency)
    raise NoValue(f"There is no opposite of {an(kind(value))}.")


def total_seconds(length: timedelta) -> Decimal:
    """The exact seconds of a duration."""
    return DECIMAL128.divide(Decimal(length // _MICROSECOND), _MICROS_A_SECOND)


def from_seconds(seconds: Decimal) -> timedelta:
    """The duration of so many seconds, to the microsecond. Raises `NoValue` beyond what a duration holds."""
    try:
        return timedelta(microseconds=int(DECIMAL128.multiply(seconds, _MICROS_A_SECOND)))
    except OverflowError:
        raise NoValue("The duration is too long.") from None


def add_months(day: Any, months: int) -> Any:
    """A date or date and time some months on; the day is cut to the month's last. Raises `NoValue`."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    found = date_of(year, month + 1, min(day.day, days_in_month(year, month + 1)))
    return moment_of(found, clock_of(day)) if isinstance(day, datetime | WideMoment) else found


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def at_midnight(day: AnyDate) -> AnyMoment:
    """A date as the moment at which it begins, in UTC (§10.3.2.3.6)."""
    return moment_of(day_of(day), time(tzinfo=UTC))


def _add_to_date(day: AnyDate, length: timedelta) -> AnyDate:
    return day_of(shifted(at_midnight(day), length))


def _add_to_time(moment: AnyTime, length: timedelta) -> AnyTime:
    if isinstance(moment, WideTime):
        return WideTime(_later(moment.base, length), moment.nanos)
    return _later(moment, length)


def _later(moment: time, length: timedelta) -> time:
    start = datetime(2000, 1, 1, moment.hour, moment.minute, moment.second, moment.microsecond)  # noqa: DTZ001
    return (start + length % _DAY).time().replace(tzinfo=moment.tzinfo)


def _between_moments(left: AnyMoment, right: AnyMoment) -> timedelta:
    if (left.tzinfo is None) != (right.tzinfo is None):
        raise NoValue("There is no length of time between a local date and time and one with a zone.")
    if isinstance(left, datetime) and isinstance(right, datetime):
        return on_timeline(left) - on_timeline(right)
    return timedelta(microseconds=(nanoseconds(left) - nanoseconds(right)) // 1000)


def _between_times(left: AnyTime, right: AnyTime) -> timedelta:
    if (left.tzinfo is None) != (right.tzinfo is None):
        raise NoValue("There is no length of time between a local time and one with a zone.")
    return _since_midnight(left) - _since_midnight(right)


def _since_midnight(moment: AnyTime) -> timedelta:
    moment = moment.base if isinstance(moment, WideTime) else moment
    clock = timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)
    return clock - (offset_of(moment.tzinfo) or timedelta())


def _divide(left: Decimal, right: Decimal) -> Decimal:
    if not right:
        raise NoValue("There is no division by zero.")
    return DECIMAL128.divide(left, right)


def _scaled(length: timedelta, factor: Decimal) -> timedelta:
    return from_seconds(DECIMAL128.multiply(total_seconds(length), factor))


def _scaled_months(length: YearsMonths, factor: Decimal) -> YearsMonths:
    return YearsMonths(int(DECIMAL128.multiply(Decimal(length.months), factor)))


def _add_money(left: Money, right: Money) -> Money:
    one_currency(left, right)
    return left + right


def _subtract_money(left: Money, right: Money) -> Money:
    one_currency(left, right)
    return left - right


def _ratio_of_money(left: Money, right: Money) -> Decimal:
    one_currency(left, right)
    return _divide(left.amount, right.amount)


_N, _S, _D, _T, _DT = "number", "string", "date", "time", "date and time"
_DTD, _YMD, _M = "days and time duration", "years and months duration", "money"

_TABLE: dict[tuple[str, str, str], Operation] = {
    ("+", _N, _N): DECIMAL128.add,
    ("-", _N, _N): DECIMAL128.subtract,
    ("*", _N, _N): DECIMAL128.multiply,
    ("/", _N, _N): _divide,
    ("**", _N, _N): DECIMAL128.power,
    ("+", _S, _S): lambda left, right: left + right,
    ("+", _DTD, _DTD): lambda left, right: left + right,
    ("-", _DTD, _DTD): lambda left, right: left - right,
    ("*", _DTD, _N): _scaled,
    ("*", _N, _DTD): lambda factor, length: _scaled(length, factor),
    ("/", _DTD, _N): lambda length, divisor: _scaled(length, _divide(Decimal(1), divisor)),
    ("/", _DTD, _DTD): lambda left, right: _divide(total_seconds(left), total_seconds(right)),
    ("+", _YMD, _YMD): lambda left, right: YearsMonths(left.months + right.months),
    ("-", _YMD, _YMD): lambda left, right: YearsMonths(left.months - right.months),
    ("*", _YMD, _N): _scaled_months,
    ("*", _N, _YMD): lambda factor, length: _scaled_months(length, factor),
    ("/", _YMD, _N): lambda length, divisor: YearsMonths(int(_divide(Decimal(length.months), divisor))),
    ("/", _YMD, _YMD): lambda left, right: _divide(Decimal(left.months), Decimal(right.months)),
    ("+", _D, _YMD): lambda day, length: add_months(day, length.months),
    ("+", _YMD, _D): lambda length, day: add_months(day, length.months),
    ("-", _D, _YMD): lambda day, length: add_months(day, -length.months),
    ("+", _DT, _YMD): lambda moment, length: add_months(moment, length.months),
    ("+", _YMD, _DT): lambda length, moment: add_months(moment, length.months),
    ("-", _DT, _YMD): lambda moment, length: add_months(moment, -length.months),
    ("+", _D, _DTD): _add_to_date,
    ("+", _DTD, _D): lambda length, day: _add_to_date(day, length),
    ("-", _D, _DTD): lambda day, length: _add_to_date(day, -length),
    ("+", _DT, _DTD): shifted,
    ("+", _DTD, _DT): lambda length, moment: shifted(moment, length),
    ("-", _DT, _DTD): lambda moment, length: shifted(moment, -length),
    ("+", _T, _DTD): _add_to_time,
    ("+", _DTD, _T): lambda length, moment: _add_to_time(moment, length),
    ("-", _T, _DTD): lambda moment, length: _add_to_time(moment, -length),
    ("-", _D, _D): lambda left, right: _between_moments(at_midnight(left), at_midnight(right)),
    ("-", _DT, _DT): _between_moments,
    ("-", _DT, _D): lambda left, right: _between_moments(left, at_midnight(right)),
    ("-", _D, _DT): lambda left, right: _between_moments(at_midnight(left), right),
    ("-", _T, _T): _between_times,
    ("+", _M, _M): _add_money,
    ("-", _M, _M): _subtract_money,
    ("*", _M, _N): lambda money, factor: money * factor,
    ("*", _N, _M): lambda factor, money: money * factor,
    ("/", _M, _N): lambda money, divisor: Money(_divide(money.amount, divisor), money.currency),
    ("/", _M, _M): _ratio_of_money,
}
