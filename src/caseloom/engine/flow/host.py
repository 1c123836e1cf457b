"""What flows need of the case that they run in."""

from collections.abc import Mapping, Sized
from datetime import datetime
from typing import Protocol

from caseloom.engine.feel import Value
from caseloom.engine.flow.plan import FlowPlan, Step
from caseloom.engine.flow.state import Flow, FlowStatus
from caseloom.engine.spec.history import Event


class Host(Protocol):
    """The case, as a running flow sees it."""

    now: datetime
    flows: dict[int, Flow]
    """The running flows, by id; `emit` folds into them."""

    @property
    def scope(self) -> Mapping[str, Value]:
        """What the names of the case stand for."""

    def emit(self, event: Event) -> None:
        """Let it have happened."""

    def tell(self, event: Event) -> None:
        """Let it have happened, an event that moves nothing in the state."""

    def plan(self, process: str) -> FlowPlan | None:
        """The process of this id, where the definition has it."""

    def next_flow(self) -> int:
        """A fresh id for a flow."""

    def declares(self, name: str) -> bool:
        """Whether this is a fact of the case, and no variable of flows."""

    def record(self, name: str, value: Value, element: str) -> str:
        """Record a fact; why a rule forbids it, or empty."""

    def open_task(self, flow: Flow, node: int, step: Step, given: "TaskGiven") -> int:
        """A task for a person; its number in the case."""

    def close_task(self, item: int) -> None:
        """The flow needs this task no longer."""

    def is_open(self, item: int) -> bool:
        """Whether a task has not ended yet."""

    @property
    def zone(self) -> str:
        """The zone of the clock on the wall, for cron lines."""

    def business_later(self, since: datetime, term: str) -> datetime:
        """When a term such as `4 business hours` has run out. Raises `ValueError` for what is no term."""

    def ended(self, flow: Flow, status: FlowStatus) -> None:
        """A flow that no other called has ended."""

    @property
    def waiting(self) -> tuple[Sized, Sized]:
        """What of the case is to be looked at before the flows go on: while one of these is not empty, they wait."""


class TaskGiven:
    """What a flow says of a task that it opens: evaluated when it is entered. `business` says that the time until `due`
    counts in business time.
    """

    __slots__ = ("assignee", "business", "due", "groups", "values")

    def __init__(
        self,
        assignee: str,
        groups: tuple[str, ...],
        due: datetime | None,
        values: Mapping[str, Value],
        business: bool = False,
    ) -> None:
        self.assignee, self.groups, self.due, self.values = assignee, groups, due, values
        self.business = business
