"""The situations that are counted: each is a question to the case's way so far, and its answer as one number."""

from collections.abc import Sequence
from math import log
from typing import Final

import msgspec

from caseloom.learning.steps.step import LAST, Path, mixed


class Context(msgspec.Struct, frozen=True):
    """One kind of situation, and what it is made of: `last 1`, `last 2` …, `done`, `actor`, `hour`, or the name of a
    fact.

    A situation made of more refines one made of less.
    """

    name: str
    parts: frozenset[str]


def _last(count: int) -> frozenset[str]:
    return frozenset(f"last {place}" for place in range(1, count + 1))


def _context(name: str, last: int, *parts: str) -> Context:
    return Context(name, _last(last) | frozenset(parts))


_PLAIN: Final = (
    _context("any", 0),
    *(_context("last step" if count == 1 else f"last {count} steps", count) for count in range(1, LAST + 1)),
    _context("done so far", 0, "done"),
    _context("done so far, last step", 1, "done"),
    _context("kinds done, last step", 1, "kinds"),
    _context("the whole way", LAST, "done", "kinds", "whole"),
    _context("last step, number of steps", 1, "length"),
    _context("last step, age", 1, "age"),
    _context("last step, time since", 1, "since"),
    _context("last step, time of day", 1, "hour"),
    _context("last step, hour of the week", 1, "hour", "weekday"),
    _context("last step, actor", 1, "actor"),
    _context("last 2 steps, actor", 2, "actor"),
    _context("last step, time since, age", 1, "since", "age", "length"),
    _context("last 2 steps, time since", 2, "since"),
)
PLAIN: Final = len(_PLAIN)
LAST_STEP: Final = 1
DONE_LAST: Final = 8
SINCE: Final = 13
TIMED: Final = (0, 1, 2, 3, DONE_LAST, 11, 12, SINCE, 16)
"""Those that say something of how long it takes and how it ends."""
RECENT: Final = (1, 2, 3, DONE_LAST, SINCE)
"""Those that are also counted with the recent weighing more."""


class Contexts:
    """All situations, for the facts that are declared as telling."""

    def __init__(self, facts: Sequence[str]) -> None:
        found = list(_PLAIN)
        for fact in facts:
            found += [_context(f"last step, {fact}", 1, fact), _context(f"last 3 steps, {fact}", 3, fact)]
        if facts:
            listed = "all facts" if len(facts) > 1 else facts[0]
            found += [
                _context(f"last step, {listed} together", 1, *facts),
                _context(f"last 2 steps, actor, {listed} together", 2, "actor", *facts),
                _context(f"done so far, actor, {listed} together", 1, "done", "actor", *facts),
            ]
        self.all = tuple(found)
        with_facts: tuple[int, ...] = tuple(range(PLAIN, PLAIN + 2 * len(facts), 2)) if facts else ()
        together: tuple[int, ...] = (len(found) - 3, len(found) - 1) if facts else ()
        self.choosing = together[0] if facts else LAST_STEP
        self.recent = RECENT + together[:1]
        self.timed = TIMED + with_facts + together

    def keys(self, path: Path) -> list[int]:
        """The answer of each situation, in the order of `all`; each is told apart from those of other situations."""
        recent = path.recent
        last, two, three = mixed(*recent[:1]), mixed(*recent[:2]), mixed(*recent[:3])
        since, age = _scale(path.at - path.before), _scale(path.at - path.begun)
        length, actor = min(path.length, 20), path.actor
        keys = [mixed(place, *recent[:place]) for place in range(LAST + 1)]
        keys += [
            mixed(7, path.bag),
            mixed(8, path.bag, last),
            mixed(9, path.kinds, last),
            mixed(10, path.whole),
            mixed(11, last, length),
            mixed(12, last, age),
            mixed(13, last, since),
            mixed(14, last, path.hour // 2 + 32 * (path.weekday > 4)),
            mixed(15, last, path.hour + 32 * path.weekday),
            mixed(16, last, actor),
            mixed(17, two, actor),
            mixed(18, last, since + 64 * age + 8192 * (length > 3)),
            mixed(19, two, since),
        ]
        place = PLAIN
        for fact in path.facts:
            keys += [mixed(place, last, fact), mixed(place + 1, three, fact)]
            place += 2
        if path.facts:
            facts = mixed(*path.facts)
            keys += [
                mixed(place, last, facts),
                mixed(place + 1, two, actor, facts),
                mixed(place + 2, path.bag, actor, facts),
            ]
        return keys


def _scale(seconds: float) -> int:
    """Times that differ by less than a factor of four are taken as alike."""
    return int(log(seconds + 1.0) / 1.386) if seconds > 0 else 0
