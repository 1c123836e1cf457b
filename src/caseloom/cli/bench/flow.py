"""`caseloom bench flow`: one process, through the product's own decide, settle and evolve, in memory and on PostgreSQL,
beside SpiffWorkflow and beside raw psycopg.
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import uuid4

from django.db import connections

from caseloom.cli.bench.flow_process import MemoryCase, looping, process
from caseloom.cli.bench.flow_spiff import SpiffRow, instance, make_table, workflow
from caseloom.cli.bench.sample import BENCH, accept
from caseloom.cli.bench.yardstick import Raw, recording
from caseloom.customers.customer import CreateCustomer
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.engine.spec.flow import FlowModel
from caseloom.interchange.bpmn_writer import write_bpmn
from caseloom.library.plans import house_version, latest
from caseloom.library.publishing import publish
from caseloom.sdk.stream import Answer, Order
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.store import Batch

ROUNDS: Final = 5
SECONDS: Final = 4.0
CLIENTS: Final = 4
INSTANCES: Final = 1_500
SPIFF_INSTANCES: Final = 150
LONG: Final = 2_000
FINISHED: Final = 10_000
GOAL: Final = """
service goal: bench
title: Bench
customer title: Bench
owner: bench
team: bench
facts: {amount: {type: number, initial: 200}, double: {type: number}}
goals: {done: {title: Done}}
tasks:
  run: {kind: flow, model: benchflow, flow: bench}
  circle: {kind: flow, model: benchflow, flow: circle}
  plain: {title: Plain}
