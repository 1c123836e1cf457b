"""Tokens for the API: made once, told once, kept as a digest."""

import hashlib
import secrets
from typing import Final

from caseloom.staff.models import ApiToken, User

PREFIX: Final = "clm_"


def digest(token: str) -> str:
    """What is kept of a token. It is long and random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def make_token(user: User, title: str, read_only: bool = False) -> tuple[ApiToken, str]:
    """A new token and its text, which is told once and never again."""
    text = new_token()
    token = ApiToken(digest=digest(text), title=title, user=user, read_only=read_only)
    token.save()
    return token, text
