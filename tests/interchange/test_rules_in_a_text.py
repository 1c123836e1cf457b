"""A rule is written into the text of a definition, and nothing else of it moves."""

import difflib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import caseloom.cli.demo
from caseloom.interchange.rule_text import HandWritten, NoSuchRule, sentences_of, with_rule

SAYS = 'The goal "card works" is reached when the card status is "active": at once.'
DEMO = sorted((Path(caseloom.cli.demo.__file__).parent / "definitions").glob("*.yaml"))
HEAD = "title: A test  # with a remark\n"


def changes(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line.startswith(("+ ", "- "))]


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        ("", "+   - The refund must be known."),
        ("rules:\n  - One is one.\n", "+   - The refund must be known."),
        ("rules:\n- One is one.   # a remark\n\n# the next part\nfacts: {}\n", "+ - The refund must be known."),
        ("rules:\n    - {rule: One, way on: Ask}\n\nfacts: {}\n", "+     - The refund must be known."),
        ("rules:\n  - rule: One\n    way on: Ask  # us\n\n# next\nfacts: {}\n", "+   - The refund must be known."),
        ("rules:\n  - >\n    One is\n    one.\n\nfacts: {}\n", "+   - The refund must be known."),
        ("rules:\n  - One is\n    one.", "+   - The refund must be known."),
    ],
)
def test_one_line_is_added_behind_the_last_rule(rules: str, line: str) -> None:
    added = with_rule(HEAD + rules, "The refund must be known.")
    assert changes(HEAD + rules, added)[-1:] == [line]
    assert not [one for one in changes(HEAD + rules, added) if one.startswith("- ")]
    assert yaml.safe_load(added)["rules"][-1] == "The refund must be known."


@pytest.mark.parametrize(
    "rules", ["rules:\n", "rules: []\n", "rules:   # none yet\nfacts: {}\n", "rules: [One, Two]\n"]
)
def test_an_empty_list_and_one_in_a_line_take_it_too(rules: str) -> None:
    added = yaml.safe_load(with_rule(HEAD + rules, SAYS))["rules"]
    assert added[-1] == SAYS


def test_the_ends_of_lines_are_those_of_the_text() -> None:
    added = with_rule("title: A test\r\nrules:\r\n  - One is one.\r\n", "Two")
    assert added == "title: A test\r\nrules:\r\n  - One is one.\r\n  - Two\r\n"


@pytest.mark.parametrize(
    "one",
    [
        "One: a",
        '"One: a"',
        ">\n    One: a\n",
        "{rule: 'One: a', way on: Ask}",
        "rule: >-\n      One:\n      a\n    way on: Ask",
    ],
)
def test_a_rule_is_replaced_where_it_stands(one: str) -> None:
    text = f"{HEAD}rules:\n  - Zero  # first\n  - {one}\n  # a remark\n  - Two\n"
    was = yaml.safe_load(text)["rules"][1]
    if isinstance(was, dict) and "rule" not in was:
        text, was = text.replace("One: a", "One a"), "One a"
    way_on = was.get("way on", "") if isinstance(was, dict) else ""
    was = was["rule"] if isinstance(was, dict) else was
    changed = with_rule(text, SAYS, way_on, was=was)
    found = yaml.safe_load(changed)["rules"]
    assert found[::2] == ["Zero", "Two"]
    assert found[1] == ({"rule": SAYS, "way on": way_on} if way_on else SAYS)
    assert changed.startswith(f"{HEAD}rules:\n  - Zero  # first\n")
    assert changed.endswith("\n  # a remark\n  - Two\n")


def test_the_way_on_comes_and_goes_with_its_rule() -> None:
    given_one = with_rule("rules:\n  - One\n", "One", "Ask, please", was="One")
    assert yaml.safe_load(given_one)["rules"] == [{"rule": "One", "way on": "Ask, please"}]
    assert with_rule(given_one, "One", "", was="One") == "rules:\n  - One\n"


def test_what_it_cannot_do_it_says() -> None:
    with pytest.raises(NoSuchRule, match="no rule “Three”"):
        with_rule("rules: [One]\n", "Two", was="Three")
    with pytest.raises(HandWritten, match="by hand"):
        with_rule("title: *one\nrules:\n  - &one One\n".replace("*one", "x") + "again: *one\n", "Two", was="One")
    with pytest.raises(HandWritten, match="one a line"):
        with_rule("{title: One, rules: [One]}", "Two")


def only_added(text: str, added: str) -> str:
    """What stands in the new text and not in the old one, where one run of characters was put in."""
    start = next((n for n, (one, other) in enumerate(zip(text, added, strict=False)) if one != other), len(text))
    more = len(added) - len(text)
    assert added[:start] + added[start + more :] == text
    return added[start : start + more]


@pytest.mark.parametrize("file", DEMO, ids=lambda file: file.stem)
def test_all_else_stays_in_the_definitions_of_the_demo(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert f"'{SAYS}'" in only_added(text, with_rule(text, SAYS, "Ask: a lead"))


WORDS = st.text(st.characters(blacklist_categories=("C", "Zl", "Zp")), min_size=1, max_size=60)


@given(rule=WORDS.map(str.strip).filter(bool), flow=st.booleans())
def test_any_words_come_back(rule: str, flow: bool) -> None:
    text = HEAD + ("rules: [One, Two]\n" if flow else "rules:\n  - One\n  - Two\nfacts: {}\n")
    added = with_rule(text, rule, "Ask: a lead")
    assert yaml.safe_load(added)["rules"] == ["One", "Two", {"rule": rule, "way on": "Ask: a lead"}]
    only_added(text, added)
    changed = with_rule(text, rule, was="One")
    assert yaml.safe_load(changed)["rules"] == [rule, "Two"]


def test_the_sentences_of_a_text_are_those_of_all_its_rules() -> None:
    text = "rules:\n  - One\n  - {rule: Two}\nboundary rules:\n  - {says: Three, require: a}\nreactions:\n"
    assert sentences_of(text) == {"One", "Two", "Three"}
