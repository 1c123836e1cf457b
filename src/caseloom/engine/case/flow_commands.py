"""What people, workers and other systems may ask of the flows of a case."""

from datetime import datetime
from typing import Any, Literal

from caseloom.engine.case.command import Command


class CorrelateMessage(Command, frozen=True, kw_only=True):
    """A message for the flow that waits for it (BPMN 2.0.2 §8.4.11). `key` is compared with the correlation key of the
    wait, where that has one; `values` become facts and variables.
    """

    name: str
    key: str = ""
    values: dict[str, Any] = {}


class BroadcastSignal(Command, frozen=True, kw_only=True):
    """A signal for all flows of the case that wait for it."""

    name: str
    values: dict[str, Any] = {}


class LockWork(Command, frozen=True, kw_only=True):
    """A worker takes a step that is done outside, until a moment."""

    flow: int
    node: int
    worker: str
    until: datetime


class ExtendWork(Command, frozen=True, kw_only=True):
    """A worker keeps what it has locked until a later moment."""

    flow: int
    node: int
    worker: str
    until: datetime


class CompleteWork(Command, frozen=True, kw_only=True):
    """A step that is done outside is done. Without `worker`, a person has done it by hand."""

    flow: int
    node: int
    worker: str = ""
    values: dict[str, Any] = {}


class FailWork(Command, frozen=True, kw_only=True):
    """A worker could not do it: it may be tried again `retries` times (one less than before where not given), not
    before `not_before`; with none left the step has an incident.
    """

    flow: int
    node: int
    worker: str
    message: str = ""
    retries: int | None = None
    not_before: datetime | None = None


class ThrowFromWork(Command, frozen=True, kw_only=True):
    """A worker reports a BPMN error or an escalation, which the flow may catch."""

    flow: int
    node: int
    worker: str = ""
    kind: Literal["error", "escalation"] = "error"
    code: str
    message: str = ""
    values: dict[str, Any] = {}


class RetryStep(Command, frozen=True, kw_only=True):
    """What was wrong with a step is repaired: it is tried again. `values` mend facts and variables first."""

    flow: int
    node: int
    values: dict[str, Any] = {}
    reason: str = ""


class SkipStep(Command, frozen=True, kw_only=True):
    """Leave a step of a flow out, and go on behind it."""

    flow: int
    node: int
    reason: str


class MoveStep(Command, frozen=True, kw_only=True):
    """Go on at another element of the flow instead."""

    flow: int
    node: int
    to: str
    reason: str


class RepeatStep(Command, frozen=True, kw_only=True):
    """Do a step of a flow once more, beside what runs. `scope` is the node of the sub-process that it stands in."""

    flow: int
    element: str
    scope: int = 0
    reason: str


class StartStep(Command, frozen=True, kw_only=True):
    """Begin a step of an ad-hoc sub-process (BPMN 2.0.2 §10.3.5)."""

    flow: int
    node: int
    element: str


class FinishSteps(Command, frozen=True, kw_only=True):
    """An ad-hoc sub-process is done."""

    flow: int
    node: int


FLOW_COMMANDS: tuple[type[Command], ...] = (
    CorrelateMessage, BroadcastSignal, LockWork, ExtendWork, CompleteWork, FailWork, ThrowFromWork, RetryStep, SkipStep,
    MoveStep, RepeatStep, StartStep, FinishSteps,
)  # fmt: skip
