"""The diagram of a file, while its model is changed: what is gone is taken out, what is new finds a place."""

from lxml import etree

from caseloom.engine.spec.flow import ElementSpec, SequenceFlowSpec
from caseloom.interchange.bpmn_layout import Box, draw_edge, draw_shape, size_of
from caseloom.interchange.bpmn_names import BPMN_DI, DC, tag

_GAP = 40


class Diagram:
    """The shapes and edges of a file by the id of what they show."""

    def __init__(self, root: etree._Element) -> None:
        self._plane = next(root.iter(tag("BPMNPlane", BPMN_DI)), None)
        self._shown: dict[str, list[etree._Element]] = {}
        self._boxes: dict[str, Box] = {}
        for node in root.iter(tag("BPMNShape", BPMN_DI), tag("BPMNEdge", BPMN_DI)):
            key = (node.get("bpmnElement") or "").rpartition(":")[2]
            self._shown.setdefault(key, []).append(node)
            bounds = node.find(tag("Bounds", DC))
            if bounds is not None:
                self._boxes[key] = _box(bounds)

    def drop(self, key: str) -> None:
        """Takes out what is shown of an element."""
        for node in self._shown.pop(key, []):
            parent = node.getparent()
            if parent is not None:
                parent.remove(node)
        self._boxes.pop(key, None)

    def add(self, element: ElementSpec) -> None:
        """Shows a new flow node: on the edge of what it is attached to, in its sub-process, or below all others."""
        if self._plane is None:
            return
        box = self._free(element)
        draw_shape(self._plane, element, box)
        self._boxes[element.id] = box
        self._shown[element.id] = [self._plane[-1]]

    def _free(self, element: ElementSpec) -> Box:
        width, height = size_of(element)
        host = self._boxes.get(element.attached_to)
        if host is not None:
            return host[0] + host[2] // 2, host[1] + host[3] - height // 2, width, height
        scope = self._boxes.get(element.parent)
        if scope is not None:
            return scope[0] + _GAP, scope[1] + _GAP, width, height
        lowest = max((y + h for _, y, _, h in self._boxes.values()), default=0)
        left = min((x for x, _, _, _ in self._boxes.values()), default=_GAP)
        return left, lowest + _GAP, width, height

    def connect(self, flow: SequenceFlowSpec) -> None:
        """Shows a new sequence flow, where both its ends are shown."""
        source, target = self._boxes.get(flow.source), self._boxes.get(flow.target)
        if self._plane is not None and source and target:
            draw_edge(self._plane, flow.id, source, target, self._boxes.values())
            self._shown[flow.id] = [self._plane[-1]]


def _box(bounds: etree._Element) -> Box:
    def number(name: str) -> int:
        try:
            return round(float(bounds.get(name) or 0))
        except ValueError:
            return 0

    return number("x"), number("y"), number("width"), number("height")
