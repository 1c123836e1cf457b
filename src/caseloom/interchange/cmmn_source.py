"""A CMMN file while it is read: its elements by id, and what was found."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from caseloom.interchange.cmmn_names import VENDORS, VERSION
from caseloom.interchange.hardened_xml import line_of, local_name, text_in

Effect = Literal["invalid", "cannot run", "no effect", "changed"]


class CmmnFault(ValueError):
    """A file that cannot be taken; `line` counts from 1, or is 0 where it is not known."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.message, self.line = message, line
        super().__init__(f"Line {line}: {message}" if line else message)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a file that a person should know.

    `effect` is what becomes of it: the file is `invalid` CMMN here; the element `cannot run`; it is kept and has `no
    effect`; or it runs, but `changed`. `element` is its id, or its name where it has none.
    """

    line: int
    element: str
    effect: Effect
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.element}: {self.message} [{self.effect}]"


@dataclass(slots=True)
class Source:
    """The elements of one case, and what has been found. `namespace` is that of the file's version of CMMN."""

    root: etree._Element
    case: etree._Element
    namespace: str
    by_id: dict[str, etree._Element] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    """The case's facts that expressions read and nobody declares → their types."""
    declared: dict[str, str] = field(default_factory=dict)
    """The facts of the case file → their types."""

    def __post_init__(self) -> None:
        for node in self.case.iter(f"{{{self.namespace}}}*"):
            number = node.get("id")
            if number and number not in self.by_id:
                self.by_id[number] = node

    @property
    def version(self) -> str:
        return VERSION[self.namespace]

    def name(self, node: etree._Element) -> str:
        """The local name of an element of CMMN; empty for one of another namespace."""
        return local_name(node) if etree.QName(node).namespace == self.namespace else ""

    def children(self, node: etree._Element, *names: str) -> Iterator[etree._Element]:
        """The children of these names, all of CMMN's where none is given."""
        for child in node.iterchildren(f"{{{self.namespace}}}*"):
            if not names or local_name(child) in names:
                yield child

    def child(self, node: etree._Element, *names: str) -> etree._Element | None:
        return next(self.children(node, *names), None)

    def extension(self, node: etree._Element, name: str) -> Iterator[etree._Element]:
        """The extension elements of a known vendor that have this name."""
        for block in self.children(node, "extensionElements", "extensions"):
            for child in block.iterchildren("*"):
                if local_name(child) == name and etree.QName(child).namespace in VENDORS:
                    yield child

    def vendor(self, node: etree._Element, name: str) -> str:
        """An attribute of a known vendor."""
        for vendor in VENDORS:
            value = node.get(f"{{{vendor}}}{name}")
            if value is not None:
                return value.strip()
        return ""

    def find(self, node: etree._Element, effect: Effect, message: str) -> None:
        element = node.get("id") or node.get("name") or local_name(node)
        finding = Finding(line_of(node), element, effect, message)
        if finding not in self.findings:
            self.findings.append(finding)

    def refers(self, node: etree._Element, value: str | None, what: str) -> etree._Element | None:
        """The element that an attribute refers to (`id`, or `prefix:id`)."""
        if not value:
            self.find(node, "invalid", f"It names no {what}.")
            return None
        found = self.by_id.get(value)
        found = found if found is not None else self.by_id.get(value.rpartition(":")[2])
        if found is None:
            self.find(node, "invalid", f"There is no {what} {value!r} in this case.")
        return found


def text_of(node: etree._Element | None) -> str:
    """All text within, without what stands around it."""
    return "" if node is None else text_in(node).strip()


_UNFIT = re.compile(r"[\x00-\x1f:.\[\]{}#\s/]+")


def key_from(*names: str | None) -> str:
    """A key that fits the definition, from the first of these names that is one."""
    for name in names:
        fit = _UNFIT.sub(" ", name or "").strip()[:70].strip()
        if fit and fit != "null":
            return fit
    return "item"
