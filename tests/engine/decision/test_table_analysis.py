"""Planted faults of tables are found, each with an input that shows it; sound tables raise none."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.engine.decision.analysis import Flaw, Input, flaws
from caseloom.engine.feel import Value, compile_tests, parse_tests


def analysed(
    columns: Mapping[str, Sequence[str]],
    hit_policy: str = "UNIQUE",
    outputs: Sequence[str] | None = None,
    allowed: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    ranks: Sequence[int] = (),
) -> list[Flaw]:
    limits, of_kind = allowed or {}, kinds or {}
    inputs = [
        Input(
            name,
            [parse_tests(cell) for cell in cells],
            parse_tests(limits[name]) if name in limits else None,
            of_kind.get(name),
        )
        for name, cells in columns.items()
    ]
    count = len(inputs[0].tests)
    return flaws(inputs, outputs or [str(number) for number in range(count)], hit_policy, ranks)


def matching(columns: Mapping[str, Sequence[str]], example: dict[str, Value]) -> list[int]:
    """The rules, from 1, that take an example: what the analysis says is held against the tests themselves."""
    count = len(next(iter(columns.values())))
    return [
        rule + 1
        for rule in range(count)
        if all(compile_tests(cells[rule]).evaluate({}, example[name]) is True for name, cells in columns.items())
    ]


@pytest.mark.parametrize(
    ("columns", "allowed"),
    [
        ({"x": ["< 10", "> 10"]}, {}),
        ({"x": ["< 10", "(10..20]", "> 20"]}, {}),
        ({"x": ['"a"', '"b"']}, {}),
        ({"x": ['"a"', '"b"']}, {"x": '"a", "b", "c"'}),
        ({"x": ["true"]}, {}),
        ({"x": ["< 10", ">= 10"], "y": ["-", "true"]}, {}),
        ({"x": ['< @"2026-01-01"', '> @"2026-01-02"']}, {}),
        ({"x": ['not("a")', '"a"'], "y": ["-", "[0..5)"]}, {}),
    ],
)
def test_a_gap_is_found_with_an_input_that_no_rule_takes(
    columns: Mapping[str, Sequence[str]], allowed: dict[str, str]
) -> None:
    found = analysed(columns, allowed=allowed)
    assert found
    assert {flaw.kind for flaw in found} == {"gap"}
    for flaw in found:
        assert matching(columns, flaw.example) == []


@pytest.mark.parametrize(
    ("columns", "pair"),
    [
        ({"x": ["<= 10", ">= 10"]}, (1, 2)),
        ({"x": ["-", "5"]}, (1, 2)),
        ({"x": ['"a", "b"', '"b", "c"', 'not("a", "b", "c")']}, (1, 2)),
        ({"x": ["< 5", ">= 5", "-"], "y": ["true", "-", "false"]}, (2, 3)),
    ],
)
def test_an_overlap_is_found_with_an_input_that_both_take(
    columns: Mapping[str, Sequence[str]], pair: tuple[int, int]
) -> None:
    overlaps = [flaw for flaw in analysed(columns) if flaw.kind == "overlap"]
    assert pair in [flaw.rules for flaw in overlaps]
    for flaw in overlaps:
        assert set(flaw.rules) <= set(matching(columns, flaw.example))


def test_rules_of_an_any_table_may_overlap_when_they_agree() -> None:
    columns = {"x": ["<= 10", ">= 10"]}
    assert analysed(columns, "ANY", ["1", "1"]) == []
    assert [flaw.kind for flaw in analysed(columns, "ANY", ["1", "2"])] == ["overlap"]


def test_a_rule_that_nothing_can_match_is_unreachable() -> None:
    found = analysed({"x": ["< 5", ">= 5", '"d"']}, allowed={"x": "[0..10]"}, kinds={"x": "number"})
    assert [flaw.kind for flaw in found] == ["undecided"]
    found = analysed({"x": ["< 5", ">= 5", "> 20"]}, "FIRST", allowed={"x": "[0..10]"})
    assert [(flaw.kind, flaw.rules) for flaw in found] == [("unreachable", (3,))]


def test_a_rule_behind_rules_that_together_take_all_of_it_is_masked() -> None:
    found = analysed({"x": ["< 5", ">= 5", "[3..8]"]}, "FIRST")
    assert [(flaw.kind, flaw.rules) for flaw in found] == [("masked", (3, 1, 2))]
    assert analysed({"x": ["< 5", "[3..8]", ">= 5"]}, "FIRST") == []


def test_a_rule_of_lower_priority_can_be_masked_by_one_below_it() -> None:
    found = analysed({"x": ["[3..4]", "-"]}, "PRIORITY", ranks=[1, 0])
    assert [(flaw.kind, flaw.rules) for flaw in found] == [("masked", (1, 2))]


def test_a_column_of_expressions_is_said_to_be_undecided() -> None:
    found = analysed({"x": ["> y", "<= y"]})
    assert [flaw.kind for flaw in found] == ["undecided"]
    assert "'x'" in found[0].message


@pytest.mark.parametrize(
    "columns",
    [
        {"x": ["< 10", "[10..20]", "> 20"]},
        {"x": ['"a"', '"b"', 'not("a", "b")']},
        {"x": ["true", "false"]},
        {"x": ["< 10", ">= 10", ">= 10"], "y": ["-", "true", "false"]},
        {"x": ['< @"2026-01-01"', '@"2026-01-01"', '>= @"2026-01-02"']},
    ],
)
def test_a_sound_table_raises_nothing(columns: Mapping[str, Sequence[str]]) -> None:
    assert analysed(columns) == []


cells = st.sampled_from(["-", "1", "2", "< 2", ">= 2", "[1..3)", "not(1)", "(1..2)", "3"])
POINTS = [Decimal(n) / 2 for n in range(9)]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=4))
def test_gaps_and_overlaps_agree_with_trying_every_kind_of_input(rows: list[tuple[str, str]]) -> None:
    columns = {"x": [a for a, _ in rows], "y": [b for _, b in rows]}
    found = analysed(columns)
    hits = [len(matching(columns, {"x": x, "y": y})) for x, y in product(POINTS, POINTS)]
    assert any(flaw.kind == "gap" for flaw in found) == (0 in hits)
    assert any(flaw.kind == "overlap" for flaw in found) == any(count > 1 for count in hits)


def test_dates_between_which_nothing_lies_leave_no_gap() -> None:
    found = analysed({"x": ['<= @"2026-01-01"', '>= @"2026-01-03"']})
    assert [flaw.example for flaw in found] == [{"x": date(2026, 1, 2)}]
