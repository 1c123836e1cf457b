"""Word and character features of a text, weighted by TF-IDF (Salton and Buckley 1988).

Words and pairs of neighbours; runs of 2 to 4 characters within a word, which forgive typing errors and know the
stems of long German words. The weight is (1 + ln count) · (ln((1 + n) / (1 + n with it)) + 1); words and
characters are each brought to length one, so that neither drowns the other.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from caseloom.learning.intake.message_text import LONGEST_WORD, plain, words_of

RUNS = (2, 3, 4)
"""Lengths of the runs of characters."""
MANY = 2_000
"""From so many texts on, a feature that stands in one text alone is left out."""
MOST_FEATURES = 120_000
_MOST_TOKENS_KEPT = 20_000

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.int32]


class Sparse(msgspec.Struct, frozen=True, eq=False):
    """The features of one text: which (places in the vocabulary, ascending) and how much of each."""

    places: Places
    amounts: Floats

    def against(self, weights: Floats) -> Floats:
        """Its product with weights of shape (features, goals): shape (goals,)."""
        return np.asarray(self.amounts @ weights[self.places], np.float32)


class Vocabulary:
    """Which features a model knows, and how rare each is.

    names: the features, words first; `split` is where the characters begin. rarity: their idf, shape (features,).
    """

    def __init__(self, names: Sequence[str], split: int, rarity: Floats) -> None:
        self.names = list(names)
        self.split = split
        self.rarity = rarity
        self._words = {name: place for place, name in enumerate(self.names[:split])}
        self._runs = {name: place for place, name in enumerate(self.names[split:], split)}
        self._runs_of: dict[str, list[int]] = {}

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Vocabulary":
        """That of the training texts; the order of the texts does not matter."""
        words: Counter[str] = Counter()
        runs: Counter[str] = Counter()
        kept: dict[str, list[str]] = {}
        count = 0
        for text in texts:
            count += 1
            even = plain(text)
            words.update(set(_terms(even)))
            runs.update({run for token in even.split() for run in _kept_runs(token, kept)})
        chosen = [_chosen(words, count), _chosen(runs, count)]
        seen = np.array([words[name] for name in chosen[0]] + [runs[name] for name in chosen[1]], np.float32)
        rarity = np.log((1 + count) / (1 + seen)) + 1
        return cls([*chosen[0], *chosen[1]], len(chosen[0]), rarity.astype(np.float32))

    def features(self, text: str) -> Sparse:
        """The features of one text; those that no training text had are unknown and left out."""
        even = plain(text)
        words = Counter(place for term in _terms(even) if (place := self._words.get(term)) is not None)
        runs = Counter(place for token in even.split() for place in self._places_of(token))
        halves = [self._weighted(words), self._weighted(runs)]
        return Sparse(np.concatenate([half.places for half in halves]), np.concatenate([h.amounts for h in halves]))

    def matrix(self, texts: Iterable[str]) -> csr_matrix:
        """The features of many texts, one a row."""
        rows = [self.features(text) for text in texts]
        ends = np.cumsum([0, *(len(row.places) for row in rows)])
        places = np.concatenate([row.places for row in rows]) if rows else np.zeros(0, np.int32)
        amounts = np.concatenate([row.amounts for row in rows]) if rows else np.zeros(0, np.float32)
        return csr_matrix((amounts, places, ends), shape=(len(rows), len(self.names)))

    def _weighted(self, counts: Counter[int]) -> Sparse:
        places = np.array(sorted(counts), np.int32)
        amounts = np.array([1 + math.log(counts[place]) for place in places.tolist()], np.float32)
        amounts = amounts * self.rarity[places]
        length = float(np.sqrt((amounts * amounts).sum()))
        return Sparse(places, amounts / np.float32(length or 1))

    def _places_of(self, token: str) -> list[int]:
        found = self._runs_of.get(token)
        if found is None:
            found = [place for run in _runs(token) if (place := self._runs.get(run)) is not None]
            if len(self._runs_of) < _MOST_TOKENS_KEPT:
                self._runs_of[token] = found
        return found


def _terms(even: str) -> list[str]:
    words = words_of(even)
    return [*words, *map(" ".join, pairwise(words))]


def _runs(token: str) -> list[str]:
    edged = f" {token[:LONGEST_WORD]} "
    return [edged[i : i + size] for size in RUNS for i in range(len(edged) - size + 1)]


def _kept_runs(token: str, kept: dict[str, list[str]]) -> list[str]:
    found = kept.get(token)
    if found is None:
        found = kept[token] = _runs(token)
    return found


def _chosen(counts: Counter[str], texts: int) -> list[str]:
    fewest = 2 if texts >= MANY else 1
    names = [name for name, count in counts.items() if count >= fewest]
    if len(names) > MOST_FEATURES:
        names = sorted(names, key=lambda name: (-counts[name], name))[:MOST_FEATURES]
    return sorted(names)
