"""Which action leads to good ends: from logged choices, whose habits are not known, to a policy and what it is worth.

A choice is logged as situation, action, and what came of it (0 to 1). What people chose was no experiment: they took
one action more often than others, and more in some situations. So the worth of a policy is estimated by the doubly
robust estimator (Dudík, Langford, Li 2011): what the outcomes of the like say, corrected by the outcomes of those
who chose as the policy would, each weighed by one over how likely that choice was (its propensity, estimated from
the log where it is not known). It is right where either of both is.

The policy is learned from one part of the log and valued on another, as a policy always looks better on the choices
it was picked by.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Codes = NDArray[np.intp]

NINETY_FIVE: Final = 1.96
ENOUGH: Final = 15
"""So often an action has to have been taken in a situation before its outcomes are believed."""
_PRIOR: Final = 1.0
_LEAST_CHANCE: Final = 0.01
_FOLDS: Final = 5
_STALE: Final = 50
"""Ended choices after which what is said over all situations is worked out anew."""
_LEAST_SPREAD: Final = 0.02
"""No share is as sure as a few equal ends make it look."""


class Worth(msgspec.Struct, frozen=True):
    """What an action or a policy is worth, and between which two it is in 95 of 100 cases; `cases` is how many it
    was read from."""

    mean: float
    low: float
    high: float
    cases: int


class Choices(msgspec.Struct):
    """Logged choices: one row each. `chances` are the propensities where they are known."""

    situations: Codes
    actions: Codes
    good: Numbers
    chances: Numbers | None = None

    def part(self, rows: NDArray[np.bool_]) -> "Choices":
        """Some of them."""
        chances = self.chances[rows] if self.chances is not None else None
        return Choices(self.situations[rows], self.actions[rows], self.good[rows], chances)


def share_worth(good: float, cases: int) -> Worth:
    """The share of good ends with its interval (Wilson 1927, which holds for few cases also)."""
    if not cases:
        return Worth(0.5, 0.0, 1.0, 0)
    share, square = good / cases, NINETY_FIVE**2
    middle = (share + square / (2 * cases)) / (1 + square / cases)
    half = NINETY_FIVE * sqrt(share * (1 - share) / cases + square / (4 * cases**2)) / (1 + square / cases)
    return Worth(share, max(middle - half, 0.0), min(middle + half, 1.0), cases)


def better_than_habit(worths: Sequence[Worth], habit: int) -> int:
    """The action to advise in one situation: the best one, where the evidence holds; else what people do.

    It holds where the action was taken often enough, and is better than the habit by more than half of what is
    uncertain of both.
    """
    usual = worths[habit]
    best = habit
    for action, worth in enumerate(worths):
        if worth.cases < ENOUGH or worth.mean <= worths[best].mean:
            continue
        unsure = sqrt((worth.high - worth.low) ** 2 + (usual.high - usual.low) ** 2) / 2
        if worth.mean - usual.mean > unsure / 2:
            best = action
    return best


def tables(choices: Choices, situations: int, actions: int) -> tuple[Numbers, Numbers]:
    """How often each action was taken in each situation, and how much good came of it."""
    cell = choices.situations * actions + choices.actions
    count = np.bincount(cell, minlength=situations * actions).astype(float)
    good = np.bincount(cell, weights=choices.good, minlength=situations * actions)
    shape = (situations, actions)
    return count.reshape(shape), good.astype(np.float64).reshape(shape)


def habits(choices: Choices, situations: int, actions: int) -> Codes:
    """What people do most in each situation: imitation."""
    count, _ = tables(choices, situations, actions)
    found: Codes = count.argmax(axis=1)
    return found


def policy_from(choices: Choices, situations: int, actions: int) -> Codes:
    """The action to advise in each situation, by outcome where the evidence holds, else by habit."""
    count, good = tables(choices, situations, actions)
    chosen = [
        better_than_habit(
            [share_worth(float(good[place, each]), int(count[place, each])) for each in range(actions)],
            int(count[place].argmax()),
        )
        for place in range(situations)
    ]
    return np.array(chosen, dtype=np.intp)


def doubly_robust(choices: Choices, policy: Codes, actions: int) -> Worth:
    """What a policy is worth, from choices that it was not learned from.

    Each fifth is corrected by what the other four say of outcomes and propensities, so that no choice speaks about
    itself.
    """
    situations, cases = len(policy), len(choices.good)
    if not cases:
        return Worth(0.5, 0.0, 1.0, 0)
    found = np.zeros(cases)
    fold = np.arange(cases) % _FOLDS
    for each in range(_FOLDS):
        here = fold == each
        if here.any():
            found[here] = _corrected(choices.part(here), choices.part(~here), policy, situations, actions)
    mean = float(found.mean())
    half = NINETY_FIVE * float(found.std(ddof=1)) / sqrt(cases) if cases > 1 else 1.0
    return Worth(mean, mean - half, mean + half, cases)


def _corrected(here: Choices, others: Choices, policy: Codes, situations: int, actions: int) -> Numbers:
    count, good = tables(others, situations, actions)
    usual = float(others.good.mean()) if len(others.good) else 0.5
    expected = (good + _PRIOR * usual) / (count + _PRIOR)
    chances = here.chances
    if chances is None:
        share = (count + _PRIOR / actions) / (count.sum(axis=1, keepdims=True) + _PRIOR)
        chances = share[here.situations, here.actions]
    advised = policy[here.situations]
    said = expected[here.situations, advised]
    as_advised = here.actions == advised
    found: Numbers = said + as_advised * (here.good - said) / np.maximum(chances, _LEAST_CHANCE)
    return found


def _effect(entries: Sequence[tuple[dict[int, tuple[int, int]], int]]) -> Worth:
    """The weighted mean over situations of an action's share of good ends less that of all actions there."""
    weights = difference = variance = 0.0
    taken = 0
    for entry, action in entries:
        total, goods = sum(cases for cases, _ in entry.values()), sum(good for _, good in entry.values())
        cases, good = entry[action]
        usual = (goods + _PRIOR / 2) / (total + _PRIOR)
        share = (good + _PRIOR * usual) / (cases + _PRIOR)
        # Those who took it are part of what is usual there.
        rest = 1 - cases / total
        weights += total
        difference += total * (share - usual)
        variance += total**2 * rest * max(share * (1 - share), _LEAST_SPREAD) / cases
        taken += cases
    mean, half = difference / weights, NINETY_FIVE * sqrt(variance) / weights
    return Worth(mean, mean - half, mean + half, taken)


