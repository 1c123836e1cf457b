"""Cron lines: moments that come again by the clock on the wall, as Quartz and Unix write them."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from caseloom.engine.calendar.calendar import CalendarFault

HORIZON_DAYS: Final = 366 * 5
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final[tuple[tuple[int, int, tuple[str, ...]], ...]] = (
    (0, 59, ()), (0, 59, ()), (0, 23, ()), (1, 31, ()), (1, 12, ("", *_MONTHS)), (0, 7, _DAYS),
)  # fmt: skip
"""Of each field the least and greatest number, and the names that stand for numbers."""
_NAMED: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def next_by_cron(line: str, after: datetime, zone: str = "UTC") -> datetime:
    """The first moment after `after` that the line names, in UTC.

    Five fields are minute, hour, day of the month, month, day of the week (0 and 7 are Sunday); six begin with the
    second and count the week from 1 for Sunday, as Quartz does; a seventh names years. A wall time that a change of the
    clocks leaves out is passed over; one that comes twice counts the first time. Raises `CalendarFault` for what is no
    such line, and when nothing comes within five years.
    """
    seconds, minutes, hours, days, months, weekdays, either, years = _read(line)
    there = ZoneInfo(zone)
    begin = after.astimezone(there)
    for count in range(HORIZON_DAYS):
        day = begin.date() + timedelta(days=count)
        if day.month not in months or (years and day.year not in years):
            continue
        fits = (day.day in days, (day.weekday() + 1) % 7 in weekdays)
        if not (any(fits) if either else all(fits)):
            continue
        for hour in sorted(hours):
            if count == 0 and hour < begin.hour:
                continue
            for minute in sorted(minutes):
                for second in sorted(seconds):
                    wall = time(hour, minute, second)
                    moment = datetime.combine(day, wall, there).astimezone(UTC)
                    if moment > after and moment.astimezone(there).time() == wall:
                        return moment
    raise CalendarFault(f"“{line}” names no moment within five years.")


@lru_cache(maxsize=256)
def _read(line: str) -> tuple[frozenset[int], ...]:
    fields = _NAMED.get(line.strip(), line).split()
    quartz = len(fields) in (6, 7)
    if not quartz and len(fields) != 5:
        raise CalendarFault(f"“{line}” is no cron line: it has five to seven fields.")
    if not quartz:
        fields = ["0", *fields]
    found = [
        frozenset(_field(line, text.lower(), field, place == 5 and quartz))
        for place, (text, field) in enumerate(zip(fields[:6], _FIELDS, strict=True))
    ]
    weekdays = frozenset(day % 7 for day in found[5])
    years = frozenset(_field(line, fields[6], (1970, 2199, ()), False)) if len(fields) == 7 else frozenset()
    open_ended = any(fields[place][0] in "*?" for place in (3, 5))
    return (*found[:5], weekdays, frozenset() if open_ended else frozenset({1}), years)


def _field(line: str, text: str, field: tuple[int, int, tuple[str, ...]], from_one: bool) -> Iterator[int]:
    least, most, names = field
    for part in text.split(","):
        range_, _, step = part.partition("/")
        low, dash, high = range_.partition("-")
        if low in ("*", "?"):
            first, last = least, min(most, 6) if most == 7 else most
        else:
            first = _number(line, low, least, most, names, from_one)
            last = _number(line, high, least, most, names, from_one) if dash else most if step else first
        if step and not (step.isdigit() and int(step)):
            raise CalendarFault(f"“{line}” is no cron line: “{part}” is no step.")
        if last < first:
            raise CalendarFault(f"“{line}” is no cron line: “{part}” ends before it begins.")
        yield from range(first, last + 1, int(step) if step else 1)


def _number(line: str, text: str, least: int, most: int, names: tuple[str, ...], from_one: bool) -> int:
    if text and text in names:
        return names.index(text)
    if not text.isdigit() or not least <= int(text) - from_one <= most:
        raise CalendarFault(f"“{line}” is no cron line: “{text}” stands where {least} to {most} may.")
    return int(text) - from_one
