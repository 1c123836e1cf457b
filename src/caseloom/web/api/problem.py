"""Problems as `application/problem+json` (RFC 9457), made in one place for every kind of error."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from caseloom.engine.case.refusal import Refused

STATUS: Final[dict[str, int]] = {
    "not found": 404,
    "role": 403,
    "rights": 403,
    "wrong state": 409,
    "closed": 409,
    "duplicate": 409,
    "stale": 409,
    "boundary": 422,
    "data": 422,
    "invalid": 422,
    "no rest": 422,
}
"""The answer's status for each code of refusal; a stale `If-Match` is 412 (RFC 9110 §13.1.1)."""


class Problem(Exception):
    """Ends a request with a problem."""

    def __init__(self, refused: Refused, status: int | None = None) -> None:
        super().__init__(refused.message)
        self.refused = refused
        self.status = status or STATUS[refused.code]


def answer(status: int, code: str, detail: str, **more: Any) -> HttpResponse:
    """A problem document. `code` is stable and for programs, `detail` is for people."""
    body = {
        "type": f"/problems/{code.replace(' ', '-')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
    }
    content = msgspec.json.encode({**body, "detail": detail, **more}, enc_hook=str)
    return HttpResponse(content, status=status, content_type="application/problem+json")


def refusal(refused: Refused, status: int | None = None) -> HttpResponse:
    """A refusal with its rule, facts and the ways on."""
    more: dict[str, Any] = {"facts": refused.facts, "next": [msgspec.to_builtins(step) for step in refused.next]}
    if refused.rule is not None:
        more["rule"] = refused.rule
    return answer(status or STATUS[refused.code], refused.code, refused.message, **more)


def _places(error: ValidationError) -> list[dict[str, str]]:
    return [{"place": "/".join(str(part) for part in one["loc"][1:]), "message": one["msg"]} for one in error.errors]


def install(api: NinjaAPI) -> None:
    """Have every error of the API answered as a problem."""
    handlers: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
        Problem: lambda request, error: refusal(error.refused, error.status),
        ValidationError: lambda request, error: answer(
            422, "invalid", "Some values do not fit; each place says why.", places=_places(error)
        ),
        AuthenticationError: lambda request, error: answer(
            401, "signed out", "Send a token as “Authorization: Bearer …”; make one under Administration → API tokens."
        ),
        Http404: lambda request, error: answer(404, "not found", "There is nothing at this address that you may see."),
        HttpError: lambda request, error: answer(error.status_code, "invalid", str(error)),
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
