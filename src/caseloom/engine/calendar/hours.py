"""Opening hours as people write them: `Mon-Fri 09:00-12:00, 13:00-17:00; Sat 10:00-14:00`."""

import re
from datetime import time
from typing import Final

from caseloom.engine.calendar.calendar import WEEKDAYS, CalendarFault, Slot

_DAYS: Final = tuple(day[:3] for day in WEEKDAYS)
_GERMAN: Final = dict(zip(("mo", "di", "mi", "do", "fr", "sa", "so"), _DAYS, strict=True))
_SLOT: Final = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
LONGEST: Final = 400


def read_hours(text: str) -> dict[str, tuple[Slot, ...]]:
    """Weekday → slots. Parts are parted by `;`: days (`Mon`, `Mon-Fri`, `Mon, Wed`; English or German), then slots.
    A day that comes twice has the slots of both; 24:00 is the end of the day.

    Raises:
        CalendarFault: the text says no opening hours; the message names the part.
    """
    if len(text) > LONGEST:
        raise CalendarFault(f"Opening hours are a line of at most {LONGEST} characters.")
    weekly: dict[str, tuple[Slot, ...]] = {}
    for part in filter(None, (part.strip() for part in text.replace("–", "-").split(";"))):
        days, slots = _part(part)
        for day in days:
            weekly[day] = (*weekly.get(day, ()), *slots)
    return weekly


def _part(part: str) -> tuple[list[str], tuple[Slot, ...]]:
    first = re.search(r"\d", part)
    if first is None:
        raise CalendarFault(f"“{part}” says no hours; write them like “Mon-Fri 09:00-17:00”.")
    days = [day for one in part[: first.start()].split(",") for day in _days(one.strip(), part)]
    slots = tuple(_slot(one.strip(), part) for one in part[first.start() :].split(","))
    return days, slots


def _days(text: str, part: str) -> list[str]:
    first, dash, last = text.partition("-")
    begin = _day(first, part)
    end = _day(last, part) if dash else begin
    return [WEEKDAYS[number % 7] for number in range(begin, end + 1 if end >= begin else end + 8)]


def _day(text: str, part: str) -> int:
    name = text.strip().rstrip(".").lower()
    name = _GERMAN.get(name, name)[:3] if len(name) in (2, 3) or name in WEEKDAYS else name
    if name not in _DAYS:
        raise CalendarFault(f"“{text.strip()}” in “{part}” is no weekday; write Mon, Tue … or Mo, Di …")
    return _DAYS.index(name)


def _slot(text: str, part: str) -> Slot:
    found = _SLOT.fullmatch(text)
    if found is None:
        raise CalendarFault(f"“{text}” in “{part}” is no span of hours; write it like 09:00-17:00.")
    opens, closes = (found[1], found[2]), (found[3], found[4])
    try:
        return Slot(_time(*opens), time(0) if closes == ("24", "00") else _time(*closes))
    except CalendarFault:
        raise
    except ValueError:
        raise CalendarFault(f"“{text}” in “{part}” is no span of hours: they end at 23, minutes at 59.") from None


def _time(hour: str, minute: str) -> time:
    return time(int(hour), int(minute))
