"""Projections of a case: what lists, panes and figures read. Only what the command touched is written."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from caseloom.cases.flow_rows import FLOW_NODE, flow_rows, timer_rows
from caseloom.cases.mirroring import mirror_rows
from caseloom.engine.case import boundaries, clocks
from caseloom.engine.case import clock_events as k
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.state import CaseState, Goal, Item
from caseloom.engine.flow.events import FLOW_EVENTS
from caseloom.engine.spec.history import Event
from caseloom.engine.spec.service_goal import Priority
from caseloom.sdk.stream import Decided, Row, Table
from caseloom.streams.search import search_row
from caseloom.streams.timers import timer

CASE: Final = Table(
    "case_row",
    {"id": "bigint"},
    {
        "customer": "bigint", "service_goal": "text", "version": "integer", "title": "text", "status": "text",
        "channel": "text", "owner": "text", "team": "text", "waits_for": "text", "waiting_since": "timestamptz",
        "opened_at": "timestamptz", "contact_at": "timestamptz", "ended_at": "timestamptz", "due": "timestamptz",
        "due_goal": "text", "late": "boolean", "perception": "smallint", "unanswered": "smallint", "contacts_in":
        "integer", "contacts_out": "integer", "hand_overs": "integer", "confirmed": "boolean", "updated_at":
        "timestamptz", "priority": "smallint", "parent": "bigint",
    },
)  # fmt: skip
WORK: Final = Table(
    "work_row",
    {"case_id": "bigint", "team": "text"},
    {
        "assignee": "text",
        "due": "timestamptz",
        "waits_for": "text",
        "perception": "smallint",
        "service_goal": "text",
        "haste": "smallint",
    },
)
GOAL: Final = Table(
    "goal_row",
    {"case_id": "bigint", "goal": "integer"},
    {
        "key": "text", "title": "text", "need": "text", "status": "text", "late": "boolean", "timed": "boolean",
        "due": "timestamptz", "opened_at": "timestamptz", "ended_at": "timestamptz",
    },
)  # fmt: skip
TASK: Final = Table(
    "task_row",
    {"case_id": "bigint", "item": "integer"},
    {
        "key": "text", "status": "text", "team": "text", "assignee": "text", "done_by": "text", "created_at":
        "timestamptz", "ended_at": "timestamptz", "body": "bytea",
    },
)  # fmt: skip
CONTACT_LINK: Final = Table(
    "case_contact",
    {"case_id": "bigint", "contact": "bigint"},
    {"channel": "text", "direction": "text", "automatic": "boolean", "at": "timestamptz"},
)
PROMISE: Final = Table(
    "promise_row",
    {"case_id": "bigint", "promise": "integer"},
    {"text": "text", "due": "timestamptz", "status": "text"},
)
PERCEPTION: Final = Table(
    "perception_row",
    {"case_id": "bigint", "version": "integer"},
    {"score": "smallint", "goal": "text", "words": "text", "at": "timestamptz"},
)
NOTICE: Final = Table(
    "notice_row",
    {"case_id": "bigint", "version": "integer"},
    {"whom": "text", "says": "text", "at": "timestamptz"},
)

NO_DUE: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Sorts what has no deadline behind everything that has one; a real moment keeps keyset paging simple."""
NOT_RATED: Final = 9
PRIORITIES: Final[tuple[Priority, ...]] = ("low", "normal", "high", "urgent")
OPEN: Final = ("active", "suspended")
_encode = msgspec.msgpack.Encoder().encode

