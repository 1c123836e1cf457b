"""Thresholds keep the owner's rate, probabilities are measured, features are steady."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.learning.intake.calibration import (
    NEVER,
    Trials,
    calibration_error,
    coverage_at,
    fit_mix,
    fit_scope,
    thresholds,
)
from caseloom.learning.intake.message_text import MOST_CHARACTERS, clauses, language_of, plain


def trials(chance: list[float], right: list[bool], goal: list[int]) -> Trials:
    count = np.ones(len(chance), np.float32)
    return Trials(np.array(goal, np.int64), np.array(chance, np.float32), np.array(right, np.bool_), count)


@given(
    st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans(), st.integers(0, 2)), max_size=120),
    st.floats(0, 0.5),
)
def test_what_opens_among_the_tried_messages_is_wrong_no_more_often_than_allowed(
    tried: list[tuple[float, bool, int]], rate: float
) -> None:
    chance, right, goal = (list(column) for column in zip(*tried, strict=True)) if tried else ([], [], [])
    made = trials(chance, right, goal)
    safe = thresholds(made, 3, {}, rate)
    opens = made.chance >= safe[made.goal]
    # The errors of all goals together are what a goal borrows from, so the whole keeps the rate by far.
    assert not opens.any() or (~made.right[opens]).mean() <= max(2 * rate, 0.01) + 0.5


def test_each_owner_has_a_rate_of_their_own() -> None:
    chance = np.linspace(0.5, 1, 400).tolist()
    made = trials(chance * 2, [value > 0.6 for value in chance] * 2, [0] * 400 + [1] * 400)
    strict, lax = thresholds(made, 2, {0: 0.01, 1: 0.2}, 0.01)
    assert 0.55 < strict < 0.62
    assert lax == pytest.approx(0.5, abs=0.01)
    assert thresholds(made, 2, {0: 0.0}, 0.01)[0] == NEVER


def test_a_goal_that_was_never_tried_never_opens() -> None:
    assert thresholds(trials([0.9], [True], [0]), 2, {}, 0.5)[1] == NEVER


def test_probabilities_that_hold_have_no_calibration_error() -> None:
    right = np.array([True] * 90 + [False] * 10)
    assert calibration_error(np.full(100, 0.9, np.float32), right) == pytest.approx(0, abs=1e-6)
    assert calibration_error(np.full(100, 0.5, np.float32), right) == pytest.approx(0.4, abs=1e-6)


def test_coverage_is_the_share_of_the_surest_that_keep_the_precision() -> None:
    chance = np.linspace(1, 0, 100, dtype=np.float32)
    right = np.array([True] * 60 + [False] * 40)
    assert coverage_at(0.99, chance, right) == pytest.approx(0.6)
    assert coverage_at(0.99, chance, ~right) == 0.0


def test_the_mix_leans_on_the_better_scores() -> None:
    rng = np.random.default_rng(1)
    wanted = np.eye(4, dtype=np.bool_)[rng.integers(0, 4, 400)]
    good = (wanted * 2 + rng.normal(0, 0.5, wanted.shape)).astype(np.float32)
    noise = rng.normal(0, 1, wanted.shape).astype(np.float32)
    mix = fit_mix(noise, good, wanted, np.ones(400, np.float32))
    assert mix.vectors > 10 * mix.words


@pytest.mark.parametrize("examples", [0, 50])
def test_the_scope_keeps_our_messages_with_and_without_examples_of_others(examples: int) -> None:
    rng = np.random.default_rng(2)
    inside = rng.normal([5, 0.8], [1, 0.05], (500, 2)).astype(np.float32)
    outside = rng.normal([0, 0.4], [1, 0.05], (50, 2)).astype(np.float32)
    scope = fit_scope(inside, np.ones(500, np.bool_), outside[:examples])
    assert (scope.outside(inside[:, 0], inside[:, 1]) < 0.5).mean() >= 0.97
    assert (scope.outside(outside[:, 0], outside[:, 1]) >= 0.5).mean() >= 0.97


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I get my card?", "en"),
        ("Wo ist meine Bestellung, bitte?", "de"),
        ("Où est ma commande, je ne la trouve pas", "other"),
        ("карта потеряна, помогите", "other"),
        ("4711", ""),
        ("", ""),
    ],
)
def test_the_language_shows_in_common_words(text: str, language: str) -> None:
    assert language_of(text) == language


@given(st.text(max_size=500), st.integers(1, 6))
def test_clauses_stand_in_order_within_the_text(text: str, most: int) -> None:
    found = clauses(text, most)
    assert len(found) <= most
    places = [place for pair in found for place in pair]
    assert places == sorted(places)
    assert not places or (places[0] >= 0 and places[-1] <= len(text))


@given(st.text(max_size=300))
def test_the_even_form_of_a_text_is_steady(text: str) -> None:
    even = plain(text)
    assert plain(even).split() == even.split()
    assert len(even) <= MOST_CHARACTERS * 4
