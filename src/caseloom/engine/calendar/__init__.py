"""Business time: the hours in which work is done, and the arithmetic of clocks that run only then."""

from caseloom.engine.calendar.arithmetic import add_business, business_between, next_opening
from caseloom.engine.calendar.calendar import ALWAYS_OPEN, BusinessCalendar, CalendarFault, Slot
from caseloom.engine.calendar.cron import next_by_cron
from caseloom.engine.calendar.hours import read_hours

__all__ = [
    "ALWAYS_OPEN",
    "BusinessCalendar",
    "CalendarFault",
    "Slot",
    "add_business",
    "business_between",
    "next_by_cron",
    "next_opening",
    "read_hours",
]
