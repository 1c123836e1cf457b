"""The goals of a case as a track with clocks, and the options of those that are open."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseloom.cases.projections import next_goal
from caseloom.cases.queries import CaseView
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.state import CaseState, Goal
from caseloom.engine.case.turn import CaseScope, Moment, Turn
from caseloom.engine.feel import is_true
from caseloom.engine.rules.plan import OptionPlan, Plan
from caseloom.engine.spec.service_goal import ArticleSpec
from caseloom.library.plans import the_plans
from caseloom.staff.calendars import business_calendar
from caseloom.web.desk.fields import value_words
from caseloom.web.words import ClockWords, clock_words

OPEN: Final = ("available", "active")
STATUS: Final[dict[str, "str | Promise"]] = {
    "available": _("comes later"),
    "active": _("open"),
    "reached": _("reached"),
    "waived": _("waived"),
    "cancelled": _("not needed"),
}


class GoalView(msgspec.Struct, frozen=True):
    """A goal on the track. `shape` is what the eye sees without colour."""

    id: int
    title: str
    status: str
    says: Any
    need: str
    shape: str
    clock: ClockWords | None
    late: bool
    present: bool
    by_word: bool


class OptionView(msgspec.Struct, frozen=True):
    """A way to reach a goal: whether it is open now, and what that depends on."""

    goal: int
    goal_title: str
    key: str
    title: str
    help: str
    open: bool
    condition: str
    because: tuple[tuple[str, str], ...]
    number: int


class Help(msgspec.Struct, frozen=True):
    """Script and knowledge for the goal that is worked for now."""

    goal: str
    script: str
    articles: tuple[ArticleSpec, ...]


def scope_of(view: CaseView, actor: Actor, now: datetime) -> CaseScope:
    """The names that conditions and letters read, for this case as it stands."""
    service_goal = view.plan.service_goal
    calendar = business_calendar(service_goal.calendar if service_goal else "office")
    return Turn(view.state, view.plan, Moment(now, actor, the_plans, calendar, iter(()))).scope


def goal_title(plan: Plan, goal: Goal | None) -> str:
    """The title of a goal: its own, that of its definition, or its key."""
    if goal is None:
        return ""
    known = plan.goals.get(goal.key)
    return goal.title or (known.spec.title if known is not None else "") or goal.key


def track(view: CaseView, now: datetime) -> list[GoalView]:
    """The goals in the order in which they came; those that are not needed any more are left out."""
    present = next_goal(view.state)
    return [
        _goal_view(view, goal, present, now)
        for goal in view.state.goals.values()
        if goal.status != "cancelled" or goal.key == ""
    ]


def _goal_view(view: CaseView, goal: Goal, present: Goal | None, now: datetime) -> GoalView:
    plan = view.plan.goals.get(goal.key)
    clock = goal.clock if goal.status == "active" else None
    late = goal.late and goal.status in OPEN
    return GoalView(
        id=goal.id,
        title=goal_title(view.plan, goal),
        status=goal.status,
        says=STATUS[goal.status],
        need=goal.need,
        shape="late" if late else goal.status,
        clock=clock_words(clock.due, now, clock.left, paused=True) if clock else None,
        late=late,
        present=present is not None and goal.id == present.id,
        by_word=goal.status == "active" and (plan is None or plan.reached is None),
    )


def options(view: CaseView, scope: CaseScope) -> list[OptionView]:
    """The ways that may be chosen, those of the present goal first; numbers 1 to 9 are their keys."""
    present = next_goal(view.state)
    active = sorted(
        (goal for goal in view.state.goals.values() if goal.status == "active"),
        key=lambda goal: (goal != present, goal.id),
    )
    found: list[OptionView] = []
    for goal in active:
        for key, option in _choosable(view, goal):
            ready = option.when is None or is_true(option.when.evaluate(scope))
            number = sum(one.open for one in found) + 1 if ready else 0
            found.append(_option_view(view, goal, key, option, ready, number))
    return found


def _choosable(view: CaseView, goal: Goal) -> Iterator[tuple[str, OptionPlan]]:
    plan = view.plan.goals.get(goal.key)
    standing = goal.option_item in view.state.items
    for key, option in (plan.options if plan is not None else {}).items():
        if not (standing and goal.option == key):
            yield key, option


def _option_view(view: CaseView, goal: Goal, key: str, option: OptionPlan, ready: bool, number: int) -> OptionView:
    reads = sorted(option.when.reads) if option.when is not None else ()
    because = tuple(
        (view.plan.facts[name].label or name, value_words(view.state.facts.get(name)))
        for name in reads
        if name in view.plan.facts
    )
    condition = option.when.text if option.when is not None else ""
    return OptionView(
        goal.id,
        goal_title(view.plan, goal),
        key,
        option.spec.title,
        option.spec.help,
        ready,
        condition,
        because,
        number,
    )


def chosen_way(view: CaseView) -> list[tuple[str, str]]:
    """(goal, way) for the open goals for which a way was chosen."""
    found = []
    for goal in view.state.goals.values():
        plan = view.plan.goals.get(goal.key)
        if goal.status == "active" and plan is not None and goal.option and goal.option in plan.options:
            found.append((goal_title(view.plan, goal), plan.options[goal.option].spec.title))
    return found


def help_for(state: CaseState, plan: Plan) -> Help | None:
    """What the definition tells the agent for the present goal; None where it tells nothing."""
    goal = next_goal(state)
    known = plan.goals.get(goal.key) if goal is not None else None
    if goal is None or known is None or not (known.spec.script or known.spec.knowledge):
        return None
    shelf = plan.house.knowledge | (plan.service_goal.knowledge if plan.service_goal is not None else {})
    articles = tuple(shelf[key] for key in known.spec.knowledge if key in shelf)
    return Help(known.spec.title, known.spec.script, articles)
