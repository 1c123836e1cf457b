"""The machine for patterns finds what a backtracker finds, in counted steps."""

from typing import Any

import pytest
import regex
from elementpath.regex import translate_pattern
from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.engine.feel import Fault, Value, compile
from caseloom.engine.feel.builtins.patterns import _compiled
from caseloom.engine.feel.pattern_tree import DEAR, read_pattern, tries
from tests.engine.feel.asking import ask

sets = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\p{L}", "[a-c-[b]]"])
quantifiers = st.sampled_from(["", "?", "*", "+", "{2}", "{1,3}", "{1,}", "*?", "+?", "??", "{1,2}?"])


def _joined(parts: list[str]) -> str:
    return "".join(parts)


patterns = st.recursive(
    st.tuples(sets, quantifiers).map("".join),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(_joined),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, quantifiers).map(lambda pair: f"({pair[0]}){pair[1]}"),
        inner.map(lambda one: f"^{one}"),
        inner.map(lambda one: f"{one}$"),
    ),
    max_leaves=5,
)
texts = st.text("abc1\n", max_size=8)


@settings(max_examples=500, deadline=None)
@given(patterns, texts)
def test_the_machine_finds_what_a_backtracker_finds(pattern: str, text: str) -> None:
    machine = _compiled(pattern, "").machine
    found = machine.search(text, 0, lambda steps: None)
    expected: Any = regex.compile(translate_pattern(pattern), regex.VERSION0).search(text)
    assert (found is None) == (expected is None)
    # A loop over what may be nothing has no order of preference; it always goes to the machine.
    if found is not None and tries(read_pattern(pattern), len(text)) < DEAR:
        assert (found.start, found.end) == expected.span()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('replace("banana", "(an)+", "<$1>")', "b<an>a"),
        ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
        ('split("a1b22c", "\\\\d+")', ["a", "b", "c"]),
        ('matches("x\\ny", "^y", "m")', True),
        ('matches("A", "a", "i")', True),
        ('matches("a.b", "a.b", "q")', True),
        ('matches("axb", "a.b", "q")', False),
        ('matches("abab", "(ab)\\\\1")', True),
        ('matches("a", "[")', None),
    ],
)
def test_patterns_have_the_meaning_of_xpath(text: str, value: Value) -> None:
    assert ask(text) == value


LONG = "a" * 5000


@pytest.mark.parametrize("pattern", ["^(a|aa|a?)+$", "^(a+)+$", "(a*)*b", "(.*)(.*)(.*)(.*)x", "(a|b|ab)*c"])
def test_a_pattern_that_a_backtracker_would_not_end_is_answered(pattern: str) -> None:
    expression = compile("matches(text, pattern)")
    scope = {"text": LONG + "!", "pattern": pattern}
    answers = {repr(expression.evaluate(scope)) for _ in range(2)}
    assert answers == {"False"}
    assert isinstance(expression.evaluate(scope, budget=100), Fault)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "ab", "ba", "c", "a+", "b+?", "[ab]"]), min_size=2, max_size=4), texts)
def test_loops_over_choices_prefer_as_a_backtracker_does(branches: list[str], text: str) -> None:
    pattern = f"({'|'.join(branches)})+(c|a)?"
    found = _compiled(pattern, "").machine.search(text, 0, lambda steps: None)
    expected: Any = regex.compile(pattern).search(text)
    assert (found and (found.start, found.end)) == (expected and expected.span())


def test_groups_are_found_by_the_machine_too() -> None:
    assert tries(read_pattern("((a)|(b))+"), len(LONG)) == DEAR
    assert compile('replace(text, "((a)|(b))+", "[$1$2$3]")').evaluate({"text": "x" + LONG + "b"}) == "x[bab]"


@pytest.mark.parametrize(
    ("pattern", "words"),
    [("(a{1,100}){1,100}", "too large"), ("(a+)(b+)\\1x", "refers back"), ("a" * 3000, "longer than")],
)
def test_what_cannot_be_bounded_is_a_fault_that_says_so(pattern: str, words: str) -> None:
    fault = compile("matches(text, pattern)").evaluate({"text": LONG, "pattern": pattern})
    assert isinstance(fault, Fault)
    assert words in fault.message
