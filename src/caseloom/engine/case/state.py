"""The state of a case, as the snapshot holds it.

Open items, goals, promises and clocks stand here; finished items do not (they are rows that a command names by id),
only their counters do. So the snapshot stays small however long a case lives (DESIGN §4, cost). Structs are mutable
because `evolve` folds into goals and items in place; nobody else writes to them. What an event carries over whole
(clocks, facts) is frozen.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from caseloom.engine.rules.order import Memory
from caseloom.engine.spec.service_goal import Need, Waiting

CaseStatus = Literal["active", "suspended", "completed", "terminated"]
GoalStatus = Literal["available", "active", "reached", "waived", "cancelled"]
ItemStatus = Literal["available", "enabled", "disabled", "active", "suspended", "failed", "completed", "terminated"]
"""CMMN 1.1 §8.4.2, tables 8.3 to 8.6."""
ItemKind = Literal["task", "stage", "milestone"]


class Fact(msgspec.Struct, array_like=True, frozen=True):
    """A value that the case knows: its type, its wire form, who said so and when."""

    type: str
    value: Any
    source: str
    at: datetime


class Clock(msgspec.Struct, array_like=True, frozen=True):
    """A running or paused time limit. While paused, `left` (seconds of business or plain time) counts and `due` is
    None.
    """

    due: datetime | None
    warn: datetime | None = None
    left: float | None = None
    left_to_warn: float | None = None


class Goal(msgspec.Struct, array_like=True):
    """An outcome inside the case."""

    id: int
    key: str
    need: Need
    status: GoalStatus
    parent: int | None = None
    group: str = ""
    title: str = ""
    clock: Clock | None = None
    late: bool = False
    option: str | None = None
    option_item: int | None = None
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    seen: tuple[str, ...] = ()
    timed: bool = False
    """Whether it had a clock: counted in `goals in time`."""


class Item(msgspec.Struct, array_like=True):
    """A task, stage or milestone. `seen` are the occurrences, of those that its sentries wait for, that have come."""

    id: int
    key: str
    kind: ItemKind
    status: ItemStatus
    parent: int | None = None
    goal: int | None = None
    option: bool = False
    title: str = ""
    form: tuple[str, ...] = ()
    team: str = ""
    role: str = ""
    assignee: str = ""
    waits_for: Waiting = "us"
    by_customer: bool = False
    created_at: datetime | None = None
    ended_at: datetime | None = None
    clock: Clock | None = None
    late: bool = False
    message: int | None = None
    seen: tuple[str, ...] = ()
    about: str = ""


class Counter(msgspec.Struct, array_like=True, frozen=True):
    """How often items of one key came to be and ended."""

    created: int = 0
    completed: int = 0
    terminated: int = 0


class Promise(msgspec.Struct, array_like=True, frozen=True):
    """What was said to the customer, and by when."""

    id: int
    text: str
    due: datetime


class Message(msgspec.Struct, array_like=True):
    """A contact that goes out: `requested` until its acceptance is known."""

    contact: int
    item: int | None
    letter: str
    status: Literal["requested", "accepted", "rejected", "unknown"]
    by: str = ""
    """Who sent it: what comes of its acceptance is their doing."""
    overridden: tuple[str, ...] = ()
    """The rules that they crossed with a reason."""


class CaseState(msgspec.Struct, array_like=True):
    """Everything that a step needs to know of a case."""

    id: int = 0
    status: CaseStatus = "active"
    customer: int = 0
    service_goal: str = ""
    version: int = 0
    house_version: int = 0
    title: str = ""
    channel: str = ""
    owner: str = ""
    team: str = ""
    opened_at: datetime | None = None
    contact_at: datetime | None = None
    ended_at: datetime | None = None
    last: int = 0
    """The last id given to a goal, item or promise."""
    facts: dict[str, Fact] = {}
    goals: dict[int, Goal] = {}
    items: dict[int, Item] = {}
    counters: dict[str, Counter] = {}
    rules: dict[str, bool] = {}
    """Reactions whose condition holds now: they fire when it becomes true, not while it stays so."""
    waits_for: Waiting = "us"
    waiting_since: datetime | None = None
    promises: dict[int, Promise] = {}
    messages: dict[int, Message] = {}
    unanswered: tuple[int, ...] = ()
    contacts_in: int = 0
    contacts_out: int = 0
    participants: tuple[int, ...] = ()
    perception: int | None = None
    perceptions: int = 0
    asked: tuple[int, ...] = ()
    """Goals whose moment of truth the customer has not rated yet."""
    confirmed: bool = False
    confirm_by: datetime | None = None
    awaits_confirmation: bool = False
    offers: dict[str, str] = {}
    suspended_at: datetime | None = None
    hand_overs: int = 0
    teams: tuple[str, ...] = ()
    """Every team that has had work in the case."""
    ended: dict[int, Item] = {}
    """Items that ended in the present turn, for projections; empty at rest."""
    kept: dict[int, Promise] = {}
    """Promises that ended in the present turn; empty at rest."""
    orders: dict[str, dict[str, Memory]] = {}
    """Rules of order and time that are not in their first state: sentence → id of the object → memory."""

    def rest(self) -> None:
        """The turn is over and projected."""
        self.ended, self.kept = {}, {}

    def goal_by_key(self, key: str) -> Goal | None:
        """The latest goal of this key that is not cancelled."""
        found = [goal for goal in self.goals.values() if goal.key == key and goal.status != "cancelled"]
        return found[-1] if found else None

    def children(self, item: int) -> list[Item]:
        """The open items inside a stage."""
        return [child for child in self.items.values() if child.parent == item]
