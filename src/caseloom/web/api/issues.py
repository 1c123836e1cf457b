"""Major issues over the API: cases that mirror a goal of one, and one message to all of them."""

from uuid import uuid4

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema

from caseloom.cases import issue
from caseloom.cases.queries import read_case
from caseloom.engine.case.refusal import Refused
from caseloom.engine.spec.service_goal import Need
from caseloom.sdk.access import Access
from caseloom.web.api import schema as s
from caseloom.web.api.problem import Problem
from caseloom.web.api.route import access_of, command_id, route

router = Router(tags=["major issues"])
MOST = 5_000


class JoinIn(Schema):
    """The goal of this case that the others are to mirror, and how much they need it."""

    goal: int
    cases: list[int] = Field(min_length=1, max_length=MOST)
    need: Need = "required"


class MessageAllIn(Schema):
    subject: str = Field(min_length=1, max_length=500)
    text: str = Field(min_length=1, max_length=20_000)


class ReachedOut(Schema):
    """What became of one case; `refused` is empty where it was reached."""

    case: int
    refused: str


def _of(access: Access, case: int) -> None:
    if read_case(access, case) is None:
        raise Http404


@route(router, "get", "/{int:case}/affected", "read cases", response=list[int])
def list_affected(request: HttpRequest, case: int) -> list[int]:
    """The cases that mirror a goal of this one."""
    _of(access_of(request), case)
    return issue.affected(access_of(request), case)


@route(router, "post", "/{int:case}/affected", "work cases", response=list[ReachedOut])
def join_issue(request: HttpRequest, case: int, body: JoinIn) -> list[ReachedOut]:
    """Let these cases mirror a goal of this one. Those that do already are passed over."""
    access = access_of(request)
    _of(access, case)
    s.sound(body.dict(), "")
    try:
        reached = issue.join(access, case, body.goal, body.cases, body.need, command_id(request))
    except LookupError as error:
        raise Problem(Refused("not found", str(error))) from None
    return [_told(one) for one in reached]


@route(router, "post", "/{int:case}/message-all", "work cases", response=list[ReachedOut])
def message_all(request: HttpRequest, case: int, body: MessageAllIn) -> list[ReachedOut]:
    """Send one message in every case that mirrors a goal of this one; `{{ name }}` is filled from each of them. An
    `Idempotency-Key` makes it safe to repeat.
    """
    access = access_of(request)
    _of(access, case)
    s.sound(body.dict(), "")
    key = command_id(request) if request.headers.get("Idempotency-Key") else uuid4()
    return [_told(one) for one in issue.tell_all(access, case, body.subject, body.text, key)]


def _told(one: issue.Reached) -> ReachedOut:
    return ReachedOut(case=one.case, refused=one.refused.message if one.refused is not None else "")
