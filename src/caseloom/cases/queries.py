"""Questions about cases. Each takes an `Access`; what the actor does not reach is answered as if it did not exist."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec
import psycopg
from django.db.models import Q
from psycopg.rows import class_row

from caseloom.cases.kind import CASES
from caseloom.cases.models import CaseContactRow, CaseRow, NoticeRow
from caseloom.cases.projections import NO_DUE, PRIORITIES
from caseloom.engine.case.state import CaseState
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.service_goal import Priority
from caseloom.library.plans import the_plans
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Recorded
from caseloom.staff.access import reaches_case
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history, read_state
from caseloom.streams.search import find as search
from caseloom.streams.wire import Values, execute, long, packs_of

View = Literal["mine", "team", "unassigned", "due", "waiting", "all"]
Sort = Literal["due", "perception", "priority"]
VIEWS: Final[tuple[View, ...]] = ("mine", "team", "unassigned", "due", "waiting", "all")
PAGE: Final = 50
MOST_COUNTED: Final = 99
"""Nobody reads a count beyond it, and counting further would cost with what there is."""


class CaseView(msgspec.Struct, frozen=True):
    """A case as it stands: its state, the version that an edit is based on, and the plan that it follows."""

    state: CaseState
    version: int
    plan: Plan


class WorkLine(msgspec.Struct, frozen=True):
    """A line of the worklist."""

    case: int
    team: str
    assignee: str
    sort_due: datetime
    waits_for: str
    sort_perception: int
    service_goal: str
    customer: int
    customer_name: str
    title: str
    status: str
    channel: str
    due: datetime | None
    due_goal: str
    late: bool
    unanswered: int
    waiting_since: datetime | None
    contact_at: datetime
    definition: int
    priority: int
    haste: int

    @property
    def perception(self) -> int | None:
        return self.sort_perception if 1 <= self.sort_perception <= 5 else None


class Cursor(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: the sort value and the case of its last line."""

    due: datetime
    perception: int
    case: int
    haste: int = 0


class Page(msgspec.Struct, frozen=True):
    """A page of the worklist; `next` is where the one after it begins, None at the end."""

    lines: tuple[WorkLine, ...]
    next: Cursor | None


def read_case(access: Access, case: int) -> CaseView | None:
    """The case as it stands."""
    found = read_state(the_door(), CASES, case)
    if found is None:
        return None
    state, version = found
    if not reaches_case(access, case, state.customer, state.team):
        return None
    return CaseView(state, version, the_plans(state.service_goal, state.version, state.house_version))


def case_history(access: Access, case: int, before: int | None = None, limit: int = 200) -> list[Recorded]:
    """The latest events of a case in their order, at most `limit`, of those before a version."""
    view = read_case(access, case)
    if view is None:
        return []
    return story_of(view, before, limit)


def story_of(view: CaseView, before: int | None = None, limit: int = 200) -> list[Recorded]:
    """As `case_history`, of a case that was read already."""
    until = view.version if before is None else before - 1
    return read_history(the_door(), CASES, view.state.id, max(0, until - limit), until)


_LINE: Final = """
select w.case_id as "case", w.team, w.assignee, w.due as sort_due, w.waits_for, w.perception as sort_perception,
  w.service_goal, c.customer, coalesce(p.name, '') as customer_name, c.title, c.status, c.channel, c.due, c.due_goal,
  c.late, c.unanswered, c.waiting_since, c.contact_at, c.version as definition, c.priority,
  w.haste
from ({rows}) w join case_row c on c.id = w.case_id left join customer p on p.id = c.customer
order by {order} limit {limit}
"""
_ORDER: Final[dict[Sort, tuple[str, str]]] = {
    "due": ("w.due, w.case_id", "(w.due, w.case_id) > (%(due)s, %(case)s)"),
    "perception": ("w.perception, w.case_id", "(w.perception, w.case_id) > (%(perception)s, %(case)s)"),
    "priority": ("w.haste, w.due, w.case_id", "(w.haste, w.due, w.case_id) > (%(haste)s, %(due)s, %(case)s)"),
}
_TEAMS: Final = """
select r.* from unnest(%(teams)s::text[]) t(team) cross join lateral (
  select w.* from work_row w where w.team = t.team and {where} order by {order} limit {limit}
) r
"""
_ALL: Final = "select w.* from work_row w where {where} order by {order} limit {limit}"
_WHERE: Final[dict[View, str]] = {
    "mine": "w.assignee = %(actor)s",
    "team": "true",
    "unassigned": "w.assignee = ''",
    "due": "w.due <= %(until)s",
    "waiting": "w.waits_for <> 'us'",
    "all": "not w.team = any(%(hidden)s)",
}
SOON: Final = timedelta(days=1)


