"""What actors may ask of a case."""

from datetime import datetime
from typing import Any, Literal

from caseloom.engine.case.command import (
    Command,
)
from caseloom.engine.case.flow_commands import FLOW_COMMANDS
from caseloom.engine.case.plan_commands import ON_ITEMS, CloseCase, FailCase, PlanItem, TransitItem
from caseloom.engine.case.verbs import (
    VERBS,
    AddGoal,
    CancelGoal,
    CancelOption,
    CancelStage,
    CancelTask,
    ChooseOption,
    CreateOption,
    CreateStage,
    CreateTask,
    DeleteGoal,
    DeleteOption,
    DeleteStage,
    DeleteTask,
    MirrorGoal,
    ModifyGoal,
    ModifyStage,
    ModifyTask,
    MoveMirror,
    ResetGoal,
    ResetOption,
    ResetStage,
    ResetTask,
    ReuseTask,
    ReuseWay,
    ShareGoal,
    UndoWork,
)
from caseloom.engine.rules.order import Memory


class OpenCase(Command, frozen=True, kw_only=True):
    """Open a case from a service goal, or from nothing (`service_goal` empty). `facts` are raw values by name."""

    case: int
    customer: int
    service_goal: str = ""
    version: int = 0
    house_version: int = 0
    channel: str = "mail"
    title: str = ""
    team: str = ""
    owner: str = ""
    contact_at: datetime | None = None
    contact: int | None = None
    automatic: bool = False
    facts: dict[str, Any] = {}
    customer_facts: dict[str, Any] = {}
    parent: int = 0
    """The case that asked for this one, and there the task."""
    parent_item: int = 0


class LinkContact(Command, frozen=True, kw_only=True):
    contact: int
    channel: str
    direction: Literal["in", "out"] = "in"
    at: datetime
    customer: int
    automatic: bool = False


class MarkContactHandled(Command, frozen=True, kw_only=True):
    contact: int


class ClassifyCase(Command, frozen=True, kw_only=True):
    """Give a case its service goal; the goals of the former one are cancelled, facts and history stay."""

    service_goal: str
    version: int
    customer_facts: dict[str, Any] = {}


class SetFacts(Command, frozen=True, kw_only=True):
    facts: dict[str, Any]
    seen: dict[str, Any] | None = None
    """What the actor had before them (raw values): if one of these has changed since, the command is stale."""


class ClaimTask(Command, frozen=True, kw_only=True):
    """Take a task, or give it to somebody (`assignee`), or to a team; empty `assignee` puts it back."""

    item: int
    assignee: str
    team: str = ""


class StartTask(Command, frozen=True, kw_only=True):
    item: int


class CompleteTask(Command, frozen=True, kw_only=True):
    item: int
    facts: dict[str, Any] = {}


class ReachGoal(Command, frozen=True, kw_only=True):
    goal: int


class WaiveGoal(Command, frozen=True, kw_only=True):
    goal: int
    reason: str


class SendMessage(Command, frozen=True, kw_only=True):
    """Send words to the customer. `item` is the letter task that it fulfils; `answers` the contact that it answers."""

    contact: int
    channel: str = "mail"
    to: str
    subject: str
    text: str
    letter: str = ""
    item: int | None = None
    answers: int | None = None
    attachments: tuple[int, ...] = ()


class SettleMessage(Command, frozen=True, kw_only=True):
    contact: int
    status: Literal["accepted", "rejected", "unknown"]
    reason: str = ""


class MakePromise(Command, frozen=True, kw_only=True):
    text: str
    due: datetime


class KeepPromise(Command, frozen=True, kw_only=True):
    promise: int


class RecordPerception(Command, frozen=True, kw_only=True):
    score: int
    words: str = ""
    goal: int | None = None


class ConfirmOutcome(Command, frozen=True, kw_only=True):
    reached: bool = True
    words: str = ""


class AnswerOffer(Command, frozen=True, kw_only=True):
    offer: str
    outcome: Literal["accepted", "declined", "later"]


class AnswerAdvice(Command, frozen=True, kw_only=True):
    """What somebody makes of an advised action: it was taken, put off, or declined for a reason. `rank` is its place
    among those shown, from 1; `model` names what advised it.
    """

    action: str
    answer: Literal["taken", "put off", "declined"]
    reason: str = ""
    rank: int = 0
    model: str = ""


class RateKnowledge(Command, frozen=True, kw_only=True):
    """Say whether an article or a letter helped, with a word where one is worth it. `article` names it with its home,
    as `GET /cases/{case}/knowledge` gives it: `house:how we write`.
    """

    article: str
    helped: bool
    word: str = ""


class UseKnowledge(Command, frozen=True, kw_only=True):
    """The text of an article went into a message that was sent."""

    article: str


