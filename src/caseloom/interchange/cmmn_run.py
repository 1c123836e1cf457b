"""A case of a CMMN file lived through: a driver, seeded, answers every wait until the case has ended.

It works through the engine's own `decide`, as people, other systems and the clock do: it starts, completes and plans
what is open, raises events, gives facts the values that expressions speak of, and turns the clock.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time
from itertools import count
from typing import Any, Final

import msgspec

from caseloom.engine.calendar import BusinessCalendar, Slot
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.actor import PROGRAM, Actor
from caseloom.engine.case.clocks import timers
from caseloom.engine.case.decide import decide
from caseloom.engine.case.evolve import Stamp, evolve
from caseloom.engine.case.items import repeats
from caseloom.engine.case.occurrences import occurrences_of
from caseloom.engine.case.planning_table import plannable
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState, Item
from caseloom.engine.case.transitions import may_complete
from caseloom.engine.case.turn import Moment, Turn
from caseloom.engine.feel import Expression
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.history import Event
from caseloom.engine.spec.occurrences import OF_ITEM
from caseloom.engine.spec.service_goal import ListenerSpec, StageSpec

LONGEST: Final = 400
"""Moves in one life. A case that has not ended by then repeats without end, or is stuck."""
PATIENCE: Final = 150
"""Moves after which a case that repeats without end is ended by hand."""
_BEGIN: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_ALWAYS: Final = BusinessCalendar(
    "UTC",
    {
        day: (Slot(time(0), time(23, 59)),)
        for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    },
    frozenset(),
)
_HASTE: Final = (
    {"work": 0.0, "start": 0.0, "set": 0.5, "wait": 1.0, "occur": 0.0, "upset": 1.0, "close": 9.0},
    {"work": 0.5, "start": 0.0, "set": -4.0, "wait": 1.0, "occur": 0.5, "upset": 1.0, "close": 9.0},
    {"work": 4.0, "start": 0.0, "set": 2.0, "wait": -3.0, "occur": -1.0, "upset": 1.0, "close": 9.0},
    {"work": 4.0, "start": 1.0, "set": -0.5, "wait": 2.0, "occur": -3.0, "upset": 1.0, "close": 9.0},
    {"work": 3.0, "start": 0.0, "set": 0.0, "wait": 3.0, "occur": 4.0, "upset": -1.0, "close": 9.0},
    {"work": 0.0, "start": 3.0, "set": -1.0, "wait": 2.0, "occur": 2.0, "upset": 3.0, "close": 0.5},
)
"""What different lives do first: work, tell facts, wait, raise events, upset what is done, or close stages by hand.
What was done often comes later.
"""
_UPSETS: Final = (("active", "fault"), ("active", "suspend"), ("active", "terminate"), ("enabled", "disable"))
_MENDS: Final = {"suspended": "resume", "failed": "reactivate", "disabled": "reenable"}

Label = tuple[str, ...]
Command = c.Command


class Life(msgspec.Struct):
    """What became of one life: how it ended, and what had an effect in it."""

    status: str = "active"
    by_hand: bool = False
    """It repeats without end, and somebody ended it."""
    stuck: str = ""
    """Why it did not end."""
    created: set[str] = msgspec.field(default_factory=set)
    entered: set[str] = msgspec.field(default_factory=set)
    """Keys of items that were enabled, active or done."""
    started_at_once: set[str] = msgspec.field(default_factory=set)
    criteria: set[tuple[str, str]] = msgspec.field(default_factory=set)
    """Item and criterion that was met."""
    occurrences: set[str] = msgspec.field(default_factory=set)
    facts: set[str] = msgspec.field(default_factory=set)
    moves: int = 0
    state: CaseState = msgspec.field(default_factory=CaseState)
    history: list[tuple[Event, Stamp]] = []

    @property
    def ended(self) -> bool:
        return self.status in ("completed", "terminated") and not self.stuck

    def add(self, other: "Life") -> None:
        """Count in what had an effect in another life of the same case."""
        for name in ("created", "entered", "started_at_once", "criteria", "occurrences", "facts"):
            getattr(self, name).update(getattr(other, name))


def live(plan: Plan, seed: int) -> Life:
    """One life of a case under this plan; the same seed leads the same life."""
    return _Driver(plan, seed).live()


class _Driver:
    def __init__(self, plan: Plan, seed: int) -> None:
        self.plan = plan
        self.random = random.Random(seed)  # noqa: S311
        self.haste = _HASTE[seed % len(_HASTE)]
        self.now = _BEGIN
        self.actor = Actor("agent:1", "agent", "Ada", frozenset(plan.house.roles), frozenset(), frozenset(("service",)))
        self.history: list[tuple[Event, Stamp]] = []
        self.state = CaseState()
        self.used: Counter[Label] = Counter()
        self.values = dict(_values(plan))
        self.finished: dict[int, Item] = {}
        self.ids = count(5000)
        self.found = Life()

    def live(self) -> Life:
        given = self.plan.service_goal.start_form if self.plan.service_goal and self.haste["set"] < 0 else ()
        facts = {name: self.random.choice(self.values[name]) for name in given if self.values.get(name)}
        refused = self._do(c.OpenCase(case=1, customer=7, service_goal="x", version=1, facts=facts))
        while refused is None and self.state.status == "active" and self.found.moves < LONGEST:
            self.found.moves += 1
            if self.found.moves > PATIENCE and self._endless():
                self.found.by_hand = True
                refused = self._end_by_hand()
            elif not self._move():
                break
        self.found.status, self.found.state, self.found.history = self.state.status, self.state, self.history
        if refused is not None:
            self.found.stuck = refused.message
        elif not self.found.ended:
            open_items = ", ".join(f"{item.key} ({item.status})" for item in self.state.items.values())
            self.found.stuck = f"it waits after {self.found.moves} moves; open are: {open_items}"
        return self.found

    def _do(self, command: Command, actor: Actor | None = None) -> Refused | None:
        actor = actor or self.actor
        moment = Moment(self.now, actor, lambda key, version, house: self.plan, _ALWAYS, self.ids, self.finished)
        before = len(self.history)
        state = self._replay()
        outcome = decide(state, command, moment)
        if isinstance(outcome, Refused):
            return outcome
        stamp = Stamp(self.now, actor.id)
        self.history += [(event, stamp) for event in outcome]
        self.finished |= state.ended
        state.rest()
        self.state = state
        self._note(self.history[before:])
        return None

    def _replay(self) -> CaseState:
        """The state to decide on: decoded from its own encoding, as a snapshot is."""
        encoded = msgspec.msgpack.encode(self.state)
        return msgspec.msgpack.decode(encoded, type=CaseState)

    def _note(self, told: list[tuple[Event, Stamp]]) -> None:
        found = self.found
        for event, _ in told:
            match event:
                case e.ItemCreated():
                    found.created.add(event.key)
                    if event.status != "available":
                        found.entered.add(event.key)
                        found.started_at_once.add(event.key)
                case e.ItemTransitioned():
                    if event.status in ("active", "enabled", "completed"):
                        found.entered.add(event.key)
                    found.criteria.add((event.key, event.criterion))
                case e.FactSet():
                    found.facts.add(event.name)
            found.occurrences.update(occurrences_of(event, self._before(event)))

    def _before(self, event: Event) -> CaseState:
        """The facts before an event, as far as its occurrences ask for them."""
        if not isinstance(event, e.FactSet):
            return self.state
        state = CaseState()
        for earlier, stamp in self.history:
            if earlier is event:
                break
            if isinstance(earlier, e.FactSet):
                evolve(state, earlier, stamp)
        return state

    # -- moves -----------------------------------------------------------------------------------------------

    def _move(self) -> bool:
        """The move that was made least so far, among those that are accepted; False where there is none."""
        moves = list(self._moves())
        self.random.shuffle(moves)
        moves.sort(key=lambda move: self.used[move[0]] + move[1])
        for label, _, command, actor in moves:
            self.used[label] += 1
            if isinstance(command, datetime):
                self.now = command
                return True
            if self._do(command, actor) is None:
                return True
        return False

    def _moves(self) -> Iterator[tuple[Label, float, Any, Actor | None]]:
        turn = Turn(self.state, self.plan, self._moment())
        for item in self.state.items.values():
            yield from self._with_item(turn, item)
        for name, values in self.values.items():
            for value in values:
                known = self.state.facts.get(name)
                if known is None or str(known.value) != str(value):
                    yield ("set", name, str(value)), self.haste["set"], c.SetFacts(facts={name: value}), None
        for holder, key in plannable(turn):
            bias = 2.0 * self.state.counters[key].created if key in self.state.counters else 0.0
            yield ("plan", key), bias, c.PlanItem(key=key, into=holder.id), None
        due = sorted((moment, name) for name, moment in timers(self.state).items())
        if due and due[0][0] > self.now:
            yield ("wait",), self.haste["wait"], due[0][0], None
        elif due:
            yield ("due", due[0][1]), -100.0, c.TimerDue(timer=due[0][1]), PROGRAM

    def _with_item(self, turn: Turn, item: Item) -> Iterator[tuple[Label, float, Any, Actor | None]]:
        plan = self.plan.items.get(item.key)
        if plan is None:
            return
        if item.kind == "task" and item.status == "active":
            facts = {name: self.random.choice(self.values[name]) for name in item.form if self.values.get(name)}
            yield ("complete", item.key), self.haste["work"], c.CompleteTask(item=item.id, facts=facts), None
        if item.status == "enabled":
            yield (
                ("start", item.key),
                self.haste["start"] - 0.5,
                c.TransitItem(item=item.id, transition="manual start"),
                None,
            )
        if isinstance(plan.spec, ListenerSpec) and item.status == "available" and plan.spec.timer is None:
            yield ("occur", item.key), self.haste["occur"], c.TransitItem(item=item.id, transition="occur"), None
        if isinstance(plan.spec, StageSpec) and item.status == "active" and may_complete(turn, item) is None:
            yield ("complete", item.key), self.haste["close"], c.TransitItem(item=item.id, transition="complete"), None
        if item.status in _MENDS:
            step: Any = _MENDS[item.status]
            yield (step, item.key), 0.0, c.TransitItem(item=item.id, transition=step, reason="again"), None
        for status, upset in _UPSETS:
            # Only where somebody waits for it: what nobody waits for shows nothing.
            if item.status == status and self._is_heard(item, upset):
                step = upset
                yield (
                    (upset, item.key),
                    self.haste["upset"],
                    c.TransitItem(item=item.id, transition=step, reason="a trial"),
                    None,
                )

    def _is_heard(self, item: Item, transition: str) -> bool:
        words = {
            "fault": ("fault", "reactivate"),
            "suspend": ("suspend", "resume"),
            "terminate": ("terminate",),
            "disable": ("disable", "reenable"),
        }[transition]
        heard = [item.key + OF_ITEM[word] for word in words]
        if transition == "suspend" and item.kind == "stage":
            heard += [
                child.key + OF_ITEM[word]
                for child in self.state.children(item.id)
                for word in ("parent suspend", "parent resume")
            ]
        return any(word in self.plan.listeners for word in heard)

    def _moment(self) -> Moment:
        return Moment(self.now, self.actor, lambda key, version, house: self.plan, _ALWAYS, self.ids, self.finished)

    # -- what never ends by itself ---------------------------------------------------------------------------

    def _endless(self) -> bool:
        """Whether something is open that comes again whenever it ends, so that its stage never completes."""
        turn = Turn(self.state, self.plan, self._moment())
        return any(
            plan.repeat is not None and repeats(turn, item.key)
            for item in self.state.items.values()
            if (plan := self.plan.items.get(item.key)) is not None
        )

    def _end_by_hand(self) -> Refused | None:
        for item in self.state.items.values():
            plan = self.plan.items.get(item.key)
            if plan is not None and isinstance(plan.spec, StageSpec) and plan.spec.case_plan:
                if item.status != "active":
                    self._do(c.TransitItem(item=item.id, transition="resume"))
                return self._do(c.TransitItem(item=item.id, transition="terminate", reason="it repeats without end"))
        return Refused("not found", "The case plan is not open any more.")


# -- the values that facts are given -------------------------------------------------------------------------


def _values(plan: Plan) -> Iterator[tuple[str, list[Any]]]:
    """For each fact, the values that the plan's expressions tell apart."""
    expressions = list(_expressions(plan))
    for name, spec in plan.facts.items():
        texts = [one.text for one in expressions if name in one.reads]
        paths = {path for one in expressions for path in one.paths if path[0] == name and len(path) > 1}
        yield name, _of_type(spec.type, " ".join(texts), paths)


