"""A changed model into the file that it was read from: what did not change stays as it stands, and so do the diagram
and what other makers put beside.
"""

from collections.abc import Iterable
from typing import Any

from lxml import etree

from caseloom.engine.spec.flow import ElementSpec, FlowModel, ProcessSpec
from caseloom.interchange.bpmn_diagram import Diagram
from caseloom.interchange.bpmn_elements import (
    GROUPS,
    append,
    extensions,
    own_box,
    set_or_remove,
    write_data,
    write_documentation,
    write_element,
    write_flow,
)
from caseloom.interchange.bpmn_names import BPMN, DEFINITIONS, OWN, VENDORS, ZEEBE, tag
from caseloom.interchange.bpmn_source import BpmnFault
from caseloom.interchange.hardened_xml import text_in

Places = dict[str, etree._Element]
"""The elements of a file by the ids that the reader gave them."""


class Roots:
    """The messages, signals, errors and escalations of a file. Called, it gives the id of one, made if need be."""

    def __init__(self, root: etree._Element, taken: Iterable[str] = ()) -> None:
        self._root = root
        self._ids = {*taken, *(str(node.get("id")) for node in root.iter("*") if node.get("id"))}
        retrieved = (one.get("messageRef", "") for one in root.iter(tag("correlationPropertyRetrievalExpression")))
        self._correlated = {reference.rpartition(":")[2] for reference in retrieved}

    def __call__(self, kind: str, name: str, correlation: str) -> str:
        attribute = {"error": "errorCode", "escalation": "escalationCode"}.get(kind, "name")
        for one in self._root.findall(tag(kind)):
            key = one.get("id")
            if key and one.get(attribute) == name and self._correlation(one) == correlation:
                return key
        key = self.free_id(kind.capitalize())
        node = append(self._root, kind, id=key, name=name)
        node.set(attribute, name)
        if correlation:
            append(extensions(node), "subscription", ZEEBE, correlationKey=f"={correlation}")
        return key

    def _correlation(self, node: etree._Element) -> str | None:
        if node.get("id") in self._correlated:
            return None
        found = node.find(f"{tag('extensionElements')}/{tag('subscription', ZEEBE)}")
        return "" if found is None else found.get("correlationKey", "").strip().removeprefix("=").strip()

    def free_id(self, begins: str) -> str:
        """An id that the file does not have."""
        number = 1
        while f"{begins}_{number}" in self._ids:
            number += 1
        self._ids.add(f"{begins}_{number}")
        return f"{begins}_{number}"


def apply_changes(root: etree._Element, old: FlowModel, new: FlowModel, places: Places) -> None:
    """Changes the tree of a file from what `old` says to what `new` says."""
    if old.title != new.title:
        set_or_remove(root, "name", new.title)
    work = _Changes(root, places)
    for key in old.processes:
        if key not in new.processes:
            work.drop(places[key])
    for key, process in new.processes.items():
        before = old.processes.get(key)
        if before is None:
            raise BpmnFault(f"The process {key!r} is not in the file. Write it into a file of its own.")
        if before != process:
            work.process(before, process)


