"""What comes again by itself: when, and how often still."""

from datetime import datetime
from typing import NamedTuple

from caseloom.engine.calendar import BusinessCalendar
from caseloom.engine.case import terms
from caseloom.engine.flow.timers import ENDLESS, again, is_cycle, later, when


class Times(NamedTuple):
    """A calendar, as what recurs needs it."""

    calendar: BusinessCalendar

    @property
    def zone(self) -> str:
        return self.calendar.zone

    def business_later(self, since: datetime, term: str) -> datetime:
        return terms.later(self.calendar, since, terms.term_of(term))


class Recurrence(NamedTuple):
    """When something comes, what lies between (empty: it comes once), and how often it comes after that."""

    at: datetime
    every: str
    left: int


def first_of(calendar: BusinessCalendar, text: str, since: datetime) -> Recurrence:
    """The first time of what is to come again `every` so often: a term (`1 business week`), an ISO 8601 duration or
    repeating interval (`R3/P1D`), or a cron line.

    Raises:
        TimerFault: the text is none of these.
    """
    times, text = Times(calendar), text.strip()
    if is_cycle(text):
        return Recurrence(*when(times, "cycle", text, since))
    return Recurrence(later(times, since, text), text, ENDLESS)


def period_of(text: str) -> str:
    """What lies between two times."""
    text = text.strip()
    return text.rpartition("/")[2] if text[:1] == "R" else text


def next_of(calendar: BusinessCalendar, every: str, due: datetime, left: int) -> Recurrence | None:
    """The time after the one at `due`, after which it was to come `left` times; None for no more."""
    if not every or left == 0:
        return None
    return Recurrence(again(Times(calendar), every, due), every, left - 1 if left > 0 else left)
