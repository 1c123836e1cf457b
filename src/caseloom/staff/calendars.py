"""Business time for the engine: calendars as plain values, with the public holidays of their region."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import holidays

from caseloom.engine.calendar import ALWAYS_OPEN, BusinessCalendar, Slot
from caseloom.foundation.memo import remember
from caseloom.staff.models import Calendar

YEARS_ROUND = range(-3, 4)


@remember(timedelta(seconds=5))
def business_calendar(key: str) -> BusinessCalendar:
    """The calendar of this key; a house that has defined none works around the clock."""
    found = Calendar.objects.filter(pk=key).first()
    if found is None:
        return ALWAYS_OPEN
    this_year = datetime.now(UTC).year
    return BusinessCalendar(
        zone=found.zone,
        weekly={day: _slots(slots) for day, slots in found.weekly.items()},
        holidays=public_holidays(found.region, tuple(this_year + offset for offset in YEARS_ROUND)),
        exceptions={date.fromisoformat(day): _slots(slots) for day, slots in found.exceptions.items()},
    )


def _slots(slots: list[list[str]]) -> tuple[Slot, ...]:
    return tuple(Slot(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in slots)


@lru_cache(maxsize=64)
def public_holidays(region: str, years: tuple[int, ...]) -> frozenset[date]:
    """The public holidays of a region (`DE`, `DE-BY`), none for an empty one."""
    if not region:
        return frozenset()
    country, _, subdivision = region.partition("-")
    found: Any = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
    return frozenset(found)
