"""A model of flows as BPMN 2.0 XML. Read again it is the same model.

A file that was read is written back with its diagram and all that other makers put into it: only what changed in the
model is written anew (`bpmn_changes`). A model without a file gets one, with a simple diagram (`bpmn_layout`).
"""

import re

from lxml import etree
from msgspec.structs import replace

from caseloom.engine.spec.flow import FlowModel, ProcessSpec
from caseloom.interchange.bpmn_changes import Roots, apply_changes
from caseloom.interchange.bpmn_elements import (
    append,
    own_box,
    set_or_remove,
    write_data,
    write_documentation,
    write_element,
    write_flow,
)
from caseloom.interchange.bpmn_layout import draw
from caseloom.interchange.bpmn_names import BPMN, BPMN_DI, DC, DI, OWN, SUB_PROCESSES, XSI, ZEEBE
from caseloom.interchange.bpmn_reader import read_bpmn, read_tree
from caseloom.interchange.bpmn_source import BpmnFault
from caseloom.interchange.hardened_xml import parse_xml

_PREFIXES = {
    "bpmn": BPMN,
    "bpmndi": BPMN_DI,
    "dc": DC,
    "di": DI,
    "xsi": XSI,
    "zeebe": ZEEBE,
    "caseloom": OWN,
}
_XML_ID = re.compile(r"[^\W\d][\w.-]*")


def write_bpmn(model: FlowModel, file: bytes | None = None) -> bytes:
    """The file of a model. `file` is the one that it was read from; without one it is written anew, in UTF-8.

    Raises:
        BpmnFault: where the result, read again, would be another model; with the element.
    """
    if file is None:
        root = _fresh(model)
    else:
        root = parse_xml(file)
        old, places = read_tree(root, model.key)
        if old != model:
            apply_changes(root, old, model, places)
    data = _as_bytes(root, b"" if file is None else file)
    _check(model, data)
    return data


def _as_bytes(root: etree._Element, before: bytes) -> bytes:
    """The whole document, in its encoding, with the comments around the root."""
    tree = root.getroottree()
    encoding: str = tree.docinfo.encoding or "UTF-8"
    declaration = before.partition(b"?>")[0][:200]
    if b"standalone" in declaration and tree.docinfo.standalone is not None:
        text = etree.tostring(tree, encoding=encoding, xml_declaration=True, standalone=tree.docinfo.standalone)
    else:
        text = etree.tostring(tree, encoding=encoding, xml_declaration=True)
    return text if isinstance(text, bytes) else text.encode()


def _check(model: FlowModel, data: bytes) -> None:
    """Whether the file says the model."""
    read = read_bpmn(data, model.key).model
    if _compared(read) == _compared(model):
        return
    for key, process in model.processes.items():
        other = read.processes.get(key)
        if other is None:
            raise BpmnFault(f"The process {key!r} cannot be written: it is read again as nothing.")
        for part in ("elements", "flows"):
            wanted, got = getattr(process, part), getattr(other, part)
            for name in {**wanted, **got}:
                if wanted.get(name) != got.get(name):
                    other_one = f"it would be read again as {got.get(name)}, not {wanted.get(name)}"
                    raise BpmnFault(f"{name!r} cannot be written: {other_one}.")
    raise BpmnFault("The model cannot be written: it would be read again as another one.")


def _compared(model: FlowModel) -> FlowModel:
    """Without what reading may add, and without the order of lanes, which the file keeps."""
    processes = {key: replace(one, names=(), lanes=tuple(sorted(one.lanes))) for key, one in model.processes.items()}
    return replace(model, processes=processes)


def _fresh(model: FlowModel) -> etree._Element:
    root = etree.Element(f"{{{BPMN}}}definitions", nsmap=_PREFIXES)
    taken = {key for one in model.processes.values() for key in (one.id, *one.elements, *one.flows)}
    if _XML_ID.fullmatch(model.key) and model.key not in taken:
        root.set("id", model.key)
    set_or_remove(root, "name", model.title)
    root.set("targetNamespace", OWN)
    roots = Roots(root, taken)
    for process in model.processes.values():
        write_process(root, process, roots)
    draw(root, list(model.processes.values()))
    etree.indent(root)
    return root


def write_process(root: etree._Element, process: ProcessSpec, roots: Roots) -> etree._Element:
    """Appends a process with all that stands in it."""
    executable = "true" if process.executable else "false"
    node = append(root, "process", id=process.id, name=process.name, isExecutable=executable)
    for name in process.names:
        append(own_box(node), "name", OWN).text = name
    _lanes(node, process, roots)
    _scope(node, "", process, roots)
    return node


def _lanes(node: etree._Element, process: ProcessSpec, roots: Roots) -> None:
    if not process.lanes:
        return
    box = append(node, "laneSet", id=roots.free_id("LaneSet"))
    for name in process.lanes:
        lane = append(box, "lane", id=roots.free_id("Lane"), name=name)
        for element in process.elements.values():
            if element.lane == name:
                append(lane, "flowNodeRef").text = element.id


def _scope(node: etree._Element, parent: str, process: ProcessSpec, roots: Roots) -> None:
    """Writes what stands in a process or sub-process. Flows stand where both their ends do."""
    for data in process.data:
        if data.parent == parent:
            write_data(append(node, "dataObject", id=data.id), data)
    inside = [one for one in process.elements.values() if one.parent == parent]
    hooks: dict[tuple[str, str], list[str]] = {}
    for flow in process.flows.values():
        hooks.setdefault(("incoming", flow.target), []).append(flow.id)
        hooks.setdefault(("outgoing", flow.source), []).append(flow.id)
    for element in inside:
        child = append(node, element.kind, id=element.id, name=element.name)
        write_documentation(child, element.documentation)
        for name in ("incoming", "outgoing"):
            for key in hooks.get((name, element.id), ()):
                append(child, name).text = key
        if element.kind in SUB_PROCESSES:
            _scope(child, element.id, process, roots)
        write_element(child, element, roots)
    ids = {one.id for one in inside}
    for flow in process.flows.values():
        if flow.source in ids or (not parent and flow.source not in process.elements):
            write_flow(append(node, "sequenceFlow", id=flow.id), flow)
    for element in inside:
        if element.handler:
            association = append(node, "association", id=roots.free_id("Association"), associationDirection="One")
            association.set("sourceRef", element.id)
            association.set("targetRef", element.handler)
