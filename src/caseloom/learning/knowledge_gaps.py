"""What is often asked and nothing helps with: messages near no article, or in whose case what was found did not help,
in groups that are about the same. Nothing personal comes out: only words that several customers wrote.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import msgspec
import numpy as np

from caseloom.learning.intake.encoder import Vector
from caseloom.learning.knowledge import Gap, Gaps
from caseloom.learning.knowledge_words import STEM, Weights, Words, unit, words_of

FEWEST: Final = 5
"""Customers that a gap needs at least, and that have written each of its words."""
MOST_WORDS: Final = 6
MOST_GAPS: Final = 12
MOST_CASES: Final = 10
GROUPED: Final = 600
"""Messages of a service goal that are grouped, the newest."""
ALIKE: Final = (0.16, 0.5)
"""From what likeness to a group's middle on a message belongs to it: by words, and by meaning."""


class Asked(msgspec.Struct, frozen=True):
    """A customer's message, and whether knowledge helped: whether any article is `near` it, and what was said of those
    that were found in its case (None where nothing).
    """

    case: int
    customer: int
    at: date
    text: str
    near: bool
    helped: bool | None = None
    vector: Vector | None = None

    @property
    def without(self) -> bool:
        """Whether nothing helped."""
        return self.helped is False or (not self.near and self.helped is None)


def find_gaps(messages: Sequence[Asked]) -> Gaps:
    """The gaps that the messages of one service goal tell of, the one that most ask first."""
    lacking = [one for one in messages if one.without]
    words = Words(one.text for one in messages)
    groups = _groups(sorted(lacking, key=lambda one: (one.at, one.case), reverse=True)[:GROUPED], words)
    usual = _customers_by_word(messages)
    everybody = len({one.customer for one in messages})
    gaps = [gap for group in groups if (gap := _gap(group, usual, everybody)) is not None]
    gaps.sort(key=lambda gap: (-gap.asked, gap.words))
    return Gaps(len(messages), len(lacking), tuple(gaps[:MOST_GAPS]))


def _groups(messages: Sequence[Asked], words: Words) -> list[list[Asked]]:
    """Each message joins the group whose middle it is most like; in the second round all middles are known."""
    if not messages:
        return []
    directions = _directions(messages, words)
    alike = ALIKE[all(one.vector is not None for one in messages)]
    sums: list[Vector] = []
    for direction in directions:
        place = _nearest(direction, sums, alike)
        if place < 0:
            sums.append(direction.copy())
        else:
            sums[place] = sums[place] + direction
    groups: dict[int, list[Asked]] = defaultdict(list)
    for one, direction in zip(messages, directions, strict=True):
        place = _nearest(direction, sums, alike)
        if place >= 0:
            groups[place].append(one)
    return list(groups.values())


def _nearest(direction: Vector, sums: Sequence[Vector], alike: float) -> int:
    if not sums or not direction.any():
        return -1
    middles = np.array(sums)
    found = middles @ direction / np.maximum(np.linalg.norm(middles, axis=1), 1e-9)
    place = int(found.argmax())
    return place if found[place] >= alike else -1


def _directions(messages: Sequence[Asked], words: Words) -> list[Vector]:
    vectors = [one.vector for one in messages if one.vector is not None]
    if len(vectors) == len(messages):
        return vectors
    weights = [unit(words.weights(one.text)) for one in messages]
    return _dense(weights)


def _dense(weights: Sequence[Weights]) -> list[Vector]:
    counts = Counter(stem for one in weights for stem in one)
    kept = {stem: place for place, (stem, n) in enumerate(counts.most_common(2_000)) if n > 1}
    found = []
    for one in weights:
        vector = np.zeros(len(kept), np.float32)
        for stem, weight in one.items():
            if stem in kept:
                vector[kept[stem]] = weight
        found.append(vector)
    return found


def _gap(group: Sequence[Asked], usual: Counter[str], everybody: int) -> Gap | None:
    customers = {one.customer for one in group}
    if len(customers) < FEWEST:
        return None
    words = _typical(group, len(customers), usual, everybody)
    if not words:
        return None
    newest = sorted(group, key=lambda one: (one.at, one.case), reverse=True)
    return Gap(
        words=words,
        asked=len({one.case for one in group}),
        customers=len(customers),
        nothing_near=sum(not one.near for one in group),
        did_not_help=sum(one.helped is False for one in group),
        weeks=_weeks([one.at for one in group]),
        cases=tuple(dict.fromkeys(one.case for one in newest))[:MOST_CASES],
    )


def _customers_by_word(messages: Sequence[Asked]) -> Counter[str]:
    """Word → how many customers have written it."""
    pairs = {(word, one.customer) for one in messages for word in words_of(one.text)}
    return Counter(word for word, _customer in pairs)


def _typical(group: Sequence[Asked], customers: int, usual: Counter[str], everybody: int) -> tuple[str, ...]:
    """The words that tell the group from the others: one a stem, each written by at least `FEWEST` customers."""
    scores: list[tuple[float, str]] = []
    for word, count in _customers_by_word(group).items():
        if count < FEWEST:
            continue
        share, among_all = count / customers, (usual[word] + 1) / (everybody + 1)
        scores.append((-share * (0.2 + math.log(max(share / among_all, 1.0))), word))
    chosen: dict[str, str] = {}
    for _score, word in sorted(scores):
        chosen.setdefault(word[:STEM], word)
    return tuple(chosen.values())[:MOST_WORDS]


def _weeks(days: Sequence[date]) -> tuple[tuple[str, int], ...]:
    """(Monday, messages) for each week from the first to the last."""
    counts = Counter(day - timedelta(days=day.weekday()) for day in days)
    week, found = min(counts), []
    while week <= max(counts):
        found.append((week.isoformat(), counts[week]))
        week += timedelta(days=7)
    return tuple(found)
