"""Timers of flows: from what a definition says to the moment at which it comes (BPMN 2.0.2 §10.5.5, timer)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, Protocol

from caseloom.engine.calendar import CalendarFault, next_by_cron
from caseloom.engine.spec.moments import (
    YearsMonths,
    read_date,
    read_datetime,
    read_days_and_time,
    read_years_and_months,
)

_CYCLE: Final = re.compile(r"R(?P<times>\d{0,6})(?:/(?P<first>[^/]+))?/(?P<last>[^/]+)")
_DURATION: Final = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T.*)?")
ENDLESS: Final = -1


class TimerFault(ValueError):
    """A timer's value is no moment, duration or cycle; the text says what is expected."""


class Times(Protocol):
    """What timers need to know of the house: its zone, and its business time."""

    @property
    def zone(self) -> str:
        """The zone of the clock on the wall, for cron lines."""

    def business_later(self, since: datetime, term: str) -> datetime:
        """When a term such as `4 business hours` has run out. Raises `ValueError` for what is no term."""


def when(times: Times, kind: str, value: object, since: datetime) -> tuple[datetime, str, int]:
    """When a timer comes, what lies between its repetitions (empty without any), and how many are left after this one.

    Raises:
        TimerFault: the value is none that a timer of this kind takes.
    """
    if kind == "date":
        return _moment(value), "", 0
    if kind == "duration":
        return later(times, since, value), "", 0
    return _cycle(times, value, since)


def counts(kind: str, value: object) -> Literal["plain", "business", "calendar"]:
    """What kind of time such a timer counts."""
    text = value.strip() if isinstance(value, str) else ""
    found = _CYCLE.fullmatch(text) if kind == "cycle" else None
    if found is not None:
        if found["first"] and found["first"][:1] != "P":
            return "calendar"
        text = found["last"]
    elif kind == "date" or (kind == "cycle" and is_cron(text)):
        return "calendar"
    return "business" if " business " in f" {text} " else "plain"


def is_cycle(text: str) -> bool:
    """Whether a text says by itself that it comes again: a repeating interval or a cron line."""
    return _CYCLE.fullmatch(text) is not None or is_cron(text)


def is_cron(text: str) -> bool:
    """Whether a text is meant as a cron line, and not as a length of time."""
    return text[:1] == "@" or len(text.split()) >= 5


def later(times: Times, since: datetime, length: object) -> datetime:
    """`since` and a length of time: a duration, its ISO 8601 text, or a term of ours. Raises `TimerFault`."""
    try:
        if isinstance(length, timedelta):
            return since + length
        if isinstance(length, YearsMonths):
            return _months_later(since, length.months)
        if isinstance(length, str):
            return _later_by_text(times, since, length.strip())
    except OverflowError:
        raise TimerFault(f"“{length}” leads beyond the year 9999.") from None
    raise TimerFault(f"A length of time is expected, such as PT10M, P1D or 4 business hours, not {_words(length)}.")


def again(times: Times, every: str, due: datetime) -> datetime:
    """The next time of a timer that came at `due`."""
    if not is_cron(every):
        return later(times, due, every)
    try:
        return next_by_cron(every, due, times.zone)
    except CalendarFault as fault:
        raise TimerFault(str(fault)) from None


def _later_by_text(times: Times, since: datetime, text: str) -> datetime:
    days = read_days_and_time(text)
    if days is not None:
        return since + days
    months = read_years_and_months(text)
    if months is not None:
        return _months_later(since, months.months)
    mixed = _DURATION.fullmatch(text)
    if mixed:
        years, months_, weeks, days_ = (int(part or 0) for part in mixed.groups()[1:])
        rest = read_days_and_time("P" + text.partition("T")[1] + text.partition("T")[2]) if "T" in text else timedelta()
        if rest is not None and not mixed[1]:
            return _months_later(since, 12 * years + months_) + timedelta(weeks=weeks, days=days_) + rest
    try:
        return times.business_later(since, text)
    except ValueError:
        message = f"A length of time is expected, such as PT10M, P1D or 4 business hours, not “{text}”."
        raise TimerFault(message) from None


def _cycle(times: Times, value: object, since: datetime) -> tuple[datetime, str, int]:
    text = value.strip() if isinstance(value, str) else ""
    found = _CYCLE.fullmatch(text)
    if found is None:
        if not text or text[0] == "P":
            return later(times, since, value), "", 0
        try:
            return next_by_cron(text, since, times.zone), text, ENDLESS
        except CalendarFault as fault:
            raise TimerFault(f"{fault} A cycle is written R3/PT10H, or as a cron line.") from None
    left = int(found["times"]) - 1 if found["times"] else ENDLESS
    first, last = found["first"], found["last"]
    if first is None:
        return later(times, since, last), last, left
    if first[:1] == "P":
        return later(times, since, first), first, left
    return _moment(first), last, left


def _moment(value: object) -> datetime:
    if isinstance(value, str):
        text = value.strip()
        value = read_datetime(text) or read_date(text)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(0), UTC)
    raise TimerFault("A moment is expected, such as 2026-03-31T14:30:00Z.")


def _months_later(since: datetime, months: int) -> datetime:
    whole = since.year * 12 + since.month - 1 + months
    year, month = divmod(whole, 12)
    for day in range(since.day, 27, -1):
        try:
            return since.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return since.replace(year=year, month=month + 1, day=min(since.day, 28))


def _words(value: object) -> str:
    return "nothing" if value is None else f"“{value}”"
