"""The embedded server starts, survives a kill, and says clearly why it cannot start."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from caseloom.foundation import postgres, postgres_binaries
from caseloom.foundation.postgres import EmbeddedPostgres, PostgresStartError
from caseloom.foundation.postgres_binaries import PostgresMissingError, copy_binaries, find_binaries

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that root's server can reach, too; pytest's own is closed to it."""
    with tempfile.TemporaryDirectory(prefix="caseloom-pg-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder / "postgres")
    yield server
    server.remove()


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


def put_row(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists kept (word text)")
        connection.execute("insert into kept values ('safe')")


def test_it_starts_answers_and_stops(server: EmbeddedPostgres) -> None:
    url = server.start()
    assert server.running()
    assert ask(url, "select current_database()") == "caseloom"
    server.stop()
    assert not server.running()


def test_it_listens_on_no_network_address_and_keeps_fsync_on(server: EmbeddedPostgres) -> None:
    url = server.start()
    assert ask(url, "show listen_addresses") == ""
    assert ask(url, "show fsync") == "on"
    assert ask(url, "show jit") == "off"


def test_its_log_holds_no_value_that_a_person_gave(server: EmbeddedPostgres) -> None:
    url = server.start()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table person (address text unique)")
        connection.execute("insert into person values ('anna.secret@example.org')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("insert into person values ('anna.secret@example.org')")
    server.stop()
    logs = "".join(file.read_text() for file in (server.place / "log").iterdir())
    assert "ready to accept connections" in logs
    assert "anna.secret" not in logs


def test_stopping_twice_and_before_the_first_start_is_harmless(server: EmbeddedPostgres) -> None:
    server.stop()
    server.start()
    server.stop()
    server.stop()
    assert not server.running()


def test_a_second_start_joins_the_running_server(server: EmbeddedPostgres, folder: Path) -> None:
    first = server.start()
    started = ask(first, "select pg_postmaster_start_time()")
    second = EmbeddedPostgres(folder / "postgres").start()
    assert second == first
    assert ask(second, "select pg_postmaster_start_time()") == started


def test_committed_rows_survive_kill_9_of_the_server(server: EmbeddedPostgres) -> None:
    url = server.start()
    put_row(url)
    postmaster = int((server.data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    assert ask(server.start(), "select word from kept") == "safe"


def test_committed_rows_survive_an_immediate_stop(server: EmbeddedPostgres) -> None:
    put_row(server.start())
    server.stop("immediate")
    assert ask(server.start(), "select count(*) from kept") == 1


def test_a_lock_file_that_names_a_living_stranger_does_not_stop_the_start(server: EmbeddedPostgres) -> None:
    put_row(server.start())
    lock = server.data / "postmaster.pid"
    lines = lock.read_text().splitlines()
    server.stop("immediate")
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert ask(server.start(), "select count(*) from kept") == 1


def test_a_long_path_gets_a_short_socket_folder(folder: Path) -> None:
    server = EmbeddedPostgres(folder / ("long" * 20) / ("longer" * 20) / "with space and ' quote")
    try:
        assert ask(server.start(), "select 1") == 1
        assert len(str(server.socket_folder)) < 60
    finally:
        server.remove()


@pytest.mark.skipif(not AS_ROOT, reason="only root needs the shelter")
def test_roots_data_in_a_closed_folder_live_in_the_shelter_and_no_right_is_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "ROOT_SHELTER", folder / "shelter")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "postgres")
    try:
        put_row(server.start())
        assert server.place.is_relative_to(folder / "shelter")
        assert closed.stat().st_mode & 0o777 == 0o700
        server.stop()
        assert ask(EmbeddedPostgres(closed / "postgres").start(), "select word from kept") == "safe"
    finally:
        server.remove()
    assert list((folder / "shelter").iterdir()) == []


@pytest.mark.skipif(not AS_ROOT, reason="only root needs the copy")
def test_programs_in_a_closed_folder_are_copied_beside_the_data(folder: Path) -> None:
    found = find_binaries(os.environ)
    closed = folder / "closed"
    copy_binaries(found, closed)
    closed.chmod(0o700)
    bin_folder = closed / found.folder.relative_to(found.package.parent)
    server = EmbeddedPostgres(folder / "postgres", {**os.environ, "CASELOOM_PG_BIN": str(bin_folder)})
    try:
        assert ask(server.start(), "select 1") == 1
        assert (server.place / f"software-{found.major}").is_dir()
    finally:
        server.remove()


@pytest.mark.skipif(not AS_ROOT, reason="only root can become another user")
def test_a_normal_user_starts_it_as_himself(folder: Path) -> None:
    folder.chmod(0o777)
    # Python itself may stand in a closed home, so the rights are given up after the imports.
    script = (
        "import os, sys; from pathlib import Path;"
        "from caseloom.foundation.postgres import EmbeddedPostgres as E;"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534); os.chdir('/');"
        "s = E(Path(sys.argv[1])); s.start(); print(s.data.stat().st_uid, s.running()); s.remove()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder / "mine")], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["65534", "True"], done.stderr


def test_a_folder_of_somebody_else_in_the_socket_place_is_refused(server: EmbeddedPostgres, folder: Path) -> None:
    (folder / "postgres").mkdir()
    (folder / "elsewhere").mkdir()
    (folder / "postgres" / "run").symlink_to(folder / "elsewhere")
    with pytest.raises(PostgresStartError, match="belongs to another user"):
        server.start()


def test_without_programs_the_error_says_what_to_do(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "postgres", {"CASELOOM_PG_BIN": str(folder)})
    with pytest.raises(PostgresMissingError) as fault:
        server.start()
    assert "Found: none" in str(fault.value)
    assert f"CASELOOM_PG_BIN={folder}" in str(fault.value)
    assert 'pip install "caseloom[embedded]"' in str(fault.value)
    assert "DATABASE_URL" in str(fault.value)


def test_data_of_another_major_version_are_not_opened() -> None:
    with pytest.raises(PostgresMissingError, match=r"PostgreSQL 12, which made the data"):
        find_binaries(os.environ, data_major=12)


def test_the_wheel_is_found_before_the_system_and_newest_first() -> None:
    wheel = postgres_binaries._wheel_folders()
    if not wheel:
        pytest.skip("the extra `embedded` is not installed")
    assert find_binaries(os.environ).folder == wheel[0]
    majors = [postgres_binaries._major_or_zero(one) for one in wheel]
    assert majors == sorted(majors, reverse=True)
