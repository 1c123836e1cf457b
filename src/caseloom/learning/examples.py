"""The messages that the intake learns from: what came in, and what people found it to want.

An example is the first message of a case whose service goal somebody stands for: an agent named it, somebody opened the
case with it, or the case was worked to its end. What the intake opened alone teaches nothing until then, so it does not
learn from its own mistakes.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import psycopg
from psycopg.rows import namedtuple_row

from caseloom.channels.contact import CONTACTS
from caseloom.channels.contact_events import ContactReceived
from caseloom.learning.intake.example import Example
from caseloom.sdk.stream import Recorded
from caseloom.streams import store
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_first

MOST: Final = 20_000
"""The newest of them are learned from."""
PORTION: Final = 500
_LABELLED: Final = """
select l.contact, c.id as case_id, c.customer, c.service_goal, c.status, opened.actor as opener,
  classified.actor as classifier, coalesce(classified.at, opened.at) as at
from case_row c
join lateral (
  select contact from case_contact l where l.case_id = c.id and l.direction = 'in' and not l.automatic
  order by l.at, l.contact limit 1
) l on true
join event opened on opened.stream = c.id and opened.version = 1
left join lateral (
  select e.actor, e.at from event e where e.stream = c.id and e.type = 'case_classified.1'
  order by e.version desc limit 1
) classified on true
where {which}
order by c.id desc limit %(most)s
"""
_ALL: Final = _LABELLED.format(
    which="""(c.service_goal <> '' and (c.status in ('completed', 'closed') or opened.actor !~ '^program:'
  or classified.actor ~ '^agent:')) or (c.service_goal = '' and c.status = 'terminated')"""
)
_THESE: Final = _LABELLED.format(which="c.id = any(%(cases)s)")


def all_examples(door: Door) -> list[Example]:
    """All of them, the newest `MOST`."""
    return list(_examples(door, _rows(_ALL, {"most": MOST})))


def examples_of(door: Door, cases: Sequence[int]) -> list[Example]:
    """Those of these cases, as somebody has just found them to be."""
    return list(_examples(door, _rows(_THESE, {"most": MOST, "cases": list(cases)}))) if cases else []


def _rows(statement: str, values: dict[str, Any]) -> list[Any]:
    with psycopg.Cursor(store.raw_connection(), row_factory=namedtuple_row) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def _examples(door: Door, rows: Sequence[Any]) -> Iterator[Example]:
    for start in range(0, len(rows), PORTION):
        part = rows[start : start + PORTION]
        said = read_first(door, CONTACTS, [row.contact for row in part])
        for row in part:
            text = text_of(said.get(row.contact))
            if text:
                yield Example(
                    text=text,
                    goals=(row.service_goal,) if row.service_goal else (),
                    key=str(row.contact),
                    person=str(row.customer),
                    actor=_who_said(row),
                    moment=row.at,
                )


def _who_said(row: Any) -> str:
    """The person who stands for it; empty where the course of the case does."""
    for actor in (row.classifier, row.opener):
        if actor is not None and actor.startswith("agent:"):
            return str(actor)
    return ""


def text_of(recorded: Recorded | None) -> str:
    """Subject and own words of a message that came in; empty where they are gone."""
    if recorded is None or not isinstance(recorded.event, ContactReceived):
        return ""
    said = recorded.event.private
    return message_text(said.subject, said.own_text or said.text)


def message_text(subject: str, text: str) -> str:
    """A message as the intake reads and learns it."""
    return f"{subject}\n\n{text}".strip()
