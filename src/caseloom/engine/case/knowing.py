"""Knowledge in a case: whether it helped, and where its words were used, stands in the history; it is learned from."""

from datetime import UTC, datetime
from typing import Final

from caseloom.engine.case import commands as c
from caseloom.engine.case.knowledge_events import KnowledgeRated, KnowledgeUsed, WordPrivate
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import CaseState
from caseloom.engine.case.turn import Turn

_NO_DUE: Final = datetime.max.replace(tzinfo=UTC)
LONGEST: Final = 200
"""Characters of an article's name, and of the word that goes with a rating."""


def rate_knowledge(turn: Turn, command: c.RateKnowledge) -> Refused | None:
    """Colleagues rate, not customers: an article is written for them. A later word of the same person in the same case
    stands instead of the earlier one.
    """
    refused = _faulty(turn, command.article)
    if refused is None and len(command.word) > LONGEST:
        refused = Refused("invalid", f"Say it in {LONGEST} characters at most.", next=(NextStep("Say it shorter"),))
    if refused is not None:
        return refused
    word = WordPrivate(word=command.word)
    goal = _present_goal(turn.state)
    turn.emit(KnowledgeRated(article=command.article, helped=command.helped, goal=goal, private=word))
    return None


def use_knowledge(turn: Turn, command: c.UseKnowledge) -> Refused | None:
    """Its text went into what was sent: that counts as a small word for it."""
    refused = _faulty(turn, command.article)
    if refused is None:
        turn.emit(KnowledgeUsed(article=command.article, goal=_present_goal(turn.state)))
    return refused


def _faulty(turn: Turn, article: str) -> Refused | None:
    if turn.actor.kind != "agent":
        return Refused("rights", "Only those who work here say what helped.", next=(NextStep("Ask a colleague"),))
    if not article.strip() or len(article) > LONGEST:
        return Refused("invalid", f"Name the article, in {LONGEST} characters at most.", next=(NextStep("Name it"),))
    return None


def _present_goal(state: CaseState) -> str:
    """The open goal whose deadline comes first, as the desk shows it; empty where none is open."""
    dated = [
        (goal.clock.due if goal.clock is not None and goal.clock.due is not None else _NO_DUE, goal.id, goal.key)
        for goal in state.goals.values()
        if goal.status == "active"
    ]
    return min(dated)[2] if dated else ""