def _expressions(plan: Plan) -> Iterator[Expression]:
    for item in plan.items.values():
        for one in (item.repeat, item.required, item.manual, item.timer):
            if one is not None:
                yield one
        whens = [*(sentry.when for sentry in (*item.entry, *item.exit)), *(one.when for one in item.plannable)]
        yield from (when for when in whens if when is not None)


def _of_type(kind: str, text: str, paths: set[tuple[str, ...]]) -> list[Any]:
    numbers = [float(found) if "." in found else int(found) for found in re.findall(r"(?<![\w.\"])\d+(?:\.\d+)?", text)]
    words = re.findall(r'"([^"]*)"', text)
    match kind:
        case "boolean":
            return [True, False]
        case "number":
            return sorted({around for number in numbers or [1] for around in (number - 1, number, number + 1)})
        case "text":
            return list(dict.fromkeys([*words, "a word"]))
        case "days and time duration":
            return ["PT1H"]
        case "date":
            return ["2026-04-01"]
        case "date and time":
            return ["2026-04-01T10:00:00Z"]
        case "time":
            return ["10:00:00"]
        case "list of text":
            return [[*words, "a word"], [*words], []]
        case "list of number":
            return [numbers or [1], []]
        case "object":
            leaves = dict.fromkeys([True, *words[:6], *numbers[:3], *(number + 1 for number in numbers[:3]), "PT1H"])
            return [_object(paths, leaf) for leaf in (*leaves, False)] if paths else [{"note": 1}]
    if kind.startswith("list of"):
        return [[{"id": "1"}], [{"id": "1"}, {"id": "2"}], []]
    return []


def _object(paths: set[tuple[str, ...]], leaf: Any) -> dict[str, Any]:
    """An object whose members that are read all have this value."""
    made: dict[str, Any] = {}
    for path in sorted(paths):
        inside = made
        for part in path[1:-1]:
            below = inside.setdefault(part, {})
            inside = below if isinstance(below, dict) else {}
        inside[path[-1]] = leaf
    return made
