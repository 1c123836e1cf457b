"""Commands on plan items as CMMN 1.1 names them, beside the six verbs."""

from typing import Literal

from caseloom.engine.case.command import Command

Step = Literal[
    "manual start",
    "disable",
    "reenable",
    "complete",
    "terminate",
    "suspend",
    "resume",
    "fault",
    "reactivate",
    "occur",
]
"""The transitions of CMMN 1.1 §8.4.2 and §8.4.3 that somebody may ask for; the others happen by themselves."""


class TransitItem(Command, frozen=True, kw_only=True):
    """Take one transition of an item's lifecycle: complete or suspend a stage, raise an event, let a task fail."""

    item: int
    transition: Step
    reason: str = ""


class PlanItem(Command, frozen=True, kw_only=True):
    """Plan a discretionary item (CMMN 1.1 §8.7): `key` is in the planning table of the stage or task `into`."""

    key: str
    into: int


class FailCase(Command, frozen=True, kw_only=True):
    """The case cannot go on: nothing moves in it until it is reopened (CMMN 1.1 §8.4.1, fault)."""

    reason: str


class CloseCase(Command, frozen=True, kw_only=True):
    """Close a case that does not run for good: it is only read from now on (CMMN 1.1 §8.4.1, close)."""

    reason: str = ""


ON_ITEMS: tuple[type[Command], ...] = (TransitItem, PlanItem, FailCase, CloseCase)
