"""Counts of what followed in each situation, that can be taken back exactly."""

from collections.abc import Iterator, Sequence
from typing import Final

ALL: Final = -1
SHIFT: Final = 32
ONE: Final = (1 << SHIFT) - 1

Entry = dict[int, int]


class Counters:
    """How often each action followed in each situation: whole numbers, so that what was added can be taken away.

    A situation in which one action alone followed is one number (`action << 32 | count`); any other is a dict with the
    sum at `ALL`. Above `limit` situations the older half is thinned: those seen once are dropped. What is dropped can
    no longer be taken back, nor does it say anything any more.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.table: dict[int, int | Entry] = {}

    def add(self, keys: Sequence[int], action: int) -> None:
        """One more case of `action` in each of these situations."""
        table = self.table
        for key in keys:
            entry = table.get(key)
            if entry is None:
                table[key] = (action << SHIFT) | 1
            elif isinstance(entry, int):
                if entry >> SHIFT == action:
                    table[key] = entry + 1
                else:
                    count = entry & ONE
                    table[key] = {ALL: count + 1, entry >> SHIFT: count, action: 1}
            else:
                entry[ALL] += 1
                entry[action] = entry.get(action, 0) + 1
        if len(table) > self.limit:
            self._thin()

    def take(self, keys: Sequence[int], action: int) -> None:
        """Take back what `add` added; situations that were dropped stay dropped."""
        for key in keys:
            entry = self.table.get(key)
            if isinstance(entry, int):
                self._take_only(key, entry, action)
            elif entry is not None and entry.get(action):
                self._take_one(key, entry, action)

    def _take_only(self, key: int, entry: int, action: int) -> None:
        if entry >> SHIFT != action:
            return
        if entry & ONE > 1:
            self.table[key] = entry - 1
        else:
            del self.table[key]

    def _take_one(self, key: int, entry: Entry, action: int) -> None:
        entry[ALL] -= 1
        entry[action] -= 1
        if not entry[action]:
            del entry[action]
        if len(entry) == 2:  # the sum, and one action
            left, count = next((each, count) for each, count in entry.items() if each != ALL)
            self.table[key] = (left << SHIFT) | count

    def counts(self, key: int) -> tuple[int, Entry] | None:
        """How many cases were in this situation, and how many took which action."""
        entry = self.table.get(key)
        if entry is None:
            return None
        if isinstance(entry, int):
            return entry & ONE, {entry >> SHIFT: entry & ONE}
        return entry[ALL], {action: count for action, count in entry.items() if action != ALL}

    def _thin(self) -> None:
        table = self.table
        half = len(table) // 2
        rare = [key for key, entry in _first(table, half) if isinstance(entry, int) and entry & ONE == 1]
        for key in rare:
            del table[key]
        if len(table) > self.limit * 0.9:  # nearly all were seen twice: the oldest go
            for key, _ in list(_first(table, len(table) // 4)):
                del table[key]


def _first(table: dict[int, int | Entry], count: int) -> Iterator[tuple[int, int | Entry]]:
    for number, pair in enumerate(table.items()):
        if number >= count:
            return
        yield pair


class RecentCounters:
    """The same with a half-life: what is older by one weighs half.

    Each case is added with a weight that grows with its own moment (forward decay: Cormode et al. 2009), so that
    nothing that was counted has to be touched as time goes on, and, the weights being whole numbers of any length, can
    be taken back exactly.
    """

    FINE: Final = 16

    def __init__(self, half_life: float, origin: float, limit: int) -> None:
        self.half_life, self.origin, self.limit = half_life, origin, limit
        self.table: dict[int, Entry] = {}

    def weight(self, moment: float) -> int:
        """What a case of that moment (seconds since the epoch) weighs; at least 1."""
        lives = max((moment - self.origin) / self.half_life, 0.0)
        whole = int(lives)
        return int(2.0 ** (self.FINE + lives - whole)) << whole

    def add(self, keys: Sequence[int], action: int, moment: float) -> None:
        """One more case of `action` at that moment."""
        weight, table = self.weight(moment), self.table
        for key in keys:
            entry = table.get(key)
            if entry is None:
                table[key] = {ALL: weight, action: weight}
            else:
                entry[ALL] += weight
                entry[action] = entry.get(action, 0) + weight
        if len(table) > self.limit:
            for key in sorted(table, key=lambda each: table[each][ALL])[: self.limit // 4]:
                del table[key]

    def take(self, keys: Sequence[int], action: int, moment: float) -> None:
        """Take back what `add` added."""
        weight = self.weight(moment)
        for key in keys:
            entry = self.table.get(key)
            if entry is None or entry.get(action, 0) < weight:
                continue
            entry[ALL] -= weight
            entry[action] -= weight
            if not entry[action]:
                del entry[action]
            if not entry[ALL]:
                del self.table[key]
