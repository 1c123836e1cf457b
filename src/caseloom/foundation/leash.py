"""Runs a program that ends when its parent ends, also by `kill -9`: `leash.py PARENT_ID PROGRAM ARGUMENT...`.

Linux sends the signal that `prctl(PR_SET_PDEATHSIG)` names when the parent is gone (prctl(2)). It is set
here, in a process of its own before `exec`, because code between fork and exec is unsafe in a program with
threads. Elsewhere the program runs without a leash.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the program."""
    parent, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have died before the line above.
        if os.getppid() != int(parent):
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
