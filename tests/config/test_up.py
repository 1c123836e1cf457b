"""`caseloom up` on an empty folder: it comes up, mends itself after kills, and stops cleanly."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from caseloom.foundation.ports import claim_port
from caseloom.foundation.postgres import EmbeddedPostgres


def until(what: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def descendants(parent: int) -> dict[int, str]:
    """The living processes that a process started, with their command lines."""
    found: dict[int, str] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, above = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
            if int(above) == parent and state != "Z":
                found[int(entry.name)] = (entry / "cmdline").read_text().replace("\0", " ")
    return found


class Up:
    """A running `caseloom up` and what it printed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.bind = f"127.0.0.1:{claim_port()}"
        self.said: list[str] = []
        self.database = EmbeddedPostgres(home / "postgres")
        env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        command = [sys.executable, "-m", "caseloom.config.start", "up", "--bind", self.bind]
        self.process = subprocess.Popen(
            command,
            env={**env, "CASELOOM_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            self.said.extend(line.rstrip("\n") for line in self.process.stdout)

    def serves(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.bind}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def service(self, words: str) -> int:
        """The process number of the service whose command line holds `words`; 0 when there is none."""
        return next((number for number, line in descendants(self.process.pid).items() if words in line), 0)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        self.process.wait(60)
        self._reader.join()
        return self.process.returncode


@pytest.fixture
def up() -> Iterator[Up]:
    with tempfile.TemporaryDirectory(prefix="caseloom-up-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        running = Up(Path(name))
        try:
            yield running
        finally:
            running.end(signal.SIGTERM)
            running.database.remove()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are found by /proc")
def test_it_comes_up_mends_what_is_killed_and_stops_at_ctrl_c(up: Up) -> None:
    until(lambda: f"Caseloom is up: http://{up.bind}/" in up.said)
    assert up.serves()

    for words in ("gunicorn", "config.start worker"):
        killed = up.service(words)
        os.kill(killed, signal.SIGKILL)
        until(lambda words=words, killed=killed: up.service(words) not in (0, killed))  # type: ignore[misc]
    until(up.serves)

    up.database.stop("immediate")
    until(up.serves)

    began = time.monotonic()
    assert up.end(signal.SIGINT) == 0
    assert time.monotonic() - began < 15
    assert not up.database.running()
    assert not any("Traceback" in line for line in up.said if line.startswith("web"))


@pytest.mark.skipif(sys.platform != "linux", reason="the leash is Linux's")
def test_kill_9_of_it_leaves_no_service_and_no_database(up: Up) -> None:
    until(lambda: f"Caseloom is up: http://{up.bind}/" in up.said)
    left = descendants(up.process.pid)
    up.end(signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{number}/cmdline").exists() and _lives(number) for number in left))
    until(lambda: not up.database.running())


def _lives(number: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False
