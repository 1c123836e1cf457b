"""The one door: every change of every stream comes through `Door.handle` or `Door.handle_many` (DESIGN §2).

A single command: load one row (or take what this process has just written, `warm`), decide, write one statement that
checks the version; on a stale version it is tried again with what stands there now. A batch: lock the streams in id
order, then the same for all in one transaction; a refusal leaves the others standing, and after an exception the batch
is repeated one by one, so that one broken command harms no other.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import DatabaseError
from psycopg.pq import TransactionStatus

from caseloom.engine.case.evolve import Stamp
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.sdk.stream import Answer, Context, Decided, Effect, Order, Row, StreamKind
from caseloom.streams import store
from caseloom.streams.codec import NO_HEAD, Codec, Keyring, chain
from caseloom.streams.store import Batch, EventRow, Loaded, StreamRow
from caseloom.streams.warm import Kept, Warm

TRIES: Final = 30
Verdict = Answer | Refused
log = logging.getLogger(__name__)


class Stale(Exception):
    """Another writer was faster; the command is decided anew."""


class Working:
    """One stream while its commands are decided: what stood there, and what has come since."""

    def __init__(
        self, kind: StreamKind[Any], codec: Codec, loaded: Loaded, key: AESGCM | None, state: Any = None
    ) -> None:
        self.kind, self.codec, self.id, self.key = kind, codec, loaded.id, key
        self.expected = self.version = loaded.version or 0
        self.person = loaded.person or 0
        self.head = loaded.head or NO_HEAD
        self._stored, self._key_then = loaded.snapshot, key
        self.holds = False
        self.stamped: list[tuple[Any, Stamp]] = []
        self.events: list[EventRow] = []
        self.rows: list[Row] = []
        self.effects: list[Effect] = []
        self.state: Any = self._fresh() if state is None else state

    def _fresh(self) -> Any:
        return self.kind.state() if self._stored is None else self.codec.decode_state(self._stored, self._key_then)

    def restore(self) -> None:
        """After a refusal: the state that `decide` folded on is used up; fold again what was accepted before."""
        self.state = self._fresh()
        for event, stamp in self.stamped:
            self.kind.evolve(self.state, event, stamp)
        self.kind.rest(self.state)

    def without_person(self, events: tuple[Any, ...], stamp: Stamp) -> tuple[Any, ...]:
        """Of an erased person nothing is kept: what happened is folded anew without their personal fields."""
        bare = tuple(map(self.codec.bare, events))
        self.restore()
        for event in bare:
            self.kind.evolve(self.state, event, stamp)
        return bare

    @property
    def row(self) -> StreamRow:
        """How the stream is to stand."""
        return StreamRow(
            self.id,
            self.expected,
            self.kind.number,
            self.kind.shape,
            self.version,
            self.person,
            self.head,
            self.codec.encode_state(self.state, self.key),
            (self._stored or b"")[:1],
            self.holds,
        )


class Door:
    """The door to all streams. `clock` tells the time, `kinds` are the rooms' streams, `after_commit` hears which
    streams changed.
    """

    def __init__(
        self,
        kinds: Sequence[StreamKind[Any]],
        keyring: Keyring,
        clock: Callable[[], datetime],
        ids: Iterator[int],
        after_commit: Callable[[Sequence[int]], None] = lambda streams: None,
    ) -> None:
        self.kinds: Mapping[str, StreamKind[Any]] = {kind.name: kind for kind in kinds}
        self.codecs = {kind.name: Codec(kind.events, kind.state) for kind in kinds}
        self.keyring, self.clock, self.ids, self._after_commit = keyring, clock, ids, after_commit
        self.rebuild: Callable[[StreamKind[Any], int], None] = lambda kind, stream: None
        self._warm = Warm()

    # --- single -------------------------------------------------------------------------------------------------------

    def handle(self, order: Order) -> Verdict:
        """Carry out one command, or refuse it. An id that was accepted before gets its first answer.

        Raises:
            psycopg.OperationalError: the database is away; the command has not happened, or will be answered as
            repeated.
        """
        for attempt in range(TRIES):
            try:
                verdict = self._once(order)
            except (Stale, psycopg.errors.DeadlockDetected):
                time.sleep(random.random() * 0.002 * attempt)  # noqa: S311 - spreads writers, no secret
                continue
            except psycopg.errors.UniqueViolation as clash:
                if clash.diag.constraint_name == "event_command":
                    continue
                return _taken(clash)
            except psycopg.OperationalError:
                self._warm.clear()
                raise
            if isinstance(verdict, Answer) and not verdict.repeated:
                self._after_commit((verdict.stream,))
            return verdict
        return Refused("stale", "This is being changed by many at once.", next=(NextStep("Send it again"),))

    def _once(self, order: Order) -> Verdict:
        db = store.raw_connection()
        # What was written inside somebody's transaction may yet be taken back.
        alone = db.info.transaction_status == TransactionStatus.IDLE
        kept = self._warm.take(order.stream) if alone else None
        if kept is not None:
            answer = self._again(db, order, kept)
            if answer is not None:
                return answer
        with nullcontext() if alone else db.transaction():
            [loaded] = store.load(db, [order.stream], [order.id])
            minted: dict[int, bytes] = {}
            verdict, working = self._decide(db, order, loaded, {}, minted)
            if isinstance(verdict, Refused) or working is None or not working.events:
                return verdict
            self._land(db, working, minted, alone)
        return verdict

    def _again(self, db: store.Connection, order: Order, kept: Kept) -> Answer | None:
        """The answer by what this process wrote last; None where only a look at the stream can tell: what would be
        refused, what changes nothing, and what somebody else has changed since.
        """
        working = Working(self.kinds[order.kind], self.codecs[order.kind], kept.loaded, kept.key, kept.state)
        minted: dict[int, bytes] = {}
        try:
            verdict, _ = self._decide(db, order, kept.loaded, {order.stream: working}, minted)
            if isinstance(verdict, Refused) or not working.events:
                return None
            self._land(db, working, minted, alone=True)
        except (Stale, DatabaseError):
            # Where the database is away, a room's question in between may be the first to see it: the look says so.
            return None
        return verdict

    def _land(self, db: store.Connection, working: Working, minted: Mapping[int, bytes], alone: bool) -> None:
        """Write one stream. Raises `Stale` where another writer was faster."""
        batch = self._batch([working], minted)
        if store.write(db, batch) != 1:
            raise Stale
        if alone:
            self._warm.put(_as_loaded(batch.streams[0]), working.state, working.key)

    # --- batch --------------------------------------------------------------------------------------------------------

    def handle_many(self, orders: Sequence[Order]) -> list[Verdict]:
        """Carry out many commands in one transaction, those of one stream in their order; each has its own verdict.

        Raises:
            psycopg.OperationalError: the database is away. What has not happened, happens when it is sent again.
        """
        if not orders:
            return []
        for _ in range(TRIES):
            try:
                verdicts = self._together(orders)
            except (Stale, psycopg.errors.DeadlockDetected):
                continue
            except Exception:
                log.exception("A batch of %d commands failed; they are repeated one by one.", len(orders))
                break
            changed = {v.stream for v in verdicts if isinstance(v, Answer) and not v.repeated}
            if changed:
                self._after_commit(sorted(changed))
            return verdicts
        return [self._alone(order) for order in orders]

    def _alone(self, order: Order) -> Verdict:
        try:
            return self.handle(order)
        except psycopg.OperationalError:
            raise
        except Exception:
            log.exception("A command on stream %d failed.", order.stream)
            return Refused("invalid", "This command failed; it is in the log, and nothing of it has happened.")

    def _together(self, orders: Sequence[Order]) -> list[Verdict]:
        db = store.raw_connection()
        with db.transaction():
            store.lock(db, (order.stream for order in orders))
            loaded = store.load(db, [order.stream for order in orders], [order.id for order in orders])
            workings: dict[int, Working] = {}
            minted: dict[int, bytes] = {}
            verdicts = []
            for order, row in zip(orders, loaded, strict=True):
                verdict, working = self._decide(db, order, row, workings, minted)
                verdicts.append(verdict)
                if working is not None:
                    workings[working.id] = working
            changed = [working for working in workings.values() if working.events]
            if changed and store.write(db, self._batch(changed, minted)) != len(changed):
                raise Stale
        return verdicts

    # --- deciding -----------------------------------------------------------------------------------------------------

    def _decide(
        self,
        db: store.Connection,
        order: Order,
        loaded: Loaded,
        workings: dict[int, Working],
        minted: dict[int, bytes],
    ) -> tuple[Verdict, Working | None]:
        kind = self.kinds[order.kind]
        if loaded.answered_stream is not None:
            return Answer(loaded.answered_stream, loaded.answered_version or 0, repeated=True), None
        refused = _fits(kind, order, loaded)
        if refused is not None:
            return refused, None
        working = workings.get(order.stream) or self._working(kind, loaded)
        if order.expected is not None and order.expected != working.version:
            return _changed_since(order.expected, working.version), working
        refused = kind.admit(order.access, working.state, order.command)
        if refused is not None:
            return refused, working
        context = self._context(kind, order)
        decision = kind.decide(working.state, order.command, context)
        if isinstance(decision, Refused):
            working.restore()
            return decision, working
        if decision:
            decision = self._append(db, working, decision, order, context.now, minted)
        return Answer(working.id, working.version, decision), working

    def _working(self, kind: StreamKind[Any], loaded: Loaded) -> Working:
        if loaded.version is not None and loaded.shape != kind.shape:
            self.rebuild(kind, loaded.id)
            [loaded] = store.load(store.raw_connection(), [loaded.id], [None])
        key = self.keyring.open(loaded.key) if loaded.key is not None else None
        return Working(kind, self.codecs[kind.name], loaded, key)

    def _context(self, kind: StreamKind[Any], order: Order) -> Context:
        named: tuple[int, ...] = getattr(order.command, "named", ())
        rows = kind.load_named(order.stream, named) if named else {}
        return Context(self.clock(), order.access, self.ids, rows)

    def _append(
        self,
        db: store.Connection,
        working: Working,
        events: tuple[Any, ...],
        order: Order,
        now: datetime,
        minted: dict[int, bytes],
    ) -> tuple[Any, ...]:
        stamp = Stamp(now, order.access.actor.id)
        before = working.version
        person = working.kind.person(working.state)
        if working.expected == before == 0 or person != working.person:
            working.person = person
            working.key = self._key(db, person, working.id, minted)
            working.holds = working.key is not None and person not in minted
        if person and working.key is None:
            events = working.without_person(events, stamp)
        for event in events:
            name, data, sealed = working.codec.encode(event, working.key)
            working.head = chain(working.head, name, data, sealed)
            working.version += 1
            command: UUID | None = order.id if working.version == before + 1 else None
            working.events.append(
                EventRow(
                    working.id,
                    working.version,
                    now,
                    name,
                    stamp.actor,
                    person,
                    data,
                    sealed,
                    working.head,
                    command,
                )
            )
            working.stamped.append((event, stamp))
        decided = Decided(working.id, before, working.state, events, stamp)
        working.rows += working.kind.project(decided)
        working.effects += working.kind.effects(decided)
        working.kind.rest(working.state)
        return events

    def _key(self, db: store.Connection, person: int, stream: int, minted: dict[int, bytes]) -> AESGCM | None:
        """The person's key; a stream that is its own person brings a new one with it, nobody's (0) has none."""
        if person == 0:
            return None
        if person in minted:
            return self.keyring.open(minted[person])
        known = store.person_keys(db, (person,))
        if person in known:
            wrapped = known[person]
            return None if wrapped is None else self.keyring.open(wrapped)
        if person != stream:
            raise LookupError(
                f"Stream {stream} belongs to person {person}, who has no key: the person's own stream comes first."
            )
        minted[person] = self.keyring.make()
        return self.keyring.open(minted[person])

    def _batch(self, workings: Sequence[Working], minted: Mapping[int, bytes]) -> Batch:
        return Batch(
            [w.row for w in workings],
            [event for w in workings for event in w.events],
            [(w.id, row) for w in workings for row in w.rows],
            [(w.id, effect) for w in workings for effect in w.effects],
            list(minted.items()),
        )


def _as_loaded(row: StreamRow) -> Loaded:
    """A stream that has just been written, as a load would tell it."""
    return Loaded(row.id, row.kind, row.shape, row.version, row.person, row.head, row.snapshot, None, None, None)


def _fits(kind: StreamKind[Any], order: Order, loaded: Loaded) -> Refused | None:
    if not isinstance(order.command, kind.commands):
        return Refused("invalid", f"“{type(order.command).__name__}” is no command of a {kind.name}.")
    if loaded.kind is not None and loaded.kind != kind.number:
        return Refused("not found", f"There is no {kind.name} {order.stream}.")
    return None


def _changed_since(expected: int, version: int) -> Refused:
    look = NextStep("Look at what has changed, then send it again")
    return Refused(
        "stale",
        f"This was changed meanwhile (version {version}; you saw {expected}).",
        facts={"version": version},
        next=(look,),
    )


def _taken(clash: psycopg.errors.UniqueViolation) -> Refused:
    what = clash.diag.constraint_name or "a unique value"
    return Refused(
        "duplicate",
        "Somebody else has just recorded the same.",
        facts={"constraint": what},
        next=(NextStep("Look it up, then try again"),),
    )