class HandOver(Command, frozen=True, kw_only=True):
    """Give the case to a person or team. Taking it is giving it to oneself."""

    owner: str = ""
    team: str = ""
    reason: str = ""
    seen: str | None = None
    """Who owned it when the actor looked; another owner since makes the command stale."""


class AddNote(Command, frozen=True, kw_only=True):
    text: str


class SuspendCase(Command, frozen=True, kw_only=True):
    reason: str


class ResumeCase(Command, frozen=True, kw_only=True):
    pass


class TerminateCase(Command, frozen=True, kw_only=True):
    reason: str


class ReopenCase(Command, frozen=True, kw_only=True):
    reason: str = ""


class SwitchHouseRules(Command, frozen=True, kw_only=True):
    """Go on under another version of the house rules. `orders` is where its new rules of order and time stand after
    what has happened so far: sentence → id of the object → memory.
    """

    house_version: int
    orders: dict[str, dict[str, Memory]] = {}


class MigrateCase(Command, frozen=True, kw_only=True):
    """Go on under another version of the service goal. The maps lead from keys of this version (goals; tasks, stages,
    milestones and options as `goal/option`; elements of flows) to those that take their place; the empty one ends what
    is open. `orders` is where new rules of order and time stand after what has happened so far.
    """

    version: int
    goals: dict[str, str] = {}
    items: dict[str, str] = {}
    elements: dict[str, str] = {}
    customer_facts: dict[str, Any] = {}
    orders: dict[str, dict[str, Memory]] = {}


class RevertMigration(Command, frozen=True, kw_only=True):
    """Go back to the version that the case came from, while nothing that came with the other one has moved on."""


class SettleSubCase(Command, frozen=True, kw_only=True):
    """The case that does a task has ended; `facts` is what it knows."""

    item: int
    case: int
    status: Literal["completed", "terminated", "failed"]
    reason: str = ""
    facts: dict[str, Any] = {}


class TimerDue(Command, frozen=True, kw_only=True):
    """A timer of the case has come: `goal 3 due`, `goal 3 warn`, `item 5 due`, `promise 9 due`, `confirm due`."""

    timer: str


CASE_COMMANDS: tuple[type[Command], ...] = (
    OpenCase, LinkContact, MarkContactHandled, ClassifyCase, SetFacts, ClaimTask, StartTask, CompleteTask, ReachGoal,
    WaiveGoal, SendMessage, SettleMessage, MakePromise, KeepPromise, RecordPerception, ConfirmOutcome, AnswerOffer,
    AnswerAdvice, RateKnowledge, UseKnowledge, HandOver, AddNote, SuspendCase, ResumeCase, TerminateCase, ReopenCase,
    SwitchHouseRules, MigrateCase,
    RevertMigration, SettleSubCase, TimerDue,
    *VERBS, UndoWork, ShareGoal, MirrorGoal, MoveMirror, *ON_ITEMS, *FLOW_COMMANDS,
)  # fmt: skip
PLANNING: tuple[type[Command], ...] = (*VERBS, WaiveGoal)
"""What people can undo."""
RECORDED: tuple[type[Command], ...] = (*PLANNING, MigrateCase)
"""What keeps an undo record."""

__all__ = [
    "CASE_COMMANDS",
    "ON_ITEMS",
    "PLANNING",
    "RECORDED",
    "VERBS",
    "AddGoal",
    "AddNote",
    "AnswerAdvice",
    "AnswerOffer",
    "CancelGoal",
    "CancelOption",
    "CancelStage",
    "CancelTask",
    "ChooseOption",
    "ClaimTask",
    "ClassifyCase",
    "CloseCase",
    "Command",
    "CompleteTask",
    "ConfirmOutcome",
    "CreateOption",
    "CreateStage",
    "CreateTask",
    "DeleteGoal",
    "DeleteOption",
    "DeleteStage",
    "DeleteTask",
    "FailCase",
    "HandOver",
    "KeepPromise",
    "LinkContact",
    "MakePromise",
    "MarkContactHandled",
    "MigrateCase",
    "MirrorGoal",
    "ModifyGoal",
    "ModifyStage",
    "ModifyTask",
    "MoveMirror",
    "OpenCase",
    "PlanItem",
    "RateKnowledge",
    "ReachGoal",
    "RecordPerception",
    "ReopenCase",
    "ResetGoal",
    "ResetOption",
    "ResetStage",
    "ResetTask",
    "ResumeCase",
    "ReuseTask",
    "ReuseWay",
    "RevertMigration",
    "SendMessage",
    "SetFacts",
    "SettleMessage",
    "SettleSubCase",
    "ShareGoal",
    "StartTask",
    "SuspendCase",
    "SwitchHouseRules",
    "TerminateCase",
    "TimerDue",
    "TransitItem",
    "UndoWork",
    "UseKnowledge",
    "WaiveGoal",
]  # fmt: skip
