"""The events of a case as steps that can be learned: what was done, by whom, and what was known of the case then.

A step is something that somebody did and could do again: `complete KEY`, `choose OPTION`, `send LETTER`. What the
customer does is a step too, as it tells what comes next. What follows by itself is none.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.history import Event
from caseloom.learning.steps.step import Outcome, Step
from caseloom.sdk.stream import Recorded

CHANNEL: Final = "channel"
OPEN: Final = "open"
"""The first step of a case, and of one that gets another service goal."""
CUSTOMER: Final = "customer"
"""Whatever customer it is: who they are is nothing to learn from."""
FACTS_AT_MOST: Final = 10
GOOD: Final = 4
"""A rating from here on is a good one."""
LONGEST: Final = 60
"""Characters of a fact's value that are looked at."""

Zone = Callable[[datetime], datetime]
"""A moment in the zone of the house."""


class CaseView(msgspec.Struct):
    """What is known of an open case while its events go by; nothing personal."""

    service_goal: str = ""
    version: int = 0
    house_version: int = 0
    channel: str = ""
    facts: dict[str, str] = {}
    late: bool = False
    score: int | None = None
    steps: int = 0


def telling_facts(plan: Plan) -> tuple[str, ...]:
    """The facts that may tell the next step: those declared so; without any, plain choices and yes or no, which hold
    no words. What is personal is never learned from: it is sealed in the events that are followed.
    """
    declared = [name for name, spec in plan.facts.items() if spec.telling and not spec.personal]
    plain = [
        name
        for name, spec in plan.facts.items()
        if not spec.personal and (spec.choices or spec.type in ("boolean", "yes or no"))
    ]
    return tuple((declared or plain)[:FACTS_AT_MOST])


def settle(view: CaseView, event: Event) -> None:
    """Take what an event tells of the case itself."""
    match event:
        case e.CaseOpened():
            view.service_goal, view.version, view.house_version = event.service_goal, event.version, event.house_version
            view.channel = event.channel
        case e.CaseClassified():
            view.service_goal, view.version = event.service_goal, event.version
        case e.FactSet():
            if event.value is not None:
                view.facts[event.name] = str(event.value)[:LONGEST]
        case e.GoalBreached():
            view.late = True
        case e.PerceptionRecorded():
            view.score = event.score
        case _:
            pass


def outcome_of(view: CaseView, event: Event) -> Outcome | None:
    """How the case has ended, where this event ends it."""
    if isinstance(event, e.CaseCompleted):
        return Outcome(reached=True, in_time=not view.late, rated_well=_rated(view))
    if isinstance(event, e.CaseTerminated | e.CaseFailed | e.CaseClosed):
        return Outcome(reached=False, in_time=False, rated_well=_rated(view))
    return None


def _rated(view: CaseView) -> bool | None:
    return None if view.score is None else view.score >= GOOD


def step_of(view: CaseView, recorded: Recorded, facts: tuple[str, ...], local: Zone) -> Step | None:
    """The step that an event is, or None. `facts` are those that are looked at."""
    action = action_of(recorded.event, recorded.actor)
    if not action:
        return None
    known: Mapping[str, str] = {CHANNEL: view.channel, **{name: view.facts.get(name, "") for name in facts}}
    actor = CUSTOMER if recorded.actor.startswith("customer:") else recorded.actor
    return Step(action, local(recorded.at), actor, known)


def action_of(event: Event, actor: str) -> str:
    """What somebody did by an event, as advice names it; empty for what follows by itself."""
    by_person = actor.startswith(("agent:", "customer:"))
    match event:
        case e.ItemTransitioned(kind="task", status="completed") if event.key:
            return f"complete {event.key}"
        case e.ItemTransitioned(kind="task", transition="terminate") if event.key:
            return f"cancel {event.key}"
        case e.ItemCreated(kind="task", by_hand=True) if event.key:
            return f"create {event.key}"
        case e.ItemCreated(kind="task", by_hand=True):
            return "create a task of one's own"
        case e.OptionChosen():
            return f"choose {event.option}"
        case e.MessageRequested(automatic=False) if by_person:
            return f"send {event.letter}" if event.letter else "write"
        case e.ContactLinked(direction="in", automatic=False):
            return "customer writes"
        case e.PromiseMade() if by_person:
            return "promise"
        case _:
            return _rarer(event, by_person)


def _rarer(event: Event, by_person: bool) -> str:
    match event:
        case e.GoalReached() if by_person and event.key:
            return f"reach {event.key}"
        case e.GoalWaived() if event.key:
            return f"waive {event.key}"
        case e.GoalAdded(by_hand=True) if event.key:
            return f"add {event.key}"
        case e.CaseOpened() | e.CaseClassified():
            return OPEN
        case e.CaseHandedOver() if by_person and event.team:
            return f"hand over to {event.team}"
        case e.TaskReset() if event.key:
            return f"reset {event.key}"
        case p.OptionDropped():
            return f"drop {event.option}"
        case e.PerceptionRecorded():
            return "customer rates " + ("well" if event.score >= GOOD else "badly" if event.score <= 2 else "so-so")
        case e.OutcomeDenied():
            return "customer is not content"
        case _:
            return ""
