"""Timers: rows that the door writes, and the sweeper that brings due ones back through it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

import psycopg
from psycopg.rows import tuple_row

from caseloom.engine.case.refusal import Refused
from caseloom.sdk.access import program
from caseloom.sdk.stream import Order, Row, Table
from caseloom.streams import store
from caseloom.streams.handle import Door, Verdict

TIMER: Final = Table("timer", {"stream": "bigint", "name": "text"}, {"due": "timestamptz"})

_DUE: Final = """
select t.stream, t.name, t.due, s.kind from timer t join stream s on s.id = t.stream
where t.due <= %s order by t.due limit %s for update of s skip locked
"""
_GONE: Final = """
delete from timer t using unnest(%s::bigint[], %s::text[], %s::timestamptz[]) v(stream, name, due)
where t.stream = v.stream and t.name = v.name and t.due = v.due
"""
_LATER: Final = """
update timer t set due = %s from unnest(%s::bigint[], %s::text[], %s::timestamptz[]) v(stream, name, due)
where t.stream = v.stream and t.name = v.name and t.due = v.due
"""
PAUSE: Final = timedelta(minutes=5)
"""Before a timer whose command failed, or was refused by a rule, comes again."""


def timer(stream: int, name: str, due: datetime | None) -> Row:
    """The projection's row of a timer: set, moved, or gone (`due` None)."""
    return Row(TIMER, (stream, name), None if due is None else (due,))


def command_id(stream: int, name: str, due: datetime) -> UUID:
    """The same due timer is the same command, whoever brings it and however often."""
    return uuid5(NAMESPACE_OID, f"{stream} {name} {due.isoformat()}")


class Sweeper:
    """Takes due timers and sends them through the batch door. It holds their streams, as every writer does, and skips
    those that somebody else holds: so any number of sweepers share the work, and nobody waits in a circle.

    `make` turns a timer's name into the command of the stream's kind (by the kind's number); `heard` is told when
    each was due.
    """

    def __init__(
        self,
        door: Door,
        make: dict[int, Callable[[str], Any]],
        batch: int = 200,
        heard: Callable[[datetime], None] = lambda due: None,
    ) -> None:
        self._door, self._make, self._batch, self._heard = door, make, batch, heard
        self._names = {kind.number: kind.name for kind in door.kinds.values()}
        self._access = program("sweeper")

    def sweep(self) -> int:
        """Bring in one batch of due timers; how many there were. Call again at once while it is full."""
        db = store.raw_connection()
        with db.transaction(), psycopg.Cursor(db, row_factory=tuple_row) as cursor:
            cursor.execute(_DUE, (self._door.clock(), self._batch))
            due = cursor.fetchall()
            if not due:
                return 0
            verdicts = self._door.handle_many([self._order(*row) for row in due])
            told = list(zip(due, verdicts, strict=True))
            spent = [row[:3] for row, verdict in told if _is_over(verdict)]
            if spent:
                cursor.execute(_GONE, _columns(spent))
            again = [row[:3] for row, verdict in told if isinstance(verdict, Refused) and not _is_over(verdict)]
            if again:
                cursor.execute(_LATER, (self._door.clock() + PAUSE, *_columns(again)))
        for row in due:
            self._heard(row[2])
        return len(due)

    def _order(self, stream: int, name: str, due: datetime, kind: int) -> Order:
        return Order(self._names[kind], stream, self._make[kind](name), command_id(stream, name, due), self._access)


def _is_over(verdict: Verdict) -> bool:
    """Whether the timer has nothing to do any more: it rang before, or is not wanted."""
    return verdict.code in ("wrong state", "not found") if isinstance(verdict, Refused) else verdict.repeated


def _columns(rows: Sequence[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    return tuple([row[place] for row in rows] for place in range(3))
