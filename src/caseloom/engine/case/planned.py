"""What people plan in a running case, as it is told for ever: changed, given up, begun anew, deleted, undone, shared.

The titles that people give are theirs to have forgotten, so they stand in `private`; whether there is a new one is
said beside it, in `titled`.
"""

from typing import Any

from caseloom.engine.case.state import Clock, Counter, GoalStatus, ItemKind, Undo, WayStep
from caseloom.engine.spec.history import Event, Private
from caseloom.engine.spec.service_goal import Need, Priority


class Why(Private, frozen=True):
    reason: str = ""


class Change(Private, frozen=True):
    """A new title, and why."""

    title: str = ""
    reason: str = ""


class ItemModified(Event, frozen=True, kw_only=True):
    """What is None has stayed as it was; a place of 0 is none."""

    stored = "item_modified.1"
    item: int
    key: str
    kind: ItemKind
    titled: bool = False
    form: tuple[str, ...] | None = None
    role: str | None = None
    goal: int | None = None
    parent: int | None = None
    required: bool | None = None
    private: Change = Change()


class GoalModified(Event, frozen=True, kw_only=True):
    """What is None has stayed as it was; a parent of 0 is none."""

    stored = "goal_modified.1"
    goal: int
    key: str
    titled: bool = False
    need: Need | None = None
    priority: Priority | None = None
    parent: int | None = None
    private: Change = Change()


class ClockMoved(Event, frozen=True, kw_only=True):
    """Somebody gave a goal or task another deadline, or (`clock` None) took it away."""

    stored = "clock_moved.1"
    clock: Clock | None = None
    goal: int | None = None
    item: int | None = None


class GoalReset(Event, frozen=True, kw_only=True):
    """A goal that had ended is worked for again; `GoalOpened` follows."""

    stored = "goal_reset.1"
    goal: int
    key: str
    private: Why = Why()


class StageReset(Event, frozen=True, kw_only=True):
    """A stage begins anew: its open members leave, and its parts come once more."""

    stored = "stage_reset.1"
    item: int
    key: str
    private: Why = Why()


class OptionCreated(Event, frozen=True, kw_only=True):
    """A way was made up for a goal. The titles of its steps stand in `private`, in their order."""

    class Words(Private, frozen=True):
        title: str = ""
        steps: tuple[str, ...] = ()

    stored = "option_created.1"
    goal: int
    option: str
    steps: tuple[WayStep, ...]
    from_case: int | None = None
    private: Words = Words()


class OptionDropped(Event, frozen=True, kw_only=True):
    """The chosen way was given up, and no other was chosen."""

    stored = "option_dropped.1"
    goal: int
    option: str
    private: Why = Why()


class OptionDeleted(Event, frozen=True, kw_only=True):
    stored = "option_deleted.1"
    goal: int
    option: str
    private: Why = Why()


class ItemDeleted(Event, frozen=True, kw_only=True):
    """It was added by mistake, and counts as if it had not been."""

    stored = "item_deleted.1"
    item: int
    key: str
    kind: ItemKind
    private: Why = Why()


class GoalDeleted(Event, frozen=True, kw_only=True):
    """It was added by mistake, and counts as if it had not been."""

    stored = "goal_deleted.1"
    goal: int
    key: str
    private: Why = Why()


class UndoKept(Event, frozen=True, kw_only=True):
    """What a planning command touched, as it stood before: so that it can be undone."""

    class Words(Private, frozen=True):
        """Titles by their place (`goal 3`, `item 5`, `way 3/…`) and personal facts by their name."""

        titles: dict[str, tuple[str, ...]] = {}
        values: dict[str, Any] = {}

    stored = "undo_kept.1"
    record: Undo
    personal: tuple[str, ...] = ()
    """The facts whose values stand in `private`."""
    private: Words = Words()


class WorkUndone(Event, frozen=True, kw_only=True):
    """A planning command was undone: what it touched stands as it stood before. Which goals, items and terms of rules
    that are is said for projections. The `waiting` and the `outcome` come back where nothing has moved them since.
    """

    stored = "work_undone.1"
    number: int
    command: str
    goals: tuple[int, ...] = ()
    items: tuple[int, ...] = ()
    terms: tuple[tuple[str, str], ...] = ()
    """The rules of order that stand as before, with the object that they speak of; the others have moved on."""
    facts: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    counters: dict[str, Counter] = {}
    """What the command had added to the counters, and goes with it."""
    clocks: tuple[str, ...] = ()
    waiting: bool = True
    outcome: bool = True
    flows: tuple[int, ...] = ()
    """The flows that are gone with it, with the places where their tokens rested and their timers."""
    nodes: tuple[tuple[int, int], ...] = ()
    timers: tuple[str, ...] = ()
    kept: tuple[int, ...] = ()
    """Items that came with it and stay: a letter that has left the house."""
    private: Why = Why()


class GoalShared(Event, frozen=True, kw_only=True):
    """Other cases may mirror the goal from here on."""

    stored = "goal_shared.1"
    goal: int
    key: str


class GoalMirrored(Event, frozen=True, kw_only=True):
    """The goal stands for a goal of another case. `before` is the goal of this case that waits for it."""

    stored = "goal_mirrored.1"
    goal: int
    key: str
    case: int
    of: int
    before: int | None = None


class MirrorMoved(Event, frozen=True, kw_only=True):
    """The case that owns the goal told how it stands there, in the version that it then had."""

    stored = "mirror_moved.1"
    goal: int
    key: str
    version: int
    status: GoalStatus


class MirrorReleased(Event, frozen=True, kw_only=True):
    """The owner does not work for the goal any more: from here on it is this case's own."""

    stored = "mirror_released.1"
    goal: int
    key: str
    case: int


PLANNED: tuple[type[Event], ...] = (
    ItemModified, GoalModified, ClockMoved, GoalReset, StageReset, OptionCreated, OptionDropped, OptionDeleted,
    ItemDeleted, GoalDeleted, UndoKept, WorkUndone, GoalShared, GoalMirrored, MirrorMoved, MirrorReleased,
)  # fmt: skip
