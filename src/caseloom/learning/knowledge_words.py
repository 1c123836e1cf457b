"""Texts by their words: how much two have in common, and finding by what is being typed. Pure, and quick enough for a
page.

A word counts by its stem, which here is no more than its first letters; its weight is (1 + ln count) · idf (Salton and
Buckley 1988).
"""

import bisect
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

STEM: Final = 6
"""Letters of a word that tell it: `activate`, `activation` and `aktiviert`, `Aktivierung` are one."""
SHORTEST: Final = 3
LONGEST: Final = 20_000
"""Characters of a text that are read."""
QUERY_WORDS: Final = 12
TITLE: Final = 3.0
"""A word of the title counts so many times as one of the text."""
_WORD: Final = re.compile(r"[^\W\d_]+")
_MAIL: Final = re.compile(r"\S+@\S+")
_EVERYWHERE: Final = """
the and for are was were you your yours our ours his her hers its their them they this that these those with from
not but have has had does did done can could would should will shall may might must what when where which who whom
how why there here been being get got want need please thank thanks hello dear kind regards best wishes all any some
too very just also into onto out about than then now yet one two me my we she him more most much many such only own
same let know soon sir madam good morning team looking forward der die das den dem des ein eine einen einem einer
ich ist sind war waren mein meine meinen meinem meiner mich mir wir uns sie ihr ihre ihnen ihrem ihren dies diese
dieser dieses und oder für mit nicht kein keine kann können könnte habe hat haben hatte wie warum wann wer wird
werden auf aus bei bitte noch nach sehr geehrte damen herren danke hallo nein auch aber wenn dass über zum zur von
vom als nur schon mal grüße freundlichen vielen dank
"""
COMMON: Final = frozenset(_EVERYWHERE.split())
"""What says nothing of the matter, in English and German."""

Weights = dict[str, float]


def words_of(text: str) -> list[str]:
    """The telling words of a text in lower case, in order: no addresses, no numbers, nothing that stands everywhere."""
    even = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    found = _WORD.findall(_MAIL.sub(" ", even))
    return [word for word in found if len(word) >= SHORTEST and word not in COMMON]


def stems_of(text: str) -> Counter[str]:
    """Stem → how often it stands there."""
    return Counter(word[:STEM] for word in words_of(text))


class Words:
    """How rare each stem is among some texts. `texts` are those that are compared later, each as it is."""

    def __init__(self, texts: Iterable[str]) -> None:
        seen: Counter[str] = Counter()
        self._count = 0
        for text in texts:
            self._count += 1
            seen.update(stems_of(text).keys())
        self._seen = seen

    def rarity(self, stem: str) -> float:
        """The idf of a stem; one that no text had is the rarest."""
        return math.log((1 + self._count) / (1 + self._seen[stem])) + 1

    def weights(self, text: str, times: float = 1.0) -> Weights:
        """Stem → weight, of length one; empty for a text that says nothing."""
        return unit({stem: times * (1 + math.log(n)) * self.rarity(stem) for stem, n in stems_of(text).items()})


def unit(weights: Mapping[str, float]) -> Weights:
    """The same direction with length one."""
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {stem: weight / length for stem, weight in weights.items()} if length else {}


def likeness(one: Weights, other: Weights) -> float:
    """The cosine of two texts, from 0 (no word in common) to 1."""
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    return sum(weight * many[stem] for stem, weight in few.items() if stem in many)


class Index:
    """Texts to be found by words that are still being typed: each may be the beginning of one that stands there."""

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        """`texts` are (title, text)."""
        self._places: dict[str, dict[int, float]] = defaultdict(dict)
        self._count = len(texts)
        for number, (title, text) in enumerate(texts):
            for word, times in Counter(words_of(text)).items():
                self._places[word][number] = 1 + math.log(times)
            for word in words_of(title):
                self._places[word][number] = self._places[word].get(number, 0.0) + TITLE
        self._words = sorted(self._places)

    def find(self, query: str, most: int) -> list[int]:
        """The numbers of the texts that have all words of the query, or as many of them as any has; the best first."""
        typed = list(dict.fromkeys(words_of(query)))[:QUERY_WORDS] or _short_words(query)
        scores: dict[int, float] = defaultdict(float)
        hits: Counter[int] = Counter()
        for word in typed:
            places = self._beginning_with(word)
            rarity = math.log((1 + self._count) / (1 + len(places))) + 1
            for number, amount in places.items():
                scores[number] += amount * rarity
                hits[number] += 1
        best = max(hits.values(), default=0)
        found = [number for number in scores if hits[number] == best]
        return sorted(found, key=lambda number: (-scores[number], number))[:most]

    def _beginning_with(self, start: str) -> dict[int, float]:
        found: dict[int, float] = {}
        for word in _from(self._words, start):
            whole = 1.0 if word == start else 0.6
            for number, amount in self._places[word].items():
                found[number] = max(found.get(number, 0.0), amount * whole)
        return found


def _short_words(query: str) -> list[str]:
    """What is typed first is short, or common."""
    return list(dict.fromkeys(_WORD.findall(query.lower())))[:QUERY_WORDS]


def _from(words: Sequence[str], start: str) -> Iterable[str]:
    """The words, in order, that begin so."""
    for place in range(bisect.bisect_left(words, start), len(words)):
        if not words[place].startswith(start):
            return
        yield words[place]
