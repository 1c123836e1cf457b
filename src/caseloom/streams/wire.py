"""The hot path's way to PostgreSQL: prepared statements over psycopg's own libpq layer (`psycopg.pq`), values packed
in binary.

A durable step takes two statements of a few dozen values, whose types are known when they are written. psycopg's
cursors find dumpers and parse results in general code, which took two thirds of a step's time in Python; here each
value is packed by its type's function. Connections, transactions and errors stay psycopg's.
"""

import struct
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

Connection = psycopg.Connection[Any]
Pack = Callable[[Any], bytes]
EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
MOST_PREPARED: Final = 600
"""Statements kept prepared on a connection; shapes of commands are some dozens."""

_long = struct.Struct("!q").pack
_integer = struct.Struct("!i").pack
_small = struct.Struct("!h").pack
_array_header = struct.Struct("!iiIii").pack
_array_empty = struct.Struct("!iiI").pack
_NULL: Final = b"\xff\xff\xff\xff"


def _moment(value: datetime) -> bytes:
    since = value - EPOCH
    return _long((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def _boolean(value: bool) -> bytes:
    return b"\1" if value else b"\0"


def _uuid(value: UUID) -> bytes:
    return value.bytes


TYPES: Final[dict[str, tuple[int, int, Pack]]] = {
    "bigint": (20, 1016, _long),
    "integer": (23, 1007, _integer),
    "smallint": (21, 1005, _small),
    "boolean": (16, 1000, _boolean),
    "text": (25, 1009, str.encode),
    "bytea": (17, 1001, bytes),
    "timestamptz": (1184, 1185, _moment),
    "uuid": (2950, 2951, _uuid),
}
"""Type → its oid, the oid of its array (pg_type.dat), how a value is packed. These are the types that projections may
have.
"""


class Values:
    """The parameters of one statement, packed, with their types."""

    __slots__ = ("oids", "packed")

    def __init__(self) -> None:
        self.packed: list[bytes | None] = []
        self.oids: list[int] = []

    def add_row(self, packs: Sequence[tuple[int, int, Pack]], row: Sequence[Any]) -> None:
        """One scalar for each column."""
        self.oids += [oid for oid, _, _ in packs]
        self.packed += [None if value is None else pack(value) for (_, _, pack), value in zip(packs, row, strict=True)]

    def add_columns(self, packs: Sequence[tuple[int, int, Pack]], rows: Sequence[Sequence[Any]]) -> None:
        """One array for each column (array_recv: dimensions, null flag, type, length, bound; each element behind its
        length).
        """
        for place, (element, array, pack) in enumerate(packs):
            self.oids.append(array)
            body = [_element(pack, row[place]) for row in rows]
            head = _array_header(1, 1, element, len(rows), 1) if rows else _array_empty(0, 0, element)
            self.packed.append(head + b"".join(body))


def _element(pack: Pack, value: Any) -> bytes:
    if value is None:
        return _NULL
    packed = pack(value)
    return _integer(len(packed)) + packed


def packs_of(types: Sequence[str]) -> tuple[tuple[int, int, Pack], ...]:
    """How values of these types are packed. Raises KeyError for a type that projections may not have."""
    return tuple(TYPES[name] for name in types)


_numbers = count()
_prepared: "WeakKeyDictionary[Connection, dict[str, bytes]]" = WeakKeyDictionary()


def execute(db: Connection, text: str, values: Values) -> PGresult:
    """Run a statement with `$1`-parameters, prepared once a connection; the result holds binary values.

    Raises:
        psycopg.Error: as a cursor would, the matching class by SQLSTATE.
    """
    try:
        return _execute(db, text, values)
    except errors.InvalidSqlStatementName:
        # A pooler in between, or somebody's DEALLOCATE, took the statements away.
        _prepared.pop(db, None)
        if db.pgconn.transaction_status != TransactionStatus.IDLE:
            raise
        return _execute(db, text, values)


def _execute(db: Connection, text: str, values: Values) -> PGresult:
    known = _prepared.setdefault(db, {})
    name = known.get(text)
    if name is None:
        name = _prepare(db, known, text, values)
    _begin_where_asked(db)
    packed: Sequence[Any] = values.packed
    return _checked(db, db.pgconn.exec_prepared(name, packed, [1] * len(packed), 1))


def _prepare(db: Connection, known: dict[str, bytes], text: str, values: Values) -> bytes:
    _begin_where_asked(db)
    if len(known) >= MOST_PREPARED:
        for old in known.values():
            _checked(db, db.pgconn.exec_(b"deallocate " + old))
        known.clear()
    # Never a name again: where only some were taken away, the others still stand under theirs.
    name = b"caseloom_%d" % next(_numbers)
    _checked(db, db.pgconn.prepare(name, text.encode(), values.oids))
    known[text] = name
    return name


def _begin_where_asked(db: Connection) -> None:
    """As psycopg's cursors do: outside autocommit, the first statement opens the transaction."""
    if not db.autocommit and db.pgconn.transaction_status == TransactionStatus.IDLE:
        _checked(db, db.pgconn.exec_(b"begin"))


def _checked(db: Connection, result: PGresult) -> PGresult:
    if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        return result
    raise errors.error_from_result(result, db.info.encoding)


def long(data: bytes | None) -> int | None:
    """An integer of any size, from its binary form."""
    return None if data is None else int.from_bytes(data, "big", signed=True)
