"""Rights, route by route: every route of the router × every role × an object that is foreign to it.

A new route fails the test until its view names its right.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from caseloom.channels.links import make_link_token
from caseloom.sdk.access import Right
from caseloom.staff.access import ROLE_RIGHTS
from caseloom.staff.models import Team
from caseloom.web.api.urls import api
from caseloom.web.portal.entrance import SESSION
from caseloom.web.rights import ATTRIBUTE
from tests.streams.kit import a_case, a_customer, a_service_goal
from tests.web.api.kit import Caller, a_user

pytestmark = pytest.mark.django_db(transaction=True)
ROLES = (*ROLE_RIGHTS, "nobody")
OUTSIDE = {
    "health",
    "portal:enter",
    "portal:code",
    "portal:leave",
    "live",
    "home",
    "set_language",
    "door",
    "root",
    "theme",
}
"""Routes that ask for no right: the ways in, and what a machine asks."""
FOREIGN_PARTS = ("admin/", "accounts/", "api/v1/")


@dataclass(frozen=True)
class Screen:
    """A route of the screens."""

    name: str
    path: str
    right: str | None


def screens() -> Iterator[Screen]:
    yield from _screens(get_resolver().url_patterns, "", "")


def _screens(patterns: Any, prefix: str, space: str) -> Iterator[Screen]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not path.startswith(FOREIGN_PARTS):
                inside = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from _screens(pattern.url_patterns, path, inside)
        elif isinstance(pattern, URLPattern) and not path.startswith(FOREIGN_PARTS):
            right = getattr(pattern.callback, ATTRIBUTE, None)
            yield Screen(f"{space}{pattern.name}", path, right)


def operations() -> list[tuple[str, str, str]]:
    """(method, path, right) of every route of the API."""
    paths = api.get_openapi_schema(path_prefix="")["paths"]
    return [
        (method, path, operation.get("x-right", ""))
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]


@dataclass(frozen=True)
class World:
    customer: int
    case: int
    foreign: int
    stranger: int


@pytest.fixture
def world() -> World:
    a_service_goal()
    Team(key="secret", title="Secret", confidential=True).save()
    customer, stranger = a_customer("Maria Keller"), a_customer("Jens Ott")
    return World(customer, a_case(customer), a_case(stranger, team="secret"), stranger)


def filled(path: str, case: int, customer: int) -> str:
    values = {"case": case, "customer": customer, "key": "test", "version": 1, "contact": 1}
    for name, value in values.items():
        for shape in (f"{{{name}}}", f"<stream:{name}>", f"<str:{name}>", f"<int:{name}>", f"<path:{name}>"):
            path = path.replace(shape, str(value))
    for shape, value in (
        ("<stream:contact>", "1"),
        ("<stream:blob>", "1"),
        ("<stream:mail>", "1"),
        ("<stream:item>", "1"),
        ("<str:command>", "AddNote"),
        ("<str:figure>", "turnaround"),
        ("<str:what>", "goal"),
        ("<int:number>", "1"),
        ("<int:goal>", "1"),
        ("<int:flow>", "1"),
        ("<int:node>", "1"),
        ("<stream:past>", "1"),
        ("<stream:other>", "1"),
    ):
        path = path.replace(shape, value)
    return path


def test_every_route_names_its_right() -> None:
    known = set(get_args(Right))
    missing = [screen.name for screen in screens() if screen.right not in known and screen.name not in OUTSIDE]
    assert missing == [], "say on these views what right they need"
    unnamed = [f"{method} {path}" for method, path, right in operations() if right not in known | {"signed in"}]
    assert unnamed == []


def test_the_api_lets_each_role_do_what_it_may_and_nothing_else(world: World) -> None:
    wrong = []
    for role in ROLES:
        caller = Caller(*([role] if role != "nobody" else []), name=f"caller {role}")
        for method, path, right in operations():
            allowed = right == "signed in" or right in ROLE_RIGHTS.get(role, ())
            body = _body(path) if method == "post" else None
            answer = caller.call(method, filled(path, world.case, world.customer), body)
            if (answer.status_code == 403) == allowed or answer.status_code >= 500:
                wrong.append((role, method, path, right, answer.status_code))
    assert wrong == []


def test_the_api_knows_nobody_without_a_token(world: World) -> None:
    for method, path, _ in operations():
        answer = Client().generic(method.upper(), "/api/v1" + filled(path, world.case, world.customer))
        assert answer.status_code == 401, path


def test_the_api_shows_no_trace_of_a_confidential_teams_case(world: World) -> None:
    agent = Caller("agent", name="agent outside")
    wrong = []
    for method, path, right in operations():
        if "{case}" in path and right in ROLE_RIGHTS["agent"]:
            body = _body(path) if method == "post" else None
            answer = agent.call(method, filled(path, world.foreign, world.stranger), body)
            unknown = agent.call(method, filled(path, 999_999, world.stranger), body)
            if (answer.status_code, answer.content) != (unknown.status_code, unknown.content):
                wrong.append((method, path, answer.status_code, unknown.status_code))
    assert wrong == []
    lines = [
        line["case"] for view in ("all", "team", "due") for line in agent.get(f"/cases?view={view}").json()["cases"]
    ]
    assert world.foreign not in lines
    assert world.foreign not in [hit["id"] for hit in agent.get(f"/search?q={world.foreign}").json()]


def _body(path: str) -> dict[str, Any]:
    """A body of the operation's required fields."""
    document = api.get_openapi_schema(path_prefix="")
    name = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].split("/")[
        -1
    ]
    schema = document["components"]["schemas"][name]
    samples = {"integer": 1, "string": "x", "object": {}, "boolean": True, "array": []}
    body = {}
    for field in schema.get("required", ()):
        shape = schema["properties"][field]
        body[field] = shape["enum"][0] if "enum" in shape else samples.get(shape.get("type", ""), 1)
        if shape.get("format") == "date-time":
            body[field] = datetime.now(UTC).isoformat()
    return json.loads(json.dumps(body)) if body else {}


