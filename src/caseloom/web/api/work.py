"""Work of flows over the API: external workers fetch and lock it; messages and signals find the flows that wait.

A worker completes, fails or extends what it has locked by the commands of the case (`POST /cases/{case}/complete-work`,
`fail-work`, `extend-work`, `throw-from-work`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from caseloom.cases.flow_queries import OpenWork, open_work, waiting_for
from caseloom.cases.queries import CaseView, read_case
from caseloom.engine.case.flow_commands import BroadcastSignal, CorrelateMessage, LockWork
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.decision.plain import to_plain
from caseloom.engine.flow.state import ROOT, Flow
from caseloom.engine.spec.values import from_tagged, from_wire
from caseloom.foundation.clock import now
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door
from caseloom.web.api import schema as s
from caseloom.web.api.problem import Problem
from caseloom.web.api.route import access_of, route, send

router = Router(tags=["work of flows"])
MOST: Final = 100
BATCH: Final = 200
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


class FetchIn(Schema):
    """What a worker can do, who it is, how much it takes and for how long."""

    topics: list[str] = Field(min_length=1, max_length=100)
    worker: str = Field(min_length=1, max_length=200)
    most: int = Field(10, ge=1, le=MOST)
    lock_seconds: int = Field(300, ge=1, le=86_400)


class WorkOut(Schema):
    """A step that is locked for the worker until `until`; `values` is what it may know, `headers` fixed words."""

    case: int
    flow: int
    node: int
    topic: str
    process: str
    element: str
    title: str
    retries: int
    until: datetime
    values: dict[str, Any]
    headers: dict[str, Any]


class MessageIn(Schema):
    """A message by its name; `key` is compared with the correlation key of who waits."""

    name: str = Field(min_length=1, max_length=200)
    key: str = Field("", max_length=1_000)
    values: dict[str, Any] = {}


class SignalIn(Schema):
    name: str = Field(min_length=1, max_length=200)
    values: dict[str, Any] = {}


class ToldOut(Schema):
    """How many cases have heard it."""

    cases: int


@route(router, "post", "/workers/fetch", "work cases", response=list[WorkOut])
def fetch_work(request: HttpRequest, body: FetchIn) -> HttpResponse:
    """Fetch and lock steps of these topics. What another worker has locked meanwhile is left out."""
    s.sound(body.dict(), "")
    access, at = access_of(request), now()
    until = at + timedelta(seconds=body.lock_seconds)
    found = open_work(access, body.topics, at, body.most)
    orders = [
        Order(
            "case", one.case, LockWork(flow=one.flow, node=one.node, worker=body.worker, until=until), uuid4(), access
        )
        for one in found
    ]
    verdicts = the_door().handle_many(orders)
    locked = [one for one, verdict in zip(found, verdicts, strict=True) if isinstance(verdict, Answer)]
    views = {case: read_case(access, case) for case in {one.case for one in locked}}
    told = [_told(one, view, until) for one in locked if (view := views[one.case]) is not None]
    return HttpResponse(_encode(told), content_type="application/json")


def _told(work: OpenWork, view: CaseView, until: datetime) -> dict[str, Any]:
    flow = view.state.flows[work.flow]
    step = view.plan.flows[flow.process].steps[work.element]
    own = {name: from_tagged(wire) for name, wire in flow.nodes[work.node].variables.items()}
    values = own if step.inputs else {**_around(view, flow), **own}
    headers = {name: source.evaluate(values) for name, source in step.headers}
    return {
        "case": work.case,
        "flow": work.flow,
        "node": work.node,
        "topic": work.topic,
        "process": work.process,
        "element": work.element,
        "title": step.title,
        "retries": work.retries,
        "until": until,
        "values": _plain(values),
        "headers": _plain(headers),
    }


def _around(view: CaseView, flow: Flow) -> dict[str, Any]:
    facts = {name: from_wire(fact.type, fact.value) for name, fact in view.state.facts.items()}
    return {**facts, **{name: from_tagged(wire) for name, wire in flow.nodes[ROOT].variables.items()}}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_plain(value) for name, value in values.items()}


@route(router, "post", "/messages", "work cases", response=s.Done)
def send_message(request: HttpRequest, body: MessageIn) -> s.Done:
    """Hand a message to the flow that waits for it, of the case that has waited longest."""
    s.sound(body.dict(), "")
    cases = waiting_for(access_of(request), "message", body.name, body.key, 1)
    if not cases:
        about = f" with the key “{body.key}”" if body.key else ""
        way_on = NextStep("Send it again when a flow waits for it")
        raise Problem(Refused("not found", f"No flow waits for the message “{body.name}”{about}.", next=(way_on,)))
    return send(request, "case", cases[0], CorrelateMessage(name=body.name, key=body.key, values=body.values))


@route(router, "post", "/signals", "work cases", response=ToldOut)
def send_signal(request: HttpRequest, body: SignalIn) -> ToldOut:
    """Give a signal to all flows that wait for it now."""
    s.sound(body.dict(), "")
    access = access_of(request)
    command = BroadcastSignal(name=body.name, values=body.values)
    cases = waiting_for(access, "signal", body.name)
    told = 0
    for start in range(0, len(cases), BATCH):
        orders = [Order("case", case, command, uuid4(), access) for case in cases[start : start + BATCH]]
        told += sum(isinstance(verdict, Answer) for verdict in the_door().handle_many(orders))
    return ToldOut(cases=told)
