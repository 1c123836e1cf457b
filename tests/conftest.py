"""One embedded PostgreSQL for the whole test session, unless `DATABASE_URL` names a server.

This module is imported before Django's settings are read, and the settings are named here and not in
pyproject.toml, so that they find the address. Under pytest-xdist only the controller starts the server; the
workers inherit the address and pytest-django gives each of them a database of its own.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

_keeper: subprocess.Popen[str] | None = None
_home: tempfile.TemporaryDirectory[str] | None = None


def _start_server() -> tuple[subprocess.Popen[str], str]:
    """A keeper that stops and removes the server when this process ends, however it ends; and the server's
    address.
    """
    # A closed folder would make root's server go elsewhere.
    folder = Path(tempfile.mkdtemp(prefix="caseloom-tests-", dir="/tmp"))
    folder.chmod(0o711)
    command = [sys.executable, "-m", "caseloom.foundation.postgres_keeper", str(folder), "--remove"]
    keeper = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert keeper.stdout is not None
    url = keeper.stdout.readline().strip()
    if not url:
        pytest.exit("The test database did not start; the message above says why.", returncode=3)
    return keeper, url


if "CASELOOM_HOME" not in os.environ:
    _home = tempfile.TemporaryDirectory(prefix="caseloom-home-")
    os.environ["CASELOOM_HOME"] = _home.name
if "DATABASE_URL" not in os.environ:
    _keeper, os.environ["DATABASE_URL"] = _start_server()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caseloom.config.settings")


def pytest_configure() -> None:
    """Load the rooms before tests are collected: they import models at their top."""
    import django

    django.setup()
    # CI tries the same examples each time: what a change breaks is told to that change. Others look for new ones.
    settings.register_profile("ci", derandomize=True)
    if os.environ.get("CI"):
        settings.load_profile("ci")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Before the test database goes, those who stay connected beside the tests leave: the ear of live updates, the
    notifier.
    """
    yield
    from django.db import connection

    from caseloom.web.live.listen import the_listener

    the_listener.let_go()
    with django_db_blocker.unblock():
        connection.close()
        # The pool of the process, which live servers' threads share, would connect again.
        connection.close_pool()  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _empty_streams(request: pytest.FixtureRequest) -> Iterator[None]:
    """Django empties the tables of its own models after a test; those of the door are emptied here."""
    yield
    marker = request.node.get_closest_marker("django_db")
    if "transactional_db" in request.fixturenames or (marker is not None and marker.kwargs.get("transaction")):
        from tests.streams.kit import empty_streams

        request.getfixturevalue("django_db_blocker").unblock()
        empty_streams()


def pytest_unconfigure() -> None:
    """Stop what this process started. Workers started nothing."""
    if _keeper is not None:
        _keeper.communicate()
    if _home is not None:
        _home.cleanup()
