"""Laying in the demo's past: simulated lives, through the batch door, at their own moments, resumable.

Each command has an id that follows from the seed, the life's number and the step. So a run that was killed is simply
repeated: the door answers what has happened already with its first answer, and goes on behind it.
"""

import dataclasses
import heapq
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

from caseloom.engine.case.refusal import Refused
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Answer, Context, Order, StreamKind
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_history

WINDOW: Final = 120
"""Lives that go on side by side: one batch takes the next steps of each."""


@dataclass(frozen=True)
class PastOrder(Order):
    """A command that was given at a moment of its own."""

    at: datetime = dataclasses.field(kw_only=True)


class PastDoor(Door):
    """The door to the same streams, at which each command comes at its own moment and nothing goes outside."""

    def __init__(self, door: Door) -> None:
        quiet = [dataclasses.replace(kind, effects=lambda decided: ()) for kind in door.kinds.values()]
        super().__init__(quiet, door.keyring, door.clock, door.ids)

    def _context(self, kind: StreamKind[Any], order: Order) -> Context:
        context = super()._context(kind, order)
        return dataclasses.replace(context, now=order.at) if isinstance(order, PastOrder) else context


@dataclass(frozen=True)
class Step:
    """What a life does next: a command to a stream, at a moment, by somebody."""

    kind: str
    stream: int
    command: Any
    at: datetime
    access: Access


Steps = Generator[Sequence[Step], Sequence[Answer], None]
"""A life: it gives its next steps, and is told the answers, each with its events."""


class StepRefused(Exception):
    """The door refused what a simulated life did: the simulation does not know the rules that are in force."""

    def __init__(self, step: Step, refused: Refused) -> None:
        super().__init__(f"{step.command} at {step.at} by {step.access.actor.id}: {refused.code}: {refused.message}")


class History:
    """The events that repeated commands brought when they came first."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._groups: dict[int, Mapping[UUID, tuple[Any, ...]]] = {}

    def events(self, kind: str, stream: int, command: UUID) -> tuple[Any, ...]:
        if stream not in self._groups:
            self._groups[stream] = self._read(kind, stream)
        return self._groups[stream].get(command, ())

    def forget(self, stream: int) -> None:
        self._groups.pop(stream, None)

    def _read(self, kind: str, stream: int) -> Mapping[UUID, tuple[Any, ...]]:
        groups: dict[UUID, list[Any]] = {}
        current: list[Any] = []
        for recorded in read_history(self._door, self._door.kinds[kind], stream):
            if recorded.command is not None:
                current = groups.setdefault(recorded.command, [])
            current.append(recorded.event)
        return {command: tuple(events) for command, events in groups.items()}


class Running:
    """A life on its way: which steps it waits for an answer to, and how many it has taken."""

    def __init__(self, name: str, steps: Steps) -> None:
        self._name, self._steps, self._taken = name, steps, count()
        self.next: list[tuple[UUID, Step]] = []

    def go_on(self, answers: Sequence[Answer] | None = None) -> bool:
        """Take the answers and say the next steps; False at the end."""
        try:
            steps = next(self._steps) if answers is None else self._steps.send(answers)
        except StopIteration:
            return False
        self.next = [(uuid5(NAMESPACE_OID, f"{self._name} {next(self._taken)}"), step) for step in steps]
        return True


Planned = tuple[datetime, str, Callable[[], Steps]]
"""A life that is to begin: when, its name, and how."""


class Past:
    """Runs lives in the order in which they begin, many side by side."""

    def __init__(self, door: Door, progress: Callable[[int], None] = lambda ended: None) -> None:
        self._door = PastDoor(door)
        self._history = History(self._door)
        self._planned: list[Planned] = []
        self._progress = progress
        self._ended = 0

    def plan(self, begins: datetime, name: str, life: Callable[[], Steps]) -> None:
        """Let a life begin at this moment; a running one may plan another."""
        heapq.heappush(self._planned, (begins, name, life))

    def run(self) -> int:
        """Live all lives to their ends; how many there were.

        Raises:
            StepRefused: a life did what the rules forbid.
        """
        running: list[Running] = []
        while running or self._planned:
            while self._planned and len(running) < WINDOW:
                _, name, life = heapq.heappop(self._planned)
                begun = Running(name, life())
                if begun.go_on():
                    running.append(begun)
            running = self._round(running)
        return self._ended

    def _round(self, running: list[Running]) -> list[Running]:
        orders = [self._order(command, step) for life in running for command, step in life.next]
        verdicts = iter(self._door.handle_many(orders))
        going_on = []
        for life in running:
            answers = [self._answer(command, step, next(verdicts)) for command, step in life.next]
            if life.go_on(answers):
                going_on.append(life)
            else:
                self._ended += 1
                self._progress(self._ended)
        return going_on

    @staticmethod
    def _order(command: UUID, step: Step) -> PastOrder:
        return PastOrder(step.kind, step.stream, step.command, command, step.access, at=step.at)

    def _answer(self, command: UUID, step: Step, verdict: Answer | Refused) -> Answer:
        if isinstance(verdict, Refused):
            raise StepRefused(step, verdict)
        if not verdict.repeated:
            return verdict
        events = self._history.events(step.kind, verdict.stream, command)
        return dataclasses.replace(verdict, events=events)
