"""The clocks of a definition checked: terms that can be read, steps in the clock's own time, known calendars."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from caseloom.engine.flow.timers import TimerFault, is_cycle, later, when
from caseloom.engine.rules.fault import Fault, Path
from caseloom.engine.spec.occurrences import late_by
from caseloom.engine.spec.service_goal import ClockSpec, GoalSpec, ServiceGoal, TaskSpec
from caseloom.engine.spec.term import Term, TermFault, parse_term

CUSTOMER: Final = "customer"
_SOME_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)


def clock_faults(
    goals: Mapping[str, GoalSpec], tasks: Mapping[str, TaskSpec], goal: ServiceGoal | None, facts: Collection[str]
) -> Iterator[Fault]:
    """What is wrong with the clocks of these goals and tasks."""
    said = goal.customer_calendar if goal is not None else None
    for field in ("zone", "hours", "region") if said is not None else ():
        fact = getattr(said, field)
        if fact and fact not in facts:
            yield Fault(("customer calendar", field), f"there is no fact “{fact}” that would say it")
    for path, clock in clocks_of(goals, tasks):
        yield from _steps(clock, path)
        if clock.calendar == CUSTOMER and said is None:
            says = "nothing says when the customer works: give `customer calendar: {zone: FACT, hours: FACT}`"
            yield Fault((*path, "calendar"), says)
        if clock.every:
            yield from _every(clock, path)


def clocks_of(goals: Mapping[str, GoalSpec], tasks: Mapping[str, TaskSpec]) -> Iterator[tuple[Path, ClockSpec]]:
    """Each clock with its place."""
    for key, goal in goals.items():
        if goal.clock is not None:
            yield ("goals", key, "clock"), goal.clock
    for key, task in tasks.items():
        if task.due is not None:
            yield ("tasks", key, "due"), task.due


def escalations(goals: Mapping[str, GoalSpec], tasks: Mapping[str, TaskSpec]) -> dict[str, tuple[str, ...]]:
    """Goal or task → the occurrences of its being late by so much."""
    found = {}
    for path, clock in clocks_of(goals, tasks):
        key = str(path[1])
        found[key] = tuple(late_by(key, term) for term in clock.escalations)
    return found


def _steps(clock: ClockSpec, path: Path) -> Iterator[Fault]:
    business = parse_term(clock.within).business
    single = isinstance(clock.warn, str) and not clock.escalations
    for field, texts in (("warn", clock.warnings), ("escalate", clock.escalations)):
        for number, text in enumerate(texts):
            place: Path = (*path, field) if isinstance(getattr(clock, field), str) else (*path, field, number)
            term = _term(text)
            if isinstance(term, str):
                yield Fault(place, term)
            elif term.business and not business and not single:
                yield Fault(place, f"the clock does not run in business time, so “{text}” is said without “business”")
            elif not term.amount and not single:
                yield Fault(place, f"“{text}” is no time at all; give at least one minute")
        seen = [str(term) for term in map(_term, texts)]
        for twice in sorted({term for term in seen if seen.count(term) > 1}):
            yield Fault((*path, field), f"“{twice}” is said twice; take one out")


def _term(text: str) -> Term | str:
    try:
        return parse_term(text)
    except TermFault as fault:
        return str(fault)


def _every(clock: ClockSpec, path: Path) -> Iterator[Fault]:
    if path[0] != "goals":
        yield Fault((*path, "every"), "a task comes again by `repeat`; `every` is for goals")
    elif clock.since != "goal":
        yield Fault((*path, "since"), "a goal that comes again is counted from its opening: `since: goal`")
    fault = recurrence_fault(clock.every)
    if fault:
        yield Fault((*path, "every"), fault)


class _Anywhere:
    """The house, for trying whether a text can be read."""

    zone = "UTC"

    def business_later(self, since: datetime, term: str) -> datetime:
        return since + parse_term(term).plain


def recurrence_fault(text: str) -> str:
    """Why a text says no recurrence; empty where it does."""
    text = text.strip()
    try:
        first = (
            when(_Anywhere(), "cycle", text, _SOME_DAY)[0] if is_cycle(text) else later(_Anywhere(), _SOME_DAY, text)
        )
    except TimerFault:
        return f"“{text}” says not when it comes again; write it like “1 business week”, “P1M”, “R3/P1D” or a cron line"
    return "" if first > _SOME_DAY or is_cycle(text) else f"“{text}” is no time at all"