# Which rows a kind of event can move: what no event of a turn moves is not looked at.
_MOVE_WORK: Final = frozenset((
    e.CaseHandedOver, e.CaseClassified, e.CaseCompleted, e.CaseTerminated, e.ItemTransitioned, e.TaskAssigned,
    e.CaseSuspended, e.CaseFailed, e.CaseClosed, p.ItemDeleted, p.WorkUndone,
))  # fmt: skip
_OF_GOALS: Final = frozenset((
    e.GoalAdded, e.GoalOpened, e.GoalReached, e.GoalWaived, e.GoalCancelled, e.GoalWarned, e.GoalBreached,
    k.GoalEscalated, k.GoalScheduled, e.ClockPaused, e.ClockResumed, p.GoalModified, p.GoalDeleted, p.ClockMoved,
))  # fmt: skip
_OF_MIRRORS: Final = frozenset((p.GoalMirrored, p.MirrorMoved, p.MirrorReleased, p.GoalDeleted, p.WorkUndone))
_OF_FLOWS: Final = frozenset(FLOW_EVENTS)
_MOVE_CLOCKS: Final = frozenset((
    e.ItemCreated, e.ItemTransitioned, e.ClockPaused, e.ClockResumed, e.TaskLate, k.TaskWarned, k.TaskEscalated,
    p.ClockMoved, p.ItemDeleted,
))  # fmt: skip
_WITHOUT_ROWS: Final = frozenset((*FLOW_EVENTS, e.ItemCreated, e.ItemTransitioned, p.UndoKept))
"""The commonest events that have no row of their own."""


def project(decided: Decided) -> Iterable[Row]:
    """All rows that this command moved."""
    state: CaseState = decided.state
    kinds = {type(event) for event in decided.events}
    yield _case_row(state, decided.stamp.at)
    yield from _work_rows(decided, kinds)
    if not (kinds.isdisjoint(_OF_GOALS) and p.WorkUndone not in kinds):
        yield from _goal_rows(decided)
    yield from _item_rows(decided)
    if p.WorkUndone in kinds:
        yield from _rows_put_back(decided)
    if not kinds.isdisjoint(_OF_MIRRORS):
        yield from mirror_rows(decided)
    if not kinds.isdisjoint(_OF_FLOWS):
        yield from flow_rows(decided)
    for number, event in enumerate(decided.events, decided.version + 1):
        if type(event) not in _WITHOUT_ROWS:
            yield from _event_rows(state, event, number, decided)


def _case_row(s: CaseState, at: datetime) -> Row:
    goal = next_goal(s)
    values = (
        s.customer, s.service_goal, s.version, s.title, s.status, s.channel, s.owner, s.team, s.waits_for,
        s.waiting_since, s.opened_at, s.contact_at, s.ended_at, goal.clock.due if goal and goal.clock else None,
        goal.key if goal else "", any(one.late for one in s.goals.values()), s.perception, len(s.unanswered),
        s.contacts_in, s.contacts_out, s.hand_overs, s.confirmed, at, priority_of(s),
        s.parent,
    )  # fmt: skip
    return Row(CASE, (s.id,), values)


def priority_of(s: CaseState) -> int:
    """The highest priority of the goals that are open, as its place in `PRIORITIES`; normal without any."""
    found = [PRIORITIES.index(goal.priority) for goal in s.goals.values() if goal.status in ("available", "active")]
    return max(found, default=PRIORITIES.index("normal"))


def next_goal(s: CaseState) -> Goal | None:
    """The open goal whose deadline comes first; without any, the first open one."""
    active = [goal for goal in s.goals.values() if goal.status == "active"]
    return min(
        active,
        key=lambda goal: (goal.clock.due if goal.clock and goal.clock.due else NO_DUE, goal.id),
        default=None,
    )


def _work_rows(decided: Decided, kinds: set[type[Event]]) -> Iterator[Row]:
    s: CaseState = decided.state
    standing = _teams(s) if s.status in OPEN else {}
    haste = len(PRIORITIES) - 1 - priority_of(s)
    for team, (assignee, due) in standing.items():
        values = (
            assignee,
            due,
            s.waits_for,
            NOT_RATED if s.perception is None else s.perception,
            s.service_goal,
            haste,
        )
        yield Row(WORK, (s.id, team), values)
    # Who may have lost their work by these events.
    for team in () if kinds.isdisjoint(_MOVE_WORK) else s.teams:
        if team not in standing:
            yield Row(WORK, (s.id, team), None)


def _teams(s: CaseState) -> dict[str, tuple[str, datetime]]:
    """Team → (assignee, due) for all who have work in the case."""
    goal = next_goal(s)
    due = goal.clock.due if goal and goal.clock and goal.clock.due else NO_DUE
    found = {s.team: (s.owner, due)}
    for item in s.items.values():
        if item.kind == "task" and item.status in ("active", "enabled") and item.team not in ("", s.team):
            own = item.clock.due if item.clock and item.clock.due else due
            before = found.get(item.team)
            if before is None or own < before[1]:
                found[item.team] = (item.assignee or (before[0] if before else ""), own)
    return found


