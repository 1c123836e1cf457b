"""Many counters asked at once, weighed by how well they did: one probability for each action.

Each situation gives a smoothed distribution of what follows: its counts, and as much of the situation before it (one
step less) as its counts leave open. These are joined by a weighted geometric mean (Mahoney 2005, the mixing of PAQ,
here for more than two symbols): the log of the probability of an action is the weighted sum of what the situations
say, made to sum to one. The weights follow the gradient of the log loss after each event. A situation has a weight for
each grade of evidence (how many cases, how sure), in all and for each last action. Weights are a few thousand numbers
about situations in general; they hold no case and are not taken back.
"""

from collections.abc import Sequence
from math import log2
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from caseloom.learning.steps.counters import ALL, ONE, SHIFT, Entry
from caseloom.learning.steps.step import LAST

Array = NDArray[np.float64]

GRADES: Final = 40
CANDIDATES: Final = 24
RATE: Final = 0.0005
OWN_AT_MOST: Final = 1000
_LEAST: Final = 1e-6
_STEEP: Final = 4.0


class Said(msgspec.Struct):
    """What is said before the next step: `actions` and their `chances`; the rest is what learning from it needs."""

    actions: list[int]
    chances: Array
    logs: Array
    asked: list[int]
    places: NDArray[np.intp]
    own: Array | None


class Mixture:
    """The weights of the situations."""

    def __init__(self, situations: int) -> None:
        self.situations = situations
        self.shared: Array = np.full((situations, GRADES), 1.0 / situations)
        self.own: dict[int, Array] = {}

    def say(
        self, entries: Sequence[int | Entry | None], recent: Sequence[Entry | None], unit: int, last: int
    ) -> Said | None:
        """The chances of each action that the situations have seen; None where nothing was ever seen.

        `entries` are of the whole past, `recent` of that where the recent weighs more, with `unit` the weight of a
        case of now; `last` is the code of the last action.
        """
        actions = _candidates(entries)
        if not actions:
            return None
        rows, asked, places = _rows(entries, recent, unit, actions)
        logs = np.log(np.maximum(np.array(rows), _LEAST))
        where = np.array(places, dtype=np.intp)
        own = self.own.get(last)
        if own is None and len(self.own) < OWN_AT_MOST:
            own = self.own[last] = np.zeros((self.situations, GRADES))
        weights = self.shared.ravel()[where]
        if own is not None:
            weights = weights + own.ravel()[where]
        return Said(actions, _normal(weights @ logs), logs, asked, where, own)

    def learn(self, said: Said, action: int) -> None:
        """Move the weights towards those that gave `action` more. One that nobody named moves nothing."""
        if action not in said.actions:
            return
        slope = said.logs[:, said.actions.index(action)] - said.logs @ said.chances
        step = RATE * np.clip(slope, -_STEEP, _STEEP)
        self.shared.ravel()[said.places] += step
        if said.own is not None:
            said.own.ravel()[said.places] += step

    def weights_of(self, said: Said) -> Array:
        """The weight of each situation that was asked."""
        weights: Array = self.shared.ravel()[said.places]
        if said.own is not None:
            weights = weights + said.own.ravel()[said.places]
        return weights


def _normal(logs: Array) -> Array:
    raised: Array = np.exp(logs - logs.max())
    raised /= raised.sum()
    return raised


def _candidates(entries: Sequence[int | Entry | None]) -> list[int]:
    """The actions that may follow: what stands in narrow situations first, then the most usual."""
    found: dict[int, None] = {}
    for entry in entries[2:]:
        if entry is None or len(found) >= CANDIDATES:
            continue
        if isinstance(entry, int):
            found[entry >> SHIFT] = None
        else:
            found.update(dict.fromkeys(entry))
    found.pop(ALL, None)
    for entry in (entries[1], entries[0]):
        if len(found) >= CANDIDATES or entry is None:
            continue
        if isinstance(entry, int):
            found[entry >> SHIFT] = None
        else:
            usual = sorted(entry, key=entry.__getitem__, reverse=True) if len(entry) > CANDIDATES else list(entry)
            found.update(dict.fromkeys(usual[: CANDIDATES + 1]))
            found.pop(ALL, None)
    return list(found)[:CANDIDATES]


def _rows(
    entries: Sequence[int | Entry | None], recent: Sequence[Entry | None], unit: int, actions: list[int]
) -> tuple[list[list[float]], list[int], list[int]]:
    """What each situation that was ever met says, which it is, and where its weight stands."""
    place_of = {action: place for place, action in enumerate(actions)}
    even = [1.0 / len(actions)] * len(actions)
    chain = plain = even
    rows: list[list[float]] = []
    asked: list[int] = []
    places: list[int] = []
    for number, entry in enumerate(entries):
        if entry is None:
            continue
        chances, count = _smoothed(entry, chain if number <= LAST else plain, place_of)
        if number <= LAST:
            chain = chances
            if number <= 1:
                plain = chances
        rows.append(chances)
        asked.append(number)
        places.append(number * GRADES + _grade(count, max(chances)))
    for number, weighed in enumerate(recent, len(entries)):
        if weighed is None:
            continue
        fading, worth = _faded(weighed, plain, place_of, unit)
        rows.append(fading)
        asked.append(number)
        places.append(number * GRADES + _grade(worth, max(fading)))
    return rows, asked, places


def _smoothed(entry: int | Entry, before: list[float], place_of: dict[int, int]) -> tuple[list[float], int]:
    """The counts, with the more of `before` the more different actions there were (after Witten and Bell 1991)."""
    if isinstance(entry, int):
        count = entry & ONE
        share = 1.0 / (count + 0.5)
        chances = [0.5 * share * each for each in before]
        place = place_of.get(entry >> SHIFT)
        if place is not None:
            chances[place] += count * share
        return chances, count
    count = entry[ALL]
    open_ = float((len(entry) - 1) ** 0.5)
    share = 1.0 / (count + open_)
    rest = open_ * share
    chances = [rest * each for each in before]
    if len(entry) > len(place_of):
        for action, place in place_of.items():
            chances[place] += entry.get(action, 0) * share
        return chances, count
    for action, each in entry.items():
        at = place_of.get(action)
        if at is not None:
            chances[at] += each * share
    return chances, count


def _faded(entry: Entry, before: list[float], place_of: dict[int, int], unit: int) -> tuple[list[float], float]:
    worth = entry[ALL] / unit
    rest = 0.5 / (worth + 0.5)
    chances = [rest * each for each in before]
    share = (1.0 - rest) / entry[ALL] if entry[ALL] < 1 << 900 else 0.0
    for action, each in entry.items():
        place = place_of.get(action)
        if place is not None:
            chances[place] += each * share
    return chances, worth


def _grade(count: float, most: float) -> int:
    """How much evidence there is: ten steps of how many, four of how sure."""
    sure = 0 if most < 0.6 else 1 if most < 0.85 else 2 if most < 0.97 else 3
    return min(int(1.04 * log2(count + 1.0)), 9) * 4 + sure
