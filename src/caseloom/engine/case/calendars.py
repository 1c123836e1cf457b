"""The calendar that a clock runs by: the case's own, one of the house, or the customer's."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from caseloom.engine.calendar import BusinessCalendar, CalendarFault, Slot, add_business, business_between, read_hours

if TYPE_CHECKING:
    from caseloom.engine.case.turn import Turn

CUSTOMER: Final = "customer"


class Measure(NamedTuple):
    """How time is measured: in the business time of a calendar, or by the clock on the wall."""

    calendar: BusinessCalendar
    business: bool

    def after(self, since: datetime, length: timedelta) -> datetime:
        """The moment by which so much time has passed."""
        return add_business(self.calendar, since, length) if self.business else since + length

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much time passes between two moments; none where the second is not later."""
        if until <= since:
            return timedelta()
        return business_between(self.calendar, since, until) if self.business else until - since

    def put_off(self, due: datetime, stood: datetime, now: datetime) -> datetime:
        """When something is due that has stood still from `stood` until `now`: with as much time left as then. What was
        due before stays so.
        """
        return due if due <= stood else max(due, self.after(now, self.between(stood, due)))


def calendar_of(turn: "Turn", key: str) -> BusinessCalendar:
    """The calendar of this key; that of the case for an empty one, and where nobody knows others."""
    if key == CUSTOMER:
        return _of_customer(turn)
    if not key or turn.moment.calendars is None:
        return turn.moment.calendar
    return turn.moment.calendars(key)


def _of_customer(turn: "Turn") -> BusinessCalendar:
    """The calendar of the case with what is known of the customer's. A value that says none is passed over: what
    stands wrong in a customer's record is no reason to hold their case.
    """
    house, goal = turn.moment.calendar, turn.plan.service_goal
    said = goal.customer_calendar if goal is not None else None
    if said is None:
        return house
    zone, hours, region = (_text(turn, name) for name in (said.zone, said.hours, said.region))
    if not (zone or hours or region):
        return house
    # The house's own holidays and odd days are none of the customer's.
    holidays = turn.moment.holidays(region) if region else frozenset()
    return BusinessCalendar(_zone(zone) or house.zone, _weekly(hours) or house.weekly, holidays)


def _zone(name: str) -> str:
    try:
        return BusinessCalendar(name).zone
    except CalendarFault:
        return ""


def _weekly(hours: str) -> dict[str, tuple[Slot, ...]]:
    try:
        return read_hours(hours)
    except CalendarFault:
        return {}


def _text(turn: "Turn", fact: str) -> str:
    known = turn.state.facts.get(fact)
    return known.value.strip() if known is not None and isinstance(known.value, str) else ""
