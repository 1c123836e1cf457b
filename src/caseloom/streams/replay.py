"""Replay: the events alone rebuild a stream's snapshot and projections (DESIGN §4), and prove that the live ones are
right.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from caseloom.engine.case.evolve import Stamp
from caseloom.sdk.stream import Decided, Recorded, Row, StreamKind, Table
from caseloom.streams import store
from caseloom.streams.codec import NO_HEAD, chain
from caseloom.streams.handle import Door
from caseloom.streams.store import Connection, StreamRow


class Difference(msgspec.Struct, frozen=True):
    """Something that the live database says otherwise than the events do."""

    stream: int
    place: str
    live: str
    rebuilt: str


def read_history(
    door: Door, kind: StreamKind[Any], stream: int, after: int = 0, until: int = 2**31 - 1
) -> list[Recorded]:
    """The events of a stream, unsealed as far as their persons are not erased."""
    codec = door.codecs[kind.name]
    recorded = []
    for row in store.history(store.raw_connection(), stream, after, until):
        key = door.keyring.open(row.key) if row.key is not None else None
        event = codec.decode(row.type, row.data, row.sealed, key)
        recorded.append(Recorded(row.stream, row.version, row.at, row.actor, event, row.command))
    return recorded


def read_first(door: Door, kind: StreamKind[Any], streams: Sequence[int]) -> dict[int, Recorded]:
    """Stream → its first event, for many streams in one query: what a contact said, for one."""
    codec, found = door.codecs[kind.name], {}
    for row in store.first_events(store.raw_connection(), streams):
        key = door.keyring.open(row.key) if row.key is not None else None
        event = codec.decode(row.type, row.data, row.sealed, key)
        found[row.stream] = Recorded(row.stream, row.version, row.at, row.actor, event, row.command)
    return found


def read_state(door: Door, kind: StreamKind[Any], stream: int) -> tuple[Any, int] | None:
    """The live state of a stream and its version; None where there is none."""
    [loaded] = store.load(store.raw_connection(), [stream], [None])
    if loaded.version is None or loaded.kind != kind.number:
        return None
    if loaded.shape != kind.shape:
        rebuild(door, kind, stream)
        return read_state(door, kind, stream)
    key = door.keyring.open(loaded.key) if loaded.key is not None else None
    return door.codecs[kind.name].decode_state(loaded.snapshot or b"", key), loaded.version


def fold(door: Door, kind: StreamKind[Any], stream: int) -> tuple[Any, int, dict[tuple[Table, tuple[Any, ...]], Row]]:
    """State, version and projected rows as the events alone tell them, command by command as they came."""
    state: Any = kind.state()
    rows: dict[tuple[Table, tuple[Any, ...]], Row] = {}
    version = 0
    for step in steps_of(read_history(door, kind, stream)):
        stamp = Stamp(step[0].at, step[0].actor)
        for recorded in step:
            kind.evolve(state, recorded.event, stamp)
        decided = Decided(stream, version, state, [recorded.event for recorded in step], stamp)
        for row in kind.project(decided):
            rows[row.table, row.key] = row
        kind.rest(state)
        version = step[-1].version
    return state, version, {place: row for place, row in rows.items() if row.values is not None}


def steps_of(history: list[Recorded]) -> Iterator[list[Recorded]]:
    """The events in the groups in which commands brought them: the first of each carries the command's id."""
    step: list[Recorded] = []
    for recorded in history:
        if recorded.command is not None and step:
            yield step
            step = []
        step.append(recorded)
    if step:
        yield step


def rebuild(door: Door, kind: StreamKind[Any], stream: int) -> None:
    """Write snapshot and projections anew from the events, in one transaction."""
    db = store.raw_connection()
    with db.transaction():
        store.lock(db, (stream,))
        [loaded] = store.load(db, [stream], [None])
        state, version, rows = fold(door, kind, stream)
        person = kind.person(state)
        wrapped = store.person_keys(db, (person,)).get(person)
        key = door.keyring.open(wrapped) if wrapped is not None else None
        for table in kind.tables:
            _empty(db, table, stream)
        snapshot = door.codecs[kind.name].encode_state(state, key)
        head, seal = loaded.head or NO_HEAD, (loaded.snapshot or b"")[:1]
        row = StreamRow(stream, version, kind.number, kind.shape, version, person, head, snapshot, seal)
        store.write(db, store.Batch([row], (), [(stream, one) for one in rows.values()], (), ()))


