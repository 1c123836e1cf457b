"""Adding and measuring business time. Pure; costs a step a day, never a step a minute."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from caseloom.engine.calendar.calendar import ALL_DAY, WEEKDAYS, BusinessCalendar, CalendarFault
from caseloom.engine.calendar.opening import Interval, open_intervals

# A hundred years: what is further off is a mistake in the calendar or in the amount.
HORIZON_DAYS = 36_525

_NOTHING = timedelta()


def add_business(calendar: BusinessCalendar, start: datetime, amount: timedelta) -> datetime:
    """The first moment by which `amount` of business time has passed since `start`, in UTC.

    A negative amount goes back: the last moment from which that much passes until `start`. An amount of
    zero gives `start`. Raises `CalendarFault` when the calendar holds no such moment within a hundred years,
    and for a `start` without a zone.
    """
    start = _in_utc(start)
    if amount == _NOTHING:
        return start
    if _never_closed(calendar):
        return _shifted(start, amount)
    return _forward(calendar, start, amount) if amount > _NOTHING else _back(calendar, start, -amount)


def business_between(calendar: BusinessCalendar, start: datetime, end: datetime) -> timedelta:
    """The business time from `start` to `end`; negative when `end` is before `start`.

    Raises `CalendarFault` for moments without a zone or more than a hundred years apart.
    """
    start, end = _in_utc(start), _in_utc(end)
    if end < start:
        return -business_between(calendar, end, start)
    if _never_closed(calendar):
        return end - start
    if end - start > timedelta(days=HORIZON_DAYS):
        raise CalendarFault("Business time is counted over a hundred years at most.")
    total = _NOTHING
    for opens, closes in _from(calendar, start):
        if opens >= end:
            break
        total += min(closes, end) - opens
    return total


def next_opening(calendar: BusinessCalendar, moment: datetime) -> datetime:
    """`moment` when it is open, else the next moment that is; in UTC. Raises `CalendarFault` if none."""
    moment = _in_utc(moment)
    if _never_closed(calendar):
        return moment
    for opens, _ in _from(calendar, moment):
        return opens
    raise _no_opening(calendar)


def _forward(calendar: BusinessCalendar, start: datetime, amount: timedelta) -> datetime:
    for opens, closes in _from(calendar, start):
        if amount <= closes - opens:
            return opens + amount
        amount -= closes - opens
    raise _no_opening(calendar)


def _back(calendar: BusinessCalendar, start: datetime, amount: timedelta) -> datetime:
    for opens, closes in _until(calendar, start):
        if amount <= closes - opens:
            return closes - amount
        amount -= closes - opens
    raise _no_opening(calendar)


def _from(calendar: BusinessCalendar, moment: datetime) -> Iterator[Interval]:
    """Open intervals after `moment`, the first cut off at it, up to the horizon."""
    for opens, closes in _days(calendar, moment, 1):
        if closes > moment:
            yield max(opens, moment), closes


def _until(calendar: BusinessCalendar, moment: datetime) -> Iterator[Interval]:
    """Open intervals before `moment`, latest first, the first cut off at it, down to the horizon."""
    for opens, closes in _days(calendar, moment, -1):
        if opens < moment:
            yield opens, min(closes, moment)


def _days(calendar: BusinessCalendar, moment: datetime, step: int) -> Iterator[Interval]:
    if not _ever_open(calendar):
        return
    day = moment.astimezone(ZoneInfo(calendar.zone)).date()
    try:
        for count in range(-1, HORIZON_DAYS):
            intervals = open_intervals(calendar, day + timedelta(days=step * count))
            yield from intervals if step > 0 else reversed(intervals)
    except OverflowError:
        return


def _ever_open(calendar: BusinessCalendar) -> bool:
    return any(calendar.weekly.values()) or any(calendar.exceptions.values())


def _never_closed(calendar: BusinessCalendar) -> bool:
    return (
        not calendar.holidays
        and not calendar.exceptions
        and all(calendar.weekly.get(day) == ALL_DAY for day in WEEKDAYS)
    )


def _shifted(start: datetime, amount: timedelta) -> datetime:
    try:
        return start + amount
    except OverflowError:
        raise CalendarFault("The amount of time leads out of the years 1 to 9999.") from None


def _in_utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise CalendarFault("Business time needs moments with a time zone.")
    return moment.astimezone(UTC)


def _no_opening(calendar: BusinessCalendar) -> CalendarFault:
    if not _ever_open(calendar):
        return CalendarFault("The calendar has no open slot. Give at least one weekday a slot.")
    return CalendarFault("The calendar has too few open slots: the moment is more than a hundred years off.")
