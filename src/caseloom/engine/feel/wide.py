"""Dates and times beyond Python's: years to ±999999999 and nanoseconds (DMN 1.5 §10.3.2.3.4 to §10.3.2.3.6).

Usual values are Python's own `date`, `time` and `datetime`. A wide one is a Python value with what it cannot hold: how
many cycles of 400 years (146,097 days, which repeat all weekdays and leap years) it is away, and the nanoseconds. The
functions here make the Python value wherever that holds all.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeAlias

from caseloom.engine.feel.faults import NoValue
from caseloom.engine.spec.moments import read_date, read_datetime, read_time, time_text

MAX_YEAR = 999_999_999
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097
_CYCLE = timedelta(days=_CYCLE_DAYS)
_DAY_MICROS = 86_400_000_000
_MICRO = timedelta(microseconds=1)
# The years to which a year outside Python's is mapped: far from its ends, in times of the zones' oldest or last rule.
_EARLY, _LATE = 401, 9200

_WIDE_DATE = re.compile(r"(-?)(\d{4}|[1-9]\d{4,8})-(\d{2})-(\d{2})", re.ASCII)
_FRACTION = re.compile(r"(:\d{2}\.\d{6})(\d{1,3})\d*", re.ASCII)


@dataclass(frozen=True, slots=True)
class WideDate:
    """A date of a year that Python does not have: `base` moved by so many cycles."""

    cycles: int
    base: date

    @property
    def year(self) -> int:
        return self.base.year + self.cycles * _CYCLE_YEARS

    @property
    def month(self) -> int:
        return self.base.month

    @property
    def day(self) -> int:
        return self.base.day

    def isoweekday(self) -> int:
        return self.base.isoweekday()


@dataclass(frozen=True, slots=True)
class WideTime:
    """A time with nanoseconds: so many more than the microseconds of `base`."""

    base: time
    nanos: int

    @property
    def hour(self) -> int:
        return self.base.hour

    @property
    def minute(self) -> int:
        return self.base.minute

    @property
    def second(self) -> int:
        return self.base.second

    @property
    def tzinfo(self) -> tzinfo | None:
        return self.base.tzinfo


@dataclass(frozen=True, slots=True)
class WideMoment:
    """A date and time of a year that Python does not have, or with nanoseconds."""

    cycles: int
    base: datetime
    nanos: int = 0

    @property
    def year(self) -> int:
        return self.base.year + self.cycles * _CYCLE_YEARS

    @property
    def month(self) -> int:
        return self.base.month

    @property
    def day(self) -> int:
        return self.base.day

    @property
    def hour(self) -> int:
        return self.base.hour

    @property
    def minute(self) -> int:
        return self.base.minute

    @property
    def second(self) -> int:
        return self.base.second

    @property
    def tzinfo(self) -> tzinfo | None:
        return self.base.tzinfo

    def isoweekday(self) -> int:
        return self.base.isoweekday()

    def utcoffset(self) -> timedelta | None:
        return self.base.utcoffset()


AnyDate: TypeAlias = date | WideDate
AnyTime: TypeAlias = time | WideTime
AnyMoment: TypeAlias = datetime | WideMoment


# -- made of parts ---------------------------------------------------------------------------------------------


def date_of(year: int, month: int, day: int) -> AnyDate:
    """The date. Raises `NoValue` when there is none, or its year is beyond ±999999999."""
    try:
        if 1 <= year <= 9999:
            return date(year, month, day)
        if abs(year) <= MAX_YEAR:
            cycles, base_year = _cycles_of(year)
            return WideDate(cycles, date(base_year, month, day))
    except ValueError:
        pass
    raise NoValue(f"There is no day {day} of month {month} in {year}.")


def _cycles_of(year: int) -> tuple[int, int]:
    first = _EARLY if year < 5000 else _LATE
    cycles, rest = divmod(year - first, _CYCLE_YEARS)
    return cycles, first + rest


def moment_of(day: AnyDate, clock: AnyTime) -> AnyMoment:
    """A date and a time of it, put together."""
    base, nanos = (clock.base, clock.nanos) if isinstance(clock, WideTime) else (clock, 0)
    if isinstance(day, WideDate):
        return WideMoment(day.cycles, datetime.combine(day.base, base), nanos)
    joined = datetime.combine(day, base)
    return WideMoment(0, joined, nanos) if nanos else joined


def day_of(moment: "AnyDate | AnyMoment") -> AnyDate:
    """The date of a date, or of a date and time."""
    if isinstance(moment, WideDate):
        return moment
    if isinstance(moment, WideMoment):
        return WideDate(moment.cycles, moment.base.date()) if moment.cycles else moment.base.date()
    return date(moment.year, moment.month, moment.day)


def clock_of(moment: AnyMoment) -> AnyTime:
    """The time of a date and time, with its zone."""
    if not isinstance(moment, WideMoment):
        return moment.timetz()
    clock = moment.base.timetz()
    return WideTime(clock, moment.nanos) if moment.nanos else clock


def python_date(day: "AnyDate | AnyMoment") -> date:
    """A Python date of the same weekday and place in its year."""
    return day.base if isinstance(day, WideDate | WideMoment) else day


# -- on the line of time ---------------------------------------------------------------------------------------


def ordinal(day: AnyDate) -> int:
    """The number of a day; 1 January of year 1 is 1."""
    if isinstance(day, WideDate):
        return day.base.toordinal() + day.cycles * _CYCLE_DAYS
    return day.toordinal()


def from_ordinal(number: int) -> AnyDate:
    """The day of a number. Raises `NoValue` beyond ±999999999 years."""
    if 1 <= number <= date.max.toordinal():
        return date.fromordinal(number)
    cycles, rest = divmod(number - 1, _CYCLE_DAYS)
    base = date.fromordinal(rest + 1)
    return date_of(base.year + cycles * _CYCLE_YEARS, base.month, base.day)


def nanoseconds(moment: AnyMoment) -> int:
    """Where a date and time stands on the line of time, in UTC where it has a zone."""
    cycles, base, nanos = _parts(moment)
    if base.tzinfo is not None:
        base = base.astimezone(UTC)
    since = base.replace(tzinfo=None) - datetime(base.year, base.month, base.day)  # noqa: DTZ001
    days = base.toordinal() + cycles * _CYCLE_DAYS
    return (days * _DAY_MICROS + since // _MICRO) * 1000 + nanos


def _parts(moment: AnyMoment) -> tuple[int, datetime, int]:
    if not isinstance(moment, WideMoment):
        cycles, year = _cycles_of(moment.year)
        return cycles, moment.replace(year=year), 0
    if moment.cycles:
        return moment.cycles, moment.base, moment.nanos
    cycles, base, _ = _parts(moment.base)
    return cycles, base, moment.nanos


def shifted(moment: AnyMoment, length: timedelta) -> AnyMoment:
    """A date and time a while later; time passes on its line, whatever the clocks in the zone do meanwhile."""
    if not isinstance(moment, WideMoment):
        try:
            if moment.tzinfo is None:
                return moment + length
            return (moment.astimezone(UTC) + length).astimezone(moment.tzinfo)
        except OverflowError:
            pass
    cycles, base, nanos = _parts(moment)
    more, rest = divmod(length, _CYCLE)
    base = base + rest if base.tzinfo is None else (base.astimezone(UTC) + rest).astimezone(base.tzinfo)
    day = date_of(base.year + (cycles + more) * _CYCLE_YEARS, base.month, base.day)
    found = moment_of(day, base.timetz())
    return _with_nanos(found, nanos)


def _with_nanos(moment: AnyMoment, nanos: int) -> AnyMoment:
    if not nanos:
        return moment
    return replace(moment, nanos=nanos) if isinstance(moment, WideMoment) else WideMoment(0, moment, nanos)


# -- text ------------------------------------------------------------------------------------------------------


def read_any_date(text: str) -> AnyDate | None:
    """A date of the years ±999999999 (`2026-03-31`, `-0044-03-15`), or None."""
    usual = read_date(text)
    if usual is not None:
        return usual
    found = _WIDE_DATE.fullmatch(text)
    if found is None:
        return None
    sign, year, month, day = found.groups()
    try:
        return date_of(int(sign + year), int(month), int(day))
    except NoValue:
        return None


def read_any_time(text: str) -> AnyTime | None:
    """A time to the nanosecond, or None."""
    clock = read_time(text)
    if clock is None:
        return None
    nanos = _nanos(text)
    return WideTime(clock, nanos) if nanos else clock


def _nanos(text: str) -> int:
    found = _FRACTION.search(text)
    return int(found[2].ljust(3, "0")) if found else 0


def read_any_moment(text: str) -> AnyMoment | None:
    """A date and time of the years ±999999999, to the nanosecond, or None."""
    day_text, _, clock_text = text.partition("T")
    day = read_any_date(day_text)
    if day is None:
        return None
    cycles, base = (day.cycles, day.base) if isinstance(day, WideDate) else (0, day)
    usual = read_datetime(f"{base.isoformat()}T{clock_text}")
    if usual is None:
        return None
    if cycles:
        # Midnight at the end of a cycle's last day is in the next one.
        day = date_of(usual.year + cycles * _CYCLE_YEARS, usual.month, usual.day)
        usual_moment = moment_of(day, usual.timetz())
        return _with_nanos(usual_moment, _nanos(clock_text))
    return _with_nanos(usual, _nanos(clock_text))


def date_text(day: "AnyDate | AnyMoment") -> str:
    """A date as ISO 8601; a year has at least four digits."""
    sign = "-" if day.year < 0 else ""
    return f"{sign}{abs(day.year):04d}-{day.month:02d}-{day.day:02d}"


def clock_text(clock: AnyTime) -> str:
    """A time as FEEL writes it: the fraction of its second no longer than needed, UTC as `Z`."""
    base, nanos = (clock.base, clock.nanos) if isinstance(clock, WideTime) else (clock, 0)
    whole, zone = base.replace(microsecond=0, tzinfo=None), time_text(base.replace(microsecond=0))[8:]
    fraction = f".{base.microsecond:06d}{nanos:03d}".rstrip("0").rstrip(".")
    return f"{whole.isoformat()}{fraction}{'Z' if zone == '+00:00' else zone}"
