"""Numbers reckon as Python's decimal does with 34 digits, half to even."""

from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException

from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.engine.feel import Value, compile

CONTEXT = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144)
OPERATIONS = {
    "a + b": CONTEXT.add,
    "a - b": CONTEXT.subtract,
    "a * b": CONTEXT.multiply,
    "a / b": CONTEXT.divide,
    "a ** b": CONTEXT.power,
}
numbers = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False).map(CONTEXT.plus),
    st.integers(-50, 50).map(Decimal),
    st.decimals(-1000, 1000, places=2),
).filter(lambda number: number.is_finite())

EXPRESSIONS = {
    text: compile(text, ["a", "b"]) for text in (*OPERATIONS, "a < b", "a <= b", "a = b", "-a", "a + 1.5 > b")
}


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(OPERATIONS)), numbers, numbers)
def test_an_operation_has_the_value_of_the_decimal_context(text: str, a: Decimal, b: Decimal) -> None:
    expected: Value
    try:
        expected = OPERATIONS[text](a, b)
    except DecimalException:
        expected = None
    assert EXPRESSIONS[text].evaluate({"a": a, "b": b}) == expected


@settings(max_examples=200, deadline=None)
@given(numbers, numbers)
def test_comparisons_are_exact(a: Decimal, b: Decimal) -> None:
    scope = {"a": a, "b": b}
    assert EXPRESSIONS["a < b"].evaluate(scope) is (a < b)
    assert EXPRESSIONS["a <= b"].evaluate(scope) is (a <= b)
    assert EXPRESSIONS["a = b"].evaluate(scope) is (a == b)
    assert EXPRESSIONS["-a"].evaluate(scope) == CONTEXT.minus(a)
    assert EXPRESSIONS["a + 1.5 > b"].evaluate(scope) is (CONTEXT.add(a, Decimal("1.5")) > b)


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert compile("0.1 + 0.2 = 0.3").evaluate({}) is True


def test_a_chain_is_evaluated_once_whatever_its_kinds() -> None:
    expression = compile('"a"' + " + 1" * 100)
    notes: list[object] = []
    assert expression.evaluate({}, notes=notes) is None  # type: ignore[arg-type]
    assert len(notes) == 100
