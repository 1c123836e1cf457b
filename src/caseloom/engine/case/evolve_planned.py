"""Fold what people planned into the state: changes, deletions, and what is put back. As in `evolve`, nothing is decided
here.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from caseloom.engine.case import planned as p
from caseloom.engine.case.state import CaseState, Counter, Goal, Item, Mirror, Way
from caseloom.engine.spec.history import Event

V = TypeVar("V")
KEPT: Final = 5
"""How many commands back can be undone."""


def _item_modified(s: CaseState, ev: p.ItemModified, stamp: Any) -> None:
    item = s.items[ev.item]
    item.title = ev.private.title if ev.titled else item.title
    item.form = item.form if ev.form is None else ev.form
    item.role = item.role if ev.role is None else ev.role
    item.goal = item.goal if ev.goal is None else ev.goal or None
    item.parent = item.parent if ev.parent is None else ev.parent or None
    item.required = item.required if ev.required is None else ev.required


def _goal_modified(s: CaseState, ev: p.GoalModified, stamp: Any) -> None:
    goal = s.goals[ev.goal]
    goal.title = ev.private.title if ev.titled else goal.title
    goal.need = ev.need or goal.need
    goal.priority = ev.priority or goal.priority
    goal.parent = goal.parent if ev.parent is None else ev.parent or None
    if ev.need is not None or ev.parent is not None:
        # What the customer was asked to confirm may not be the outcome any more; if it is, they are asked anew.
        s.awaits_confirmation, s.confirm_by = False, None


def _clock_moved(s: CaseState, ev: p.ClockMoved, stamp: Any) -> None:
    if ev.item is not None:
        s.items[ev.item].clock = ev.clock
    elif ev.goal is not None:
        goal = s.goals[ev.goal]
        goal.clock, goal.timed = ev.clock, goal.timed or ev.clock is not None


def _goal_reset(s: CaseState, ev: p.GoalReset, stamp: Any) -> None:
    # What the customer has confirmed is not the outcome any more.
    s.confirmed = False


def _option_created(s: CaseState, ev: p.OptionCreated, stamp: Any) -> None:
    goal = s.goals[ev.goal]
    titles = ev.private.steps or ("",) * len(ev.steps)
    steps = tuple(msgspec.structs.replace(step, title=title) for step, title in zip(ev.steps, titles, strict=True))
    goal.ways = (*goal.ways, Way(ev.option, ev.private.title, steps, ev.from_case))
    s.last += 1


def _option_dropped(s: CaseState, ev: p.OptionDropped, stamp: Any) -> None:
    goal = s.goals[ev.goal]
    goal.option, goal.option_item = None, None


def _option_deleted(s: CaseState, ev: p.OptionDeleted, stamp: Any) -> None:
    goal = s.goals[ev.goal]
    goal.ways = tuple(way for way in goal.ways if way.key != ev.option)


def _item_deleted(s: CaseState, ev: p.ItemDeleted, stamp: Any) -> None:
    del s.items[ev.item]
    was = s.counters[ev.key]
    now = Counter(was.created - 1, was.completed, was.terminated)
    if now == Counter():
        del s.counters[ev.key]
    else:
        s.counters[ev.key] = now


def _goal_deleted(s: CaseState, ev: p.GoalDeleted, stamp: Any) -> None:
    del s.goals[ev.goal]
    s.asked = tuple(goal for goal in s.asked if goal != ev.goal)
    for goal in s.goals.values():
        goal.waits_on = tuple(other for other in goal.waits_on if other != ev.goal)


# --- undo -------------------------------------------------------------------------------------------------------------


def _undo_kept(s: CaseState, ev: p.UndoKept, stamp: Any) -> None:
    record = ev.record
    words, values = ev.private.titles, ev.private.values
    goals = {number: goal and titled_goal(goal, words) for number, goal in record.goals.items()}
    items = {number: item and titled_item(item, words) for number, item in record.items.items()}
    facts = {
        name: msgspec.structs.replace(fact, value=values.get(name)) if fact and name in ev.personal else fact
        for name, fact in record.facts.items()
    }
    s.planned = record.number
    s.undo = (*s.undo, msgspec.structs.replace(record, goals=goals, items=items, facts=facts))[-KEPT:]


def titled_goal(goal: Goal, words: dict[str, tuple[str, ...]]) -> Goal:
    """A goal with the titles that stand in `words`; those that do not are empty."""
    title = words.get(f"goal {goal.id}", ("",))[0]
    return msgspec.structs.replace(goal, title=title, ways=tuple(_titled_way(way, words) for way in goal.ways))


def titled_item(item: Item, words: dict[str, tuple[str, ...]]) -> Item:
    return msgspec.structs.replace(item, title=words.get(f"item {item.id}", ("",))[0])


def _titled_way(way: Way, words: dict[str, tuple[str, ...]]) -> Way:
    titles = words.get(way.key) or ("",) * (len(way.steps) + 1)
    steps = zip(way.steps, titles[1:], strict=True)
    return msgspec.structs.replace(
        way, title=titles[0], steps=tuple(msgspec.structs.replace(step, title=title) for step, title in steps)
    )


def _work_undone(s: CaseState, ev: p.WorkUndone, stamp: Any) -> None:
    record = next(one for one in s.undo if one.number == ev.number)
    s.undo = tuple(one for one in s.undo if one.number != ev.number)
    _put_back(s.goals, {number: goal for number, goal in record.goals.items() if number in ev.goals})
    _put_back(s.items, {number: item for number, item in record.items.items() if number in ev.items})
    s.goals, s.items = _in_order(s.goals), _in_order(s.items)
    _put_back(s.facts, {name: fact for name, fact in record.facts.items() if name in ev.facts})
    _put_back_counters(s, ev)
    for rule in ev.rules:
        s.rules.pop(rule, None)
        if record.rules[rule]:
            s.rules[rule] = True
    for rule, about in ev.terms:
        memories = s.orders.setdefault(rule, {})
        _put_back(memories, {about: record.orders[rule][about]})
        if not memories:
            del s.orders[rule]
    for flow in ev.flows:
        s.flows.pop(flow, None)
    s.hand_overs -= record.hand_overs
    if ev.waiting:
        s.waits_for, s.waiting_since = record.waits_for, record.waiting_since
    for place in ev.clocks:
        kind, _, number = place.partition(" ")
        holder = s.goals.get(int(number)) if kind == "goal" else s.items.get(int(number))
        if holder is not None:
            holder.clock = record.clocks[place]
    if ev.outcome:
        s.asked, s.awaits_confirmation, s.confirm_by = record.asked, record.awaits_confirmation, record.confirm_by
        s.confirmed = record.confirmed


def _put_back(now: dict[Any, Any], before: dict[Any, Any]) -> None:
    for key, image in before.items():
        if image is None:
            now.pop(key, None)
        else:
            # The record is gone with this event, so its images may be folded on.
            now[key] = image


def _in_order(now: dict[int, V]) -> dict[int, V]:
    """By the numbers that they were given: what comes back comes back to its place."""
    return dict(sorted(now.items()))


def _put_back_counters(s: CaseState, ev: p.WorkUndone) -> None:
    """By what the command added, since others may have counted on; what stays is counted still."""
    for key, change in ev.counters.items():
        was = s.counters.get(key, Counter())
        now = Counter(
            was.created - change.created, was.completed - change.completed, was.terminated - change.terminated
        )
        s.counters.pop(key, None)
        if now != Counter():
            s.counters[key] = now


# --- mirrors ----------------------------------------------------------------------------------------------------------


def _goal_shared(s: CaseState, ev: p.GoalShared, stamp: Any) -> None:
    s.goals[ev.goal].shared = True


def _goal_mirrored(s: CaseState, ev: p.GoalMirrored, stamp: Any) -> None:
    s.goals[ev.goal].mirror = Mirror(ev.case, ev.of)
    if ev.before is not None:
        waiting = s.goals[ev.before]
        waiting.waits_on = (*waiting.waits_on, ev.goal)


def _mirror_moved(s: CaseState, ev: p.MirrorMoved, stamp: Any) -> None:
    goal = s.goals[ev.goal]
    if goal.mirror is not None:
        goal.mirror = msgspec.structs.replace(goal.mirror, version=ev.version)


def _mirror_released(s: CaseState, ev: p.MirrorReleased, stamp: Any) -> None:
    s.goals[ev.goal].mirror = None


def _nothing(s: CaseState, ev: Event, stamp: Any) -> None:
    """Told for the history alone."""


PLANNED_FOLDS: Final[dict[type[Event], Callable[[CaseState, Any, Any], None]]] = {
    p.ItemModified: _item_modified,
    p.GoalModified: _goal_modified,
    p.ClockMoved: _clock_moved,
    p.GoalReset: _goal_reset,
    p.StageReset: _nothing,
    p.OptionCreated: _option_created,
    p.OptionDropped: _option_dropped,
    p.OptionDeleted: _option_deleted,
    p.ItemDeleted: _item_deleted,
    p.GoalDeleted: _goal_deleted,
    p.UndoKept: _undo_kept,
    p.WorkUndone: _work_undone,
    p.GoalShared: _goal_shared,
    p.GoalMirrored: _goal_mirrored,
    p.MirrorMoved: _mirror_moved,
    p.MirrorReleased: _mirror_released,
}
