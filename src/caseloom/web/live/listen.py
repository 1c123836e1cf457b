"""What changed, as it comes from the database, handed to every desk that this process serves.

One connection listens for the whole process. For each batch of changed streams it asks once which of them are cases
and of which team, so that a client only compares (`reaches_case`) and needs no database of its own.
"""

import json
import logging
import os
import queue
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import psycopg

from caseloom.foundation.clock import now
from caseloom.streams.notify import CHANGED, PRESENCE, own_connection

ROOM: Final = 200
"""Notices that may wait for a slow client; one that falls further behind is told to look at everything anew."""
PRESENT: Final = timedelta(seconds=40)
log = logging.getLogger(__name__)


class CaseChanged(msgspec.Struct, frozen=True):
    case: int
    team: str
    customer: int


class Present(msgspec.Struct, frozen=True):
    """Somebody has this case open; `typing` while they write."""

    case: int
    team: str
    actor: str
    name: str
    typing: bool = False
    gone: bool = False


class LookAgain(msgspec.Struct, frozen=True):
    """Notices may have been lost."""


Notice = CaseChanged | Present | LookAgain


class Client:
    """One open desk's queue."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Notice] = queue.Queue(ROOM)

    def put(self, notice: Notice) -> None:
        try:
            self._queue.put_nowait(notice)
        except queue.Full:
            with suppress(queue.Empty):
                while True:
                    self._queue.get_nowait()
            self._queue.put_nowait(LookAgain())

    def get(self, timeout: float) -> Notice | None:
        """The next notice, or None when `timeout` seconds brought none."""
        try:
            return self._queue.get(timeout=timeout)
        except queue.Empty:
            return None


class Listener:
    """The process's ear. Starts with the first client, ends after the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients: set[Client] = set()
        self._thread: threading.Thread | None = None
        self._process = 0
        self._here: dict[tuple[int, str], tuple[datetime, Present]] = {}

    def join(self) -> Client:
        """A new client; the caller leaves with `leave`."""
        client = Client()
        with self._lock:
            self._clients.add(client)
            if self._thread is None or not self._thread.is_alive() or self._process != os.getpid():
                self._process = os.getpid()
                self._thread = threading.Thread(target=self._run, name="listener", daemon=True)
                self._thread.start()
        return client

    def leave(self, client: Client) -> None:
        with self._lock:
            self._clients.discard(client)

    def clients(self) -> int:
        """How many desks listen to this process."""
        return len(self._clients)

    def let_go(self, timeout: float = 60.0) -> None:
        """Drop all clients and wait until the connection is closed, at most so many seconds."""
        with self._lock:
            self._clients.clear()
            thread = self._thread
        if thread is not None and self._process == os.getpid():
            thread.join(timeout)

    def present(self, case: int, but: str = "") -> list[Present]:
        """Who has the case open now, without the actor who asks."""
        until = now() - PRESENT
        with self._lock:
            self._here = {place: kept for place, kept in self._here.items() if kept[0] > until}
            return [one for _, one in self._here.values() if one.case == case and one.actor != but]

    def _wanted(self) -> bool:
        """Whether somebody listens. Where nobody does this thread has ended, and whoever joins next starts another:
        both are decided under one lock, so that nobody joins a thread that is on its way out.
        """
        with self._lock:
            if not self._clients and self._thread is threading.current_thread():
                self._thread = None
            return bool(self._clients)

    def _run(self) -> None:
        while self._wanted():
            try:
                with own_connection() as db:
                    db.execute(f"listen {CHANGED}")
                    db.execute(f"listen {PRESENCE}")
                    self._fan_out([LookAgain()])
                    self._follow(db)
            except (psycopg.Error, OSError):
                log.warning("The ear for live updates lost the database; it tries again.")
                threading.Event().wait(1.0)

    def _follow(self, db: "psycopg.Connection[tuple[Any, ...]]") -> None:
        while self._clients:
            # Read to its end first: a connection that yields notices takes no query.
            heard = list(db.notifies(timeout=0.5, stop_after=1))
            notices: list[Notice] = []
            for one in heard:
                notices += _cases(db, one.payload) if one.channel == CHANGED else self._remembered(one.payload)
            self._fan_out(notices)

    def _remembered(self, payload: str) -> list[Notice]:
        try:
            here = msgspec.convert(json.loads(payload), Present)
        except (ValueError, msgspec.ValidationError):
            return []
        with self._lock:
            if here.gone:
                self._here.pop((here.case, here.actor), None)
            else:
                self._here[here.case, here.actor] = (now(), here)
        return [here]

    def _fan_out(self, notices: list[Notice]) -> None:
        with self._lock:
            clients = list(self._clients)
        for client in clients:
            for notice in notices:
                client.put(notice)


def _cases(db: "psycopg.Connection[tuple[Any, ...]]", payload: str) -> list[Notice]:
    ids = [int(part) for part in payload.split(",") if part.isdigit()]
    rows = db.execute("select id, team, customer from case_row where id = any(%s)", (ids,)).fetchall()
    return [CaseChanged(*row) for row in rows]


the_listener: Final = Listener()