def test_the_screens_let_each_role_see_what_it_may(world: World) -> None:
    wrong = []
    for role in ROLES:
        browser = Client(raise_request_exception=False)
        browser.force_login(a_user(*([role] if role != "nobody" else []), name=f"user {role}"), _BACKEND)
        for screen in screens():
            if screen.right in (None, "own case"):
                continue
            allowed = screen.right in ROLE_RIGHTS.get(role, ())
            for method in ("get", "post"):
                answer = getattr(browser, method)("/" + filled(screen.path, world.case, world.customer))
                refused = answer.status_code == 403
                if answer.status_code == 405:
                    continue
                if refused == allowed or answer.status_code >= 500:
                    wrong.append((role, method, screen.name, screen.right, answer.status_code))
    assert wrong == []


_BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_the_screens_lead_a_stranger_to_the_sign_in(world: World) -> None:
    for screen in screens():
        if screen.right not in (None, "own case"):
            answer = Client().get("/" + filled(screen.path, world.case, world.customer))
            assert answer.status_code in (302, 405), screen.name


def test_the_screens_answer_for_a_foreign_case_as_if_there_were_none(world: World) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(a_user("agent", name="outside"), _BACKEND)
    for screen in screens():
        if "<stream:case>" in screen.path and screen.right in ROLE_RIGHTS["agent"]:
            for method in ("get", "post"):
                answer = getattr(browser, method)("/" + filled(screen.path, world.foreign, world.stranger))
                assert answer.status_code in (404, 405), (screen.name, method, answer.status_code)


def test_a_customer_reaches_their_own_matter_alone(world: World) -> None:
    signed_in = Client(raise_request_exception=False)
    session = signed_in.session
    session[SESSION] = world.customer
    session.save()
    token = make_link_token(world.customer, world.foreign, datetime.now(UTC))
    for screen in screens():
        if screen.right != "own case" or "<str:key>" in screen.path:
            continue
        foreign = "/" + filled(screen.path, world.foreign, world.customer).replace("<str:token>", token)
        if "<stream:case>" in screen.path or "<str:token>" in screen.path:
            for method in ("get", "post"):
                answer = getattr(signed_in, method)(foreign.replace("AddNote", "rate"))
                assert answer.status_code in (404, 405), (screen.name, method, answer.status_code)
    assert signed_in.get(f"/portal/matters/{world.case}/").status_code == 200


def test_a_customer_reaches_no_screen_of_the_staff(world: World) -> None:
    signed_in = Client()
    session = signed_in.session
    session[SESSION] = world.customer
    session.save()
    for screen in screens():
        if screen.right not in (None, "own case"):
            answer = signed_in.get("/" + filled(screen.path, world.case, world.customer))
            assert answer.status_code in (302, 405), screen.name
