"""The learner's service: it follows all events, trains the intake, and keeps the advice of open cases as they move."""

import logging
import threading
from collections.abc import Callable
from typing import Final

import psycopg
from django.db import Error as DatabaseFault
from django.db import connection

from caseloom.learning.advisor import Advisor
from caseloom.learning.intake.encoder import Encoder
from caseloom.learning.intake_training import IntakeTraining
from caseloom.learning.knowledge_keeping import KnowledgeKeeping
from caseloom.learning.proposals_found import Proposals
from caseloom.streams.handle import Door
from caseloom.streams.tail import PORTION, follow

IDLE: Final = 0.2
DATABASE_PAUSE: Final = 0.5
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
        self.advisor.advise()
        more = self.knowledge.work()
        return self.training.work() or more or self.proposals.work() or bool(events)


def run_learner(stop: threading.Event, door: Door, encoder: Callable[[], Encoder | None]) -> None:
    """Work until told to stop. Django must be set up."""
    service: LearningService | None = None
    while not stop.is_set():
        try:
            service = service or LearningService(door, encoder)
            if not service.work():
                stop.wait(IDLE)
        except (psycopg.Error, DatabaseFault) as fault:
            log.warning("The database is away (%s); the learner tries again.", type(fault).__name__)
            service = None
            connection.close()
            stop.wait(DATABASE_PAUSE)
    if service is not None:
        try:
            service.advisor.save()
        except (psycopg.Error, DatabaseFault) as fault:
            log.warning("What was learned last could not be saved (%s); it is learned again.", type(fault).__name__)
    connection.close()
