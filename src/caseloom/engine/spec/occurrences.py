"""The words by which sentries and reactions wait for what happens: CMMN's standard events in plain English.

`KEY` alone means that a task or stage is completed, that a milestone or event listener occurs, or that a goal is
reached. Everything else says what happens: `check papers has failed`, `visit is suspended`, `photo gains a member`.
"""

import re
from typing import Final

from caseloom.engine.spec.term import parse_term

OF_ITEM: Final = {
    "create": " is created",
    "start": " is started",
    "enable": " is enabled",
    "manual start": " is started by hand",
    "disable": " is disabled",
    "reenable": " is enabled again",
    "suspend": " is suspended",
    "resume": " is resumed",
    "parent suspend": " is suspended from above",
    "parent resume": " is resumed from above",
    "terminate": " is terminated",
    "exit": " has exited",
    "parent terminate": " is terminated from above",
    "fault": " has failed",
    "reactivate": " is reactivated",
}
"""Transition of a plan item (CMMN 1.1 §5.4.6.1, PlanItemTransition) → what its key is followed by."""

OF_FACT: Final = {
    "create": " is first known",
    "update": " is changed",
    "replace": " is replaced",
    "delete": " is forgotten",
    "addChild": " gains a member",
    "removeChild": " loses a member",
    "addReference": " gains a reference",
    "removeReference": " loses a reference",
}
"""Transition of a case file item (CMMN 1.1 §5.4.6.2, CaseFileItemTransition) → what the fact's name is followed by."""

OF_GOAL: Final = (" is cancelled", " is late", " is added")
"""What may be said of a goal; of a task `is cancelled` (however it ended before it was done) and `is late`."""

WARNED: Final = " is warned"
"""Of a goal or task whose clock has given a warning."""
_LATE_BY: Final = re.compile(r"(.+)( is late by \d{1,5} (?:business )?(?:minute|hour|day|week)s?)")

BY: Final = " has exited by "
"""Before the name of an exit criterion (CMMN 1.1 §5.4.6.1, exitCriterionRef)."""


def subject_of(occurrence: str) -> tuple[str, str]:
    """The key or name that an occurrence speaks of, and what it says of it (empty for its being done).

    What only looks like an ending, as in a task `is enabled`, is part of the key.
    """
    by_how_much = _LATE_BY.fullmatch(occurrence)
    if by_how_much is not None:
        return by_how_much[1], by_how_much[2]
    before, by, criterion = occurrence.rpartition(BY)
    if by and before and criterion:
        return before, by + criterion
    for ending in _ENDINGS:
        if occurrence.endswith(ending) and len(occurrence) > len(ending):
            return occurrence.removesuffix(ending), ending
    return occurrence, ""


def late_by(key: str, term: str) -> str:
    """The occurrence of a goal's or task's being late by so much: `first answer is late by 1 business day`."""
    return f"{key} is late by {parse_term(term)}"


_ENDINGS: Final = tuple(sorted({*OF_GOAL, WARNED, *OF_ITEM.values(), *OF_FACT.values()}, key=len, reverse=True))
