"""Seeking good ends beats habit, and says honestly how sure it is."""

import numpy as np
import pytest

from caseloom.learning.steps.outcomes import (
    ChoiceCounts,
    Choices,
    better_than_habit,
    doubly_robust,
    policy_from,
    share_worth,
)
from caseloom.learning.steps.simulation import DEFAULT, Parameters, ParametersFaulty, parameters_of, run


def test_the_default_house_gains_ten_points() -> None:
    parameters = parameters_of(DEFAULT.read_text(encoding="utf-8"))
    assert parameters == Parameters()
    runs = [run(parameters, seed) for seed in range(20)]
    assert np.mean([one.reached - one.reached_by_habit for one in runs]) > 0.1
    assert np.mean([one.satisfied - one.satisfied_by_habit for one in runs]) > 0.1


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    runs = [run(Parameters(logged=5000, advised=100), seed) for seed in range(200)]
    for covered in (
        [one.goal.low <= one.true_goal <= one.goal.high for one in runs],
        [one.rating.low <= one.true_rating <= one.rating.high for one in runs],
    ):
        assert 0.9 <= np.mean(covered) <= 0.98


def test_the_same_seed_gives_the_same_run() -> None:
    assert run(Parameters(logged=500), 3) == run(Parameters(logged=500), 3)
    assert run(Parameters(logged=500), 3) != run(Parameters(logged=500), 4)


def test_the_estimate_is_not_fooled_by_habit() -> None:
    """Action 1 is taken where all goes well anyway: its plain mean is near 0.9; taken everywhere it is worth 0.5."""
    random = np.random.default_rng(5)
    situations = random.integers(0, 2, 20_000)
    actions = (random.random(20_000) < np.where(situations == 1, 0.95, 0.05)).astype(np.intp)
    good = (random.random(20_000) < np.where(situations == 1, 0.9, 0.1)).astype(float)
    plain = good[actions == 1].mean()
    found = doubly_robust(Choices(situations, actions, good), np.array([1, 1]), 2)
    assert plain > 0.8
    assert found.low <= 0.5 <= found.high
    assert found.high - found.low < 0.1


def test_with_few_cases_the_habit_stands() -> None:
    worths = [share_worth(50, 100), share_worth(4, 4)]
    assert better_than_habit(worths, habit=0) == 0
    assert better_than_habit([share_worth(50, 100), share_worth(95, 100)], habit=0) == 1


def test_a_situation_never_seen_has_some_policy() -> None:
    empty = Choices(np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0))
    assert policy_from(empty, 2, 3).tolist() == [0, 0]
    assert doubly_robust(empty, np.array([0, 0]), 3).cases == 0


def test_counts_of_choices_can_be_taken_back() -> None:
    counts = ChoiceCounts(10)
    counts.add(1, 2, True)
    counts.add(1, 2, False)
    assert counts.worths(1)[2].mean == 0.5
    counts.take(1, 2, False)
    counts.take(1, 2, True)
    assert counts.table == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("situations: [", "no YAML"),
        ("- 1", "object"),
        ("situation: 3", "unknown field"),
        ("actions: 1", "actions"),
        ("overlap: 0", "overlap"),
        ("habit: .nan", "habit"),
        ("least: 0.9\nmost: 0.2", "below"),
        ("logged: many", "int"),
    ],
)
def test_parameters_that_cannot_be_used_are_told(text: str, said: str) -> None:
    with pytest.raises(ParametersFaulty, match=said):
        parameters_of(text)


def test_json_is_taken_too() -> None:
    assert parameters_of('{"actions": 3}').actions == 3
