"""Business time for the engine: calendars as plain values, with the public holidays of their region."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

import holidays

from caseloom.engine.calendar import ALWAYS_OPEN, BusinessCalendar, CalendarFault, Slot
from caseloom.engine.spec.service_goal import ServiceGoal
from caseloom.foundation.memo import remember
from caseloom.staff.models import Calendar, Team

OFFICE: Final = "office"
"""The calendar of a house that has one only."""
YEARS_ROUND: Final = range(-3, 4)


@remember(timedelta(seconds=5))
def business_calendar(key: str) -> BusinessCalendar:
    """The calendar of this key; a house that has defined none works around the clock."""
    found = Calendar.objects.filter(pk=key).first()
    return ALWAYS_OPEN if found is None else calendar_from(found.zone, found.weekly, found.region, found.exceptions)


@remember(timedelta(seconds=5))
def calendar_of_team(team: str) -> str:
    """The key of the calendar that a team works by."""
    found = Team.objects.filter(pk=team).values_list("calendar", flat=True).first()
    return found or OFFICE


def calendar_keys() -> tuple[str, ...]:
    """The keys of all calendars that are kept."""
    return tuple(Calendar.objects.order_by("key").values_list("key", flat=True))


def calendar_of_goal(goal: ServiceGoal | None) -> BusinessCalendar:
    """The calendar by which the cases of a service goal run: its own, else that of its team."""
    if goal is None:
        return business_calendar(OFFICE)
    return business_calendar(goal.calendar or calendar_of_team(goal.team))


def calendar_from(
    zone: str, weekly: Mapping[str, Any], region: str = "", exceptions: Mapping[str, Any] | None = None
) -> BusinessCalendar:
    """A calendar as it is kept: weekday → list of [opens, closes], date → the same list.

    Raises:
        CalendarFault: it cannot be used; the message says what to change, and where.
    """
    return BusinessCalendar(
        zone=zone,
        weekly={day: _slots(day, slots) for day, slots in weekly.items()},
        holidays=public_holidays(region, _years()),
        exceptions={_date(day): _slots(day, slots) for day, slots in (exceptions or {}).items()},
    )


def _slots(day: str, slots: Any) -> tuple[Slot, ...]:
    try:
        return tuple(Slot(_time(opens), _time(closes)) for opens, closes in slots)
    except CalendarFault as fault:
        raise CalendarFault(f"{day}: {fault}") from None
    except (TypeError, ValueError):
        says = f'{day}: slots are written like [["08:00", "12:00"], ["13:00", "17:00"]]; [] is closed.'
        raise CalendarFault(says) from None


def _time(text: str) -> time:
    return time(0) if text == "24:00" else time.fromisoformat(text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise CalendarFault(f"“{text}” is no date; exceptions are written like 2026-12-24.") from None


def _years() -> tuple[int, ...]:
    this_year = datetime.now(UTC).year
    return tuple(this_year + offset for offset in YEARS_ROUND)


@lru_cache(maxsize=64)
def public_holidays(region: str, years: tuple[int, ...]) -> frozenset[date]:
    """The public holidays of a region (`DE`, `DE-BY`), none for an empty one.

    Raises:
        CalendarFault: nobody knows the holidays of such a region.
    """
    if not region:
        return frozenset()
    country, _, subdivision = region.partition("-")
    known = holidays.list_supported_countries().get(country)
    if known is None or (subdivision and subdivision not in known):
        advice = f"parts of {country} are: {', '.join(known)}" if known else "write it like DE or DE-BY"
        raise CalendarFault(f"“{region}” is no region whose public holidays are known; {advice}.")
    found: Any = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
    return frozenset(found)


def known_holidays(region: str) -> frozenset[date]:
    """The public holidays of a region of a customer's; none for one that is not known."""
    try:
        return public_holidays(region, _years())
    except CalendarFault:
        return frozenset()
