"""Terms of time put to the calendar: when they have run out."""

from datetime import datetime, timedelta
from functools import lru_cache

from caseloom.engine.calendar import BusinessCalendar, Slot, add_business
from caseloom.engine.spec.term import Term, parse_term

term_of = lru_cache(maxsize=1024)(parse_term)


def later(calendar: BusinessCalendar, since: datetime, term: Term, less: Term | None = None) -> datetime:
    """The moment at which `term`, shortened by `less`, has run since then."""
    if not term.business:
        return since + term.plain - (less.plain if less else timedelta())
    day = business_day(calendar)
    length = term.business_length(day) - (less.business_length(day) if less else timedelta())
    return add_business(calendar, since, max(length, timedelta()))


def business_day(calendar: BusinessCalendar) -> timedelta:
    """How long the longest day of the week is open: the length of one business day."""
    lengths = (sum((_length(slot) for slot in slots), timedelta()) for slots in calendar.weekly.values())
    return max(lengths, default=timedelta()) or timedelta(hours=8)


def _length(slot: Slot) -> timedelta:
    opens, closes = (moment.hour * 60 + moment.minute for moment in (slot.opens, slot.closes))
    return timedelta(minutes=(closes or 24 * 60) - opens)
