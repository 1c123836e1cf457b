"""Ten minutes of texts, trees and data: no crash, no overrun, and what is printed is parsed back."""

import random
import time

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from caseloom.engine.feel import FeelSyntaxError, Value, compile, parse, to_text_among, tree
from tests.engine.feel.test_evaluation_never_raises import scopes
from tests.engine.feel.trees import NAMES, trees

MINUTES = 10
# No expression may take longer, on a busy machine either; the bound itself is one of steps.
OVERRUN_SECONDS = 10
PIECES = (
    "a", "first name", "1", '"x"', "[", "]", "(", ")", "{", "}", ",", ":", "..", ".", "+", "-", "*", "/", "**", "=",
    "<=", "for", "in", "return", "some", "every", "satisfies", "if", "then", "else", "function", "instance of",
    "between",
    "and", "or", "not", "null", "true", "date", "@", '@"P1D"', "sort", "matches", "1..9", "//", "/*", "*/", "?",
    "external", "partial", "item", "\n", " ", "é", "𝒳", "\\", "'", "1e400", "count", "list<number>", "->", ">", "<",
)  # fmt: skip


def _evaluated(text: str, scope: dict[str, Value]) -> None:
    began = time.monotonic()
    try:
        compile(text, NAMES).evaluate(scope)
    except FeelSyntaxError as why:
        assert why.line >= 1
    assert time.monotonic() - began < OVERRUN_SECONDS, text


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(trees, scopes)
def _any_tree(root: tree.Node, scope: dict[str, Value]) -> None:
    text = to_text_among(root, NAMES)  # type: ignore[arg-type]
    assert parse(text, NAMES) == root
    _evaluated(text, scope)


@pytest.mark.nightly
def test_ten_minutes_of_fuzz_end_without_crash_or_overrun() -> None:
    until = time.monotonic() + MINUTES * 30
    chance, tried = random.Random(26), 0
    while time.monotonic() < until:
        text = " ".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 40)))
        if chance.random() < 0.1:
            text *= chance.randrange(2, 3000)
        _evaluated(text, {"a": "x", "first name": [1]})
        tried += 1
    until = time.monotonic() + MINUTES * 30
    rounds = 0
    while time.monotonic() < until:
        seed(rounds)(_any_tree)()
        rounds += 1
    assert tried > 1000
    assert rounds > 1


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=25))
def test_any_pieces_of_feel_are_an_expression_or_a_clear_fault(pieces: list[str]) -> None:
    _evaluated(" ".join(pieces), {"a": "x"})
