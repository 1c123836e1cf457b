"""Fold what clocks tell: a part of `evolve`."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from caseloom.engine.case import clock_events as k
from caseloom.engine.case import events as e
from caseloom.engine.case.state import CaseState, Clock
from caseloom.engine.spec.history import Event


def _goal_warned(s: CaseState, ev: e.GoalWarned, stamp: Any) -> None:
    s.goals[ev.goal].clock = _next_step(s.goals[ev.goal].clock)


def _task_warned(s: CaseState, ev: k.TaskWarned, stamp: Any) -> None:
    s.items[ev.item].clock = _next_step(s.items[ev.item].clock)


def _goal_breached(s: CaseState, ev: e.GoalBreached, stamp: Any) -> None:
    goal = s.goals[ev.goal]
    goal.late, goal.clock = True, _run_out(goal.clock)


def _task_late(s: CaseState, ev: e.TaskLate, stamp: Any) -> None:
    item = s.items[ev.item]
    item.late, item.clock = True, _run_out(item.clock)


def _goal_escalated(s: CaseState, ev: k.GoalEscalated, stamp: Any) -> None:
    s.goals[ev.goal].clock = _run_out(_next_step(s.goals[ev.goal].clock))


def _task_escalated(s: CaseState, ev: k.TaskEscalated, stamp: Any) -> None:
    s.items[ev.item].clock = _run_out(_next_step(s.items[ev.item].clock))


def _next_step(clock: Clock | None) -> Clock | None:
    """Its first step has come."""
    if clock is None:
        return None
    steps = clock.steps[1:]
    ahead = steps[0] if steps and steps[0].when == "before" else None
    at, left = (ahead.at, ahead.left) if ahead is not None else (None, None)
    return msgspec.structs.replace(clock, warn=at, left_to_warn=left, steps=steps)


def _run_out(clock: Clock | None) -> Clock | None:
    """Of a clock that has run out only the steps after it are left."""
    after = tuple(step for step in clock.steps if step.when == "after") if clock is not None else ()
    return Clock(None, steps=after, business=clock.business) if clock is not None and after else None


def _clock_paused(s: CaseState, ev: e.ClockPaused, stamp: Any) -> None:
    holder = s.items[ev.item] if ev.item is not None else s.goals[ev.goal or 0]
    holder.clock = ev.clock or Clock(None, None, ev.left, ev.left_to_warn)


def _clock_resumed(s: CaseState, ev: e.ClockResumed, stamp: Any) -> None:
    holder = s.items[ev.item] if ev.item is not None else s.goals[ev.goal or 0]
    holder.clock = ev.clock


def _confirmation_moved(s: CaseState, ev: k.ConfirmationMoved, stamp: Any) -> None:
    s.confirm_by = ev.by


def _goal_scheduled(s: CaseState, ev: k.GoalScheduled, stamp: Any) -> None:
    s.goals[ev.goal].comes_again = (ev.at, ev.left) if ev.at is not None else None


CLOCK_FOLDS: Final[dict[type[Event], Callable[[CaseState, Any, Any], None]]] = {
    e.GoalWarned: _goal_warned,
    e.GoalBreached: _goal_breached,
    e.TaskLate: _task_late,
    e.ClockPaused: _clock_paused,
    e.ClockResumed: _clock_resumed,
    k.TaskWarned: _task_warned,
    k.GoalEscalated: _goal_escalated,
    k.TaskEscalated: _task_escalated,
    k.ConfirmationMoved: _confirmation_moved,
    k.GoalScheduled: _goal_scheduled,
}
