"""Do as in an earlier case: find it, look at its way, bring over a task, what was done for a goal, or all of it."""

from typing import Final

import msgspec
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caseloom.cases.past import DoneTask, PastCase
from caseloom.cases.queries import CaseView, cases_like, read_case, search_cases
from caseloom.cases.reuse import past_case, task_of, way_of
from caseloom.channels.mail.threading import spoken_number
from caseloom.customers.queries import names
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.clock import now
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Order
from caseloom.streams.door import the_door
from caseloom.web.desk.commands import accepted, refusal
from caseloom.web.desk.goals import goal_title
from caseloom.web.desk.matter import CaseLine, case_lines
from caseloom.web.desk.sheets import sheet_answer
from caseloom.web.forms import FormFaulty, check_text, command_id
from caseloom.web.rights import needs, no_such

MOST: Final = 12


class PastPart(msgspec.Struct, frozen=True):
    """What was done in an earlier case for one of its goals (0: for none)."""

    goal: int
    form: str
    title: str
    tasks: tuple[tuple[str, str, str], ...]
    """(form, key or title, title) of each task, in the order in which they were done."""


@needs("work cases")
def find(request: HttpRequest, access: Access, case: int, goal: int) -> HttpResponseBase:
    """Earlier cases of the same service goal, the newest first; or those that a search finds."""
    view = read_case(access, case)
    if view is None or goal not in view.state.goals:
        return no_such(request, "case")
    asked = request.GET.get("q", "")[:200].replace("\0", "")
    context = {
        "title": _("Do as in an earlier case"),
        "says": goal_title(view.plan, view.state.goals[goal]),
        "goal": goal,
        "asked": asked,
        "found": _found(access, view, asked),
    }
    return sheet_answer(request, access, view, "earlier", context)


def _found(access: Access, view: CaseView, asked: str) -> list[tuple[CaseLine, str]]:
    if asked.strip():
        rows = search_cases(access, spoken_number(asked), 3 * MOST)
    else:
        rows = cases_like(access, view.state.service_goal, 3 * MOST)
    rows = [row for row in rows if row.id != view.state.id][:MOST]
    known = names(access, {row.customer for row in rows})
    return [(line, known.get(row.customer, "")) for line, row in zip(case_lines(rows, now()), rows, strict=True)]


@needs("work cases")
def look(request: HttpRequest, access: Access, case: int, goal: int, past: int) -> HttpResponseBase:
    """What an earlier case did, each part with a button that brings it over."""
    view = read_case(access, case)
    earlier = past_case(access, past) if view is not None else None
    if view is None or goal not in view.state.goals or earlier is None:
        return no_such(request, "case")
    context = {
        "title": _("Case %s") % past,
        "says": _("Do as in an earlier case"),
        "goal": goal,
        "goal_title": goal_title(view.plan, view.state.goals[goal]),
        "past": past,
        "parts": list(_parts(earlier)),
        "form": f"bring-{past}",
    }
    return sheet_answer(request, access, view, "past", context)


def _parts(past: PastCase) -> list[PastPart]:
    goals = {goal.id: past.goal_title(goal) for goal in past.state.goals.values()}
    known = [(number, title, past.of_goal(number)) for number, title in goals.items()]
    rest = tuple(task for task in past.tasks if task.goal not in goals)
    parts = [*known, (0, _("For no goal"), rest)]
    return [_part(past.number, number, title, tasks) for number, title, tasks in parts if tasks]


def _part(case: int, goal: int, title: str, tasks: tuple[DoneTask, ...]) -> PastPart:
    once = {task.known_as: task for task in tasks}
    lines = tuple(
        (f"bring-{case}-{goal}-{place}", task.known_as, task.title) for place, task in enumerate(once.values(), start=1)
    )
    return PastPart(goal, f"bring-{case}-{goal}", title, lines)


@require_POST
@needs("work cases")
def bring(request: HttpRequest, access: Access, case: int) -> HttpResponseBase:
    """Bring over a task (`task`), what was done for a goal (`from_goal`), or all that was done."""
    if read_case(access, case) is None:
        return no_such(request, "case")
    try:
        command = _command(access, request.POST)
    except FormFaulty as fault:
        return refusal(request, access, case, Refused("invalid", fault.says))
    if isinstance(command, Refused):
        return refusal(request, access, case, command)
    answer = the_door().handle(Order("case", case, command, command_id(request.POST), access))
    if isinstance(answer, Refused):
        return refusal(request, access, case, answer)
    says = _("Task brought over.") if isinstance(command, c.ReuseTask) else _("The way is brought over, and chosen.")
    return accepted(request, access, case, says, planned=True)


def _command(access: Access, form: QueryDict) -> c.ReuseTask | c.ReuseWay | Refused:
    past, goal = _number(form, "from_case"), _number(form, "goal")
    task = form.get("task", "")
    check_text("task", [task])
    if task:
        return task_of(access, past, task, goal)
    return way_of(access, goal, past, _number(form, "from_goal") or None)


def _number(form: QueryDict, name: str) -> int:
    text = form.get(name, "") or "0"
    if not text.isdecimal() or len(text) > 18:
        raise FormFaulty(name, _("This number is not one that Caseloom gave; load the page anew."))
    return int(text)
