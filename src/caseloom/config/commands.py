"""The table of commands. Each `run` imports what it needs when it is called."""

import argparse
import os
import sys
from argparse import ArgumentParser, Namespace

from caseloom.cli import (
    advice,
    bpmn,
    calendars,
    cmmn,
    dmn,
    encoder,
    history,
    intake,
    learned,
    library,
    logs,
    migrating,
    rules,
)
from caseloom.cli.bench.command import COMMANDS as BENCH
from caseloom.cli.check.command import COMMANDS as CHECK
from caseloom.cli.command import Command
from caseloom.foundation.signals import stop_on_signal


def _up(options: Namespace) -> int:
    from caseloom.config.up import up

    return up(options.bind)


def _up_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--bind",
        default=os.environ.get("CASELOOM_BIND", "127.0.0.1:8000"),
        help="address and port of the web server (CASELOOM_BIND; %(default)s)",
    )


def _demo(options: Namespace) -> int:
    from caseloom.config.demo import demo

    return demo(options.bind, options.cases)


def _demo_arguments(parser: ArgumentParser) -> None:
    _up_arguments(parser)
    parser.add_argument("--cases", type=int, default=1000, help="how many past cases (%(default)s)")


def _mailboxes(options: Namespace) -> int:
    from caseloom.cli.demo.mailboxes.run import run

    return run(options, stop_on_signal())


def _mailboxes_arguments(parser: ArgumentParser) -> None:
    from caseloom.cli.demo.mailboxes.arguments import add_arguments

    add_arguments(parser)


def _migrate(options: Namespace) -> int:
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=1)
    return 0


def _version(options: Namespace) -> int:
    from importlib.metadata import version

    print(f"caseloom {version('caseloom')}, Python {sys.version.split()[0]}, Django {version('Django')}")
    return 0


def _manage(options: Namespace) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["caseloom manage", *options.rest])
    return 0


def _manage_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help="Django's command and its arguments")


def _worker(options: Namespace) -> int:
    from caseloom.config.worker import run_worker

    run_worker(options.concurrency)
    return 0


def _worker_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--concurrency",
        type=int,
        default=int(os.environ.get("CASELOOM_WORKER_CONCURRENCY", "4")),
        help="jobs at the same time (CASELOOM_WORKER_CONCURRENCY; %(default)s)",
    )


def _sweeper(options: Namespace) -> int:
    from caseloom.config.sweeper import run_sweeper

    run_sweeper(stop_on_signal())
    return 0


def _one_core() -> None:
    """Threads of linear algebra that wait for each other cost more than they bring: many small products are made."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def _learner(options: Namespace) -> int:
    _one_core()
    if hasattr(os, "nice"):
        # Work comes first: what is learned may wait for a moment.
        os.nice(10)
    from caseloom.config.learner import run_learner

    run_learner(stop_on_signal())
    return 0


def _take_mail(options: Namespace) -> int:
    _one_core()
    from caseloom.config.intake import run_intake

    run_intake(stop_on_signal())
    return 0


def _intake(options: Namespace) -> int:
    return int(options.part(options))


def _intake_arguments(parser: ArgumentParser) -> None:
    intake.add_arguments(parser, _take_mail)


def _reference(options: Namespace) -> int:
    from pathlib import Path

    from caseloom.config.reference import write_reference

    for written in write_reference(Path(options.folder)):
        print(written)
    return 0


def _reference_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default="docs/reference", help="where to (%(default)s)")


COMMANDS: tuple[Command, ...] = (
    Command("up", "start everything: database, web, worker, timers, mail", _up, _up_arguments),
    Command("demo", "start everything with a demo company, and print where to sign in", _demo, _demo_arguments),
    Command("mailbox", "the mailboxes of the demo's customers", _mailboxes, _mailboxes_arguments),
    *cmmn.COMMANDS,
    *dmn.COMMANDS,
    *bpmn.COMMANDS,
    *migrating.COMMANDS,
    *library.COMMANDS,
    *rules.COMMANDS,
    *advice.COMMANDS,
    *logs.COMMANDS,
    *learned.COMMANDS,
    *encoder.COMMANDS,
    *history.COMMANDS,
    *calendars.COMMANDS,
    *BENCH,
    *CHECK,
    Command("migrate", "bring the database to this version", _migrate, needs="database"),
    Command("worker", "run the jobs: mail out, outside effects", _worker, _worker_arguments, needs="django"),
    Command("sweeper", "bring due timers, and jobs whose worker died", _sweeper, needs="django"),
    Command("learner", "learn from what people do, and advise", _learner, needs="django"),
    Command(
        "intake", "take mail by SMTP and from IMAP mailboxes, and sort it", _intake, _intake_arguments, needs="django"
    ),
    Command("manage", "Django's own management commands", _manage, _manage_arguments, needs="database"),
    Command(
        "reference", "write the documents that are made from code", _reference, _reference_arguments, needs="django"
    ),
    Command("version", "print the versions", _version),
)
