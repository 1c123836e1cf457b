"""The goals of a case as a track with clocks, and the options of those that are open."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from caseloom.cases.projections import next_goal
from caseloom.cases.queries import CaseView
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.scope import CaseScope
from caseloom.engine.case.state import CaseState, Goal
from caseloom.engine.feel import is_true
from caseloom.engine.rules.plan import OptionPlan, Plan
from caseloom.engine.spec.service_goal import ArticleSpec, OptionSpec
from caseloom.web.desk.conditions import condition_words, title_of
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

PRIORITY: Final[dict[str, "str | Promise"]] = {
    "low": _("low priority"),
    "high": _("high priority"),
    "urgent": _("urgent"),
}
"""What is said of a priority; the normal one is not worth a word."""


class GoalView(msgspec.Struct, frozen=True):
    """A goal on the track. `shape` is what the eye sees without colour; `mirrored` the case that works for it, 0 for
    this one.
    """

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
    priority: Any
    part_of: str
    mirrored: int


class OptionView(msgspec.Struct, frozen=True):
    """A way to reach a goal: whether it is open now, and what that depends on. `number` is its key, 1 to 9."""

    form: str
    key: str
    title: str
    help: str
    open: bool
    condition: str
    because: tuple[tuple[str, str], ...]
    number: str


class GoalWays(msgspec.Struct, frozen=True):
    """The ways to an open goal: which one was chosen, and which may be."""

    goal: int
    title: str
    chosen: str
    options: list[OptionView]


class Help(msgspec.Struct, frozen=True):
    """Script and knowledge for the goal that is worked for now."""

    goal: str
    script: str
    articles: tuple[ArticleSpec, ...]


def scope_of(view: CaseView, actor: Actor, now: datetime) -> CaseScope:
    """The names that conditions and letters read, for this case as it stands."""
    return CaseScope(view.state, view.plan.names, actor, now)


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


def is_by_word(view: CaseView, goal: Goal) -> bool:
    """Whether somebody says when it is reached: no condition does, and no other case."""
    plan = view.plan.goals.get(goal.key)
    return goal.status == "active" and goal.mirror is None and (plan is None or plan.reached is None)


def _goal_view(view: CaseView, goal: Goal, present: Goal | None, now: datetime) -> GoalView:
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
        by_word=is_by_word(view, goal),
        priority=PRIORITY.get(goal.priority, "") if goal.status in OPEN else "",
        part_of=goal_title(view.plan, view.state.goals.get(goal.parent or 0)),
        mirrored=goal.mirror.case if goal.mirror is not None else 0,
    )


def goal_ways(view: CaseView, scope: CaseScope) -> list[GoalWays]:
    """The open goals that have a way, the present one first; those that are open to be chosen are numbered."""
    present = next_goal(view.state)
    active = sorted(
        (goal for goal in view.state.goals.values() if goal.status == "active"),
        key=lambda goal: (goal != present, goal.id),
    )
    keys = map(str, range(1, 10))
    found = []
    for goal in active:
        way = _options(view, goal).get(goal.option or "")
        chosen = way.spec.title if way is not None else ""
        offered = [_option_view(view, goal, key, option, scope, keys) for key, option in _choosable(view, goal)]
        if chosen or offered:
            found.append(GoalWays(goal.id, goal_title(view.plan, goal), chosen, offered))
    return found


def _choosable(view: CaseView, goal: Goal) -> Iterator[tuple[str, OptionPlan]]:
    standing = goal.option_item in view.state.items
    for key, option in _options(view, goal).items():
        if not (standing and goal.option == key):
            yield key, option


def _options(view: CaseView, goal: Goal) -> dict[str, OptionPlan]:
    """The ways of the definition, then those that were made up in this case: these have no condition."""
    plan = view.plan.goals.get(goal.key)
    made_up = {way.key: OptionPlan(OptionSpec(title=way.title or gettext("a way")), None) for way in goal.ways}
    return {**(plan.options if plan is not None else {}), **made_up}


def _option_view(
    view: CaseView, goal: Goal, key: str, option: OptionPlan, scope: CaseScope, numbers: Iterator[str]
) -> OptionView:
    when, facts, form = option.when, view.plan.facts, slugify(f"option-{goal.id}-{key}")
    if when is None or is_true(when.evaluate(scope)):
        return OptionView(form, key, option.spec.title, option.spec.help, True, "", (), next(numbers, ""))
    because = tuple(
        (title_of(name, facts), value_words(view.state.facts.get(name))) for name in sorted(when.reads) if name in facts
    )
    condition = condition_words(when, facts)
    return OptionView(form, key, option.spec.title, option.spec.help, False, condition, because, "")


def help_for(state: CaseState, plan: Plan) -> Help | None:
    """What the definition tells the agent for the present goal; None where it tells nothing."""
    goal = next_goal(state)
    known = plan.goals.get(goal.key) if goal is not None else None
    if goal is None or known is None or not (known.spec.script or known.spec.knowledge):
        return None
    shelf = plan.house.knowledge | (plan.service_goal.knowledge if plan.service_goal is not None else {})
    articles = tuple(shelf[key] for key in known.spec.knowledge if key in shelf)
    return Help(known.spec.title, known.spec.script, articles)
