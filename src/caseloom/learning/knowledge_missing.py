"""Finds, now and then, what customers often ask and nothing helps with, for the owner of each service goal."""

import re
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any, Final

import msgspec
import psycopg
from django.db import connection
from psycopg.rows import namedtuple_row

from caseloom.channels.contact import CONTACTS
from caseloom.foundation.clock import now
from caseloom.learning.examples import text_of
from caseloom.learning.intake.encoder import Vector
from caseloom.learning.knowledge import Gaps, encoded
from caseloom.learning.knowledge_gaps import Asked, find_gaps
from caseloom.learning.knowledge_meaning import Meaning
from caseloom.learning.knowledge_votes import Votes
from caseloom.library.plans import house_version, latest, latest_versions, offered_goals
from caseloom.staff.models import Team
from caseloom.streams import store
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_first

DAYS: Final = 91
MOST: Final = 4_000
"""Messages that are looked at, the newest."""
PORTION: Final = 100
EVERY: Final = 900.0
"""Seconds between two reports."""
READ: Final = 2_000
"""Characters of a message that are read."""
_ASKED: Final = """
select c.id as case_id, c.customer, p.name, c.service_goal, l.contact, c.opened_at as at
from case_row c
join customer p on p.id = c.customer and not p.erased
join lateral (
  select contact from case_contact l where l.case_id = c.id and l.direction = 'in' and not l.automatic
  order by l.at, l.contact limit 1
) l on true
where c.opened_at >= %s and c.service_goal = any(%s) and not c.team = any(%s)
order by c.id desc limit %s
"""
_PUT: Final = """
insert into knowledge_gap (service_goal, at, body) select * from unnest(%s::text[], %s::timestamptz[], %s::text[])
on conflict (service_goal) do update set at = excluded.at, body = excluded.body
"""


class _Read(msgspec.Struct):
    """A message that was read; `near` holds for the definitions `versions`."""

    customer: int
    text: str
    vector: Vector | None
    near: bool
    versions: tuple[Any, ...]


class Missing:
    """See the module. What was read is kept, so that a new report costs only what is new. One thread.

    `meaning_of` gives what compares texts with the articles of a service goal's version under the house's.
    """

    def __init__(self, door: Door, meaning_of: Callable[[str, int, int], Meaning]) -> None:
        self._door, self._meaning_of = door, meaning_of
        self._read: dict[int, _Read] = {}
        self._next = 0.0
        self._versions: tuple[Any, ...] = ()

    def forget(self, customer: int) -> None:
        """Drop what this customer wrote; the next report comes at once."""
        self._read = {contact: one for contact, one in self._read.items() if one.customer != customer}
        self._next = 0.0

    def work(self, votes: Votes) -> bool:
        """Read a portion of messages, where a report is due, or write it; whether there is more to read."""
        versions = tuple(sorted(latest_versions().items()))
        if versions == self._versions and monotonic() < self._next:
            return False
        rows = self._asked()
        unread = [row for row in rows if getattr(self._read.get(row.contact), "versions", None) != versions]
        self._take(unread[:PORTION], versions)
        if len(unread) > PORTION:
            return True
        self._report(rows, votes)
        self._versions, self._next = versions, monotonic() + EVERY
        return False

    def _asked(self) -> list[Any]:
        goals = [goal.service_goal for goal in offered_goals() if goal.learning.advice]
        # What is confidential is no figure for everybody, not even in words.
        hidden = list(Team.objects.filter(confidential=True).values_list("key", flat=True))
        with psycopg.Cursor(store.raw_connection(), row_factory=namedtuple_row) as cursor:
            cursor.execute(_ASKED, (now() - timedelta(days=DAYS), goals, hidden, MOST))
            return cursor.fetchall()

    def _take(self, rows: list[Any], versions: tuple[Any, ...]) -> None:
        said = read_first(self._door, CONTACTS, [row.contact for row in rows if row.contact not in self._read])
        for row in rows:
            meaning = self._meaning_of(row.service_goal, latest(row.service_goal), house_version())
            known = self._read.get(row.contact)
            text = known.text if known is not None else _without_name(text_of(said.get(row.contact))[:READ], row.name)
            vector = known.vector if known is not None and known.vector is not None else meaning.vector(text)
            near = meaning.is_near(text, vector)
            self._read[row.contact] = _Read(row.customer, text, vector, near, versions)

    def _report(self, rows: list[Any], votes: Votes) -> None:
        verdicts = votes.verdicts()
        by_goal: dict[str, list[Asked]] = {}
        for row in rows:
            read = self._read[row.contact]
            if read.text:
                asked = Asked(
                    row.case_id,
                    row.customer,
                    row.at.date(),
                    read.text,
                    read.near,
                    verdicts.get(row.case_id),
                    read.vector,
                )
                by_goal.setdefault(row.service_goal, []).append(asked)
        recent = {row.contact for row in rows}
        self._read = {contact: one for contact, one in self._read.items() if contact in recent}
        self._write({goal: find_gaps(asked) for goal, asked in by_goal.items()})

    @staticmethod
    def _write(found: dict[str, Gaps]) -> None:
        at = now()
        with connection.cursor() as cursor:
            cursor.execute("delete from knowledge_gap where not service_goal = any(%s)", (list(found),))
            cursor.execute(_PUT, (list(found), [at for _ in found], [encoded(gaps) for gaps in found.values()]))


def _without_name(text: str, name: str) -> str:
    """The text without the customer's own name: namesakes are no subject."""
    for word in name.split():
        text = re.sub(rf"\b{re.escape(word)}\b", " ", text, flags=re.IGNORECASE)
    return text
