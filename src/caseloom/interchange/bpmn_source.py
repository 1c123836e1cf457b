"""A BPMN file while it is read: its elements by id, what has been read of it, and what was found."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from caseloom.interchange.bpmn_names import BPMN, OWN, VENDORS, ZEEBE, tag
from caseloom.interchange.hardened_xml import line_of, local_name, text_in
from caseloom.interchange.juel_feel import is_plain

Effect = Literal["cannot run", "no effect", "changed", "warning"]


class BpmnFault(ValueError):
    """A file that cannot be taken; `line` counts from 1, or is 0 where it is not known."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.message, self.line = message, line
        super().__init__(f"Line {line}: {message}" if line else message)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a file that a person should know.

    `effect` is what becomes of it: it `cannot run`; it is kept and has `no effect`; it runs, but `changed`; or it runs
    and a `warning` is due. `line` counts from 1 (0: not known); `element` is the id of the flow node, flow or root
    element that it belongs to.
    """

    line: int
    element: str
    effect: Effect
    message: str

    def __str__(self) -> str:
        return f"{self.element}: {self.message} [{self.effect}]" if self.element else f"{self.message} [{self.effect}]"


@dataclass(slots=True)
class Counts:
    """How many expressions were taken as FEEL, translated to it, or stand for something that has no meaning in it."""

    feel: int = 0
    translated: int = 0
    untranslated: int = 0


@dataclass(slots=True)
class Source:
    """The elements of a file and the marks of a reader: what is asked for is read, the rest is found later."""

    root: etree._Element
    nodes: list[etree._Element] = field(default_factory=list)
    """All elements, kept so that each stays the same object while marks refer to it."""
    by_id: dict[str, etree._Element] = field(default_factory=dict)
    used: set[etree._Element] = field(default_factory=set)
    used_attributes: set[tuple[etree._Element, str]] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """Variables whose names FEEL cannot tell from an expression."""
    counts: Counts = field(default_factory=Counts)
    idle: set[etree._Element] = field(default_factory=set)
    """Elements that were read and do nothing: empty ones, and those that cannot run."""

    made_ids: dict[etree._Element, str] = field(default_factory=dict)
    """The ids that the reader gave to elements without one."""
    _message_flows: dict[str, str] | None = None

    def __post_init__(self) -> None:
        self.nodes = list(self.root.iter("*"))
        self.used.add(self.root)
        for node in self.nodes:
            key = node.get("id")
            if key and node.tag.startswith(f"{{{BPMN}}}"):
                self.by_id.setdefault(key, node)

    def flow_of_messages(self, node: etree._Element) -> str:
        """The name of the message flow that leads to or from a node: its own, else that of where it leads to."""
        if self._message_flows is None:
            self._message_flows = {}
            for flow in self.root.iter(tag("messageFlow")):
                message = self.referred(flow.get("messageRef", "")) if flow.get("messageRef") else None
                target = self.referred(flow.get("targetRef", ""))
                named = [one for one in (message, flow, target) if one is not None and one.get("name")]
                name = self.name_of(named[0]) if named else flow.get("id", "")
                for end in ("sourceRef", "targetRef"):
                    self._message_flows.setdefault(flow.get(end, ""), name)
        return self._message_flows.get(node.get("id", ""), "")

    # -- attributes ------------------------------------------------------------------------------------------

    def attribute(self, node: etree._Element, name: str, namespace: str = "") -> str:
        """An attribute's text without blanks around it; empty where it is not given."""
        key = tag(name, namespace)
        self.used_attributes.add((node, key))
        return (node.get(key) or "").strip()

    def vendor(self, node: etree._Element, *names: str) -> str:
        """The first of these attributes that is given in a namespace of Camunda's family."""
        for name in names:
            for namespace in VENDORS:
                value = self.attribute(node, name, namespace)
                if value:
                    return value
        return ""

    def key_of(self, node: etree._Element) -> str:
        """The id of a flow node: its own, else the one that it was given."""
        return self.attribute(node, "id") or self.made_ids.get(node, "")

    def flag(self, node: etree._Element, name: str, default: bool = False) -> bool:
        """A truth value of XML Schema."""
        value = self.attribute(node, name)
        return value in ("true", "1") if value else default

    def name_of(self, node: etree._Element) -> str:
        """The name, with its line breaks as blanks: a diagram breaks lines where its boxes end."""
        return " ".join(self.attribute(node, "name").split())

    # -- elements --------------------------------------------------------------------------------------------

    def use(self, *nodes: etree._Element) -> None:
        """Marks elements as read."""
        self.used.update(nodes)

    def children(self, node: etree._Element, *names: str) -> list[etree._Element]:
        """The children of BPMN's with one of these names, in the order of the file."""
        found = [child for child in node.iterchildren(*(tag(name) for name in names))]
        self.use(*found)
        return found

    def child(self, node: etree._Element, name: str) -> etree._Element | None:
        """The first child of BPMN's with this name."""
        found = self.children(node, name)
        return found[0] if found else None

    def child_text(self, node: etree._Element, name: str) -> str:
        child = self.child(node, name)
        return "" if child is None else text_in(child).strip()

    def extensions(self, node: etree._Element, *names: str) -> Iterator[etree._Element]:
        """The extension elements with one of these names in a namespace of Camunda's family."""
        yield from self._extensions(node, VENDORS, names)

    def zeebe(self, node: etree._Element, *names: str) -> Iterator[etree._Element]:
        """The extension elements of Camunda 8 with one of these names."""
        yield from self._extensions(node, (ZEEBE,), names)

    def own(self, node: etree._Element, *names: str) -> Iterator[etree._Element]:
        """The extension elements of ours with one of these names."""
        yield from self._extensions(node, (OWN,), names)

    def _extensions(
        self, node: etree._Element, namespaces: tuple[str, ...], names: tuple[str, ...]
    ) -> Iterator[etree._Element]:
        for box in self.children(node, "extensionElements"):
            yield from self.inside(box, namespaces, names)

    def inside(
        self, node: etree._Element, namespaces: tuple[str, ...], names: tuple[str, ...]
    ) -> Iterator[etree._Element]:
        """The children with one of these names in one of these namespaces."""
        for child in node.iterchildren("*"):
            name = etree.QName(child)
            if name.namespace in namespaces and name.localname in names:
                self.use(child)
                yield child

    def referred(self, reference: str) -> etree._Element | None:
        """The element that a QName or id names (BPMN 2.0.2 §15.3.2: ids of the same file, maybe with a prefix)."""
        found = self.by_id.get(reference)
        return found if found is not None else self.by_id.get(reference.rpartition(":")[2])

    # -- what is found ---------------------------------------------------------------------------------------

    def say(self, node: etree._Element, effect: Effect, message: str) -> None:
        """Adds a finding at an element."""
        self.findings.append(Finding(line_of(node), owner_id(node), effect, message))
        if effect == "cannot run":
            self.idle.add(node)

    def variable(self, name: str) -> str:
        """The name of a variable, remembered where FEEL would not read it as one name."""
        if name and not is_plain(name):
            self.names.add(name)
        return name


def owner_id(node: etree._Element) -> str:
    """The id of the nearest element that has one, from inside: an event's definition counts as the event."""
    at: etree._Element | None = node
    while at is not None:
        key = at.get("id")
        inner = local_name(at).endswith(("EventDefinition", "Expression", "Characteristics"))
        if key and not inner and at.tag.startswith(f"{{{BPMN}}}"):
            return key
        at = at.getparent()
    return ""
