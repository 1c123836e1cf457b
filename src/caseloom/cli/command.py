"""What a command of the program `caseloom` is. `config` assembles the table; a room's command is one value of
this type.
"""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


def no_arguments(parser: ArgumentParser) -> None:
    """For a command that takes none."""


@dataclass(frozen=True, slots=True)
class Command:
    """One word after `caseloom`.

    `run` gets the parsed arguments and returns the exit status. It imports what is heavy inside, so that
    `caseloom --help` stays quick. `needs` says what stands ready when it is called: nothing; Django set up;
    or also the database, where an embedded server is started and, unless it ran before, stopped again.
    """

    name: str
    help: str
    run: Callable[[Namespace], int]
    add_arguments: Callable[[ArgumentParser], None] = no_arguments
    needs: Literal["nothing", "django", "database"] = "nothing"