def worklist(
    access: Access,
    view: View,
    now: datetime,
    sort: Sort = "due",
    after: Cursor | None = None,
    service_goal: str = "",
    limit: int = PAGE,
    cases: Sequence[int] | None = None,
    priority: Priority | None = None,
) -> Page:
    """A page of open work: `mine`, my teams', nobody's, due within a day, waiting for others, or all that I may see;
    only of these `cases`, and of this `priority`, where they are named.
    """
    if not access.may("read cases"):
        return Page((), None)
    order, beyond = _ORDER[sort]
    where = (
        _WHERE[view]
        + (f" and {beyond}" if after else "")
        + (" and w.service_goal = %(goal)s" if service_goal else "")
        + (f" and w.haste = {haste_of(priority)}" if priority else "")
        + ("" if cases is None else " and w.case_id = any(%(cases)s)")
    )
    shape = _ALL if view in ("mine", "all") else _TEAMS
    rows = shape.format(where=where, order=order, limit=limit + 1)
    values = _values(access, now, after) | {"goal": service_goal, "cases": list(cases or ())}
    with psycopg.Cursor(store.raw_connection(), row_factory=class_row(WorkLine)) as cursor:
        # Moments come as numbers: reading fifty lines of text takes longer than finding them.
        cursor.execute(_LINE.format(rows=rows, order=order, limit=limit + 1), values, binary=True)
        lines = cursor.fetchall()
    return Page(tuple(_distinct(lines[:limit])), _cursor(lines[limit - 1]) if len(lines) > limit else None)


def haste_of(priority: Priority) -> int:
    """The place of a priority among all, the highest first: a number of this module, never one that somebody typed."""
    return len(PRIORITIES) - 1 - PRIORITIES.index(priority)


def _values(access: Access, now: datetime, after: Cursor | None) -> dict[str, Any]:
    place = after or Cursor(now, 0, 0)
    return {
        "actor": access.actor.id,
        "teams": sorted(access.actor.teams - access.hidden),
        "hidden": sorted(access.hidden),
        "until": now + SOON,
        "due": place.due,
        "perception": place.perception,
        "case": place.case,
        "haste": place.haste,
    }


def _distinct(lines: Sequence[WorkLine]) -> list[WorkLine]:
    """One line a case, where two of the actor's teams work on it."""
    return list({line.case: line for line in reversed(lines)}.values())[::-1]


def _cursor(line: WorkLine) -> Cursor:
    return Cursor(line.sort_due, line.sort_perception, line.case, line.haste)


def work_counts(access: Access, now: datetime) -> dict[View, int]:
    """How much there is in each view, counted up to 99."""
    if not access.may("read cases"):
        return dict.fromkeys(VIEWS, 0)
    values = Values()
    values.add_row(packs_of(("text",)), (access.actor.id,))
    for teams in (access.actor.teams - access.hidden, access.hidden):
        values.add_columns(packs_of(("text",)), [(team,) for team in sorted(teams)])
    values.add_row(packs_of(("timestamptz",)), (now + SOON,))
    row = execute(store.raw_connection(), _COUNTS, values)
    return {view: long(row.get_value(0, place)) or 0 for place, view in enumerate(VIEWS)}


