"""The worklist: what next, and why this."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from caseloom.cases.projections import PRIORITIES
from caseloom.cases.queries import VIEWS, Cursor, Page, Sort, View, WorkLine, work_counts, worklist
from caseloom.engine.spec.service_goal import Priority
from caseloom.foundation.clock import now
from caseloom.learning.queries import risks_of
from caseloom.library.plans import house_version
from caseloom.sdk.access import Access
from caseloom.web.desk.goals import PRIORITY
from caseloom.web.desk.people import plan_of, staff_names, wants
from caseloom.web.rights import needs
from caseloom.web.words import ClockWords, channel_words, clock_words, initials, waits_words

TITLES: Final[dict[View, tuple["str | Promise", str, str]]] = {
    "mine": (_("Mine"), "person", "g m"),
    "team": (_("Team"), "people", "g t"),
    "unassigned": (_("Unassigned"), "inbox", "g u"),
    "due": (_("Due"), "clock", "g d"),
    "waiting": (_("Waiting"), "hourglass", "g w"),
    "all": (_("All"), "list", "g a"),
}
EMPTY: Final[dict[View, "str | Promise"]] = {
    "mine": _("Nothing is yours at the moment. Take a case from Unassigned, and it stands here."),
    "team": _("Your teams have no open case. New ones appear here by themselves."),
    "unassigned": _("Every case of your teams has somebody. New ones appear here by themselves."),
    "due": _("No answer or goal is due within a day."),
    "waiting": _("Nobody is waited for: every open case is with us."),
    "all": _("No case is open. One begins with a mail, a form, or “New case”."),
}
NONE_OF_IT: Final = _("No case of this priority is open here.")
ORDERS: Final[dict[Sort, tuple["str | Promise", "str | Promise", str]]] = {
    "due": (_("Due"), _("By due"), "o d"),
    "perception": (_("Feeling"), _("By feeling"), "o f"),
    "priority": (_("Priority"), _("By priority"), "o p"),
}
"""What an order is called, what its key does, and the key."""
ONLY: Final[dict[Priority | None, tuple["str | Promise", str]]] = {
    None: (_("All priorities"), "o a"),
    "urgent": (_("Urgent"), "o u"),
    "high": (_("High"), "o h"),
    "normal": (_("Normal"), "o n"),
    "low": (_("Low"), "o l"),
}
"""What the list can be narrowed to, and the key."""
COUNTED: Final = 99
RISKY: Final = 50
"""From this chance of being late on, in per cent, a line says so."""


class Line(msgspec.Struct, frozen=True):
    """A line as it is shown."""

    case: int
    customer: str
    wants: str
    clock: ClockWords | None
    goal: str
    waits: str
    for_us: bool
    perception: int | None
    channel: str
    channel_says: str
    owner: str
    owner_initials: str
    unanswered: int
    at: datetime
    priority: str
    risk: str


class RailView(msgspec.Struct, frozen=True):
    view: str
    title: Any
    icon: str
    keys: str
    count: str


class Shown(msgspec.Struct, frozen=True):
    """Which list a person looks at, as it stands in the address."""

    view: View
    sort: Sort
    priority: Priority | None = None

    @property
    def query(self) -> str:
        return self.sorted(self.sort)

    def sorted(self, sort: Sort) -> str:
        """The query of this list in another order."""
        only = f"&priority={self.priority}" if self.priority else ""
        return f"view={self.view}&sort={sort}{only}"

    @property
    def orders(self) -> list[tuple[Sort, str, Any, Any, str]]:
        """(order, query, what it is called, what its key does, its key)."""
        return [(sort, self.sorted(sort), *told) for sort, told in ORDERS.items()]

    @property
    def priorities(self) -> list[tuple[Priority | None, str, Any, str]]:
        """(priority, query, what it is called, its key) of what the list can be narrowed to; None for all."""
        return [
            (only, msgspec.structs.replace(self, priority=only).query, title, key)
            for only, (title, key) in ONLY.items()
        ]

    @property
    def only(self) -> Any:
        return ONLY[self.priority][0]

    @property
    def whole(self) -> str:
        """The query of this list with all priorities."""
        return msgspec.structs.replace(self, priority=None).query

    @property
    def title(self) -> Any:
        return TITLES[self.view][0]

    @property
    def empty(self) -> Any:
        return EMPTY[self.view] if self.priority is None else NONE_OF_IT


def shown(request: HttpRequest) -> Shown:
    """The list that the address names; an unknown name is the default."""
    view, sort = request.GET.get("view", ""), request.GET.get("sort", "")
    priority = next((one for one in PRIORITIES if one == request.GET.get("priority", "")), None)
    return Shown(
        next((one for one in VIEWS if one == view), "mine"),
        next((one for one in ORDERS if one == sort), "due"),
        priority,
    )


@needs("read cases")
def desk(request: HttpRequest, access: Access) -> HttpResponse:
    """The worklist alone; beside it, room for a case."""
    return render(request, "desk/desk.html", frame(request, access))


@needs("read cases")
def more(request: HttpRequest, access: Access) -> HttpResponse:
    """The lines after the cursor in the address."""
    return render(request, "desk/part/lines.html", list_part(request, access))


@needs("read cases")
def rows(request: HttpRequest, access: Access) -> HttpResponseBase:
    """These cases as they stand in this list now, and the counts; asked for when they have changed."""
    ids = [int(part) for part in request.GET.get("cases", "")[:2000].split(",") if part.isdigit() and len(part) < 19]
    chosen = shown(request)
    page = worklist(access, chosen.view, now(), chosen.sort, cases=ids[:100], priority=chosen.priority)
    return render(
        request,
        "desk/part/rows.html",
        {"lines": _lines(page), "shown": chosen, "rail": rail(access)},
    )


def frame(request: HttpRequest, access: Access) -> dict[str, Any]:
    """What rail and worklist need; every desk page has them."""
    part = list_part(request, access)
    return part | {"rail": rail(access), "may": access.rights}


def list_part(request: HttpRequest, access: Access) -> dict[str, Any]:
    """A page of the list that the address names."""
    chosen = shown(request)
    after = read_cursor(request.GET.get("after", ""))
    page = worklist(access, chosen.view, now(), chosen.sort, after, priority=chosen.priority)
    return {"shown": chosen, "lines": _lines(page), "next": more_address(chosen, page.next)}


def rail(access: Access) -> tuple[RailView, ...]:
    """The views with their counts."""
    counts = work_counts(access, now())
    said = {view: f"{COUNTED}+" if count > COUNTED else str(count or "") for view, count in counts.items()}
    return tuple(RailView(view, *TITLES[view], said[view]) for view in VIEWS)


def read_cursor(text: str) -> Cursor | None:
    """A cursor from the address; None for none, or for one that was bent."""
    due, _bar, rest = text.partition("|")
    perception, _bar, rest = rest.partition("|")
    case, _bar, haste = rest.partition("|")
    try:
        cursor = Cursor(datetime.fromisoformat(due), int(perception), int(case), int(haste or 0))
    except (ValueError, OverflowError):
        return None
    fits = cursor.due.tzinfo is not None and 0 <= cursor.perception < 10 and 0 <= cursor.case < 2**62
    fits = fits and 0 <= cursor.haste < len(PRIORITIES)
    return cursor if fits and cursor.due.year > 1 else None


def more_address(chosen: Shown, cursor: Cursor | None) -> str:
    """Where the next page is; empty at the end."""
    if cursor is None:
        return ""
    after = f"{cursor.due.isoformat()}|{cursor.perception}|{cursor.case}|{cursor.haste}".replace("+", "%2B")
    return f"{reverse('desk:more')}?{chosen.query}&after={after}"


def _lines(page: Page) -> list[Line]:
    names, moment, house, language = staff_names(), now(), house_version(), get_language()
    risks = risks_of([line.case for line in page.lines])
    return [
        _line(
            line, clock_words(line.due, moment), names.get(line.assignee, ""), risks.get(line.case, 0), house, language
        )
        for line in page.lines
    ]


@lru_cache(maxsize=4096)
def _line(line: WorkLine, clock: ClockWords | None, owner: str, risk: int, house: int, language: str | None) -> Line:
    """Kept: most lines of a list are those of a moment ago. Titles may come from the house rules of this version."""
    plan = plan_of(line.service_goal, line.definition)
    goal = plan.goals.get(line.due_goal) if plan is not None else None
    return Line(
        case=line.case,
        customer=line.customer_name,
        wants=wants(line.title, line.service_goal, plan),
        clock=clock,
        goal=goal.spec.title if goal is not None else line.due_goal,
        waits=waits_words(line.waits_for),
        for_us=line.waits_for == "us",
        perception=line.perception,
        channel=line.channel,
        channel_says=channel_words(line.channel),
        owner=owner,
        owner_initials=initials(owner),
        unanswered=line.unanswered,
        at=line.contact_at,
        priority=str(PRIORITY.get(PRIORITIES[line.priority], "")),
        risk=f"{risk} %" if risk >= RISKY and not line.late else "",
    )
