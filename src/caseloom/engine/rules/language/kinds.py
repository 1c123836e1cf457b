"""All kinds of sentences and of their parts: what each is called, an example in each language, what it means.

They stand in `kinds.txt`, four lines each. The documentation is made of this table, and the tests try each example. The
examples speak of a complaint, with facts such as the refund and the card status.
"""

import functools
from importlib.resources import files
from typing import Final

import msgspec

GROUPS: Final = {
    "data": "What data is valid",
    "boundary": "What must not be crossed: one act",
    "order": "What must not be crossed: order and time",
    "goal": "Goals",
    "reaction": "Reactions and offers",
    "override": "Overriding",
    "condition": "Conditions",
    "person": "Persons",
    "action": "Actions",
}
SENTENCES: Final = ("data", "boundary", "order", "goal", "reaction")
"""The groups whose kinds are whole sentences; the others are parts of sentences."""


class Kind(msgspec.Struct, frozen=True):
    """A kind of sentence, or of its parts."""

    group: str
    id: str
    en: str
    de: str
    meaning: str

    @property
    def node(self) -> str:
        """The kind of the tree's node, which is its production in the grammars."""
        return self.id.partition(" ")[0]


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """Every kind, by group."""
    text = files("caseloom.engine.rules.language").joinpath("kinds.txt").read_text(encoding="utf-8")
    return tuple(_kind(block) for block in text.strip().split("\n\n"))


def _kind(block: str) -> Kind:
    head, en, de, meaning = block.split("\n")
    group, _, id = head.partition(": ")
    return Kind(group, id, en, de, meaning)


def as_markdown() -> str:
    """The table of all kinds, for the documentation."""
    parts = [
        "# Kinds of sentences",
        "",
        "Each row is a kind of rule, or of a part of rules, with an example. The words of the examples (refund, card",
        "status …) stand for those of your own service goal. How to write: [Write rules](../how-to/write-rules.md).",
        "",
    ]
    for group, title in GROUPS.items():
        rows = [kind for kind in kinds() if kind.group == group]
        parts += [f"## {title}", "", "| sentence | auf Deutsch | meaning |", "|---|---|---|"]
        parts += [f"| {_cell(kind.en)} | {_cell(kind.de)} | {_cell(kind.meaning)} |" for kind in rows]
        parts.append("")
    return "\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
