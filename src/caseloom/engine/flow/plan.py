"""A process made ready to run: every step knows its neighbours, and every expression is compiled.

Steps point to each other, so that a token finds its way without looking anything up. They are built once by the
compiler and never changed afterwards.
"""

from collections.abc import Mapping

import msgspec

from caseloom.engine.decision.published import PublishedModel
from caseloom.engine.feel import Expression
from caseloom.engine.spec.flow import ElementSpec, EventDefinition, LoopSpec, ProcessSpec


class Sequence:
    """A sequence flow."""

    __slots__ = ("condition", "id", "source", "target")

    def __init__(self, id: str, source: "Step", target: "Step", condition: Expression | None) -> None:
        self.id, self.source, self.target, self.condition = id, source, target, condition

    def __repr__(self) -> str:
        return f"Sequence({self.id}: {self.source.id} → {self.target.id})"


class Definition(msgspec.Struct, frozen=True):
    """An event definition with its expressions compiled."""

    spec: EventDefinition
    timer: Expression | None = None
    condition: Expression | None = None
    correlation: Expression | None = None


class LoopPlan(msgspec.Struct, frozen=True):
    """A loop with its expressions compiled."""

    spec: LoopSpec
    condition: Expression | None
    cardinality: Expression | None
    collection: Expression | None
    output: Expression | None
    completion: Expression | None


class Step:
    """A flow node, or the process itself (`id` empty, `spec` a sub-process without a parent).

    `out` and `into` are its sequence flows; `branches` says that some of `out` have conditions. `boundary` are the
    events on it, `events` the event sub-processes in it, `inner` all flow nodes straight in it, `start` its none start
    event, `starts` the others. `joins` says that it is a gateway that waits for several tokens; `reach` leads from each
    of its incoming flows to the ids of the nodes from which that flow can still be reached without passing it. `task`
    is the key of the case's task that a user task is, which the definition around the process gives it. `passes` says
    that nothing of an activity outlasts the moment, so that no token rests on it; `plain` that a user task gives its
    task nothing of its own.
    """

    __slots__ = (
        "activation", "assignee", "boundary", "branches", "called", "candidates", "compensable", "completion",
        "decision", "default", "definitions", "due", "events", "fields", "handler", "headers", "id", "inner", "inputs",
        "into", "joins", "kind", "loop", "out", "outputs", "parent", "passes", "plain", "reach",
        "retries", "script", "spec", "start", "starts", "task", "title",
    )  # fmt: skip

    def __init__(self, spec: ElementSpec) -> None:
        self.spec = spec
        self.id, self.kind, self.title = spec.id, spec.kind, spec.name or spec.id
        self.out: tuple[Sequence, ...] = ()
        self.into: tuple[Sequence, ...] = ()
        self.default: Sequence | None = None
        self.branches = False
        self.task = ""
        self.passes = False
        self.plain = False
        self.joins = False
        self.compensable = False
        self.boundary: tuple[Step, ...] = ()
        self.events: tuple[Step, ...] = ()
        self.inner: tuple[Step, ...] = ()
        self.parent: Step | None = None
        self.start: Step | None = None
        self.starts: tuple[Step, ...] = ()
        self.handler: Step | None = None
        self.definitions: tuple[Definition, ...] = ()
        self.inputs: tuple[tuple[str, Expression], ...] = ()
        self.outputs: tuple[tuple[str, Expression], ...] = ()
        self.headers: tuple[tuple[str, Expression], ...] = ()
        self.fields: tuple[tuple[str, Expression], ...] = ()
        self.loop: LoopPlan | None = None
        self.reach: dict[str, frozenset[str]] = {}
        self.activation: Expression | None = None
        self.completion: Expression | None = None
        self.script: Expression | None = None
        self.called: Expression | None = None
        self.assignee: Expression | None = None
        self.candidates: Expression | None = None
        self.due: Expression | None = None
        self.retries: Expression | None = None
        self.decision: tuple[PublishedModel, str] | None = None

    def __repr__(self) -> str:
        return f"Step({self.kind} {self.id})"


class FlowPlan:
    """A process, compiled: `steps` by id, `root` the process itself; `readers` leads from a name to the conditional
    events that read it.
    """

    __slots__ = ("_joining", "readers", "root", "spec", "steps")

    def __init__(
        self, spec: ProcessSpec, root: Step, steps: Mapping[str, Step], readers: Mapping[str, tuple[Step, ...]]
    ) -> None:
        self.spec, self.root, self.steps, self.readers = spec, root, steps, readers
        self._joining = frozenset(step.parent.id for step in steps.values() if step.joins and step.parent is not None)

    def joins_in(self, scope: str) -> bool:
        """Whether gateways stand in a scope (its id, empty for the process) at which tokens wait for each other."""
        return scope in self._joining


Flows = Mapping[str, FlowPlan]
"""The processes that a definition may run, by their id."""
