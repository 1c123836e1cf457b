"""What can be planned for one thing of a case: its goals, tasks, stages and the steps of its flows, a sheet each.

A sheet is asked for when somebody opens it, so that the case page stays as quick as it is; without htmx it is a page of
its own.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseloom.cases.kind import load_finished
from caseloom.cases.queries import CaseView, read_case
from caseloom.engine.case.state import Goal, Item
from caseloom.engine.flow.state import ROOT
from caseloom.foundation.clock import now
from caseloom.library.models import VersionRow
from caseloom.library.plans import offered_goals
from caseloom.sdk.access import Access
from caseloom.web.desk.conditions import title_of
from caseloom.web.desk.given import NOBODY, shown_moment
from caseloom.web.desk.goals import STATUS as GOAL_STATUS
from caseloom.web.desk.goals import goal_title, is_by_word, scope_of
from caseloom.web.desk.parts import STATUS, moves_of, part_title, part_views, plannable_views
from caseloom.web.desk.people import active_staff, team_titles
from caseloom.web.desk.running import drawing_of, flow_of_task, flow_views, targets
from caseloom.web.desk.tasks import NO_SPEC, addable
from caseloom.web.desk.undo import undo_lines
from caseloom.web.desk.work import frame
from caseloom.web.rights import needs, no_such

NEEDS: Final[dict[str, "str | Promise"]] = {
    "required": _("required"),
    "optional": _("optional"),
    "alternative": _("one of these"),
}
PRIORITIES: Final[dict[str, "str | Promise"]] = {
    "low": _("low"),
    "normal": _("normal"),
    "high": _("high"),
    "urgent": _("urgent"),
}
STEPS: Final = 3
"""Rows for the steps of a way to begin with."""
PAIRS: Final = 2
"""Rows for values to begin with."""
Shows = Callable[[Access, CaseView, int], Mapping[str, Any] | None]


@needs("work cases")
def sheet(request: HttpRequest, access: Access, case: int, what: str, number: int) -> HttpResponseBase:
    """What can be done with one thing: `goal`, `task`, `part` (a stage) or `case` (the case itself)."""
    view, shows = read_case(access, case), _SHOWN.get(what)
    context = shows(access, view, number) if view is not None and shows is not None else None
    if view is None or context is None:
        return no_such(request, "page")
    return sheet_answer(request, access, view, what, context)


@needs("work cases")
def step(request: HttpRequest, access: Access, case: int, flow: int, node: int) -> HttpResponseBase:
    """What can be done with an active step of a flow; node 0 is the flow itself."""
    view = read_case(access, case)
    context = _step(view, flow, node) if view is not None else None
    if view is None or context is None:
        return no_such(request, "page")
    return sheet_answer(request, access, view, "step" if node else "flow", context)


def sheet_answer(
    request: HttpRequest, access: Access, view: CaseView, what: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """A sheet: to htmx its words alone, to a browser a page."""
    shown = {
        "sheet": f"desk/sheet/{what}.html",
        "case": view.state.id,
        "open": view.state.status in ("active", "suspended"),
        "steers": access.may("steer cases"),
        "works": access.may("work cases"),
        "may": access.rights,
        **context,
    }
    if request.headers.get("HX-Request"):
        return render(request, "desk/part/sheet.html", shown, status=status)
    return render(request, "desk/desk.html", frame(request, access) | shown, status=status)


@needs("read cases")
def drawing(request: HttpRequest, access: Access, case: int, flow: int) -> HttpResponseBase:
    """The BPMN file that a running flow was drawn in."""
    view = read_case(access, case)
    model = drawing_of(view, flow) if view is not None else None
    text = None
    if model is not None:
        text = VersionRow.objects.filter(key=model[0], version=model[1]).values_list("text", flat=True).first()
    if text is None:
        return no_such(request, "page")
    return HttpResponse(text, content_type="application/xml; charset=utf-8")


def _known(view: CaseView) -> dict[str, Any]:
    """What several sheets offer to choose from."""
    facts = sorted(((name, title_of(name, view.plan.facts)) for name in view.plan.facts), key=lambda pair: pair[1])
    goals = [
        (str(goal.id), goal_title(view.plan, goal))
        for goal in view.state.goals.values()
        if goal.status in ("available", "active")
    ]
    return {
        "known_tasks": addable(view),
        "known_facts": facts,
        "open_goals": goals,
        "open_stages": [(str(part.id), part.title) for part in part_views(view)],
        "colleagues": active_staff(),
        "teams": sorted(team_titles().items(), key=lambda pair: pair[1]),
        "rows": range(STEPS),
        "pairs": range(PAIRS),
        "nobody": NOBODY,
    }


def _goal(access: Access, view: CaseView, number: int) -> Mapping[str, Any] | None:
    goal = view.state.goals.get(number)
    if goal is None:
        return None
    plan = view.plan.goals.get(goal.key)
    options = plan.options if plan is not None else {}
    way = goal.way(goal.option or "")
    known = options.get(goal.option or "")
    return _known(view) | {
        "title": goal_title(view.plan, goal),
        "says": GOAL_STATUS[goal.status],
        "goal": goal,
        "form": f"goal-{goal.id}",
        "due": shown_moment(goal.clock),
        "needs": list(NEEDS.items()),
        "priorities": list(PRIORITIES.items()),
        "is_open": goal.status in ("available", "active"),
        "by_word": is_by_word(view, goal),
        "chosen": (known.spec.title if known is not None else way.title if way is not None else ""),
        "made_up": [(one.key, one.title) for one in goal.ways if one.key != goal.option],
        "sub_goals": [(key, one.spec.title) for key, one in view.plan.goals.items() if _is_free(view, key)],
        "parents": _with(
            [pair for pair in _known(view)["open_goals"] if pair[0] != str(goal.id)],
            goal.parent,
            goal_title(view.plan, view.state.goals.get(goal.parent or 0)),
        ),
    }


def _is_free(view: CaseView, key: str) -> bool:
    goal: Goal | None = view.state.goal_by_key(key)
    return goal is None or goal.status not in ("available", "active")


def _task(access: Access, view: CaseView, number: int) -> Mapping[str, Any] | None:
    item = view.state.items.get(number)
    done = load_finished(view.state.id, (number,)).get(number) if item is None else None
    found = item or done
    if found is None or found.kind != "task":
        return None
    known, spec = _known(view), view.plan.task(found.key) or NO_SPEC
    return known | {
        "title": part_title(view, found),
        "says": STATUS[found.status],
        "item": found,
        "form": f"task-{found.id}",
        "due": shown_moment(found.clock),
        "is_open": item is not None,
        "asked": set(found.form),
        "required": spec.required is True if found.required is None else found.required,
        "roles": _roles(view, found.role),
        "goals": _with(known["open_goals"], found.goal, goal_title(view.plan, view.state.goals.get(found.goal or 0))),
        "stages": _with(known["open_stages"], found.parent, _stage_title(view, found.parent)),
        "moves": moves_of(found) if item is not None else [],
        "of_flow": flow_of_task(view, found.flow, found.node),
        "plannable": plannable_views(view, access.actor, scope_of(view, access.actor, now()), found.id),
        "anew": item is None or found.status in ("active", "suspended", "failed"),
        "goals_offered": offered_goals() if item is not None and not found.sub_case and not found.flow else (),
    }


def _roles(view: CaseView, stands: str) -> list[tuple[str, str]]:
    roles = {**({stands: stands} if stands else {}), **view.plan.house.roles}
    return sorted(roles.items(), key=lambda pair: pair[1])


def _with(choices: list[tuple[str, str]], stands: int | None, title: str) -> list[tuple[str, str]]:
    """The choices with the one that stands, which need not be open any more."""
    kept = stands is None or any(key == str(stands) for key, _title in choices)
    return choices if kept else [(str(stands), title), *choices]


def _stage_title(view: CaseView, stage: int | None) -> str:
    item = view.state.items.get(stage or 0)
    return part_title(view, item) if item is not None else ""


def _part(access: Access, view: CaseView, number: int) -> Mapping[str, Any] | None:
    item: Item | None = view.state.items.get(number)
    if item is None or item.kind != "stage":
        return None
    return _known(view) | {
        "title": part_title(view, item),
        "says": STATUS[item.status],
        "item": item,
        "form": f"part-{item.id}",
        "inside": [part_title(view, child) for child in view.state.children(item.id) if child.kind != "listener"],
        "moves": moves_of(item),
        "plannable": plannable_views(view, access.actor, scope_of(view, access.actor, now()), item.id),
    }


def _case(access: Access, view: CaseView, number: int) -> Mapping[str, Any] | None:
    stages = [(key, one.spec.title or key) for key, one in view.plan.items.items() if one.kind == "stage"]
    gone = [goal for goal in view.state.goals.values() if goal.status == "cancelled"]
    return _known(view) | {
        "title": _("Plan this case"),
        "undo": undo_lines(access, view),
        "stages": stages,
        "gone": [(goal.id, f"again-{goal.id}", goal_title(view.plan, goal)) for goal in gone],
        "status": view.state.status,
    }


def _step(view: CaseView, flow: int, node: int) -> Mapping[str, Any] | None:
    shown = next((one for one in flow_views(view, now()) if one.id == flow), None)
    if shown is None:
        return None
    running = view.state.flows[flow]
    if node == ROOT:
        return _known(view) | {
            "title": shown.title,
            "flow": shown,
            "task": running.item,
            "targets": targets(view, flow, ROOT),
            "form": f"flow-{flow}",
        }
    found = next((one for one in shown.steps if one.node == node), None)
    if found is None:
        return None
    scope = running.nodes[node].scope
    return _known(view) | {
        "title": found.title,
        "flow": shown,
        "step": found,
        "scope": scope,
        "targets": [pair for pair in targets(view, flow, scope) if pair[0] != found.element],
        "form": found.form,
    }


_SHOWN: Final[dict[str, Shows]] = {"goal": _goal, "task": _task, "part": _part, "case": _case}
