"""Advice in a case: what was said to it stands in the history, and what was declined is not shown again."""

from typing import Final

from caseloom.engine.case import commands as c
from caseloom.engine.case.advice_events import AdviceAnswered, WhyPrivate
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.turn import Turn

LONGEST: Final = 200


def answer_advice(turn: Turn, command: c.AnswerAdvice) -> Refused | None:
    """Nobody has to take an advice; who declines it says why in a word, for that is what is learned from."""
    if not command.action.strip() or len(command.action) > LONGEST:
        return Refused("invalid", f"Name the advised action, in {LONGEST} characters at most.")
    if command.answer == "declined" and not command.reason.strip():
        return Refused("invalid", "Say why, in a word or two: it is learned from.", next=(NextStep("Give a reason"),))
    why = WhyPrivate(reason=command.reason)
    turn.emit(
        AdviceAnswered(
            action=command.action, answer=command.answer, rank=command.rank, model=command.model, private=why
        )
    )
    return None
