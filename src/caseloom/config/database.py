"""Django's database settings: from `DATABASE_URL`, else the address of the embedded server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from caseloom.foundation.postgres import EmbeddedPostgres

# libpq's names of what Django has a setting of its own for; the rest of the address is handed on as it is.
NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


class WrongDatabaseUrlError(ValueError):
    """`DATABASE_URL` cannot be read or names no database."""


def embedded_folder(home: Path) -> Path:
    """Where the embedded server of an installation lives."""
    return home / "postgres"


def database_url(environ: Mapping[str, str], home: Path) -> str:
    """The address in force. Computing it starts nothing."""
    return environ.get("DATABASE_URL") or EmbeddedPostgres(embedded_folder(home), environ).url


def database_settings(url: str, pool_size: int) -> dict[str, Any]:
    """One entry of `DATABASES`: pooled, with server-side prepared statements for plain psycopg cursors.

    `url` is any connection string of libpq 15 (a URI or `key=value` pairs), also over sockets and with
    several hosts. Raises `WrongDatabaseUrlError`.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error as fault:
        raise WrongDatabaseUrlError(f"DATABASE_URL cannot be read: {str(fault).strip()}. {_EXAMPLE}") from fault
    if not parts.get("dbname"):
        raise WrongDatabaseUrlError(f"DATABASE_URL names no database. {_EXAMPLE}")
    named = {setting: str(parts.pop(name)) for name, setting in NAMES.items() if name in parts}
    pool = {"min_size": 1, "max_size": pool_size, "timeout": 30}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **named,
        "CONN_MAX_AGE": 0,
        # A connection that broke with a restart of the database is found when it is taken from the pool.
        "CONN_HEALTH_CHECKS": True,
        # The hot path prepares its own statements (streams/wire.py). psycopg, where it prepares any, drops all of a
        # connection's at every rollback.
        "OPTIONS": {"pool": pool, "prepare_threshold": None, **parts},
    }


_EXAMPLE = "Example: postgresql://user:password@host:5432/caseloom"
