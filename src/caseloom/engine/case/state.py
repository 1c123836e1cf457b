"""The state of a case, as the snapshot holds it.

Open items, goals, promises and clocks stand here; finished items do not (they are rows that a command names by id),
only their counters do. So the snapshot stays small however long a case lives (DESIGN §4, cost). Structs are mutable
because `evolve` folds into goals and items in place; nobody else writes to them. What an event carries over whole
(clocks, facts) is frozen.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from caseloom.engine.flow.state import Flow
from caseloom.engine.rules.order import Memory
from caseloom.engine.spec.service_goal import Need, Priority, Waiting

CaseStatus = Literal["active", "suspended", "completed", "terminated", "failed", "closed"]
"""CMMN 1.1 §8.4.1."""
GoalStatus = Literal["available", "active", "reached", "waived", "cancelled"]
ItemStatus = Literal["available", "enabled", "disabled", "active", "suspended", "failed", "completed", "terminated"]
"""CMMN 1.1 §8.4.2 and §8.4.3."""
ItemKind = Literal["task", "stage", "milestone", "listener"]


class Fact(msgspec.Struct, array_like=True, frozen=True):
    """A value that the case knows: its type, its wire form, who said so and when."""

    type: str
    value: Any
    source: str
    at: datetime


class ClockStep(msgspec.Struct, array_like=True, frozen=True):
    """A step of a time limit that is still to come: a warning `term` before it is due, or how late it is then. While
    the clock is paused `left` counts (seconds of its kind of time) and `at` is None.
    """

    when: Literal["before", "after"]
    term: str
    at: datetime | None = None
    left: float | None = None


class Clock(msgspec.Struct, array_like=True, frozen=True):
    """A running or paused time limit. While paused, `left` (seconds of business or plain time) counts and `due` is
    None. Once it has run out, only the steps after it are left of it.
    """

    due: datetime | None
    warn: datetime | None = None
    left: float | None = None
    left_to_warn: float | None = None
    steps: tuple[ClockStep, ...] = ()
    """What comes, in its order, where that is more than one warning; `warn` is the first of it then."""
    not_before: datetime | None = None
    """The moment that somebody gave as its deadline: no pause brings it forward."""
    business: bool | None = None
    """Whether it runs in business time; None leaves it to the definition."""
    fixed: bool = False
    """A moment of the calendar, such as 1 April: no pause puts it off."""
    every: str = ""
    """Of a timer that comes again: what lies between."""
    again: int = 0
    """How often it comes again after this time; -1 without end."""

    @property
    def is_paused(self) -> bool:
        return self.left is not None or any(step.left is not None for step in self.steps)


class WayStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of a way that was made up in the case: a known task by `key`, or one made up on the spot."""

    key: str = ""
    title: str = ""
    form: tuple[str, ...] = ()
    team: str = ""
    role: str = ""


class Way(msgspec.Struct, array_like=True, frozen=True):
    """An option that was made up in the case. `from_case` is the earlier case that it was brought over from."""

    key: str
    title: str
    steps: tuple[WayStep, ...]
    from_case: int | None = None


class Mirror(msgspec.Struct, array_like=True, frozen=True):
    """The goal of another case that this one mirrors, and the version of that case that it was last told of."""

    case: int
    goal: int
    version: int = 0


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
    priority: Priority = "normal"
    by_hand: bool = False
    """Whether somebody added it, and not the definition."""
    done: int = 0
    """Items completed for a goal that was added by hand."""
    ways: tuple[Way, ...] = ()
    """The options that were made up for it in this case."""
    waits_on: tuple[int, ...] = ()
    """The goals that have to be done before it: mirrors of other cases' goals."""
    shared: bool = False
    """Whether other cases mirror it."""
    mirror: Mirror | None = None
    comes_again: tuple[datetime, int] | None = None
    """Of a goal that recurs: when the next one comes, and how often after that; -1 without end."""

    def way(self, key: str) -> Way | None:
        return next((way for way in self.ways if way.key == key), None)


class Item(msgspec.Struct, array_like=True):
    """A task, stage, milestone or event listener. `seen` are the occurrences, of those that its sentries wait for, that
    have come.
    """

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
    before: ItemStatus | None = None
    """Its state before it was suspended."""
    required: bool | None = None
    """Whether somebody, or its required rule when it came (CMMN 1.1 §8.6.3), said that it is required, or that it is
    not; None leaves it to the definition.
    """
    by_hand: bool = False
    """Whether somebody added it, and not the definition."""
    done: int = 0
    """Items completed inside a stage that was made up in the case."""
    letter: str = ""
    """The letter that a task which was made up in the case is to send."""
    flow: int = 0
    """The flow that it runs, or, with `node`, that it is a step of."""
    node: int = 0
    sub_case: int = 0
    """The case that does it."""


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


class Undo(msgspec.Struct, array_like=True, frozen=True):
    """How a planning command is undone: what it touched, as it stood before (None: it was not there)."""

    number: int
    command: str
    actor: str
    at: datetime
    goals: dict[int, Goal | None] = {}
    items: dict[int, Item | None] = {}
    counters: dict[str, Counter] = {}
    """How much it added to each."""
    facts: dict[str, Fact | None] = {}
    rules: dict[str, bool] = {}
    orders: dict[str, dict[str, Memory | None]] = {}
    asked: tuple[int, ...] = ()
    awaits_confirmation: bool = False
    confirmed: bool = False
    confirm_by: datetime | None = None
    waits_for: Waiting = "us"
    waiting_since: datetime | None = None
    clocks: dict[str, Clock | None] = {}
    """The clocks that only followed who waits for whom: `goal 3`, `item 5`."""
    hand_overs: int = 0
    """How many changes of hands the command was."""
    stood: dict[str, str] = {}
    """The marks of what it touched as it stood after it: another mark says that it has moved on."""
    gone: tuple[int, ...] = ()
    """Items that came with it and had ended when it was over."""
    keys: dict[int, str] = {}
    """The keys of the items that came with it."""
    sent: tuple[tuple[int, str, int | None], ...] = ()
    """The contacts that went out with it, each with its letter and the task that it fulfils."""
    acts: tuple[tuple[str, str], ...] = ()
    """The acts that it was, of those that a rule guards, and what they were about: who undoes it has to be allowed to
    do them.
    """
    flows: tuple[int, ...] = ()
    """The flows that began with it."""


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
    """Items that ended in the present turn, with their clocks as these stood, for projections; empty at rest."""
    kept: dict[int, Promise] = {}
    """Promises that ended in the present turn; empty at rest."""
    orders: dict[str, dict[str, Memory]] = {}
    """Rules of order and time that are not in their first state: sentence → id of the object → memory."""
    planned: int = 0
    """How many commands that can be undone there were."""
    undo: tuple[Undo, ...] = ()
    """The last of them, the newest at the end."""
    flows: dict[int, Flow] = {}
    """The running flows."""
    migrated_from: int = 0
    """The version of the service goal that the case followed before it was migrated."""
    parent: int = 0
    """The case that asked for this one, and there the task."""
    parent_item: int = 0
    advice: dict[str, tuple[str, datetime]] = {}
    """Advised actions that were put off or declined, and when."""

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
