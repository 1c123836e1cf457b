"""Terms: how long something may take, in plain words."""

import re
from datetime import timedelta
from typing import Final, Literal

import msgspec

Unit = Literal["minute", "hour", "day", "week"]

_TERM: Final = re.compile(r"^\s*(\d{1,5})\s+(business\s+)?(minute|hour|day|week)s?\s*$")
_LENGTH: Final = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}


class TermFault(ValueError):
    """A text that is no term; the message says what a term looks like."""


class Term(msgspec.Struct, frozen=True):
    """A length of time: `amount` times `unit`, of business time where `business` is set."""

    amount: int
    unit: Unit
    business: bool = False

    @property
    def plain(self) -> timedelta:
        """The length by the clock on the wall; for business terms of days see `business_length`."""
        return self.amount * _LENGTH[self.unit]

    def business_length(self, day: timedelta) -> timedelta:
        """The open time that the term takes, where one business day is open for `day`."""
        days = {"day": 1, "week": 5}.get(self.unit)
        return self.plain if days is None else self.amount * days * day

    def __str__(self) -> str:
        words = ("business " if self.business else "") + self.unit + ("" if self.amount == 1 else "s")
        return f"{self.amount} {words}"


def parse_term(text: str) -> Term:
    """Read `4 business hours`, `2 days`, `30 minutes`.

    Raises:
        TermFault: the text is no term.
    """
    found = _TERM.match(text)
    if found is None:
        raise TermFault(f"“{text}” is no length of time; write it like “4 business hours” or “2 days”")
    unit: Unit = found[3]  # type: ignore[assignment]  # the pattern admits the four units only
    return Term(int(found[1]), unit, found[2] is not None)
