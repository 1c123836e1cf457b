"""Effects: what is done outside, by jobs, after the event that asks for it has committed (DESIGN §2).

The door defers a job in the event's own transaction, with ids alone. The job may run twice: its worker was killed, or
was paused and woke after another took over. So each effect has a row that knows how far the last attempt came:

    begun ──► started ──► done | failed          the outside act happened, or never will
      ▲          │
      └─ again ◄─┤                               it did not happen, for a passing reason: tried again after a pause
                 └──► unknown                    nobody can tell; a performer may act once more, with the same key

`Attempt.start` is the fence: it says “from here on I act outside”, and refuses an attempt that another one has
overtaken. A job that finds `started` comes after a worker that died there, which is an unknown end too.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from asgiref.sync import async_to_sync
from procrastinate import App, BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job
from psycopg.rows import tuple_row

from caseloom.foundation.clock import now
from caseloom.streams import store

TASK: Final = "caseloom.effect"
PAUSES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (2, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 3600, 7200, 7200, 14400)
)
"""Before each new attempt after a passing failure: some eleven hours in all."""
UNKNOWN_PAUSE: Final = timedelta(seconds=30)
MOST_UNCERTAIN: Final = 2
"""An act whose end is unknown is done once more at most."""
STALLED_AFTER: Final = 15.0
"""Seconds without a heartbeat after which a worker counts as dead; above the workers' own interval."""


@dataclass(frozen=True)
class Done:
    """It happened, or there is nothing to do any more."""


@dataclass(frozen=True)
class Failed:
    """It did not happen. `retry` is for a passing reason; `reason` is a word without personal data."""

    retry: bool
    reason: str = ""


@dataclass(frozen=True)
class Unknown:
    """The outside act was done and nobody can tell whether it was taken."""

    reason: str = ""


Outcome = Done | Failed | Unknown


class Overtaken(Exception):
    """Another worker has taken this effect over; this one must not act."""


@dataclass(frozen=True)
class Attempt:
    """One attempt at an effect. `number` counts from 1; `uncertain` how many acts before it have an unknown end."""

    kind: str
    stream: int
    version: int
    number: int = 1
    uncertain: int = 0
    last: bool = False
    """Whether a passing failure now is final: the performer then records it."""
    clock: Callable[[], datetime] = field(default=now, repr=False)

    @property
    def exhausted(self) -> bool:
        """Whether it must not be done any more, since it may have happened twice already."""
        return self.uncertain >= MOST_UNCERTAIN

    def start(self) -> None:
        """Say, durably, that the outside act begins now.

        Raises:
            Overtaken: a later attempt has begun.
        """
        statement = "update effect set state = 'started', at = %s where stream = %s and version = %s and attempt = %s"
        if _run(statement, self.clock(), self.stream, self.version, self.number) != 1:
            raise Overtaken(f"Attempt {self.number} of the effect {self.stream}/{self.version} was overtaken.")


Performer = Callable[[Attempt], Outcome]

_BEGIN: Final = """
insert into effect as e (stream, version, attempt, state, at) values (%s, %s, 1, 'begun', %s)
on conflict (stream, version) do update set
  attempt = e.attempt + (e.state not in ('done', 'failed'))::integer,
  uncertain = e.uncertain + (e.state = 'started')::integer,
  state = case when e.state in ('done', 'failed') then e.state else 'begun' end,
  at = excluded.at
returning attempt, uncertain, state
"""
_END: Final = """
update effect set state = %s, detail = %s, uncertain = uncertain + %s, at = %s
where stream = %s and version = %s and attempt = %s
"""


class Effects:
    """Runs effects by their kind's performer, each at most once as far as anybody can know."""

    def __init__(
        self,
        performers: Mapping[str, Performer],
        clock: Callable[[], datetime],
        pauses: Sequence[timedelta] = PAUSES,
        unknown_pause: timedelta = UNKNOWN_PAUSE,
    ) -> None:
        self._performers, self._clock, self._pauses, self._unknown_pause = performers, clock, pauses, unknown_pause

    def perform(self, kind: str, stream: int, version: int) -> timedelta | None:
        """One attempt. The pause until the next one, or None when it is over.

        Raises:
            LookupError: no performer is known for this kind: a room was not joined.
        """
        performer = self._performers.get(kind)
        if performer is None:
            known = ", ".join(sorted(self._performers))
            raise LookupError(f"Nothing performs the effect “{kind}”; known are: {known}.")
        attempt = self._begin(kind, stream, version)
        if attempt is None:
            return None
        try:
            outcome = performer(attempt)
        except Overtaken:
            return None
        return self._end(attempt, outcome)

    def _begin(self, kind: str, stream: int, version: int) -> Attempt | None:
        with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
            cursor.execute(_BEGIN, (stream, version, self._clock()))
            number, uncertain, state = cursor.fetchone() or (1, 0, "begun")
        if state != "begun":
            return None
        return Attempt(kind, stream, version, number, uncertain, number > len(self._pauses), self._clock)

    def _end(self, attempt: Attempt, outcome: Outcome) -> timedelta | None:
        match outcome:
            case Done():
                self._record(attempt, "done", "")
            case Failed(retry=True, reason=reason) if not attempt.last:
                self._record(attempt, "again", reason)
                return self._pauses[attempt.number - 1]
            case Failed(reason=reason):
                self._record(attempt, "failed", reason)
            case Unknown(reason=reason):
                self._record(attempt, "unknown", reason, 1)
                if attempt.uncertain + 1 < MOST_UNCERTAIN:
                    return self._unknown_pause
        return None

    def _record(self, attempt: Attempt, state: str, detail: str, uncertain: int = 0) -> None:
        _run(_END, state, detail, uncertain, self._clock(), attempt.stream, attempt.version, attempt.number)


class _Pause(Exception):
    """The job is to run again after `length`."""

    def __init__(self, length: timedelta) -> None:
        super().__init__(f"again in {length.total_seconds():.0f} s")
        self.length = length


class _Again(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """After a pause that was asked for, or after a fault of ours or the database's."""
        if isinstance(exception, _Pause):
            return RetryDecision(retry_in={"seconds": int(exception.length.total_seconds())})
        pause = PAUSES[min(job.attempts, len(PAUSES) - 1)]
        if job.attempts >= 3 * len(PAUSES):
            return None
        return RetryDecision(retry_in={"seconds": int(pause.total_seconds())})


def register(app: App, effects: Effects) -> None:
    """Make the job that the door defers known to procrastinate; called once at start, by `config`."""

    def effect(kind: str, stream: int, version: int) -> None:
        pause = effects.perform(kind, stream, version)
        if pause is not None:
            raise _Pause(pause)

    app.task(name=TASK, retry=_Again())(effect)


def retry_stalled(app: App, seconds: float = STALLED_AFTER) -> int:
    """Put jobs whose worker died back in the queue; how many. The sweeper calls it every few seconds."""
    stalled = list(async_to_sync(app.job_manager.get_stalled_jobs)(seconds_since_heartbeat=seconds))
    for job in stalled:
        async_to_sync(app.job_manager.retry_job)(job)
    return len(stalled)


def _run(statement: str, *arguments: Any) -> int:
    with psycopg.Cursor(store.raw_connection()) as cursor:
        return cursor.execute(statement.encode(), arguments).rowcount
