"""What a process does before its first visitor comes, so that they need not wait for it."""

import gc
import logging
import threading
from typing import Final

import psycopg
from django.db import Error as DatabaseFault
from django.db import connection

from caseloom.library.plans import offered_goals

OBJECTS: Final = 20_000
"""New objects between two looks for rubbish. A page makes some thousand, none of them in circles; looking after 700, as
Python does, costs a tenth of it.
"""
log = logging.getLogger(__name__)


def warm() -> None:
    """Compile what the library offers now."""
    try:
        offered_goals()
    except (psycopg.Error, DatabaseFault) as fault:
        log.warning("The library could not be read yet (%s).", type(fault).__name__)
    finally:
        connection.close()


def warm_beside() -> None:
    """Warm up in a thread while the first requests come in; what is loaded then is not looked through for rubbish."""
    gc.set_threshold(OBJECTS, 50, 50)
    threading.Thread(target=_warm_and_settle, name="warming", daemon=True).start()


def _warm_and_settle() -> None:
    warm()
    gc.collect()
    gc.freeze()
