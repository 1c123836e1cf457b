"""The program `caseloom`: its commands, its words for a wrong installation, and what it leaves behind."""

import os
import re
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from caseloom.cli.command import Command
from caseloom.config.commands import COMMANDS
from caseloom.config.start import main
from caseloom.foundation.postgres import EmbeddedPostgres


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="caseloom-home-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def caseloom(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "caseloom.config.start", *arguments]
    return subprocess.run(
        command,
        env={**env, "CASELOOM_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command_and_is_quick(home: Path) -> None:
    began = time.monotonic()
    done = caseloom(home, "--help")
    assert time.monotonic() - began < 1.0
    assert done.returncode == 0
    assert all(re.search(rf"^ +{command.name}\s", done.stdout, re.M) for command in COMMANDS)


def test_help_loads_neither_django_nor_the_database_driver(home: Path) -> None:
    code = "import sys, caseloom.config.start; print({'django', 'psycopg'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_command_from_elsewhere_can_be_handed_in(capsys: pytest.CaptureFixture[str]) -> None:
    def greet(options: Namespace) -> int:
        print(f"hello {options.name}")
        return 7

    command = Command("greet", "say hello", greet, lambda parser: parser.set_defaults(name="Anna"))
    assert main(["greet"], [command]) == 7
    assert capsys.readouterr().out == "hello Anna\n"


def test_an_unknown_command_ends_with_status_2(home: Path) -> None:
    done = caseloom(home, "nonsense")
    assert done.returncode == 2
    assert "nonsense" in done.stderr


def test_without_any_postgresql_it_says_what_to_do_and_shows_no_traceback(home: Path) -> None:
    done = caseloom(home, "migrate", CASELOOM_PG_BIN="/nowhere")
    assert done.returncode == 1
    assert done.stderr.startswith("caseloom migrate: The embedded database needs PostgreSQL 15 or newer")
    assert "Traceback" not in done.stderr


def test_a_wrong_address_of_the_database_is_named(home: Path) -> None:
    done = caseloom(home, "migrate", DATABASE_URL="mysql://somewhere")
    assert done.returncode == 1
    assert done.stderr.startswith("caseloom migrate: DATABASE_URL cannot be read")


def test_migrate_starts_the_embedded_database_and_stops_it_again(home: Path) -> None:
    first = caseloom(home, "migrate")
    assert first.returncode == 0, first.stderr
    assert "Applying sessions.0001_initial" in first.stdout
    assert not EmbeddedPostgres(home / "postgres").running()
    again = caseloom(home, "migrate")
    assert "No migrations to apply" in again.stdout


def test_manage_passes_through_to_django(home: Path) -> None:
    done = caseloom(home, "manage", "check", DATABASE_URL=os.environ["DATABASE_URL"])
    assert "no issues" in done.stdout
