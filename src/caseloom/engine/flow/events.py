"""What happens to a flow, as it is told in the history of its case.

`element` is the id in the process, `node` the instance in the flow. One event tells of one element: `NodeEntered` and
`NodeLeft` where a token rests, `ElementPassed` where it does not. Values of variables are personal, and are sealed.
"""

from datetime import datetime
from typing import Any, Literal

from caseloom.engine.flow.state import FlowStatus, Loop, NodeStatus, Wait, Work
from caseloom.engine.spec.flow import ElementKind
from caseloom.engine.spec.history import Event, Private


class VariablesPrivate(Private, frozen=True):
    variables: dict[str, Any] = {}


class KeysPrivate(Private, frozen=True):
    keys: tuple[str, ...] = ()
    variables: dict[str, Any] = {}


class MessagePrivate(Private, frozen=True):
    message: str = ""


class ThrownPrivate(Private, frozen=True):
    key: str = ""
    variables: dict[str, Any] = {}


class ValuePrivate(Private, frozen=True):
    value: Any = None


class FlowStarted(Event, frozen=True, kw_only=True):
    """A process begins; `waits` are the triggers of its event sub-processes, or of the events that are to start it."""

    stored = "flow_started.1"
    flow: int
    process: str
    item: int = 0
    caller: int = 0
    caller_node: int = 0
    waits: tuple[Wait, ...] = ()
    private: KeysPrivate = KeysPrivate()


class NodeEntered(Event, frozen=True, kw_only=True):
    """A token rests on an element."""

    stored = "node_entered.1"
    flow: int
    node: int
    element: str
    kind: ElementKind
    scope: int
    status: NodeStatus = "active"
    item: int = 0
    waits: tuple[Wait, ...] = ()
    arrived: tuple[str, ...] = ()
    loop: Loop | None = None
    index: int = 0
    work: Work | None = None
    todo: tuple[int, ...] = ()
    """What it compensates, by the nodes that have completed in the scope `todo_of`, in this order."""
    todo_of: int = -1
    returns: int = -1
    """The compensating node whose next piece of work this is."""
    private: KeysPrivate = KeysPrivate()


class NodeLeft(Event, frozen=True, kw_only=True):
    """The token goes on from an element, or is taken from it. `taken` are the sequence flows by which it goes on."""

    stored = "node_left.1"
    flow: int
    node: int
    element: str
    kind: ElementKind
    how: Literal["completed", "terminated", "skipped", "compensated", "cancelled"] = "completed"
    taken: tuple[str, ...] = ()
    compensable: bool = False
    private: VariablesPrivate = VariablesPrivate()


class ElementPassed(Event, frozen=True, kw_only=True):
    """A token has passed an element without resting; `joined` are the tokens that a gateway took together."""

    stored = "element_passed.1"
    flow: int
    element: str
    kind: ElementKind
    scope: int
    taken: tuple[str, ...] = ()
    node: int = 0
    """The gateway's node, where tokens had rested on it before."""
    joined: tuple[str, ...] = ()
    resetting: bool | None = None


class TokenArrived(Event, frozen=True, kw_only=True):
    """One more token rests at a gateway that joins."""

    stored = "token_arrived.1"
    flow: int
    node: int
    element: str
    by: str


class VariableSet(Event, frozen=True, kw_only=True):
    """A variable of a scope has a new value."""

    stored = "variable_set.1"
    flow: int
    node: int
    name: str
    private: ValuePrivate = ValuePrivate()


class WaitsChanged(Event, frozen=True, kw_only=True):
    """What a node waits for from now on."""

    stored = "waits_changed.1"
    flow: int
    node: int
    element: str
    waits: tuple[Wait, ...] = ()
    interrupted: bool = False
    private: KeysPrivate = KeysPrivate()


class LoopMoved(Event, frozen=True, kw_only=True):
    """The body of a loop has come further."""

    stored = "loop_moved.1"
    flow: int
    node: int
    element: str
    started: int
    completed: int
    terminated: int
    adds: bool = False
    private: ValuePrivate = ValuePrivate()
    """What the instance that has completed adds to the output collection."""


class IncidentRaised(Event, frozen=True, kw_only=True):
    """A step could not be done: it waits until somebody repairs what is wrong."""

    stored = "incident_raised.1"
    flow: int
    node: int
    element: str
    private: MessagePrivate = MessagePrivate()


class IncidentResolved(Event, frozen=True, kw_only=True):
    stored = "incident_resolved.1"
    flow: int
    node: int
    element: str
    private: MessagePrivate = MessagePrivate()


class StepTreated(Event, frozen=True, kw_only=True):
    """Somebody has steered a flow by hand, and says why."""

    stored = "step_treated.1"
    flow: int
    element: str
    how: Literal["skipped", "moved", "repeated"]
    to: str = ""
    private: MessagePrivate = MessagePrivate()


class WorkMoved(Event, frozen=True, kw_only=True):
    """A worker took, lost, gave back or failed what is to be done outside."""

    stored = "work_moved.1"
    flow: int
    node: int
    element: str
    retries: int
    worker: str = ""
    until: datetime | None = None
    private: MessagePrivate = MessagePrivate()


class MessageThrown(Event, frozen=True, kw_only=True):
    """A flow has said a message, for whoever waits for it (BPMN 2.0.2 §8.4.11)."""

    stored = "message_thrown.1"
    flow: int
    element: str
    name: str
    caught: bool = False
    """A flow of this very case waited for it."""
    private: ThrownPrivate = ThrownPrivate()


class SignalThrown(Event, frozen=True, kw_only=True):
    """A flow has given a signal, for all who wait for it."""

    stored = "signal_thrown.1"
    flow: int
    element: str
    name: str
    private: VariablesPrivate = VariablesPrivate()


class ErrorThrown(Event, frozen=True, kw_only=True):
    """An error or escalation goes up from an element; `caught` names who takes it, empty when nobody does."""

    stored = "error_thrown.1"
    flow: int
    element: str
    kind: Literal["error", "escalation"]
    code: str
    caught: str = ""
    private: MessagePrivate = MessagePrivate()


class FlowEnded(Event, frozen=True, kw_only=True):
    stored = "flow_ended.1"
    flow: int
    process: str
    status: FlowStatus = "completed"


FLOW_EVENTS: tuple[type[Event], ...] = (
    FlowStarted, NodeEntered, NodeLeft, ElementPassed, TokenArrived, VariableSet, WaitsChanged, LoopMoved,
    IncidentRaised, IncidentResolved, StepTreated, WorkMoved, MessageThrown, SignalThrown, ErrorThrown, FlowEnded,
)  # fmt: skip
"""All that the history of a case may hold of flows."""
