"""Functions of dates and times (DMN 1.5 §10.3.4.6, §10.3.4.9, §10.3.4.10).

The engine has no clock: `now()` and `today()` give what the scope holds under `NOW`, an aware date and time.
"""

from datetime import datetime
from decimal import Decimal

from caseloom.engine.feel.builtins.signature import builtin
from caseloom.engine.feel.comparison import equal
from caseloom.engine.feel.env import Env
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.kinds import Value, kind
from caseloom.engine.feel.wide import AnyDate, python_date

# No name of an expression can be written so; an expression that calls now() or today() reads it.
NOW = "now()"

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _now(env: Env) -> datetime:
    moment = env.scope.get(NOW)
    if not isinstance(moment, datetime):
        raise NoValue("The time of day is not known here.")
    return moment


def _today(env: Env) -> Value:
    return _now(env).date()


def _is(one: Value, other: Value) -> Value:
    """The same value, also in its zone: equal moments in two zones are not the same."""
    if kind(one) != kind(other):
        return False
    if getattr(one, "tzinfo", None) is not None or getattr(other, "tzinfo", None) is not None:
        return str(one) == str(other) and _zone(one) == _zone(other)
    return equal(one, other)


def _zone(value: Value) -> object:
    return getattr(getattr(value, "tzinfo", None), "key", None)


_DAY = "date: date|date and time"


def _day_of_year(day: AnyDate) -> Value:
    return Decimal(python_date(day).timetuple().tm_yday)


FUNCTIONS = (
    builtin("now", ("", _now), with_env=True),
    builtin("today", ("", _today), with_env=True),
    builtin("is", ("value1: any, value2: any", _is)),
    builtin("day of year", (_DAY, _day_of_year)),
    builtin("day of week", (_DAY, lambda day: _DAYS[day.isoweekday() - 1])),
    builtin("month of year", (_DAY, lambda day: _MONTHS[day.month - 1])),
    builtin("week of year", (_DAY, lambda day: Decimal(python_date(day).isocalendar().week))),
)
