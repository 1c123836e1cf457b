"""What was learned of a case, for the screens: asked in one look, without anything that learns."""

from collections.abc import Sequence

import msgspec
import psycopg
from psycopg.rows import tuple_row

from caseloom.learning.advised import Advised, decoded
from caseloom.learning.knowledge import Gaps, Ranking, gaps_of, ranking_of
from caseloom.streams import store

_KNOWN = """
select (select body from advice_row where case_id = %(case)s),
  (select min(contact) from contact_reading where case_id = %(case)s),
  (select body from knowledge_row where case_id = %(case)s)
"""
_GAPS = "select service_goal, body from knowledge_gap order by service_goal"


_RISKS = "select case_id, risk from advice_row where case_id = any(%s) and risk is not null"


class Known(msgspec.Struct, frozen=True):
    """The advice that stands for a case, the first contact of it that the intake has read, and what may help."""

    advised: Advised | None
    contact: int | None
    ranking: Ranking | None = None


def known_of(case: int) -> Known:
    """What was learned of a case. Rights are asked before: who reads the case may read this."""
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(_KNOWN, {"case": case})
        body, contact, ranking = cursor.fetchone() or (None, None, None)
    return Known(
        decoded(body) if body is not None else None, contact, ranking_of(ranking) if ranking is not None else None
    )


def gaps_by_goal() -> dict[str, Gaps]:
    """Service goal → what is often asked there and nothing helps with."""
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(_GAPS)
        return {goal: gaps_of(body) for goal, body in cursor.fetchall()}


def risks_of(cases: Sequence[int]) -> dict[int, int]:
    """Case → the chance, in per cent, that its goals are not reached in time; only those of which that is known."""
    if not cases:
        return {}
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(_RISKS, (list(cases),))
        return dict(cursor.fetchall())
