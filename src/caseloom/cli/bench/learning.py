"""`caseloom bench learning`: how fast the learner of next steps hears events, and what it needs to remember a
million of them.

A made-up house: 24 activities, 8 products, 4 channels, 200 agents, some 5,000 cases open at a time, and a way of
working that changes every fortnight. The learner hears each event as the desk would tell it: it learns what
followed, how long it took, and how it ended.
"""

import gc
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from caseloom.learning.steps.learner import Learner, Settings
from caseloom.learning.steps.state import dump
from caseloom.learning.steps.step import Outcome, Step

EVENTS: Final = 1_000_000
ADVISED: Final = 20_000
OPEN: Final = 5000
ACTIVITIES: Final = 24
BEGAN: Final = datetime(2024, 1, 1, 8, tzinfo=UTC)


def run(say: Callable[[str], None]) -> None:
    """Measure and say a line a figure."""
    before = _memory()
    learner = Learner(Settings(facts=("product", "channel"), service_class="product", origin=BEGAN.timestamp()))
    happening = events(EVENTS)
    seconds = _hear(learner, happening, ADVISED, advise=True)
    say(f"learning with advice at each event: {seconds / ADVISED * 1000:.3f} ms")
    seconds = _hear(learner, happening, EVENTS - ADVISED, advise=False)
    say(f"learning events: {(EVENTS - ADVISED) / seconds:.0f} a second")
    gc.collect()
    say(f"learning memory at {EVENTS} events: {_memory():.0f} MB")
    say(f"learning memory before: {before:.0f} MB")
    say(f"learning state: {len(dump(learner)) / 1e6:.0f} MB")


def events(count: int) -> Iterator[tuple[int, Step, bool]]:
    """Case, step, and whether it was the last, in the order of time; the same each time."""
    draw = random.Random(7)  # noqa: S311 - made-up work, no secret
    moment, number = BEGAN, 0
    running: list[tuple[int, int, dict[str, str]]] = []
    for _ in range(count):
        moment += timedelta(seconds=draw.expovariate(1 / 30.0))
        if len(running) < OPEN:
            number += 1
            facts = {"product": f"P{min(int(draw.expovariate(0.5)), 7)}", "channel": f"C{draw.randrange(4)}"}
            running.append((number, 0, facts))
        place = draw.randrange(len(running))
        case, at, facts = running[place]
        turn = int(facts["product"][1]) + (moment - BEGAN).days // 14
        at = (at + 1 + (draw.random() < 0.2) * draw.randrange(5) + (turn % 3 == 0)) % ACTIVITIES
        last = draw.random() < 0.15
        yield case, Step(f"Activity {at}", moment, f"agent {(case * 7 + at) % 200}", facts), last
        if last:
            running[place] = running[-1]
            running.pop()
        else:
            running[place] = (case, at, facts)


def _hear(learner: Learner, happening: Iterator[tuple[int, Step, bool]], count: int, advise: bool) -> float:
    """Seconds of CPU for so many events."""
    spent = 0.0
    for _ in range(count):
        case, step, last = next(happening)
        began = time.process_time()
        learner.happened(case, step)
        if advise:
            learner.next(case)
        if last:
            learner.ended(case, Outcome(reached=case % 5 > 0))
        spent += time.process_time() - began
    return spent


def _memory() -> float:
    """What the process holds in memory now, in MB; where that cannot be read, the most that it ever held."""
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most / (1024.0 * 1024.0 if sys.platform == "darwin" else 1024.0)
    held = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS:"))
    return int(held.split()[1]) / 1024.0
