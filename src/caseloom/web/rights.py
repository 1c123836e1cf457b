"""Which right a route needs, said once on its view; and the access of whoever is signed in.

`needs` wraps a view so that it gets an `Access`, never a bare user. What a route needs can be read off the route
itself (`route_rights`): a test makes its matrix of routes, roles and foreign objects from it.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from caseloom.sdk.access import Access, Right
from caseloom.staff.access import ROLE_RIGHTS, of_user
from caseloom.staff.models import User

P = ParamSpec("P")
Given = Callable[Concatenate[HttpRequest, Access, P], HttpResponseBase]
Served = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
ATTRIBUTE: Final = "needed_right"


def needs(right: Right) -> Callable[[Given[P]], Served[P]]:
    """A view for those who are signed in and have this right; it gets their `Access` as its second argument."""

    def around(view: Given[P]) -> Served[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user = request.user
            if not isinstance(user, User):
                return _to_sign_in(request)
            access = of_user(user)
            if not access.may(right):
                return no_right(request, right)
            _their_time(request)
            return view(request, access, *args, **kwargs)

        setattr(guarded, ATTRIBUTE, right)
        return cast("Served[P]", guarded)

    return around


def route_rights(patterns: Iterable[URLPattern | URLResolver], prefix: str = "") -> dict[str, Right]:
    """Route name → the right that it needs, for every route below that asks for one."""
    found: dict[str, Right] = {}
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            found |= route_rights(cast("list[Any]", pattern.url_patterns), inside)
        elif (right := getattr(pattern.callback, ATTRIBUTE, None)) is not None:
            found[f"{prefix}{pattern.name}"] = right
    return found


def no_right(request: HttpRequest, right: Right) -> HttpResponse:
    """403 with the words that say who may."""
    who = sorted(role for role, rights in ROLE_RIGHTS.items() if right in rights)
    return render(request, "no_right.html", {"right": right, "who": who}, status=403)


def no_such(request: HttpRequest, what: str = "page") -> HttpResponse:
    """404 with what to do next; also for what exists and is not for this person."""
    return render(request, "no_such.html", {"what": what}, status=404)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer.headers["HX-Redirect"] = redirect_to_login(request.headers.get("HX-Current-URL", "/desk/")).url
        return answer
    return redirect_to_login(request.get_full_path())


def _their_time(request: HttpRequest) -> None:
    """Times are shown, and read from forms, in the zone of the browser (cookie `zone`, an IANA name)."""
    timezone.deactivate()
    named = request.COOKIES.get("zone", "")
    if named and len(named) < 60:
        with suppress(ValueError, LookupError, OSError):
            timezone.activate(ZoneInfo(named))
