"""Bringing running cases under another version of the house rules: first tried on all of them, then done."""

from collections.abc import Iterator, Sequence
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
import psycopg
from psycopg.rows import tuple_row

from caseloom.cases.kind import CASES, moment
from caseloom.cases.trial import steps_told
from caseloom.engine.case import commands as c
from caseloom.engine.case.decide import decide
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.trial import memories
from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.foundation.clock import now
from caseloom.library.plans import house_version, the_plans
from caseloom.sdk.access import Access, program
from caseloom.sdk.stream import Answer, Context, Order
from caseloom.staff.access import actors_by_id
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history, read_state

PORTION = 100


class Verdict(msgspec.Struct, frozen=True):
    """What became, or would become, of one case: `refused` is None where it goes over."""

    case: int
    refused: Refused | None


def running_cases(version: int) -> list[int]:
    """The open cases that are under another version, oldest first."""
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute("select id from case_row where status in ('active', 'suspended') order by id")
        cases = [row[0] for row in cursor.fetchall()]
    return [case for case in cases if _version(case) != version]


def _version(case: int) -> int:
    stored = read_state(the_door(), CASES, case)
    return stored[0].house_version if stored is not None else 0


def try_switch(access: Access, cases: Sequence[int], version: int = 0) -> Iterator[Verdict]:
    """What would become of each case; nothing happens. `version` 0 is the one in force."""
    prepare = _Prepare(version or house_version())
    for case in cases:
        stored = read_state(the_door(), CASES, case)
        if stored is not None:
            command = prepare(case)
            around = moment(stored[0], command, Context(now(), access, the_door().ids))
            outcome = decide(stored[0], command, around)
            yield Verdict(case, outcome if isinstance(outcome, Refused) else None)


def switch(access: Access, cases: Sequence[int], version: int = 0) -> Iterator[Verdict]:
    """Bring the cases over, many in one transaction. Repeated, it passes over those that are there already."""
    prepare = _Prepare(version or house_version())
    for start in range(0, len(cases), PORTION):
        part = cases[start : start + PORTION]
        verdicts = _switch(access, part, prepare)
        for case, verdict in zip(part, verdicts, strict=True):
            yield Verdict(case, verdict if isinstance(verdict, Refused) else None)


def _switch(access: Access, cases: Sequence[int], prepare: "_Prepare") -> list[Answer | Refused]:
    """In one transaction that holds the cases, so that nothing happens to one between its history and its command."""
    db = store.raw_connection()
    with db.transaction():
        db.execute("select id from stream where id = any(%s) order by id for update", (list(cases),))
        orders = [Order("case", case, prepare(case), _command_id(case, prepare.version), access) for case in cases]
        return the_door().handle_many(orders)


class _Prepare:
    """Makes the command for a case: where its new rules of order stand is told by its history."""

    def __init__(self, version: int) -> None:
        self.version = version
        self._people = actors_by_id()

    def __call__(self, case: int) -> c.SwitchHouseRules:
        bare = c.SwitchHouseRules(house_version=self.version)
        stored = read_state(the_door(), CASES, case)
        if stored is None:
            return bare
        state = stored[0]
        try:
            plan = the_plans(state.service_goal, state.version, self.version)
            before = the_plans(state.service_goal, state.version, state.house_version)
        except (KeyError, DefinitionFaulty):
            # The engine says why when the command comes.
            return bare
        fresh = frozenset(o.spec.says for o in plan.orders) - frozenset(o.spec.says for o in before.orders)
        if not fresh:
            return bare
        around = msgspec.structs.replace(
            moment(state, bare, Context(now(), program("rules"), the_door().ids)), plans=lambda *_: plan
        )
        history = read_history(the_door(), CASES, case)
        orders = memories(plan, fresh, steps_told(history, self._people), around)
        return c.SwitchHouseRules(house_version=self.version, orders=orders)


def _command_id(case: int, version: int) -> UUID:
    """Repeated, it is the same command as long as nothing has happened to the case; it may be brought back and over
    again.
    """
    stored = read_state(the_door(), CASES, case)
    return uuid5(NAMESPACE_OID, f"{case} house rules {version} after {stored[1] if stored is not None else 0}")
