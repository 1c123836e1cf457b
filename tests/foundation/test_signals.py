"""A program is told to stop once, however often it is told."""

import os
import signal
import subprocess
import sys
import time

import pytest

PROGRAM = """
from caseloom.foundation.signals import stop_on_signal
stop = stop_on_signal()
print("up", flush=True)
stop.wait()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of Unix")
def test_many_signals_at_once_end_it_as_one_does() -> None:
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as program:
            assert program.stdout is not None and program.stdout.readline() == "up\n"
            deadline = time.monotonic() + 20
            while program.poll() is None and time.monotonic() < deadline:
                os.kill(program.pid, signal.SIGTERM)
                os.kill(program.pid, signal.SIGINT)
            ended = program.poll()
            program.kill()
        # It ends well, or by a signal that came when Python had put its handlers away.
        assert ended in (0, -signal.SIGTERM, -signal.SIGINT)
