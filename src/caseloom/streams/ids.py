"""Fresh ids of streams, taken from the database's sequence in blocks, so that most cost nothing."""

import threading
from collections.abc import Iterator
from typing import Final

import psycopg

from caseloom.streams.store import raw_connection

BLOCK: Final = 64
"""As the sequence's increment (sql/0001_streams.sql)."""


class Ids(Iterator[int]):
    """An endless iterator of ids, safe to share between threads. A restart leaves a gap, never a double."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = self._end = 0

    def __next__(self) -> int:
        with self._lock:
            if self._next == self._end:
                self._next = self._block()
                self._end = self._next + BLOCK
            self._next += 1
            return self._next - 1

    def forget(self) -> None:
        """Take a new block next time: the database behind was replaced (tests do)."""
        with self._lock:
            self._next = self._end = 0

    @staticmethod
    def _block() -> int:
        with psycopg.Cursor(raw_connection()) as cursor:
            cursor.execute("select nextval('stream_id_seq')")
            row = cursor.fetchone()
            return int(row[0]) if row else 0
