"""Cases over the API: the worklist, a case, its history, and one route for each command."""

import base64
import binascii
import re
from typing import Any, Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Status

from caseloom.cases.projections import PRIORITIES
from caseloom.cases.queries import CaseView, Cursor, Sort, View, WorkLine, case_history, read_case, worklist
from caseloom.channels.mail.threading import case_number
from caseloom.customers.queries import known_facts, read_customer
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Fact, Goal, Item
from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.service_goal import Priority
from caseloom.foundation.clock import now
from caseloom.library.plans import house_version, latest, the_plans
from caseloom.sdk.access import Right
from caseloom.streams.door import the_door
from caseloom.web.api import schema as s
from caseloom.web.api.problem import Problem
from caseloom.web.api.route import access_of, plain, route, send, tagged

router = Router(tags=["cases"])
MOST: Final = 200
_encode, _decode = msgspec.json.encode, msgspec.json.Decoder(Cursor).decode


@route(router, "get", "", "read cases", response=s.WorklistOut)
def list_cases(
    request: HttpRequest,
    view: View = "team",
    sort: Sort = "due",
    service_goal: str = "",
    after: str = "",
    limit: int = 50,
    priority: Priority | None = None,
) -> s.WorklistOut:
    """A page of open work. `after` is the `next` of the page before."""
    s.sound(service_goal, "service_goal")
    most = max(1, min(limit, MOST))
    page = worklist(access_of(request), view, now(), sort, _cursor(after), service_goal, most, priority=priority)
    following = base64.urlsafe_b64encode(_encode(page.next)).decode() if page.next else None
    return s.WorklistOut(cases=[_line(line) for line in page.lines], next=following)


def _cursor(text: str) -> Cursor | None:
    if not text:
        return None
    try:
        return _decode(base64.urlsafe_b64decode(text.encode()))
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        again = NextStep("Begin at the first page, without `after`")
        raise Problem(Refused("invalid", "`after` is no cursor of ours.", next=(again,))) from error


def _line(line: WorkLine) -> s.WorkLineOut:
    return s.WorkLineOut(
        case=line.case,
        want=line.title or _title(line.service_goal, line.definition),
        customer=line.customer,
        customer_name=line.customer_name,
        service_goal=line.service_goal,
        status=line.status,
        channel=line.channel,
        team=line.team,
        assignee=line.assignee,
        waits_for=line.waits_for,
        due=line.due,
        due_goal=line.due_goal,
        late=line.late,
        perception=line.perception,
        unanswered=line.unanswered,
        priority=PRIORITIES[line.priority],
    )


def _title(key: str, version: int) -> str:
    try:
        service_goal = the_plans(key, version, house_version()).service_goal
    except DefinitionFaulty:
        # A version of before need not fit the house rules of today; its own cases go on under theirs.
        return key
    return service_goal.title if service_goal else ""


_OpenBody = s.schema_of(
    c.OpenCase, "case", "version", "house_version", "customer_facts", "automatic", "parent", "parent_item"
)


@route(router, "post", "", "work cases", response={201: s.Done})
def open_case(request: HttpRequest, body: _OpenBody) -> Status[s.Done]:  # type: ignore[valid-type]
    """Open a case for a customer, from a service goal of the library or from nothing."""
    given: dict[str, Any] = body.dict()  # type: ignore[attr-defined]
    version = _offered(given["service_goal"]) if given["service_goal"] else 0
    if read_customer(access_of(request), given["customer"]) is None:
        raise Problem(
            Refused("not found", f"There is no customer {given['customer']}.", next=(NextStep("POST /customers"),))
        )
    known = known_facts(access_of(request), given["customer"])
    number = next(the_door().ids)
    command = s.command_of(
        c.OpenCase, body, case=number, version=version, house_version=house_version(), customer_facts=known
    )
    return Status(201, send(request, "case", number, command))


def _offered(key: str) -> int:
    s.sound(key, "service_goal")
    version = latest(key)
    if not version:
        way_on = NextStep("GET /service-goals")
        raise Problem(Refused("not found", f"The library offers no service goal “{key}”.", next=(way_on,)))
    return version


@route(router, "get", "/{int:case}", "read cases", response={200: s.CaseOut, 304: None})
def get_case(request: HttpRequest, response: HttpResponse, case: int) -> Any:
    """A case as it stands, with an `ETag` for `If-Match` of commands."""
    view = read_case(access_of(request), case)
    if view is None:
        raise Http404
    return Status(304, None) if tagged(request, response, view.version) else case_out(view)


