"""The case as a stream kind: the pure engine, with what it needs from library and calendars."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
import psycopg
from psycopg.rows import tuple_row

from caseloom.cases import projections
from caseloom.cases.flow_rows import FLOW_NODE
from caseloom.cases.mirroring import GOAL_MIRROR, mirror_effects
from caseloom.cases.subcases import sub_case_effects
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.decide import Decision, decide
from caseloom.engine.case.evolve import evolve
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import CaseState, Item, WayStep
from caseloom.engine.case.turn import Moment
from caseloom.engine.flow.events import FLOW_EVENTS, MessageThrown, SignalThrown
from caseloom.library.plans import the_plans
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Context, Decided, Effect, StreamKind
from caseloom.staff.access import is_team, need, reaches_case, works_here
from caseloom.staff.calendars import business_calendar, calendar_of_team, known_holidays
from caseloom.streams import store
from caseloom.streams.search import SEARCH
from caseloom.streams.timers import TIMER

STEERING: Final = (c.TerminateCase, c.WaiveGoal)
"""Commands that take a supervisor."""
_INSIDE: Final = frozenset((*FLOW_EVENTS, e.ItemCreated, e.FactSet, p.UndoKept)) - {MessageThrown, SignalThrown}
"""The commonest events that lead to nothing outside."""
_decode_item = msgspec.msgpack.Decoder(Item).decode


def _decide(state: CaseState, command: c.Command, context: Context) -> Decision:
    return decide(state, command, moment(state, command, context))


def moment(state: CaseState, command: c.Command, context: Context) -> Moment:
    """What the engine gets as arguments: its time, actor, definitions, calendar, fresh ids and the finished items
    named.
    """
    return Moment(
        now=context.now,
        actor=context.access.actor,
        plans=the_plans,
        calendar=business_calendar(_calendar_key(state, command)),
        ids=context.ids,
        finished=context.named,
        calendars=business_calendar,
        holidays=known_holidays,
    )


def _calendar_key(state: CaseState, command: c.Command) -> str:
    of: CaseState | c.OpenCase = command if isinstance(command, c.OpenCase) else state
    service_goal = the_plans(of.service_goal, of.version, of.house_version).service_goal
    if service_goal is not None and service_goal.calendar:
        return service_goal.calendar
    return calendar_of_team(of.team or (service_goal.team if service_goal is not None else ""))


def load_finished(case: int, items: tuple[int, ...]) -> Mapping[int, Item]:
    """The finished tasks of these numbers, from their rows."""
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(
            "select item, body from task_row where case_id = %s and item = any(%s) and ended_at is not null",
            (case, list(items)),
        )
        return {item: _decode_item(body) for item, body in cursor.fetchall()}


def admit(access: Access, state: CaseState, command: c.Command) -> Refused | None:
    """Who may send this command to this case; what the customer may do in it, the engine says."""
    if isinstance(command, c.OpenCase):
        theirs = access.customer is not None and access.customer == command.customer and access.case is None
        refused = None if theirs else need(access, "work cases")
        return refused or (_given_to_somebody(access, state, command) if access.actor.kind == "agent" else None)
    if state.id and not reaches_case(access, state.id, state.customer, state.team):
        return Refused("not found", "There is no such case.", next=(NextStep("Check the number"),))
    if access.customer is not None:
        return need(access, "own case")
    if isinstance(command, c.MirrorGoal) and not _reaches(access, command.case):
        return Refused("not found", f"There is no case {command.case}.", next=(NextStep("Check the number"),))
    refused = need(access, "steer cases" if _steers(state, command) else "work cases")
    return refused or (_given_to_somebody(access, state, command) if access.actor.kind == "agent" else None)


def _reaches(access: Access, case: int) -> bool:
    """Whether the actor sees another case than the one that the command goes to."""
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute("select customer, team from case_row where id = %s", (case,))
        row = cursor.fetchone()
    return row is not None and reaches_case(access, case, row[0], row[1])


def _steers(state: CaseState, command: c.Command) -> bool:
    """Who undoes what takes a supervisor is one."""
    if not isinstance(command, c.UndoWork):
        return isinstance(command, STEERING)
    named = [record for record in state.undo if command.number in (None, record.number)]
    return bool(named) and named[-1].command in {kind.__name__ for kind in STEERING}


def _given_to_somebody(access: Access, state: CaseState, command: c.Command) -> Refused | None:
    """Work that a person gives away comes to somebody: a colleague, or a team."""
    who = getattr(command, "owner", "") or getattr(command, "assignee", "") or ""
    if who not in ("", access.actor.id) and not works_here(who):
        return Refused("not found", f"Nobody who works here is “{who}”.", next=(NextStep("Choose a colleague"),))
    for team in _teams_named(command):
        if team and team not in state.teams and not is_team(team):
            return Refused("not found", f"There is no team “{team}”.", next=(NextStep("Choose a team"),))
    return None


def _teams_named(command: c.Command) -> set[str]:
    """The teams that get work by a command, or by the steps that it brings."""
    steps = (*getattr(command, "steps", ()), getattr(command, "step", None))
    return {getattr(command, "team", "") or "", *(step.team for step in steps if isinstance(step, WayStep))}


def effects(decided: Decided) -> Iterable[Effect]:
    """What is to be done outside: send words, end the relation of a customer who leaves."""
    if _INSIDE.issuperset(map(type, decided.events)):
        return
    for number, event in enumerate(decided.events, decided.version + 1):
        if isinstance(event, e.MessageRequested):
            yield Effect("send message", number, "mail")
        elif isinstance(event, e.CaseCompleted) and event.ends_relation:
            yield Effect("end relation", number)
        elif isinstance(event, MessageThrown) and not event.caught:
            yield Effect("throw message", number)
        elif isinstance(event, SignalThrown):
            yield Effect("throw signal", number)
    yield from mirror_effects(decided)
    yield from sub_case_effects(decided)


CASES: Final = StreamKind[CaseState](
    name="case",
    number=1,
    shape=1,
    state=CaseState,
    events={event.stored: event for event in e.CASE_EVENTS},
    commands=c.CASE_COMMANDS,
    decide=_decide,
    evolve=evolve,
    person=lambda state: state.customer,
    admit=admit,
    project=projections.project,
    tables=(
        projections.CASE, projections.WORK, projections.GOAL, projections.TASK, projections.CONTACT_LINK,
        projections.PROMISE, projections.PERCEPTION, projections.NOTICE, FLOW_NODE, GOAL_MIRROR, SEARCH, TIMER,
    ),
    effects=effects,
    rest=CaseState.rest,
    load_named=load_finished,
)  # fmt: skip
