"""Values put into a definition's text and taken out of it: remarks, order and spaces stay."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.engine.rules.fault import Path
from caseloom.interchange.rule_text import HandWritten
from caseloom.interchange.yaml_patch import drop, put, value_at
from caseloom.interchange.yaml_text import Text, TextFaulty
from caseloom.interchange.yaml_writer import write_plain

TEXT = """\
# Cards, as the board wants them
service goal: card   # never rename it
title: The card works
facts:
  status: {type: choice, choices: [new, active], initial: new}  # of the card
  why:
goals:
  # the only one
  works:
    title: It works
    script: |
      Ask for the card.

      Then wait.
    options:
      letter:
        title: By letter  # slow
        tasks: [write, wait]
      call: {title: By phone, tasks: []}

# at the end
tasks:
  write: {}
  wait:
    form:
      - status   # the one
      - why
rules:
  - A rule.
"""


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that are gone, and those that are new."""
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize(
    ("path", "value", "gone", "new"),
    [
        (("title",), "It: works", ["title: The card works"], ["title: 'It: works'"]),
        (("service goal",), "cards", ["service goal: card   # never rename it"],
         ["service goal: cards   # never rename it"]),
        (("goals", "works", "options", "letter", "title"), "By post", ["        title: By letter  # slow"],
         ["        title: By post  # slow"]),
        (("goals", "works", "options", "letter", "tasks"), ["write"], ["        tasks: [write, wait]"],
         ["        tasks: [write]"]),
        (("goals", "works", "options", "call", "when"), 'status = "new"', ["      call: {title: By phone, tasks: []}"],
         ["      call: {title: By phone, tasks: [], when: status = \"new\"}"]),
        (("facts", "status", "choices", 1), "works, at last", [
            "  status: {type: choice, choices: [new, active], initial: new}  # of the card"],
         ["  status: {type: choice, choices: [new, 'works, at last'], initial: new}  # of the card"]),
        (("facts", "why", "type"), "text", ["  why:"], ["  why: {type: text}"]),
        (("goals", "works", "priority"), "high", [], ["    priority: high"]),
        (("goals", "works", "clock", "within"), "2 days", [], ["    clock: {within: 2 days}"]),
        (("tasks", "write", "manual"), True, ["  write: {}"], ["  write: {manual: true}"]),
        (("tasks", "wait", "form", 2), "more", [], ["      - more"]),
        (("goals", "works", "script"), "One line.", ["    script: |", "      Ask for the card.", "      Then wait."],
         ["    script: One line."]),
        (("letters", "hello"), {"subject": "Hi", "text": "Dear\n\nyou\n"}, [],
         ["letters:", "  hello:", "    subject: Hi", "    text: |", "      Dear", "      you"]),
    ],
)  # fmt: skip
def test_a_value_is_put_and_the_rest_stays(path: Path, value: Any, gone: list[str], new: list[str]) -> None:
    after = put(TEXT, path, value)
    assert changed(TEXT, after) == (gone, new)
    assert value_at(Text(after).value, path) == value


@pytest.mark.parametrize(
    ("path", "gone", "new"),
    [
        (("title",), ["title: The card works"], []),
        (("goals", "works", "script"), ["    script: |", "      Ask for the card.", "      Then wait."], []),
        (("goals", "works", "options", "call"), ["      call: {title: By phone, tasks: []}"], []),
        (("facts", "status", "type"), ["  status: {type: choice, choices: [new, active], initial: new}  # of the card"],
         ["  status: {choices: [new, active], initial: new}  # of the card"]),
        (("facts", "status", "initial"), [
            "  status: {type: choice, choices: [new, active], initial: new}  # of the card"],
         ["  status: {type: choice, choices: [new, active]}  # of the card"]),
        (("tasks", "wait", "form", 0), ["      - status   # the one"], []),
        (("rules", 0), ["rules:", "  - A rule."], ["rules: []"]),
    ],
)  # fmt: skip
def test_an_entry_is_taken_out_and_the_rest_stays(path: Path, gone: list[str], new: list[str]) -> None:
    assert changed(TEXT, drop(TEXT, path)) == (gone, new)


def test_lines_of_windows_stay_such() -> None:
    text = TEXT.replace("\n", "\r\n")
    after = put(text, ("goals", "works", "clock"), {"within": "2 days", "options": {"a": {"b": 1}}})
    assert after.count("\n") == after.count("\r\n")


def test_what_is_nowhere_is_not_taken_out() -> None:
    with pytest.raises(KeyError):
        drop(TEXT, ("goals", "nothing"))
    with pytest.raises(KeyError):
        drop(TEXT, ("rules", 7))


def test_an_anchor_that_others_share_is_left_alone() -> None:
    text = "tasks:\n  one: &same {title: A}\n  two: *same\n"
    with pytest.raises(HandWritten):
        put(text, ("tasks", "two", "title"), "B")


def test_what_is_no_yaml_says_so() -> None:
    with pytest.raises(TextFaulty):
        put("a: [", ("a",), 1)


def test_an_empty_text_gets_its_first_line() -> None:
    assert put("", ("title",), "Hello") == "title: Hello\n"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12) | st.sampled_from(
    ("yes", "null", "1", "- a", "# b", "a: b", "two\nlines", "{", "%", "'", '"', "~", "", " a", "a ", "2026-01-01")
)
KEYS = st.text("ab yes1-", min_size=1, max_size=6).map(str.strip).filter(bool)
VALUES = st.recursive(
    WORDS | st.booleans() | st.integers(-9, 99),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), max_size=3), st.tuples(KEYS, KEYS), VALUES)
def test_whatever_is_put_is_read_again_or_refused(value: dict[str, Any], path: Path, new: Any) -> None:
    text = write_plain(value)
    try:
        after = put(text, path, new)
    except (HandWritten, TextFaulty):
        return
    assert _bare(value_at(Text(after).value, path)) == _bare(new)
    around = {key: one for key, one in value.items() if key != path[0]}
    assert {key: _bare(one) for key, one in Text(after).value.items() if key != path[0]} == {
        key: _bare(one) for key, one in around.items()
    }


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: bare for key, one in value.items() if (bare := _bare(one)) is not None} or None
    return [_bare(one) for one in value] or None if isinstance(value, list) else value
