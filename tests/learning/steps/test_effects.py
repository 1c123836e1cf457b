"""What an action does, told apart from where it was taken."""

import random

from hypothesis import given
from hypothesis import strategies as st

from caseloom.learning.steps.outcomes import ENOUGH, ChoiceCounts

EASY, HARD = 1, 2
OLD, NEW = 10, 20


def _logged(rng: random.Random, cases: int, spread: int = 1) -> ChoiceCounts:
    """The new way is better by 0.2 everywhere, and is mostly taken where little goes well."""
    counts = ChoiceCounts(10_000)
    for _ in range(cases):
        easy = rng.random() < 0.5
        action = NEW if rng.random() < (0.1 if easy else 0.9) else OLD
        chance = (0.7 if easy else 0.2) + (0.2 if action == NEW else 0.0)
        place = (EASY if easy else HARD) + 10 * rng.randrange(spread)
        counts.add(place, action, rng.random() < chance)
    return counts


def _naive(counts: ChoiceCounts, action: int) -> float:
    cases = sum(entry[action][0] for entry in counts.table.values() if action in entry)
    return sum(entry[action][1] for entry in counts.table.values() if action in entry) / cases


def test_what_is_taken_where_all_goes_badly_is_not_blamed() -> None:
    counts = _logged(random.Random(1), 4_000, spread=40)
    assert _naive(counts, NEW) < _naive(counts, OLD)
    effects = counts.effects(9_999)
    assert effects[NEW].low > 0 > effects[OLD].high


def test_a_situation_that_is_known_speaks_for_itself() -> None:
    counts = _logged(random.Random(2), 2_000)
    assert counts.effects(EASY)[NEW].mean > 0.1
    assert counts.effects(EASY)[NEW].cases < counts.effects(9_999)[NEW].cases


def test_intervals_hold_the_truth() -> None:
    """Of the difference between the two ways, 0.2 times the share that did not take it."""
    held = 0
    for seed in range(120):
        counts = _logged(random.Random(seed), 800, spread=4)
        total = sum(cases for entry in counts.table.values() for cases, _ in entry.values())
        truth = (
            0.2
            * sum(
                sum(n for n, _ in entry.values()) * (1 - entry[NEW][0] / sum(n for n, _ in entry.values()))
                for entry in counts.table.values()
                if NEW in entry and len(entry) > 1
            )
            / total
        )
        effect = counts.effects(9_999)[NEW]
        held += effect.low <= truth <= effect.high
    assert 0.88 <= held / 120 <= 1.0


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=60))
def test_few_choices_move_nothing(choices: list[tuple[int, int, bool]]) -> None:
    counts = ChoiceCounts(1_000)
    for situation, action, good in choices[: ENOUGH - 1]:
        counts.add(situation, action, good)
    assert counts.effects(0) == {}


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), min_size=1, max_size=80))
def test_what_is_taken_back_was_never_counted(choices: list[tuple[int, int, bool]]) -> None:
    counts = ChoiceCounts(1_000)
    for choice in choices:
        counts.add(*choice)
    before = ChoiceCounts(1_000)
    for choice in choices[:-1]:
        before.add(*choice)
    counts.take(*choices[-1])
    assert counts.table == before.table
    assert counts.effects(0) == before.effects(0)
