"""Two texts compared in words, line by line, and by the elements of a diagram."""

from caseloom.web.studio.comparing import Difference, differences, lines, marks
from tests.library.flows import BPMN
from tests.web.studio.kit import GOAL


def said(old: str, new: str) -> list[tuple[str, str, str, str, str]]:
    return [(one.how, one.about, str(one.what), one.was, one.now) for one in differences(old, new)]


def test_a_change_is_said_in_the_words_of_its_form() -> None:
    new = GOAL.replace('reached when: card status = "blocked"', 'reached when: card status != "active"')
    new = new.replace("clock: {within: 6 business days}", "clock: {within: 4 business days, warn: 1 day}")
    assert said(GOAL, new) == [
        ("changed", "the goal “The card is blocked”", "It is reached when", 'card status = "blocked"',
         'card status != "active"'),
        ("changed", "the goal “The customer holds a new card”", "To be reached within", "6 business days",
         "4 business days"),
        ("changed", "the goal “The customer holds a new card”", "Warn before", "", "1 day"),
    ]  # fmt: skip


def test_what_came_and_went_is_named() -> None:
    new = GOAL.replace("  order the card:", "  ask the bank: {title: Ask the bank}\n  order the card:")
    new = new.replace("  - The card ending must have 4 digits.   # whatever they say\n", "")
    new = new.replace("      by mail: {title: By mail, tasks: [order the card, card has arrived]}", "      {}")
    assert said(GOAL, new) == [
        ("removed", "the way “By mail”", "", "", ""),
        ("added", "the task “Ask the bank”", "", "", ""),
        ("removed", "the rule “The card ending must have 4 digits.”", "", "", ""),
    ]


def test_remarks_and_order_are_no_difference() -> None:
    assert differences(GOAL, GOAL.replace("# Every minute counts.", "# Soon.")) == []
    assert lines(GOAL, GOAL) == []


def test_lines_stand_beside_each_other_with_their_numbers() -> None:
    found = lines("a\nb\nc\nd\ne\nf\ng\nh\ni\n", "a\nb\nX\nd\ne\nf\ng\nh\ni\nj\n")
    changed = [(one.how, one.left, one.right, one.number, one.other) for one in found if one.how != "same"]
    assert changed == [("changed", "c", "X", 3, 3), ("added", "", "j", 0, 10)]


def test_elements_are_marked_by_what_became_of_them() -> None:
    new = BPMN.replace('name="Check the claim"', 'name="Look"').replace('<endEvent id="refused"/>', "")
    new = new.replace('<endEvent id="end"/>', '<endEvent id="end"/><endEvent id="other"/>')
    found = marks(BPMN, new)
    assert (found.added, found.removed, found.changed) == (["other"], ["refused"], ["check"])
    assert Difference("removed", "endEvent “refused”") in differences(BPMN, new)
    assert marks(BPMN, "no xml").added == []
