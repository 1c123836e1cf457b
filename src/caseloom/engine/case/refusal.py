"""Refusals: what may not be, as values that tell a person what to do next."""

from typing import Any, Final, Literal

import msgspec

Code = Literal[
    "not found",
    "wrong state",
    "closed",
    "role",
    "rights",
    "boundary",
    "data",
    "invalid",
    "duplicate",
    "no rest",
    "stale",
]

OVERRIDE: Final = "Override the rule with a reason"
"""The step by which a role that the rule names crosses it; its `who` is that role."""


class NextStep(msgspec.Struct, frozen=True):
    """The nearest legal step: what to do, and who may."""

    label: str
    command: str = ""
    arguments: dict[str, Any] = {}
    who: str = ""


class Refused(msgspec.Struct, frozen=True):
    """A command that was not accepted. Nothing of it has happened.

    `rule` is the sentence that refused, `facts` what made it so (as plain values), `next` the ways on.
    """

    code: Code
    message: str
    rule: str | None = None
    facts: dict[str, Any] = {}
    next: tuple[NextStep, ...] = ()