def _goal_rows(decided: Decided) -> Iterator[Row]:
    s: CaseState = decided.state
    touched = dict.fromkeys(
        event.goal for event in decided.events if type(event) in _OF_GOALS and event.goal is not None
    )
    touched |= {number: None for event in decided.events if isinstance(event, p.WorkUndone) for number in event.goals}
    touched |= _clocks_put_back(decided, "goal")
    for number in touched:
        if number not in s.goals:
            yield Row(GOAL, (s.id, number), None)
            yield from _clock_rows(s.id, "goal", number, None)
            continue
        goal = s.goals[number]
        due = goal.clock.due if goal.clock else None
        values = (
            goal.key,
            goal.title,
            goal.need,
            goal.status,
            goal.late,
            goal.timed,
            due,
            goal.opened_at,
            goal.ended_at,
        )
        yield Row(GOAL, (s.id, number), values)
        yield from _clock_rows(s.id, "goal", number, goal.clock)


def _clocks_put_back(decided: Decided, what: str) -> dict[int, None]:
    """The goals or items whose clocks alone an undo put back."""
    places = [place for event in decided.events if isinstance(event, p.WorkUndone) for place in event.clocks]
    return {int(number): None for kind, _, number in (place.partition(" ") for place in places) if kind == what}


def _clock_rows(case: int, what: str, number: int, clock: Any) -> Iterator[Row]:
    standing = clocks.clock_timers(what, number, clock)
    for name in (f"{what} {number} due", f"{what} {number} warn"):
        yield timer(case, name, standing.get(name))


def _new_clock_rows(case: int, what: str, number: int, clock: Any) -> Iterator[Row]:
    for name, due in clocks.clock_timers(what, number, clock).items():
        yield timer(case, name, due)


def _item_rows(decided: Decided) -> Iterator[Row]:
    s: CaseState = decided.state
    for number, events in _by_item(decided).items():
        item = s.items.get(number)
        ended = next(
            (
                event
                for event in events
                if isinstance(event, e.ItemTransitioned) and event.status in ("completed", "terminated")
            ),
            None,
        )
        if item is None and any(isinstance(event, p.ItemDeleted) for event in events):
            yield Row(TASK, (s.id, number), None)
        elif item is not None and item.kind == "task":
            yield _task_row(s.id, item, "", None)
        elif ended is not None and ended.kind == "task":
            done = s.ended[number]
            bare = done if done.clock is None else msgspec.structs.replace(done, clock=None)
            yield _task_row(s.id, bare, decided.stamp.actor, decided.stamp.at)
        moving = [event for event in events if type(event) in _MOVE_CLOCKS]
        if not moving:
            continue
        if isinstance(moving[0], e.ItemCreated):
            # Nothing can have stood before it came.
            yield from _new_clock_rows(s.id, "item", number, item.clock if item else None)
        elif item is not None or number not in s.ended or s.ended[number].clock is not None:
            yield from _clock_rows(s.id, "item", number, item.clock if item else None)


def _by_item(decided: Decided) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for event in decided.events:
        number = getattr(event, "item", None)
        if number is not None and not isinstance(event, e.OptionChosen):
            found.setdefault(number, []).append(event)
    return found


def _rows_put_back(decided: Decided) -> Iterator[Row]:
    """What an undo moved: tasks that are open again, or gone as if they had not been; the terms of rules."""
    s: CaseState = decided.state
    undone = [event for event in decided.events if isinstance(event, p.WorkUndone)]
    for number in {number: None for event in undone for number in event.items} | _clocks_put_back(decided, "item"):
        item = s.items.get(number)
        if item is None:
            yield Row(TASK, (s.id, number), None)
        elif item.kind == "task":
            yield _task_row(s.id, item, "", None)
        yield from _clock_rows(s.id, "item", number, item.clock if item else None)
    standing = boundaries.timers(s)
    for rule, about in [term for event in undone for term in event.terms]:
        name = boundaries.timer_name(rule, about)
        yield timer(s.id, name, standing.get(name))
    for event in undone:
        yield timer(s.id, "confirm due", s.confirm_by)
        yield from (timer(s.id, name, None) for name in event.timers)
        yield from (Row(FLOW_NODE, (s.id, flow, node), None) for flow, node in event.nodes)


