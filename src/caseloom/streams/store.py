"""The store: the hot path's hand-tuned SQL (load, append, project, defer), over psycopg 3. Nothing else writes these
tables.

A command costs two round trips: one statement loads, one writes everything and checks the version in it, so that the
statement is its own transaction. A batch locks its streams first and then takes the same two statements, whatever its
length.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import sql
from psycopg.pq.abc import PGresult
from psycopg.rows import namedtuple_row

from caseloom.sdk.stream import Effect, Row, Table
from caseloom.streams.wire import Pack, Values, execute, long, packs_of

Connection = psycopg.Connection[Any]
BEYOND: Final = 2**63

_LOADED: Final = """
select s.kind, s.shape, s.version, s.person, s.head, s.snapshot, k.key, c.stream,
  case when c.stream is not null then coalesce(
    (select min(n.version) - 1 from event n
      where n.stream = c.stream and n.version > c.version and n.command is not null),
    (select l.version from stream l where l.id = c.stream)) end
"""
_LOAD: Final = (
    _LOADED
    + """from (values ($1::bigint, $2::uuid)) q(id, command)
left join stream s on s.id = q.id
left join person_key k on k.person = s.person
left join event c on c.command = q.command
"""
)
_LOAD_MANY: Final = (
    _LOADED
    + """from unnest($1::bigint[], $2::uuid[]) with ordinality q(id, command, place)
left join stream s on s.id = q.id
left join person_key k on k.person = s.person
left join event c on c.command = q.command
order by q.place
"""
)
_ASKED: Final = packs_of(("bigint", "uuid"))
_LOCK: Final = "select id from stream where id = any($1) order by id for update"
_KEYS: Final = "select person, key from person_key where person = any($1)"


class Loaded(NamedTuple):
    """A stream as it stands. `version` is None where there is none yet; `answered` tells what the command was answered
    before.
    """

    id: int
    kind: int | None
    shape: int | None
    version: int | None
    person: int | None
    head: bytes | None
    snapshot: bytes | None
    key: bytes | None
    answered_stream: int | None
    answered_version: int | None


class EventRow(NamedTuple):
    stream: int
    version: int
    at: Any
    type: str
    actor: str
    person: int
    data: bytes
    sealed: bytes | None
    head: bytes
    command: UUID | None


class StreamRow(NamedTuple):
    id: int
    expected: int
    kind: int
    shape: int
    version: int
    person: int
    head: bytes
    snapshot: bytes
    seal: bytes = b""
    """The first byte of the snapshot that stood there: a rebuild after an erasure takes the seal off."""
    holds: bool = False
    """Whether the person's key was read apart from the stream, so that it has to be held until this is written."""


class Batch(NamedTuple):
    """All that one transaction writes."""

    streams: Sequence[StreamRow]
    events: Sequence[EventRow]
    rows: Sequence[tuple[int, Row]]
    effects: Sequence[tuple[int, Effect]]
    keys: Sequence[tuple[int, bytes]]


def raw_connection() -> Connection:
    """The psycopg connection under Django's, so that door and ORM share one and a test or view can use both."""
    wrapper = connections[DEFAULT_DB_ALIAS]
    if wrapper.connection is None:
        wrapper.ensure_connection()
    return wrapper.connection  # type: ignore[no-any-return]


def load(db: Connection, streams: Sequence[int], commands: Sequence[UUID | None]) -> list[Loaded]:
    """Each stream with its snapshot and key, and what each command was answered before, in the order asked."""
    # A number that no stream can have (typed by a person) is asked for as 0, which none has.
    asked = [(stream if 0 < stream < BEYOND else 0, command) for stream, command in zip(streams, commands, strict=True)]
    values = Values()
    if len(asked) == 1:
        values.add_row(_ASKED, asked[0])
    else:
        values.add_columns(_ASKED, asked)
    result = execute(db, _LOAD if len(asked) == 1 else _LOAD_MANY, values)
    return [_loaded(asked[row][0], result, row) for row in range(result.ntuples)]


def _loaded(stream: int, result: PGresult, row: int) -> Loaded:
    kind, shape, version, person, head, snapshot, key, of, at = (result.get_value(row, column) for column in range(9))
    return Loaded(stream, long(kind), long(shape), long(version), long(person), head, snapshot, key, long(of), long(at))


_SISTER: Final = "select exists (select from event where command between %s and %s and command <> %s)"


def sister_command(db: Connection, command: UUID) -> bool:
    """Whether another command was accepted whose id has the same first half."""
    half = command.bytes[:8]
    with psycopg.Cursor(db) as cursor:
        cursor.execute(_SISTER, (UUID(bytes=half + bytes(8)), UUID(bytes=half + b"\xff" * 8), command))
        row = cursor.fetchone()
    return row is not None and bool(row[0])


def lock(db: Connection, streams: Iterable[int]) -> None:
    """Hold these streams until the end of the transaction, taken in the order of their ids so that no two batches wait
    in a circle.
    """
    execute(db, _LOCK, _ids(sorted(set(streams))))


