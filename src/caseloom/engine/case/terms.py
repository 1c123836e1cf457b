"""Terms of time put to the calendar: when they have run out."""

from datetime import datetime, timedelta
from functools import lru_cache

from caseloom.engine.calendar import BusinessCalendar, Slot, add_business
from caseloom.engine.calendar.opening import since_midnight
from caseloom.engine.spec.term import Term, parse_term

_DAY = timedelta(days=1)

term_of = lru_cache(maxsize=1024)(parse_term)


def later(calendar: BusinessCalendar, since: datetime, term: Term, less: Term | None = None) -> datetime:
    """The moment at which `term`, shortened by `less`, has run since then. `less` counts in the time of `term`."""
    length = length_of(calendar, term, term.business)
    if less is not None:
        length -= length_of(calendar, less, term.business)
    if not term.business:
        return since + length
    return add_business(calendar, since, max(length, timedelta()))


def length_of(calendar: BusinessCalendar, term: Term, business: bool) -> timedelta:
    """How much time a term takes, in business time or by the clock on the wall."""
    return term.business_length(business_day(calendar)) if business else term.plain


def business_day(calendar: BusinessCalendar) -> timedelta:
    """How long the longest day of the week is open: the length of one business day."""
    lengths = (_open(slots) for slots in calendar.weekly.values())
    return max(lengths, default=timedelta()) or timedelta(hours=8)


def _open(slots: tuple[Slot, ...]) -> timedelta:
    """How long a day of these slots is open; what two of them hold counts once."""
    total = reached = timedelta()
    for opens, closes in sorted((since_midnight(slot.opens), since_midnight(slot.closes) or _DAY) for slot in slots):
        total += max(closes - max(opens, reached), timedelta())
        reached = max(closes, reached)
    return total
