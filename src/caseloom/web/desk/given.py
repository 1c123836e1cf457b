"""What the desk adds to a form before it becomes a command: fresh ids, who I am, and which parts of a plan change."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from caseloom.cases.queries import CaseView
from caseloom.customers.queries import known_facts
from caseloom.engine.case import commands as c
from caseloom.engine.case import flow_commands as f
from caseloom.engine.case.state import Clock
from caseloom.library.plans import latest
from caseloom.sdk.access import Access
from caseloom.streams.door import the_door
from caseloom.web.desk.goals import goal_title
from caseloom.web.forms import FormFaulty, check_text, read_moment

Given = Callable[[Access, QueryDict, CaseView], Mapping[str, Any]]
NOBODY: Final = "nobody"
_MINUTE: Final = "%Y-%m-%dT%H:%M"


def given(access: Access, kind: type[c.Command], form: QueryDict, view: CaseView) -> Mapping[str, Any]:
    """The fields of this command that do not stand in its form as they are. Raises `FormFaulty`."""
    adds = _GIVEN.get(kind)
    return adds(access, form, view) if adds is not None else {}


def shown_moment(clock: Clock | None) -> str:
    """A deadline as it stands in an input, in the zone of the person; empty where there is none."""
    if clock is None or clock.due is None:
        return ""
    return timezone.localtime(clock.due).strftime(_MINUTE)


def _classify(access: Access, form: QueryDict, view: CaseView) -> Mapping[str, Any]:
    version = latest(form.get("service_goal", "")[:80])
    if not version:
        raise FormFaulty("service_goal", gettext("Choose a service goal that is offered."))
    return {"version": version, "customer_facts": known_facts(access, view.state.customer)}


def _hand_over(access: Access, form: QueryDict, view: CaseView) -> Mapping[str, Any]:
    return {"owner": access.actor.id, "seen": form.get("seen", "")} if form.get("owner") == "me" else {}


def _claim(access: Access, form: QueryDict, view: CaseView) -> Mapping[str, Any]:
    return {"assignee": access.actor.id} if form.get("assignee") == "me" else {}


def _new_task(access: Access, form: QueryDict, view: CaseView) -> Mapping[str, Any]:
    # The field `form` is the id of the desk's form; what the task's form asks for comes in `ask`.
    return {"form": tuple(form.getlist("ask"))}


def _changed_task(access: Access, form: QueryDict, view: CaseView) -> Mapping[str, Any]:
    """Only what differs from what stands there is changed: the rest keeps its place in the history."""
    item = view.state.items.get(_number(form, "item"))
    if item is None:
        return {"form": None}
    spec = view.plan.task(item.key)
    title = item.title or (spec.title if spec is not None else "") or item.key
    asked = tuple(form.getlist("ask")) if form.get("asks") else item.form
    assignee = form.get("assignee", "")
    required = bool(spec is not None and spec.required is True) if item.required is None else item.required
    return _joined(
        {
            "title": _other(form.get("title"), title),
            "form": None if set(asked) == set(item.form) else asked,
            "team": _other(form.get("team"), item.team) or None,
            "role": _other(form.get("role"), item.role),
            "assignee": None
            if assignee in ("", item.assignee)
            else ""
            if assignee == NOBODY
            else _me(access, assignee),
            "required": None if "required" not in form else _changed((form["required"] == "true"), required),
        },
        _due(form, item.clock),
        _place(form, "goal", item.goal),
        _place(form, "stage", item.parent),
    )


def _changed_goal(access: Access, form: QueryDict, view: CaseView) -> Mapping[str, Any]:
    goal = view.state.goals.get(_number(form, "goal"))
    if goal is None:
        return {}
    return _joined(
        {
            "title": _other(form.get("title"), goal_title(view.plan, goal)),
            "need": _other(form.get("need"), goal.need) or None,
            "priority": _other(form.get("priority"), goal.priority) or None,
        },
        _due(form, goal.clock),
        _place(form, "parent", goal.parent),
    )


def _due(form: QueryDict, clock: Clock | None) -> dict[str, Any]:
    """The new deadline, or that there is to be none; an input that was left alone changes nothing."""
    shown, wanted = shown_moment(clock), form.get("due", "")
    if "due" not in form or wanted == shown:
        return {"due": None, "without": ()}
    return {"due": None, "without": ("due",)} if not wanted else {"due": read_moment("due", wanted), "without": ()}


def _place(form: QueryDict, name: str, stands: int | None) -> dict[str, Any]:
    """The goal or stage that something is to stand in, or that it is to stand in none; left alone, it stays."""
    wanted = form.get(name)
    if wanted is None or wanted == str(stands or ""):
        return {name: None, "without": ()}
    return {name: None, "without": (name,)} if not wanted else {name: _number(form, name), "without": ()}


def _joined(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """All changes of a form; what is to be lost adds up."""
    lost = tuple(name for part in parts for name in part.get("without", ()))
    return {name: value for part in parts for name, value in part.items()} | {"without": lost}


def _changed(wanted: bool, stands: bool) -> bool | None:
    return None if wanted == stands else wanted


def _other(wanted: str | None, stands: str) -> str | None:
    return None if wanted is None or wanted == stands else wanted


def _me(access: Access, assignee: str) -> str:
    return access.actor.id if assignee == "me" else assignee


def _new_way(access: Access, form: QueryDict, view: CaseView) -> Mapping[str, Any]:
    """A step that is called like a known task is that task."""
    known = {item.spec.title.casefold(): key for key, item in view.plan.items.items() if item.kind == "task"}
    steps = [step.strip() for step in form.getlist("steps") if step.strip()]
    return {"steps": tuple(known.get(step.casefold(), step) for step in steps)}


def _values(access: Access, form: QueryDict, view: CaseView) -> Mapping[str, Any]:
    """Pairs of name and value: of a fact as it is typed, of a variable as JSON where it is some, else as text."""
    names, values = form.getlist("named"), form.getlist("value")
    check_text("value", [*names, *values])
    pairs = [(name.strip(), value.strip()) for name, value in zip(names, values, strict=False)]
    return {
        "values": {name: value if name in view.plan.facts else _plain(value) for name, value in pairs if name and value}
    }


def _plain(value: str) -> Any:
    try:
        read = json.loads(value)
    except ValueError:
        return value
    return read if isinstance(read, bool | int | float) else value


def _number(form: QueryDict, name: str) -> int:
    text = form.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


_GIVEN: Final[Mapping[type[c.Command], Given]] = {
    c.SendMessage: lambda access, form, view: {"contact": next(the_door().ids)},
    c.ClassifyCase: _classify,
    c.HandOver: _hand_over,
    c.ClaimTask: _claim,
    c.CreateTask: _new_task,
    c.ModifyTask: _changed_task,
    c.ModifyGoal: _changed_goal,
    c.CreateOption: _new_way,
    f.CompleteWork: _values,
    f.RetryStep: _values,
    f.CorrelateMessage: _values,
    f.BroadcastSignal: _values,
}
