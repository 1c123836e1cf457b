"""Whether something good will have happened when a case ends: a goal reached, in time, rated well.

Each situation counts how often it did and did not, smoothed towards how often it does at all. Their log odds are
joined by a weighted sum, learned online (logistic mixing, Mahoney 2005), and the sum is moved to where its like came
true (`scale`).
"""

from collections.abc import Sequence
from math import exp, log
from typing import Final

import msgspec

from caseloom.learning.steps.scale import Scale

_RATE: Final = 0.004
_PRIOR: Final = 2.0
_FIRST: Final = 2.0
GRADES: Final = 10


class Chance(msgspec.Struct, frozen=True):
    """A probability, and of how many ended cases in the nearest situation it was read."""

    probability: float
    cases: int


class Guess(msgspec.Struct):
    """What was said at one step, kept until the case has ended."""

    keys: list[int]
    asked: list[int]
    odds: list[float]
    raw: float


class Ending:
    """Counts and weights for one kind of good end."""

    def __init__(self, situations: int, limit: int) -> None:
        self.limit = limit
        self.table: dict[int, tuple[int, int]] = {}
        self.weights = [_FIRST / situations] * (situations * GRADES)
        self.scale = Scale()

    def say(self, keys: list[int]) -> tuple[Chance | None, Guess]:
        """The chance at a step, and what learning needs of it; None where no case has ended yet. The first key is:
        any case.
        """
        guess = Guess(keys, [], [], 0.5)
        whole = self.table.get(keys[0])
        if whole is None:
            return None, guess
        usual = (whole[1] + 1.0) / (whole[0] + 2.0)
        cases = 0
        for place, key in enumerate(keys):
            entry = self.table.get(key)
            if entry is not None:
                cases = entry[0]
                guess.asked.append(place * GRADES + min(cases.bit_length(), GRADES - 1))
                guess.odds.append(_odds((entry[1] + _PRIOR * usual) / (cases + _PRIOR)))
        base = _odds(usual)
        total = sum(self.weights[at] * (odds - base) for at, odds in zip(guess.asked, guess.odds, strict=True)) + base
        guess.odds = [odds - base for odds in guess.odds]
        guess.raw = 1.0 / (1.0 + exp(-min(max(total, -30.0), 30.0)))
        return Chance(self.scale.read(guess.raw), cases), guess

    def learn(self, guess: Guess, good: bool) -> None:
        """The case ended well, or not."""
        if guess.asked:
            self.scale.learn(guess.raw, good)
            step = _RATE * (good - guess.raw)
            for at, odds in zip(guess.asked, guess.odds, strict=True):
                self.weights[at] += step * odds
        for key in guess.keys:
            count, goods = self.table.get(key, (0, 0))
            self.table[key] = (count + 1, goods + good)
        if len(self.table) > self.limit:
            oldest = list(self.table)[: self.limit // 2]
            rare = [key for key in oldest if self.table[key][0] < 3]
            for key in rare if len(rare) > self.limit // 10 else oldest[: self.limit // 4]:
                del self.table[key]

    def forget(self, keys: Sequence[int], good: bool) -> None:
        """Take back what `learn` added."""
        for key in keys:
            count, goods = self.table.get(key, (0, 0))
            if count > 1:
                self.table[key] = (count - 1, max(goods - good, 0))
            elif count:
                del self.table[key]


def _odds(probability: float) -> float:
    return log(probability / (1.0 - probability))
