"""Trying rules on what has happened: a case's history is told once more, with the rules listening.

Nothing is decided anew. What people and programs did stands; the trial says which of these commands the rules would
have refused, what they would have held back or done, and which of their terms would have run out.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final, Literal

import msgspec

from caseloom.engine.case import boundaries, settle
from caseloom.engine.case import events as e
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.boundaries import Crossed
from caseloom.engine.case.decisions import DECISION
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState, Item
from caseloom.engine.case.turn import Moment, Turn
from caseloom.engine.rules.order import Memory
from caseloom.engine.rules.plan import Plan, Trigger
from caseloom.engine.rules.watching import without
from caseloom.engine.spec.history import Event

Outcome = Literal["refused", "held", "fired", "broken"]
GIVEN_BY_NOBODY: Final = ("definition", "customer record")
"""Sources of facts that come with the case."""
RULES: Final = (e.ReactionFired, e.RuleRested, e.RuleAdvanced, e.RuleBroken, e.RuleOverridden)


class Step(msgspec.Struct, frozen=True):
    """One command of a history: the version of its first event, who sent it and when, and what it led to."""

    version: int
    actor: Actor
    at: datetime
    events: tuple[Event, ...]


class Finding(msgspec.Struct, frozen=True):
    """What a rule would have done at a step: refused its command, held back what came by itself, fired as a reaction;
    or its term would have run out.
    """

    outcome: Outcome
    rule: str
    version: int
    at: datetime
    facts: dict[str, str] = {}


def trial(plan: Plan, rules: Collection[str], steps: Iterable[Step], moment: Moment) -> list[Finding]:
    """What the plan's rules of these sentences would have done in this history, in its order.

    `moment` gives plans, calendar and ids, and until when terms run; time and actor are those of each step. After a
    command that would have been refused the history goes on as it was, so what is found behind the first refusal is
    what *would* come next only if somebody had overridden it.
    """
    told = list(steps)
    court = _heard(plan, rules, told, moment)
    if told:
        court.end(told[-1], moment.now)
    return court.found


def memories(plan: Plan, rules: Collection[str], steps: Iterable[Step], moment: Moment) -> dict[str, dict[str, Memory]]:
    """Where these rules of order and time stand after this history: sentence → id of the object → memory."""
    return {rule: found for rule, found in _heard(plan, rules, steps, moment).orders.items() if rule in rules}


def _heard(plan: Plan, rules: Collection[str], steps: Iterable[Step], moment: Moment) -> "_Court":
    court = _Court(only(plan, frozenset(rules)), frozenset(rules), moment)
    for step in steps:
        court.hear(step)
    return court


def only(plan: Plan, rules: Collection[str]) -> Plan:
    """The plan with the rules of these sentences alone, and nothing else that listens."""
    bare = without(plan, plan.sentences - frozenset(rules))

    def rules_alone(triggers: Iterable[Trigger]) -> tuple[Trigger, ...]:
        return tuple(trigger for trigger in triggers if trigger.part in ("boundary", "data", "reaction"))

    return msgspec.structs.replace(
        bare,
        awakens={},
        readers={name: rules_alone(triggers) for name, triggers in bare.readers.items()},
        listeners={name: rules_alone(triggers) for name, triggers in bare.listeners.items()},
    )


class _Court:
    def __init__(self, plan: Plan, rules: Collection[str], moment: Moment) -> None:
        self.found: list[Finding] = []
        self._plan, self._rules, self._moment = plan, rules, moment
        self._state = CaseState()
        self._finished: dict[int, Item] = {}

    @property
    def orders(self) -> dict[str, dict[str, Memory]]:
        return self._state.orders

    def hear(self, step: Step) -> None:
        turn = self._turn(step)
        self._run_out(turn, step)
        first = next((event for event in step.events if not isinstance(event, RULES)), None)
        decided = {event.item for event in step.events if isinstance(event, e.DecisionMade)}
        by = self._sender(first)
        for event in step.events:
            if isinstance(event, RULES) and event.rule in self._rules:
                continue
            turn.world = self._is_world(step.events, event)
            turn.doer = by if by and isinstance(event, e.ContactLinked | e.ItemTransitioned) else step.actor.id
            self._tell(turn, step, event, "held" if _by_itself(event, event is first, decided) else "refused")
        turn.world = False
        self._at_rest(turn, step)
        self._finished |= self._state.ended
        self._state.rest()

    def _sender(self, first: Event | None) -> str:
        """Whose doing it is that a letter has arrived: that of who sent it."""
        message = self._state.messages.get(first.contact) if isinstance(first, e.MessageSettled) else None
        return message.by if message is not None else ""

    def end(self, last: Step, now: datetime) -> None:
        """What has run out since the last command, and nobody did anything about."""
        until = msgspec.structs.replace(last, at=max(now, last.at), events=())
        self._run_out(self._turn(until), until)

    def _turn(self, step: Step) -> Turn:
        moment = msgspec.structs.replace(self._moment, now=step.at, actor=step.actor, finished=self._finished)
        return Turn(self._state, self._plan, moment)

    def _tell(self, turn: Turn, step: Step, event: Event, outcome: Outcome) -> None:
        try:
            turn.emit(event)
        except Crossed as crossed:
            self._find(outcome, step, crossed.refused)
            with turn.as_world():
                if crossed.folded is not None:
                    boundaries.after(turn, *crossed.folded)
                else:
                    turn.emit(event)

    def _at_rest(self, turn: Turn, step: Step) -> None:
        touched = list(dict.fromkeys(turn.pending))
        turn.pending.clear()
        for trigger, occurrence in touched:
            if trigger.part == "reaction":
                rule = settle.due(turn, trigger, occurrence)
                if rule is not None:
                    turn.emit(e.ReactionFired(rule=rule.key, says=rule.spec.says))
                    self.found.append(Finding("fired", rule.spec.says, step.version, step.at))
                continue
            refused = settle.look(turn, trigger, occurrence)
            if refused is not None:
                self._find("refused", step, refused)

    def _run_out(self, turn: Turn, step: Step) -> None:
        for name, due in boundaries.timers(self._state).items():
            if due < step.at:
                seen = len(turn.events)
                boundaries.expire(turn, name)
                self.found += [
                    Finding("broken", event.rule, step.version, due)
                    for event in turn.events[seen:]
                    if isinstance(event, e.RuleBroken)
                ]

    def _find(self, outcome: Outcome, step: Step, refused: Refused) -> None:
        facts = {name: str(value) for name, value in refused.facts.items()}
        self.found.append(Finding(outcome, refused.rule or refused.message, step.version, step.at, facts))

    def _is_world(self, events: tuple[Event, ...], event: Event) -> bool:
        """Whether the engine would not have asked: see `Turn.as_world`."""
        if isinstance(event, e.FactSet):
            return event.source in GIVEN_BY_NOBODY or self._follows_from_world(events, event.source)
        if isinstance(event, e.CaseReopened):
            return any(isinstance(other, e.ContactLinked) for other in events)
        if not isinstance(event, e.ItemTransitioned) or event.status != "completed":
            return False
        task = self._plan.task(event.key)
        waited = task is not None and task.kind == "wait" and any(isinstance(o, e.ContactLinked) for o in events)
        return waited or (task is not None and task.kind == "letter" and isinstance(events[0], e.MessageSettled))

    def _follows_from_world(self, events: tuple[Event, ...], source: str) -> bool:
        """Whether a fact was set by a task that the world completed."""
        done = [event for event in events if isinstance(event, e.ItemTransitioned) and source == f"task {event.key}"]
        return any(self._is_world(events, event) for event in done)


def _by_itself(event: Event, first: bool, decided: Collection[int]) -> bool:
    """Whether the engine, had the rule forbidden it, would have waited with it instead of refusing the command. `first`
    says that it is what the command asked for; `decided` are the tasks that a decision model did.
    """
    match event:
        case e.CaseCompleted():
            return True
        case e.GoalReached():
            return not first
        case e.ItemTransitioned(status="completed", kind="stage" | "milestone"):
            return True
        case e.ItemTransitioned(status="completed"):
            return event.item in decided
        case e.FactSet():
            return event.source.startswith(DECISION)
        case _:
            return False