def _task_row(case: int, item: Item, done_by: str, ended_at: datetime | None) -> Row:
    values = (
        item.key,
        item.status,
        item.team,
        item.assignee,
        done_by,
        item.created_at,
        ended_at,
        _encode(item),
    )
    return Row(TASK, (case, item.id), values)


def _search_row(s: CaseState) -> Row:
    return search_row(s.id, "case", s.customer, f"{s.id} {s.title} {s.service_goal}", s.team)


def _rule_timers(s: CaseState) -> Iterator[Row]:
    """An ended case waits for no term; a reopened one does again."""
    standing = boundaries.timers(s)
    for rule, memories in s.orders.items():
        for about, memory in memories.items():
            if memory.due is not None:
                name = boundaries.timer_name(rule, about)
                yield timer(s.id, name, standing.get(name))


def _standing_timers(s: CaseState) -> Iterator[Row]:
    """The timers of flows, and of goals that come again: none of a case that stands still or has ended."""
    for goal in s.goals.values():
        if goal.comes_again is not None:
            yield timer(s.id, clocks.again_timer(goal.id), goal.comes_again[0] if s.status == "active" else None)
    yield from timer_rows(s)


def _event_rows(s: CaseState, event: Event, number: int, decided: Decided) -> Iterator[Row]:
    at = decided.stamp.at
    match event:
        case e.CaseOpened() | e.CaseHandedOver():
            yield _search_row(s)
        case e.CaseClassified():
            yield _search_row(s)
            yield timer(s.id, "confirm due", s.confirm_by)
        case e.GoalOpened() if decided.version:
            yield timer(s.id, "confirm due", s.confirm_by)
        case e.ContactLinked():
            yield Row(
                CONTACT_LINK,
                (s.id, event.contact),
                (event.channel, event.direction, event.automatic, event.at),
            )
        case e.PromiseMade():
            yield Row(PROMISE, (s.id, event.promise), (event.private.text, event.due, "open"))
            yield timer(s.id, f"promise {event.promise} due", event.due)
        case e.PromiseKept() | e.PromiseBroken():
            promise, status = s.kept[event.promise], "kept" if isinstance(event, e.PromiseKept) else "broken"
            yield Row(PROMISE, (s.id, event.promise), (promise.text, promise.due, status))
            yield timer(s.id, f"promise {event.promise} due", None)
        case e.PerceptionRecorded():
            goal = s.goals[event.goal].key if event.goal is not None else ""
            yield Row(PERCEPTION, (s.id, number), (event.score, goal, event.private.text, at))
        case e.Told():
            yield Row(NOTICE, (s.id, number), (event.whom, event.says, at))
        case _:
            yield from _timer_rows(s, event)


def _timer_rows(s: CaseState, event: Event) -> Iterator[Row]:
    """What an event means for the timers that stand in no row of a goal or item."""
    match event:
        case e.RuleAdvanced() | e.RuleBroken():
            due = None if s.status in clocks.STANDING_STILL else event.memory.due
            yield timer(s.id, boundaries.timer_name(event.rule, event.about), due)
        case k.GoalScheduled():
            yield timer(s.id, clocks.again_timer(event.goal), event.at)
        case e.ConfirmationAsked() | k.ConfirmationMoved() | e.OutcomeConfirmed() | e.OutcomeDenied():
            yield timer(s.id, "confirm due", s.confirm_by)
        case e.CaseCompleted() | e.CaseTerminated() | e.CaseReopened() | e.CaseClosed():
            yield timer(s.id, "confirm due", s.confirm_by)
            yield from _rule_timers(s)
            yield from _standing_timers(s)
        case e.CaseSuspended() | e.CaseFailed():
            yield timer(s.id, "confirm due", None)
            yield from _rule_timers(s)
            yield from _standing_timers(s)
        case _:
            pass