class ChoiceCounts:
    """The same, online: for each situation and action, how many cases ended, and how many of them well."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.table: dict[int, dict[int, tuple[int, int]]] = {}
        self._overall: dict[int, Worth] = {}
        self._changes = 0

    def add(self, situation: int, action: int, good: bool) -> None:
        """A case in which this was chosen has ended."""
        entry = self.table.setdefault(situation, {})
        cases, goods = entry.get(action, (0, 0))
        entry[action] = (cases + 1, goods + good)
        self._changes += 1
        if len(self.table) > self.limit:
            for old in list(self.table)[: self.limit // 4]:
                del self.table[old]

    def take(self, situation: int, action: int, good: bool) -> None:
        """Take back what `add` added."""
        self._changes = _STALE
        entry = self.table.get(situation)
        if entry is None or action not in entry:
            return
        cases, goods = entry[action]
        if cases > 1:
            entry[action] = (cases - 1, max(goods - good, 0))
            return
        del entry[action]
        if not entry:
            del self.table[situation]

    def effects(self, situation: int) -> dict[int, Worth]:
        """By how much each action moves the share of good ends, against what is usual where it was taken.

        Where a situation knows an action well enough it speaks for itself. Else all situations do in which it was
        taken beside others, each difference weighed by how many cases were there: that is the inverse-propensity
        estimate with propensities from the counts (Hirano, Imbens, Ridder 2003), so that an action does not look good
        because it was taken where all goes well. `cases` are those that took it.
        """
        here, found = self.table.get(situation, {}), dict(self._over_all())
        for action, (cases, _goods) in here.items():
            if cases >= ENOUGH and sum(each for each, _ in here.values()) >= 2 * ENOUGH:
                found[action] = _effect([(here, action)])
        return found

    def _over_all(self) -> dict[int, Worth]:
        """Kept for a while: it is worked out from all situations."""
        if self._changes >= _STALE or not self._overall:
            taken: dict[int, list[tuple[dict[int, tuple[int, int]], int]]] = {}
            for entry in self.table.values():
                for action in entry if len(entry) > 1 else ():
                    taken.setdefault(action, []).append((entry, action))
            effects = {action: _effect(entries) for action, entries in taken.items()}
            self._overall = {action: one for action, one in effects.items() if one.cases >= ENOUGH}
            self._changes = 0
        return self._overall

    def worths(self, situation: int) -> dict[int, Worth]:
        """What each action was worth there."""
        return {action: share_worth(goods, cases) for action, (cases, goods) in self.table.get(situation, {}).items()}