"""


def run(say: Callable[[str], None]) -> None:
    """Print one line a figure."""
    _in_memory(say)
    _durable(say)
    _late(say)


# --- in memory --------------------------------------------------------------------------------------------------------


def _in_memory(say: Callable[[str], None]) -> None:
    ours, theirs, case, fresh = [], [], MemoryCase(), workflow()
    case.instance()
    events = case.events
    case.instance()
    events = case.events - events
    for _ in range(ROUNDS):
        ours.append(_rate(case.instance, INSTANCES))
        theirs.append(_rate(lambda: instance(fresh), SPIFF_INSTANCES))
    mine, spiff = statistics.median(ours), statistics.median(theirs)
    say(f"flow events an instance: {events}")
    say(f"flow in memory: {mine:.0f} instances/s")
    say(f"flow in memory SpiffWorkflow: {spiff:.0f} instances/s")
    say(f"flow in memory ratio: {mine / spiff:.1f}")


def _rate(once: Callable[[], None], count: int) -> float:
    begun = time.perf_counter()
    for _ in range(count):
        once()
    return count / (time.perf_counter() - begun)


# --- durable ----------------------------------------------------------------------------------------------------------


def _durable(say: Callable[[str], None]) -> None:
    cases = _open_cases(CLIENTS)
    make_table(store.raw_connection())
    with recording() as recorded:
        for _ in range(60):
            _steps(cases[0])
    found: dict[str, list[float]] = {"ours": [], "raw": [], "spiff": []}
    for _ in range(3):
        found["ours"].append(_clients([(case, None) for case in cases]))
        found["raw"].append(_clients([(case, recorded) for case in cases]))
        found["spiff"].append(_clients([(0, None)] * CLIENTS))
    ours, raw, spiff = (statistics.median(found[name]) for name in ("ours", "raw", "spiff"))
    say(f"flow durable {CLIENTS} clients: {ours:.0f} instances/s")
    say(f"flow durable {CLIENTS} clients SpiffWorkflow: {spiff:.0f} instances/s")
    say(f"flow durable {CLIENTS} clients ratio: {ours / spiff:.2f}")
    say(f"flow durable {CLIENTS} clients raw: {raw:.0f} instances/s")
    say(f"flow durable {CLIENTS} clients raw ratio: {ours / raw:.2f}")


def _open_cases(count: int) -> list[int]:
    model = FlowModel(key="benchflow", processes={"bench": process(), "circle": looping()})
    for text in (write_bpmn(model).decode(), GOAL):
        published = publish(BENCH, text, thorough=False)
        if isinstance(published, Refused):
            raise RuntimeError(published.message)
    door = the_door()
    customer = next(door.ids)
    accept(Order("customer", customer, CreateCustomer(customer=customer, name="Bench"), uuid4(), BENCH))
    cases = [next(door.ids) for _ in range(count)]
    for case in cases:
        opening = c.OpenCase(
            case=case, customer=customer, service_goal="bench", version=latest("bench"), house_version=house_version()
        )
        accept(Order("case", case, opening, uuid4(), BENCH))
    return cases


def _send(case: int, command: c.Command) -> Answer:
    return accept(Order("case", case, command, uuid4(), BENCH))


def _task_in(answer: Answer) -> int:
    """The task that a command has opened."""
    return next(int(event.item) for event in reversed(answer.events) if event.stored == "item_created.1")


def _steps(case: int) -> None:
    """One instance: a commit for each step that a person sees."""
    first = _task_in(_send(case, c.CreateTask(key="run")))
    second = _task_in(_send(case, c.CompleteTask(item=first)))
    _send(case, c.CompleteTask(item=second))


def _clients(work: list[tuple[int, list[Batch] | None]]) -> float:
    """Instances a second of one process a client, all beginning together. Case 0 stands for SpiffWorkflow."""
    context = multiprocessing.get_context("fork")
    # A pool's threads do not come along with a fork: each process makes its own.
    connections.close_all()
    connections["default"].close_pool()  # type: ignore[attr-defined]  # the PostgreSQL backend has it
    barrier, counts = context.Barrier(len(work)), context.Queue()
    processes = [context.Process(target=_client, args=(*one, barrier, counts)) for one in work]
    for one in processes:
        one.start()
    total = sum(counts.get(timeout=SECONDS * 10) for _ in processes)
    for one in processes:
        one.join()
    return float(total)


def _client(case: int, recorded: list[Batch] | None, barrier: Any, counts: Any) -> None:
    the_door().ids.forget()  # type: ignore[attr-defined]
    once = _once(case, recorded)
    for _ in range(10):
        once()
    barrier.wait()
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < SECONDS:
        once()
        count += 1
    counts.put(count / (time.perf_counter() - begun))


def _once(case: int, recorded: list[Batch] | None) -> Callable[[], None]:
    if recorded is not None:
        return _raw(recorded)
    return SpiffRow(store.raw_connection()) if case == 0 else lambda: _steps(case)


def _raw(recorded: list[Batch]) -> Callable[[], None]:
    """The same rows by the fewest round trips: three commits an instance."""
    raw = Raw(store.raw_connection(), next(the_door().ids), recorded[0])
    batches = _endless(recorded)

    def once() -> None:
        for _ in range(3):
            raw.step(next(batches))

    return once


def _endless(recorded: list[Batch]) -> Iterator[Batch]:
    while True:
        yield from recorded


# --- late steps -------------------------------------------------------------------------------------------------------


def _late(say: Callable[[str], None]) -> None:
    """A step late in a flow of 2,000 steps, and in a case with 10,000 finished tasks, beside an early one."""
    young, old, full = _open_cases(3)
    early: list[float] = []
    late: list[float] = []
    tasks = {case: _task_in(_send(case, c.CreateTask(key="circle"))) for case in (young, old)}
    for _ in range(LONG):
        tasks[old] = _task_in(_send(old, c.CompleteTask(item=tasks[old])))
    for _ in range(200):
        for case, times in ((young, early), (old, late)):
            command = c.CompleteTask(item=tasks[case])
            begun = time.perf_counter()
            answer = _send(case, command)
            times.append(time.perf_counter() - begun)
            tasks[case] = _task_in(answer)
    _tell(say, f"flow step after {LONG} steps", early, late)
    _finish_many(full)
    few: list[float] = []
    many: list[float] = []
    empty = _open_cases(1)[0]
    for _ in range(200):
        for case, times in ((empty, few), (full, many)):
            task = _task_in(_send(case, c.CreateTask(key="plain")))
            begun = time.perf_counter()
            _send(case, c.CompleteTask(item=task))
            times.append(time.perf_counter() - begun)
    _tell(say, f"step after {FINISHED} finished tasks", few, many)


def _finish_many(case: int) -> None:
    door = the_door()
    for _ in range(FINISHED // 100):
        made = door.handle_many([Order("case", case, c.CreateTask(key="plain"), uuid4(), BENCH) for _ in range(100)])
        items = [_task_in(answer) for answer in made if isinstance(answer, Answer)]
        door.handle_many([Order("case", case, c.CompleteTask(item=item), uuid4(), BENCH) for item in items])


def _tell(say: Callable[[str], None], name: str, early: list[float], late: list[float]) -> None:
    first, last = statistics.median(early), statistics.median(late)
    say(f"{name}: {last * 1000:.2f} ms")
    say(f"{name} early: {first * 1000:.2f} ms")
    say(f"{name} ratio: {last / first:.2f}")
