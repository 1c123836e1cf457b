"""Links for customers without an account: a signed token that names one customer's one case, and ends by itself."""

from datetime import datetime, timedelta
from typing import Final

import msgspec
from django.core import signing

SALT: Final = "caseloom.portal.link"
VALID: Final = timedelta(days=30)
PLACEHOLDER: Final = "[portal link]"
"""Where it stands in the text of a letter, the link is put in when the letter goes out."""


class Link(msgspec.Struct, frozen=True):
    """What a link was made for."""

    customer: int
    case: int


class LinkFault(ValueError):
    """A link that opens nothing; the message is for the person who followed it."""


class _Signer(signing.TimestampSigner):
    """Signs for a moment that comes in as an argument, so that a letter that is sent again has the same bytes."""

    def __init__(self, at: datetime | None = None) -> None:
        super().__init__(salt=SALT)
        self._at = at

    def timestamp(self) -> str:
        return signing.b62_encode(int(self._at.timestamp())) if self._at is not None else super().timestamp()


def make_link_token(customer: int, case: int, at: datetime) -> str:
    """A token made at this moment, of letters, digits and `-_:` alone."""
    return _Signer(at).sign(f"{customer}-{case}")


def read_link_token(token: str, max_age: timedelta = VALID) -> Link:
    """What a token was made for.

    Raises:
        LinkFault: it was changed, or is older than `max_age`.
    """
    try:
        customer, _, case = _Signer().unsign(token, max_age=max_age).partition("-")
        return Link(int(customer), int(case))
    except signing.SignatureExpired as error:
        raise LinkFault("This link has expired. Ask for a new one, or sign in with a mailed code.") from error
    except (signing.BadSignature, ValueError) as error:
        raise LinkFault(
            "This link is not complete. Copy the whole of it from the mail, or ask for a new one."
        ) from error
