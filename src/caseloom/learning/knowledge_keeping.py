"""Keeps, for every open case, the articles and letters that may help as it stands; learns from what is said of them."""

from collections.abc import Callable, Iterable, MutableMapping, Sequence
from typing import Any, Final

import psycopg
from django.db import connection
from psycopg.rows import namedtuple_row

from caseloom.cases.kind import CASES
from caseloom.cases.models import CaseRow
from caseloom.cases.projections import next_goal
from caseloom.channels.contact import CONTACTS
from caseloom.customers.customer import CustomerErased
from caseloom.engine.case import events as e
from caseloom.engine.case.knowledge_events import KnowledgeRated, KnowledgeUsed
from caseloom.engine.case.migrated import CaseMigrated
from caseloom.engine.case.state import CaseState
from caseloom.engine.rules.plan import Plan
from caseloom.foundation.clock import now
from caseloom.learning.examples import text_of
from caseloom.learning.intake.encoder import Encoder, Vector
from caseloom.learning.knowledge import Ranking, encoded
from caseloom.learning.knowledge_meaning import Meaning, Remembering, Situation
from caseloom.learning.knowledge_missing import Missing
from caseloom.learning.knowledge_shelf import article_of, letter_of, offered_articles, shelf_of
from caseloom.learning.knowledge_votes import Vote, Votes
from caseloom.library.plans import house_version, latest_versions, the_plans
from caseloom.sdk.stream import Recorded
from caseloom.streams import store
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_first, read_state
from caseloom.streams.tail import Followed

AT_ONCE: Final = 50
"""Cases that are ranked in one portion."""
FIRST: Final = 5_000
"""Open cases without a row that are ranked at the start, the newest."""
ALIKE: Final = 200
"""Open cases of a service goal that are ranked anew when something was said there, the newest."""
HEARD: Final = 20_000
"""Words on knowledge that are read at the start, the newest."""
MEANINGS: Final = 40
READ: Final = 4_000
"""Characters of a message that are read."""
_SAID: Final = (KnowledgeRated, KnowledgeUsed, e.MessageRequested)
_MOVES: Final = (
    e.CaseOpened, e.CaseClassified, e.CaseReopened, e.ContactLinked, e.FactSet, e.GoalOpened, e.GoalReached,
    e.GoalWaived, e.GoalCancelled, CaseMigrated,
)  # fmt: skip
_ENDS: Final = (e.CaseCompleted, e.CaseTerminated, e.CaseFailed, e.CaseClosed)
_VOTES: Final = """
select e.stream, e.version, e.at, e.actor, e.type, e.data
from event e join case_row c on c.id = e.stream join customer p on p.id = c.customer
where e.type = any(%s) and e.actor like 'agent:%%' and not p.erased order by e.position desc limit %s
"""
_MESSAGES: Final = """
select distinct on (l.case_id) l.case_id, l.contact
from case_contact l join case_row c on c.id = l.case_id join customer p on p.id = c.customer
where l.case_id = any(%s) and l.direction = 'in' and not l.automatic and not p.erased
order by l.case_id, l.at desc, l.contact desc
"""
_WITHOUT: Final = """
select c.id from case_row c where c.ended_at is null and not exists (select from knowledge_row k where k.case_id = c.id)
order by c.id desc limit %s
"""
_PUT: Final = """
insert into knowledge_row (case_id, at, body) select * from unnest(%s::bigint[], %s::timestamptz[], %s::text[])
on conflict (case_id) do update set at = excluded.at, body = excluded.body
"""


