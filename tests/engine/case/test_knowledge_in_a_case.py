"""What people say of an article stands in the history of the case, and nothing else moves."""

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case.knowledge_events import KnowledgeRated, KnowledgeUsed
from tests.engine.case.kit import HEAD, MARIA, Case

GOALS = (
    HEAD
    + """
goals:
  later: {title: Later, clock: {within: 5 days}}
  sooner: {title: Sooner, clock: {within: 1 day}}
"""
)
"""A word is for the goal that is due first."""


def _case() -> Case:
    return Case(GOALS).open()


def test_a_word_stands_with_the_goal_that_is_worked_for() -> None:
    case = _case()
    case.accept(c.RateKnowledge(article="house:how we write", helped=True, word="Clear"))
    [said] = [one for one, _stamp in case.history if isinstance(one, KnowledgeRated)]
    assert (said.article, said.helped, said.goal, said.private.word) == ("house:how we write", True, "sooner", "Clear")


def test_a_use_stands_too() -> None:
    case = _case()
    case.accept(c.UseKnowledge(article="test:pin"))
    used = [one for one, _stamp in case.history if isinstance(one, KnowledgeUsed)]
    assert [(one.article, one.goal) for one in used] == [("test:pin", "sooner")]


@pytest.mark.parametrize(
    "command",
    [
        c.RateKnowledge(article=" ", helped=True),
        c.RateKnowledge(article="x" * 201, helped=True),
        c.RateKnowledge(article="test:pin", helped=True, word="x" * 201),
        c.UseKnowledge(article=""),
    ],
)
def test_what_names_nothing_is_refused(command: c.Command) -> None:
    refused = _case().refuse(command)
    assert refused.code == "invalid" and refused.next


def test_customers_do_not_rate_what_is_written_for_colleagues() -> None:
    for command in (c.RateKnowledge(article="test:pin", helped=True), c.UseKnowledge(article="test:pin")):
        assert _case().refuse(command, MARIA).code == "rights"
