"""What a planning command touched, as it stood before: kept at the end of its turn, so that it can be undone.

The marks say how what it touched stood after it; where one is another by now, that has moved on since.
"""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from hashlib import blake2b
from typing import Any, Final, TypeVar

import msgspec

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.acts import acts_of
from caseloom.engine.case.evolve_planned import titled_goal, titled_item
from caseloom.engine.case.state import CaseState, Clock, Counter, Goal, Item, Undo
from caseloom.engine.case.turn import Turn
from caseloom.engine.spec.acts import is_world
from caseloom.engine.spec.history import Event

K = TypeVar("K")
V = TypeVar("V")
_encode = msgspec.msgpack.Encoder().encode
_RECORDED: Final = frozenset(c.RECORDED)


class Before(msgspec.Struct, frozen=True):
    """The case as it stood before a planning command: goals and items, into which events are folded in place, as
    copies of their own; the running flows as what they are written as.
    """

    state: CaseState
    command: str
    flows: bytes

    @classmethod
    def of(cls, state: CaseState, command: c.Command) -> "Before | None":
        if type(command) not in _RECORDED or state.id == 0:
            return None
        was = copy(state)
        was.goals = {number: copy(goal) for number, goal in state.goals.items()}
        was.items = {number: copy(item) for number, item in state.items.items()}
        was.facts, was.counters, was.rules = dict(state.facts), dict(state.counters), dict(state.rules)
        was.orders = {rule: dict(memories) for rule, memories in state.orders.items()}
        was.flows = dict(state.flows)
        return cls(was, type(command).__name__, _encode(state.flows))


# --- keeping ----------------------------------------------------------------------------------------------------------


def keep(turn: Turn, before: Before, asked_for: int) -> None:
    """Say what the command touched, as it stood before. `asked_for` is how many of the turn's events the command itself
    was; the others followed. What closed the case is not kept: a closed case is opened again.
    """
    was, now = before.state, turn.state
    if was.status != now.status or not turn.events:
        return
    if before.flows != _encode({number: now.flows[number] for number in was.flows if number in now.flows}):
        # A flow that ran before cannot be set back: what its tokens did may have left the house.
        return
    record = _record(turn, before, turn.events[:asked_for])
    personal = tuple(name for name, fact in record.facts.items() if fact is not None and _personal(turn, name))
    titles: dict[str, tuple[str, ...]] = {f"goal {goal.id}": (goal.title,) for goal in record.goals.values() if goal}
    titles |= {f"item {item.id}": (item.title,) for item in record.items.values() if item}
    titles |= {
        way.key: (way.title, *(step.title for step in way.steps))
        for goal in record.goals.values()
        for way in (goal.ways if goal else ())
    }
    words = p.UndoKept.Words(
        titles={place: said for place, said in titles.items() if any(said)},
        values={name: fact.value for name in personal if (fact := record.facts[name]) is not None},
    )
    turn.emit(p.UndoKept(record=_bare(record, personal), personal=personal, private=words))


def _personal(turn: Turn, name: str) -> bool:
    """A fact of a former definition may be anything."""
    spec = turn.plan.facts.get(name)
    return spec is None or spec.personal


def _bare(record: Undo, personal: Iterable[str]) -> Undo:
    """The record without what is personal."""
    bare: dict[str, tuple[str, ...]] = {}
    return msgspec.structs.replace(
        record,
        goals={number: goal and titled_goal(goal, bare) for number, goal in record.goals.items()},
        items={number: item and titled_item(item, bare) for number, item in record.items.items()},
        facts={
            name: msgspec.structs.replace(fact, value=None) if fact and name in personal else fact
            for name, fact in record.facts.items()
        },
    )


