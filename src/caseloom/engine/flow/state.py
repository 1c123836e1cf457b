"""The state of running flows, as the case's snapshot holds it.

A flow holds what is active: instances of its elements (*nodes*), one for each place where a token rests. What passes
without resting leaves events alone. Node 0 is the process itself; the nodes inside a scope (the process, a
sub-process, the body of a loop) name it. Finished flows leave the state.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from caseloom.engine.spec.flow import EventKind

ROOT = 0
"""The node that is the process itself."""

NodeStatus = Literal["active", "failed", "compensating"]
FlowStatus = Literal["completed", "terminated", "failed"]


class Wait(msgspec.Struct, array_like=True, frozen=True):
    """One thing that a node waits for. `element` is what happens then: the node's own element, a boundary event on it,
    the start event of an event sub-process in it, or an event behind an event-based gateway.
    """

    element: str
    kind: EventKind
    name: str = ""
    due: datetime | None = None
    every: str = ""
    """Of a timer that comes again: the length between, or the cron line."""
    left: int = 0
    """How often it comes again after this time; -1 without end."""
    counts: Literal["plain", "business", "calendar"] = "plain"
    """What a timer counts: time by the clock on the wall, business time, or none: it names moments of the calendar."""


class Loop(msgspec.Struct, array_like=True, frozen=True):
    """How far the body of a loop or multi-instance activity has come; `total` is -1 where nobody knows yet."""

    total: int
    started: int = 0
    completed: int = 0
    terminated: int = 0
    members: tuple[Any, ...] = ()
    """The collection, in wire form."""
    outputs: tuple[Any, ...] = ()


class Work(msgspec.Struct, array_like=True, frozen=True):
    """What an external worker is to do. While `worker` is set it is theirs until `until`; with no worker, nobody may
    fetch it before `until`.
    """

    topic: str
    retries: int = 3
    worker: str = ""
    until: datetime | None = None


class Done(msgspec.Struct, array_like=True, frozen=True):
    """An activity that has completed and could be compensated: with its variables then, and, of a sub-process, what in
    it could be (BPMN 2.0.2 §10.6.2).
    """

    node: int
    element: str
    variables: dict[str, Any] = {}
    done: tuple["Done", ...] = ()


class Node(msgspec.Struct, array_like=True):
    """An element's instance. `scope` is the node that it stands in (-1 for the process itself)."""

    id: int
    element: str
    scope: int = -1
    status: NodeStatus = "active"
    item: int = 0
    """The case's task that a person does."""
    waits: tuple[Wait, ...] = ()
    keys: tuple[str, ...] = ()
    """The correlation key of each wait; empty where it has none."""
    variables: dict[str, Any] = {}
    """Its own variables, in the wire form of a value whose type nobody declares."""
    arrived: tuple[str, ...] = ()
    """Of a gateway that joins: the sequence flows whose token has come."""
    resetting: bool = False
    """Of a complex gateway: it has fired, and waits for the tokens that are still on their way (§10.6.5)."""
    loop: Loop | None = None
    index: int = 0
    """Of an instance of a loop: which one, from 1."""
    flow: int = 0
    """Of a call activity: the flow that it called."""
    work: Work | None = None
    done: tuple[Done, ...] = ()
    """Of a scope: what has completed in it and could be compensated."""
    todo: tuple[Done, ...] = ()
    """Of what compensates: what is still to be compensated, in this order."""
    returns: int = -1
    """The compensating node that goes on when this one is left."""
    children: int = 0
    """How many nodes stand in it."""
    note: str = ""
    """What its incident says."""
    interrupted: bool = False
    """Of a scope: an interrupting event sub-process has taken it over."""


class Flow(msgspec.Struct, array_like=True):
    """A running process."""

    id: int
    process: str
    item: int = 0
    """The case's task that runs it; 0 when another flow called it."""
    caller: int = 0
    caller_node: int = 0
    nodes: dict[int, Node] = {}
    last: int = 0
    """The last id given to a node."""

    def inside(self, scope: int) -> list[Node]:
        """The nodes that stand straight in a scope."""
        return [node for node in self.nodes.values() if node.scope == scope]
