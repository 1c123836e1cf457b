"""What the names in expressions stand for: the facts of the case, and what is built in."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from caseloom.engine import feel
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.state import CaseState
from caseloom.engine.rules.letter import words
from caseloom.engine.spec.values import LIST_OF, Value, from_wire


class CaseScope(Mapping[str, Value]):
    """The names that rules read, resolved when asked for: facts first, then what is built in."""

    def __init__(self, state: CaseState, names: frozenset[str], actor: Actor, now: datetime, zone: str = "UTC") -> None:
        self._state, self._names, self._actor, self._now, self._zone = state, names, actor, now, zone
        self._known: dict[str, Value] = {}

    def forget(self, name: str) -> None:
        """What `name` stands for has changed."""
        self._known.pop(name, None)

    def __getitem__(self, name: str) -> Value:
        if name not in self._known:
            self._known[name] = self._resolve(name)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _resolve(self, name: str) -> Value:
        state = self._state
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
                return _actor_context(self._actor)
            case feel.NOW:
                # What a rule says of the time of day is said in the time of the house.
                return self._now.astimezone(ZoneInfo(self._zone))
            case _:
                return None


class ObjectScope(Mapping[str, Value]):
    """The scope of a rule that speaks of one object of a list: `each` is that object, all else is the case's."""

    def __init__(self, around: Mapping[str, Value], each: str, find: Callable[[], Value]) -> None:
        self._around, self._each, self._find = around, each, find

    def __getitem__(self, name: str) -> Value:
        return self._find() if name == self._each else self._around[name]

    def __contains__(self, name: object) -> bool:
        return name == self._each or name in self._around

    def __iter__(self) -> Iterator[str]:
        yield self._each
        yield from (name for name in self._around if name != self._each)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def object_of(scope: Mapping[str, Value], subject: str, number: str) -> Value:
    """The object of this id in the list fact `subject`; None when there is none."""
    members: Any = scope[subject]
    found = (one for one in members or () if isinstance(one, Mapping) and str(one.get("id")) == number)
    return next(found, None)


def fact_words(state: CaseState, name: str) -> str:
    """A fact's value as a person would say it."""
    fact = state.facts.get(name)
    if fact is None or fact.value is None:
        return "not known"
    if fact.type.startswith(LIST_OF):
        return f"{len(fact.value)} of them"
    return words(from_wire(fact.type, fact.value))


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
