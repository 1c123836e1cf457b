"""Who calls the API: a token of a member of staff, or the session of a signed-in browser."""

from datetime import timedelta
from typing import Final

from django.db.models import Q
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from caseloom.foundation.clock import now
from caseloom.sdk.access import Access, Right
from caseloom.staff.access import need, of_user
from caseloom.staff.models import ApiToken, User
from caseloom.staff.tokens import digest
from caseloom.web.api.problem import Problem

READING: Final[frozenset[Right]] = frozenset(("read cases", "read customers", "read figures", "read library"))
SEEN_EVERY: Final = timedelta(minutes=5)


def access_of_token(text: str) -> Access | None:
    """The access that a token gives; None for one that is unknown, expired, or whose user has left."""
    moment = now()
    alive = Q(expires_at=None) | Q(expires_at__gt=moment)
    token = ApiToken.objects.select_related("user").filter(alive, digest=digest(text), user__is_active=True).first()
    if token is None:
        return None
    if token.last_used_at is None or token.last_used_at < moment - SEEN_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=moment)
    access = of_user(token.user)
    return Access(access.actor, access.rights & READING, hidden=access.hidden) if token.read_only else access


class Token(HttpBearer):
    """`Authorization: Bearer clm_…` (RFC 6750 §2.1). Who lacks the route's right is told so before anything of the
    request is read.
    """

    def __init__(self, right: Right | None = None) -> None:
        super().__init__()
        self._right = right

    def authenticate(self, request: HttpRequest, token: str) -> Access | None:
        return _with_right(access_of_token(token), self._right)


class Session(APIKeyCookie):
    """The session of a signed-in browser; its changes need the CSRF header."""

    param_name = "sessionid"

    def __init__(self, right: Right | None = None) -> None:
        super().__init__(csrf=True)
        self._right = right

    def authenticate(self, request: HttpRequest, key: str | None) -> Access | None:
        return _with_right(of_user(request.user) if isinstance(request.user, User) else None, self._right)


def _with_right(access: Access | None, right: Right | None) -> Access | None:
    """The access, where it has this right.

    Raises:
        Problem: it has not.
    """
    refused = need(access, right) if access is not None and right is not None else None
    if refused is not None:
        raise Problem(refused)
    return access
