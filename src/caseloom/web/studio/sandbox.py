"""A case in a sandbox: played by the engine alone, with a clock to turn. Nothing is stored but what was done.

What was done is told again at each look, so a step back is a shorter telling, and after a change of the draft the same
steps show what has become of them.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

import msgspec

from caseloom.cases.queries import CaseView
from caseloom.engine.calendar import BusinessCalendar
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.actor import PROGRAM, Actor
from caseloom.engine.case.clocks import timers
from caseloom.engine.case.decide import decide
from caseloom.engine.case.flow_commands import BroadcastSignal, CompleteWork, CorrelateMessage, RetryStep
from caseloom.engine.case.moves import Hand, hands_of
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState, Item
from caseloom.engine.case.terms import later, term_of
from caseloom.engine.case.turn import Moment
from caseloom.engine.case.ways import named, shortest_way
from caseloom.engine.flow.events import ElementPassed, NodeLeft
from caseloom.engine.rules.plan import Plan
from caseloom.sdk.stream import Recorded

MOST: Final = 200
"""Steps of one trial."""
RINGS: Final = 500
"""Timers that one turn of the clock lets come, at most."""
CUSTOMER: Final = "customer:1"
PORTAL: Final = "portal"
NAME: Final = "Maria Keller"
DOES: Final[dict[str, type[c.Command]]] = {
    kind.__name__: kind
    for kind in (
        c.ChooseOption, c.StartTask, c.CompleteTask, c.CancelTask, c.ResetTask, c.CreateTask, c.SetFacts, c.ReachGoal,
        c.WaiveGoal, c.AddGoal, c.SendMessage, c.RecordPerception, c.ConfirmOutcome, c.AnswerOffer, c.LinkContact,
        c.KeepPromise, c.ReopenCase, CompleteWork, CorrelateMessage, BroadcastSignal, RetryStep,
    )
}  # fmt: skip
"""What may be done in a sandbox."""
_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(CaseState).decode


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that was done: a command with its fields by a hand, or, with `until`, a turn of the clock."""

    does: str = ""
    fields: dict[str, Any] = {}
    hand: str = ""
    until: datetime | None = None


class Script(msgspec.Struct, frozen=True, omit_defaults=True):
    """A trial as it is kept between two looks. `version` is the published one that is played, 0 for the draft; with
    `drafts` the drafts of the models and the house are played with it. `practice` says that a newcomer practises.
    """

    begun: datetime
    channel: str = "phone"
    version: int = 0
    drafts: bool = False
    practice: bool = False
    hand: str = ""
    steps: tuple[Step, ...] = ()


class Dropped(msgspec.Struct, frozen=True):
    """A step of before that the case does not take any more, and why."""

    number: int
    step: Step
    why: str


class Written(msgspec.Struct, frozen=True):
    """A letter or message that would have gone out."""

    at: datetime
    subject: str
    text: str
    letter: str


