"""Telling the screens what has changed: after commit, coalesced, on a connection of its own.

A `pg_notify` inside the hot transaction would serialise the commits of all writers; so a thread collects what the
door reports and tells all of it in one statement every `COALESCE` seconds at most. The connection is closed when
nothing has been said for a while.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import psycopg
from django.db import connection as django_connection

CHANGED: Final = "caseloom_changed"
"""The channel of changed streams; its payload is their ids, by commas."""
PRESENCE: Final = "caseloom_presence"
"""The channel of who has which case open; its payload is JSON."""
COALESCE: Final = 0.06
IDLE: Final = 0.5
AT_ONCE: Final = 350
"""Ids in one payload: PostgreSQL takes 8,000 bytes."""
WAITING_AT_MOST: Final = 10_000
log = logging.getLogger(__name__)


def own_connection() -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection beside Django's pool, for what listens or notifies for long."""
    params = dict(django_connection.get_connection_params())
    params.pop("cursor_factory", None)
    params.pop("context", None)
    return psycopg.connect(**params, autocommit=True)


class Notifier:
    """Collects what changed and tells it. Losing a notice does no harm: screens also look by themselves."""

    def __init__(self, connect: Callable[[], "psycopg.Connection[tuple[Any, ...]]"] = own_connection) -> None:
        self._connect = connect
        self._lock = threading.Condition()
        self._changed: dict[int, None] = {}
        self._said: list[tuple[str, str]] = []
        self._thread: threading.Thread | None = None

    def changed(self, streams: Sequence[int]) -> None:
        """These streams have changed; returns at once."""
        with self._lock:
            first = not (self._changed or self._said)
            if len(self._changed) < WAITING_AT_MOST:
                self._changed.update(dict.fromkeys(streams))
            self._wake(first)

    def tell(self, channel: str, message: Mapping[str, Any]) -> None:
        """A message to whoever listens on `channel`; returns at once."""
        with self._lock:
            first = not (self._changed or self._said)
            if len(self._said) < WAITING_AT_MOST:
                self._said.append((channel, json.dumps(message)))
            self._wake(first)

    def _wake(self, first: bool) -> None:
        """Let the thread look. Where something waited already, it has been told."""
        # A server forks its workers: the thread of before does not come along.
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)
            self._thread.start()
        elif first:
            self._lock.notify()

    def _run(self) -> None:
        db: psycopg.Connection[tuple[Any, ...]] | None = None
        while True:
            messages = self._take(IDLE if db is not None else None)
            if not messages:
                if db is not None:
                    db.close()
                db = None
                continue
            try:
                db = db or self._connect()
                db.execute(
                    "select pg_notify(c, p) from unnest(%s::text[], %s::text[]) m(c, p)",
                    [list(part) for part in zip(*messages, strict=True)],
                )
            except (psycopg.Error, OSError):
                log.warning("%d notices to the screens were lost: the database does not answer.", len(messages))
                if db is not None:
                    with suppress(psycopg.Error):
                        db.close()
                db = None

    def _take(self, timeout: float | None) -> list[tuple[str, str]]:
        """What is to be told, after a moment in which more may come; nothing when `timeout` has passed."""
        with self._lock:
            if not self._lock.wait_for(lambda: bool(self._changed or self._said), timeout):
                return []
        threading.Event().wait(COALESCE)
        with self._lock:
            ids, said = list(self._changed), self._said
            self._changed, self._said = {}, []
        parts = (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
        return [(CHANGED, ",".join(map(str, part))) for part in parts] + said


the_notifier: Final = Notifier()