class _Changes:
    """Changes one file."""

    def __init__(self, root: etree._Element, places: Places) -> None:
        self.root, self.places = root, places
        self.roots = Roots(root)
        self.diagram = Diagram(root)

    def drop(self, node: etree._Element) -> None:
        """Removes an element, with all that is drawn of it."""
        for one in node.iter("*"):
            if one.get("id"):
                self.diagram.drop(str(one.get("id")))
        _remove(node)

    def process(self, old: ProcessSpec, new: ProcessSpec) -> None:
        node = self.places[new.id]
        if old.name != new.name:
            set_or_remove(node, "name", new.name)
        if old.executable != new.executable:
            node.set("isExecutable", "true" if new.executable else "false")
        # What stays may have to leave a sub-process before that goes.
        for key, element in new.elements.items():
            before = old.elements.get(key)
            if before is None:
                self._add(node, element)
            elif before != element:
                self._change(node, before, element)
        self._flows(node, old, new)
        for key in old.flows.keys() - new.flows.keys():
            self._drop_flow(key)
        for key in old.elements.keys() - new.elements.keys():
            self._drop_element(key)
        self._data(node, old, new)
        self._lanes(node, old, new)
        for name in new.names:
            if name not in old.names:
                append(own_box(node), "name", OWN).text = name

    # -- flow nodes ------------------------------------------------------------------------------------------

    def _drop_element(self, key: str) -> None:
        self.drop(self.places.pop(key))
        for one in list(self.root.iter(tag("association"))):
            if key in (one.get("sourceRef"), one.get("targetRef")):
                self.drop(one)
        for one in list(self.root.iter(tag("flowNodeRef"))):
            if text_in(one).strip() == key:
                _remove(one)

    def _parent(self, process: etree._Element, element: ElementSpec) -> etree._Element:
        return self.places[element.parent] if element.parent else process

    def _add(self, process: etree._Element, element: ElementSpec) -> None:
        node = append(self._parent(process, element), element.kind, id=element.id, name=element.name)
        self.places[element.id] = node
        write_documentation(node, element.documentation)
        write_element(node, element, self.roots)
        self.diagram.add(element)
        self._handler(node, element)

    def _change(self, process: etree._Element, old: ElementSpec, new: ElementSpec) -> None:
        node = self.places[new.id]
        if old.kind != new.kind:
            node.tag = tag(new.kind)
        if old.parent != new.parent:
            self._parent(process, new).append(node)
        if old.name != new.name:
            set_or_remove(node, "name", new.name)
        if old.documentation != new.documentation:
            write_documentation(node, new.documentation)
        groups = {
            group
            for group, fields in GROUPS.items()
            if old.kind != new.kind or any(getattr(old, name) != getattr(new, name) for name in fields)
        }
        if "work" in groups and any(node.find(f"{tag(name)}/{tag('extensionElements')}") for name in DEFINITIONS):
            groups.add("definitions")
        if old.name != new.name and any(one.name in (old.name, old.id) for one in new.definitions):
            groups.add("definitions")  # a message without a name of its own had that of its event
        _strip(node, groups)
        write_element(node, new, self.roots, groups)
        if old.handler != new.handler:
            for one in list(self.root.iter(tag("association"))):
                if (one.get("sourceRef"), one.get("targetRef")) == (old.id, old.handler):
                    self.drop(one)
            self._handler(node, new)

    def _handler(self, node: etree._Element, element: ElementSpec) -> None:
        scope = node.getparent()
        if element.handler and scope is not None:
            key = self.roots.free_id("Association")
            one = append(scope, "association", id=key, associationDirection="One")
            one.set("sourceRef", element.id)
            one.set("targetRef", element.handler)

    # -- sequence flows --------------------------------------------------------------------------------------

    def _drop_flow(self, key: str) -> None:
        self.drop(self.places.pop(key))
        self._unhook(key)

    def _unhook(self, key: str) -> None:
        for one in list(self.root.iter(tag("incoming"), tag("outgoing"))):
            if text_in(one).strip() == key:
                _remove(one)

    def _flows(self, process: etree._Element, old: ProcessSpec, new: ProcessSpec) -> None:
        for key, flow in new.flows.items():
            before = old.flows.get(key)
            if before == flow:
                continue
            source, target = self.places.get(flow.source), self.places.get(flow.target)
            around = None if source is None else source.getparent()
            scope = process if around is None else around
            if before is None:
                self.places[key] = append(scope, "sequenceFlow", id=key)
                self.diagram.connect(flow)
            node = self.places[key]
            if node.getparent() is not scope:
                scope.append(node)
            raw = node.get("name")
            write_flow(node, flow, changed_condition=before is None or before.condition != flow.condition)
            if before is not None and before.name == flow.name and raw is not None:
                node.set("name", raw)
            if before is None or (before.source, before.target) != (flow.source, flow.target):
                self._unhook(key)
                for end, name in ((source, "outgoing"), (target, "incoming")):
                    if end is not None:
                        append(end, name).text = key
                if before is not None:
                    self.diagram.drop(key)
                    self.diagram.connect(flow)

    # -- data and lanes --------------------------------------------------------------------------------------

    def _data(self, process: etree._Element, old: ProcessSpec, new: ProcessSpec) -> None:
        before = {one.id: one for one in old.data}
        after = {one.id: one for one in new.data}
        for key in before.keys() - after.keys():
            for one in list(self.root.iter(tag("dataObjectReference"))):
                if one.get("dataObjectRef") == key:
                    self.drop(one)
            self.drop(self.places.pop(key))
        for key, data in after.items():
            if key not in before:
                scope = self.places[data.parent] if data.parent else process
                self.places[key] = append(scope, "dataObject", id=key)
            if before.get(key) != data:
                write_data(self.places[key], data)

    def _lanes(self, process: etree._Element, old: ProcessSpec, new: ProcessSpec) -> None:
        for name in set(old.lanes) - set(new.lanes):
            for lane in [one for one in process.iter(tag("lane")) if _named(one) == name]:
                self.drop(lane)
        lanes = {_named(one): one for one in process.iter(tag("lane"))}
        for name in new.lanes:
            if name not in lanes:
                box = process.find(tag("laneSet"))
                if box is None:
                    box = append(process, "laneSet", id=self.roots.free_id("LaneSet"))
                lanes[name] = append(box, "lane", id=self.roots.free_id("Lane"), name=name)
        for key, element in new.elements.items():
            before = old.elements.get(key)
            if element.lane == (before.lane if before else ""):
                continue
            for one in [one for one in process.iter(tag("flowNodeRef")) if text_in(one).strip() == key]:
                _remove(one)
            if element.lane in lanes:
                append(lanes[element.lane], "flowNodeRef").text = key


