"""A turn: one command being decided, with the state folded on as events come up."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from caseloom.engine import feel
from caseloom.engine.calendar import BusinessCalendar
from caseloom.engine.case import events as e
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.evolve import Stamp, evolve
from caseloom.engine.case.state import CaseState, Item
from caseloom.engine.rules.plan import Plan, Trigger
from caseloom.engine.spec.values import Value, from_wire

Plans = Callable[[str, int, int], Plan]
"""(service goal key, its version, version of the house rules) → plan; key and version are empty and 0 for a case from
nothing.
"""


class Moment(msgspec.Struct, frozen=True):
    """All that comes to a decision from outside: time, actor, definitions, business time, fresh ids, finished items
    named.
    """

    now: datetime
    actor: Actor
    plans: Plans
    calendar: BusinessCalendar
    ids: Iterator[int]
    finished: Mapping[int, Item] = {}


Pending = tuple[Trigger, str | None]

_ALWAYS_DIRTY: Final[dict[type[e.Event], str]] = {
    e.PerceptionRecorded: "perception",
    e.OutcomeConfirmed: "customer has confirmed",
    e.OutcomeDenied: "customer has confirmed",
    e.CaseReopened: "customer has confirmed",
    e.ContactLinked: "case",
    e.CaseOpened: "case",
    e.CaseClassified: "case",
}


class Turn:
    """The working place of one decision. `pending` are the rules that the events so far have touched."""

    def __init__(self, state: CaseState, plan: Plan, moment: Moment) -> None:
        self.state = state
        self.plan = plan
        self.now = moment.now
        self.actor = moment.actor
        self.moment = moment
        self.events: list[e.Event] = []
        self.pending: deque[Pending] = deque()
        self.stages: deque[int] = deque()
        self.parents: deque[int] = deque()
        self.scope = CaseScope(self)
        self._stamp = Stamp(moment.now, moment.actor.id)

    def emit(self, event: e.Event) -> None:
        """Let it have happened: fold it, and queue the rules that read or wait for it."""
        evolve(self.state, event, self._stamp)
        self.events.append(event)
        name = event.name if isinstance(event, e.FactSet) else _ALWAYS_DIRTY.get(type(event))
        if name is not None:
            self.touch(name)
        occurrence = occurrence_of(event)
        if occurrence is not None:
            for trigger in self.plan.listeners.get(occurrence, ()):
                self.pending.append((trigger, occurrence))

    def touch(self, name: str) -> None:
        """What reads `name` has to be looked at again."""
        self.scope.forget(name)
        for trigger in self.plan.readers.get(name, ()):
            self.pending.append((trigger, None))

    def next_id(self) -> int:
        """An id for a new goal, item or promise; the event that carries it moves the counter."""
        return self.state.last + 1

    def replan(self, plan: Plan) -> None:
        """Go on under another definition."""
        self.plan, self.scope = plan, CaseScope(self)


def occurrence_of(event: e.Event) -> str | None:
    """The words by which sentries and reactions wait for this event."""
    match event:
        case e.GoalReached():
            return event.key or None
        case e.GoalCancelled() | e.GoalWaived():
            return f"{event.key} is cancelled"
        case e.GoalBreached() | e.TaskLate():
            return f"{event.key} is late"
        case e.GoalAdded():
            return f"{event.key} is added"
        case e.ItemTransitioned(status="completed"):
            return event.key or None
        case e.ItemTransitioned(status="terminated"):
            return f"{event.key} is cancelled"
        case e.ContactLinked(direction="in"):
            return "any contact"
        case e.ContactLinked(automatic=False):
            return "first answer"
        case _:
            return None


class CaseScope(Mapping[str, Value]):
    """The names that rules read, resolved when asked for: facts first, then what is built in."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._known: dict[str, Value] = {}

    def forget(self, name: str) -> None:
        self._known.pop(name, None)

    def __getitem__(self, name: str) -> Value:
        if name not in self._known:
            self._known[name] = self._resolve(name)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._turn.plan.names

    def __iter__(self) -> Iterator[str]:
        return iter(self._turn.plan.names)

    def __len__(self) -> int:
        return len(self._turn.plan.names)

    def _resolve(self, name: str) -> Value:
        state = self._turn.state
        fact = state.facts.get(name)
        if fact is not None:
            return from_wire(fact.type, fact.value)
        match name:
            case "perception":
                return None if state.perception is None else from_wire("number", str(state.perception))
            case "customer has confirmed":
                return state.confirmed
            case "case":
                return _case_context(state)
            case "actor":
                return _actor_context(self._turn.actor)
            case feel.NOW:
                return self._turn.now
            case _:
                return None


def _case_context(state: CaseState) -> dict[str, Any]:
    return {
        "number": str(state.id),
        "service goal": state.service_goal or None,
        "channel": state.channel,
        "opened at": state.opened_at,
        "contacts": from_wire("number", str(state.contacts_in)),
        "answers": from_wire("number", str(state.contacts_out)),
    }


def _actor_context(actor: Actor) -> dict[str, Any]:
    return {
        "id": actor.id,
        "kind": actor.kind,
        "name": actor.name,
        "roles": sorted(actor.roles),
        "skills": sorted(actor.skills),
        "teams": sorted(actor.teams),
    }
