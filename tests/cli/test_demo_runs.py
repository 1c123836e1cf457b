"""`caseloom demo` on an empty folder: it opens, says where everything is, takes mail, and closes at Ctrl-C."""

import contextlib
import os
import re
import signal
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from caseloom.foundation.postgres import EmbeddedPostgres


def until(what: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


class Demo:
    def __init__(self, home: Path, cases: int = 8) -> None:
        self.said: list[str] = []
        ours = ("DATABASE_URL", "CASELOOM_")
        env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "caseloom.config.start", "demo", "--cases", str(cases)],
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

    def found(self, pattern: str) -> str:
        hit = re.search(pattern, "\n".join(self.said))
        return hit[1] if hit else ""

    def end(self) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        self._reader.join()
        return self.process.returncode


@pytest.fixture
def demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory(prefix="caseloom-demo-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        running = Demo(Path(name))
        try:
            yield running
        finally:
            running.end()
            EmbeddedPostgres(Path(name) / "postgres").remove()


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def test_the_demo_opens_takes_mail_and_closes(demo: Demo) -> None:
    until(lambda: "Ctrl-C closes it" in "\n".join(demo.said) or demo.process.poll() is not None)
    mailboxes = demo.found(r"mailboxes\s+(http://\S+)")
    assert "Maria Keller" in page(mailboxes)
    assert demo.found(r"password\s+(\S+)")
    port = int(demo.found(r"by SMTP at 127\.0\.0\.1:(\d+)"))
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        mail = "From: maria.keller@mailhaus.example\r\nSubject: Hello\r\n\r\nA question.\r\n"
        assert client.sendmail("maria.keller@mailhaus.example", ["service@lindholt.example"], mail) == {}
    assert demo.end() == 0
    assert not any("Traceback" in line for line in demo.said)
