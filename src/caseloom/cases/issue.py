"""A major issue: one cause, many customers. One case is worked on (the parent); the cases of all who are affected
mirror its goal, so that one act reaches them all, and one message is said to all (DESIGN §2, shared goals).
"""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
import psycopg
from psycopg.rows import class_row, tuple_row

from caseloom.cases.kind import CASES
from caseloom.customers.queries import read_customer
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.scope import CaseScope
from caseloom.engine.case.state import CaseState
from caseloom.engine.feel import FeelSyntaxError
from caseloom.engine.rules.letter import Template, template
from caseloom.engine.spec.service_goal import Need
from caseloom.foundation.clock import now
from caseloom.library.plans import the_plans
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Answer, Order
from caseloom.staff.access import reaches_case
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_state

PORTION = 100


class Affected(msgspec.Struct, frozen=True):
    """A case that mirrors a goal of the parent: `goal` is its mirror, `status` how that stands there."""

    case: int
    goal: int
    status: str
    title: str
    customer: int
    customer_name: str
    wants: str
    service_goal: str
    version: int
    case_status: str


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


_AFFECTED: Final = """
select m.case_id as "case", m.goal, coalesce(g.status, '') as status, coalesce(g.title, '') as title, r.customer,
  coalesce(p.name, '') as customer_name, r.title as wants, r.service_goal, r.version, r.status as case_status
from goal_mirror m join case_row r on r.id = m.case_id
left join goal_row g on g.case_id = m.case_id and g.goal = m.goal left join customer p on p.id = r.customer
where m.owner = %s and (m.case_id, m.goal) > (%s, %s) and not r.team = any(%s) order by m.case_id, m.goal limit %s
"""
_COUNTED: Final = """
select coalesce(g.status, ''), count(*) from goal_mirror m join case_row r on r.id = m.case_id
left join goal_row g on g.case_id = m.case_id and g.goal = m.goal
where m.owner = %s and not r.team = any(%s) group by 1
"""


def affected_lines(access: Access, parent: int, after: tuple[int, int] = (0, 0), limit: int = 50) -> list[Affected]:
    """The affected cases with their goal's standing, oldest first, from behind the case and goal `after`."""
    if not access.may("read cases"):
        return []
    with psycopg.Cursor(store.raw_connection(), row_factory=class_row(Affected)) as cursor:
        return cursor.execute(_AFFECTED, (parent, *after, list(access.hidden), limit)).fetchall()


def affected_counts(access: Access, parent: int) -> dict[str, int]:
    """How many goals of other cases stand for one of this case, by their status."""
    if not access.may("read cases"):
        return {}
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        return dict(cursor.execute(_COUNTED, (parent, list(access.hidden))).fetchall())


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


def tell_all(
    access: Access, parent: int, subject: str, text: str, key: UUID, cases: Sequence[int] | None = None
) -> list[Reached]:
    """Send one message in every affected case (or in these `cases` of them), to the mail address of its customer.
    `{{ name }}` and other expressions are filled from each case by itself. With the same `key` nobody gets it twice;
    who has no address, or whose case does not know what the message speaks of, is told so.
    """
    known = affected(access, parent)
    chosen = known if cases is None else [case for case in known if case in frozenset(cases)]
    reached: list[Reached] = []
    sendable: list[int] = []
    commands: list[c.Command] = []
    for case in chosen:
        words = words_for(access, case, subject, text)
        if isinstance(words, Refused):
            reached.append(Reached(case, words))
            continue
        sendable.append(case)
        commands.append(
            c.SendMessage(contact=next(the_door().ids), to=words.to, subject=words.subject, text=words.text)
        )
    return sorted([*reached, *_send(access, sendable, commands, f"tell {parent}", key)], key=lambda one: one.case)


class Words(msgspec.Struct, frozen=True):
    """A message as one of the affected customers gets it."""

    to: str
    subject: str
    text: str


def words_for(access: Access, case: int, subject: str, text: str) -> Words | Refused:
    """The message in the words of one affected case, or why it cannot be sent there."""
    stored = read_state(the_door(), CASES, case)
    if stored is None:
        return Refused("not found", "There is no such case.")
    state = stored[0]
    plan = the_plans(state.service_goal, state.version, state.house_version)
    scope = CaseScope(state, plan.names, access.actor, now())
    try:
        templates = [template(one, plan.names) for one in (subject, text)]
    except FeelSyntaxError as fault:
        return Refused("invalid", f"What stands between {{{{ and }}}} cannot be read: {fault}")
    holes = dict.fromkeys(hole for one in templates for hole in _holes(one, scope))
    if holes:
        way_on = NextStep("Write to them in their own case")
        return Refused("data", f"The case does not know: {', '.join(holes)}.", next=(way_on,))
    to = _address(access, state.customer)
    if not to:
        return Refused(
            "data", "The customer has no mail address.", next=(NextStep("Write or call them in their own case"),)
        )
    return Words(to, *(one.render(scope) for one in templates))


def _holes(words: Template, scope: CaseScope) -> Iterator[str]:
    """What the case does not know of all that the words speak of."""
    for piece in words.pieces:
        if not isinstance(piece, str) and Template((piece,), words.reads).render(scope) == f"[{piece.text.strip()}]":
            yield piece.text.strip()


def _address(access: Access, customer: int) -> str:
    found = read_customer(access, customer)
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
