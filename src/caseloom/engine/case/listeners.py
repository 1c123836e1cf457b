"""Event listeners (CMMN 1.1 §5.4.2): timers that run, and when they begin to."""

from calendar import monthrange
from datetime import datetime, timedelta
from typing import Final

from caseloom.engine.case import events as e
from caseloom.engine.case.recurrence import Times, first_of
from caseloom.engine.case.state import Clock, Item
from caseloom.engine.case.turn import Turn
from caseloom.engine.feel import Value, is_true
from caseloom.engine.flow.timers import TimerFault, counts, is_cycle, later
from caseloom.engine.rules.plan import ItemPlan
from caseloom.engine.spec.moments import YearsMonths, read_datetime, read_days_and_time, read_years_and_months
from caseloom.engine.spec.service_goal import ListenerSpec

_READERS: Final = (read_datetime, read_days_and_time, read_years_and_months)


def first_clock(turn: Turn, plan: ItemPlan) -> Clock | None:
    """The clock of a timer that runs from its creation; None for one that something else sets running."""
    spec = plan.spec
    if not isinstance(spec, ListenerSpec) or spec.starts or not can_hear(turn, plan):
        return None
    return _clock(turn, plan)


def can_hear(turn: Turn, plan: ItemPlan) -> bool:
    """Whether what it listens for would be heard now: one of its conditions holds, where it has any."""
    conditions = [sentry.when for sentry in plan.entry]
    return not conditions or any(when is None or is_true(when.evaluate(turn.scope)) for when in conditions)


def run(turn: Turn, item: Item, occurrence: str | None) -> None:
    """Set a timer running that has not begun yet, where it can be: its start trigger has come, or what its expression
    reads is known by now.
    """
    plan = turn.plan.items[item.key]
    spec = plan.spec
    if not isinstance(spec, ListenerSpec) or item.clock is not None or item.status != "available":
        return
    if (spec.starts and occurrence not in spec.starts) or not can_hear(turn, plan):
        return
    clock = _clock(turn, plan)
    if clock is not None:
        turn.emit(e.ClockResumed(clock=clock, item=item.id))


def _clock(turn: Turn, plan: ItemPlan) -> Clock | None:
    value = plan.timer.evaluate(turn.scope) if plan.timer is not None else None
    due = _moment(value, turn.now)
    if due is not None:
        return Clock(due, fixed=_is_moment(value))
    return _by_text(turn, value.strip()) if isinstance(value, str) else None


def _by_text(turn: Turn, text: str) -> Clock | None:
    """A repeating interval, a cron line or a term of business time."""
    try:
        if not is_cycle(text):
            due = later(Times(turn.moment.calendar), turn.now, text)
            return Clock(due, business=counts("duration", text) == "business")
        first = first_of(turn.moment.calendar, text, turn.now)
    except TimerFault:
        return None
    kind = counts("cycle", text)
    return Clock(first.at, business=kind == "business", fixed=kind == "calendar", every=first.every, again=first.left)


def _is_moment(value: Value) -> bool:
    return isinstance(value, datetime) or (isinstance(value, str) and read_datetime(value) is not None)


def _moment(value: Value, now: datetime) -> datetime | None:
    """When a timer is due. A text is ISO 8601: a moment or a duration; what is neither never comes."""
    if isinstance(value, str):
        value = next((read for reader in _READERS if (read := reader(value)) is not None), None)
    match value:
        case datetime():
            return value if value.tzinfo is not None else value.replace(tzinfo=now.tzinfo)
        case timedelta():
            return now + value
        case YearsMonths():
            return _later(now, value.months)
    return None


def _later(now: datetime, months: int) -> datetime:
    """So many months later, on the last day of a month that is too short."""
    years, month = divmod(now.month - 1 + months, 12)
    last = monthrange(now.year + years, month + 1)[1]
    return now.replace(year=now.year + years, month=month + 1, day=min(now.day, last))
