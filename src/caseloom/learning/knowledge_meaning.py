"""How near articles are to a case: by the words that both have, and by meaning where there is an encoder."""

from collections.abc import Iterable, Mapping, MutableMapping
from hashlib import sha256
from typing import Final

import msgspec
import numpy as np

from caseloom.learning.intake.encoder import Encoder, Vector
from caseloom.learning.knowledge import Ranked, Ranking
from caseloom.learning.knowledge_shelf import Piece, Shelf
from caseloom.learning.knowledge_votes import Votes
from caseloom.learning.knowledge_words import Words, likeness

BY_MEANING: Final = 0.6
"""The encoder's share beside the words. Of the demo company's 180 wants 68 in 100 have an article of their own service
goal on top, and 94 among the first three; by words alone 55 and 81.
"""
NEAR: Final = (0.09, 0.18)
"""From here on an article is about a message: by words alone (8 in 10 of the demo's messages, 1 in 3 of those that want
something quite else), and with the encoder (9 in 10, 1 in 4).
"""
NAMED: Final = 0.15
"""What it counts that the definition names an article for the goal that is worked for."""
OWN: Final = 0.05
"""What it counts that an article or letter is of the case's own service goal."""
HELPS: Final = 0.5
"""What it counts whether it helped: from half of this less to half of this more."""
SITUATION: Final = 0.3
"""The share of goal and facts where there is a message."""
SHOWN: Final = 8
REMEMBERED: Final = 2_000
"""Texts, 3 MB of vectors."""


class Remembering:
    """An encoder that keeps the vectors of the last texts: a case is ranked again and again with the same words."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self.fingerprint = encoder, encoder.fingerprint
        self._kept: dict[bytes, Vector] = {}

    def vector(self, text: str) -> Vector:
        """As the encoder's."""
        key = sha256(text.encode("utf-8", "replace")).digest()
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= REMEMBERED:
                del self._kept[next(iter(self._kept))]
            found = self._kept[key] = self._encoder.vector(text)
        return found

    def forget(self) -> None:
        """Keep none: some are of a person who is erased."""
        self._kept.clear()


class Situation(msgspec.Struct, frozen=True):
    """What a case is about now. `about` is its want, goal and facts in words; `message` what the customer wrote."""

    service_goal: str
    goal: str
    about: str
    message: str
    named: frozenset[str]
    own: frozenset[str]


class Meaning:
    """Compares texts with the articles of a shelf. The vectors of articles are kept in `vectors`, by their text."""

    def __init__(self, shelf: Shelf, encoder: Encoder | None, vectors: MutableMapping[str, Vector]) -> None:
        self._pieces = list(shelf.values())
        texts = [_text(piece) for piece in self._pieces]
        # A word of the title says more than one of the text.
        titled = [f"{piece.title}\n{text}" for piece, text in zip(self._pieces, texts, strict=True)]
        self._words = Words(titled)
        self._weights = [self._words.weights(text) for text in titled]
        self._encoder = encoder
        for text in texts if encoder is not None else ():
            if text not in vectors:
                vectors[text] = encoder.vector(text) if encoder is not None else np.zeros(0, np.float32)
        self._vectors = np.array([vectors[text] for text in texts]) if encoder is not None and texts else None

    @property
    def near(self) -> float:
        """From what nearness on an article is about a message."""
        return NEAR[self._vectors is not None]

    def vector(self, text: str) -> Vector | None:
        """The vector of a text; None without an encoder."""
        return self._encoder.vector(text) if self._encoder is not None else None

    def is_near(self, text: str, vector: Vector | None) -> bool:
        """Whether any article is about a text, whose vector is known."""
        return any(near >= self.near for near in _articles(self._pieces, self.nearness(text, vector)))

    def nearness(self, text: str, vector: Vector | None = None) -> dict[str, float]:
        """Article → how near it is to a text, 0 to 1."""
        weights = self._words.weights(text)
        by_words = [likeness(weights, other) for other in self._weights]
        if self._vectors is None or self._encoder is None or not weights:
            return {piece.article: near for piece, near in zip(self._pieces, by_words, strict=True)}
        by_meaning = np.clip(self._vectors @ (self._encoder.vector(text) if vector is None else vector), 0, 1)
        both = (1 - BY_MEANING) * np.array(by_words) + BY_MEANING * by_meaning
        return {piece.article: float(near) for piece, near in zip(self._pieces, both, strict=True)}

    def ranking(self, situation: Situation, votes: Votes) -> Ranking:
        """What may help in this situation, the best first. Of other service goals only what is near."""
        said = self.nearness(situation.message) if situation.message.strip() else {}
        about = self.nearness(situation.about) if situation.about.strip() else {}
        ranked: list[tuple[float, Ranked]] = []
        for piece in self._pieces:
            name = piece.article
            near = (1 - SITUATION) * said[name] + SITUATION * about.get(name, 0.0) if said else about.get(name, 0.0)
            if name not in situation.named | situation.own and said.get(name, 0.0) < self.near:
                continue
            count = votes.count(name)
            chance = votes.chance(name, situation.service_goal, situation.goal)
            score = near + HELPS * (chance - 0.5) + NAMED * (name in situation.named) + OWN * (name in situation.own)
            one = Ranked(name, round(near, 3), round(chance, 3), count.helped, count.of, count.used)
            ranked.append((score, one))
        ranked.sort(key=lambda pair: (-pair[0], pair[1].article))
        near_any = not said or any(near >= self.near for near in _articles(self._pieces, said))
        return Ranking(tuple(one for _score, one in ranked[:SHOWN]), near_any)


def _text(piece: Piece) -> str:
    return f"{piece.title}.\n{piece.text}"


def _articles(pieces: Iterable[Piece], nearness: Mapping[str, float]) -> list[float]:
    return [nearness[piece.article] for piece in pieces if piece.kind == "article"]
