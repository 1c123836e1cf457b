"""Walks over a tree: what it reads from its scope, and how deep it is."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from caseloom.engine.feel import tree
from caseloom.engine.feel.builtins import BUILTINS
from caseloom.engine.feel.builtins.temporal import NOW

_CLOCK = {"now", "today"}

Paths = set[tuple[str, ...]]


def children(node: tree.Node) -> Iterator[tree.Node]:
    """The nodes right below a node."""
    for field in fields(node):
        yield from _nodes(getattr(node, field.name))


def _nodes(part: Any) -> Iterator[tree.Node]:
    if isinstance(part, tree.Node):
        yield part
    elif isinstance(part, tuple):
        for member in part:
            yield from _nodes(member)


def depth(root: tree.Node) -> int:
    """How many levels a tree has; walked level by level, so that depth cannot exhaust the stack."""
    level, count = [root], 0
    while level:
        level = [child for node in level for child in children(node)]
        count += 1
    return count


def mentions(node: tree.Node, name: str) -> bool:
    """Whether a name stands anywhere in a tree, whatever it is bound to."""
    if isinstance(node, tree.Name) and node.name == name:
        return True
    return any(mentions(child, name) for child in children(node))


def binds_itself(key: str, value: tree.Node) -> bool:
    """Whether an entry of a context is seen within its own value: a function is, unless it has a built-in's name."""
    while not isinstance(value, tree.Function):
        inner = getattr(value, "expression", None)
        if not isinstance(inner, tree.Node):
            return False
        value = inner
    return key not in BUILTINS


class Reader:
    """Collects the static paths that a tree reads from its scope.

    In a filter a name may be an entry of the item: it counts as read when it is one of the names that the
    caller declared, or when the caller declared none.
    """

    def __init__(self, declared: frozenset[str]) -> None:
        self.declared = declared
        self.paths: Paths = set()

    def visit(self, node: tree.Node, bound: frozenset[str] = frozenset(), in_filter: bool = False) -> None:
        visitor = _VISITORS.get(type(node))
        if visitor:
            visitor(self, node, bound, in_filter)
            return
        for child in children(node):
            self.visit(child, bound, in_filter)

    def _name(self, node: tree.Name, bound: frozenset[str], in_filter: bool) -> None:
        self._read((node.name,), bound, in_filter)

    def _read(self, path: tuple[str, ...], bound: frozenset[str], in_filter: bool) -> None:
        root = path[0]
        if root in bound or (root in BUILTINS and root not in self.declared):
            return
        if in_filter and self.declared and root not in self.declared:
            return
        self.paths.add(path)

    def _path(self, node: tree.Path, bound: frozenset[str], in_filter: bool) -> None:
        names, base = [node.name], node.base
        while isinstance(base, tree.Path):
            names.append(base.name)
            base = base.base
        if isinstance(base, tree.Name):
            self._read((base.name, *reversed(names)), bound, in_filter)
        else:
            self.visit(base, bound, in_filter)

    def _filter(self, node: tree.Filter, bound: frozenset[str], in_filter: bool) -> None:
        self.visit(node.base, bound, in_filter)
        self.visit(node.condition, bound | {"item"}, True)

    def _call(self, node: tree.Call, bound: frozenset[str], in_filter: bool) -> None:
        if not (isinstance(node.callee, tree.Name) and node.callee.name in BUILTINS):
            self.visit(node.callee, bound, in_filter)
        elif node.callee.name in _CLOCK:
            self.paths.add((NOW,))
        for argument in node.arguments:
            self.visit(argument, bound, in_filter)

    def _loop(self, node: tree.For | tree.Quantified, bound: frozenset[str], in_filter: bool) -> None:
        for iterator in node.iterators:
            self.visit(iterator.source, bound, in_filter)
            if iterator.end is not None:
                self.visit(iterator.end, bound, in_filter)
            bound = bound | {iterator.name}
        body = node.body if isinstance(node, tree.For) else node.condition
        self.visit(body, bound | {"partial"} if isinstance(node, tree.For) else bound, in_filter)

    def _function(self, node: tree.Function, bound: frozenset[str], in_filter: bool) -> None:
        self.visit(node.body, bound.union(name for name, _ in node.parameters), in_filter)

    def _context(self, node: tree.ContextLiteral, bound: frozenset[str], in_filter: bool) -> None:
        for key, value in node.entries:
            self.visit(value, bound | {key} if binds_itself(key, value) else bound, in_filter)
            bound = bound | {key}


_VISITORS: dict[type[tree.Node], Any] = {
    tree.Name: Reader._name,
    tree.Path: Reader._path,
    tree.Filter: Reader._filter,
    tree.Call: Reader._call,
    tree.For: Reader._loop,
    tree.Quantified: Reader._loop,
    tree.Function: Reader._function,
    tree.ContextLiteral: Reader._context,
}
