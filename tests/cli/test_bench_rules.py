"""The decision table of the benchmark decides as it is written, and a yardstick that is missing is named."""

import importlib.util
from decimal import Decimal
from typing import Any

import pytest

from caseloom.cli.bench import rules


def by_hand(case: dict[str, Any]) -> list[str]:
    found = []
    for number, (kind, amount, region, age) in enumerate(rules.rules()):
        low, high = map(int, amount[1:-1].split(".."))
        holds = (
            kind == f'"{case["kind"]}"'
            and low <= case["amount"] < high
            and (region == "-" or case["region"] != "east")
            and (age == "-" or case["age"] > 2)
        )
        found += [f"rule {number}"] if holds else []
    return found


def test_the_table_decides_as_it_is_written() -> None:
    first, collect = rules.table("FIRST"), rules.table("COLLECT")
    assert len(list(rules.rules())) == 24
    for case in rules.cases():
        given = {name: Decimal(value) if isinstance(value, int) else value for name, value in case.items()}
        expected = by_hand(case)
        assert collect.evaluate("band", given) == (expected or None)
        assert first.evaluate("band", given) == (expected[0] if expected else None)


def test_each_figure_is_a_line_and_a_missing_yardstick_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(rules, "REPEATS", 1)
    monkeypatch.setattr(importlib.util, "find_spec", lambda module: None)
    rules.run(lines.append)
    assert "decision table in zen-engine: skipped, it is not installed (pip install 'caseloom[dev]')" in lines
    assert float(next(line for line in lines if line.startswith("condition ratio: ")).split()[-1]) > 0
