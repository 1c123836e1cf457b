"""What a BPMN process says, as plain data (BPMN 2.0.2, formal/2013-12-09).

Names are BPMN's own, with underscores. Every expression is FEEL (DMN 1.5, clause 10.3): what a file says in another
language is translated when it is read. Ids are those of the file, unique within a process. Nothing here is compiled or
checked beyond its type: `engine.flow.compiler` does that.
"""

from typing import Literal

import msgspec

ElementKind = Literal[
    "startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "endEvent",
    "exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway",
    "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask",
    "callActivity", "subProcess", "adHocSubProcess", "transaction",
]  # fmt: skip
"""The flow nodes that a token may stand on (§10.2 to §10.6)."""

EventKind = Literal[
    "message", "timer", "signal", "error", "escalation", "conditional", "link", "terminate", "cancel", "compensation"
]
"""What an event's definition says; an event without definitions is a none event (§10.5.5)."""


class Spec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The base of all parts of a process: immutable, keyword only."""


class TimerSpec(Spec, frozen=True, kw_only=True):
    """When a timer comes (§10.5.5, timer event definition). `value` is FEEL and gives an ISO 8601 text, a moment, a
    duration, or a term of ours (`"4 business hours"`); a cycle is `R3/PT10H`, or a cron line of five or six fields.
    """

    kind: Literal["date", "duration", "cycle"]
    value: str


class EventDefinition(Spec, frozen=True, kw_only=True):
    """What an event waits for or brings about (§10.5.5)."""

    kind: EventKind
    name: str = ""
    """Of a message, signal or link its name; of an error or escalation its code, empty for any."""
    timer: TimerSpec | None = None
    condition: str | None = None
    correlation: str | None = None
    """FEEL: the key by which a message finds the flow that waits for it (§8.4.2); evaluated when the wait begins, or
    when the message is thrown.
    """
    activity: str = ""
    """Of a compensation: the activity that is compensated; empty for all of the scope (§10.6.2)."""
    topic: str = ""
    """A message that an external worker sends instead: what it fetches."""
    code_variable: str = ""
    """Where a caught error's or escalation's code is kept."""
    message_variable: str = ""
    """Where a caught error's message is kept."""


class Mapping(Spec, frozen=True, kw_only=True):
    """One assignment: the value of FEEL `source` becomes `target` (data association, §10.4.2)."""

    target: str
    source: str


class LoopSpec(Spec, frozen=True, kw_only=True):
    """A loop marker (§10.3.8): `standard` repeats one after another while `condition` holds; multi-instance runs once
    for each of `collection`, or `cardinality` times.
    """

    kind: Literal["standard", "parallel", "sequential"]
    condition: str | None = None
    test_before: bool = False
    maximum: int | None = None
    cardinality: str | None = None
    collection: str | None = None
    element: str = ""
    """The variable that holds the instance's own member of the collection."""
    output_collection: str = ""
    output_element: str | None = None
    completion: str | None = None
    """The completion condition: when true after an instance has ended, the others are cancelled. It may read
    `numberOfInstances`, `numberOfActiveInstances`, `numberOfCompletedInstances`, `numberOfTerminatedInstances`.
    """


class FieldSpec(Spec, frozen=True, kw_only=True):
    """A field of a user task's form."""

    name: str
    label: str = ""
    type: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    initial: str | None = None
    """FEEL."""


class DecisionCall(Spec, frozen=True, kw_only=True):
    """The decision of a business rule task (§10.3.4)."""

    decision: str
    model: str = ""


class ElementSpec(Spec, frozen=True, kw_only=True):
    """A flow node. Which fields speak depends on `kind`."""

    id: str
    kind: ElementKind
    name: str = ""
    documentation: str = ""
    parent: str = ""
    """The id of the sub-process it stands in; empty for the process itself."""
    lane: str = ""
    """The name of the innermost lane: the role or team that does it (§10.8)."""
    default: str = ""
    """The default sequence flow (§8.4.13)."""
    loop: LoopSpec | None = None
    inputs: tuple[Mapping, ...] = ()
    """Evaluated when it is entered, into variables of its own (§10.4.2)."""
    outputs: tuple[Mapping, ...] = ()
    """Evaluated when it completes, into the variables around it."""
    is_for_compensation: bool = False

    definitions: tuple[EventDefinition, ...] = ()
    parallel_multiple: bool = False
    """All its definitions have to occur, not one of them (§10.5.6)."""
    attached_to: str = ""
    interrupting: bool = True
    """Of a boundary event (`cancelActivity`) and of the start event of an event sub-process (`isInterrupting`)."""
    handler: str = ""
    """The activity that a compensation boundary event leads to (§10.6.2)."""

    activation_condition: str | None = None
    """Of a complex gateway (§10.6.5); may read `activationCount`."""
    instantiate: bool = False
    """Of an event-based gateway or a receive task without incoming flow: it starts the process (§10.6.6)."""
    parallel_events: bool = False
    """Of an instantiating event-based gateway: all its events have to come."""

    triggered_by_event: bool = False
    """An event sub-process (§10.3.5)."""
    ordering: Literal["parallel", "sequential"] = "parallel"
    """Of an ad-hoc sub-process."""
    completion_condition: str | None = None
    cancel_remaining: bool = True

    assignee: str | None = None
    """FEEL: the id of who does a user task."""
    candidate_groups: str | None = None
    """FEEL: the roles or teams that may do it, as a list or a text with commas."""
    candidate_users: str | None = None
    """FEEL: the ids of people who may do it besides, as a list or a text with commas."""
    due: str | None = None
    """FEEL: by when it is to be done; as a timer's value."""
    form: tuple[FieldSpec, ...] = ()
    task: str = ""
    """The key of the service goal's own task that a user task is: its form, rules and script hold here too."""
    topic: str = ""
    """What an external worker fetches (service, send, business rule and script tasks that are done outside)."""
    retries: str | None = None
    """FEEL: how often a worker may fail before it becomes an incident."""
    headers: tuple[Mapping, ...] = ()
    """Fixed words for the worker."""
    script: str | None = None
    """FEEL of a script task, or of a service task that is an expression."""
    result: str = ""
    """The variable that the result of script, decision or worker goes to."""
    decision: DecisionCall | None = None
    map_result: Literal["", "singleEntry", "singleResult", "collectEntries", "resultList"] = ""
    """How a decision's result is handed on; empty as it is."""
    called: str | None = None
    """FEEL: the id of the process that a call activity runs (§10.3.6)."""
    inherits: bool = False
    """Of a call activity: all variables go in; `returns`: all come back."""
    returns: bool = False


class SequenceFlowSpec(Spec, frozen=True, kw_only=True):
    """A sequence flow (§8.4.13)."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None


class DataSpec(Spec, frozen=True, kw_only=True):
    """A data object or property: a variable of the scope that it stands in (§10.4.1)."""

    id: str
    name: str
    parent: str = ""
    initial: str | None = None
    """FEEL."""
    collection: bool = False


class ProcessSpec(Spec, frozen=True, kw_only=True):
    """A process: its flow nodes in the order of the file, by id."""

    id: str
    name: str = ""
    executable: bool = True
    elements: dict[str, ElementSpec] = {}
    flows: dict[str, SequenceFlowSpec] = {}
    data: tuple[DataSpec, ...] = ()
    lanes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Variables that FEEL reads as one name only when it knows them, such as `first-name`."""


class FlowModel(Spec, frozen=True, kw_only=True):
    """All processes of one file, by id."""

    key: str
    title: str = ""
    processes: dict[str, ProcessSpec] = {}
