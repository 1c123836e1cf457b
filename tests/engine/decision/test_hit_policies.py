"""What each hit policy and aggregation makes of the rules that match (DMN 1.5 §8.2.8)."""

from decimal import Decimal

import pytest

from caseloom.engine.decision import model as m
from caseloom.engine.feel import Note, Value
from tests.engine.decision.models import decide, literal, of_table

RULES = [(["< 10"], ['"low"']), (["> 5"], ['"high"']), (["7"], ['"seven"']), (["> 100"], ['"high"'])]
ORDER = (m.OutputClause(allowed=m.UnaryTests(text='"seven", "high", "low"')),)


@pytest.mark.parametrize(
    ("hit_policy", "x", "expected"),
    [
        ("UNIQUE", 3, "low"),
        ("UNIQUE", 7, None),
        ("FIRST", 7, "low"),
        ("FIRST", 50, "high"),
        ("ANY", 200, "high"),
        ("ANY", 7, None),
        ("PRIORITY", 7, "seven"),
        ("PRIORITY", 8, "high"),
        ("RULE ORDER", 7, ["low", "high", "seven"]),
        ("OUTPUT ORDER", 7, ["seven", "high", "low"]),
        ("COLLECT", 7, ["low", "high", "seven"]),
    ],
)
def test_a_hit_policy_chooses_among_the_rules_that_match(hit_policy: str, x: int, expected: Value) -> None:
    assert decide(of_table(RULES, hit_policy, outputs=ORDER), x=Decimal(x)) == expected


@pytest.mark.parametrize(("aggregation", "expected"), [("SUM", 60), ("MIN", 10), ("MAX", 30), ("COUNT", 3)])
def test_collected_outputs_are_aggregated(aggregation: str, expected: int) -> None:
    table = of_table([(["-"], ["10"]), (["> 0"], ["20"]), (["1"], ["30"])], "COLLECT", aggregation=aggregation)
    assert decide(table, x=Decimal(1)) == expected


def test_a_unique_table_names_the_rules_that_match_together() -> None:
    notes: list[Note] = []
    assert decide(of_table(RULES), notes, x=Decimal(7)) is None
    assert "rules 1, 2, 3 match" in notes[0].message
    assert notes[0].where == "decision 'd'"


def test_no_rule_gives_the_default_and_without_one_null() -> None:
    rules = [(["1"], ['"one"'])]
    assert decide(of_table(rules), x=Decimal(2)) is None
    default = (m.OutputClause(default=literal('"other"')),)
    assert decide(of_table(rules, outputs=default), x=Decimal(2)) == "other"


def test_several_outputs_are_a_context_by_name() -> None:
    outputs = (m.OutputClause(name="fee"), m.OutputClause(name="why", allowed=m.UnaryTests(text='"a", "b"')))
    table = of_table([(["-"], ["x * 2", '"b"'])], outputs=outputs)
    assert decide(table, x=Decimal(4)) == {"fee": 8, "why": "b"}


def test_a_value_that_a_column_does_not_allow_gives_null_and_says_so() -> None:
    notes: list[Note] = []
    table = of_table([(["-"], ["1"])], allowed={"x": '"a", "b"'})
    assert decide(table, x="a") == 1
    assert decide(table, notes, x="c") is None
    assert "not one that the table allows" in notes[0].message


def test_an_output_that_is_not_allowed_is_null() -> None:
    outputs = (m.OutputClause(allowed=m.UnaryTests(text='"a", "b"')),)
    assert decide(of_table([(["-"], ["x"])], outputs=outputs), x="c") is None


def test_priority_of_several_outputs_counts_the_first_first() -> None:
    outputs = (
        m.OutputClause(name="a", allowed=m.UnaryTests(text="2, 1")),
        m.OutputClause(name="b", allowed=m.UnaryTests(text="2, 1")),
    )
    table = of_table([(["-"], ["1", "2"]), (["-"], ["2", "1"]), (["-"], ["2", "2"])], "OUTPUT ORDER", outputs=outputs)
    got = decide(table, x=Decimal(0))
    assert got == [{"a": 2, "b": 2}, {"a": 2, "b": 1}, {"a": 1, "b": 2}]
