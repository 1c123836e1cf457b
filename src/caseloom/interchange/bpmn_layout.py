"""A simple diagram for what has none: layers from left to right, sub-processes open, one row below another."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from lxml import etree

from caseloom.engine.spec.flow import ElementSpec, ProcessSpec
from caseloom.interchange.bpmn_names import BPMN_DI, DC, DI, SUB_PROCESSES, tag

_TASK, _EVENT, _GATEWAY = (100, 80), (36, 36), (50, 50)
_GAP_X, _GAP_Y, _PADDING = 60, 40, 40

Box = tuple[int, int, int, int]
"""x, y, width, height, in pixels."""
Point = tuple[int, int]


@dataclass(slots=True)
class Layout:
    """The boxes of flow nodes by id."""

    boxes: dict[str, Box] = field(default_factory=dict)

    def size(self, inside: list[str]) -> tuple[int, int]:
        """Width and height that hold these nodes, counted from the origin."""
        boxes = [self.boxes[key] for key in inside]
        width = max((x + w for x, _, w, _ in boxes), default=0)
        return width, max((y + h for _, y, _, h in boxes), default=0)

    def move(self, keys: list[str], right: int, down: int) -> None:
        """Moves nodes."""
        for key in keys:
            x, y, width, height = self.boxes[key]
            self.boxes[key] = (x + right, y + down, width, height)


def lay_out(process: ProcessSpec) -> Layout:
    """The boxes of all flow nodes of a process, from the origin on."""
    layout = Layout()
    inner: dict[str, list[ElementSpec]] = {}
    for element in process.elements.values():
        inner.setdefault(element.parent, []).append(element)
    _scope("", process, inner, layout)
    return layout


def _scope(parent: str, process: ProcessSpec, inner: dict[str, list[ElementSpec]], layout: Layout) -> list[str]:
    """Places what stands in a scope; the ids of all nodes placed, those of sub-processes among them."""
    inside = [one for one in inner.get(parent, []) if one.kind != "boundaryEvent"]
    below: dict[str, list[str]] = {}
    sizes: dict[str, tuple[int, int]] = {}
    for one in inside:
        if one.kind in SUB_PROCESSES:
            below[one.id] = _scope(one.id, process, inner, layout)
            width, height = layout.size(below[one.id])
            sizes[one.id] = (max(width + 2 * _PADDING, 2 * _TASK[0]), max(height + 2 * _PADDING, 2 * _TASK[1]))
        else:
            sizes[one.id] = size_of(one)
    columns = _columns([one.id for one in inside], process)
    x = 0
    for column in columns:
        wide = max(sizes[key][0] for key in column)
        y = 0
        for key in column:
            width, height = sizes[key]
            middle = x + (wide - width) // 2
            layout.boxes[key] = (middle, y + max(_TASK[1] - height, 0) // 2, width, height)
            layout.move(below.get(key, []), middle + _PADDING, y + _PADDING)
            y += max(height, _TASK[1]) + _GAP_Y
        x += wide + _GAP_X
    placed = [*(one.id for one in inside), *(key for keys in below.values() for key in keys)]
    return placed + _boundary(inner.get(parent, []), layout)


def size_of(element: ElementSpec) -> tuple[int, int]:
    """Width and height of a flow node that holds nothing."""
    if element.kind.endswith("Event"):
        return _EVENT
    return _GATEWAY if element.kind.endswith("Gateway") else _TASK


def _columns(keys: list[str], process: ProcessSpec) -> list[list[str]]:
    """Each node right of all that lead to it, flows that lead back left out."""
    among = set(keys)
    out: dict[str, list[str]] = {key: [] for key in keys}
    for flow in process.flows.values():
        host = process.elements[flow.source].attached_to if flow.source in process.elements else ""
        source = host or flow.source
        if source in among and flow.target in among and source != flow.target:
            out[source].append(flow.target)
    column = dict.fromkeys(keys, 0)
    for key in _in_order(keys, out):
        for target in out[key]:
            if target in column:
                column[target] = max(column[target], column[key] + 1)
    found: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for key in keys:
        found[column[key]].append(key)
    return [one for one in found if one]


def _in_order(keys: list[str], out: dict[str, list[str]]) -> list[str]:
    """A topological order; flows that lead back are taken out of `out`."""
    done: list[str] = []
    state: dict[str, int] = {}
    for start in keys:
        if start in state:
            continue
        state[start] = 1
        ahead = [(start, iter(list(out[start])))]
        while ahead:
            key, targets = ahead[-1]
            target = next(targets, None)
            if target is None:
                state[key] = 2
                done.append(key)
                ahead.pop()
            elif state.get(target) == 1:
                out[key].remove(target)
            elif target not in state:
                state[target] = 1
                ahead.append((target, iter(list(out[target]))))
    return done[::-1]


def _boundary(inside: list[ElementSpec], layout: Layout) -> list[str]:
    """Boundary events sit on the lower edge of what they are attached to, side by side."""
    count: dict[str, int] = {}
    placed = []
    for one in inside:
        if one.kind != "boundaryEvent":
            continue
        x, y, _, height = layout.boxes.get(one.attached_to, (0, 0, *_TASK))
        number = count[one.attached_to] = count.get(one.attached_to, 0) + 1
        layout.boxes[one.id] = (x + number * (_EVENT[0] + 8) - _EVENT[0], y + height - 18, *_EVENT)
        placed.append(one.id)
    return placed


# -- as XML ----------------------------------------------------------------------------------------------------


def draw(root: etree._Element, processes: list[ProcessSpec], top: int = _PADDING) -> None:
    """Appends a diagram for each process, one below another where they share a screen."""
    for process in processes:
        diagram = etree.SubElement(root, tag("BPMNDiagram", BPMN_DI), id=f"{process.id}_diagram")
        plane = etree.SubElement(diagram, tag("BPMNPlane", BPMN_DI), id=f"{process.id}_plane", bpmnElement=process.id)
        layout = lay_out(process)
        layout.move(list(layout.boxes), _PADDING, top)
        for key in process.elements:
            draw_shape(plane, process.elements[key], layout.boxes[key])
        for flow in process.flows.values():
            if flow.source in layout.boxes and flow.target in layout.boxes:
                ends = layout.boxes[flow.source], layout.boxes[flow.target]
                draw_edge(plane, flow.id, *ends, layout.boxes.values())


def draw_shape(plane: etree._Element, element: ElementSpec, box: Box) -> None:
    """Appends the shape of a flow node."""
    shape = etree.SubElement(plane, tag("BPMNShape", BPMN_DI), id=f"{element.id}_di", bpmnElement=element.id)
    if element.kind in SUB_PROCESSES:
        shape.set("isExpanded", "true")
    if element.kind == "exclusiveGateway":
        shape.set("isMarkerVisible", "true")
    x, y, width, height = (str(number) for number in box)
    etree.SubElement(shape, tag("Bounds", DC), x=x, y=y, width=width, height=height)


def draw_edge(plane: etree._Element, key: str, source: Box, target: Box, boxes: Iterable[Box] = ()) -> None:
    """Appends the edge of a sequence flow, past the other boxes where there is a way with few bends."""
    edge = etree.SubElement(plane, tag("BPMNEdge", BPMN_DI), id=f"{key}_di", bpmnElement=key)
    for x, y in route(source, target, boxes):
        etree.SubElement(edge, tag("waypoint", DI), x=str(x), y=str(y))


def route(source: Box, target: Box, boxes: Iterable[Box] = ()) -> list[Point]:
    """The way from one box to another: of those that cross the fewest of `boxes`, the one with the fewest bends.

    It leaves at the right, or below, which is where a boundary event is free, and comes in at the left. A box that
    holds one of the ends is not in the way.
    """
    (x, y, w, h), (a, b, _, d) = source, target
    right, below, end = (x + w, y + h // 2), (x + w // 2, y + h), (a, b + d // 2)
    others = [box for box in boxes if not _holds(box, source) and not _holds(box, target)]
    floor = max(top + height for _, top, _, height in [*others, source, target]) + _GAP_Y // 2
    bends = [
        [right, end],
        *([right, (bend, right[1]), (bend, end[1]), end] for bend in (right[0] + _GAP_X // 2, a - _GAP_X // 2)),
        [below, (below[0], end[1]), end],
        [below, (below[0], floor), (a - _GAP_X // 2, floor), (a - _GAP_X // 2, end[1]), end],
    ]
    ways = [way for way in bends if all(one[0] == other[0] or one[1] == other[1] for one, other in pairwise(way))]
    return min(ways, key=lambda way: (_crossed(way, [*others, source, target]), len(way)))


def _holds(outer: Box, inner: Box) -> bool:
    x, y = inner[0] + inner[2] // 2, inner[1] + inner[3] // 2
    return outer[0] < x < outer[0] + outer[2] and outer[1] < y < outer[1] + outer[3]


def _crossed(way: list[Point], boxes: Iterable[Box]) -> int:
    """How often a way runs through the inside of a box."""
    return sum(
        max(min(p[0], q[0]), x) < min(max(p[0], q[0]), x + w)
        if p[1] == q[1] and y < p[1] < y + h
        else p[0] == q[0] and x < p[0] < x + w and max(min(p[1], q[1]), y) < min(max(p[1], q[1]), y + h)
        for x, y, w, h in boxes
        for p, q in pairwise(way)
    )
