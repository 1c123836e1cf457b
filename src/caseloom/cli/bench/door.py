"""`caseloom bench door`: durable commands through the product's own decide, settle and evolve, beside raw psycopg."""

import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Any, Final
from uuid import uuid4

from django.db import connections

from caseloom.cli.bench.sample import BENCH, accept, open_cases, orders
from caseloom.cli.bench.yardstick import Raw, recording
from caseloom.engine.case import commands as c
from caseloom.foundation.clock import now
from caseloom.sdk.stream import Order
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.store import Batch
from caseloom.streams.timers import Sweeper

SECONDS: Final = 4.0
RECORDED: Final = 400
ROUNDS: Final = 3


def run(say: Callable[[str], None]) -> None:
    """Print one line a figure."""
    cases = open_cases(4)
    tasks = _tasks(cases[0])
    single, several = _rates(cases, tasks)
    say(f"door commands 1 client: {single[0]:.0f} /s")
    say(f"door commands 1 client raw: {single[1]:.0f} /s")
    say(f"door commands 1 client ratio: {single[0] / single[1]:.2f}")
    say(f"door commands 4 clients: {several[0]:.0f} /s")
    say(f"door commands 4 clients raw: {several[1]:.0f} /s")
    say(f"door commands 4 clients ratio: {several[0] / several[1]:.2f}")
    ours, raw = _batches(cases, tasks)
    say(f"door batches of 100: {ours:.0f} commands/s")
    say(f"door batches of 100 raw: {raw:.0f} commands/s")
    say(f"door batches of 100 ratio: {ours / raw:.2f}")
    _flat(say)
    _timers(say)


def _tasks(case: int) -> list[int]:
    from caseloom.cases.queries import read_case

    view = read_case(BENCH, case)
    return [item.id for item in view.state.items.values() if item.kind == "task"] if view else []


# --- rates ------------------------------------------------------------------------------------------------------------


def _rates(cases: list[int], tasks: list[int]) -> tuple[tuple[float, float], tuple[float, float]]:
    """(ours, raw) for one client and for four; rounds of both in turn, the median of each, so that noise meets both
    alike.
    """
    recorded = _record(cases[0], tasks)
    found: dict[str, list[float]] = {name: [] for name in ("one", "one raw", "four", "four raw")}
    for _ in range(ROUNDS):
        found["one"].append(_clients(cases[:1], tasks, None))
        found["one raw"].append(_clients(cases[:1], tasks, recorded))
        found["four"].append(_clients(cases, tasks, None))
        found["four raw"].append(_clients(cases, tasks, recorded))
    medians = {name: statistics.median(rates) for name, rates in found.items()}
    return (medians["one"], medians["one raw"]), (medians["four"], medians["four raw"])


def _record(case: int, tasks: list[int]) -> list[Batch]:
    with recording() as kept:
        for order in islice(orders(case, tasks), RECORDED):
            accept(order)
    return kept


def _clients(cases: list[int], tasks: list[int], recorded: list[Batch] | None) -> float:
    """Commands a second of one process a case, all beginning together."""
    context = multiprocessing.get_context("fork")
    # A pool's threads do not come along with a fork: each process makes its own.
    connections.close_all()
    connections["default"].close_pool()  # type: ignore[attr-defined]  # the PostgreSQL backend has it
    barrier, counts = context.Barrier(len(cases)), context.Queue()
    processes = [context.Process(target=_client, args=(case, tasks, recorded, barrier, counts)) for case in cases]
    for process in processes:
        process.start()
    total = sum(counts.get(timeout=SECONDS * 10) for _ in processes)
    for process in processes:
        process.join()
    return float(total)


def _client(case: int, tasks: list[int], recorded: list[Batch] | None, barrier: Any, counts: Any) -> None:
    the_door().ids.forget()  # type: ignore[attr-defined]
    step = _door_step(case, tasks) if recorded is None else _raw_step(recorded)
    for _ in range(50):
        step()
    barrier.wait()
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < SECONDS:
        step()
        count += 1
    counts.put(count / (time.perf_counter() - begun))


def _door_step(case: int, tasks: list[int]) -> Callable[[], None]:
    stream = orders(case, tasks)

    def step() -> None:
        accept(next(stream))

    return step


def _raw_step(recorded: list[Batch]) -> Callable[[], None]:
    raw = Raw(store.raw_connection(), next(the_door().ids), recorded[0])
    place = iter(range(10**9))
    return lambda: raw.step(recorded[next(place) % len(recorded)])