def person_keys(db: Connection, persons: Iterable[int]) -> dict[int, bytes | None]:
    """The wrapped keys of these persons; an erased person's is None, an unknown one's is missing."""
    result = execute(db, _KEYS, _ids(list(persons)))
    rows = range(result.ntuples)
    return {long(result.get_value(row, 0)) or 0: result.get_value(row, 1) for row in rows}


def _ids(ids: Sequence[int]) -> Values:
    values = Values()
    values.add_columns(packs_of(("bigint",)), [(one,) for one in ids])
    return values


_HISTORY: Final = """
select e.stream, e.version, e.at, e.type, e.actor, e.person, e.data, e.sealed, e.head, e.command, k.key
from event e left join person_key k on k.person = e.person
where e.stream = %s and e.version > %s and e.version <= %s order by e.version
"""


def history(db: Connection, stream: int, after: int = 0, until: int = 2**31 - 1) -> list[Any]:
    """The stored events of a stream after a version, each with its person's wrapped key."""
    with psycopg.Cursor(db, row_factory=namedtuple_row) as cursor:
        cursor.execute(_HISTORY, (stream, after, until))
        return cursor.fetchall()


_FIRST: Final = _HISTORY.partition("where")[0] + "where e.stream = any(%s) and e.version = 1"


def first_events(db: Connection, streams: Sequence[int]) -> list[Any]:
    """The first stored event of each of these streams, with its person's wrapped key."""
    with psycopg.Cursor(db, row_factory=namedtuple_row) as cursor:
        cursor.execute(_FIRST, (list(streams),))
        return cursor.fetchall()


def write(db: Connection, batch: Batch) -> int:
    """Write a batch in one statement; the number of streams whose version was as expected. Where it is not, nothing
    of that stream is written.
    """
    tables = _by_table(batch.rows)
    alone = len(batch.streams) == 1
    shapes = tuple((table, len(puts), len(drops)) for table, (puts, drops) in tables.items())
    counts = (len(batch.events), len(batch.keys), len(batch.effects))
    if alone:
        text = _statement(shapes, counts, new=batch.streams[0].expected == 0)
    else:
        text = _statement(
            tuple((t, min(p, 1), min(d, 1)) for t, p, d in shapes), tuple(min(n, 1) for n in counts), new=None
        )
    values = Values()
    for packs, rows in _parts(batch, tables):
        if alone:
            for row in rows:
                values.add_row(packs, row)
        elif rows:
            values.add_columns(packs, rows)
    return long(execute(db, text, values).get_value(0, 0)) or 0


Packs = tuple[tuple[int, int, Pack], ...]


def _parts(batch: Batch, tables: dict[Table, tuple["Puts", "Puts"]]) -> Iterator[tuple[Packs, Sequence[Sequence[Any]]]]:
    """The rows of all parts of the statement, in its order."""
    yield _STREAM_PACKS, batch.streams
    yield _EVENT_PACKS, batch.events
    for table, (puts, drops) in tables.items():
        full, keys = _packs(table)
        yield full, [(stream, *key, *values) for key, (stream, values) in puts.items()]
        yield keys, [(stream, *key) for key, (stream, _) in drops.items()]
    yield _KEY_PACKS, batch.keys
    yield _EFFECT_PACKS, [(effect.queue, effect.kind, stream, effect.version) for stream, effect in batch.effects]


@cache
def _packs(table: Table) -> tuple[Packs, Packs]:
    """How a table's rows and keys are packed, each behind the stream it belongs to."""
    keys = ("bigint", *table.key.values())
    return packs_of((*keys, *table.columns.values())), packs_of(keys)


Puts = dict[tuple[Any, ...], tuple[int, tuple[Any, ...]]]


def _by_table(rows: Sequence[tuple[int, Row]]) -> dict[Table, tuple[Puts, Puts]]:
    """The last word on each key: one statement must not touch a row twice."""
    found: dict[Table, tuple[Puts, Puts]] = {}
    for stream, row in rows:
        puts, drops = found.setdefault(row.table, ({}, {}))
        puts.pop(row.key, None)
        drops.pop(row.key, None)
        if row.values is None:
            drops[row.key] = (stream, ())
        else:
            puts[row.key] = (stream, row.values)
    return dict(sorted(found.items(), key=lambda entry: entry[0].name))


_STREAM_TYPES: Final = (
    "bigint", "integer", "smallint", "smallint", "integer", "bigint", "bytea", "bytea", "bytea", "boolean",
)  # fmt: skip
_KEY_TYPES: Final = ("bigint", "bytea")
_EFFECT_TYPES: Final = ("text", "text", "bigint", "integer")
_EVENT_TYPES: Final = (
    "bigint", "integer", "timestamptz", "text", "text", "bigint", "bytea", "bytea", "bytea", "uuid",
)  # fmt: skip
_STREAM_PACKS: Final = packs_of(_STREAM_TYPES)
_KEY_PACKS: Final = packs_of(_KEY_TYPES)
_EFFECT_PACKS: Final = packs_of(_EFFECT_TYPES)
_EVENT_PACKS: Final = packs_of(_EVENT_TYPES)

