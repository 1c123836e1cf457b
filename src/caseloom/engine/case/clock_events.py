"""What clocks tell besides a first warning and that something is late: of tasks, of the steps after, of what recurs."""

from datetime import datetime

from caseloom.engine.spec.history import Event


class TaskWarned(Event, frozen=True, kw_only=True):
    """A task is due soon. `term` is how long before, where its clock warns more than once."""

    stored = "task_warned.1"
    item: int
    key: str
    term: str = ""


class GoalEscalated(Event, frozen=True, kw_only=True):
    """A goal is late by `term`, since `at`."""

    stored = "goal_escalated.1"
    goal: int
    key: str
    term: str
    at: datetime


class TaskEscalated(Event, frozen=True, kw_only=True):
    """A task is late by `term`, since `at`."""

    stored = "task_escalated.1"
    item: int
    key: str
    term: str
    at: datetime


class ConfirmationMoved(Event, frozen=True, kw_only=True):
    """The time that the customer has to confirm ends later: the case was suspended meanwhile."""

    stored = "confirmation_moved.1"
    by: datetime


class GoalScheduled(Event, frozen=True, kw_only=True):
    """A goal that recurs comes once more at `at`, or (None) no more."""

    stored = "goal_scheduled.1"
    goal: int
    key: str
    at: datetime | None = None
    left: int = 0
    """How often it comes after that; -1 without end."""


CLOCK_EVENTS: tuple[type[Event], ...] = (TaskWarned, GoalEscalated, TaskEscalated, ConfirmationMoved, GoalScheduled)
