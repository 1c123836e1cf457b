"""Any connection string of libpq becomes Django's settings; connections are pooled."""

from pathlib import Path

import psycopg
import pytest
from django.db import connection

from caseloom.config.database import WrongDatabaseUrlError, database_settings, database_url
from caseloom.foundation.postgres import EmbeddedPostgres


def test_an_address_over_the_network_is_taken_apart() -> None:
    settings = database_settings("postgresql://anna:s%40cret@db.example:5433/loom?sslmode=require", 7)
    named = {name: settings[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    assert named == {
        "NAME": "loom",
        "USER": "anna",
        "PASSWORD": "s@cret",
        "HOST": "db.example",
        "PORT": "5433",
    }
    assert settings["OPTIONS"]["sslmode"] == "require"
    assert settings["OPTIONS"]["pool"]["max_size"] == 7


def test_an_address_over_a_socket_is_taken_apart() -> None:
    settings = database_settings("postgresql://caseloom@/caseloom?host=%2Frun%2Fpg", 1)
    assert (settings["HOST"], settings["NAME"]) == ("/run/pg", "caseloom")


def test_several_hosts_and_the_wish_for_a_primary_are_handed_on() -> None:
    settings = database_settings("postgresql://u@a,b,c/loom?target_session_attrs=read-write", 1)
    assert settings["HOST"] == "a,b,c"
    assert settings["OPTIONS"]["target_session_attrs"] == "read-write"


@pytest.mark.parametrize(
    "wrong", ["mysql://a/b", "postgresql://u@h/x?nonsense=1", "postgresql://u@host/", "postgresql:"]
)
def test_a_wrong_address_is_refused_with_an_example(wrong: str) -> None:
    with pytest.raises(WrongDatabaseUrlError, match=r"Example: postgresql://user:password@host:5432/caseloom"):
        database_settings(wrong, 1)


def test_without_an_address_it_is_the_embedded_servers(tmp_path: Path) -> None:
    assert database_url({"DATABASE_URL": "postgresql:///mine"}, tmp_path) == "postgresql:///mine"
    assert database_url({}, tmp_path) == EmbeddedPostgres(tmp_path / "postgres").url


@pytest.mark.django_db
def test_psycopg_prepares_nothing_so_that_a_rollback_deallocates_nothing() -> None:
    connection.ensure_connection()
    raw = connection.connection
    assert isinstance(raw, psycopg.Connection)
    with psycopg.Cursor(raw) as cursor:
        for number in range(8):
            cursor.execute("select %s::int as prepared_by_the_server", (number,))
        cursor.execute("select count(*) from pg_prepared_statements where statement like '%prepared_by_the_server'")
        row = cursor.fetchone()
    assert row == (0,)


@pytest.mark.django_db
def test_two_connections_come_from_one_pool() -> None:
    connection.ensure_connection()
    pool = connection.pool  # type: ignore[attr-defined]
    assert pool.get_stats()["pool_min"] == 1
