"""The open intervals of one local day, in UTC, exact over changes of the clocks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from zoneinfo import ZoneInfo

from caseloom.engine.calendar.calendar import BusinessCalendar, Slot

Interval = tuple[datetime, datetime]

_DAY = timedelta(days=1)
# No zone is further than 14 hours from UTC; a day's local time lies within these margins of its UTC day.
_MARGIN = timedelta(hours=15)


def open_intervals(calendar: BusinessCalendar, day: date) -> list[Interval]:
    """The open intervals of the local day as (start, end) in UTC, ascending, not touching each other."""
    slots = calendar.slots(day)
    if not slots:
        return []
    midnight = datetime.combine(day, wall_time(0), UTC)
    found = [
        interval
        for start, end, offset in _stretches(calendar.zone, midnight)
        for slot in slots
        if (interval := _within(slot, midnight - offset, start, end))
    ]
    return _merged(sorted(found))


def _stretches(zone_name: str, midnight: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut the span around a day where the offset from UTC changes: (start, end, offset)."""
    zone = ZoneInfo(zone_name)
    start, end = midnight - _MARGIN, midnight + _DAY + _MARGIN
    before, after = _offset(zone, start), _offset(zone, end)
    if before == after:
        yield start, end, before
        return
    change = _change(zone, start, end)
    yield start, change, before
    yield change, end, after


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The second at which the offset changes between `low` and `high`, by halving."""
    before = _offset(zone, low)
    seconds = int((high - low).total_seconds())
    first, last = 0, seconds
    while last - first > 1:
        middle = (first + last) // 2
        if _offset(zone, low + timedelta(seconds=middle)) == before:
            first = middle
        else:
            last = middle
    return low + timedelta(seconds=last)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _within(slot: Slot, midnight: datetime, start: datetime, end: datetime) -> Interval | None:
    opens = max(start, midnight + since_midnight(slot.opens))
    closes = min(end, midnight + (since_midnight(slot.closes) or _DAY))
    return (opens, closes) if opens < closes else None


def since_midnight(moment: wall_time) -> timedelta:
    """The length of the clock on the wall from 00:00."""
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)


def _merged(intervals: list[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in intervals:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
