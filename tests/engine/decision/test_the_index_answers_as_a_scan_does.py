"""Whatever the cells and the value, the index of a column leads to the rules that a plain scan finds."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseloom.engine.decision.index import index
from caseloom.engine.feel import Value, compile_tests, parse_tests
from caseloom.engine.spec.values import YearsMonths
from tests.engine.decision.models import decide, of_table

numbers = st.sampled_from(["0", "1", "1.0", "2.5", "-3", "10"])
texts = st.sampled_from(['"a"', '"b"', '"ab"', '""'])
days = st.sampled_from(['@"2026-01-01"', 'date("2026-03-01")', '@"2026-01-02"'])
lengths = st.sampled_from(['@"P1D"', '@"PT12H"', '@"P1Y"', '@"P6M"'])
constants = st.one_of(numbers, texts, days, lengths, st.sampled_from(["true", "false", "null"]))
operators = st.sampled_from(["<", "<=", ">", ">=", "=", "!="])
opening, closing = st.sampled_from(["[", "("]), st.sampled_from(["]", ")"])


def _of_one_kind(kind: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        kind,
        st.tuples(operators, kind).map(" ".join),
        st.tuples(opening, kind, kind, closing).map(lambda p: f"{p[0]}{p[1]}..{p[2]}{p[3]}"),
    )


tests = st.one_of(constants, *map(_of_one_kind, (numbers, texts, days, lengths)))
cells = st.one_of(
    st.just("-"),
    st.lists(tests, min_size=1, max_size=3).map(", ".join),
    st.lists(tests, min_size=1, max_size=3).map(lambda parts: f"not({', '.join(parts)})"),
)
values: st.SearchStrategy[Value] = st.one_of(
    st.sampled_from([Decimal(n) for n in ("0", "1", "1.5", "2.50", "-3", "-4", "10", "11")]),
    st.sampled_from(["a", "b", "ab", "", "c"]),
    st.sampled_from([date(2026, 1, 1), date(2026, 1, 2), date(2026, 2, 1), date(2027, 1, 1)]),
    st.sampled_from([timedelta(1), timedelta(hours=12), timedelta(2), YearsMonths(12), YearsMonths(5)]),
    st.sampled_from([True, False, None, [Decimal(1)], datetime(2026, 1, 1), time(1), {"a": "a"}]),  # noqa: DTZ001
)


@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(cells, min_size=1, max_size=6), values)
def test_a_value_finds_the_same_rules(column: list[str], value: Value) -> None:
    look = index([parse_tests(cell) for cell in column]).get(value.__class__)
    if look is None:
        return
    scanned = [compile_tests(cell).evaluate({}, value) is True for cell in column]
    assert [bool(look(value) >> rule & 1) for rule in range(len(column))] == scanned


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5), values, values)
def test_a_table_collects_the_rules_that_a_scan_finds(rows: list[tuple[str, str]], x: Value, y: Value) -> None:
    rules = [([a, b], [f'"{number}"']) for number, (a, b) in enumerate(rows)]
    scanned = [
        str(number)
        for number, (a, b) in enumerate(rows)
        if compile_tests(a).evaluate({}, x) is True and compile_tests(b).evaluate({}, y) is True
    ]
    assert decide(of_table(rules, "COLLECT", ["x", "y"]), x=x, y=y) == (scanned or None)
