"""No expression runs away: steps, depth, size of texts and patterns are bounded, alike on every machine."""

from decimal import Decimal

import pytest

from caseloom.engine.feel import Fault, FeelSyntaxError, Value, compile


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000000000 return i",
        "for i in 1..1000, j in 1..1000 return i",
        "some i in 1..1000000000 satisfies i < 0",
        "count(for i in 1..99999, j in 1..9 return i)",
        "(function(f) f(f))(function(f) f(f))",
        'for i in 1..300 return if i = 1 then "abcdefghij" else partial[-1] + partial[-1]',
        "for i in 1..3000 return partial",
    ],
)
def test_work_beyond_the_bound_is_a_fault(text: str) -> None:
    fault = compile(text).evaluate({})
    assert isinstance(fault, Fault)
    assert "steps" in fault.message or "deep" in fault.message


def test_the_bound_is_counted_and_not_timed() -> None:
    expression = compile("for i in 1..50 return i")
    assert isinstance(expression.evaluate({}, budget=49), Fault)
    assert isinstance(expression.evaluate({}, budget=50), list)


def test_data_nested_deeper_than_python_can_follow_is_a_fault() -> None:
    nested: list[Value] = []
    for _ in range(5000):
        nested = [nested]
    assert isinstance(compile("a = b").evaluate({"a": nested, "b": [nested]}), Fault)


def test_a_long_chain_is_refused_when_it_is_written_and_not_when_it_runs() -> None:
    assert compile(" or ".join(["a"] * 5000)).evaluate({}) is None
    with pytest.raises(FeelSyntaxError, match="too deeply"):
        compile(" + ".join(["1"] * 5000))


@pytest.mark.parametrize(
    "text",
    [
        "1+" * 500_000 + "1",
        "(" * 1_000_000,
        '"' + "x" * 1_000_000,
        "a or " * 200_000 + "a",
        "[" + "1," * 500_000 + "1]",
    ],
)
def test_a_megabyte_of_expression_is_refused_at_once(text: str) -> None:
    with pytest.raises(FeelSyntaxError, match="at most 100000 are taken"):
        compile(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1+" * 40_000 + "1", "more than 20000 parts"),
        ("for " * 24_000, "more than 20000 parts"),
        ("{" + ",".join(f"k {i}: 1" for i in range(5000)) + "}", "binds more than 1000 names"),
        ("if true then " * 5000 + "1", "ends too early"),
        ("{" * 90_000, "nested too deeply"),
    ],
)
def test_a_long_expression_within_the_length_is_refused_by_what_it_holds(text: str, words: str) -> None:
    with pytest.raises(FeelSyntaxError, match=words):
        compile(text)


def test_a_runaway_recursion_is_a_fault_at_its_place() -> None:
    fault = compile("{\n  f: function(n) f(n + 1),\n  r: f(1)\n}.r").evaluate({})
    assert isinstance(fault, Fault)
    assert (fault.line, fault.column) == (2, 18)


DOUBLED = "(for i in 1..40 return if i = 1 then [1] else {0})[-1]"
NESTED = DOUBLED.format("[partial[-1], partial[-1]]")
CONTEXTS = DOUBLED.format("{a: partial[-1], b: partial[-1]}")


@pytest.mark.parametrize(
    "text",
    [
        DOUBLED.format("concatenate(partial[-1], partial[-1])"),
        f"string({NESTED})",
        f"{NESTED} = {NESTED}",
        f"flatten({NESTED})",
        f"distinct values([{NESTED}, {NESTED}])",
        f"{CONTEXTS} = {CONTEXTS}",
        f"string({CONTEXTS})",
        DOUBLED.format("[partial[-1], partial[-1]][true]"),
        DOUBLED.format("append([], partial[-1], partial[-1])"),
        DOUBLED.format("[{a: partial[-1]}, {a: partial[-1]}].a"),
    ],
)
def test_a_value_that_doubles_at_each_step_is_a_fault(text: str) -> None:
    fault = compile(text).evaluate({})
    assert isinstance(fault, Fault)
    assert "more than 1000000 values" in fault.message


@pytest.mark.parametrize(
    "text",
    [
        f"for i in 1..90000 return upper case({'+'.join(['x'] * 8)})",
        "for i in 1..5000 return string(x)",
        "for i in 1..50000 return list contains(long, -1)",
        "for i in 1..50000 return long = long",
        "for i in 1..50000 return 1 in long",
        "for i in 1..50000 return long instance of list<number>",
    ],
)
def test_walks_over_long_values_count_as_steps(text: str) -> None:
    scope: dict[str, Value] = {"x": "y" * 100_000, "long": [Decimal(0)] * 5000}
    fault = compile(text).evaluate(scope)
    assert isinstance(fault, Fault)
    assert "too many steps" in fault.message
