"""Which acts an event is, in the words of `engine.spec.acts`: `complete pay the refund`, `set card status`, `close`."""

from typing import Final

from caseloom.engine.case import clock_events as k
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.state import CaseState
from caseloom.engine.spec.history import Event

Acts = tuple[str, ...]


def acts_of(event: Event, state: CaseState, customer: bool) -> Acts:
    """The acts that this event is, the more exact one first. `state` is the case before it; `customer` says that the
    customer does it.
    """
    match event:
        case e.ItemTransitioned():
            return _of_item(event, customer)
        case e.ItemCreated(kind="task" | "stage"):
            return _of_new(event)
        case e.FactSet():
            return (f"set {event.name}",)
        case e.MessageRequested():
            return (f"send {event.letter}", "send") if event.letter else ("send",)
        case e.ContactLinked(automatic=False):
            return _of_contact(event, state)
        case e.OutcomeConfirmed() | e.OutcomeDenied():
            said = "confirm" if isinstance(event, e.OutcomeConfirmed) else "deny"
            by_silence = isinstance(event, e.OutcomeConfirmed) and event.by_silence
            return (said,) if by_silence else (said, "customer answers")
        case e.OfferAnswered():
            return (f"{_ANSWERS[event.outcome]} {event.offer}",) if event.outcome in _ANSWERS else ()
        case e.OfferMade():
            return (f"offer {event.offer}",)
        case e.OptionChosen():
            return (f"choose {event.option}",)
        case _:
            return _of_others(event)


_ANSWERS: Final = {"accepted": "accept", "declined": "decline"}
_OF_ITEMS: Final = {
    "complete": "complete",
    "occur": "complete",
    "start": "start",
    "manual start": "start",
    "terminate": "cancel",
    "exit": "leave",
    "parent terminate": "leave",
}
_OF_GOALS: Final[dict[type[Event], str]] = {
    e.GoalReached: "reach",
    e.GoalWaived: "waive",
    e.GoalCancelled: "cancel",
    e.GoalAdded: "add",
    e.GoalWarned: "warn",
    e.GoalBreached: "late",
    k.TaskWarned: "warn",
    e.TaskLate: "late",
    e.TaskReset: "reset",
    p.StageReset: "reset",
    p.GoalReset: "reset",
    p.ItemModified: "modify",
    p.GoalModified: "modify",
    p.ItemDeleted: "delete",
    p.GoalDeleted: "delete",
}
_OF_CASE: Final[dict[type[Event], str]] = {
    e.CaseOpened: "open",
    e.CaseClassified: "classify",
    e.CaseCompleted: "close",
    e.CaseTerminated: "close",
    e.CaseReopened: "reopen",
    e.CaseSuspended: "suspend",
    e.CaseHandedOver: "hand over",
    e.PromiseMade: "promise",
    e.PromiseKept: "keep promise",
    e.PromiseBroken: "break promise",
    e.NoteAdded: "note",
    e.PerceptionRecorded: "rate",
}


def _of_item(event: e.ItemTransitioned, customer: bool) -> Acts:
    """What leaves with its stage or goal (`exit`) is nobody's act, and only moves what waits for it."""
    verb = _OF_ITEMS.get(event.transition)
    if verb is None or not event.key:
        return ()
    own = customer and verb == "complete" and event.kind == "task"
    return (f"{verb} {event.key}", "customer answers") if own else (f"{verb} {event.key}",)


def _of_new(event: e.ItemCreated) -> Acts:
    """What nothing holds back is started as it comes. What is made up on the spot has no key to speak of it by."""
    if not event.key:
        return (f"improvise {event.kind}",) if event.by_hand and event.instead_of is None else ()
    if event.kind == "stage" and not event.by_hand:
        return ()
    return (f"create {event.key}", f"start {event.key}") if event.status == "active" else (f"create {event.key}",)


def _of_contact(event: e.ContactLinked, state: CaseState) -> Acts:
    if event.direction == "out":
        return ("answer",)
    # The first that we hear is no answer, unless we wrote first.
    return ("hear", "customer answers") if state.contacts_in or state.contacts_out else ("hear",)


def _of_others(event: Event) -> Acts:
    if isinstance(event, p.OptionDropped):
        return (f"drop {event.option}",)
    if isinstance(event, p.OptionCreated):
        return ("improvise option",)
    if isinstance(event, e.GoalAdded) and not event.key:
        return ("improvise goal",) if event.by_hand else ()
    verb = _OF_GOALS.get(type(event))
    if verb is not None:
        key: str = getattr(event, "key", "")
        return (f"{verb} {key}",) if key else ()
    plain = _OF_CASE.get(type(event))
    return (plain,) if plain is not None else ()
