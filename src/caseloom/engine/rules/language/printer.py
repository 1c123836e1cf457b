"""A tree to text, in any language that has a grammar."""

from collections.abc import Iterable
from typing import Final, Literal, TypeVar

from lark.grammar import NonTerminal, Symbol

from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.grammar import HALVES, Grammar, Production, category, grammar
from caseloom.engine.rules.language.lexicon import Lexicon, Pair, Voice
from caseloom.engine.rules.language.lexicons import lexicon
from caseloom.engine.rules.language.pieces import joined
from caseloom.engine.rules.language.tree import Node, Sentence, Slot, Word, the_node
from caseloom.engine.rules.language.values import terminal_of, written
from caseloom.engine.rules.language.vocabulary import Vocabulary

# Of each voice the half that several acts may share, the half of each act, and which of a pair is shared.
_VOICES: Final[tuple[tuple[Voice, str, str, int], ...]] = (
    ("passive", "NOUN", "DONE", 0),
    ("active", "OBJECT", "VERB", 1),
)
_Form = TypeVar("_Form")
Style = Literal["kept", "usual", "keyed"]
"""Which form of a word is written: the one that the tree keeps, the usual one, or the one that names its key."""


def write(sentence: Sentence, language: str, vocabulary: Vocabulary) -> str:
    """The text of a tree. The forms that the tree keeps count in their own language; elsewhere the usual ones.

    Raises:
        SentenceFault: the vocabulary lacks a word of the tree.
    """
    kept = sentence.language == language
    text = write_node(sentence.root, language, vocabulary, "kept" if kept else "usual")
    if sentence.capital or not kept:
        text = text[:1].upper() + text[1:]
    return text + ("." if sentence.full_stop or not kept else "")


def write_node(node: Node, language: str, vocabulary: Vocabulary, style: Style = "kept") -> str:
    """The text of a part of a sentence."""
    writer = _Writer(grammar(language), lexicon(vocabulary, language), language, style)
    for origin in ("start", *writer.grammar.productions):
        text = writer.part(origin, node)
        if text is not None:
            return text
    raise SentenceFault(f"The vocabulary has no words for what this rule says ({node.kind}).")


class _Writer:
    def __init__(self, grammar: Grammar, lexicon: Lexicon, language: str, style: Style) -> None:
        self.grammar = grammar
        self._lexicon = lexicon
        self._language = language
        self._style = style

    def part(self, origin: str, slot: Slot) -> str | None:
        """What a nonterminal says for a slot, or None where it cannot stand there."""
        for production in self._tried(origin, slot):
            if production.kind:
                text = self._sequence(production.symbols, the_node(slot).slots)
            else:
                text = self._symbol(production.symbols[0], slot)
            if text is not None:
                return text
        return None

    def _tried(self, origin: str, slot: Slot) -> Iterable[Production]:
        """The productions that may say it: the wording that was written, then the usual ones."""
        kind = slot.kind if isinstance(slot, Node) else None
        wording = slot.wording if isinstance(slot, Node) and self._style == "kept" else 0
        fitting = [
            made
            for made in self.grammar.productions[origin]
            if (made.kind == kind if made.kind else len(made.symbols) == 1)
        ]
        return sorted(fitting, key=lambda made: (made.wording != wording, made.wording))

    def _sequence(self, symbols: tuple[Symbol, ...], slots: tuple[Slot, ...]) -> str | None:
        takes = [n for n, symbol in enumerate(symbols) if self._takes_slot(symbol)]
        if len(takes) != len(slots):
            return None
        # The slots stand in the order of their categories, the symbols in that of the language.
        place = dict(zip(sorted(takes, key=lambda n: category(symbols[n].name)), slots, strict=True))
        halves = self._halves(symbols, place)
        if halves is None:
            return None
        phrases = []
        for n, symbol in enumerate(symbols):
            phrase = self.grammar.keywords.get(symbol.name) or halves.get(n) or self._symbol(symbol, place[n])
            if phrase is None:
                return None
            phrases.append(phrase)
        return joined(phrases)

    def _takes_slot(self, symbol: Symbol) -> bool:
        return symbol.name not in self.grammar.keywords and symbol.name not in HALVES

    def _halves(self, symbols: tuple[Symbol, ...], place: dict[int, Slot]) -> dict[int, str] | None:
        """What stands for the halves of acts, by the number of the symbol."""
        said: dict[int, str] = {}
        for voice, shared, own, first in _VOICES:
            owns = [n for n, symbol in enumerate(symbols) if symbol.name == own]
            if not owns:
                continue
            pairs = self._pairs(voice, [place[n] for n in owns], first)
            if pairs is None:
                return None
            said.update({n: pair[1 - first] for n, pair in zip(owns, pairs, strict=True)})
            said[next(n for n, symbol in enumerate(symbols) if symbol.name == shared)] = pairs[0][first]
        return said

    def _pairs(self, voice: Voice, acts: list[Slot], shared: int) -> list[Pair] | None:
        """A pair for each act, all with the same shared half."""
        words = [act for act in acts if isinstance(act, Word) and act.of == "act"]
        forms = [self._preferred(word, self._lexicon.pair_forms(voice, word.key)) for word in words]
        if len(words) < len(acts) or not all(forms):
            return None
        for pair in forms[0]:
            others = [next((o for o in more if o[shared] == pair[shared]), None) for more in forms[1:]]
            if None not in others:
                return [pair, *(other for other in others if other is not None)]
        return None

    def _preferred(self, word: Word, forms: tuple[Pair, ...]) -> tuple[Pair, ...]:
        """The forms of an act, the one that is to be written first."""
        return (self._chosen(word, forms), *forms) if forms else ()

    def _chosen(self, word: Word, forms: "tuple[_Form, ...]") -> "_Form":
        """The form that is written: the one that was kept, the usual one, or the one that names the key."""
        if self._style == "keyed":
            return next((form for form in reversed(forms) if '"' in str(form)), forms[-1])
        return forms[word.form] if self._style == "kept" and word.form < len(forms) else forms[0]

    def _symbol(self, symbol: Symbol, slot: Slot) -> str | None:
        if isinstance(symbol, NonTerminal):
            return self.part(symbol.name, slot)
        if not isinstance(slot, Word):
            return written(slot, self._language) if terminal_of(slot) == symbol.name else None
        phrases = self._lexicon.phrases(symbol.name, slot)
        return self._chosen(slot, phrases) if phrases else None
