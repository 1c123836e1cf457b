"""Clocks: time limits that run in business time where they say so, and stand still while others are waited for."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from caseloom.engine.case import boundaries, terms
from caseloom.engine.case import clock_events as k
from caseloom.engine.case import events as e
from caseloom.engine.case.calendars import Measure, calendar_of
from caseloom.engine.case.recurrence import first_of
from caseloom.engine.case.state import CaseState, Clock, ClockStep, Goal, Item
from caseloom.engine.case.turn import Turn
from caseloom.engine.flow import steps as flow_steps
from caseloom.engine.spec.service_goal import ClockSpec
from caseloom.engine.spec.term import Term

NEVER_PAUSED: Final = ClockSpec(within="1 day", pause=())
STANDING_STILL: Final = ("suspended", "failed")
"""The states of a case in which none of its clocks runs."""


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
    calendar, term = calendar_of(turn, spec.calendar), terms.term_of(spec.within)
    warnings = [(terms.later(calendar, since, term, terms.term_of(less)), less) for less in spec.warnings]
    due = terms.later(calendar, since, term)
    clock = _with_steps(spec, Clock(due), warnings, _after(turn, spec, due))
    return _paused(turn, spec, clock) if must_pause(turn.state, spec) else clock


def schedule(turn: Turn, goal: Goal, spec: ClockSpec) -> None:
    """A goal that recurs has opened: say when it comes again."""
    first = first_of(calendar_of(turn, spec.calendar), spec.every, turn.now)
    turn.emit(k.GoalScheduled(goal=goal.id, key=goal.key, at=first.at, left=first.left))


def _after(turn: Turn, spec: ClockSpec, due: datetime) -> list[tuple[datetime, str]]:
    """The steps that come when something that is due then is late, in the time of the clock."""
    measure = _measure(turn, spec, None)
    lengths = [(terms.length_of(measure.calendar, terms.term_of(by), measure.business), by) for by in spec.escalations]
    return [(measure.after(due, length), by) for length, by in lengths]


def _with_steps(
    spec: ClockSpec, clock: Clock, before: Iterable[tuple[datetime, str]], after: Iterable[tuple[datetime, str]]
) -> Clock:
    """The clock with its warnings and what comes when it is late. An only warning stands in it by itself."""
    steps = [ClockStep("before", term, at) for at, term in sorted(before)]
    warn = steps[0].at if steps else None
    steps += [ClockStep("after", term, at) for at, term in sorted(after)]
    single = len(spec.warnings) <= 1 and not spec.escalations
    return msgspec.structs.replace(clock, warn=warn, steps=() if single else tuple(steps))


def must_pause(state: CaseState, spec: ClockSpec) -> bool:
    return state.status in STANDING_STILL or state.waits_for in spec.pause


def adjust(turn: Turn) -> None:
    """Pause and resume what runs, after who waits for whom has changed."""
    for goal in turn.state.goals.values():
        if goal.clock is not None and goal.status == "active":
            _adjust(turn, goal, turn.plan.clock_of_goal(goal.key) or NEVER_PAUSED)
    for item in list(turn.state.items.values()):
        if item.clock is not None:
            adjust_item(turn, item)


def adjust_item(turn: Turn, item: Item) -> None:
    """Pause or resume the clock of one item, after it was suspended or resumed."""
    task = turn.plan.task(item.key)
    _adjust(turn, item, (task.due if task else None) or NEVER_PAUSED)


def moved(turn: Turn, spec: ClockSpec | None, clock: Clock | None, due: datetime, suspended: bool = False) -> Clock:
    """The clock with another deadline. The warnings that have not been given yet come as long before it as they did
    before the old one, those for which it is too late not at all; who is late by then is so by all steps again. While
    it stands still (or its holder is `suspended`), what is left of it is what is left until then.
    """
    known = spec or NEVER_PAUSED
    measure = _measure(turn, known, clock)
    left = measure.between(turn.now, due)
    before = [
        (measure.after(turn.now, left - ahead), term) for ahead, term in _ahead(measure, known, clock) if ahead < left
    ]
    after = _after(turn, known, due) if spec is not None else []
    running = Clock(
        due, not_before=due if measure.business else None, business=clock.business if clock is not None else None
    )
    running = _with_steps(known, running, before, after)
    return _paused(turn, known, running) if suspended or must_pause(turn.state, known) else running


def _ahead(measure: Measure, spec: ClockSpec, clock: Clock | None) -> list[tuple[timedelta, str]]:
    """How long before it is due a clock gives the warnings that it has not given yet."""
    if clock is None or (clock.warn is None and clock.left_to_warn is None):
        return []
    terms_left = [step.term for step in clock.steps if step.when == "before"] or spec.warnings
    if terms_left:
        return [(terms.length_of(measure.calendar, terms.term_of(one), measure.business), one) for one in terms_left]
    # A warning that its definition does not know any more.
    if clock.due is not None and clock.warn is not None:
        return [(measure.between(clock.warn, clock.due), "")]
    return [(timedelta(seconds=(clock.left or 0.0) - (clock.left_to_warn or 0.0)), "")]


def _adjust(turn: Turn, holder: Goal | Item, spec: ClockSpec) -> None:
    clock = holder.clock
    if clock is None:
        return
    pause = must_pause(turn.state, spec) or holder.status == "suspended"
    goal, item = (holder.id, None) if isinstance(holder, Goal) else (None, holder.id)
    if pause and not clock.is_paused:
        paused = _paused(turn, spec, clock)
        plain = Clock(None, None, paused.left, paused.left_to_warn)
        turn.emit(
            e.ClockPaused(
                left=paused.left or 0.0,
                left_to_warn=paused.left_to_warn,
                goal=goal,
                item=item,
                clock=paused if paused != plain else None,
            )
        )
    elif not pause and clock.is_paused:
        turn.emit(e.ClockResumed(clock=_resumed(turn, spec, clock), goal=goal, item=item))


def _measure(turn: Turn, spec: ClockSpec, clock: Clock | None) -> Measure:
    business = clock.business if clock is not None else None
    return Measure(
        calendar_of(turn, spec.calendar), terms.term_of(spec.within).business if business is None else business
    )


def _paused(turn: Turn, spec: ClockSpec, clock: Clock) -> Clock:
    measure = _measure(turn, spec, clock)

    def left(until: datetime | None) -> float | None:
        if until is None:
            return None
        return 0.0 if clock.fixed else measure.between(turn.now, until).total_seconds()

    return msgspec.structs.replace(
        clock,
        due=None,
        warn=None,
        left=left(clock.due),
        left_to_warn=left(clock.warn),
        steps=tuple(ClockStep(step.when, step.term, None, left(step.at)) for step in clock.steps),
        not_before=clock.due if clock.fixed else clock.not_before,
    )


def _resumed(turn: Turn, spec: ClockSpec, clock: Clock) -> Clock:
    measure = _measure(turn, spec, clock)

    def until(left: float | None) -> datetime | None:
        return None if left is None else measure.after(turn.now, timedelta(seconds=left))

    due = until(clock.left)
    if due is not None and clock.not_before is not None:
        due = max(due, clock.not_before)
    return msgspec.structs.replace(
        clock,
        due=due,
        warn=until(clock.left_to_warn),
        left=None,
        left_to_warn=None,
        steps=tuple(ClockStep(step.when, step.term, until(step.left), None) for step in clock.steps),
    )


def timers(state: CaseState) -> dict[str, datetime]:
    """Every timer of the case by its name, with the moment at which it is due. While a case stands still, what was said
    to the customer alone goes on.
    """
    found: dict[str, datetime] = {}
    for promise in state.promises.values():
        found[f"promise {promise.id} due"] = promise.due
    if state.status in STANDING_STILL:
        return found
    for goal in state.goals.values():
        found |= clock_timers("goal", goal.id, goal.clock)
        if goal.comes_again is not None and state.status == "active":
            found[again_timer(goal.id)] = goal.comes_again[0]
    for item in state.items.values():
        found |= clock_timers("item", item.id, item.clock)
    if state.confirm_by is not None:
        found["confirm due"] = state.confirm_by
    return found | boundaries.timers(state) | flow_steps.timers(state.flows)


def again_timer(goal: int) -> str:
    """The name of the timer that brings a recurring goal once more."""
    return f"goal {goal} again"


def clock_timers(what: str, number: int, clock: Clock | None) -> dict[str, datetime]:
    """The timers of one clock: when it warns, and when it is due or, late already, when the next step comes."""
    if clock is None or clock.is_paused:
        return {}
    due = clock.due or next((step.at for step in clock.steps), None)
    found = {} if due is None else {f"{what} {number} due": due}
    return found if clock.warn is None else {**found, f"{what} {number} warn": clock.warn}
