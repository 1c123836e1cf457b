"""Sub-cases outside the engine: opened for the task that asks, and their end told to the case above."""

from collections.abc import Iterator
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

from caseloom.customers.queries import known_facts
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.engine.case.subcase_events import SubCaseAsked
from caseloom.engine.spec.values import from_tagged, from_wire
from caseloom.library.plans import house_version, latest
from caseloom.sdk.access import program
from caseloom.sdk.stream import Decided, Effect, Order, StreamKind
from caseloom.streams.effects import Attempt, Done, Failed, Outcome
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_history, read_state

OPEN: Final = "open sub-case"
TELL: Final = "tell parent"
END: Final = "end sub-case"
ME: Final = program("caseloom")


def sub_case_effects(decided: Decided) -> Iterator[Effect]:
    """Open what is asked for; tell the case above of an end; end what nobody waits for any more."""
    state: CaseState = decided.state
    for number, event in enumerate(decided.events, decided.version + 1):
        if isinstance(event, SubCaseAsked):
            yield Effect(OPEN, number)
        elif isinstance(event, e.CaseCompleted | e.CaseTerminated) and state.parent:
            yield Effect(TELL, number)
        elif isinstance(event, e.ItemTransitioned) and event.status == "terminated":
            item = state.ended.get(event.item)
            if item is not None and item.sub_case:
                yield Effect(END, number)


class OpeningSubCases:
    """Performs "open sub-case". Its number was given by the event, and its command by the attempt's event: so it is
    opened once.
    """

    def __init__(self, door: Door, kind: StreamKind[CaseState]) -> None:
        self._door, self._kind = door, kind

    def __call__(self, attempt: Attempt) -> Outcome:
        stored = read_state(self._door, self._kind, attempt.stream)
        [recorded] = read_history(self._door, self._kind, attempt.stream, attempt.version - 1, attempt.version)
        asked: SubCaseAsked = recorded.event
        if stored is None:
            return Done()
        version = latest(asked.service_goal)
        if not version:
            return self._fail(attempt, asked, f"The library offers no service goal “{asked.service_goal}”.")
        opening = c.OpenCase(
            case=asked.case,
            customer=stored[0].customer,
            service_goal=asked.service_goal,
            version=version,
            house_version=house_version(),
            channel=stored[0].channel,
            facts={name: from_tagged(wire) for name, wire in asked.private.facts.items()},
            customer_facts=known_facts(ME, stored[0].customer),
            parent=attempt.stream,
            parent_item=asked.item,
        )
        attempt.start()
        verdict = self._door.handle(Order("case", asked.case, opening, _id(attempt, "open"), ME))
        if isinstance(verdict, Refused) and verdict.code != "duplicate":
            return self._fail(attempt, asked, verdict.message)
        return Done()

    def _fail(self, attempt: Attempt, asked: SubCaseAsked, reason: str) -> Outcome:
        settling = c.SettleSubCase(item=asked.item, case=asked.case, status="failed", reason=reason)
        return _settled(self._door.handle(Order("case", attempt.stream, settling, _id(attempt, "failed"), ME)))


class TellingParents:
    """Performs "tell parent": the task that asked for a case learns how it ended, and what it knows."""

    def __init__(self, door: Door, kind: StreamKind[CaseState]) -> None:
        self._door, self._kind = door, kind

    def __call__(self, attempt: Attempt) -> Outcome:
        stored = read_state(self._door, self._kind, attempt.stream)
        if stored is None or not stored[0].parent:
            return Done()
        state = stored[0]
        settling = c.SettleSubCase(
            item=state.parent_item,
            case=state.id,
            status="completed" if state.status == "completed" else "terminated",
            reason="" if state.status == "completed" else "The case was ended before its goals.",
            facts={name: from_wire(fact.type, fact.value) for name, fact in state.facts.items()},
        )
        return _settled(self._door.handle(Order("case", state.parent, settling, _id(attempt, "tell"), ME)))


class EndingSubCases:
    """Performs "end sub-case": nobody waits for it any more."""

    def __init__(self, door: Door, kind: StreamKind[CaseState]) -> None:
        self._door, self._kind = door, kind

    def __call__(self, attempt: Attempt) -> Outcome:
        history = read_history(self._door, self._kind, attempt.stream, 0, attempt.version)
        if not history:
            return Done()
        ended = history[-1].event
        asked = [one.event for one in history if isinstance(one.event, SubCaseAsked) and one.event.item == ended.item]
        for case in {one.case for one in asked}:
            ending = c.TerminateCase(reason="The case that asked for this one needs it no longer.")
            verdict = self._door.handle(Order("case", case, ending, _id(attempt, f"end {case}"), ME))
            if isinstance(verdict, Refused) and verdict.code not in ("closed", "not found", "boundary"):
                return Failed(retry=True, reason=verdict.code)
        return Done()


def _settled(verdict: object) -> Outcome:
    """A task that waits no longer, or a case that is gone, has nothing to be told."""
    if isinstance(verdict, Refused) and verdict.code not in ("duplicate", "closed", "not found"):
        return Failed(retry=True, reason=verdict.code)
    return Done()


def _id(attempt: Attempt, what: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"{what} {attempt.stream} {attempt.version}")
