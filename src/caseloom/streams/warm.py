"""What a process has just written, kept for its next command on the same stream.

Who works on a case sends command after command to it. The stream that was written a moment ago need not be read again:
a write lands only on the version that it was decided on, so what is kept here is either how the stream stands or of no
effect. It is taken out to be used (two threads never fold on one state), and short-lived: personal facts do not stay in
memory for long.
"""

import threading
import time
from collections import OrderedDict
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from caseloom.streams.store import Loaded

MOST: Final = 256
SECONDS: Final = 30.0


class Kept(NamedTuple):
    """A stream at rest: its row as a load would tell it, its state, and the key of its person."""

    loaded: Loaded
    state: Any
    key: AESGCM | None
    until: float


class Warm:
    """The streams written last, `MOST` at most, none for longer than `SECONDS`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Kept] = OrderedDict()

    def take(self, stream: int) -> Kept | None:
        """The stream, which is gone from here then; None where it is not kept."""
        with self._lock:
            kept = self._kept.pop(stream, None)
        return kept if kept is not None and kept.until > time.monotonic() else None

    def put(self, loaded: Loaded, state: Any, key: AESGCM | None) -> None:
        """Keep a stream that has just been written."""
        now = time.monotonic()
        with self._lock:
            self._kept.pop(loaded.id, None)
            self._kept[loaded.id] = Kept(loaded, state, key, now + SECONDS)
            while len(self._kept) > MOST or next(iter(self._kept.values())).until <= now:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all: the database was away, and may have come back as another."""
        with self._lock:
            self._kept.clear()
