"""What a sentence says, whatever language it is written in: kinds, keys, values and terms of time.

The same tree can be written in each language that has a grammar. Where a language has several words for one thing,
`form` and `wording` keep which of them was written (0 is the usual one), so that a text comes back as it was.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

ValueType = Literal["number", "money", "text", "date", "time", "truth"]


class Word(msgspec.Struct, frozen=True, tag=True, tag_field="slot"):
    """A word of the vocabulary: `of` says of which kind (`fact`, `act`, `role` …), `key` which.

    The key of an act is the act itself, such as `complete pay the refund`.
    """

    of: str
    key: str
    form: int = 0


class Value(msgspec.Struct, frozen=True, tag=True, tag_field="slot"):
    """A literal in its neutral form: `5000`, `12.50 EUR`, `active`, `2026-03-31`, `08:00`, `true`."""

    type: ValueType
    text: str


class Term(msgspec.Struct, frozen=True, tag=True, tag_field="slot"):
    """A length of time, as `engine.spec.term` reads it: `4 business hours`."""

    text: str


class Count(msgspec.Struct, frozen=True, tag=True, tag_field="slot"):
    """How often: `twice`, `3 times`; form 1 is `2 times`."""

    number: int
    form: int = 0


class Node(msgspec.Struct, frozen=True, tag=True, tag_field="slot"):
    """A part of a sentence. `kind` names the production, the slots hold its parts in a fixed order."""

    kind: str
    slots: "tuple[Slot, ...]" = ()
    wording: int = 0


Slot: TypeAlias = Word | Value | Term | Count | Node


class Sentence(msgspec.Struct, frozen=True):
    """A whole rule. `language` is the one whose forms are kept; empty where there are none."""

    root: Node
    language: str = ""
    capital: bool = True
    full_stop: bool = True


def plain(sentence: Sentence) -> Sentence:
    """The same sentence without the forms of a language: two that say the same are equal."""
    return Sentence(_plain(sentence.root))


def _plain(node: Node) -> Node:
    return Node(node.kind, tuple(_plain_slot(slot) for slot in node.slots))


def _plain_slot(slot: Slot) -> Slot:
    if isinstance(slot, Node):
        return _plain(slot)
    if isinstance(slot, Word):
        return Word(slot.of, slot.key)
    return Count(slot.number) if isinstance(slot, Count) else slot


def the_node(slot: Slot | None) -> Node:
    """The slot, where the grammar leaves nothing but a node to stand. Raises TypeError otherwise."""
    if not isinstance(slot, Node):
        raise TypeError(f"{slot!r} is no node")
    return slot


def the_word(slot: Slot | None) -> Word:
    """The slot, where the grammar leaves nothing but a word to stand. Raises TypeError otherwise."""
    if not isinstance(slot, Word):
        raise TypeError(f"{slot!r} is no word")
    return slot


def nodes(node: Node) -> Iterator[Node]:
    """The node and all below it, from above."""
    yield node
    for slot in node.slots:
        if isinstance(slot, Node):
            yield from nodes(slot)


def words(node: Node) -> Iterator[Word]:
    """Every word of the vocabulary in it."""
    for part in nodes(node):
        yield from (slot for slot in part.slots if isinstance(slot, Word))
