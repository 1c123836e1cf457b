"""What was learned of a case, for the screens: asked in one look, without anything that learns."""

from collections.abc import Sequence

import msgspec
import psycopg
from psycopg.rows import tuple_row

from caseloom.learning.advised import Advised, decoded
from caseloom.learning.knowledge import Gaps, Ranking, gaps_of, ranking_of
from caseloom.sdk.access import Access
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


class AtRisk(msgspec.Struct, frozen=True):
    """An open case that is probably late: the chance of that in per cent."""

    case: int
    service_goal: str
    risk: int


_AT_RISK = """
select a.case_id, c.service_goal, a.risk from advice_row a join case_row c on c.id = a.case_id
where a.risk >= %(least)s and c.ended_at is null and not c.late and not c.team = any(%(hidden)s)
  and (%(goal)s = '' or c.service_goal = %(goal)s) and (%(channel)s = '' or c.channel = %(channel)s)
order by a.risk desc, a.case_id limit %(most)s
"""


def at_risk(access: Access, least: int, service_goal: str = "", channel: str = "", most: int = 500) -> list[AtRisk]:
    """The open cases that are late with at least this chance, in per cent; the likeliest first."""
    asked = {"least": least, "hidden": list(access.hidden), "goal": service_goal, "channel": channel, "most": most}
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(_AT_RISK, asked)
        return [AtRisk(*row) for row in cursor.fetchall()]
