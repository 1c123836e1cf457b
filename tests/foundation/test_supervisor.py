"""The supervisor restarts what dies, stops cleanly and quickly, and leaves no orphan when it is killed
itself.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from caseloom.foundation.supervisor import Service, ServiceNotReadyError, Supervisor

# A service that notes its number in a file at each start, then waits for the end.
STEADY = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); print('here'); time.sleep(600)"
FAILING = "import sys, time; open(sys.argv[1], 'a').write(f'{time.monotonic()}\\n'); sys.exit(3)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + STEADY
PARENT = (
    "import os, subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "open(sys.argv[1], 'a').write(f'{os.getpid()} {child.pid}\\n'); time.sleep(600)"
)


def service(name: str, code: str, note: Path, **more: object) -> Service:
    return Service(name, (sys.executable, "-c", code, str(note)), **more)  # type: ignore[arg-type]


def until(what: Callable[[], bool], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def words(note: Path) -> list[str]:
    return note.read_text().split() if note.exists() else []


def alive(number: int) -> bool:
    """Whether a process runs; one that ended and was not reaped yet does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Running:
    """A supervisor in a thread of its own, and what it said."""

    def __init__(self, *services: Service) -> None:
        self.said: list[str] = []
        self.ready = threading.Event()
        self.fault: BaseException | None = None
        self._stop = threading.Event()
        self._supervisor = Supervisor(services, self.said.append)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._supervisor.run(self._stop, self.ready.set)
        except ServiceNotReadyError as fault:
            self.fault = fault

    def end(self) -> float:
        """Stop it; the seconds that took."""
        began = time.monotonic()
        self._stop.set()
        self._thread.join()
        return time.monotonic() - began


@pytest.fixture
def run() -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(*services: Service) -> Running:
        started.append(Running(*services))
        return started[-1]

    yield start
    for one in started:
        one.end()


def test_a_service_that_is_killed_is_started_again(run: Callable[..., Running], tmp_path: Path) -> None:
    note = tmp_path / "note"
    running = run(service("web", STEADY, note, first_delay=0.05))
    until(lambda: len(words(note)) == 1)
    os.kill(int(words(note)[0]), signal.SIGKILL)
    until(lambda: len(words(note)) == 2)
    assert any("ended with status -9" in line for line in running.said)


def test_what_a_killed_service_started_is_killed_before_its_restart(
    run: Callable[..., Running], tmp_path: Path
) -> None:
    note = tmp_path / "note"
    run(service("web", PARENT, note, first_delay=0.05))
    until(lambda: len(words(note)) == 2)
    first, child = map(int, words(note))
    os.kill(first, signal.SIGKILL)
    until(lambda: len(words(note)) == 4)
    until(lambda: not alive(child), 2.0)


def test_it_waits_longer_after_each_failure_up_to_a_bound(run: Callable[..., Running], tmp_path: Path) -> None:
    note = tmp_path / "note"
    run(service("mail", FAILING, note, first_delay=0.1, longest_delay=0.4))
    until(lambda: len(words(note)) == 6)
    moments = [float(word) for word in words(note)]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert gaps[0] >= 0.1
    assert gaps[1] >= 0.2
    assert all(gap >= 0.4 for gap in gaps[2:])
    assert gaps[4] < 2.0


def test_a_service_that_lived_long_enough_starts_again_after_the_first_delay(
    run: Callable[..., Running], tmp_path: Path
) -> None:
    note = tmp_path / "note"
    running = run(service("web", FAILING, note, first_delay=0.05, longest_delay=60, steady_after=0.0))
    until(lambda: len(words(note)) == 8)
    assert all("in 0.1 s" in line or "in 0.0 s" in line for line in running.said)


def test_lines_carry_the_name_of_their_service(run: Callable[..., Running], tmp_path: Path) -> None:
    running = run(service("web", STEADY, tmp_path / "a"), service("worker", STEADY, tmp_path / "b"))
    until(lambda: len(running.said) == 2)
    assert sorted(running.said) == ["web    | here", "worker | here"]


def test_it_stops_everything_quickly(run: Callable[..., Running], tmp_path: Path) -> None:
    notes = [tmp_path / str(number) for number in range(3)]
    running = run(*(service(note.name, STEADY, note) for note in notes))
    until(lambda: all(words(note) for note in notes))
    numbers = [int(words(note)[0]) for note in notes]
    assert running.end() < 2.0
    assert not any(alive(number) for number in numbers)


def test_a_service_that_ignores_the_request_to_stop_is_killed(run: Callable[..., Running], tmp_path: Path) -> None:
    note = tmp_path / "note"
    running = run(service("web", STUBBORN, note, stop_seconds=0.3))
    until(lambda: len(words(note)) == 1)
    assert running.end() < 3.0
    assert not alive(int(words(note)[0]))
    assert "web | did not stop in 0 s; killed" in running.said


def test_a_lower_stage_is_ready_before_the_next_starts(run: Callable[..., Running], tmp_path: Path) -> None:
    database, web, gate = tmp_path / "database", tmp_path / "web", tmp_path / "gate"
    running = run(
        service("web", STEADY, web, stage=1),
        service("database", STEADY, database, stage=0, ready=gate.exists),
    )
    until(lambda: len(words(database)) == 1)
    assert not web.exists()
    assert not running.ready.is_set()
    gate.touch()
    until(lambda: len(words(web)) == 1)
    assert running.ready.wait(5)


def test_a_service_that_is_never_ready_ends_the_start_and_stops_the_rest(
    run: Callable[..., Running], tmp_path: Path
) -> None:
    note = tmp_path / "note"
    running = run(
        service("database", STEADY, note, stage=0),
        service("web", STEADY, note, ready=lambda: False, ready_seconds=0.5),
    )
    until(lambda: running.fault is not None)
    assert str(running.fault) == "web was not ready after 0 s."
    assert not any(alive(int(number)) for number in words(note))


@pytest.mark.skipif(sys.platform != "linux", reason="the leash is Linux's")
def test_kill_9_of_the_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    note = tmp_path / "note"
    code = (
        "import sys, threading; from caseloom.foundation.supervisor import Service, Supervisor;"
        "argv = (sys.executable, '-c', sys.argv[1], sys.argv[2]);"
        "Supervisor([Service('a', argv), Service('b', argv)], print).run(threading.Event())"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code, STEADY, str(note)], stdout=subprocess.DEVNULL)
    try:
        until(lambda: len(words(note)) == 2)
    finally:
        supervisor.kill()
        supervisor.wait()
    until(lambda: not any(alive(int(number)) for number in words(note)), 5.0)
