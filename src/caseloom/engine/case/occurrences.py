"""Which occurrences an event is, in the words by which sentries and reactions wait (`engine.spec.occurrences`)."""

from collections.abc import Sequence
from typing import Any

from caseloom.engine.case import clock_events as k
from caseloom.engine.case import events as e
from caseloom.engine.case.state import CaseState
from caseloom.engine.spec.history import Event
from caseloom.engine.spec.occurrences import BY, OF_FACT, OF_ITEM, WARNED, late_by


def occurrences_of(event: Event, state: CaseState) -> tuple[str, ...]:
    """What sentries and reactions may wait for in this event. `state` is the case before it."""
    match event:
        case e.ItemTransitioned():
            return _of_transition(event) if event.key else ()
        case e.ItemCreated():
            return _of_new(event) if event.key else ()
        case e.FactSet():
            return _of_fact(event, state)
        case e.GoalReached():
            return (event.key, "any goal") if event.key else ("any goal",)
        case e.GoalCancelled() | e.GoalWaived():
            return (f"{event.key} is cancelled",)
        case e.GoalBreached() | e.TaskLate():
            return (f"{event.key} is late",)
        case e.GoalAdded():
            return (f"{event.key} is added",)
        case e.ContactLinked(direction="in"):
            return ("any contact",)
        case e.ContactLinked(automatic=False):
            return ("any answer",)
        case e.PerceptionRecorded():
            return ("any perception",)
        case e.CaseCompleted() | e.CaseTerminated():
            return ("case closed",)
        case _:
            return _of_clock(event)


def _of_clock(event: Event) -> tuple[str, ...]:
    match event:
        case e.GoalWarned() | k.TaskWarned():
            return (event.key + WARNED,) if event.key else ()
        case k.GoalEscalated() | k.TaskEscalated():
            return (late_by(event.key, event.term),) if event.key else ()
    return ()


def _of_transition(event: e.ItemTransitioned) -> tuple[str, ...]:
    """A transition's own word; however an item ended before it was done, it `is cancelled`."""
    if event.status == "completed":
        return (event.key,)
    own = (event.key + OF_ITEM[event.transition],) if event.transition in OF_ITEM else ()
    by = (f"{event.key}{BY}{event.criterion}",) if event.criterion else ()
    return (f"{event.key} is cancelled", *own, *by) if event.status == "terminated" else own


def _of_new(event: e.ItemCreated) -> tuple[str, ...]:
    """What nothing holds back is started, or enabled, as it comes (CMMN 1.1 §8.4.2)."""
    created = event.key + OF_ITEM["create"]
    match event.status:
        case "active":
            return (created, event.key + OF_ITEM["start"])
        case "enabled":
            return (created, event.key + OF_ITEM["enable"])
    return (created,)


def _of_fact(event: e.FactSet, state: CaseState) -> tuple[str, ...]:
    """CMMN 1.1 §8.3. A value comes as a whole, so one that takes the place of another is both its update and its
    replacement; members of a list are its children and its references.
    """
    known = state.facts.get(event.name)
    before = known.value if known is not None else None
    after = event.private.value if event.personal else event.value
    if before is None:
        says = ["create"]
    elif after is None:
        says = ["delete"]
    else:
        says = ["update", "replace"]
    if event.type.startswith("list of "):
        says += _members(before or (), after or ())
    return tuple(event.name + OF_FACT[one] for one in says)


def _members(before: Sequence[Any], after: Sequence[Any]) -> list[str]:
    gained = any(member not in before for member in after) or len(after) > len(before)
    lost = any(member not in after for member in before) or len(after) < len(before)
    more = ["addChild", "addReference"] if gained else []
    return more + (["removeChild", "removeReference"] if lost else [])