class KnowledgeKeeping:
    """See the module. Nothing of it has to be saved: it is counted anew from the events at a start. One thread."""

    def __init__(self, door: Door, encoder: Callable[[], Encoder | None]) -> None:
        self._door, self._make_encoder = door, encoder
        self._encoder: Remembering | None = None
        self._vectors: MutableMapping[str, Vector] = {}
        self._meanings: dict[tuple[Any, ...], Meaning] = {}
        self.votes = Votes()
        self._said: list[Recorded] = []
        self._dirty: dict[int, None] = {}
        self._ended: dict[int, None] = {}
        self._begun = False
        self.missing = Missing(door, self.meaning_of)

    def hear(self, followed: Sequence[Followed]) -> None:
        """Take note of what was said, and of the cases that have moved."""
        for one in followed:
            recorded = one.recorded
            case, event = recorded.stream, recorded.event
            if isinstance(event, CustomerErased):
                self._forget(case)
            if one.kind != "case":
                continue
            if isinstance(event, _SAID) and recorded.actor.startswith("agent:"):
                self._said.append(recorded)
            if isinstance(event, _ENDS):
                self._ended[case] = None
                self._dirty.pop(case, None)
            elif isinstance(event, _MOVES):
                self._dirty[case] = None
                self._ended.pop(case, None)

    def work(self) -> bool:
        """One portion; whether there is more to do at once."""
        if not self._begun:
            self._begin()
        self._count()
        if self._ended:
            with connection.cursor() as cursor:
                cursor.execute("delete from knowledge_row where case_id = any(%s)", (list(self._ended),))
            self._ended.clear()
        part = list(self._dirty)[:AT_ONCE]
        if part:
            self._write([(case, ranked) for case, ranked in self._ranked(part)])
            for case in part:
                del self._dirty[case]
        return self.missing.work(self.votes) or bool(self._dirty)

    # --- what was said ----------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._begun = True
        self._said.clear()
        codec = self._door.codecs[CASES.name]
        for row in reversed(_rows(_VOTES, ([kind.stored for kind in _SAID], HEARD))):
            event = codec.decode(row.type, row.data, None, None)
            self._said.append(Recorded(row.stream, row.version, row.at, row.actor, event))
        self._count()
        self._dirty |= {row.id: None for row in _rows(_WITHOUT, (FIRST,))}

    def _count(self) -> None:
        """Count what was said; where it changes what helps, open cases of that service goal are ranked anew."""
        said, self._said = self._said, []
        if not said:
            return
        rows = {row.pk: row for row in CaseRow.objects.filter(pk__in={one.stream for one in said})}
        goals: dict[str, None] = {}
        for one in said:
            row = rows.get(one.stream)
            vote = _vote(one, row.service_goal, row.version) if row is not None else None
            if vote is not None and row is not None:
                self.votes.add(vote)
                goals[vote.service_goal] = None
                if row.ended_at is None:
                    self._dirty[one.stream] = None
        for goal in goals if self._begun else ():
            alike = CaseRow.objects.filter(service_goal=goal, ended_at=None).order_by("-id")
            self._dirty |= dict.fromkeys(alike.values_list("id", flat=True)[:ALIKE])

    def _forget(self, customer: int) -> None:
        """Take back all that was said in a customer's cases, and all that they wrote."""
        cases = list(CaseRow.objects.filter(customer=customer).values_list("id", flat=True))
        gone = set(cases)
        self._said = [one for one in self._said if one.stream not in gone]
        self.votes.forget(cases)
        self.missing.forget(customer)
        if self._encoder is not None:
            self._encoder.forget()
        # What still stands there is ranked anew, without their words.
        self._dirty |= dict.fromkeys(cases)

    # --- ranking ----------------------------------------------------------------------------------------------------

    def _ranked(self, cases: Sequence[int]) -> Iterable[tuple[int, Ranking]]:
        messages = {row.case_id: row.contact for row in _rows(_MESSAGES, (list(cases),))}
        said = read_first(self._door, CONTACTS, list(messages.values()))
        for case in cases:
            found = read_state(self._door, CASES, case)
            state: CaseState | None = found[0] if found is not None else None
            if state is None or state.status not in ("active", "suspended"):
                continue
            plan = the_plans(state.service_goal, state.version, state.house_version)
            if plan.service_goal is not None and not plan.service_goal.learning.advice:
                continue
            text = text_of(said.get(messages.get(case, 0)))[:READ]
            meaning = self.meaning_of(state.service_goal, state.version, state.house_version)
            yield case, meaning.ranking(_situation(state, plan, text), self.votes)

    def meaning_of(self, service_goal: str, version: int, house: int) -> Meaning:
        """What compares texts with the articles that cases of this version have."""
        if self._encoder is None:
            made = self._make_encoder()
            self._encoder = Remembering(made) if made is not None else None
        key = (service_goal, version, house, self._encoder is None, tuple(sorted(latest_versions().items())))
        found = self._meanings.get(key)
        if found is None:
            plan = the_plans(service_goal, version, house)
            found = Meaning(offered_articles() | shelf_of(plan), self._encoder, self._vectors)
            while len(self._meanings) >= MEANINGS:
                del self._meanings[next(iter(self._meanings))]
            self._meanings[key] = found
        return found

    @staticmethod
    def _write(rows: Sequence[tuple[int, Ranking]]) -> None:
        if not rows:
            return
        at = now()
        columns = ([case for case, _ in rows], [at for _ in rows], [encoded(ranking) for _, ranking in rows])
        with connection.cursor() as cursor:
            cursor.execute(_PUT, columns)


def _vote(said: Recorded, service_goal: str, version: int) -> Vote | None:
    event = said.event
    match event:
        case KnowledgeRated():
            return Vote(said.stream, said.actor, service_goal, event.goal, event.article, event.helped)
        case KnowledgeUsed():
            return Vote(said.stream, said.actor, service_goal, event.goal, event.article, said=False)
        case e.MessageRequested(automatic=False) if event.letter:
            plan = the_plans(service_goal, version, house_version())
            return Vote(said.stream, said.actor, service_goal, "", letter_of(plan, event.letter), said=False)
        case _:
            return None


def _situation(state: CaseState, plan: Plan, message: str) -> Situation:
    goal = next_goal(state)
    known = plan.goals.get(goal.key) if goal is not None else None
    parts = [plan.service_goal.title, plan.service_goal.customer_title] if plan.service_goal is not None else []
    parts += [known.spec.title] if known is not None else []
    for name, fact in state.facts.items():
        spec = plan.facts.get(name)
        if spec is not None and not spec.personal and fact.value is not None:
            value = fact.value if isinstance(fact.value, str) else ""
            parts.append(f"{spec.label or name} {value[:80]}")
    return Situation(
        service_goal=state.service_goal,
        goal=goal.key if goal is not None else "",
        about=". ".join(parts),
        message=message,
        named=frozenset(article_of(plan, key) for key in known.spec.knowledge) if known is not None else frozenset(),
        own=frozenset(name for name, piece in shelf_of(plan).items() if piece.home == state.service_goal),
    )


def _rows(statement: str, values: tuple[Any, ...]) -> list[Any]:
    with psycopg.Cursor(store.raw_connection(), row_factory=namedtuple_row) as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
