"""Bringing running cases to another version of their service goal: first tried on all of them without effect, then
done, and brought back.
"""

from collections.abc import Iterable, Iterator, Sequence
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
import psycopg
from psycopg.rows import class_row, tuple_row

from caseloom.cases.kind import CASES, moment
from caseloom.cases.trial import steps_told
from caseloom.engine.case import commands as c
from caseloom.engine.case.decide import decide
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.engine.case.trial import memories
from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.foundation.clock import now
from caseloom.library.plans import the_plans
from caseloom.sdk.access import Access, program
from caseloom.sdk.stream import Answer, Context, Order
from caseloom.staff.access import actors_by_id
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history, read_state

PORTION = 100


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The plan of a migration: what takes the place of what, by key; the empty one ends what is open."""

    goals: dict[str, str] = {}
    items: dict[str, str] = {}
    elements: dict[str, str] = {}

    def reversed(self) -> "Mapping":
        """The way back, of all that was mapped to something."""
        back = [{new: old for old, new in part.items() if new} for part in (self.goals, self.items, self.elements)]
        return Mapping(*back)


class Verdict(msgspec.Struct, frozen=True):
    """What became, or would become, of one case: `refused` is None where it goes over; `says` what it brings."""

    case: int
    refused: Refused | None
    says: str = ""


class Standing(msgspec.Struct, frozen=True):
    """How many open cases follow a version; `first` is the oldest of them."""

    version: int
    cases: int
    first: int


def standing(access: Access, service_goal: str) -> list[Standing]:
    """The versions that open cases of a service goal follow, the newest first; of the cases that the actor reaches."""
    if not access.may("read cases"):
        return []
    with psycopg.Cursor(store.raw_connection(), row_factory=class_row(Standing)) as cursor:
        cursor.execute(
            "select version, count(*) as cases, min(id) as first from case_row where status in ('active', 'suspended')"
            " and service_goal = %s and not team = any(%s) group by version order by version desc",
            (service_goal, list(access.hidden)),
        )
        return cursor.fetchall()


def running_cases(
    service_goal: str, version: int, before: int = 0, after: int = 0, hidden: Iterable[str] = ()
) -> list[int]:
    """The open cases of a service goal that follow another version (or just this one `before`), oldest first; of those
    with a number beyond `after`, and of no `hidden` team.
    """
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(
            "select id from case_row where status in ('active', 'suspended') and service_goal = %s and version <> %s"
            " and %s in (0, version) and id > %s and not team = any(%s) order by id",
            (service_goal, version, before, after, list(hidden)),
        )
        return [case for (case,) in cursor.fetchall()]


def came_over(cases: Sequence[int]) -> list[int]:
    """Those of the cases that came from another version, and still know the way back."""
    found = ((case, read_state(the_door(), CASES, case)) for case in cases)
    return [case for case, stored in found if stored is not None and stored[0].migrated_from]


def try_migration(access: Access, cases: Sequence[int], version: int, plan: Mapping) -> Iterator[Verdict]:
    """What would become of each case; nothing happens."""
    prepare = _Prepare(version, plan)
    for case in cases:
        stored = read_state(the_door(), CASES, case)
        if stored is None:
            continue
        state = stored[0]
        command = prepare(case, state)
        outcome = decide(state, command, moment(state, command, Context(now(), access, the_door().ids)))
        yield _verdict(case, outcome)


def migrate(access: Access, cases: Sequence[int], version: int, plan: Mapping) -> Iterator[Verdict]:
    """Bring the cases over, many in one transaction. Repeated, it passes over those that are there already."""
    prepare = _Prepare(version, plan)
    for start in range(0, len(cases), PORTION):
        part = cases[start : start + PORTION]
        for case, verdict in zip(part, _together(access, part, prepare), strict=True):
            yield _verdict(case, verdict.events if isinstance(verdict, Answer) else verdict)


def revert(access: Access, cases: Sequence[int]) -> Iterator[Verdict]:
    """Bring cases back to the version that they came from, where nothing has moved on since."""
    for start in range(0, len(cases), PORTION):
        part = cases[start : start + PORTION]
        orders = [Order("case", case, c.RevertMigration(), _command_id(case, 0), access) for case in part]
        for case, verdict in zip(part, the_door().handle_many(orders), strict=True):
            yield _verdict(case, verdict.events if isinstance(verdict, Answer) else verdict)


def _together(access: Access, cases: Sequence[int], prepare: "_Prepare") -> list[Answer | Refused]:
    """In one transaction that holds the cases, so that nothing happens to one between its history and its command."""
    db = store.raw_connection()
    with db.transaction():
        db.execute("select id from stream where id = any(%s) order by id for update", (list(cases),))
        orders = []
        for case in cases:
            stored = read_state(the_door(), CASES, case)
            state = stored[0] if stored is not None else CaseState()
            orders.append(Order("case", case, prepare(case, state), _command_id(case, prepare.version), access))
        return the_door().handle_many(orders)


def _verdict(case: int, outcome: "Refused | Sequence[object]") -> Verdict:
    if isinstance(outcome, Refused):
        return Verdict(case, outcome)
    brought = [type(event).__name__ for event in outcome]
    goals = brought.count("GoalAdded")
    tasks = brought.count("ItemCreated")
    told = [f"{goals} goals come in" if goals > 1 else "a goal comes in"] if goals else []
    told += [f"{tasks} tasks or stages come in" if tasks > 1 else "a task or stage comes in"] if tasks else []
    told += ["the case is complete by it"] if "CaseCompleted" in brought else []
    return Verdict(case, None, ", ".join(told) or "nothing else changes")


class _Prepare:
    """Makes the command for a case: where its new rules of order stand is told by its history."""

    def __init__(self, version: int, plan: Mapping) -> None:
        self.version, self._map = version, plan
        self._people = actors_by_id()

    def __call__(self, case: int, state: CaseState) -> c.MigrateCase:
        bare = c.MigrateCase(
            version=self.version, goals=self._map.goals, items=self._map.items, elements=self._map.elements
        )
        try:
            plan = the_plans(state.service_goal, self.version, state.house_version)
            before = the_plans(state.service_goal, state.version, state.house_version)
        except (KeyError, DefinitionFaulty):
            # The engine says why when the command comes.
            return bare
        fresh = frozenset(o.spec.says for o in plan.orders) - frozenset(o.spec.says for o in before.orders)
        if not fresh:
            return bare
        context = Context(now(), program("rules"), the_door().ids)
        around = msgspec.structs.replace(moment(state, bare, context), plans=lambda *_: plan)
        orders = memories(plan, fresh, steps_told(read_history(the_door(), CASES, case), self._people), around)
        return msgspec.structs.replace(bare, orders=orders)


def _command_id(case: int, version: int) -> UUID:
    """Repeated, it is the same command as long as nothing has happened to the case."""
    stored = read_state(the_door(), CASES, case)
    return uuid5(NAMESPACE_OID, f"{case} version {version} after {stored[1] if stored is not None else 0}")
