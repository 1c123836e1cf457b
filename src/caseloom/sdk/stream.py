"""The types by which a room hands its kind of stream to the door.

A kind is one typed value: events, decide, evolve, projections, effects (DESIGN §2). The door knows nothing of cases
or customers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from caseloom.engine.case.evolve import Stamp
from caseloom.engine.case.refusal import Refused
from caseloom.sdk.access import Access

S = TypeVar("S")


@dataclass(frozen=True, eq=False)
class Table:
    """A projection's table. `key` and `columns` are names with their PostgreSQL types (those of `streams.wire`).

    `owner` is the column that holds the stream's id (the first of the key where none is named): by it a stream's rows
    are found when it is rebuilt.
    """

    name: str
    key: Mapping[str, str]
    columns: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    exclusive: bool = False
    """A key belongs to the stream that came first: another stream's command that claims it is refused as a duplicate.
    """

    @property
    def owned_by(self) -> str:
        return self.owner or next(iter(self.key))


class Row(NamedTuple):
    """A projection's row as it is to stand after the command: its values in the order of `table.columns`, or None to
    be gone.
    """

    table: Table
    key: tuple[Any, ...]
    values: tuple[Any, ...] | None


@dataclass(frozen=True)
class Effect:
    """Something to be done outside, after commit: its kind's performer gets the stream and the version of the event
    that asks for it.
    """

    kind: str
    version: int
    queue: str = "default"


class Recorded(msgspec.Struct, frozen=True):
    """An event in its envelope. `event` is the room's own type; `erased` says that its personal fields are gone."""

    stream: int
    version: int
    at: datetime
    actor: str
    event: Any
    command: UUID | None = None


@dataclass(frozen=True)
class Decided:
    """What a projection is made from: the state after the command and the command's events, the first at `version` +
    1.
    """

    stream: int
    version: int
    state: Any
    events: Sequence[Any]
    stamp: Stamp


@dataclass(frozen=True)
class Context:
    """What the door hands a kind's `decide`: time, access, fresh ids, and the finished rows that the command names."""

    now: datetime
    access: Access
    ids: Any
    named: Mapping[int, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StreamKind(Generic[S]):
    """Everything that the door needs to know of a kind of stream.

    `decide` folds its events into the state that it is given, as the case's does while it settles; `folding` makes
    such a one of a decide that only says what happens. `shape` changes whenever a snapshot of before cannot be read
    any more: the door then rebuilds it from the events. `person` tells whose key seals the personal fields of events
    and the snapshot. `admit` asks the policy of rights. `load_named` reads finished rows by stream and ids; only
    commands with `named` ids come to it.
    """

    name: str
    number: int
    shape: int
    state: type[S]
    events: Mapping[str, type[Any]]
    commands: tuple[type[Any], ...]
    decide: Callable[[S, Any, Context], Refused | tuple[Any, ...]]
    evolve: Callable[[S, Any, Stamp], None]
    person: Callable[[S], int]
    admit: Callable[[Access, S, Any], Refused | None]
    project: Callable[[Decided], Iterable[Row]]
    tables: tuple[Table, ...]
    effects: Callable[[Decided], Iterable[Effect]]
    rest: Callable[[S], None] = lambda state: None
    """Called when a command's events are projected: drops what the state holds for projections alone."""
    load_named: Callable[[int, tuple[int, ...]], Mapping[int, Any]] = lambda stream, ids: {}


def folding(
    decide: Callable[[S, Any, Context], Refused | tuple[Any, ...]], evolve: Callable[[S, Any, Stamp], None]
) -> Callable[[S, Any, Context], Refused | tuple[Any, ...]]:
    """A decide that folds what the plain one says into its state."""

    def decide_and_fold(state: S, command: Any, context: Context) -> Refused | tuple[Any, ...]:
        events = decide(state, command, context)
        if not isinstance(events, Refused):
            stamp = Stamp(context.now, context.access.actor.id)
            for event in events:
                evolve(state, event, stamp)
        return events

    return decide_and_fold


@dataclass(frozen=True)
class Order:
    """One command on its way through the door. `id` makes it happen once; `kind` is the name of the stream's kind."""

    kind: str
    stream: int
    command: Any
    id: UUID
    access: Access
    expected: int | None = None
    """The version that the actor saw (`If-Match`); another one refuses the command as stale."""


@dataclass(frozen=True)
class Answer:
    """An accepted command: the version that the stream has after it. `repeated`: it had been accepted before."""

    stream: int
    version: int
    events: tuple[Any, ...] = ()
    repeated: bool = False
