"""The learner's service: it follows all events, trains the intake, and keeps the advice of open cases as they move."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any, Final

import psycopg
from django.db import Error as DatabaseFault
from django.db import connection

from caseloom.learning.advisor import Advisor
from caseloom.learning.intake.encoder import Encoder
from caseloom.learning.intake_training import IntakeTraining
from caseloom.learning.knowledge_keeping import KnowledgeKeeping
from caseloom.learning.proposals_found import Proposals
from caseloom.streams.handle import Door
from caseloom.streams.notify import own_connection
from caseloom.streams.tail import PORTION, follow

IDLE: Final = 0.2
DATABASE_PAUSE: Final = 0.5
BREATH: Final = 2.0
"""After each portion so many times as long as it took is waited, `LONGEST_BREATH` seconds at most."""
LONGEST_BREATH: Final = 2.0
OTHERS_TURN: Final = 5.0
"""Seconds between two looks at whether the node that learns has ended."""
LOCK: Final = 0x1EA24
"""The advisory lock of who learns."""
log = logging.getLogger(__name__)


def _once(make: Callable[[], Encoder | None]) -> Callable[[], Encoder | None]:
    """One encoder for all that read texts; it is asked for again as long as there is none."""
    made: list[Encoder] = []

    def get() -> Encoder | None:
        encoder = made[0] if made else make()
        if encoder is not None and not made:
            made.append(encoder)
        return encoder

    return get


class LearningService:
    """Follows the events portion by portion. One is enough: a second one would do the same work again."""

    def __init__(self, door: Door, encoder: Callable[[], Encoder | None]) -> None:
        self._door = door
        self.advisor = Advisor(door)
        encoder = _once(encoder)
        self.training = IntakeTraining(door, encoder)
        self.knowledge = KnowledgeKeeping(door, encoder)
        self.proposals = Proposals(door)
        self._heard = self.advisor.reached

    def work(self) -> bool:
        """One portion; whether there may be more to do at once.

        Raises:
            psycopg.OperationalError: the database is away; what was heard so far is heard again later.
        """
        if self.advisor.is_rolled_back():
            self.advisor = Advisor(self._door)
        events, place = follow(self._door, self.advisor.reached)
        self.advisor.hear(events, place)
        # After a rollback the advisor hears again what the others have heard already.
        fresh = [one for one in events if one.place > self._heard]
        self._heard = max(self._heard, place)
        self.training.hear(fresh)
        self.knowledge.hear(fresh)
        self.proposals.hear(fresh)
        if len(events) == PORTION:
            return True
        self.advisor.hear_logs()
        more = self.advisor.advise()
        more = self.knowledge.work() or more
        return self.training.work() or more or self.proposals.work() or bool(events)


class Turn:
    """Whose turn it is to learn, among all nodes on one database: who holds the lock. It goes with its connection."""

    def __init__(self) -> None:
        self._db: psycopg.Connection[tuple[Any, ...]] | None = None

    def is_ours(self) -> bool:
        """Whether we hold it, or get it now. Raises `psycopg.OperationalError` where the database is away."""
        if self._db is not None and not self._db.closed and not self._db.broken:
            self._db.execute("select 1")
            return True
        db = own_connection()
        row = db.execute("select pg_try_advisory_lock(%s)", (LOCK,)).fetchone()
        if row is None or not row[0]:
            db.close()
            return False
        self._db = db
        return True

    def over(self) -> None:
        """Let somebody else learn."""
        if self._db is not None:
            with suppress(psycopg.Error):
                self._db.close()
        self._db = None


def run_learner(stop: threading.Event, door: Door, encoder: Callable[[], Encoder | None]) -> None:
    """Work until told to stop; while another node learns, wait for its end. Django must be set up."""
    service: LearningService | None = None
    turn = Turn()
    while not stop.is_set():
        try:
            if not turn.is_ours():
                service = None
                stop.wait(OTHERS_TURN)
                continue
            service = service or LearningService(door, encoder)
            began = monotonic()
            did = service.work()
            # Who is behind catches up slowly: people's work uses the same database.
            stop.wait(min(BREATH * (monotonic() - began), LONGEST_BREATH) if did else IDLE)
        except (psycopg.Error, DatabaseFault) as fault:
            log.warning("The database is away (%s); the learner tries again.", type(fault).__name__)
            service = None
            turn.over()
            connection.close()
            stop.wait(DATABASE_PAUSE)
    if service is not None:
        try:
            service.advisor.save()
        except (psycopg.Error, DatabaseFault) as fault:
            log.warning("What was learned last could not be saved (%s); it is learned again.", type(fault).__name__)
    turn.over()
    connection.close()
