"""The six verbs on a running case: what actors may ask of its tasks, stages, goals and options.

What takes something away, or changes it, says why in `reason`.
"""

from datetime import datetime
from typing import Literal

from caseloom.engine.case.command import Command
from caseloom.engine.case.state import GoalStatus, WayStep
from caseloom.engine.spec.service_goal import Need, Priority


class CreateTask(Command, frozen=True, kw_only=True):
    """Add a task: a known one by `key`, or one made up on the spot."""

    key: str = ""
    title: str = ""
    form: tuple[str, ...] = ()
    team: str = ""
    assignee: str = ""
    goal: int | None = None
    due: datetime | None = None
    about: str = ""
    """The id of the object that it is about, where its definition says that it is about one of a list."""
    stage: int | None = None
    """The open stage that it stands in."""
    role: str = ""
    required: bool = False
    """Whether its stage and its goal wait for it."""
    letter: str = ""
    """The letter that it is to send."""


class ModifyTask(Command, frozen=True, kw_only=True):
    """Change an open task; what is None stays as it is."""

    item: int
    reason: str
    title: str | None = None
    form: tuple[str, ...] | None = None
    due: datetime | None = None
    team: str | None = None
    role: str | None = None
    assignee: str | None = None
    goal: int | None = None
    stage: int | None = None
    required: bool | None = None
    without: tuple[Literal["due", "goal", "stage"], ...] = ()
    """What it is to have no longer."""


class CancelTask(Command, frozen=True, kw_only=True):
    item: int
    reason: str = ""


class ResetTask(Command, frozen=True, kw_only=True):
    """Begin a task anew: an open one loses its assignee and start, a finished one is done once more."""

    item: int
    reason: str = ""

    @property
    def named(self) -> tuple[int, ...]:
        return (self.item,)


class DeleteTask(Command, frozen=True, kw_only=True):
    """Take away a task that somebody added by mistake, as if it had not been."""

    item: int
    reason: str

    @property
    def named(self) -> tuple[int, ...]:
        return (self.item,)


class CreateStage(Command, frozen=True, kw_only=True):
    """Add a stage: a known one by `key`, or one made up on the spot, into which tasks may be added."""

    key: str = ""
    title: str = ""
    goal: int | None = None
    stage: int | None = None


class ModifyStage(Command, frozen=True, kw_only=True):
    item: int
    title: str
    reason: str


class CancelStage(Command, frozen=True, kw_only=True):
    """End a stage with all that is open in it."""

    item: int
    reason: str


class ResetStage(Command, frozen=True, kw_only=True):
    """Begin an open stage anew with its parts."""

    item: int
    reason: str


class DeleteStage(Command, frozen=True, kw_only=True):
    """Take away a stage that somebody added by mistake, as if it had not been."""

    item: int
    reason: str


class AddGoal(Command, frozen=True, kw_only=True):
    """Add a goal: a known one by `key`, or one made up on the spot; `parent` is the goal that it stands under."""

    key: str = ""
    title: str = ""
    need: Need = "required"
    parent: int | None = None
    priority: Priority | None = None
    due: datetime | None = None


class ModifyGoal(Command, frozen=True, kw_only=True):
    """Change a goal; what is None stays as it is. Another `due` counts as if it had been the deadline from the
    beginning: while the clock stands still, what is left of it is what is left until then.
    """

    goal: int
    reason: str
    title: str | None = None
    need: Need | None = None
    priority: Priority | None = None
    due: datetime | None = None
    parent: int | None = None
    without: tuple[Literal["due", "parent"], ...] = ()
    """What it is to have no longer."""


class CancelGoal(Command, frozen=True, kw_only=True):
    goal: int
    reason: str


class ResetGoal(Command, frozen=True, kw_only=True):
    """Work once more for a goal that was reached, waived or cancelled."""

    goal: int
    reason: str


class DeleteGoal(Command, frozen=True, kw_only=True):
    """Take away a goal that somebody added by mistake, as if it had not been."""

    goal: int
    reason: str


class CreateOption(Command, frozen=True, kw_only=True):
    """Make up a way to a goal. A step in words is a known task by its key, else a task of that title."""

    goal: int
    title: str
    steps: tuple[str | WayStep, ...]


class ChooseOption(Command, frozen=True, kw_only=True):
    goal: int
    option: str


class CancelOption(Command, frozen=True, kw_only=True):
    """Give the chosen way up, without another one."""

    goal: int
    reason: str


class ResetOption(Command, frozen=True, kw_only=True):
    """Begin the chosen way anew."""

    goal: int
    reason: str


class DeleteOption(Command, frozen=True, kw_only=True):
    """Take away a way that somebody made up by mistake."""

    goal: int
    option: str
    reason: str


class ReuseTask(Command, frozen=True, kw_only=True):
    """Bring over a task of an earlier case."""

    from_case: int
    step: WayStep
    goal: int | None = None
    stage: int | None = None


class ReuseWay(Command, frozen=True, kw_only=True):
    """Bring over an option, or all that was done, of an earlier case as a way to a goal of this one, and take it."""

    goal: int
    from_case: int
    title: str
    steps: tuple[WayStep, ...]


class UndoWork(Command, frozen=True, kw_only=True):
    """Undo a planning command while nothing that it touched has moved on: the last one, or the one of this number."""

    number: int | None = None
    reason: str = ""


class ShareGoal(Command, frozen=True, kw_only=True):
    """Let other cases mirror a goal of this one."""

    goal: int


class MirrorGoal(Command, frozen=True, kw_only=True):
    """Take in a goal that stands for a goal of another case, which is asked how it stands. With `before`, that goal of
    this case waits for it.
    """

    case: int
    goal: int
    title: str
    need: Need = "required"
    before: int | None = None


class MoveMirror(Command, frozen=True, kw_only=True):
    """The owner's goal stands so in this version of its case; told twice, it happens once."""

    case: int
    goal: int
    status: GoalStatus
    version: int


VERBS: tuple[type[Command], ...] = (
    CreateTask, ModifyTask, CancelTask, ResetTask, DeleteTask, CreateStage, ModifyStage, CancelStage, ResetStage,
    DeleteStage, AddGoal, ModifyGoal, CancelGoal, ResetGoal, DeleteGoal, CreateOption, ChooseOption, CancelOption,
    ResetOption, DeleteOption, ReuseTask, ReuseWay,
)  # fmt: skip
"""What can be undone, with `WaiveGoal`."""
