"""Which cases a figure is about: a period, and what of the library and which channel."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

Span = Literal["week", "month", "quarter", "year"]
DAYS: Final[dict[Span, int]] = {"week": 7, "month": 30, "quarter": 91, "year": 365}


class Filter(msgspec.Struct, frozen=True):
    """`since` (in) to `until` (out); an empty service goal or channel means all of them."""

    since: datetime
    until: datetime
    service_goal: str = ""
    channel: str = ""

    @property
    def length(self) -> timedelta:
        return self.until - self.since

    def before(self) -> "Filter":
        """The period of the same length that came just before: what a figure is compared with."""
        return Filter(self.since - self.length, self.since, self.service_goal, self.channel)

    def within(self, since: datetime, until: datetime) -> "Filter":
        """The same question about another time."""
        return Filter(since, until, self.service_goal, self.channel)

    def steps(self, most: int = 13) -> tuple["Filter", ...]:
        """The period in equal parts, for a trend: whole days, at most `most` of them."""
        days = max(1, round(self.length.total_seconds() / 86_400))
        parts = min(most, days)
        length = self.length / parts
        return tuple(self.within(self.since + length * n, self.since + length * (n + 1)) for n in range(parts))


def last(span: Span, now: datetime, service_goal: str = "", channel: str = "") -> Filter:
    """The last week, month … up to now."""
    return Filter(now - timedelta(days=DAYS[span]), now, service_goal, channel)


EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Before all figures."""
