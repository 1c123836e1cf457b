"""Tree to text to tree is the identity, for every tree."""

import pytest
from hypothesis import HealthCheck, given, settings

from caseloom.engine.feel import parse, parse_tests, to_text, to_text_among, tree
from tests.engine.feel.trees import NAMES, trees, unary_tests

relaxed = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@relaxed
@given(trees)
def test_the_text_of_a_tree_parses_to_that_tree(root: tree.Node) -> None:
    text = to_text_among(root, NAMES)  # type: ignore[arg-type]
    assert parse(text, NAMES) == root, text


def test_names_that_would_be_read_as_one_are_kept_apart() -> None:
    difference = parse("a - b")
    assert to_text_among(difference, ["a", "b"]) == "a - b"
    assert to_text_among(difference, ["a", "b", "a-b"]) == "(a) - (b)"
    assert parse("(a) - (b)", ["a", "b", "a-b"]) == difference


@relaxed
@given(unary_tests)
def test_the_text_of_unary_tests_parses_to_the_same_tests(tests: tree.UnaryTests) -> None:
    text = to_text(tests)
    parsed = parse_tests(text, NAMES)
    assert to_text(parsed) == text
    assert parse_tests(to_text(parsed), NAMES) == parsed


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("1+2*3", "1 + 2 * 3"),
        ("(1+2)*3", "(1 + 2) * 3"),
        ("1-(2-3)", "1 - (2 - 3)"),
        ("]1..5[", "(1..5)"),
        ("// why\n a /* or */ and b", "a and b"),
        ("if a then b else (if c then d else e)", "if a then b else if c then d else e"),
        ('"a\\"b\\n"', '"a\\"b\\n"'),
        ("x in (< 5, [7..9])", "x in (< 5, [7..9])"),
        ('{ "a b" : 1 }', "{a b: 1}"),
    ],
)
def test_an_expression_is_printed_in_one_form(written: str, printed: str) -> None:
    assert to_text(parse(written)) == printed


def test_a_function_type_may_give_a_list() -> None:
    text = '[1]["" instance of function<number> -> list<number>]'
    assert to_text(parse(to_text(parse(text)))) == to_text(parse(text))


def test_a_type_that_is_compared_keeps_its_parentheses() -> None:
    assert to_text(parse("(null instance of Any) < null")) == "(null instance of Any) < null"


def test_an_iterator_inside_a_context_entry_is_no_entry_of_its_own() -> None:
    text = "{a: for a in 0, b in false instance of context<a: number> return 0}"
    entry = parse(text, NAMES)
    assert isinstance(entry, tree.ContextLiteral)
    assert [name for name, _ in entry.entries] == ["a"]
    assert parse(to_text_among(entry, NAMES), NAMES) == entry
