"""Keeps a set of programs running: starts them in stages, restarts what dies, stops everything, leaves no
orphan.

Each service runs in a session of its own, so Ctrl-C reaches the supervisor alone, and what a killed service
leaves behind is killed with its process group. Each is on a leash (see `leash`): when the supervisor itself
is killed, it gets SIGTERM.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from caseloom.foundation import leash

LOOK_EVERY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Service:
    """One program to keep.

    A lower `stage` is started first, and ready before the next starts, and stopped last. `ready` tells
    whether the service serves; without it, a service is ready once started. A service that dies is started
    again after `first_delay` seconds, twice as long each time up to `longest_delay`, until it has lived for
    `steady_after` seconds. At the end it gets SIGTERM and, after `stop_seconds`, SIGKILL. `env` is added to
    the supervisor's environment.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    stage: int = 1
    first_delay: float = 0.2
    longest_delay: float = 20.0
    steady_after: float = 10.0
    stop_seconds: float = 12.0
    ready_seconds: float = 60.0


class ServiceNotReadyError(RuntimeError):
    """A service did not become ready in time at the start; everything was stopped again."""


class Supervisor:
    """Runs services until told to stop; `say` gets each line they print, and the supervisor's own, with the
    name first.
    """

    def __init__(self, services: Sequence[Service], say: Callable[[str], None]) -> None:
        width = max((len(service.name) for service in services), default=0)
        self._say = say
        self._kept = [_Kept(service, f"{service.name:<{width}} | ", say) for service in services]

    def run(self, stop: threading.Event, on_ready: Callable[[], None] = lambda: None) -> None:
        """Start all, call `on_ready`, keep them running until `stop` is set, then stop all.

        Call it in the main thread: Linux counts the leash from the thread that started a service. Raises
        `ServiceNotReadyError`.
        """
        try:
            if self._start(stop):
                on_ready()
            while not stop.wait(LOOK_EVERY_SECONDS):
                self._look()
        finally:
            self._stop()

    def _look(self) -> None:
        for kept in self._kept:
            kept.look()

    def _start(self, stop: threading.Event) -> bool:
        """Whether all stages came up; False when told to stop meanwhile."""
        for stage in sorted({kept.service.stage for kept in self._kept}):
            if stop.is_set():
                return False
            members = [kept for kept in self._kept if kept.service.stage == stage]
            for kept in members:
                kept.start()
            if not all(self._wait_ready(kept, stop) for kept in members):
                return False
        return True

    def _wait_ready(self, kept: "_Kept", stop: threading.Event) -> bool:
        service = kept.service
        deadline = time.monotonic() + service.ready_seconds
        while service.ready is not None and not service.ready():
            if time.monotonic() > deadline:
                raise ServiceNotReadyError(f"{service.name} was not ready after {service.ready_seconds:.0f} s.")
            if stop.wait(LOOK_EVERY_SECONDS):
                return False
            self._look()
        return True

    def _stop(self) -> None:
        for stage in sorted({kept.service.stage for kept in self._kept}, reverse=True):
            members = [kept for kept in self._kept if kept.service.stage == stage]
            for kept in members:
                kept.ask_to_stop()
            for kept in members:
                kept.wait_stopped()


class _Kept:
    """A service, its present process, and when it is due to start again."""

    def __init__(self, service: Service, prefix: str, say: Callable[[str], None]) -> None:
        self.service = service
        self._prefix = prefix
        self._say = say
        self._process: subprocess.Popen[str] | None = None
        self._pump: threading.Thread | None = None
        self._started = 0.0
        self._due: float | None = None
        self._delay = service.first_delay

    def start(self) -> None:
        command = [sys.executable, "-I", str(Path(leash.__file__)), str(os.getpid()), *self.service.argv]
        self._process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.service.env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._started = time.monotonic()
        self._due = None
        self._pump = threading.Thread(target=self._forward, args=(self._process,), daemon=True)
        self._pump.start()

    def look(self) -> None:
        """Notice a death and start again when that is due."""
        now = time.monotonic()
        if self._due is not None:
            if now >= self._due:
                self.start()
        elif self._process is not None and self._process.poll() is not None:
            self._plan_restart(self._process, now)

    def _plan_restart(self, process: subprocess.Popen[str], now: float) -> None:
        _kill_group(process)
        if now - self._started >= self.service.steady_after:
            self._delay = self.service.first_delay
        self._due = now + self._delay
        self._say(f"{self._prefix}ended with status {process.returncode}; starts again in {self._delay:.1f} s")
        self._delay = min(self._delay * 2, self.service.longest_delay)

    def ask_to_stop(self) -> None:
        self._due = None
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_stopped(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(self.service.stop_seconds)
        except subprocess.TimeoutExpired:
            self._say(f"{self._prefix}did not stop in {self.service.stop_seconds:.0f} s; killed")
        _kill_group(self._process)
        self._process.wait()
        if self._pump is not None:
            self._pump.join(1.0)

    def _forward(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None and process.stdin is not None  # noqa: S101
        with process.stdout, process.stdin:
            for line in process.stdout:
                self._say(self._prefix + line.rstrip("\n"))


def _kill_group(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
