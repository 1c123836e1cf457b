"""What was said against how often it came true: a probability is moved to where its like came true in the past."""

from collections.abc import Sequence
from math import exp, log
from typing import Final

_MARKS: Final = 24
_WIDE: Final = 8.0
_FIRST: Final = 30.0
MEMORY: Final = 300.0


class Scale:
    """Marks along the log odds, each with how often it came true, and the two nearest count (as in PAQ's adaptive
    maps).

    It starts as if each mark had come true as said 30 times, and remembers the last few hundred, so that it follows a
    change.
    """

    def __init__(self, marks: Sequence[Sequence[float]] | None = None) -> None:
        self.marks = (
            [[each[0], each[1]] for each in marks] if marks else [[_FIRST * _at(n), _FIRST] for n in range(_MARKS + 1)]
        )

    def read(self, said: float) -> float:
        """The probability that `said` turned out to mean."""
        place, share = _place(said)
        (low, lows), (high, highs) = self.marks[place], self.marks[place + 1]
        return (1.0 - share) * low / lows + share * high / highs

    def learn(self, said: float, true: bool) -> None:
        """It was said, and came true or not."""
        place, share = _place(said)
        for mark, weight in ((self.marks[place], 1.0 - share), (self.marks[place + 1], share)):
            mark[0] += weight * true
            mark[1] += weight
            if mark[1] > MEMORY:
                mark[0] *= MEMORY / mark[1]
                mark[1] = MEMORY


def _at(mark: int) -> float:
    return 1.0 / (1.0 + exp(-(mark - _MARKS / 2) * _WIDE / _MARKS))


def _place(said: float) -> tuple[int, float]:
    odds = min(max(said, 1e-4), 1.0 - 1e-4)
    place = log(odds / (1.0 - odds)) / _WIDE * _MARKS + _MARKS / 2
    place = min(max(place, 0.0), _MARKS - 1e-6)
    return int(place), place - int(place)
