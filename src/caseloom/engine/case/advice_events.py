"""What people make of an advice about the next step."""

from typing import Literal

from caseloom.engine.spec.history import Event, Private

Answer = Literal["taken", "put off", "declined"]


class WhyPrivate(Private, frozen=True):
    reason: str = ""


class AdviceAnswered(Event, frozen=True, kw_only=True):
    """Somebody took an advised action, put it off, or declined it. `rank` is its place among those shown, from 1;
    `model` names what advised it.
    """

    stored = "advice_answered.1"
    action: str
    answer: Answer
    rank: int = 0
    model: str = ""
    private: WhyPrivate = WhyPrivate()
