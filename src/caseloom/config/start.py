"""The program `caseloom`: reads the command line, makes ready what the command needs, runs it."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator, Sequence

from caseloom.cli.command import Command
from caseloom.config.commands import COMMANDS


def main(arguments: Sequence[str] | None = None, commands: Sequence[Command] = COMMANDS) -> int:
    """Run one command and return its exit status; 2 for a wrong command line."""
    options = build_parser(commands).parse_args(arguments)
    command: Command = options.command
    try:
        # A part of a command may need less than the command.
        with _prepared(getattr(options, "needs", command.needs)):
            return command.run(options)
    except KeyboardInterrupt:
        return 130
    except _spoken_faults() as fault:
        print(f"caseloom {command.name}: {fault}", file=sys.stderr)
        return 1


def build_parser(commands: Sequence[Command]) -> argparse.ArgumentParser:
    """The command line of all commands."""
    parser = argparse.ArgumentParser(prog="caseloom", description="Customer process management in adaptive cases.")
    choices = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in commands:
        choice = choices.add_parser(command.name, help=command.help, description=command.help)
        command.add_arguments(choice)
        choice.set_defaults(command=command)
    return parser


@contextlib.contextmanager
def _prepared(needs: str) -> Iterator[None]:
    if needs == "nothing":
        yield
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caseloom.config.settings")
    with _database() if needs == "database" else contextlib.nullcontext():
        import django

        django.setup()
        yield


@contextlib.contextmanager
def _database() -> Iterator[None]:
    """A running database: the one of `DATABASE_URL`, else the embedded one, left as it was found."""
    from caseloom.config.database import embedded_folder
    from caseloom.config.home import home_folder
    from caseloom.foundation.postgres import EmbeddedPostgres

    if os.environ.get("DATABASE_URL"):
        yield
        return
    server = EmbeddedPostgres(embedded_folder(home_folder(os.environ)))
    ran_before = server.running()
    os.environ["DATABASE_URL"] = server.start()
    try:
        yield
    finally:
        if not ran_before:
            _close_pools()
            server.stop()


def _close_pools() -> None:
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


def _spoken_faults() -> tuple[type[Exception], ...]:
    """Faults of the installation, whose message is written for the person at the keyboard."""
    from caseloom.config.database import WrongDatabaseUrlError
    from caseloom.config.home import WrongKeyError
    from caseloom.config.mail import WrongMailSettingError
    from caseloom.foundation.postgres import PostgresStartError
    from caseloom.foundation.postgres_binaries import PostgresMissingError
    from caseloom.foundation.supervisor import ServiceNotReadyError

    return (
        PostgresMissingError,
        PostgresStartError,
        ServiceNotReadyError,
        WrongDatabaseUrlError,
        WrongKeyError,
        WrongMailSettingError,
    )


if __name__ == "__main__":
    sys.exit(main())
