"""`caseloom check main-line` against a small demo: everything that people do, done as they do it."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from caseloom.cli.check.chromium import find_chromium
from caseloom.foundation.postgres import EmbeddedPostgres
from tests.cli.test_demo_runs import Demo, until


@pytest.fixture
def demo() -> Iterator[Demo]:
    with tempfile.TemporaryDirectory(prefix="caseloom-line-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        running = Demo(Path(name), 30)
        try:
            until(lambda: "Ctrl-C closes it" in "\n".join(running.said) or running.process.poll() is not None)
            yield running
        finally:
            running.end()
            EmbeddedPostgres(Path(name) / "postgres").remove()


@pytest.mark.browser
@pytest.mark.skipif(find_chromium() is None, reason="Chromium is not installed: apt-get install chromium")
def test_the_main_line_holds_on_a_running_demo(demo: Demo) -> None:
    board = urlsplit(demo.found(r"board\s+(http://\S+)"))
    places = {
        "--url": f"{board.scheme}://{board.netloc}",
        "--mailboxes": demo.found(r"mailboxes\s+(http://[0-9.:]+)"),
        "--smtp": demo.found(r"by SMTP at (\S+)"),
        "--password": demo.found(r"password\s+(\S+)"),
    }
    command = [sys.executable, "-m", "caseloom.config.start", "check", "main-line"]
    command += [part for pair in places.items() for part in pair]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ok  ") == 15


def test_a_demo_that_is_not_there_is_said_in_words() -> None:
    command = [sys.executable, "-m", "caseloom.config.start", "check", "main-line", "--url", "http://127.0.0.1:9"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("caseloom check main-line:")
    assert "Traceback" not in done.stderr
