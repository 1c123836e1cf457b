"""A route of the API: its right is named once, checked before all else, and stands in the document as `x-right`."""

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4, uuid5

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.sdk.access import Access, Right
from caseloom.sdk.stream import Order
from caseloom.streams.door import the_door
from caseloom.web.api.problem import Problem
from caseloom.web.api.schema import Done
from caseloom.web.api.tokens import Session, Token

F = TypeVar("F", bound=Callable[..., Any])
KEYS = UUID("6f0c1f6e-52a5-4c43-9c0e-6b1f0c4f7a53")
"""The namespace of `Idempotency-Key`: the same key of the same actor is the same command."""


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
    """The id of the command: from `Idempotency-Key`, else a fresh one."""
    key = request.headers.get("Idempotency-Key", "")
    return uuid5(KEYS, f"{access_of(request).actor.id} {request.path} {key}") if key else uuid4()


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
