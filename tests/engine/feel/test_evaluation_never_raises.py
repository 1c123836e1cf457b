"""Whatever the expression and the data, an evaluation gives a value."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseloom.engine.feel import FeelSyntaxError, Note, Value, compile, compile_tests, to_text, tree
from caseloom.engine.feel.builtins import BUILTINS
from caseloom.engine.spec.values import Money, YearsMonths
from tests.engine.feel.trees import NAMES, trees, unary_tests

relaxed = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

leaves: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40),
    st.integers(-3, 40).map(Decimal),
    st.text(max_size=4),
    st.sampled_from(["[a-", "(a+)+$", "$1", "i", "[1..3]", "P1D", "2026-01-01", "EUR", "\\d+"]),
    st.dates(),
    st.datetimes(timezones=st.none() | st.just(ZoneInfo("Europe/Berlin"))),
    st.times(),
    st.timedeltas(),
    st.builds(YearsMonths, st.integers(-200_000, 200_000)),
    st.builds(Money, st.integers(-5, 5).map(Decimal), st.sampled_from(["EUR", "USD"])),
    st.sampled_from([date.max, date.min, datetime.max.replace(tzinfo=UTC), timedelta.max, timedelta.min]),
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=6,
)
scopes = st.dictionaries(st.sampled_from(NAMES), values)


@relaxed
@given(trees, scopes)
def test_any_expression_over_any_data_gives_a_value(root: tree.Node, scope: dict[str, Value]) -> None:
    notes: list[Note] = []
    expression = compile(to_text(root), NAMES)
    first = expression.evaluate(scope, budget=2000, notes=notes)
    assert all(note.line >= 1 and note.column >= 1 and note.message for note in notes)
    assert expression.reads <= set(NAMES)
    assert str(expression.evaluate(scope, budget=2000))[:20] == str(first)[:20] or "function" in str(first)


@relaxed
@given(unary_tests, scopes, values)
def test_any_tests_of_any_value_give_an_answer(tests: tree.UnaryTests, scope: dict[str, Value], value: Value) -> None:
    compile_tests(to_text(tests), NAMES).evaluate(scope, value, budget=2000)


@settings(relaxed, max_examples=800)
@given(st.sampled_from(sorted(BUILTINS)), st.lists(values, max_size=4))
def test_any_function_of_any_arguments_gives_a_value(name: str, arguments: list[Value]) -> None:
    scope = {f"v{i}": argument for i, argument in enumerate(arguments)}
    compile(f"{name}({', '.join(scope)})").evaluate(scope, budget=2000)


@settings(relaxed, max_examples=500)
@given(st.text(st.sampled_from('ab1.()[]{}"<>=!,:+-*/?@ ifornt\\\n'), max_size=20) | st.text(max_size=10))
def test_any_text_is_an_expression_or_a_syntax_error(text: str) -> None:
    for parse in (compile, compile_tests):
        try:
            parse(text)
        except FeelSyntaxError as error:
            assert 1 <= error.line <= text.count("\n") + 1
            assert 1 <= error.column <= len(text) + 1
