"""A program that is told to stop ends, however often it is told."""

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import os, signal
from caseloom.foundation.signals import stop_on_signal

stop = stop_on_signal()
notify = stop._cond.notify_all

def notify_while_told_again():
    os.kill(os.getpid(), signal.SIGTERM)
    notify()

stop._cond.notify_all = notify_while_told_again
print("up", flush=True)
stop.wait()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of Unix")
def test_a_signal_in_the_midst_of_another_is_no_deadlock() -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None and program.stdout.readline() == "up\n"
            program.send_signal(signal.SIGTERM)
            assert program.wait(30) == 0
        finally:
            program.kill()
