"""The sweeper's service: due timers go through the door, and jobs whose worker died go back in the queue."""

import logging
import threading
from time import monotonic
from typing import Final

import psycopg
from django.db import Error as DatabaseFault
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException

from caseloom.cases.kind import CASES
from caseloom.engine.case.commands import TimerDue
from caseloom.streams.door import the_door
from caseloom.streams.effects import retry_stalled
from caseloom.streams.timers import Sweeper

WHILE_DUE: Final = 0.02
IDLE: Final = 0.05
STALLED_EVERY: Final = 10.0
DATABASE_PAUSE: Final = 0.5
log = logging.getLogger(__name__)


def run_sweeper(stop: threading.Event) -> None:
    """Work until told to stop. Django must be set up; any number may run."""
    sweeper = Sweeper(the_door(), {CASES.number: lambda name: TimerDue(timer=name)})
    looked_for_stalled = 0.0
    while not stop.is_set():
        try:
            found = sweeper.sweep()
            if monotonic() - looked_for_stalled > STALLED_EVERY:
                looked_for_stalled = monotonic()
                _retry_stalled()
        except (psycopg.Error, DatabaseFault, ConnectorException) as fault:
            log.warning("The database is away (%s); the sweeper tries again.", type(fault).__name__)
            connection.close()
            stop.wait(DATABASE_PAUSE)
            continue
        stop.wait(WHILE_DUE if found else IDLE)
    connection.close()


def _retry_stalled() -> None:
    number = retry_stalled(app)
    if number:
        log.warning("%d jobs of dead workers go on.", number)