@route(router, "get", "/{int:case}/history", "read cases", response=s.HistoryOut)
def get_history(request: HttpRequest, case: int, before: int | None = None, limit: int = 100) -> s.HistoryOut:
    """What happened in the case, the newest page first. `before` is the `next` of the page read before."""
    if read_case(access_of(request), case) is None:
        raise Http404
    events = case_history(access_of(request), case, before, max(1, min(limit, MOST)))
    out = [
        s.EventOut(version=r.version, type=r.event.stored, at=r.at, actor=r.actor, data=plain(r.event)) for r in events
    ]
    return s.HistoryOut(events=out, next=out[0].version if out and out[0].version > 1 else None)


def case_out(view: CaseView) -> s.CaseOut:
    """A case as the API tells it."""
    state, plan = view.state, view.plan
    return s.CaseOut(
        id=state.id,
        number=case_number(state.id),
        version=view.version,
        customer=state.customer,
        service_goal=state.service_goal,
        want=state.title or (plan.service_goal.title if plan.service_goal else ""),
        status=state.status,
        channel=state.channel,
        owner=state.owner,
        team=state.team,
        opened_at=state.opened_at,
        ended_at=state.ended_at,
        waits_for=state.waits_for,
        perception=state.perception,
        confirmed=state.confirmed,
        awaits_confirmation=state.awaits_confirmation,
        unanswered=list(state.unanswered),
        goals=[_goal(goal, plan) for goal in state.goals.values()],
        tasks=[_task(item, plan) for item in state.items.values() if item.kind == "task"],
        facts={name: _fact(fact) for name, fact in state.facts.items()},
        promises=[s.PromiseOut(id=one.id, text=one.text, due=one.due) for one in state.promises.values()],
        offers=state.offers,
    )


def _goal(goal: Goal, plan: Plan) -> s.GoalOut:
    found = plan.goals.get(goal.key)
    clock = goal.clock
    return s.GoalOut(
        id=goal.id,
        key=goal.key,
        title=goal.title or (found.spec.title if found else goal.key),
        need=goal.need,
        status=goal.status,
        late=goal.late,
        due=clock.due if clock else None,
        paused=clock is not None and clock.due is None,
        option=goal.option,
        options=[*(found.options if found else ()), *(way.key for way in goal.ways)],
        priority=goal.priority,
        parent=goal.parent,
    )


def _task(item: Item, plan: Plan) -> s.TaskOut:
    spec = plan.task(item.key)
    return s.TaskOut(
        id=item.id,
        key=item.key,
        title=item.title or (spec.title if spec else "") or item.key,
        status=item.status,
        goal=item.goal,
        team=item.team,
        role=item.role,
        assignee=item.assignee,
        by_customer=item.by_customer,
        form=list(item.form),
        must=list(spec.must) if spec else [],
        late=item.late,
    )


def _fact(fact: Fact) -> s.FactOut:
    return s.FactOut(type=fact.type, value=fact.value, source=fact.source, at=fact.at)


_OWN_ROUTE: Final = (
    c.OpenCase, c.TimerDue, c.SettleMessage, c.SwitchHouseRules, c.MigrateCase, c.RevertMigration, c.SettleSubCase,
    c.LinkContact, c.MoveMirror,
)  # fmt: skip
"""Opened above; or sent by Caseloom itself alone."""


_OURS: Final[dict[type[c.Command], tuple[str, ...]]] = {
    c.SendMessage: ("contact",),
    c.ClassifyCase: ("version", "customer_facts"),
}
"""Fields that Caseloom fills in."""


def _ours(request: HttpRequest, struct: type[c.Command], view: CaseView, body: Any) -> dict[str, Any]:
    if struct is c.SendMessage:
        return {"contact": next(the_door().ids)}
    if struct is not c.ClassifyCase:
        return {}
    return {
        "version": _offered(body.service_goal),
        "customer_facts": known_facts(access_of(request), view.state.customer),
    }


def _words(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _command_route(struct: type[c.Command]) -> None:
    body_type = s.schema_of(struct, *_OURS.get(struct, ()))
    right: Right = "steer cases" if struct in (c.TerminateCase, c.WaiveGoal) else "work cases"

    def view(request: HttpRequest, case: int, body: Any) -> s.Done:
        found = read_case(access_of(request), case)
        if found is None:
            raise Http404
        known = _ours(request, struct, found, body)
        return send(request, "case", case, s.command_of(struct, body, **known))

    view.__name__ = _words(struct.__name__).replace("-", "_")
    view.__doc__ = struct.__doc__
    view.__annotations__["body"] = body_type
    route(router, "post", f"/{{int:case}}/{_words(struct.__name__)}", right, response=s.Done)(view)


for _struct in c.CASE_COMMANDS:
    if _struct not in _OWN_ROUTE:
        _command_route(_struct)
