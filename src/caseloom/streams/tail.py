"""Following all events as they come, without a gap: what learns from them, or tells others, reads here.

Positions alone do not do: a transaction that began earlier may commit later, with lower positions. The order is that of
transactions, and only those are read that are older than every one that still runs (DESIGN §7; LESSONS, PostgreSQL).
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from psycopg.rows import namedtuple_row

from caseloom.sdk.stream import Recorded
from caseloom.streams import store
from caseloom.streams.codec import Damaged
from caseloom.streams.handle import Door

PORTION: Final = 1_000
_NEXT: Final = """
select e.transaction::text::bigint as transaction, e.position, e.stream, e.version, e.at, e.actor, e.type, e.data,
  s.kind
from event e join stream s on s.id = e.stream
where (e.transaction, e.position) > (%s::text::xid8, %s) and (e.transaction, e.position) <= (%s::text::xid8, %s)
{types}order by e.transaction, e.position limit %s
"""
_ALL: Final = _NEXT.format(types="")
_SOME: Final = _NEXT.format(types="and e.type = any(%s) ")
_LAST: Final = """
select transaction::text::bigint, position from event
where transaction < pg_snapshot_xmin(pg_current_snapshot()) order by transaction desc, position desc limit 1
"""


class Place(NamedTuple):
    """How far the events have been followed."""

    transaction: int = 0
    position: int = 0


class Followed(msgspec.Struct, frozen=True):
    """An event with its place, without what is personal in it. `kind` is the name of its stream's kind."""

    place: Place
    kind: str
    recorded: Recorded


def follow(door: Door, after: Place, types: Sequence[str] = (), limit: int = PORTION) -> tuple[list[Followed], Place]:
    """The next events behind a place, in their order, and the place that they were followed to; only events stored
    under one of `types`, where any is named.

    Raises:
        psycopg.OperationalError: the database is away.
    """
    names = {kind.number: kind.name for kind in door.kinds.values()}
    until = last_place()
    if until <= after:
        return [], after
    rows = _rows(after, until, types, limit)
    found = [
        Followed(Place(row.transaction, row.position), names[row.kind], recorded)
        for row in rows
        if (recorded := _recorded(door, names[row.kind], row)) is not None
    ]
    return found, Place(rows[-1].transaction, rows[-1].position) if len(rows) == limit else until


def _rows(after: Place, until: Place, types: Sequence[str], limit: int) -> list[Any]:
    between = (str(after.transaction), after.position, str(until.transaction), until.position)
    with psycopg.Cursor(store.raw_connection(), row_factory=namedtuple_row) as cursor:
        if types:
            cursor.execute(_SOME, (*between, list(types), limit))
        else:
            cursor.execute(_ALL, (*between, limit))
        return cursor.fetchall()


def _recorded(door: Door, kind: str, row: Any) -> Recorded | None:
    """What cannot be read is passed over here: replay is where it is told."""
    try:
        event = door.codecs[kind].decode(row.type, row.data, None, None)
    except Damaged:
        return None
    return Recorded(row.stream, row.version, row.at, row.actor, event)


def last_place() -> Place:
    """The place of the newest event that can be followed."""
    with psycopg.Cursor(store.raw_connection()) as cursor:
        cursor.execute(_LAST)
        row = cursor.fetchone()
    return Place(*row) if row is not None else Place()
