"""From scores to probabilities that hold, and to thresholds that keep an error rate.

All of it is fitted to scores that each training message got from a model which had not seen it (cross-validation),
so nothing flatters itself.
"""

from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Wholes = npt.NDArray[np.int64]

NEVER = 2.0
"""A threshold that no probability reaches."""
BORROWED = 200.0
"""With how many messages' weight the errors of all goals count towards the estimate of one goal."""
HALF_AN_ERROR = 0.5
"""Added to what was counted: the threshold is the most fortunate one of many, and what follows is less so."""
KEPT_IN_SCOPE = 0.98
"""So many of the well-read messages are kept when those that fit no goal are told apart."""
_BINS = 15


class Mix(msgspec.Struct, frozen=True):
    """How much the scores of words and of vectors count before the softmax."""

    words: float
    vectors: float

    def scores(self, words: Floats, vectors: Floats | None) -> Floats:
        """The joined scores, shape as those given."""
        joined = np.float32(self.words) * words
        return joined if vectors is None else joined + np.float32(self.vectors) * vectors


class Trials(msgspec.Struct, frozen=True, eq=False):
    """What came of reading training messages unseen: of each, its first goal's index, probability, whether right, and
    how many equal messages it stands for.
    """

    goal: Wholes
    chance: Floats
    right: Flags
    count: Floats

    @classmethod
    def none(cls) -> "Trials":
        """No message was tried."""
        return cls(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.bool_), np.zeros(0, np.float32))


def softmax(scores: Floats) -> Floats:
    """Along the last axis."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)


def fit_mix(words: Floats, vectors: Floats | None, goals: Flags, count: Floats) -> Mix:
    """The mix under which what the messages want was likeliest.

    words, vectors: scores, shape (n, goals). goals: what each wants, shape (n, goals), at least one each. Of a
    message with several wants, any of them is a hit.
    """
    from scipy.optimize import minimize

    parts = [words] if vectors is None else [words, vectors]
    share = count / count.sum()

    def loss(point: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        joined = sum(np.float32(by) * part for by, part in zip(point, parts, strict=True))
        chances = softmax(np.asarray(joined, np.float32))
        hits = chances * goals
        hit = hits.sum(axis=1) + np.float32(1e-12)
        pull = (chances - hits / hit[:, None]) * share[:, None]
        slope = [float((pull * part).sum()) for part in parts]
        return -float((np.log(hit) * share).sum()), np.array(slope, np.float64)

    found = minimize(loss, np.ones(len(parts)), jac=True, method="L-BFGS-B", bounds=[(0.0, 20.0)] * len(parts))
    weights = [float(value) for value in found.x]
    return Mix(weights[0], weights[1] if vectors is not None else 0.0)


def likelihoods(scores: Floats, goals: Flags) -> Floats:
    """Of each message the logarithm of the probability that its goals had together, shape (n,)."""
    return np.asarray(np.log((softmax(scores) * goals).sum(axis=1) + np.float32(1e-9)), np.float32)


def thresholds(trials: Trials, goals: int, wrong_at_most: Mapping[int, float], otherwise: float) -> Floats:
    """For each goal the probability from which at most the given share of its messages was read wrongly, shape
    (goals,).

    A goal with few messages borrows from all: its errors count as if `BORROWED` messages more had been read, with the
    error rate of all goals at this probability. Where no probability is safe enough, the threshold is `NEVER`.
    """
    found = np.full(goals, NEVER, np.float32)
    if not len(trials.chance):
        return found
    order = np.argsort(-trials.chance, kind="stable")
    counts = trials.count[order]
    wrong = np.cumsum(counts * ~trials.right[order])
    overall = wrong / np.cumsum(counts)
    falling = -trials.chance[order]
    for goal in range(goals):
        mine = order[trials.goal[order] == goal]
        if not len(mine):
            continue
        number = np.cumsum(trials.count[mine])
        errors = np.cumsum(trials.count[mine] * ~trials.right[mine])
        lent = np.interp(-trials.chance[mine], falling, overall)
        rate = (errors + HALF_AN_ERROR + BORROWED * lent) / (number + BORROWED)
        safe = np.flatnonzero(rate <= wrong_at_most.get(goal, otherwise))
        if len(safe):
            found[goal] = trials.chance[mine[safe[-1]]]
    return found


class Scope(msgspec.Struct, frozen=True):
    """Tells messages that fit no goal: a line over the best score and the likeness of the nearest examples."""

    score: float
    near: float
    constant: float

    def outside(self, score: float | Floats, near: float | Floats) -> Floats:
        """How surely it fits no goal, 0 to 1; from 0.5 on it is taken to fit none."""
        line = self.score * score + self.near * near + self.constant
        return np.asarray(1 / (1 + np.exp(np.clip(line, -30, 30))), np.float32)


def fit_scope(inside: Floats, right: Flags, outside: Floats) -> Scope:
    """From (best score, likeness) of messages with a goal, which of them were read rightly, and those of messages
    without.

    inside, outside: shape (n, 2). The line's direction comes from the examples that fit no goal where there are
    some, and is otherwise the plain sum of both in units of their spread; the threshold keeps `KEPT_IN_SCOPE` of
    what was read rightly.
    """
    if not right.any():
        return Scope(0.0, 0.0, 0.0 if len(outside) else 30.0)
    middle = inside.mean(axis=0)
    spread = np.maximum(inside.std(axis=0), 1e-3)
    scaled = (inside - middle) / spread
    direction = _parting(scaled, (outside - middle) / spread) if len(outside) >= 10 else np.array([1.0, 1.0])
    line = scaled @ direction
    bound = float(np.quantile(line[right], 1 - KEPT_IN_SCOPE))
    weights = direction / spread
    return Scope(float(weights[0]), float(weights[1]), -bound - float(weights @ middle))


def _parting(inside: npt.NDArray[np.float32], outside: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Logistic regression with both sides of equal weight, by Newton's steps; neither direction may turn round."""
    rows = np.concatenate([inside, outside]).astype(np.float64)
    rows = np.hstack([rows, np.ones((len(rows), 1))])
    targets = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    mass = np.concatenate([np.full(len(inside), 0.5 / len(inside)), np.full(len(outside), 0.5 / len(outside))])
    point = np.zeros(3)
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(rows @ point, -30, 30)))
        slope = rows.T @ (mass * (chance - targets)) + 1e-3 * point
        steep = (rows * (mass * np.maximum(chance * (1 - chance), 1e-6))[:, None]).T @ rows + 1e-3 * np.eye(3)
        point -= np.linalg.solve(steep, slope)
    return np.maximum(point[:2], 0.0) if (point[:2] > 0).any() else np.array([1.0, 1.0])


def calibration_error(chance: Floats, right: Flags) -> float:
    """Expected calibration error: over 15 equal bins of probability, the mean distance of probability and truth."""
    bins = np.minimum((chance * _BINS).astype(np.int64), _BINS - 1)
    gaps = [
        abs(float(chance[bins == number].mean()) - float(right[bins == number].mean())) * float((bins == number).mean())
        for number in np.unique(bins)
    ]
    return sum(gaps)


def coverage_at(precision: float, chance: Floats, right: Flags) -> float:
    """The largest share of the messages, surest first, of which at least `precision` were read rightly."""
    if not len(chance):
        return 0.0
    hits = np.cumsum(right[np.argsort(-chance, kind="stable")])
    good = np.flatnonzero(hits / np.arange(1, len(hits) + 1) >= precision)
    return float(good[-1] + 1) / len(chance) if len(good) else 0.0
