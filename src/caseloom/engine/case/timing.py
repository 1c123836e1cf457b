"""Timers that come due, and the time that a suspended case gets back."""

from datetime import datetime

import msgspec

from caseloom.engine.case import clock_events as k
from caseloom.engine.case import clocks, flows, goals, items, steps
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.boundaries import expire
from caseloom.engine.case.calendars import Measure, calendar_of
from caseloom.engine.case.recurrence import next_of, period_of
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import Goal, Item
from caseloom.engine.case.terms import term_of
from caseloom.engine.case.turn import Turn
from caseloom.engine.flow.suspension import put_off_timers


def timer_due(turn: Turn, command: c.TimerDue) -> Refused | None:
    """A timer that is no longer wanted, or not yet due after a move, is told so and nothing happens."""
    due = clocks.timers(turn.state).get(command.timer)
    if due is None or due > turn.now:
        return Refused("wrong state", f"The timer “{command.timer}” is not due.")
    if command.timer.startswith("rule"):
        expire(turn, command.timer)
        return None
    if command.timer.startswith("flow"):
        steps.timer_due(turn, command.timer)
        return None
    what, _, rest = command.timer.partition(" ")
    number = int(rest.split()[0]) if rest[:1].isdigit() else 0
    if what == "goal" and rest.endswith("again"):
        _bring_goal(turn, turn.state.goals[number])
    elif what == "goal":
        _goal_timer(turn, turn.state.goals[number], rest.endswith("warn"))
    elif what == "item" and turn.state.items[number].kind == "listener":
        _listener_timer(turn, turn.state.items[number])
    elif what == "item":
        _task_timer(turn, turn.state.items[number], rest.endswith("warn"))
    elif what == "promise":
        turn.emit(e.PromiseBroken(promise=number))
    else:
        turn.emit(e.OutcomeConfirmed(by_silence=True))
    return None


def _goal_timer(turn: Turn, goal: Goal, warns: bool) -> None:
    clock = goal.clock
    step = clock.steps[0] if clock is not None and clock.steps else None
    if warns:
        turn.emit(e.GoalWarned(goal=goal.id, key=goal.key, term=step.term if step is not None else ""))
    elif clock is not None and clock.due is not None:
        turn.emit(e.GoalBreached(goal=goal.id, key=goal.key, due=clock.due))
    elif step is not None and step.at is not None:
        turn.emit(k.GoalEscalated(goal=goal.id, key=goal.key, term=step.term, at=step.at))


def _task_timer(turn: Turn, item: Item, warns: bool) -> None:
    clock = item.clock
    step = clock.steps[0] if clock is not None and clock.steps else None
    if warns:
        turn.emit(k.TaskWarned(item=item.id, key=item.key, term=step.term if step is not None else ""))
    elif clock is not None and clock.due is not None:
        turn.emit(e.TaskLate(item=item.id, key=item.key, due=clock.due))
    elif step is not None and step.at is not None:
        turn.emit(k.TaskEscalated(item=item.id, key=item.key, term=step.term, at=step.at))


def _listener_timer(turn: Turn, item: Item) -> None:
    clock = item.clock
    items.transition(turn, item, "occur")
    following = (
        next_of(turn.moment.calendar, clock.every, clock.due, clock.again)
        if clock is not None and clock.due is not None
        else None
    )
    stage = turn.state.items.get(item.parent or 0)
    if clock is None or following is None or (item.parent is not None and (stage is None or stage.status != "active")):
        return
    new = items.create(turn, item.key, item.parent, item.goal, instead_of=item.id)
    resumed = msgspec.structs.replace(clock, due=following.at, not_before=None, again=following.left)
    turn.emit(e.ClockResumed(clock=resumed, item=new.id))


def _bring_goal(turn: Turn, goal: Goal) -> None:
    """A goal that recurs comes once more, unless the last one is still worked for."""
    at, left = goal.comes_again or (turn.now, 0)
    spec = turn.plan.clock_of_goal(goal.key)
    following = next_of(calendar_of(turn, spec.calendar), period_of(spec.every), at, left) if spec is not None else None
    above = turn.state.goals.get(goal.parent or 0)
    stands = goal.status in ("available", "active")
    if spec is None or not spec.every or (above is not None and above.status != "active"):
        turn.emit(k.GoalScheduled(goal=goal.id, key=goal.key))
        return
    if not stands:
        turn.emit(k.GoalScheduled(goal=goal.id, key=goal.key))
        goal = goals.add(turn, goal.key, goal.need, goal.title, goal.parent, goal.by_hand, goal.priority)
    then, more = (following.at, following.left) if following is not None else (None, 0)
    turn.emit(k.GoalScheduled(goal=goal.id, key=goal.key, at=then, left=more))


def give_back(turn: Turn, stood: datetime) -> None:
    """The case stood still from `stood` until now. Of its goals and items the clocks were paused (`clocks.adjust`);
    here the terms of its rules, the timers of its flows and the customer's time to confirm get the time back. What
    counts by the calendar on the wall (a date, a cron line) is not put off, and what was promised to the customer
    neither. Each is told anew, moved or not: its timer may have come by and found the case standing still.
    """
    _to_rules(turn, stood)
    if turn.state.flows:

        def put_off(due: datetime, business: bool) -> datetime:
            return Measure(turn.moment.calendar, business).put_off(due, stood, turn.now)

        put_off_timers(flows.run_of(turn), put_off)
    if turn.state.confirm_by is not None:
        goal = turn.plan.service_goal
        term = goal.confirm_within if goal is not None else None
        measure = Measure(turn.moment.calendar, term is not None and term_of(term).business)
        turn.emit(k.ConfirmationMoved(by=measure.put_off(turn.state.confirm_by, stood, turn.now)))
    for one in list(turn.state.goals.values()):
        if one.comes_again is not None:
            at, left = one.comes_again
            turn.emit(k.GoalScheduled(goal=one.id, key=one.key, at=at, left=left))


def _to_rules(turn: Turn, stood: datetime) -> None:
    rules = {rule.spec.says: rule.spec for rule in turn.plan.orders}
    for says, memories in list(turn.state.orders.items()):
        for about, memory in list(memories.items()):
            if memory.due is None:
                continue
            deadlines = rules[says].deadlines if says in rules else ()
            term = next((deadline.term for deadline in deadlines if deadline.state == memory.state), None)
            measure = Measure(turn.moment.calendar, term is not None and term_of(term).business)
            due = measure.put_off(memory.due, stood, turn.now)
            turn.emit(e.RuleAdvanced(rule=says, about=about, memory=msgspec.structs.replace(memory, due=due)))