_UPDATED: Final = """update stream s
  set shape = i.shape, version = i.version, person = i.person, head = i.head, snapshot = i.snapshot
  from i where s.id = i.id and s.version = i.expected and i.expected > 0
  and substring(s.snapshot from 1 for 1) = i.seal and (not i.holds or i.person in (select person from held))
  returning s.id"""
_CREATED: Final = """insert into stream (id, kind, shape, version, person, head, snapshot)
  select id, kind, shape, version, person, head, snapshot from i
  where expected = 0 and (not holds or person in (select person from held))
  on conflict do nothing returning id"""
_HELD: Final = """held as (
  select k.person from person_key k join i on i.person = k.person and i.holds where k.key is not null for share of k
)"""
_BOTH: Final = f"""updated as (
  {_UPDATED}
), created as (
  {_CREATED}
), landed as (
  select id from updated union all select id from created
)"""


class _Text:
    """A statement being put together: its parts, and the numbers of the parameters used so far."""

    def __init__(self, arrays: bool) -> None:
        self._arrays = arrays
        self._used = 0
        self.parts: list[str] = []

    def source(self, types: Sequence[str], rows: int) -> str:
        """Where a part's rows come from: arrays for a batch, plain values for one stream (which PostgreSQL runs
        quicker).
        """
        if self._arrays:
            return f"unnest({', '.join(f'{self._next()}::{name}[]' for name in types)})"
        tuples = (f"({', '.join(f'{self._next()}::{name}' for name in types)})" for _ in range(rows))
        return f"(values {', '.join(tuples)})"

    def _next(self) -> str:
        self._used += 1
        return f"${self._used}"


@lru_cache(maxsize=1024)
def _statement(shapes: tuple[tuple[Table, int, int], ...], counts: tuple[int, ...], new: bool | None) -> str:
    """The one statement for a batch of this shape; the same text again and again, so that it stays prepared.

    `new` tells of a single stream whether it is there yet; None means many streams, whose rows come as arrays.
    """
    text = _Text(arrays=new is None)
    events, keys, effects = counts
    streams = text.source(_STREAM_TYPES, 1)
    text.parts.append(f"i as (select * from {streams} i({', '.join(StreamRow._fields)}))")
    text.parts.append(_HELD)
    text.parts.append(_BOTH if new is None else f"landed as (\n  {_CREATED if new else _UPDATED}\n)")
    if events:
        text.parts.append(_event_part(text, events))
    for number, (table, puts, drops) in enumerate(shapes):
        if puts:
            text.parts.append(_put_part(text, table, number, puts))
        if drops:
            text.parts.append(_drop_part(text, table, number, drops))
    if keys:
        source = text.source(_KEY_TYPES, keys)
        text.parts.append(
            f"keyed as (insert into person_key (person, key) select * from {source} v on conflict do nothing)"
        )
    if effects:
        text.parts.append(_effect_part(text, effects))
    ending = ", (select count(*) from deferred)" if effects else ""
    return "with " + ", ".join(text.parts) + f"\nselect (select count(*) from landed){ending}"


def _event_part(text: _Text, rows: int) -> str:
    columns = ", ".join(EventRow._fields)
    return f"""told as (
  insert into event ({columns}) select v.* from {text.source(_EVENT_TYPES, rows)} v({columns})
  join landed l on l.id = v.stream
)"""


def _effect_part(text: _Text, rows: int) -> str:
    return f"""deferred as (
  select procrastinate_defer_jobs_v1(array_agg(row(
    v.queue, 'caseloom.effect', 0, null, null,
    jsonb_build_object('kind', v.kind, 'stream', v.stream, 'version', v.version), null
  )::procrastinate_job_to_defer_v1))
  from {text.source(_EFFECT_TYPES, rows)} v(queue, kind, stream, version)
  join landed l on l.id = v.stream having count(*) > 0
)"""


def _put_part(text: _Text, table: Table, number: int, rows: int) -> str:
    columns = [_quoted(name) for name in (*table.key, *table.columns)]
    names = ", ".join(columns)
    sets = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in table.columns)
    # A row that says what it said before costs a look, and no new tuple.
    moved = " or ".join(f"p.{_quoted(name)} is distinct from excluded.{_quoted(name)}" for name in table.columns)
    action = f"do update set {sets} where {moved}" if sets else "do nothing"
    on_conflict = "" if table.exclusive else f"on conflict ({', '.join(_quoted(name) for name in table.key)}) {action}"
    source = text.source(("bigint", *table.key.values(), *table.columns.values()), rows)
    return f"""put{number} as (
  insert into {_quoted(table.name)} as p ({names})
  select {", ".join("v." + name for name in columns)} from {source} v(of_stream, {names})
  join landed l on l.id = v.of_stream
  {on_conflict}
)"""


def _drop_part(text: _Text, table: Table, number: int, rows: int) -> str:
    keys = [_quoted(name) for name in table.key]
    match = " and ".join(f"t.{name} = v.{name}" for name in keys)
    source = text.source(("bigint", *table.key.values()), rows)
    return f"""drop{number} as (
  delete from {_quoted(table.name)} t using {source} v(of_stream, {", ".join(keys)})
  join landed l on l.id = v.of_stream where {match}
)"""


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string(None)
