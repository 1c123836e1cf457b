"""Effects: acted once, whatever becomes of the worker; picked up at once; carried on after a worker's death."""

import asyncio
import threading
from datetime import timedelta
from time import monotonic, sleep

import pytest
from django.db import connection
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from caseloom.customers.customer import EraseCustomer
from caseloom.customers.models import CustomerRow
from caseloom.streams.door import the_door
from caseloom.streams.effects import Attempt, Done, Effects, Failed, Outcome, Overtaken, Unknown, retry_stalled
from tests.streams.kit import a_customer, send

pytestmark = pytest.mark.django_db(transaction=True)
NONE = timedelta(0)


def run(performer: object, times: int, pauses: int = 3) -> list[timedelta | None]:
    effects = Effects({"x": performer}, the_door().clock, [NONE] * pauses, NONE)  # type: ignore[dict-item]
    return [effects.perform("x", 7, 1) for _ in range(times)]


def state() -> tuple[str, int, int]:
    with connection.cursor() as cursor:
        cursor.execute("select state, attempt, uncertain from effect where stream = 7")
        row: tuple[str, int, int] = cursor.fetchone()
        return row


def test_what_is_done_is_not_done_again() -> None:
    acts: list[int] = []

    def act(attempt: Attempt) -> Outcome:
        acts.append(attempt.number)
        return Done()

    assert run(act, 3) == [None, None, None]
    assert (acts, state()) == ([1], ("done", 1, 0))


def test_a_passing_failure_pauses_until_the_last_attempt() -> None:
    last: list[bool] = []

    def act(attempt: Attempt) -> Outcome:
        last.append(attempt.last)
        return Failed(retry=True)

    assert run(act, 4, pauses=2) == [NONE, NONE, None, None]
    assert (last, state()[0]) == ([False, False, True], "failed")


def test_an_unknown_end_is_tried_once_more() -> None:
    seen: list[int] = []

    def act(attempt: Attempt) -> Outcome:
        seen.append(attempt.uncertain)
        if attempt.exhausted:
            return Done()
        attempt.start()
        return Unknown()

    assert run(act, 3) == [NONE, None, None]
    assert seen == [0, 1, 2]


def test_a_worker_that_died_in_the_act_counts_as_unknown() -> None:
    def die(attempt: Attempt) -> Outcome:
        attempt.start()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(die, 1)
    seen: list[int] = []

    def act(attempt: Attempt) -> Outcome:
        seen.append(attempt.uncertain)
        return Done()

    run(act, 1)
    assert seen == [1]


def test_a_paused_worker_that_wakes_late_does_not_act() -> None:
    acts: list[str] = []

    def faster(attempt: Attempt) -> Outcome:
        acts.append("other")
        return Done()

    def paused(attempt: Attempt) -> Outcome:
        # While it sleeps, the sweep gives the job to another, which does it.
        run(faster, 1)
        attempt.start()
        acts.append("paused")
        return Done()

    assert run(paused, 1) == [None]
    assert (acts, state()[0]) == (["other"], "done")
    with pytest.raises(Overtaken):
        Attempt("x", 7, 1, number=1).start()


def test_an_effect_that_nobody_performs_is_an_error() -> None:
    with pytest.raises(LookupError, match="Nothing performs"):
        Effects({}, the_door().clock).perform("x", 7, 1)


class Worker(threading.Thread):
    """A real worker of procrastinate in a thread of its own."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None

    def run(self) -> None:
        try:
            self._task = self._loop.create_task(self._work())
            self._loop.run_until_complete(asyncio.wait([self._task]))
        finally:
            self._loop.close()

    async def _work(self) -> None:
        with app.replace_connector(PsycopgConnector(kwargs=connector_params())) as working:
            async with working.open_async():
                await working.run_worker_async(
                    fetch_job_polling_interval=30.0, listen_notify=True, install_signal_handlers=False
                )

    def __enter__(self) -> "Worker":
        self.start()
        sleep(0.5)
        return self

    def __exit__(self, *_: object) -> None:
        if self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
        self.join(15)


def erased(customer: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select key is null from person_key where person = %s", (customer,))
        row = cursor.fetchone()
    return bool(row and row[0])


def until(seconds: float, customer: int) -> float:
    began = monotonic()
    while not erased(customer):
        assert monotonic() - began < seconds, "the job was not done"
        sleep(0.005)
    return monotonic() - began


def test_the_worker_hears_of_a_job_at_once_and_goes_on_with_a_dead_ones() -> None:
    # Polling is set to 30 s here: only NOTIFY is as fast as this.
    customer, stalled = a_customer(), a_customer()
    with Worker():
        send("customer", customer, EraseCustomer())
        assert until(2.0, customer) < 2.0
    send("customer", stalled, EraseCustomer())
    with connection.cursor() as cursor:
        # As a worker leaves it that was killed in the middle of the job.
        cursor.execute("update procrastinate_jobs set status = 'doing', worker_id = null where status = 'todo'")
    assert retry_stalled(app) == 1
    with Worker():
        until(5.0, stalled)
    assert CustomerRow.objects.filter(erased=True).count() == 2
