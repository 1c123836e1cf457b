"""Sentences derived from the grammar by chance: of every kind, with any words of a vocabulary."""

import random
from typing import Any, Final

from lark.grammar import NonTerminal, Symbol

from caseloom.engine.rules.language.grammar import ACTS, HALVES, as_node, grammar
from caseloom.engine.rules.language.lexicons import lexicon
from caseloom.engine.rules.language.tree import Count, Node, Sentence, Slot, Term, Value, Word
from caseloom.engine.rules.language.vocabulary import Vocabulary

_LITERALS: Final[dict[str, tuple[Slot, ...]]] = {
    "NUMBER": (Value("number", "5"), Value("number", "12.5")),
    "MONEY": (Value("money", "5 EUR"), Value("money", "0.50 USD")),
    "STRING": (Value("text", "active"), Value("text", "a, b")),
    "DATE": (Value("date", "2026-12-31"),),
    "TIME": (Value("time", "08:00"), Value("time", "18:30")),
    "TRUTH": (Value("truth", "true"), Value("truth", "false")),
    "TERM": (Term("4 business hours"), Term("1 day"), Term("2 weeks"), Term("30 minutes")),
    "COUNT": (Count(1), Count(2), Count(3)),
}
_DEEPEST: Final = 9


class Derivations:
    """Derives trees from the English grammar; their words stand in their usual forms."""

    def __init__(self, chance: random.Random, vocabulary: Vocabulary) -> None:
        self._chance = chance
        self._grammar = grammar("en")
        self._lexicon = lexicon(vocabulary, "en")

    def sentence(self) -> Sentence:
        """A tree of any kind."""
        made: Any = self._part("start", 0)
        return Sentence(made)

    def _part(self, origin: str, depth: int) -> Slot:
        productions = self._grammar.productions[origin]
        if depth > _DEEPEST:
            # The first production of a part that may hold itself is a plain one.
            productions = productions[:1]
        made = self._chance.choice(productions)
        parts = [(symbol.name, self._slot(symbol, depth + 1)) for symbol in made.symbols if self._stands(symbol)]
        return as_node(made.kind, 0, parts) if made.kind else parts[0][1]

    def _stands(self, symbol: Symbol) -> bool:
        return symbol.name not in self._grammar.keywords and symbol.name not in HALVES

    def _slot(self, symbol: Symbol, depth: int) -> Slot:
        if isinstance(symbol, NonTerminal):
            return self._part(symbol.name, depth)
        if symbol.name in _LITERALS:
            return self._chance.choice(_LITERALS[symbol.name])
        of, key = self._chance.choice(self._words(symbol.name))
        return Word(of, key)

    def _words(self, terminal: str) -> list[tuple[str, str]]:
        if terminal not in ACTS:
            return sorted(self._lexicon.table(terminal))
        table = self._lexicon.table("CLAUSE" if terminal in ("DONE", "VERB") else terminal)
        return sorted(word for word, phrases in table.items() if phrases)


def kinds_in(node: Node) -> set[str]:
    """The kinds of a node and of all below it."""
    return {node.kind}.union(*(kinds_in(slot) for slot in node.slots if isinstance(slot, Node)))