class Play:
    """A case as a script tells it. `now` is where its clock stands."""

    def __init__(self, script: Script, plan: Plan, calendar: BusinessCalendar, me: Actor) -> None:
        self.script, self.plan, self.calendar = script, plan, calendar
        self.now = script.begun
        self.state = CaseState()
        self.history: list[Recorded] = []
        self.dropped: list[Dropped] = []
        self.letters: list[Written] = []
        self.hands = _hands(plan, me)
        self._finished: dict[int, Item] = {}
        self._ids = count(1_000_000)
        self.refused = self._open()
        for number, step in enumerate(script.steps if self.refused is None else ()):
            refused = self.tell(step)
            if refused is not None:
                self.dropped.append(Dropped(number, step, refused.message))

    @property
    def view(self) -> CaseView:
        """The case as the desk's own parts read it."""
        return CaseView(self.state, len(self.history), self.plan)

    def hand(self, key: str) -> Hand:
        """Who acts, by the actor's id; whoever works here where it is nobody's."""
        return self.hands.get(key) or next(iter(self.hands.values()))

    def tell(self, step: Step) -> Refused | None:
        """Do a step. Raises `msgspec.ValidationError` for fields that are none of its command."""
        if step.until is not None:
            self._turn(step.until)
            return None
        kind = DOES.get(step.does)
        if kind is None:
            return Refused("invalid", f"“{step.does}” cannot be done in a trial.")
        try:
            command = msgspec.convert(step.fields, kind, strict=False)
        except msgspec.ValidationError as fault:
            return Refused("invalid", str(fault))
        return self._do(command, self.hand(step.hand).actor)

    def way_on(self, step: Step, refused: Refused) -> Refused:
        """The refusal with the shortest legal way on as its next steps."""
        kind = DOES.get(step.does)
        if refused.code not in ("boundary", "data") or kind is None:
            return refused
        command = msgspec.convert(step.fields, kind, strict=False)
        actor = self.hand(step.hand).actor
        return named(refused, shortest_way(self.state, command, self._moment(actor)))

    def dues(self) -> list[datetime]:
        """When the clocks of the case come next."""
        return sorted(due for due in timers(self.state).values() if due > self.now)

    def until(self, how: str) -> datetime:
        """Where a turn of the clock leads: the next deadline, an hour, a business day, a week."""
        if how == "next":
            return next(iter(self.dues()), self.now + timedelta(hours=1))
        if how == "business day":
            return later(self.calendar, self.now, term_of("1 business day"))
        return self.now + {"week": timedelta(days=7), "day": timedelta(days=1)}.get(how, timedelta(hours=1))

    def marks(self, flow: int) -> tuple[list[str], list[str]]:
        """The elements of a running flow at which it waits, and those that it has passed."""
        running = self.state.flows.get(flow)
        active = [node.element for node in running.nodes.values() if node.id] if running is not None else []
        passed = {
            recorded.event.element
            for recorded in self.history
            if isinstance(recorded.event, ElementPassed | NodeLeft) and recorded.event.flow == flow
        }
        return active, sorted(passed)

    # --- the engine ---------------------------------------------------------------------------------------------------

    def _open(self) -> Refused | None:
        goal = self.plan.service_goal
        known = {spec.from_customer for spec in self.plan.facts.values() if spec.from_customer}
        portal = self.script.channel == PORTAL
        command = c.OpenCase(
            case=1,
            customer=1,
            service_goal=goal.service_goal if goal is not None else "",
            version=self.script.version or 1,
            house_version=1,
            channel="web form" if portal else self.script.channel,
            contact=1,
            contact_at=self.now,
            customer_facts={"name": NAME} if "name" in known else {},
        )
        return self._do(command, self.hand(CUSTOMER if portal else self.script.hand).actor)

    def _moment(self, actor: Actor) -> Moment:
        return Moment(self.now, actor, lambda *_: self.plan, self.calendar, self._ids, self._finished)

    def _do(self, command: c.Command, actor: Actor) -> Refused | None:
        before = _encode(self.state)
        decided = decide(self.state, command, self._moment(actor))
        if isinstance(decided, Refused):
            self.state = _decode(before)
            return decided
        for event in decided:
            self.history.append(Recorded(1, len(self.history) + 1, self.now, actor.id, event))
            if isinstance(event, e.MessageRequested):
                self.letters.append(Written(self.now, event.private.subject, event.private.text, event.letter))
        self._finished |= self.state.ended
        self.state.rest()
        self._deliver()
        return None

    def _deliver(self) -> None:
        """What goes out is accepted at once: nobody outside takes part."""
        for contact, message in list(self.state.messages.items()):
            if message.status == "requested":
                self._do(c.SettleMessage(contact=contact, status="accepted"), PROGRAM)

    def _turn(self, until: datetime) -> None:
        """Let the clocks come in their order, until then."""
        idle: set[tuple[str, datetime]] = set()
        for _ in range(RINGS):
            ahead = [
                (due, name) for name, due in timers(self.state).items() if (name, due) not in idle and due <= until
            ]
            if not ahead:
                break
            due, name = min(ahead)
            self.now = max(self.now, due)
            idle.add((name, due))
            self._do(c.TimerDue(timer=name), PROGRAM)
        self.now = max(self.now, until)


def _hands(plan: Plan, me: Actor) -> dict[str, Hand]:
    """Everybody who could act, by the actor's id. Whoever tries plays an agent first."""
    worker = Actor(me.id, "agent", me.name, frozenset(("agent",)))
    found = {hand.actor.id: hand for hand in hands_of(plan, worker)}
    found[CUSTOMER] = Hand(Actor(CUSTOMER, "customer"), "the customer")
    return found


def labels(play: Play, me: str) -> Iterator[tuple[str, str]]:
    """Everybody who could act: the actor's id, and who that is in words."""
    for key, hand in play.hands.items():
        yield key, hand.who or me


def told_by(play: Play, me: str) -> Mapping[int, str]:
    """Version of an event → who did it, in words."""
    who = dict(labels(play, me))
    return {recorded.version: who.get(recorded.actor, "") for recorded in play.history}
