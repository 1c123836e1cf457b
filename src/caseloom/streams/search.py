"""Search: the rows that kinds of stream project, and the query over them."""

import re
from typing import Final

import psycopg
from psycopg.rows import tuple_row

from caseloom.sdk.stream import Row, Table
from caseloom.streams import store

SEARCH: Final = Table(
    "search_row",
    {"stream": "bigint"},
    {"kind": "text", "customer": "bigint", "team": "text", "words": "text"},
)
LONGEST: Final = 8_000
_WORD: Final = re.compile(r"[\w@.+-]+")


def search_row(stream: int, kind: str, customer: int, words: str, team: str = "") -> Row:
    """The row under which a stream is found; empty words take it out."""
    shortened = words[:LONGEST]
    return Row(SEARCH, (stream,), (kind, customer, team, shortened) if shortened.strip() else None)


def query_text(asked: str) -> str:
    """A tsquery for what a person typed: all words, the last one by its beginning. Empty without a word."""
    words = [word.strip(".-+") for word in _WORD.findall(asked.lower())][:8]
    quoted = ["'" + word.replace("'", "").replace("\\", "") + "'" for word in words if word]
    return " & ".join(quoted) + ":*" if quoted else ""


def find(
    asked: str, limit: int = 30, hidden: frozenset[str] = frozenset(), customer: int | None = None
) -> list[tuple[int, str, int]]:
    """(stream, kind, customer) of what matches, newest first. `hidden` teams are left out, `customer` narrows to
    theirs.
    """
    query = query_text(asked)
    if not query:
        return []
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(
            "select stream, kind, customer from search_row where terms @@ to_tsquery('simple', %s) "
            "and not team = any(%s) and (%s::bigint is null or customer = %s) order by stream desc limit %s",
            (query, list(hidden), customer, customer, limit),
        )
        return cursor.fetchall()
