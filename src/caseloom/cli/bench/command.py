"""The command line of `caseloom bench`."""

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from caseloom.cli.command import Command

WHAT = ("door", "desk", "intake", "rules", "flow", "learning")
NO_DATABASE = ("rules", "learning")


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=WHAT,
        help="door: commands a second; desk: pages; intake: mails a second; rules: conditions; flow: BPMN processes; "
        "learning: events of the next step",
    )
    parser.add_argument(
        "--here", action="store_true", help="on the database of DATABASE_URL, which it fills, and not on one of its own"
    )


def bench(options: Namespace) -> int:
    """Measure, and print a line a figure."""
    if options.what in NO_DATABASE:
        return _run(options.what)
    if options.here:
        if not os.environ.get("DATABASE_URL"):
            print("caseloom bench: --here needs DATABASE_URL", file=sys.stderr)
            return 2
        return _measure(options.what)
    with _own_database():
        return _measure(options.what)


@contextmanager
def _own_database() -> Iterator[None]:
    """An embedded server in a temporary folder, removed at the end however this ends."""
    with tempfile.TemporaryDirectory(prefix="caseloom-bench-") as name:
        folder = Path(name)
        # A closed folder would make root's server go elsewhere.
        folder.chmod(0o711)
        keeper = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "caseloom.foundation.postgres_keeper", str(folder / "postgres"), "--remove"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            url = keeper.stdout.readline().strip() if keeper.stdout is not None else ""
            if not url:
                raise SystemExit("caseloom bench: the database did not start; the message above says why.")
            os.environ["DATABASE_URL"], os.environ["CASELOOM_HOME"] = url, str(folder)
            yield
        finally:
            keeper.communicate()


def _run(what: str) -> int:
    import importlib

    importlib.import_module(f"caseloom.cli.bench.{what}").run(lambda line: print(line, flush=True))
    return 0


def _measure(what: str) -> int:
    import django
    from django.core.management import call_command
    from django.db import connection

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caseloom.config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    try:
        return _run(what)
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # the PostgreSQL backend has it


COMMANDS = (
    Command("bench", "measure this machine: door, desk, intake, rules, flow or learning", bench, _add_arguments),
)
