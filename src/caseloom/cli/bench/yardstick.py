"""The yardstick of the door: raw psycopg that writes the same rows and bytes in the fewest round trips, and decides
nothing.

What the door wrote for each command is recorded once; the yardstick reads the snapshot and writes the recorded rows
again, under another stream, in one hand-written statement with scalar parameters (which is cheaper for PostgreSQL
than the door's arrays).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

import psycopg
from psycopg import sql

from caseloom.sdk.stream import Row
from caseloom.streams import store
from caseloom.streams.store import Batch, Connection, EventRow, StreamRow

READ: Final = (
    "select s.version, s.snapshot, s.head, k.key from stream s "
    "left join person_key k on k.person = s.person where s.id = $1"
)


@contextmanager
def recording() -> Iterator[list[Batch]]:
    """Keep what the door writes while this is open."""
    kept: list[Batch] = []
    write = store.write

    def recorded(db: Connection, batch: Batch) -> int:
        kept.append(batch)
        return write(db, batch)

    store.write = recorded
    try:
        yield kept
    finally:
        store.write = write


class Raw:
    """Writes recorded batches for a stream of its own, each as one transaction."""

    def __init__(self, db: Connection, stream: int, first: Batch) -> None:
        # The product's connections let psycopg prepare nothing; the yardstick is to run at its best.
        db.prepare_threshold = 0
        self._cursor = psycopg.RawCursor(db)
        self._stream = stream
        self._version = 0
        row = first.streams[0]
        self._cursor.execute(
            "insert into stream values ($1, 1, 1, 0, $2, $3, $4)", (stream, row.person, row.head, row.snapshot)
        )

    def step(self, batch: Batch) -> None:
        """Read the snapshot, write the batch's rows."""
        self._cursor.execute(READ, (self._stream,), prepare=True)
        self._cursor.fetchone()
        text, values = self._statement(batch)
        self._cursor.execute(text, values, prepare=True)
        self._cursor.fetchone()

    def together(self, batches: Sequence[Batch]) -> None:
        """Write many batches in one transaction, with one statement for each table."""
        events = [self._event(event) for batch in batches for event in batch.events]
        last = batches[-1]
        with self._cursor.connection.transaction():
            self._cursor.execute(READ, (self._stream,), prepare=True)
            self._cursor.fetchone()
            with self._cursor.connection.pipeline():
                self._cursor.executemany(_INSERT_EVENT, events)
                self._cursor.execute(_UPDATE_STREAM, self._stream_values(last.streams[0]))
                for row in {(*row.key[1:], row.table.name): row for batch in batches for _, row in batch.rows}.values():
                    self._cursor.execute(*_row_statement(self._stream, row))

    def _event(self, event: EventRow) -> tuple[Any, ...]:
        self._version += 1
        command = uuid4() if event.command is not None else None
        return (self._stream, self._version, *event[2:9], command)

    def _stream_values(self, row: StreamRow) -> tuple[Any, ...]:
        return (self._stream, self._version, row.head, row.snapshot)

    def _statement(self, batch: Batch) -> tuple[str, list[Any]]:
        expected = self._version
        events = [self._event(event) for event in batch.events]
        values: list[Any] = [*self._stream_values(batch.streams[0]), expected]
        parts = [_UPDATE_STREAM + " and version = $5 returning id"]
        for event in events:
            parts.append(_placed(_INSERT_EVENT, len(values)))
            values += event
        for _, row in batch.rows:
            text, given = _row_statement(self._stream, row)
            parts.append(_placed(text, len(values)))
            values += given
        named = ", ".join(f"p{number} as ({part})" for number, part in enumerate(parts))
        return f"with {named} select count(*) from p0", values  # noqa: S608 - constants and quoted names alone


_INSERT_EVENT: Final = """insert into event (stream, version, at, type, actor, person, data, sealed, head, command)
values ($1::bigint, $2::integer, $3::timestamptz, $4::text, $5::text, $6::bigint, $7::bytea,
 $8::bytea, $9::bytea, $10::uuid)"""
_UPDATE_STREAM: Final = "update stream set version = $2, head = $3, snapshot = $4 where id = $1"


def _placed(text: str, before: int) -> str:
    """The statement with its parameters counted on from those before it."""
    pieces = text.split("$")
    moved = []
    for piece in pieces[1:]:
        digits = len(piece) - len(piece.lstrip("0123456789"))
        moved.append(f"${int(piece[:digits]) + before}{piece[digits:]}")
    return pieces[0] + "".join(moved)


def _row_statement(stream: int, row: Row) -> tuple[str, tuple[Any, ...]]:
    table = row.table
    key = (stream, *row.key[1:])
    types = [*table.key.values(), *table.columns.values()]
    names = [sql.Identifier(name).as_string(None) for name in (*table.key, *table.columns)]
    keys = names[: len(table.key)]
    if row.values is None:
        match = " and ".join(f"{name} = ${place}" for place, name in enumerate(keys, 1))
        return f"delete from {table.name} where {match}", key  # noqa: S608
    slots = ", ".join(f"${place}::{kind}" for place, kind in enumerate(types, 1))
    sets = ", ".join(f"{name} = excluded.{name}" for name in names[len(keys) :])
    conflict = f"on conflict ({', '.join(keys)}) do update set {sets}"
    text = f"insert into {table.name} ({', '.join(names)}) values ({slots}) {conflict}"  # noqa: S608
    return text, (*key, *row.values)
