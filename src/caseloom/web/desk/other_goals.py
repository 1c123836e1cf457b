"""A goal of another case taken into this one: shared, or waited for. First the other case is found, then its goal."""

from typing import Final

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from caseloom.cases.queries import CaseView, cases_of_customer, read_case, search_cases
from caseloom.channels.mail.threading import spoken_number
from caseloom.customers.queries import names, read_customer
from caseloom.foundation.clock import now
from caseloom.sdk.access import Access
from caseloom.web.desk.goals import STATUS, goal_title
from caseloom.web.desk.matter import CaseLine, case_lines
from caseloom.web.desk.sheets import NEEDS, sheet_answer
from caseloom.web.rights import needs, no_such

MOST: Final = 12


@needs("work cases")
def find(request: HttpRequest, access: Access, case: int) -> HttpResponseBase:
    """Cases whose goal may be shared: the customer's other ones, or those that a search finds."""
    view = read_case(access, case)
    if view is None:
        return no_such(request, "case")
    asked = request.GET.get("q", "")[:200].replace("\0", "")
    context = {
        "title": _("A goal of another case"),
        "says": _("Shared, or waited for"),
        "asked": asked,
        "before": _before(request, view),
        "found": found_cases(access, view, asked),
    }
    return sheet_answer(request, access, view, "other_case", context)


@needs("work cases")
def look(request: HttpRequest, access: Access, case: int, other: int) -> HttpResponseBase:
    """The goals of another case, to take one of them in."""
    view, there = read_case(access, case), read_case(access, other)
    if view is None or there is None or other == case:
        return no_such(request, "case")
    customer = read_customer(access, there.state.customer)
    goals = [goal for goal in there.state.goals.values() if goal.status != "cancelled" and goal.mirror is None]
    context = {
        "title": _("Case %s") % other,
        "says": customer[0].name if customer is not None else "",
        "other": other,
        "goals": [(str(goal.id), f"{goal_title(there.plan, goal)} ({STATUS[goal.status]})") for goal in goals],
        "first_title": goal_title(there.plan, goals[0]) if goals else "",
        "before": _before(request, view),
        "waiting": [
            (str(goal.id), _("“%s” waits for it") % goal_title(view.plan, goal))
            for goal in view.state.goals.values()
            if goal.status in ("available", "active") and goal.mirror is None
        ],
        "needs": list(NEEDS.items()),
        "form": f"mirror-{other}",
    }
    return sheet_answer(request, access, view, "other_goal", context)


def found_cases(access: Access, view: CaseView, asked: str, most: int = MOST) -> list[tuple[CaseLine, str]]:
    """Other cases with their customers' names: what a search finds, or else those of the same customer."""
    if asked.strip():
        rows = search_cases(access, spoken_number(asked), 3 * most)
    else:
        rows = cases_of_customer(access, view.state.customer, 3 * most)
    rows = [row for row in rows if row.id != view.state.id][:most]
    known = names(access, {row.customer for row in rows})
    return [(line, known.get(row.customer, "")) for line, row in zip(case_lines(rows, now()), rows, strict=True)]


def _before(request: HttpRequest, view: CaseView) -> str:
    """The goal of this case that is to wait, where the address names one."""
    wanted = request.GET.get("before", "")
    return wanted if wanted in {str(number) for number in view.state.goals} else ""
