"""Stages, events that people raise, and what may be planned into a stage (CMMN 1.1 §5.4.2, §5.4.8, §5.4.9)."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from caseloom.cases.queries import CaseView
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.lifecycle import standard
from caseloom.engine.case.scope import CaseScope
from caseloom.engine.case.state import Item
from caseloom.engine.feel import is_true
from caseloom.engine.rules.plan import PlannablePlan
from caseloom.engine.spec.service_goal import ListenerSpec
from caseloom.web.desk.goals import goal_title

STATUS: Final[dict[str, "str | Promise"]] = {
    "available": _("comes later"),
    "enabled": _("may be begun"),
    "disabled": _("put aside"),
    "active": _("open"),
    "suspended": _("suspended"),
    "failed": _("could not be done"),
    "completed": _("done"),
    "terminated": _("cancelled"),
}
"""How a task or a stage stands, in words."""
MOVES: Final[dict[str, "str | Promise"]] = {
    "manual start": _("Begin it"),
    "complete": _("It is complete"),
    "suspend": _("Suspend it"),
    "resume": _("Resume it"),
    "disable": _("Put it aside"),
    "reenable": _("Offer it again"),
    "fault": _("It cannot be done"),
}
"""The transitions that somebody may ask for, as they stand on a button."""


class PartView(msgspec.Struct, frozen=True):
    """A stage that is open: `inside` counts what is open in it."""

    id: int
    title: str
    status: str
    says: Any
    goal: str
    inside: int


class EventView(msgspec.Struct, frozen=True):
    """An event that people raise. `lacks` names the role that it takes."""

    id: int
    form: str
    title: str
    lacks: str


class PlannableView(msgspec.Struct, frozen=True):
    """What may be planned now, into which stage or beside which task."""

    key: str
    into: int
    form: str
    title: str
    place: str


def part_title(view: CaseView, item: Item) -> str:
    """The title of a task or stage; a chosen way is called like its option."""
    known = view.plan.items.get(item.key)
    if item.title or known is not None:
        return item.title or (known.spec.title if known is not None else "") or item.key
    goal = view.state.goals.get(item.goal or 0)
    key = item.key.partition("/")[2]
    plan = view.plan.goals.get(goal.key) if goal is not None else None
    way = goal.way(key) if goal is not None else None
    option = plan.options.get(key) if plan is not None else None
    return (option.spec.title if option is not None else way.title if way is not None else "") or item.key


def part_views(view: CaseView) -> list[PartView]:
    """The open stages. The way to a goal stands with its goal, and is none of them."""
    return [
        PartView(
            item.id,
            part_title(view, item),
            item.status,
            STATUS[item.status],
            goal_title(view.plan, view.state.goals.get(item.goal or 0)),
            sum(1 for child in view.state.children(item.id) if child.kind in ("task", "stage")),
        )
        for item in view.state.items.values()
        if item.kind == "stage" and not item.option and item.status != "available"
    ]


def moves_of(item: Item) -> list[tuple[str, Any]]:
    """(transition, words) of what may be asked of a task or stage now (CMMN 1.1 §8.4.2)."""
    table = standard(item)
    found = [(name, says) for name, says in MOVES.items() if (item.status, name) in table]
    return [pair for pair in found if item.kind == "stage" or pair[0] not in ("complete", "manual start")]


def event_views(view: CaseView, actor: Actor, scope: CaseScope) -> list[EventView]:
    """The events that can be raised now; those of the clock come by themselves."""
    return [_event(view, item, spec, actor) for item, spec in _listening(view, scope)]


def _listening(view: CaseView, scope: CaseScope) -> Iterator[tuple[Item, ListenerSpec]]:
    for item in view.state.items.values():
        plan = view.plan.items.get(item.key)
        spec = plan.spec if plan is not None else None
        if item.kind != "listener" or item.status != "available" or plan is None or not isinstance(spec, ListenerSpec):
            continue
        hears = not plan.entry or any(one.when is None or is_true(one.when.evaluate(scope)) for one in plan.entry)
        if spec.timer is None and hears:
            yield item, spec


def _event(view: CaseView, item: Item, spec: ListenerSpec, actor: Actor) -> EventView:
    fits = not spec.roles or bool(actor.roles & set(spec.roles))
    return EventView(item.id, f"event-{item.id}", part_title(view, item), "" if fits else " / ".join(spec.roles))


def plannable_views(view: CaseView, actor: Actor, scope: CaseScope, into: int = 0) -> list[PlannableView]:
    """What this person may plan now; only what goes `into` one item where that is given."""
    found = []
    for holder in view.state.items.values():
        plan = view.plan.items.get(holder.key)
        for one in plan.plannable if plan is not None and into in (0, holder.id) else ():
            if holder.status == "active" and _may_plan(one, actor, scope):
                known = view.plan.items.get(one.spec.item)
                title = (known.spec.title if known is not None else "") or one.spec.item
                form = slugify(f"plan-{holder.id}-{one.spec.item}")
                found.append(PlannableView(one.spec.item, holder.id, form, title, part_title(view, holder)))
    return found


def _may_plan(one: PlannablePlan, actor: Actor, scope: CaseScope) -> bool:
    fits = not one.spec.roles or bool(actor.roles & set(one.spec.roles))
    return fits and (one.when is None or is_true(one.when.evaluate(scope)))
