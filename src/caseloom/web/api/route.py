"""A route of the API: its right is named once, checked before all else, and stands in the document as `x-right`."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID, uuid4

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from caseloom.cases.ways import with_way_on
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.sdk.access import Access, Right
from caseloom.sdk.stream import Order
from caseloom.streams.door import the_door
from caseloom.streams.store import raw_connection, sister_command
from caseloom.web.api.problem import Problem
from caseloom.web.api.schema import Done
from caseloom.web.api.tokens import Session, Token

F = TypeVar("F", bound=Callable[..., Any])
USED = NextStep("Send a new Idempotency-Key with each new request, the same one with a repeated one alone")


def route(router: Router, method: str, path: str, right: Right | None, **options: Any) -> Callable[[F], F]:
    """Declare a route. `right` None means: anybody who is signed in."""

    def around(view: F) -> F:
        register = getattr(router, method)
        extra = {"x-right": right or "signed in"}
        register(path, openapi_extra=extra, auth=[Token(right), Session(right)], **options)(view)
        return view

    return around


def access_of(request: HttpRequest) -> Access:
    """The access that the authenticator found."""
    access: Access = request.auth  # type: ignore[attr-defined]
    return access


def command_id(request: HttpRequest) -> UUID:
    """The id of the command: a fresh one, or made of actor, path and `Idempotency-Key` in its first half and of the
    body in its second. So the same request is the same command, and a key that comes with another body is told.

    Raises:
        Problem: 422, as the key was accepted before with another body.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return uuid4()
    who = sha256(f"{access_of(request).actor.id} {request.path} {key}".encode()).digest()[:8]
    command = UUID(bytes=who + sha256(request.body).digest()[:8])
    if sister_command(raw_connection(), command):
        message = "This Idempotency-Key came with another body before; nothing has happened now."
        raise Problem(Refused("invalid", message, next=(USED,)))
    return command


def expected_version(request: HttpRequest) -> int | None:
    """The version that the caller saw, from `If-Match` (RFC 9110 §13.1.1)."""
    tag = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not tag or tag == "*":
        return None
    if not tag.isdecimal() or len(tag) > 9:
        raise Problem(Refused("stale", "If-Match holds no ETag of ours.", next=(NextStep("Read it anew"),)), 412)
    return int(tag)


def send(request: HttpRequest, kind: str, stream: int, command: Any) -> Done:
    """Send a command through the door; its refusal is a problem."""
    expected = expected_version(request)
    verdict = the_door().handle(Order(kind, stream, command, command_id(request), access_of(request), expected))
    if isinstance(verdict, Refused):
        verdict = with_way_on(access_of(request), stream, command, verdict) if kind == "case" else verdict
        raise Problem(verdict, 412 if verdict.code == "stale" and expected is not None else None)
    events = [{"event": event.stored, **plain(event)} for event in verdict.events]
    return Done(id=verdict.stream, version=verdict.version, repeated=verdict.repeated, events=events)


def plain(event: Any) -> dict[str, Any]:
    """An event's fields as JSON has them, the personal ones among the others."""
    fields: dict[str, Any] = msgspec.to_builtins(event)
    private: dict[str, Any] = fields.pop("private", {})
    return fields | private


def tagged(request: HttpRequest, response: HttpResponse, version: int) -> bool:
    """Set the `ETag`; True when the caller has this version already (`If-None-Match`)."""
    tag = f'"{version}"'
    response["ETag"] = tag
    return tag in [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
