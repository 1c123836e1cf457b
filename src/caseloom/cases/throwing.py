"""Messages and signals that leave their case: handed to the flows of other cases that wait for them (BPMN 2.0.2
§8.4.11), by jobs, after the event that threw them has committed.
"""

from collections.abc import Iterable
from uuid import NAMESPACE_OID, UUID, uuid5

from caseloom.cases.flow_queries import waiting_for
from caseloom.cases.kind import CASES
from caseloom.engine.case.flow_commands import BroadcastSignal, CorrelateMessage
from caseloom.engine.flow.events import MessageThrown, SignalThrown
from caseloom.engine.spec.values import from_tagged
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Order
from caseloom.streams.door import the_door
from caseloom.streams.effects import Attempt, Done, Outcome
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_history

BATCH = 200


class Throwing:
    """Performs the effects `throw message` and `throw signal`. A command id made of the throwing event keeps a case
    from hearing the same twice.
    """

    def __init__(self, access: Access, door: Door | None = None) -> None:
        self._access, self._door = access, door

    def __call__(self, attempt: Attempt) -> Outcome:
        door = self._door or the_door()
        [recorded] = read_history(door, CASES, attempt.stream, attempt.version - 1, attempt.version)
        thrown = recorded.event
        attempt.start()
        if isinstance(thrown, MessageThrown):
            deliver_message(door, self._access, thrown, attempt)
        elif isinstance(thrown, SignalThrown):
            _send(door, self._access, waiting_for(self._access, "signal", thrown.name), _signal(thrown), attempt)
        return Done()


def deliver_message(door: Door, access: Access, thrown: MessageThrown, attempt: Attempt) -> None:
    """A message goes to one: the case that has waited longest."""
    private = thrown.private
    values = {name: from_tagged(value) for name, value in private.variables.items()}
    command = CorrelateMessage(name=thrown.name, key=private.key, values=values)
    for case in waiting_for(access, "message", thrown.name, private.key, 20):
        if case != attempt.stream and _send(door, access, [case], command, attempt):
            return


def _signal(thrown: SignalThrown) -> BroadcastSignal:
    values = {name: from_tagged(value) for name, value in thrown.private.variables.items()}
    return BroadcastSignal(name=thrown.name, values=values)


def _send(
    door: Door, access: Access, cases: Iterable[int], command: CorrelateMessage | BroadcastSignal, attempt: Attempt
) -> int:
    orders = [Order("case", case, command, _id(attempt, case), access) for case in cases if case != attempt.stream]
    accepted = 0
    for start in range(0, len(orders), BATCH):
        verdicts = door.handle_many(orders[start : start + BATCH])
        accepted += sum(hasattr(verdict, "version") for verdict in verdicts)
    return accepted


def _id(attempt: Attempt, case: int) -> UUID:
    return uuid5(NAMESPACE_OID, f"thrown {attempt.stream} {attempt.version} {case}")
