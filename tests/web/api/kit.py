"""Callers of the API, by role."""

from collections.abc import Sequence
from typing import Any

from django.test import Client

from caseloom.staff.models import User
from caseloom.staff.tokens import make_token


def a_user(*roles: str, teams: Sequence[str] = ("service",), name: str = "") -> User:
    user = User(username=name or "-".join(roles) or "nobody", roles=list(roles), teams=list(teams))
    user.set_unusable_password()
    user.save()
    return user


class Caller:
    """Calls with a token of its own."""

    def __init__(
        self, *roles: str, teams: Sequence[str] = ("service",), name: str = "", read_only: bool = False
    ) -> None:
        self.user = a_user(*roles, teams=teams, name=name)
        _, self.token = make_token(self.user, "test", read_only)
        self._client = Client(raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        known = {
            "Authorization": f"Bearer {self.token}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self._client.generic(
            method.upper(), f"/api/v1{path}", _text(body), content_type="application/json", headers=known
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.call("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("post", path, {} if body is None else body, **headers)


def _text(body: Any) -> str:
    import json

    return body if isinstance(body, str) else "" if body is None else json.dumps(body)