def _batches(cases: list[int], tasks: list[int]) -> tuple[float, float]:
    """Commands a second in batches of 100 over the cases, and of raw batched SQL with the same rows."""
    recorded = _record(cases[0], tasks)
    raw = Raw(store.raw_connection(), next(the_door().ids), recorded[0])
    streams = [orders(case, tasks, start=1000) for case in cases]
    ours, yard = [], []
    for number in range(30):
        batch = [next(streams[place % len(streams)]) for place in range(100)]
        begun = time.perf_counter()
        the_door().handle_many(batch)
        ours.append(time.perf_counter() - begun)
        begin = number * 100 % (RECORDED - 100)
        begun = time.perf_counter()
        raw.together(recorded[begin : begin + 100])
        yard.append(time.perf_counter() - begun)
    return 100 / statistics.median(ours), 100 / statistics.median(yard)


# --- cost over a long life
# ----------------------------------------------------------------------------------------------


def _flat(say: Callable[[str], None]) -> None:
    """A command on a case's 10th event costs as much as on its 10,000th."""
    [young, old] = open_cases(2)
    tasks = _tasks(old)
    stream = orders(old, tasks)
    while _version(old) < 10_000:
        the_door().handle_many([next(stream) for _ in range(200)])
    early: list[float] = []
    late: list[float] = []
    young_stream = orders(young, _tasks(young))
    for _ in range(400):
        for case_stream, times in ((young_stream, early), (stream, late)):
            order = next(case_stream)
            begun = time.perf_counter()
            accept(order)
            times.append(time.perf_counter() - begun)
    ratio = statistics.median(late) / statistics.median(early)
    say(f"door command at the 10th event: {statistics.median(early) * 1000:.2f} ms")
    say(f"door command at the 10000th event: {statistics.median(late) * 1000:.2f} ms")
    say(f"door command late to early ratio: {ratio:.2f}")


def _version(case: int) -> int:
    [loaded] = store.load(store.raw_connection(), [case], [None])
    return loaded.version or 0


# --- timers -----------------------------------------------------------------------------------------------------------

WAITING: Final = 500_000
TOGETHER: Final = 10_000


def _timers(say: Callable[[str], None]) -> None:
    """Among half a million waiting timers: how soon a due one is picked up, and how long ten thousand due together
    take.
    """
    [case] = open_cases(1)
    db = store.raw_connection()
    db.execute(
        "insert into timer select %s, 'far ' || n, now() + interval '1 year' + n * interval '1 second' "
        "from generate_series(1, %s) n",
        (case, WAITING),
    )
    db.execute("analyze timer")
    say(f"timers waiting: {WAITING}")
    _pick_up(case, say)
    _all_due(say)


def _pick_up(case: int, say: Callable[[str], None]) -> None:
    delays: list[float] = []
    stop = threading.Event()
    sweeping = threading.Thread(target=_sweep, args=(stop, delays))
    sweeping.start()
    for _ in range(60):
        accept(Order("case", case, c.MakePromise(text="soon", due=now() + timedelta(milliseconds=150)), uuid4(), BENCH))
        time.sleep(0.2)
    stop.set()
    sweeping.join()
    say(f"timer pick-up p95: {statistics.quantiles(delays, n=20)[-1] * 1000:.0f} ms")


def _sweep(stop: threading.Event, delays: list[float]) -> None:
    """The sweeper as the service runs it, noting how late each timer came."""
    sweeper = Sweeper(the_door(), {1: lambda name: c.TimerDue(timer=name)}, heard=lambda due: delays.append(_late(due)))
    try:
        while not stop.is_set():
            if sweeper.sweep() == 0:
                time.sleep(0.02)
    finally:
        connections.close_all()


def _late(due: Any) -> float:
    return float((now() - due).total_seconds())


def _all_due(say: Callable[[str], None]) -> None:
    cases = open_cases(100)
    moment = now() + timedelta(seconds=2)
    batch = [
        Order("case", case, c.MakePromise(text="together", due=moment), uuid4(), BENCH)
        for case in cases
        for _ in range(TOGETHER // len(cases))
    ]
    for begin in range(0, len(batch), 500):
        the_door().handle_many(batch[begin : begin + 500])
    time.sleep(max(0.0, (moment - now()).total_seconds()))
    sweeper = Sweeper(the_door(), {1: lambda name: c.TimerDue(timer=name)})
    begun, count = time.perf_counter(), 0
    while (took := sweeper.sweep()) > 0:
        count += took
    say(f"timers due together: {count}")
    say(f"timers due together done in: {time.perf_counter() - begun:.1f} s")
