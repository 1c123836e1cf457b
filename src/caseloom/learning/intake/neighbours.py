"""The earlier messages that a text is most like, and what agents' corrections of such messages say of it."""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from caseloom.learning.intake.features import Sparse

Floats = npt.NDArray[np.float32]

NEAREST = 3
MOST_KEPT = 20_000
"""Earlier messages that are kept to be named and compared with; the heads learn from all."""
LIKE_VECTORS = (0.70, 0.90)
"""Likeness by vectors (cosine) at which a correction begins to count, and from which it counts in full."""
LIKE_WORDS = (0.40, 0.70)
"""The same by words."""
MOST_CORRECTIONS = 1_000
"""The newest so many count between two trainings."""
FORCE = 8.0
"""How much one full vote counts beside the model's own opinion, which counts 1."""
LEAST_VOTE = 0.5
"""Votes that come to less together are no agreement, and leave the model's opinion as it is."""
BORNE_OUT = 0.1
"""The probability that a goal has without a person's word for it, from which the word is borne out."""
DOUBTED = 20.0
"""What one person's corrections that nothing else bears out may count together, in votes."""


class Neighbour(msgspec.Struct, frozen=True):
    """An earlier message: its key, how like (0 to 1), and what it wanted."""

    key: str
    likeness: float
    goals: tuple[str, ...]


class Neighbours:
    """Earlier messages by words and, where they were read so, by vector.

    vectors: shape (n, width), rows of zeros where a message has none. words: their features, shape (n, features).
    """

    def __init__(
        self, keys: Sequence[str], goals: Sequence[tuple[str, ...]], vectors: Floats | None, words: csr_matrix
    ) -> None:
        self.keys = list(keys)
        self.goals = list(goals)
        self.vectors = vectors
        self.words = words

    def likeness(self, sparse: Sparse, vector: Floats | None) -> Floats:
        """How like each kept message is, shape (n,)."""
        if vector is not None and self.vectors is not None:
            return np.asarray(self.vectors @ vector, np.float32)
        query = np.zeros(self.words.shape[1], np.float32)
        query[sparse.places] = sparse.amounts
        # Words and characters have length one each.
        return np.asarray(self.words @ query, np.float32) / np.float32(2)

    def nearest(self, likeness: Floats, most: int = NEAREST) -> tuple[Neighbour, ...]:
        """The nearest, best first."""
        order = np.argsort(-likeness, kind="stable")[:most]
        return tuple(Neighbour(self.keys[i], round(float(likeness[i]), 4), self.goals[i]) for i in order.tolist())


def mean_of_nearest(likeness: Floats) -> float:
    """The mean of the `NEAREST` largest; 0 where there is none."""
    if not len(likeness):
        return 0.0
    count = min(NEAREST, len(likeness))
    return float(np.partition(likeness, -count)[-count:].mean())


class Correction(msgspec.Struct, frozen=True, eq=False):
    """What an agent said a message wants, between two trainings.

    borne_out: whether something else speaks for it too: the model had it among its first three, or another person
    said the same of a like message.
    """

    key: str
    person: str
    actor: str
    goals: tuple[str, ...]
    sparse: Sparse
    vector: Floats | None
    borne_out: bool


class Votes(msgspec.Struct, frozen=True):
    """What corrections of like messages say: votes for each goal (empty text: for none), and how many people stand
    behind each."""

    weights: dict[str, float]
    people: dict[str, int]

    @property
    def total(self) -> float:
        """All votes together."""
        return sum(self.weights.values())


NO_VOTES = Votes({}, {})


def votes(corrections: Sequence[Correction], sparse: Sparse, vector: Floats | None) -> Votes:
    """The votes on one text. A person has at most one vote on it, shared among the goals that the person named, and
    less than one where many corrections of theirs are borne out by nothing: so nobody turns the model alone.
    """
    if not corrections:
        return NO_VOTES
    doubted: dict[str, int] = {}
    for one in corrections:
        if not one.borne_out:
            doubted[one.actor] = doubted.get(one.actor, 0) + 1
    words = _spread(sparse, corrections)
    said: dict[str, dict[str, float]] = {}
    for one in corrections:
        weight = _near(one, vector, words)
        if not one.borne_out:
            weight *= min(1.0, DOUBTED / doubted[one.actor])
        for goal in one.goals or ("",) if weight > 0 else ():
            mine = said.setdefault(one.actor, {})
            mine[goal] = max(mine.get(goal, 0.0), weight)
    weights: dict[str, float] = {}
    people: dict[str, int] = {}
    for mine in said.values():
        share = max(mine.values()) / sum(mine.values())
        for goal, weight in mine.items():
            weights[goal] = weights.get(goal, 0.0) + weight * share
            people[goal] = people.get(goal, 0) + 1
    return Votes(weights, people) if sum(weights.values()) >= LEAST_VOTE else NO_VOTES


def nearness(one: Correction, sparse: Sparse, vector: Floats | None) -> float:
    """How much a correction of one message speaks of another, 0 to 1."""
    return _near(one, vector, _spread(sparse, [one]))


def _near(one: Correction, vector: Floats | None, words: Floats) -> float:
    if vector is not None and one.vector is not None:
        return _ramp(float(one.vector @ vector), LIKE_VECTORS)
    return _ramp(float(one.sparse.amounts @ words[one.sparse.places]) / 2, LIKE_WORDS)


def _spread(sparse: Sparse, corrections: Sequence[Correction]) -> Floats:
    """The text's features as one array, long enough for all that the corrections have."""
    last = max(
        (int(some.places.max()) for some in (sparse, *(c.sparse for c in corrections)) if len(some.places)), default=0
    )
    words = np.zeros(last + 1, np.float32)
    words[sparse.places] = sparse.amounts
    return words


def _ramp(likeness: float, between: tuple[float, float]) -> float:
    return min(1.0, max(0.0, (likeness - between[0]) / (between[1] - between[0])))
