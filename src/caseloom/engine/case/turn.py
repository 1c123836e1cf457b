"""A turn: one command being decided, with the state folded on as events come up."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Final

import msgspec

from caseloom.engine.calendar import BusinessCalendar
from caseloom.engine.case import boundaries
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.acts import Acts, acts_of
from caseloom.engine.case.evolve import Stamp, evolve
from caseloom.engine.case.occurrences import occurrences_of
from caseloom.engine.case.scope import CaseScope
from caseloom.engine.case.state import CaseState, Item
from caseloom.engine.flow.run import Run
from caseloom.engine.rules.plan import Plan, Trigger
from caseloom.engine.spec.history import Event

Plans = Callable[[str, int, int], Plan]
"""(service goal key, its version, version of the house rules) → plan; key and version are empty and 0 for a case from
nothing.
"""


def no_holidays(region: str) -> frozenset[date]:
    """Where nobody knows them."""
    return frozenset()


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
    calendars: Callable[[str], BusinessCalendar] | None = None
    """The calendar of a key, for clocks that name one; without it all run by `calendar`."""
    holidays: Callable[[str], frozenset[date]] = no_holidays
    """The public holidays of a region."""


Pending = tuple[Trigger, str | None]

_ALWAYS_DIRTY: Final[dict[type[Event], str]] = {
    e.PerceptionRecorded: "perception",
    e.OutcomeConfirmed: "customer has confirmed",
    e.OutcomeDenied: "customer has confirmed",
    e.CaseReopened: "customer has confirmed",
    p.GoalReset: "customer has confirmed",
    e.ContactLinked: "case",
    e.CaseOpened: "case",
    e.CaseClassified: "case",
}


_MOVING_CLOCKS: Final = frozenset((e.WaitingChanged, e.CaseResumed, e.CaseReopened))


class Turn:
    """The working place of one decision. `pending` are the rules that the events so far have touched; `override` is the
    reason for crossing a rule that the actor may cross, `overridden` the rules that were; while `world`, what happens
    is not ours to forbid.
    """

    def __init__(self, state: CaseState, plan: Plan, moment: Moment, override: str = "") -> None:
        self.state = state
        self.plan = plan
        self.now = moment.now
        self.actor = moment.actor
        self.moment = moment
        self.events: list[Event] = []
        self.pending: deque[Pending] = deque()
        self.stages: deque[int] = deque()
        self.parents: deque[int] = deque()
        self.flow_items: deque[tuple[Item, str]] = deque()
        """Tasks of flows that have been entered or have ended, and how."""
        self.sub_cases: deque[Item] = deque()
        """Tasks that have to ask for a case of their own."""
        self.flow_names: dict[str, None] = {}
        """What has a new value, for the conditional events of flows."""
        self.flows: Run | None = None
        self.clocks_move = False
        """Whether something has happened in this turn after which clocks have to stop or go on."""
        self.scope = self._new_scope()
        self.override = override
        self.overridden: set[str] = set()
        self.world = False
        self.doer = moment.actor.id
        self._stamp = Stamp(moment.now, moment.actor.id)

    def emit(self, event: Event) -> None:
        """Let it have happened: ask the boundaries, fold it, and queue the rules that read or wait for it.

        Raises:
            Crossed: a boundary rule forbids it.
        """
        plan, kind = self.plan, type(event)
        acts = self._watched(event) if plan.watched else ()
        about = self._about(event) if acts else ""
        if acts:
            boundaries.before(self, acts, about)
        name = event.name if isinstance(event, e.FactSet) else _ALWAYS_DIRTY.get(kind)
        unheard = not plan.listeners or (kind is e.FactSet and name not in plan.heard)
        occurrences = () if unheard else occurrences_of(event, self.state)
        evolve(self.state, event, self._stamp)
        self.events.append(event)
        if kind in _MOVING_CLOCKS:
            self.clocks_move = True
        if name is not None:
            self.touch(name)
        for occurrence in occurrences:
            for trigger in self.plan.listeners.get(occurrence, ()):
                scoped = trigger.part in ("item entry", "item exit")
                self.pending.append((trigger._replace(stage=self._stage_of(event)) if scoped else trigger, occurrence))
        if acts:
            boundaries.after(self, acts, about)
            for act in acts:
                self.pending.extend((trigger, None) for trigger in self.plan.awakens.get(act, ()))

    def tell(self, event: Event) -> None:
        """Let something have happened that no rule asks about and nothing waits for: a step of a flow."""
        evolve(self.state, event, self._stamp)
        self.events.append(event)

    def _watched(self, event: Event) -> Acts:
        acts = acts_of(event, self.state, self.actor.kind == "customer")
        return acts if any(act in self.plan.watched for act in acts) else ()

    def _stage_of(self, event: Event) -> int | None:
        """The stage in which something happened to an item; None for what did not happen inside one."""
        if not isinstance(event, e.ItemCreated | e.ItemTransitioned):
            return None
        item = self.state.items.get(event.item) or self.state.ended.get(event.item)
        return item.parent if item is not None else None

    def _about(self, event: Event) -> str:
        """The object that an event is about. A finished task that is reset is about its own still."""
        if isinstance(event, e.ItemCreated):
            return event.about
        number = getattr(event, "item", None) or 0
        item = self.state.items.get(number) or self.moment.finished.get(number)
        return item.about if item is not None else ""

    @contextmanager
    def as_world(self, by: str = "") -> Iterator[None]:
        """What happens in here has happened outside already: no rule can forbid it. `by` is whose doing it is, where it
        is not the actor's.
        """
        before, self.world, self.doer = (self.world, self.doer), True, by or self.doer
        try:
            yield
        finally:
            self.world, self.doer = before

    def later(self, since: datetime, term: str) -> datetime:
        """When a term has run out, in the case's calendar."""
        return boundaries.later_by(self, since, term)

    def touch(self, name: str) -> None:
        """What reads `name` has to be looked at again."""
        self.scope.forget(name)
        if self.state.flows:
            self.flow_names[name] = None
        for trigger in self.plan.readers.get(name, ()):
            self.pending.append((trigger, None))

    def next_id(self) -> int:
        """An id for a new goal, item or promise; the event that carries it moves the counter."""
        return self.state.last + 1

    def replan(self, plan: Plan) -> None:
        """Go on under another definition."""
        self.plan = plan
        self.scope = self._new_scope()

    def _new_scope(self) -> CaseScope:
        return CaseScope(self.state, self.plan.names, self.moment.actor, self.moment.now, self.moment.calendar.zone)
