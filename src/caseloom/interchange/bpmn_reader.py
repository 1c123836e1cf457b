"""BPMN 2.0 as XML to a model of flows (BPMN 2.0.2 clause 15), with what was found on the way.

The file itself is kept, so that it can be written back with its diagram and the elements of other makers.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from lxml import etree
from msgspec.structs import replace

from caseloom.engine.spec.flow import (
    DataSpec,
    ElementSpec,
    EventDefinition,
    FlowModel,
    ProcessSpec,
    SequenceFlowSpec,
)
from caseloom.interchange.bpmn_events import definitions_of, message_of, unnamed
from caseloom.interchange.bpmn_expressions import expression, value
from caseloom.interchange.bpmn_loops import read_loop
from caseloom.interchange.bpmn_mappings import mappings_of
from caseloom.interchange.bpmn_names import BPMN, KINDS, OWN, SUB_PROCESSES, tag
from caseloom.interchange.bpmn_source import BpmnFault, Counts, Finding, Source
from caseloom.interchange.bpmn_unread import Coverage, coverage_of, say_unread
from caseloom.interchange.bpmn_work import read_work
from caseloom.interchange.hardened_xml import XmlFaulty, line_of, local_name, parse_xml, text_in

MAX_ELEMENTS = 100_000
"""Of XML elements in a file, diagram and extensions among them."""
MAX_NODES = 10_000
"""Of flow nodes and sequence flows in a file."""
MAX_NESTING = 30
"""Of sub-processes in sub-processes."""


@dataclass(frozen=True, slots=True)
class BpmnFile:
    """A file that was read: its model, its bytes, and what was found.

    `lines` leads from the id of a flow node, flow or process to its line. `coverage` counts BPMN's elements by name:
    how many there are, and how many mean something to a running flow.
    """

    model: FlowModel
    data: bytes
    findings: tuple[Finding, ...]
    lines: dict[str, int]
    coverage: Coverage
    counts: Counts


def read_bpmn(data: bytes, key: str = "") -> BpmnFile:
    """The model of a file, and what was found. `key` names the model; without one, its definitions' id does.

    Raises:
        BpmnFault: for what is no BPMN, too large, nested too deeply, or gives an id twice; with the line.
    """
    try:
        root = parse_xml(data)
    except XmlFaulty as fault:
        raise BpmnFault(fault.message, fault.line) from None
    if local_name(root) != "definitions" or etree.QName(root).namespace != BPMN:
        namespace = etree.QName(root).namespace or ""
        raise BpmnFault(
            f"<{local_name(root)}> is no <definitions> of BPMN 2.0; its namespace is {namespace!r}.", line_of(root)
        )
    _check_count(root)
    source = Source(root)
    _check_size(source)
    reader = _Reader(source)
    model = reader.model(key)
    lines = {name: line_of(node) for name, node in reader.places.items()}
    say_unread(source)
    findings = sorted(source.findings, key=lambda one: (one.line, one.message))
    return BpmnFile(model, data, tuple(dict.fromkeys(findings)), lines, coverage_of(source), source.counts)


def read_tree(root: etree._Element, key: str = "") -> tuple[FlowModel, dict[str, etree._Element]]:
    """The model of a tree that `read_bpmn` takes, and its elements by id. Raises `BpmnFault`."""
    reader = _Reader(Source(root))
    return reader.model(key), reader.places


def _check_count(root: etree._Element) -> None:
    count = sum(1 for _ in root.iter("*"))
    if count > MAX_ELEMENTS:
        raise BpmnFault(f"The file has {count} elements; at most {MAX_ELEMENTS} are taken.")


def _check_size(source: Source) -> None:
    flow = [node for node in source.nodes if local_name(node) in KINDS or local_name(node) == "sequenceFlow"]
    if len(flow) > MAX_NODES:
        raise BpmnFault(
            f"The file has {len(flow)} flow nodes and sequence flows; at most {MAX_NODES} are taken. Cut the process"
            " into several that call each other.",
            line_of(flow[MAX_NODES]),
        )
    for node in flow:
        if local_name(node) in SUB_PROCESSES:
            deep = sum(local_name(one) in SUB_PROCESSES for one in node.iterancestors())
            if deep >= MAX_NESTING:
                raise BpmnFault(f"Sub-processes are nested deeper than {MAX_NESTING}.", line_of(node))


class _Reader:
    """Reads the processes of one file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.places: dict[str, etree._Element] = {}
        self.counted: Counter[str] = Counter()
        self.participants = self._participants()
        self.associations = [one for one in source.nodes if one.tag == tag("association")]
        self.references: dict[str, etree._Element] = {}
        for one in source.nodes:
            if one.tag == tag("dataObjectReference") and one.get("name"):
                self.references.setdefault(one.get("dataObjectRef", ""), one)

    def model(self, key: str) -> FlowModel:
        source = self.source
        root = source.root
        processes: dict[str, ProcessSpec] = {}
        found = source.children(root, "process")
        for node in found:
            self._remember_names(node)
        for node in found:
            process = self._process(node)
            if process.id in processes:
                raise BpmnFault(f"The process id {process.id!r} is given twice.", line_of(node))
            processes[process.id] = process
        names = tuple(sorted(source.names))
        if names:
            processes = {one.id: replace(one, names=names) for one in processes.values()}
        for attribute in ("exporter", "exporterVersion", "targetNamespace", "expressionLanguage", "typeLanguage"):
            source.attribute(root, attribute)
        identity = source.attribute(root, "id")
        return FlowModel(
            key=key or identity or next(iter(processes), ""), title=source.name_of(root), processes=processes
        )

    def _remember_names(self, process: etree._Element) -> None:
        """Names of data that FEEL would not read as one name are known before the first expression."""
        for own in self.source.own(process, "flow"):
            self.source.names.update(text_in(one) for one in self.source.inside(own, (OWN,), ("name",)))
        for node in process.iter("{*}dataObject", "{*}dataObjectReference", "{*}property"):
            name = " ".join((node.get("name") or "").split())
            if etree.QName(node).namespace == BPMN and name and not name.startswith("__"):
                self.source.variable(name)

    # -- processes -------------------------------------------------------------------------------------------

    def _process(self, node: etree._Element) -> ProcessSpec:
        source = self.source
        key = self._id(node)
        elements: dict[str, ElementSpec] = {}
        flows: dict[str, SequenceFlowSpec] = {}
        data: list[DataSpec] = []
        lane_of, lanes = self._lanes(node)
        self._scope(node, "", elements, flows, data, lane_of)
        handlers = self._handlers(elements)
        for event, handler in handlers.items():
            elements[event] = replace(elements[event], handler=handler)
        source.children(node, "documentation", "correlationSubscription", "ioSpecification")
        return ProcessSpec(
            id=key,
            name=source.name_of(node) or self.participants.get(key, ""),
            executable=source.flag(node, "isExecutable"),
            elements=elements,
            flows=flows,
            data=tuple(data),
            lanes=lanes,
        )

    def _id(self, node: etree._Element) -> str:
        """The id of an element, or one made of its place among its kind."""
        key = self.source.attribute(node, "id")
        if not key:
            name = local_name(node)
            self.counted[name] += 1
            key = self.source.made_ids[node] = f"{name}_{self.counted[name]}"
            self.source.say(node, "warning", f"<{name}> has no id; {key!r} is taken.")
        self.places.setdefault(key, node)
        return key

    def _participants(self) -> dict[str, str]:
        """The names of participants by the ids of their processes."""
        source = self.source
        found: dict[str, str] = {}
        for collaboration in source.children(source.root, "collaboration"):
            for one in source.children(collaboration, "participant"):
                process = source.attribute(one, "processRef").rpartition(":")[2]
                found.setdefault(process, source.name_of(one))
        return found

    def _lanes(self, process: etree._Element) -> tuple[dict[str, str], tuple[str, ...]]:
        """The innermost lane of each flow node, and the names of all that are one or hold one (§10.8)."""
        source = self.source
        lane_of: dict[str, str] = {}
        names: list[str] = []
        scopes = [process, *process.iter(*(tag(kind) for kind in SUB_PROCESSES))]
        ahead = [box for scope in scopes for box in source.children(scope, "laneSet")]
        while ahead:
            box = ahead.pop(0)
            for lane in source.children(box, "lane"):
                name = source.name_of(lane)
                inner = source.children(lane, "childLaneSet")
                ahead += inner
                if not inner and name:
                    names.append(name)
                for one in source.children(lane, "flowNodeRef"):
                    lane_of[text_in(one).strip()] = name
        return lane_of, tuple(dict.fromkeys(name for name in (*names, *lane_of.values()) if name))

    def _handlers(self, elements: dict[str, ElementSpec]) -> dict[str, str]:
        """What each compensation boundary event leads to: by an association, not a sequence flow (§10.6.2)."""
        found = {}
        for node in self.associations:
            event, handler = node.get("sourceRef", ""), node.get("targetRef", "")
            if event in elements and handler in elements and _compensates(elements[event]):
                self.source.use(node)
                found[event] = handler
        return found

    # -- flow nodes ------------------------------------------------------------------------------------------

    def _scope(
        self,
        node: etree._Element,
        parent: str,
        elements: dict[str, ElementSpec],
        flows: dict[str, SequenceFlowSpec],
        data: list[DataSpec],
        lane_of: dict[str, str],
    ) -> None:
        """Reads what stands in a process or sub-process."""
        inside = self.source.children(node, *KINDS, "sequenceFlow", "dataObject", "property")
        self._data_references(node)
        for child in inside:
            if local_name(child) in ("dataObject", "property"):
                data += self._data(child, parent)
        for child in inside:
            name = local_name(child)
            if name == "sequenceFlow":
                flow = self._flow(child)
                self._unique(flow.id, child, flows, elements)
                flows[flow.id] = flow
            elif name in KINDS:
                element = self._element(child, name, parent, lane_of)
                self._unique(element.id, child, elements, flows)
                elements[element.id] = element
                if name in SUB_PROCESSES:
                    self._scope(child, element.id, elements, flows, data, lane_of)

    def _unique(self, key: str, node: etree._Element, *among: dict[str, Any]) -> None:
        if any(key in one for one in among):
            raise BpmnFault(f"The id {key!r} is given twice.", line_of(node))

    def _flow(self, node: etree._Element) -> SequenceFlowSpec:
        source = self.source
        self.source.child(node, "documentation")
        return SequenceFlowSpec(
            id=self._id(node),
            source=source.attribute(node, "sourceRef"),
            target=source.attribute(node, "targetRef"),
            name=source.name_of(node),
            condition=expression(source, source.child(node, "conditionExpression")),
        )

    def _data(self, node: etree._Element, parent: str) -> list[DataSpec]:
        source = self.source
        name = source.name_of(node)
        collection = source.flag(node, "isCollection")
        key = self._id(node)
        if local_name(node) == "dataObject" and not name:
            name = source.name_of(self.references[key]) if key in self.references else ""
        initial = next((value(source, own, source.attribute(own, "initial")) for own in source.own(node, "flow")), None)
        if not name or name == "__targetRef_placeholder":
            return []
        return [DataSpec(id=key, name=source.variable(name), parent=parent, initial=initial, collection=collection)]

    def _data_references(self, node: etree._Element) -> None:
        for one in self.source.children(node, "dataObjectReference"):
            self.source.attribute(one, "dataObjectRef")

    def _element(self, node: etree._Element, kind: str, parent: str, lane_of: dict[str, str]) -> ElementSpec:
        source = self.source
        key = self._id(node)
        work = read_work(source, node)
        inputs, outputs = mappings_of(source, node)
        outputs = (*outputs, *work.pop("outputs", ()))
        source.children(node, "incoming", "outgoing")
        fields: dict[str, Any] = {
            "id": key,
            "kind": kind,
            "name": source.name_of(node),
            "documentation": "\n".join(text_in(one).strip() for one in source.children(node, "documentation")),
            "parent": parent,
            "lane": lane_of.get(key, ""),
            "default": source.attribute(node, "default"),
            "loop": read_loop(source, node),
            "inputs": inputs,
            "outputs": outputs,
            "is_for_compensation": source.flag(node, "isForCompensation"),
            **work,
            **self._of_kind(node, kind),
        }
        return ElementSpec(**fields)

    def _of_kind(self, node: etree._Element, kind: str) -> dict[str, Any]:
        if kind.endswith("Event"):
            return self._event(node, kind)
        if kind in ("sendTask", "receiveTask"):
            return self._message_task(node, kind)
        if kind in ("eventBasedGateway", "complexGateway"):
            return self._gateway(node, kind)
        return self._sub_process(node, kind) if kind in SUB_PROCESSES else {}

    def _event(self, node: etree._Element, kind: str) -> dict[str, Any]:
        source = self.source
        fields: dict[str, Any] = {
            "definitions": definitions_of(source, node),
            "parallel_multiple": source.flag(node, "parallelMultiple"),
        }
        if kind == "boundaryEvent":
            fields["attached_to"] = source.attribute(node, "attachedToRef")
            fields["interrupting"] = source.flag(node, "cancelActivity", default=True)
        elif kind == "startEvent":
            fields["interrupting"] = source.flag(node, "isInterrupting", default=True)
        return fields

    def _message_task(self, node: etree._Element, kind: str) -> dict[str, Any]:
        source = self.source
        found = message_of(source, node, node)
        if found is None and kind == "receiveTask":
            found = EventDefinition(kind="message", name=unnamed(source, node, "message"))
        definitions = () if found is None else (found,)
        return {"definitions": definitions, "instantiate": source.flag(node, "instantiate")}

    def _gateway(self, node: etree._Element, kind: str) -> dict[str, Any]:
        source = self.source
        if kind == "complexGateway":
            return {"activation_condition": expression(source, source.child(node, "activationCondition"))}
        return {
            "instantiate": source.flag(node, "instantiate"),
            "parallel_events": source.attribute(node, "eventGatewayType") == "Parallel",
        }

    def _sub_process(self, node: etree._Element, kind: str) -> dict[str, Any]:
        source = self.source
        if kind != "adHocSubProcess":
            method = source.attribute(node, "method")
            if method and method != "##Compensate":
                source.say(node, "changed", f"The transaction's method {method!r}: it is undone by compensation.")
            return {"triggered_by_event": source.flag(node, "triggeredByEvent")}
        for one in source.zeebe(node, "adHoc"):
            source.say(one, "no effect", "People and rules choose what begins in an ad-hoc sub-process.")
        sequential = source.attribute(node, "ordering") == "Sequential"
        return {
            "ordering": "sequential" if sequential else "parallel",
            "completion_condition": expression(source, source.child(node, "completionCondition")),
            "cancel_remaining": source.flag(node, "cancelRemainingInstances", default=True),
        }


def _compensates(element: ElementSpec) -> bool:
    return element.kind == "boundaryEvent" and any(one.kind == "compensation" for one in element.definitions)
