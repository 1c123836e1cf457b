"""A syntax error names the word at which reading stopped, what was expected, and what to do."""

import pytest

from caseloom.engine.feel import FeelSyntaxError, compile, compile_tests


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a == 5", 1, 4, "Write = to compare"),
        ("a && b", 1, 3, "Write and"),
        ("a || b", 1, 3, "Write or"),
        ("a AND b", 1, 3, "small letters"),
        ("'text'", 1, 1, "double quotes"),
        ("a <> 5", 1, 4, "Write != "),
        ("a => 5", 1, 4, "Write >="),
        ("!a", 1, 1, "not(...)"),
        ("a % 2", 1, 3, "modulo"),
        ("1 +", 1, 4, "ends too early; expected a value"),
        ("if a then b", 1, 12, "expected else"),
        ("(1 + 2", 1, 7, "expected )"),
        ("a >\n  then", 2, 3, "'then'"),
        ('"open', 1, 1, "no closing quote"),
        ("[1, 2", 1, 6, "]"),
        ("5 6", 1, 3, "'6'"),
        ("for i in 1..3 i", 1, 15, "return"),
        ("", 1, 1, "expected a value"),
        ("(" * 200 + ")" * 200, 1, 101, "too deeply"),
        ("-" * 500 + "1", 1, 1, "too deeply"),
    ],
)
def test_an_error_names_the_place_and_what_to_do(text: str, line: int, column: int, words: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert words in str(caught.value)
    assert caught.value.text == text


def test_a_word_behind_a_known_name_is_where_reading_stops() -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile("amount greater 5", ["amount"])
    assert caught.value.column == 8
    assert "greater" in caught.value.message


def test_what_was_expected_is_told_apart_from_the_advice() -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile("a == 5")
    assert caught.value.expected == ("a value",)
    assert caught.value.hint == "Write = to compare."


def test_unequal_is_fine_and_tests_are_refused_alike() -> None:
    assert compile("a != 5").evaluate({"a": "x"}) is None
    with pytest.raises(FeelSyntaxError, match="column 3"):
        compile_tests("5 6")
