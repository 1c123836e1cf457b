"""The phrases of a language for the words of a vocabulary: found by text when reading, by key when writing."""

import bisect
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from caseloom.engine.rules.language.pieces import normal
from caseloom.engine.rules.language.tree import Word

Pair = tuple[str, str]
Voice = Literal["passive", "active"]


class Entry(NamedTuple):
    """What a phrase may be: a terminal, and the word that it stands for (None for a half of an act)."""

    terminal: str
    word: Word | None


class ActForms(NamedTuple):
    """How an act is said. The first of each is the usual one."""

    act: str
    passive: tuple[Pair, ...] = ()
    """`("a refund", "paid")`: of a noun and what is done to it."""
    active: tuple[Pair, ...] = ()
    """`("pay", "a refund")`."""
    doing: tuple[str, ...] = ()
    """`pay a refund`."""
    clause: tuple[str, ...] = ()
    """`the refund is paid`."""
    undone: tuple[str, ...] = ()
    """`the refund is not paid`."""
    did: tuple[str, ...] = ()
    """`paid the refund`."""


def both(one: ActForms | None, other: ActForms) -> ActForms:
    """The forms of the first, then those of the second."""
    if one is None:
        return other
    return ActForms(
        other.act,
        one.passive + other.passive,
        one.active + other.active,
        one.doing + other.doing,
        one.clause + other.clause,
        one.undone + other.undone,
        one.did + other.did,
    )


class Lexicon:
    """All phrases of a vocabulary in one language."""

    def __init__(self) -> None:
        self.index: dict[str, list[Entry]] = {}
        self.longest = 1
        self._tables: dict[str, dict[tuple[str, str], tuple[str, ...]]] = {}
        self._pairs: dict[Voice, dict[Pair, list[Word]]] = {"passive": {}, "active": {}}
        self._pair_forms: dict[Voice, dict[str, tuple[Pair, ...]]] = {"passive": {}, "active": {}}
        self._partners: dict[Voice, dict[str, set[str]]] = {"passive": {}, "active": {}}
        self._sorted: list[str] | None = None

    def add(self, terminal: str, of: str, key: str, phrases: Iterable[str]) -> None:
        """The phrases of a word where this terminal stands."""
        said = tuple(dict.fromkeys(normal(phrase) for phrase in phrases if phrase.strip()))
        table = self._tables.setdefault(terminal, {})
        table[of, key] = said
        for form, phrase in enumerate(said):
            self._enter(phrase, Entry(terminal, Word(of, key, form)))

    def add_act(self, forms: ActForms) -> None:
        """An act in all its shapes."""
        for terminal, phrases in (
            ("DOING", forms.doing),
            ("CLAUSE", forms.clause),
            ("UNDONE", forms.undone),
            ("DID", forms.did),
        ):
            self.add(terminal, "act", forms.act, phrases)
        self._add_pairs("passive", forms.act, forms.passive, ("NOUN", "DONE"))
        self._add_pairs("active", forms.act, forms.active, ("VERB", "OBJECT"))

    def _add_pairs(self, voice: Voice, act: str, pairs: Iterable[Pair], terminals: Pair) -> None:
        said = tuple(dict.fromkeys((normal(one), normal(other)) for one, other in pairs))
        self._pair_forms[voice][act] = said
        for form, pair in enumerate(said):
            self._pairs[voice].setdefault(pair, []).append(Word("act", act, form))
            for terminal, phrase in zip(terminals, pair, strict=True):
                self._enter(phrase, Entry(terminal, None))
            self._partners[voice].setdefault(pair[0], set()).add(pair[1])

    def _enter(self, phrase: str, entry: Entry) -> None:
        entries = self.index.setdefault(phrase, [])
        if entry not in entries:
            entries.append(entry)
        self.longest = max(self.longest, phrase.count(" ") + 1)
        self._sorted = None

    def means(self, phrase: str, terminal: str) -> bool:
        """Whether a phrase stands for a word of this terminal already."""
        return any(entry.terminal == terminal for entry in self.index.get(normal(phrase), ()))

    def acts(self, voice: Voice, pair: Pair) -> list[Word]:
        """The acts that two halves name together."""
        return self._pairs[voice].get(pair, [])

    def partners(self, voice: Voice, half: str) -> set[str]:
        """The second halves that go with a first one."""
        return self._partners[voice].get(half, set())

    def phrases(self, terminal: str, word: Word) -> tuple[str, ...]:
        """How a word is said where this terminal stands; empty where it cannot be said so."""
        return self._tables.get(terminal, {}).get((word.of, word.key), ())

    def pair_forms(self, voice: Voice, act: str) -> tuple[Pair, ...]:
        """The halves in which an act is said."""
        return self._pair_forms[voice].get(act, ())

    def beginning_with(self, text: str) -> Iterable[str]:
        """The phrases that begin with a text."""
        if self._sorted is None:
            self._sorted = sorted(self.index)
        at = bisect.bisect_left(self._sorted, text)
        while at < len(self._sorted) and self._sorted[at].startswith(text):
            yield self._sorted[at]
            at += 1

    def table(self, terminal: str) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """All words of a terminal."""
        return self._tables.get(terminal, {})
