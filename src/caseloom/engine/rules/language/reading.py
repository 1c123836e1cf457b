"""All ways to read a text, followed side by side.

The grammar itself is LALR(1); what a run of words is, is open until the rest is read. So a longer word never hides a
sense, and a sentence with two senses is found out. A sentence takes less than a millisecond.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.grammar import END, HALVES, Builder, Grammar, Half, Inline, Stack, as_node, grammar
from caseloom.engine.rules.language.lexicon import Lexicon, Voice
from caseloom.engine.rules.language.lexicons import lexicon
from caseloom.engine.rules.language.pieces import Piece, cut
from caseloom.engine.rules.language.tree import Node, Sentence, plain, words
from caseloom.engine.rules.language.values import values
from caseloom.engine.rules.language.vocabulary import Vocabulary

_READINGS: Final = 200
"""More readings of a beginning than this are not followed."""


class Match(NamedTuple):
    """What a run of pieces may be."""

    terminal: str
    value: Any
    length: int


class Reading:
    """A text being read: at each piece the stacks of the readings that come so far."""

    def __init__(self, text: str, language: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self.language = language
        self.grammar: Grammar = grammar(language)
        self.lexicon: Lexicon = lexicon(vocabulary, language)
        self.pieces = cut(text)
        self.full_stop = bool(self.pieces) and self.pieces[-1].text == "."
        if self.full_stop:
            self.pieces.pop()
        self.faults: list[SentenceFault] = []
        self.builder = _TreeBuilder(self.lexicon)
        self.stacks: list[list[Stack]] = [[self.grammar.bottom], *([] for _ in self.pieces)]
        self._longest = max(self.lexicon.longest, self.grammar.longest)
        for at in range(len(self.pieces)):
            self._step(at)

    def _step(self, at: int) -> None:
        if not self.stacks[at]:
            return
        matches = list(self._matches(at))
        for stack in self.stacks[at]:
            for match in matches:
                if self.grammar.has_action(stack, match.terminal) and self.goes_with(stack, match):
                    self._feed(stack, match, at + match.length)

    def _feed(self, stack: Stack, match: Match, to: int) -> None:
        try:
            after = self.grammar.feed(stack, match.terminal, match.value, self.builder)
        except SentenceFault as fault:
            self.faults.append(fault)
            return
        if after is not None and len(self.stacks[to]) < _READINGS:
            self.stacks[to].append(after)

    def goes_with(self, stack: Stack, match: Match) -> bool:
        """Whether a half of an act has a partner in what was read before: `a refund … paid`."""
        if match.terminal not in ("DONE", "OBJECT"):
            return True
        return all(match.value.phrase in partners for partners in partners_before(stack, match.terminal, self.lexicon))

    def _matches(self, at: int) -> Iterator[Match]:
        for found in values(self.pieces, at, self.language):
            yield Match(*found)
        for start in starts(self.pieces, at):
            phrase = start
            for length in range(1, min(self._longest, len(self.pieces) - at) + 1):
                if length > 1:
                    phrase += " " + self.pieces[at + length - 1].text
                terminal = self.grammar.terminals.get(phrase)
                if terminal is not None:
                    yield Match(terminal, phrase, length)
                for entry in self.lexicon.index.get(phrase, ()):
                    value = entry.word or Half(entry.terminal, phrase, self.pieces[at].at)
                    yield Match(entry.terminal, value, length)

    def sentences(self) -> list[Sentence]:
        """The distinct readings of the whole text."""
        found: dict[Sentence, Sentence] = {}
        if not self.pieces:
            return []
        capital = self.pieces[0].text[:1] != self.pieces[0].text[:1].lower() or not self.pieces[0].text[:1].isalpha()
        for stack in self.stacks[-1]:
            try:
                end = self.grammar.feed(stack, END, None, self.builder)
            except SentenceFault as fault:
                self.faults.append(fault)
                continue
            if end is not None and isinstance(end.value, Node):
                sentence = Sentence(end.value, self.language, capital, self.full_stop)
                found.setdefault(plain(sentence), sentence)
        return list(found.values())


def starts(pieces: list[Piece], at: int) -> tuple[str, ...]:
    """A piece as it is, and at the beginning of a sentence also with a small letter."""
    text = pieces[at].text
    small = text[:1].lower() + text[1:]
    return (text, small) if at == 0 and small != text else (text,)


def partners_before(stack: Stack, terminal: str, lexicon: Lexicon) -> list[set[str]]:
    """For a second half, the phrases that go with each first half that waits for it."""
    voice: Voice = "passive" if terminal == "DONE" else "active"
    first = "NOUN" if terminal == "DONE" else "VERB"
    found: list[set[str]] = []
    below: Stack | None = stack
    while below is not None:
        value = below.value
        held = [part for _, part in value.parts] if isinstance(value, Inline) else [value]
        halves = [part for part in held if isinstance(part, Half) and part.terminal == first]
        found += [lexicon.partners(voice, half.phrase) for half in halves]
        if halves and terminal == "DONE":
            return found
        below = below.below
    return found


class _TreeBuilder(Builder):
    """Makes the nodes of a tree, and joins the halves of acts."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon

    def build(self, origin: str, kind: str, wording: int, parts: list[tuple[str, Any]]) -> Any:
        if origin.startswith("_"):
            return Inline(tuple(parts))
        if not kind:
            return parts[0][1]
        node = as_node(kind, wording, self._whole(parts))
        if kind == "within_opening" and any(word.key.startswith("reach ") for word in words(node)):
            # That a goal must be reached within a term of the opening is its clock.
            raise SentenceFault("By when a goal must be reached is said of the goal alone, of no limit on it.")
        return node

    def _whole(self, parts: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        shared = {name: value for name, value in parts if name in HALVES}
        if not shared:
            return parts
        return [(name, self._act(name, value, shared)) for name, value in parts if name not in HALVES]

    def _act(self, name: str, value: Any, shared: dict[str, Half]) -> Any:
        if name == "DONE":
            acts = self._lexicon.acts("passive", (shared["NOUN"].phrase, value.phrase))
        elif name == "VERB":
            acts = self._lexicon.acts("active", (value.phrase, shared["OBJECT"].phrase))
        else:
            return value
        if len(acts) != 1:
            senses = " or ".join(f"“{act.key}”" for act in acts)
            raise SentenceFault(
                f"“{value.phrase}” may mean {senses or 'nothing here'}; name it in quotation marks.",
                value.at,
                value.phrase,
            )
        return acts[0]
