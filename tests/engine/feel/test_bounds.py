"""No expression runs away: steps, depth, size of texts and patterns are bounded, alike on every machine."""

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


def test_a_pattern_that_blows_up_is_a_fault() -> None:
    fault = compile('matches(text, "^(a|aa|a?)+$")').evaluate({"text": "a" * 5000 + "b"})
    assert isinstance(fault, Fault) or fault is False


def test_data_nested_deeper_than_python_can_follow_is_a_fault() -> None:
    nested: list[Value] = []
    for _ in range(5000):
        nested = [nested]
    assert isinstance(compile("a = b").evaluate({"a": nested, "b": [nested]}), Fault)


def test_a_long_chain_is_refused_when_it_is_written_and_not_when_it_runs() -> None:
    assert compile(" or ".join(["a"] * 5000)).evaluate({}) is None
    with pytest.raises(FeelSyntaxError, match="too deeply"):
        compile(" + ".join(["1"] * 5000))
