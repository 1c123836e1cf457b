"""A major issue: one cause, many customers. One case is worked on (the parent); the cases of all who are affected
mirror its goal, so that one act reaches them all, and one message is said to all (DESIGN §2, shared goals).
"""

from collections.abc import Sequence
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
import psycopg
from psycopg.rows import tuple_row

from caseloom.cases.kind import CASES
from caseloom.customers.queries import read_customer
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import CaseState
from caseloom.engine.spec.service_goal import Need
from caseloom.library.plans import the_plans
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Answer, Order
from caseloom.staff.access import reaches_case
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_state

PORTION = 100


class Reached(msgspec.Struct, frozen=True):
    """What became of one case: `refused` is None where it was reached."""

    case: int
    refused: Refused | None


def affected(access: Access, parent: int, goal: int | None = None) -> list[int]:
    """The cases that mirror a goal (or any) of this one, of those that the actor reaches, oldest first."""
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(
            "select distinct m.case_id, r.customer, r.team from goal_mirror m join case_row r on r.id = m.case_id"
            " where m.owner = %s and coalesce(%s::integer, m.owner_goal) = m.owner_goal order by m.case_id",
            (parent, goal),
        )
        return [case for case, customer, team in cursor.fetchall() if reaches_case(access, case, customer, team)]


def join(
    access: Access, parent: int, goal: int, cases: Sequence[int], need: Need = "required", key: UUID | None = None
) -> list[Reached]:
    """Let these cases mirror a goal of the parent. Repeated with the same `key`, it happens once.

    Raises:
        LookupError: the actor reaches no such case, or it has no such goal.
    """
    stored = read_state(the_door(), CASES, parent)
    state = stored[0] if stored is not None else None
    if state is None or not reaches_case(access, parent, state.customer, state.team) or goal not in state.goals:
        raise LookupError(f"There is no case {parent} with a goal {goal}.")
    known = set(affected(access, parent, goal))
    title = state.goals[goal].title or _title(state, state.goals[goal].key)
    fresh = [case for case in dict.fromkeys(cases) if case not in known and case != parent]
    commands = [c.MirrorGoal(case=parent, goal=goal, title=title, need=need) for _ in fresh]
    return _send(access, fresh, commands, f"join {parent} {goal}", key)


def _title(state: CaseState, key: str) -> str:
    found = the_plans(state.service_goal, state.version, state.house_version).goals.get(key)
    return found.spec.title if found is not None else key


def tell_all(access: Access, parent: int, subject: str, text: str, key: UUID) -> list[Reached]:
    """Send one message in every affected case, to the mail address of its customer. With the same `key` nobody gets it
    twice; who has no address is told so.
    """
    cases = affected(access, parent)
    reached: list[Reached] = []
    sendable: list[int] = []
    commands: list[c.Command] = []
    for case in cases:
        to = _address(access, case)
        if not to:
            way_on = NextStep("Write or call them in their own case")
            reached.append(Reached(case, Refused("data", "The customer has no mail address.", next=(way_on,))))
            continue
        sendable.append(case)
        commands.append(c.SendMessage(contact=next(the_door().ids), to=to, subject=subject, text=text))
    return sorted([*reached, *_send(access, sendable, commands, f"tell {parent}", key)], key=lambda one: one.case)


def _address(access: Access, case: int) -> str:
    stored = read_state(the_door(), CASES, case)
    found = read_customer(access, stored[0].customer) if stored is not None else None
    return next((value for kind, value in (found[0].identities if found else ()) if kind == "mail"), "")


def _send(
    access: Access, cases: Sequence[int], commands: Sequence[c.Command], what: str, key: UUID | None
) -> list[Reached]:
    reached: list[Reached] = []
    for start in range(0, len(cases), PORTION):
        part = cases[start : start + PORTION]
        orders = [
            Order("case", case, command, uuid5(key or NAMESPACE_OID, f"{what} {case}"), access)
            for case, command in zip(part, commands[start : start + PORTION], strict=True)
        ]
        verdicts = the_door().handle_many(orders)
        reached += [
            Reached(case, None if isinstance(verdict, Answer) else verdict)
            for case, verdict in zip(part, verdicts, strict=True)
        ]
    return reached
