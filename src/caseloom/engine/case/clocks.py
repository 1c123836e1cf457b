"""Clocks: time limits that run in business time where they say so, and stand still while others are waited for."""

from datetime import datetime, timedelta
from typing import Final

from caseloom.engine.calendar import add_business, business_between
from caseloom.engine.case import boundaries, terms
from caseloom.engine.case import events as e
from caseloom.engine.case.state import CaseState, Clock, Goal, Item
from caseloom.engine.case.turn import Turn
from caseloom.engine.spec.service_goal import ClockSpec
from caseloom.engine.spec.term import Term

NEVER_PAUSED: Final = ClockSpec(within="1 day", pause=())


def later(turn: Turn, since: datetime, term: Term, less: Term | None = None) -> datetime:
    """The moment at which `term`, shortened by `less`, has run since then, in the case's calendar."""
    return terms.later(turn.moment.calendar, since, term, less)


def start(turn: Turn, spec: ClockSpec | None, anew: bool = False) -> Clock | None:
    """The clock of something that opens now; paused at once where the spec stops for whom the case waits for. What is
    begun `anew` counts from now, whatever its first term was counted from.
    """
    if spec is None:
        return None
    since = {
        "goal": turn.now,
        "contact": turn.state.contact_at or turn.now,
        "case": turn.state.opened_at or turn.now,
    }["goal" if anew else spec.since]
    term = terms.term_of(spec.within)
    warn = later(turn, since, term, terms.term_of(spec.warn)) if spec.warn else None
    clock = Clock(later(turn, since, term), warn)
    return _paused(turn, spec, clock) if must_pause(turn.state, spec) else clock


def must_pause(state: CaseState, spec: ClockSpec) -> bool:
    return state.status == "suspended" or state.waits_for in spec.pause


def adjust(turn: Turn) -> None:
    """Pause and resume what runs, after who waits for whom has changed."""
    for goal in turn.state.goals.values():
        if goal.clock is not None and goal.status == "active":
            _adjust(turn, goal, turn.plan.clock_of_goal(goal.key) or NEVER_PAUSED)
    for item in list(turn.state.items.values()):
        if item.clock is not None:
            task = turn.plan.task(item.key)
            _adjust(turn, item, (task.due if task else None) or NEVER_PAUSED)


def _adjust(turn: Turn, holder: Goal | Item, spec: ClockSpec) -> None:
    clock = holder.clock
    if clock is None:
        return
    pause = must_pause(turn.state, spec)
    goal, item = (holder.id, None) if isinstance(holder, Goal) else (None, holder.id)
    if pause and clock.due is not None:
        paused = _paused(turn, spec, clock)
        turn.emit(e.ClockPaused(left=paused.left or 0.0, left_to_warn=paused.left_to_warn, goal=goal, item=item))
    elif not pause and clock.due is None and clock.left is not None:
        turn.emit(e.ClockResumed(clock=_resumed(turn, spec, clock), goal=goal, item=item))


def _paused(turn: Turn, spec: ClockSpec, clock: Clock) -> Clock:
    def left(until: datetime | None) -> float | None:
        if until is None:
            return None
        if terms.term_of(spec.within).business:
            return business_between(turn.moment.calendar, turn.now, until).total_seconds() if until > turn.now else 0.0
        return max(0.0, (until - turn.now).total_seconds())

    return Clock(None, None, left(clock.due), left(clock.warn))


def _resumed(turn: Turn, spec: ClockSpec, clock: Clock) -> Clock:
    def until(left: float | None) -> datetime | None:
        if left is None:
            return None
        length = timedelta(seconds=left)
        return (
            add_business(turn.moment.calendar, turn.now, length)
            if terms.term_of(spec.within).business
            else turn.now + length
        )

    return Clock(until(clock.left), until(clock.left_to_warn))


def timers(state: CaseState) -> dict[str, datetime]:
    """Every timer of the case by its name, with the moment at which it is due."""
    found: dict[str, datetime] = {}
    for goal in state.goals.values():
        found |= clock_timers("goal", goal.id, goal.clock)
    for item in state.items.values():
        found |= clock_timers("item", item.id, item.clock)
    for promise in state.promises.values():
        found[f"promise {promise.id} due"] = promise.due
    if state.confirm_by is not None:
        found["confirm due"] = state.confirm_by
    return found | boundaries.timers(state)


def clock_timers(what: str, number: int, clock: Clock | None) -> dict[str, datetime]:
    """The timers of one clock: when it warns and when it is due."""
    if clock is None or clock.due is None:
        return {}
    due = {f"{what} {number} due": clock.due}
    return due if clock.warn is None else {**due, f"{what} {number} warn": clock.warn}
