"""What was learned, as plain arrays, and the reading of one text with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt

from caseloom.learning.intake.calibration import Mix, Scope, Trials, softmax, thresholds
from caseloom.learning.intake.encoder import Encoder
from caseloom.learning.intake.features import Sparse, Vocabulary
from caseloom.learning.intake.linear import Head
from caseloom.learning.intake.message_text import language_of
from caseloom.learning.intake.neighbours import FORCE, Correction, Neighbours, Votes, mean_of_nearest, votes
from caseloom.learning.intake.presence import Presence

Floats = npt.NDArray[np.float32]

WRONG_AT_MOST = 0.01
"""The share of wrong openings that an owner bears who has said nothing else."""


class Route(msgspec.Struct, frozen=True, eq=False):
    """One way to read: by words alone, or with vectors; each with its own calibration."""

    mix: Mix
    trials: Trials
    scope: Scope
    presence: Presence | None


class Signs(msgspec.Struct, frozen=True, eq=False):
    """What a text looks like to the model."""

    sparse: Sparse
    vector: Floats | None


class Scores(msgspec.Struct, frozen=True, eq=False):
    """A text's reading in numbers.

    own: probabilities of the goals before, chances: after corrections of like messages had their say, shape (names,).
    outside: how surely it fits no goal. words: the scores by words. likeness: that of each earlier message, shape (n,).
    """

    own: Floats
    chances: Floats
    outside: float
    words: Floats
    likeness: Floats
    votes: Votes


@dataclass(frozen=True, eq=False)
class Learned:
    """All that `fit` learned; nothing in it is a text, and nothing changes.

    goals: their keys, sorted; the columns of all arrays. routes: `words`, and `vectors` where an encoder was there.
    main: the language that a text is taken for which does not say. encoder: the fingerprint of the encoder (""
    without).
    """

    goals: tuple[str, ...]
    vocabulary: Vocabulary
    words: Head
    vectors: Head | None
    by_words: Route
    by_vectors: Route | None
    neighbours: Neighbours
    main: str
    encoder: str
    examples: int


class Scorer:
    """A model at work: what was learned, the encoder, the owners' rates and the corrections since.

    names: the learned goals, and behind them those that only corrections name.
    """

    def __init__(
        self,
        learned: Learned,
        encoder: Encoder | None,
        rates: Mapping[str, float],
        corrections: Sequence[Correction] = (),
    ) -> None:
        self.learned = learned
        self.encoder = encoder if encoder is not None and encoder.fingerprint == learned.encoder else None
        self.rates = dict(rates)
        self.corrections = tuple(corrections)
        fresh = {goal for one in self.corrections for goal in one.goals} - set(learned.goals)
        self.names = (*learned.goals, *sorted(fresh))
        self._safe = {route: self._thresholds(route) for route in (True, False)}

    def _thresholds(self, with_vectors: bool) -> Floats:
        learned = self.learned
        route = learned.by_vectors if with_vectors and learned.by_vectors else learned.by_words
        rates = {place: self.rates[goal] for place, goal in enumerate(self.names) if goal in self.rates}
        return thresholds(route.trials, len(self.names), rates, WRONG_AT_MOST)

    def signs(self, text: str, language: str = "") -> Signs:
        """The text's features, and its vector where it is English and an encoder is there."""
        learned = self.learned
        sparse = learned.vocabulary.features(text)
        if self.encoder is None or learned.vectors is None:
            return Signs(sparse, None)
        if (language or language_of(text) or learned.main) != "en":
            return Signs(sparse, None)
        vector = self.encoder.vector(text)
        return Signs(sparse, vector if vector.any() else None)

    def safe_from(self, signs: Signs) -> Floats:
        """From which probability each goal opens by itself, shape (names,)."""
        return self._safe[signs.vector is not None]

    def route(self, signs: Signs) -> Route:
        """The way in which a text is read."""
        learned = self.learned
        return learned.by_vectors if signs.vector is not None and learned.by_vectors else learned.by_words

    def scores(self, signs: Signs) -> Scores:
        """The whole reading in numbers; there must be a goal among the names."""
        own, words, top = self._own(signs)
        likeness = self.learned.neighbours.likeness(signs.sparse, signs.vector)
        near = mean_of_nearest(likeness) if signs.vector is not None else 0.0
        outside = float(self.route(signs).scope.outside(top, near))
        said = votes(self.corrections, signs.sparse, signs.vector)
        chances, outside = self._with(said, own, outside)
        return Scores(own, chances, outside, words, likeness, said)

    def chances(self, signs: Signs) -> Floats:
        """The probabilities of the goals, corrections included, shape (names,)."""
        return self._with(votes(self.corrections, signs.sparse, signs.vector), self._own(signs)[0], 0.0)[0]

    def words_chances(self, text: str) -> Floats:
        """Those by the words alone, without corrections: quick, for pieces of a text, shape (names,)."""
        return self._own(Signs(self.learned.vocabulary.features(text), None))[0]

    def _own(self, signs: Signs) -> tuple[Floats, Floats, float]:
        """What the model alone thinks: probabilities, word scores, best joined score."""
        learned = self.learned
        if not learned.goals:
            return np.zeros(len(self.names), np.float32), np.zeros(len(self.names), np.float32), -30.0
        words = signs.sparse.against(learned.words.weights) + learned.words.constants
        vectors = None
        if signs.vector is not None and learned.vectors is not None:
            vectors = np.asarray(signs.vector @ learned.vectors.weights + learned.vectors.constants, np.float32)
        joined = self.route(signs).mix.scores(words, vectors)
        chances, top = softmax(joined), float(joined.max())
        if more := len(self.names) - len(learned.goals):
            chances, words = np.pad(chances, (0, more)), np.pad(words, (0, more), constant_values=-1)
        return chances, words, top

    def _with(self, said: Votes, own: Floats, outside: float) -> tuple[Floats, float]:
        if not said.weights:
            return own, outside
        whole = 1 + FORCE * said.total
        none = said.weights.get("", 0.0)
        added = np.array([FORCE * said.weights.get(goal, 0.0) for goal in self.names], np.float32)
        # A vote for none takes nothing from one goal in favour of another.
        chances = (own * np.float32(1 + FORCE * none) + added) / np.float32(whole)
        return chances, (outside + FORCE * none) / whole
