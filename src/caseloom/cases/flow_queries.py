"""Questions about running flows: what a worker may fetch, and who waits for a message or a signal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import psycopg
from psycopg.rows import class_row, tuple_row

from caseloom.cases.flow_rows import digest
from caseloom.sdk.access import Access
from caseloom.staff.access import need
from caseloom.streams import store


class OpenWork(msgspec.Struct, frozen=True):
    """A step that waits for a worker."""

    case: int
    flow: int
    node: int
    topic: str
    process: str
    element: str
    retries: int


_WORK: Final = b"""
select n.case_id as "case", n.flow, n.node, n.topic, n.process, n.element, n.retries
from flow_node n join case_row c on c.id = n.case_id
where n.topic = any(%(topics)s) and n.status = 'active' and (n.until is null or n.until <= %(now)s)
  and c.status = 'active' and not (c.team = any(%(hidden)s))
order by n.until nulls first, n.case_id limit %(most)s
"""
_HEARD: Final = b"""
select distinct n.case_id from flow_node n join case_row c on c.id = n.case_id
where n.heard <> '' and string_to_array(n.heard, ' ') && %(digests)s and c.status in ('active', 'suspended')
  and not (c.team = any(%(hidden)s))
order by n.case_id limit %(most)s
"""


def open_work(access: Access, topics: Sequence[str], now: datetime, most: int) -> list[OpenWork]:
    """The steps of these topics that nobody has locked, the longest free first; of cases that the actor reaches."""
    if need(access, "work cases") is not None:
        return []
    with psycopg.Cursor(store.raw_connection(), row_factory=class_row(OpenWork)) as cursor:
        values = {"topics": list(topics), "now": now, "most": most, "hidden": list(access.hidden)}
        return cursor.execute(_WORK, values).fetchall()


def waiting_for(access: Access, kind: str, name: str, key: str = "", most: int = 10_000) -> list[int]:
    """The cases in which a flow waits for this message (with this correlation key, or with none) or signal, the oldest
    first.
    """
    if need(access, "work cases") is not None:
        return []
    digests = list({digest(kind, name, key), digest(kind, name)})
    values: dict[str, Any] = {"digests": digests, "most": most, "hidden": list(access.hidden)}
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        return [case for (case,) in cursor.execute(_HEARD, values).fetchall()]