def _empty(db: Connection, table: Table, stream: int) -> None:
    statement = sql.SQL("delete from {} where {} = %s").format(
        sql.Identifier(table.name), sql.Identifier(table.owned_by)
    )
    with psycopg.Cursor(db) as cursor:
        cursor.execute(statement, (stream,))


def compare(door: Door, kind: StreamKind[Any], stream: int) -> list[Difference]:
    """Where the live snapshot, projections or hash chain differ from what the events tell."""
    live = read_state(door, kind, stream)
    state, version, rows = fold(door, kind, stream)
    found = []
    if live is None or live[1] != version:
        found.append(Difference(stream, "version", str(live and live[1]), str(version)))
    elif _plain(live[0]) != _plain(state):
        found.append(Difference(stream, "snapshot", _plain(live[0]), _plain(state)))
    found += _compare_chain(stream)
    for table in kind.tables:
        found += _compare_table(
            table, stream, {row.key: row.values or () for (of, _), row in rows.items() if of == table}
        )
    return found


def _plain(state: Any) -> str:
    return msgspec.json.encode(state).decode()


def _compare_chain(stream: int) -> list[Difference]:
    db = store.raw_connection()
    head = NO_HEAD
    for row in store.history(db, stream):
        head = chain(head, row.type, bytes(row.data), None if row.sealed is None else bytes(row.sealed))
        if head != bytes(row.head):
            return [Difference(stream, f"hash chain at version {row.version}", bytes(row.head).hex(), head.hex())]
    return []


def _compare_table(table: Table, stream: int, rebuilt: dict[tuple[Any, ...], tuple[Any, ...]]) -> list[Difference]:
    names = [*table.key, *table.columns]
    statement = sql.SQL("select {} from {} where {} = %s").format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.Identifier(table.name),
        sql.Identifier(table.owned_by),
    )
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(statement, (stream,))
        live = {row[: len(table.key)]: row[len(table.key) :] for row in cursor.fetchall()}
    found = []
    for key in live.keys() | rebuilt.keys():
        one, other = _comparable(live.get(key)), _comparable(rebuilt.get(key))
        if one != other:
            found.append(Difference(stream, f"{table.name} {key}", one, other))
    return found


def _comparable(values: tuple[Any, ...] | None) -> str:
    return "none" if values is None else repr([bytes(v) if isinstance(v, memoryview) else v for v in values])


def all_streams(kind: StreamKind[Any], after: int = 0, limit: int = 1000) -> list[int]:
    """Ids of the streams of a kind, in order, a page at a time."""
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(
            "select id from stream where kind = %s and id > %s order by id limit %s",
            (kind.number, after, limit),
        )
        return [row[0] for row in cursor.fetchall()]


def erase_person(door: Door, person: int, progress: Callable[[int], None] = lambda stream: None) -> int:
    """Delete a person's key and rebuild every stream that holds something of theirs; the number of streams rebuilt.

    What was sealed cannot be read any more from the moment the key is gone; a rebuild that is cut off goes on when
    this is called again.
    """
    db = store.raw_connection()
    with psycopg.Cursor(db, row_factory=tuple_row) as cursor:
        cursor.execute("update person_key set key = null where person = %s", (person,))
        cursor.execute(
            "select s.id, s.kind from stream s where s.person = %s "
            "or s.id in (select stream from event where person = %s and sealed is not null)",
            (person, person),
        )
        streams = cursor.fetchall()
    kinds = {kind.number: kind for kind in door.kinds.values()}
    for stream, number in streams:
        rebuild(door, kinds[number], stream)
        progress(stream)
    return len(streams)
