"""Unary tests, the cells of decision tables (DMN 1.5 §10.3.1.2 rules 12 to 17, §10.3.2.8)."""

from decimal import Decimal

import pytest

from caseloom.engine.feel import Note, Value, compile_tests
from tests.engine.feel.asking import passes

D = Decimal


@pytest.mark.parametrize(
    ("tests", "value", "answer"),
    [
        ("-", D(1), True),
        ("-", None, True),
        ("5", D(5), True),
        ("-5", D(-5), True),
        ("< 5", D(5), False),
        ("<= 5, > 10", D(11), True),
        ("[1..5]", D(5), True),
        ("(1..5)", D(5), False),
        ('"a", "b"', "b", True),
        ('not("a", "b")', "b", False),
        ('not("a", "b")', "c", True),
        ("not(5)", D(5), False),
        ("null", None, True),
        ("< 5", "a", None),
        ("not(< 5)", "a", None),
        ("? > 1 and ? < 3", D(2), True),
        ("count(?) = 2", [D(1), D(2)], True),
        ("limit", D(7), True),
        ("limits", D(8), True),
        ("< limit, = 9", D(9), True),
        ("true", True, True),
        ('@"2026-01-01"', D(1), None),
    ],
)
def test_a_value_passes_or_does_not(tests: str, value: Value, answer: Value) -> None:
    assert passes(tests, value, {"limit": D(7), "limits": [D(7), D(8)]}) is answer


def test_tests_tell_what_they_read_and_why_they_have_no_answer() -> None:
    notes: list[Note] = []
    tests = compile_tests("< refund.limit, ? > 3")
    assert tests.evaluate({"refund": {}}, "a", notes=notes) is None
    assert tests.paths == {("refund", "limit")}
    assert [note.column for note in notes] == [10, 1, 19]
