"""Shared goals between cases: the owner's moves are told to all that mirror them (DESIGN §2).

Each mirror knows the owner's version that it was last told of, and stands as a row. A move is a command with that
version, so that however often it is sent it happens once; whoever was not reached before a worker died has an older
version still, and is reached by the next attempt.
"""

from collections.abc import Iterable, Iterator
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

import psycopg
from psycopg.rows import tuple_row

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState, Goal, GoalStatus
from caseloom.sdk.access import Access, program
from caseloom.sdk.stream import Decided, Effect, Order, Row, StreamKind, Table
from caseloom.streams import store
from caseloom.streams.effects import Attempt, Done, Failed, Outcome
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_state

TELL: Final = "tell mirrors"
ASK: Final = "ask owner"
PORTION: Final = 100
"""Mirrors moved in one transaction."""
GOAL_MIRROR: Final = Table(
    "goal_mirror",
    {"case_id": "bigint", "goal": "integer"},
    {"owner": "bigint", "owner_goal": "integer", "version": "integer"},
)
_SETTLED: Final = ("duplicate", "not found")
"""Refusals that say that there is nothing to do any more."""
_MOVES: Final = (e.GoalReached, e.GoalWaived, e.GoalCancelled, e.GoalOpened)
_BEHIND: Final = """
select case_id from goal_mirror where owner = %s and owner_goal = %s and version < %s and case_id > %s
order by case_id limit %s
"""


def mirror_rows(decided: Decided) -> Iterator[Row]:
    """The mirrors that these events made, moved or let go."""
    s: CaseState = decided.state
    touched: dict[int, None] = {}
    for event in decided.events:
        if isinstance(event, p.GoalMirrored | p.MirrorMoved | p.MirrorReleased | p.GoalDeleted):
            touched[event.goal] = None
        elif isinstance(event, p.WorkUndone):
            touched |= {number: None for number in event.goals if _mirrors(s.goals.get(number))}
    for number in touched:
        goal = s.goals.get(number)
        mirror = goal.mirror if goal is not None else None
        yield Row(GOAL_MIRROR, (s.id, number), (mirror.case, mirror.goal, mirror.version) if mirror else None)


def _mirrors(goal: Goal | None) -> bool:
    return goal is not None and goal.mirror is not None


def mirror_effects(decided: Decided) -> Iterator[Effect]:
    """One job tells of all that has moved in a turn; one asks how the owner stands."""
    s: CaseState = decided.state
    for number, event in enumerate(decided.events, decided.version + 1):
        if isinstance(event, p.GoalMirrored):
            yield Effect(ASK, number)
    for number, event in enumerate(decided.events, decided.version + 1):
        if any((goal := s.goals.get(moved)) is not None and goal.shared for moved in _moved(event)):
            yield Effect(TELL, number)
            return


def _moved(event: object) -> tuple[int, ...]:
    if isinstance(event, _MOVES):
        return (event.goal,)
    return event.goals if isinstance(event, p.WorkUndone) else ()


class TellingMirrors:
    """Performs "tell mirrors": every case that mirrors a shared goal of this one is moved as it stands now."""

    def __init__(self, door: Door, kind: StreamKind[CaseState], portion: int = PORTION) -> None:
        self._door, self._kind, self._portion = door, kind, portion

    def __call__(self, attempt: Attempt) -> Outcome:
        stored = read_state(self._door, self._kind, attempt.stream)
        if stored is None:
            return Done()
        state, version = stored
        shared = [goal for goal in state.goals.values() if goal.shared]
        refused = [one for goal in shared for one in self._tell(state.id, goal, version)]
        return Failed(retry=True, reason=f"{len(refused)} cases refused it: {refused[0].code}") if refused else Done()

    def _tell(self, owner: int, goal: Goal, version: int) -> Iterator[Refused]:
        after = 0
        while True:
            cases = _behind(owner, goal.id, version, after, self._portion)
            if not cases:
                return
            orders = [_move(case, owner, goal.id, goal.status, version) for case in cases]
            for verdict in self._door.handle_many(orders):
                if isinstance(verdict, Refused) and verdict.code not in _SETTLED:
                    yield verdict
            after = cases[-1]


class AskingOwner:
    """Performs "ask owner": a new mirror learns how its owner stands. A goal that there is not is the mirror's own."""

    def __init__(self, door: Door, kind: StreamKind[CaseState]) -> None:
        self._door, self._kind = door, kind

    def __call__(self, attempt: Attempt) -> Outcome:
        stored = read_state(self._door, self._kind, attempt.stream)
        mirrors = [goal.mirror for goal in stored[0].goals.values() if goal.mirror] if stored is not None else []
        refused = [one for mirror in mirrors for one in self._ask(attempt.stream, mirror.case, mirror.goal)]
        return Failed(retry=True, reason=refused[0].code) if refused else Done()

    def _ask(self, case: int, owner: int, goal: int) -> Iterable[Refused]:
        # First it is shared, then it is read: so no move of the owner falls in between.
        share = uuid5(NAMESPACE_OID, f"share {owner} {goal}")
        self._door.handle(Order("case", owner, c.ShareGoal(goal=goal), share, ME))
        stored = read_state(self._door, self._kind, owner)
        found: Goal | None = stored[0].goals.get(goal) if stored is not None else None
        status: GoalStatus = found.status if found is not None else "cancelled"
        version = stored[1] if stored is not None else 1
        verdict = self._door.handle(_move(case, owner, goal, status, version))
        return [verdict] if isinstance(verdict, Refused) and verdict.code not in _SETTLED else []


ME: Final[Access] = program("mirrors")


def _behind(owner: int, goal: int, version: int, after: int, most: int) -> list[int]:
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(_BEHIND, (owner, goal, version, after, most))
        return [row[0] for row in cursor.fetchall()]


def _move(case: int, owner: int, goal: int, status: GoalStatus, version: int) -> Order:
    command = c.MoveMirror(case=owner, goal=goal, status=status, version=version)
    return Order("case", case, command, _id(case, owner, goal, version), ME)


def _id(case: int, owner: int, goal: int, version: int) -> UUID:
    """The same move of the same mirror is the same command, however often it is sent."""
    return uuid5(NAMESPACE_OID, f"mirror {case} of {owner} {goal} at {version}")
