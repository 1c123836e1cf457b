"""Which cases were the last in a situation: for the links of an advice. They are no counts: erasing a case drops
them.
"""

from collections.abc import Sequence
from typing import Final

from caseloom.learning.steps.contexts import DONE_LAST, PLAIN
from caseloom.learning.steps.counters import ONE, Counters
from caseloom.learning.steps.step import Case, mixed

CASES: Final = 3
_SEEN: Final = 3
_STEPS: Final = (1, 2, 3)


class Evidence:
    """The last three cases for each situation and action."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.table: dict[int, tuple[Case, ...]] = {}

    def add(self, keys: Sequence[int], action: int, case: Case, counters: Counters) -> None:
        """The case took that action in these situations. One that is met for the first times is not worth the room."""
        for key in [keys[place] for place in named_places(len(keys))]:
            entry = counters.table.get(key, 0)
            if isinstance(entry, int) and entry & ONE < _SEEN:
                continue
            place = mixed(key, action)
            before = self.table.get(place, ())
            if case not in before:
                self.table[place] = (*before[-(CASES - 1) :], case)
        if len(self.table) > self.limit:
            for place in list(self.table)[: self.limit // 4]:
                del self.table[place]

    def cases(self, key: int, action: int) -> tuple[Case, ...]:
        """The last cases that took that action in that situation, the newest last."""
        return self.table.get(mixed(key, action), ())

    def take(self, case: Case) -> None:
        """A case is erased."""
        for place in [place for place, cases in self.table.items() if case in cases]:
            left = tuple(each for each in self.table[place] if each != case)
            if left:
                self.table[place] = left
            else:
                del self.table[place]


def named_places(situations: int) -> list[int]:
    """The situations that can be named to people: the last one to three steps, what is done, the facts."""
    return [*_STEPS, DONE_LAST, *range(PLAIN, situations)]