def _count(view: View) -> str:
    shape = _ALL if view in ("mine", "all") else _TEAMS
    order = "w.case_id" if view == "mine" else "w.due, w.case_id"
    rows = shape.format(where=_WHERE[view], order=order, limit=MOST_COUNTED + 1)
    # The parts are constants of this module; what a person typed comes in as parameters.
    return f"(select count(*) from (select distinct case_id from ({rows}) x limit {MOST_COUNTED + 1}) y)"  # noqa: S608


_COUNTS: Final = ("select " + ", ".join(map(_count, VIEWS))) % {
    "actor": "$1", "teams": "$2", "hidden": "$3", "until": "$4"
}  # fmt: skip
"""On every page of the desk: planning it anew took longer than counting, so it is a prepared statement."""


_OF_CUSTOMER: Final = """
select * from case_row where customer = %s
order by case when parent > 0 and parent = %s or id = %s then 0 else 1 end, id desc limit %s
"""


def cases_of_customer(access: Access, customer: int, limit: int = 50, around: int = 0, above: int = 0) -> list[CaseRow]:
    """The customer's cases, newest first; before all others those that the case `around` asked for, and the one that
    asked for it (`above`).
    """
    # On every page of a case: as it is written, it is quicker than what the ORM would make of it.
    rows = CaseRow.objects.raw(_OF_CUSTOMER, (customer, around, above, limit))
    return [row for row in rows if reaches_case(access, row.id, row.customer, row.team)]


def cases_like(access: Access, service_goal: str, limit: int = 50, running: bool = False) -> list[CaseRow]:
    """The cases of a service goal, newest first, of those that the actor reaches; only those that are open, where
    `running`.
    """
    rows = CaseRow.objects.filter(_running(running), service_goal=service_goal).order_by("-id")[:limit]
    return [row for row in rows if reaches_case(access, row.id, row.customer, row.team)]


def find_cases(access: Access, cases: Sequence[int]) -> list[CaseRow]:
    """The rows of these cases, newest first, of those that the actor reaches."""
    rows = CaseRow.objects.filter(pk__in=list(cases)).order_by("-id")
    return [row for row in rows if reaches_case(access, row.id, row.customer, row.team)]


def _running(only: bool) -> Q:
    return Q(ended_at=None) if only else Q()


def search_cases(access: Access, asked: str, limit: int = 50, running: bool = False) -> list[CaseRow]:
    """The cases that a search finds by number, words or the name of their customer, newest first; only those that are
    open, where `running`.
    """
    hits = search(asked, limit, access.hidden)
    named = {kind: [stream for stream, of, _customer in hits if of == kind] for kind in ("case", "customer")}
    found = Q(pk__in=named["case"]) | Q(customer__in=named["customer"])
    rows = CaseRow.objects.filter(_running(running), found).order_by("-id")[:limit]
    return [row for row in rows if reaches_case(access, row.id, row.customer, row.team)]


def contacts_of_case(access: Access, case: int) -> list[CaseContactRow]:
    """Which contacts belong to a case, in the order of time. The caller has read the case."""
    return list(CaseContactRow.objects.filter(case_id=case).order_by("at", "contact"))


def notices(access: Access, limit: int = 30) -> list[NoticeRow]:
    """What the actor's roles and teams were told, newest first."""
    whom = [*access.actor.roles, *access.actor.teams]
    return list(NoticeRow.objects.filter(whom__in=whom).order_by("-at")[:limit]) if access.may("read cases") else []


__all__ = [
    "NO_DUE", "PAGE", "VIEWS", "CaseView", "Cursor", "Page", "Sort", "View", "WorkLine", "case_history",
    "cases_like", "cases_of_customer", "contacts_of_case", "find_cases", "notices", "read_case", "search_cases",
    "story_of", "work_counts", "worklist",
]  # fmt: skip