class _Told:
    """What the events of a turn say of themselves, read once."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.created: dict[int, str] = {}
        self.reset: list[int] = []
        self.moved: set[str] = set()
        self.waited = False
        self.sent: list[tuple[int, str, int | None]] = []
        for event in events:
            read = _TOLD.get(type(event))
            if read is not None:
                read(self, event)

    def _came(self, event: e.ItemCreated) -> None:
        self.created[event.item] = event.key

    def _began_anew(self, event: e.TaskReset) -> None:
        self.reset.append(event.item)

    def _clock_moved(self, event: p.ClockMoved) -> None:
        self.moved.add(f"goal {event.goal}" if event.goal is not None else f"item {event.item}")

    def _waits(self, event: e.WaitingChanged) -> None:
        self.waited = True

    def _went_out(self, event: e.MessageRequested) -> None:
        self.sent.append((event.contact, event.letter, event.item))


_TOLD: Final[dict[type[Event], Callable[[_Told, Any], None]]] = {
    e.ItemCreated: _Told._came,
    e.TaskReset: _Told._began_anew,
    p.ClockMoved: _Told._clock_moved,
    e.WaitingChanged: _Told._waits,
    e.MessageRequested: _Told._went_out,
}


def _record(turn: Turn, before: Before, asked: list[Event]) -> Undo:
    was, now, told = before.state, turn.state, _Told(turn.events)
    clocks_then = _clocks(was, now, told.moved) if told.waited else {}
    goals_then = {n: g for n, g in _changed(was.goals, now.goals).items() if f"goal {n}" not in clocks_then}
    items_then = {n: i for n, i in _changed(was.items, now.items).items() if f"item {n}" not in clocks_then}
    gone = tuple(sorted(told.created.keys() - now.items.keys()))
    items_then |= dict.fromkeys(gone)
    record = Undo(
        now.planned + 1,
        before.command,
        turn.actor.id,
        turn.now,
        goals=goals_then,
        items=items_then,
        counters=_counted(was, now),
        facts=_changed(was.facts, now.facts),
        rules={rule: was.rules.get(rule, False) for rule in _changed(was.rules, now.rules)},
        orders={
            rule: _changed(was.orders.get(rule, {}), now.orders.get(rule, {}))
            for rule in _changed(was.orders, now.orders)
        },
        asked=was.asked,
        awaits_confirmation=was.awaits_confirmation,
        confirmed=was.confirmed,
        confirm_by=was.confirm_by,
        waits_for=was.waits_for,
        waiting_since=was.waiting_since,
        clocks=clocks_then,
        hand_overs=now.hand_overs - was.hand_overs,
        gone=gone,
        keys=told.created,
        sent=tuple(told.sent),
        acts=tuple(_guarded(turn, asked)),
        flows=tuple(now.flows.keys() - was.flows.keys()),
    )
    return msgspec.structs.replace(record, stood=_stood(now, record, told.reset))


def _changed(was: Mapping[K, V], now: Mapping[K, V]) -> dict[K, V | None]:
    """What is different now, as it was; None where it was not."""
    if was == now:
        return {}
    keys = dict.fromkeys((*was, *now))
    return {key: was.get(key) for key in keys if was.get(key) != now.get(key)}


def _clocks(was: CaseState, now: CaseState, moved: set[str]) -> dict[str, Clock | None]:
    """What changed by its clock alone, which followed who waits for whom."""
    found: dict[str, Clock | None] = {}
    for kind, then, here in (("goal", was.goals, now.goals), ("item", was.items, now.items)):
        pairs = ((number, one, here.get(number)) for number, one in then.items())
        for number, one, other in pairs:
            place = f"{kind} {number}"
            if other is None or place in moved or one.clock == other.clock:
                continue
            if msgspec.structs.replace(one, clock=None) == msgspec.structs.replace(other, clock=None):
                found[place] = one.clock
    return found


def _counted(was: CaseState, now: CaseState) -> dict[str, Counter]:
    """How much the command added to each counter."""
    found = {}
    for key in _changed(was.counters, now.counters):
        a, b = was.counters.get(key, Counter()), now.counters.get(key, Counter())
        found[key] = Counter(b.created - a.created, b.completed - a.completed, b.terminated - a.terminated)
    return found


def _stood(now: CaseState, record: Undo, reset: Iterable[int]) -> dict[str, str]:
    """The marks of what a command touched, as it stands now."""
    stood = {f"goal {number}": mark(now.goals.get(number), False) for number in record.goals}
    stood |= {f"item {number}": mark(now.items.get(number), image is None) for number, image in record.items.items()}
    stood |= {f"item {number}": mark(now.items.get(number), False) for number in reset if number not in record.items}
    stood |= {f"clock of {place}": digest(clock_at(now, place)) for place in record.clocks}
    stood |= {f"rule {rule}": str(now.rules.get(rule, False)) for rule in record.rules}
    stood |= {f"fact {name}": digest(when(now, name)) for name in record.facts}
    for rule, memories in record.orders.items():
        here = now.orders.get(rule, {})
        stood |= {f"order {about} {rule}": digest(here.get(about)) for about in memories}
    stood |= {f"flow {number}": digest(now.flows[number]) for number in record.flows}
    return stood | {"waiting": waiting_of(now), "outcome": outcome_of(now)}


def _guarded(turn: Turn, asked: Iterable[Event]) -> Iterable[tuple[str, str]]:
    """The acts that a rule guards by the state."""
    for event in asked if turn.plan.guards else ():
        number = getattr(event, "item", None) or 0
        item = turn.state.items.get(number) or turn.state.ended.get(number)
        about = item.about if item is not None else ""
        for act in acts_of(event, turn.state, turn.actor.kind == "customer"):
            if act in turn.plan.guards and not is_world(act):
                yield act, about


# --- marks ------------------------------------------------------------------------------------------------------------


def digest(value: Any) -> str:
    return blake2b(_encode(value), digest_size=8).hexdigest()


def mark(holder: Goal | Item | None, created: bool) -> str:
    """What tells whether it has moved on since. Clocks and lateness come by themselves; of what the command created,
    beginning by itself is no move either. Titles are personal and stay out of it.
    """
    if holder is None:
        return ""
    plain: dict[str, Any] = {"title": "", "clock": None, "late": False, "seen": ()}
    if isinstance(holder, Goal):
        ways = tuple(msgspec.structs.replace(way, title="", steps=()) for way in holder.ways)
        return digest(msgspec.structs.replace(holder, **plain, ways=ways))
    if created:
        begun = "active" if holder.status == "available" else holder.status
        plain |= {"status": begun, "message": None}
    return digest(msgspec.structs.replace(holder, **plain))


def clock_at(state: CaseState, place: str) -> Clock | None:
    kind, _, number = place.partition(" ")
    holder = (state.goals if kind == "goal" else state.items).get(int(number))
    return holder.clock if holder is not None else None


def when(state: CaseState, name: str) -> Any:
    fact = state.facts.get(name)
    return (fact.at, fact.source) if fact is not None else None


def waiting_of(state: CaseState) -> str:
    return digest((state.waits_for, state.waiting_since))


def outcome_of(state: CaseState) -> str:
    return digest((state.asked, state.awaits_confirmation, state.confirm_by, state.confirmed))
