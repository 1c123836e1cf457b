"""Open tasks of a case, each with its form in place."""

from datetime import datetime
from typing import Any, Final

import msgspec

from caseloom.cases.queries import CaseView
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.state import Item
from caseloom.engine.spec.service_goal import TaskSpec
from caseloom.web.desk.fields import Field, Typed, fields
from caseloom.web.desk.goals import goal_title
from caseloom.web.desk.people import staff_names, team_titles
from caseloom.web.desk.running import flow_of_task
from caseloom.web.words import ClockWords, clock_words, initials, waits_words

SHOWN: Final = ("enabled", "active", "suspended", "failed", "disabled")
NO_SPEC: Final = TaskSpec()


class TaskView(msgspec.Struct, frozen=True):
    """A task as it stands. `lacks` names the role or skill that the actor would need; `sub_case` the case that does it,
    0 for none.
    """

    id: int
    form: str
    title: str
    goal: str
    kind: str
    status: str
    fields: list[Field]
    script: str
    letter: str
    on_its_way: bool
    waits: str
    for_customer: bool
    assignee: str
    assignee_name: str
    assignee_initials: str
    mine: bool
    team: str
    role: str
    lacks: str
    required: bool
    clock: ClockWords | None
    of_flow: str
    sub_case: int


def task_views(view: CaseView, actor: Actor, now: datetime, typed: Typed | None = None) -> list[TaskView]:
    """What is to be done: what we can do first, then what others are waited for."""
    found = [
        _task_view(view, item, actor, now, typed or {})
        for item in view.state.items.values()
        if item.kind == "task" and item.status in SHOWN and not _runs(view, item)
    ]
    return sorted(found, key=_place)


def _place(task: TaskView) -> tuple[bool, bool, bool, int]:
    """Where it stands among the others: what was put aside last, before it what others do."""
    return task.status == "disabled", task.for_customer or task.kind == "wait", bool(task.lacks), task.id


def _task_view(view: CaseView, item: Item, actor: Actor, now: datetime, typed: Typed) -> TaskView:
    spec = view.plan.task(item.key) or NO_SPEC
    form = f"task-{item.id}"
    name = staff_names().get(item.assignee, "")
    mine: dict[str, Any] = dict(typed) if typed.get("form") == form else {}
    return TaskView(
        id=item.id,
        form=form,
        title=item.title or spec.title or item.key,
        goal=goal_title(view.plan, view.state.goals.get(item.goal or 0)),
        kind="letter" if item.letter else spec.kind,
        status=item.status,
        fields=fields(view.plan, view.state.facts, item.form, form, spec.must, mine),
        script=spec.script,
        letter=item.letter or spec.letter,
        on_its_way=item.message is not None and item.message in view.state.messages,
        waits=waits_words(item.waits_for),
        for_customer=item.by_customer,
        assignee=item.assignee,
        assignee_name=name,
        assignee_initials=initials(name),
        mine=item.assignee == actor.id,
        team=team_titles().get(item.team, item.team) if item.team != view.state.team else "",
        role=item.role,
        lacks=_lacks(item, spec, actor),
        required=spec.required is True if item.required is None else item.required,
        clock=clock_words(item.clock.due, now, item.clock.left, paused=True) if item.clock else None,
        of_flow=flow_of_task(view, item.flow, item.node),
        sub_case=item.sub_case,
    )


def _runs(view: CaseView, item: Item) -> bool:
    """Whether a flow does it: that is told with its steps."""
    return item.status == "active" and item.flow in view.state.flows and not item.node


def _lacks(item: Item, spec: TaskSpec, actor: Actor) -> str:
    if item.role and item.role not in actor.roles:
        return item.role
    return spec.skill if spec.skill and spec.skill not in actor.skills else ""


def addable(view: CaseView) -> list[tuple[str, str]]:
    """(key, title) of the known tasks that may be added."""
    found = [(key, item.spec.title or key) for key, item in view.plan.items.items() if item.kind == "task"]
    return sorted(found, key=lambda pair: pair[1])
