"""What `config` hands the screens at start: stores that it alone can make."""

from collections.abc import Callable
from dataclasses import dataclass

from caseloom.channels.inbox import Inbox
from caseloom.foundation.blobs import Blobs


class NothingHanded(RuntimeError):
    """The rooms were not joined: `caseloom.config` has to start first."""


@dataclass(frozen=True)
class Handed:
    """`blobs` makes the store of bytes, `inbox` that of raw mails; `mail` sends a short text to an address, without
    waiting.
    """

    blobs: Callable[[], Blobs]
    inbox: Callable[[], Inbox]
    mail: Callable[[str, str, str], None]


_handed: list[Handed] = []


def hand(stores: Handed) -> None:
    """Give the screens their stores."""
    _handed[:] = [stores]


def handed() -> Handed:
    """The stores in force.

    Raises:
        NothingHanded: none were handed.
    """
    if not _handed:
        raise NothingHanded("The screens have no stores; start through caseloom.config.")
    return _handed[0]
