"""What a business calendar is: weekly slots in one time zone, holidays, and days that differ."""

from collections.abc import Mapping
from datetime import date, time
from zoneinfo import ZoneInfo

import msgspec

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class CalendarFault(ValueError):
    """A calendar that cannot be used, or a question that it cannot answer; the text says what to change."""


class Slot(msgspec.Struct, frozen=True):
    """Open from `opens` (in) to `closes` (out), local wall time; `closes` at 00:00 is the end of the day.

    A night shift is two slots, one on each day.
    """

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens.tzinfo or self.closes.tzinfo:
            raise CalendarFault("A slot is in local time; leave the zone to the calendar.")
        if self.closes <= self.opens and self.closes != time(0):
            raise CalendarFault(
                f"The slot {self.opens:%H:%M}–{self.closes:%H:%M} closes before it opens. "
                "Split a slot over midnight into one slot on each day."
            )


class BusinessCalendar(msgspec.Struct, frozen=True):
    """When work is done: weekly slots, closed on holidays; an exception replaces the slots of its day.

    `zone` is an IANA name. A weekday that is not named is closed. An exception wins over a holiday.
    A moment is open when its wall time in `zone` lies in a slot of its local day, so that a slot gets
    shorter or longer by the hour that a change of the clocks takes or gives.
    """

    zone: str
    weekly: Mapping[str, tuple[Slot, ...]] = {}
    holidays: frozenset[date] = frozenset()
    exceptions: Mapping[date, tuple[Slot, ...]] = {}

    def __post_init__(self) -> None:
        unknown = [day for day in self.weekly if day not in WEEKDAYS]
        if unknown:
            raise CalendarFault(f"{unknown[0]!r} is no weekday. Use one of {', '.join(WEEKDAYS)}.")
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            raise CalendarFault(f"{self.zone!r} is no time zone. Use an IANA name such as 'Europe/Berlin'.") from None

    def slots(self, day: date) -> tuple[Slot, ...]:
        """The slots of a local day, as written."""
        if day in self.exceptions:
            return self.exceptions[day]
        if day in self.holidays:
            return ()
        return self.weekly.get(WEEKDAYS[day.weekday()], ())


ALL_DAY = (Slot(time(0), time(0)),)
ALWAYS_OPEN = BusinessCalendar("UTC", dict.fromkeys(WEEKDAYS, ALL_DAY))
