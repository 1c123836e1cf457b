"""The lifecycles of CMMN 1.1 §8.4 as tables: state and transition to the state that follows.

The tables of the standard stand first, each with its clause. What the six verbs add to them stands last and apart.
"""

from collections.abc import Mapping
from typing import Final

from caseloom.engine.case.state import CaseStatus, Item, ItemKind, ItemStatus

STAGE_AND_TASK: Final[Mapping[tuple[ItemStatus, str], ItemStatus]] = {
    ("available", "enable"): "enabled",
    ("available", "start"): "active",
    ("enabled", "disable"): "disabled",
    ("enabled", "manual start"): "active",
    ("disabled", "reenable"): "enabled",
    ("active", "suspend"): "suspended",
    ("active", "fault"): "failed",
    ("active", "complete"): "completed",
    ("active", "terminate"): "terminated",
    ("suspended", "resume"): "active",
    ("failed", "reactivate"): "active",
    **{
        (status, "exit"): "terminated"
        for status in ("available", "enabled", "disabled", "active", "suspended", "failed")
    },
    **{(status, "parent suspend"): "suspended" for status in ("available", "enabled", "disabled", "active")},
    ("suspended", "parent resume"): "active",
}
"""CMMN 1.1 §8.4.2. `parent resume` leads back to the state before the suspension; `active` stands for it here."""

MILESTONE_AND_LISTENER: Final[Mapping[tuple[ItemStatus, str], ItemStatus]] = {
    ("available", "suspend"): "suspended",
    ("available", "terminate"): "terminated",
    ("available", "occur"): "completed",
    ("suspended", "resume"): "available",
    ("available", "parent terminate"): "terminated",
    ("suspended", "parent terminate"): "terminated",
}
"""CMMN 1.1 §8.4.3."""

CASE: Final[Mapping[tuple[CaseStatus, str], CaseStatus]] = {
    ("active", "complete"): "completed",
    ("active", "terminate"): "terminated",
    ("active", "fault"): "failed",
    ("active", "suspend"): "suspended",
    **{(status, "reactivate"): "active" for status in ("completed", "terminated", "failed", "suspended")},
    **{(status, "close"): "closed" for status in ("completed", "terminated", "failed", "suspended")},
}
"""CMMN 1.1 §8.4.1."""

_BY_THE_VERBS: Final[Mapping[tuple[ItemStatus, str], ItemStatus]] = {
    (status, "terminate"): "terminated" for status in ("available", "enabled", "disabled", "suspended", "failed")
}
"""Cancelling a task is one of the six verbs: it ends whatever is open, told as `terminate`."""

_OF_MILESTONES: Final[Mapping[tuple[ItemStatus, str], ItemStatus]] = {
    (status, "exit"): "terminated" for status in ("available", "suspended")
}
"""A milestone may have an exit criterion of its own (CMMN 1.1 §5.4.5), for which §8.4.3 has no word."""

ALL: Final[Mapping[ItemKind, Mapping[tuple[ItemStatus, str], ItemStatus]]] = {
    "task": {**STAGE_AND_TASK, **_BY_THE_VERBS},
    "stage": {**STAGE_AND_TASK, **_BY_THE_VERBS},
    "milestone": {**MILESTONE_AND_LISTENER, **_BY_THE_VERBS, **_OF_MILESTONES},
    "listener": {**MILESTONE_AND_LISTENER, **_BY_THE_VERBS, **_OF_MILESTONES},
}
"""All that may become of an item."""

OPEN: Final = ("available", "enabled", "active", "suspended", "failed")
SEMI_TERMINAL: Final = ("disabled", "completed", "terminated", "failed")
"""States in which an item does not keep its stage from completing (CMMN 1.1 §8.6.1)."""


def is_work(item: Item) -> bool:
    """Whether it lives as stages and tasks do, and not as milestones and event listeners."""
    return item.kind in ("task", "stage")


def follows(item: Item, name: str) -> ItemStatus | None:
    """The state that a transition leads to from the item's present one; None where there is none."""
    after = ALL[item.kind].get((item.status, name))
    if name == "parent resume" and after is not None:
        return item.before or after
    return after


def standard(item: Item) -> Mapping[tuple[ItemStatus, str], ItemStatus]:
    """The standard's own table for this kind of item."""
    return STAGE_AND_TASK if is_work(item) else MILESTONE_AND_LISTENER


def downward(name: str, child: Item) -> str | None:
    """What a stage's transition means for a member of it (CMMN 1.1 §8.4.2 and §8.4.3); None for nothing."""
    match name:
        case "suspend" | "parent suspend":
            return "parent suspend" if is_work(child) else "suspend"
        case "resume" | "parent resume":
            return "parent resume" if is_work(child) else "resume"
        case "complete" | "terminate" | "exit":
            return "exit" if is_work(child) else "parent terminate"
        case _:
            return None