def _named(lane: etree._Element) -> str:
    return " ".join((lane.get("name") or "").split())


def _remove(node: etree._Element) -> None:
    """Removes an element; the text after it stays."""
    parent = node.getparent()
    if parent is not None:
        node.tail = None
        parent.remove(node)


# -- what an element said --------------------------------------------------------------------------------------

_SAID = {
    "work": {
        *("script", "humanPerformer", "performer", "potentialOwner", "resourceRole"),
        *("dataInputAssociation", "dataOutputAssociation"),
    },
    "loop": {"standardLoopCharacteristics", "multiInstanceLoopCharacteristics"},
    "definitions": {*DEFINITIONS, "eventDefinitionRef"},
    "conditions": {"activationCondition", "completionCondition"},
    "attributes": set(),
}
_EXTENSIONS = set(
    [
        "inputOutput",
        "ioMapping",
        "in",
        "out",
        "field",
        "properties",
        "formData",
        "formProperty",
        "connector",
        "failedJobRetryTimeCycle",
        "flow",
        "taskDefinition",
        "taskHeaders",
        "script",
        "calledDecision",
        "calledElement",
        "assignmentDefinition",
        "taskSchedule",
        "formDefinition",
        "userTask",
    ]
)
_ATTRIBUTES = set(
    [
        "topic",
        "type",
        "class",
        "delegateExpression",
        "expression",
        "resultVariable",
        "resultVariableName",
        "decisionRef",
        "mapDecisionResult",
        "caseRef",
        "inheritVariables",
        "assignee",
        "candidateGroups",
        "candidateUsers",
        "dueDate",
        "resource",
        "formKey",
        "formRef",
        "decisionRefBinding",
        "decisionRefVersion",
        "calledElementBinding",
        "calledElementVersion",
    ]
)


def _strip(node: etree._Element, groups: Iterable[str]) -> None:
    """Removes what an element says of these groups."""
    for group in groups:
        for child in [one for one in node.iterchildren("*") if _bpmn_name(one) in _SAID[group]]:
            _remove(child)
    if "work" not in groups:
        return
    for box in node.findall(tag("extensionElements")):
        for child in list(box.iterchildren("*")):
            name = etree.QName(child)
            if name.namespace in (*VENDORS, ZEEBE, OWN) and name.localname in _EXTENSIONS:
                _remove(child)
    for key in list(node.attrib):
        attribute = etree.QName(str(key))
        vendor = attribute.namespace in VENDORS and attribute.localname in _ATTRIBUTES
        if vendor or (attribute.namespace is None and attribute.localname in ("calledElement", "scriptFormat")):
            del node.attrib[key]


def _bpmn_name(node: etree._Element) -> Any:
    name = etree.QName(node)
    return name.localname if name.namespace == BPMN else None
