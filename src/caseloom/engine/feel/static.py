"""What is known of names while a tree is turned into closures, and the table of builders of its nodes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from caseloom.engine.feel import tree
from caseloom.engine.feel.env import Code
from caseloom.engine.feel.types import NamedTypes

Builder = Callable[[Any, "Static"], Code]


@dataclass(frozen=True, slots=True)
class Static:
    """`bound` are the local names; in a filter (`dynamic`) any name may be an entry of the item.

    `types` are those that item definitions declare.
    """

    builders: Mapping[type[tree.Node], Builder]
    bound: frozenset[str] = frozenset()
    dynamic: bool = False
    types: NamedTypes = field(default_factory=dict)

    def code(self, node: tree.Node) -> Code:
        """The closure of a node."""
        return self.builders[type(node)](node, self)

    def bind(self, *names: str) -> "Static":
        """With more local names."""
        return replace(self, bound=self.bound.union(names))

    def in_filter(self) -> "Static":
        """Within the brackets of a filter."""
        return replace(self, bound=self.bound | {"item"}, dynamic=True)
