"""Keeps one embedded server up for as long as its parent lives.

    python -m caseloom.foundation.postgres_keeper FOLDER

The parent holds the keeper's standard input open. When that ends, however the parent died, or at SIGTERM, the
server is stopped, so no killed program leaves a server behind. In between a server that died is started
again.

The first line on standard output is the server's address; more lines tell of restarts.
"""

import argparse
import os
import select
import sys
import threading
from pathlib import Path

from caseloom.foundation.postgres import EmbeddedPostgres, PostgresStartError
from caseloom.foundation.postgres_binaries import PostgresMissingError
from caseloom.foundation.signals import stop_on_signal

LOOK_EVERY_SECONDS = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Run until standard input ends; exit status 1 when the server cannot be started."""
    parser = argparse.ArgumentParser(description="Keep an embedded PostgreSQL up while standard input is open.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--remove", action="store_true", help="delete the data at the end")
    options = parser.parse_args(arguments)
    # A signal raises nothing: an exception in the midst of stopping would leave the server behind.
    asked = stop_on_signal()
    try:
        return _keep(EmbeddedPostgres(options.folder), options.remove, asked)
    except (PostgresMissingError, PostgresStartError) as fault:
        print(fault, file=sys.stderr, flush=True)
        return 1


def _keep(server: EmbeddedPostgres, remove: bool, asked: threading.Event) -> int:
    try:
        _say(server.start())
        while not asked.is_set() and not _parent_left():
            if not server.running():
                _say("The database is gone; starting it again.")
                server.start()
                _say("The database is up again.")
    finally:
        server.remove() if remove else server.stop()
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


def _parent_left() -> bool:
    """Whether standard input ended; waits for that for one interval."""
    ready, _, _ = select.select([sys.stdin], [], [], LOOK_EVERY_SECONDS)
    return bool(ready) and os.read(sys.stdin.fileno(), 4096) == b""


if __name__ == "__main__":
    sys.exit(main())
