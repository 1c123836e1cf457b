"""A second reading of clocks, minute by minute, as dumb as it can be: it shares no arithmetic with the engine.

A schedule is plain data: wall minutes of weekdays and days. A life is a row of minutes; in each the oracle asks whether
the house is open and whether the clock stands still, and counts one.
"""

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

NEVER = 10**9
Slots = list[tuple[int, int]]
"""Open from (in) to (out), in minutes since midnight on the wall; 1440 is the end of the day."""


@dataclass(frozen=True)
class Window:
    """The minutes of ten days: of each the minute on the wall there, counted from the midnight of the first day as if
    each had 1440.
    """

    first: date
    walls: "array[int]"


@dataclass
class Schedule:
    """When a house is open."""

    zone: str
    weekly: dict[int, Slots]
    """Weekday (0 is Monday) → slots."""
    holidays: set[date] = field(default_factory=set)
    exceptions: dict[date, Slots] = field(default_factory=dict)

    def slots(self, day: date) -> Slots:
        if day in self.exceptions:
            return self.exceptions[day]
        return [] if day in self.holidays else self.weekly.get(day.weekday(), [])

    def business_day(self) -> int:
        """The minutes of the longest weekday; eight hours where there is none."""
        return max((sum(_marks(slots)) for slots in self.weekly.values()), default=0) or 480


def _marks(slots: Slots) -> bytearray:
    marks = bytearray(1440)
    for opens, closes in slots:
        marks[opens:closes] = b"\1" * (closes - opens)
    return marks


@lru_cache(maxsize=256)
def window(zone: str, begin: datetime, minutes: int) -> Window:
    """Look at the clock on the wall of a zone in each minute."""
    there = ZoneInfo(zone)
    first = begin.astimezone(there).date() - timedelta(days=2)
    walls = array("I")
    for minute in range(minutes):
        local = (begin + timedelta(minutes=minute)).astimezone(there)
        walls.append((local.date() - first).days * 1440 + local.hour * 60 + local.minute)
    return Window(first, walls)


def open_minutes(schedule: Schedule, seen: Window) -> bytes:
    """Of each minute of the window whether the house is open (1) or not (0)."""
    days = range(max(seen.walls) // 1440 + 1)
    marks = b"".join(_marks(schedule.slots(seen.first + timedelta(days=day))) for day in days)
    return bytes(map(marks.__getitem__, seen.walls))


@dataclass
class Clock:
    """A time limit as it is counted: `term`, warned `before` and stepped up `after` it, all in minutes and with the
    words by which they are told. `floor` is the minute before which a deadline that somebody gave does not come.
    """

    counts: bytes
    term: int
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)
    elapsed: int = 0
    floor: int = 0
    late: bool = False
    told: list[tuple[str, int]] = field(default_factory=list)
    pending: dict[str, int] = field(init=False)
    to_come: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.pending, self.to_come = dict(self.before), dict(self.after)

    def next(self) -> int:
        """How much has to have elapsed before anything happens again."""
        rest = [self.term - ahead for ahead in self.pending.values()] if not self.late else []
        rest += [self.term + by for by in self.to_come.values()] if self.late else [self.term]
        return min(rest, default=NEVER)

    def ring(self, minute: int) -> None:
        for word, ahead in sorted(self.pending.items(), key=lambda one: -one[1]):
            if self.elapsed >= self.term - ahead:
                self.told.append((f"warned {word}", minute))
                del self.pending[word]
        if not self.late and self.elapsed >= self.term and minute >= self.floor:
            self.told.append(("late", minute))
            self.late, self.pending = True, {}
        if self.late:
            for word, by in sorted(self.to_come.items(), key=lambda one: one[1]):
                if self.elapsed >= self.term + by:
                    self.told.append((f"late by {word}", minute))
                    del self.to_come[word]

    def move(self, minute: int, due: int) -> None:
        """Somebody gives another deadline: as much as lies between now and then is left."""
        self.term = sum(self.counts[minute:due])
        self.elapsed, self.floor, self.late = 0, due, False
        self.pending = {word: ahead for word, ahead in self.pending.items() if ahead < self.term}
        self.to_come = dict(self.after)

    def left(self) -> int:
        return max(self.term - self.elapsed, 0)


def live(
    clock: Clock,
    start: int,
    end: int,
    still: bytes,
    doings: Iterable[tuple[int, Callable[[Clock], None]]] = (),
    looks: Iterable[int] = (),
) -> dict[int, int]:
    """Run a clock from minute `start` to `end`. `still` says of each minute whether the clock stands still from its
    beginning to its end; `doings` happen at the beginning of a minute. Gives what was left at the minutes of `looks`
    at which it was not late.
    """
    happen: dict[int, list[Callable[[Clock], None]]] = {}
    for minute, do in doings:
        happen.setdefault(minute, []).append(do)
    watched, seen = set(looks), {}
    counts, stood, coming = clock.counts, still[start], clock.next()
    last = max((*happen, *watched), default=start)
    for minute in range(start, end + 1):
        if clock.elapsed >= coming and not stood:
            clock.ring(minute)
            coming = clock.next()
        for do in happen.get(minute, ()):
            do(clock)
            coming = clock.next()
        stood = still[minute]
        if clock.elapsed >= coming and not stood:
            clock.ring(minute)
            coming = clock.next()
        if minute in watched and not clock.late:
            seen[minute] = clock.left()
        if coming == NEVER and minute >= last:
            break
        if not stood:
            clock.elapsed += counts[minute]
    return seen
