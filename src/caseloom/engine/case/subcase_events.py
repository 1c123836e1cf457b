"""What happens between a case and its sub-cases, as it is told for ever."""

from typing import Any, Literal

from caseloom.engine.spec.history import Event, Private

Ended = Literal["completed", "terminated", "failed"]


class SubCaseAsked(Event, frozen=True, kw_only=True):
    """A task is to be done by a case of its own, of this number. The facts that it is given are sealed."""

    class Given(Private, frozen=True):
        facts: dict[str, Any] = {}

    stored = "sub_case_asked.1"
    item: int
    key: str
    case: int
    service_goal: str
    private: Given = Given()


class SubCaseEnded(Event, frozen=True, kw_only=True):
    stored = "sub_case_ended.1"
    item: int
    key: str
    case: int
    status: Ended
