"""Several wants in one message: whether a goal is wanted beside others."""

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

FEWEST = 10
"""Messages with several goals, below which nothing can be learned of them."""


class Presence(msgspec.Struct, frozen=True):
    """A line over a goal's word score and the logarithm of its probability; from `bound` on it is taken as wanted."""

    words: float
    chance: float
    constant: float
    bound: float

    def chances(self, words: Floats, chance: Floats) -> Floats:
        """For each goal the probability that it is wanted; shapes as given."""
        line = self.words * words + self.chance * np.log(chance + np.float32(1e-6)) + self.constant
        return np.asarray(1 / (1 + np.exp(-np.clip(line, -30, 30))), np.float32)


def fit_presence(words: Floats, chance: Floats, wanted: Flags, count: Floats) -> Presence | None:
    """From held-out word scores, probabilities and wants, each (n, goals); None where too few messages want several
    things.

    The bound is the one with the best F1 over all goals together.
    """
    if (wanted.sum(axis=1) > 1).sum() < FEWEST:
        return None
    mass = np.repeat(count, wanted.shape[1]).astype(np.float64)
    mass /= mass.sum()
    rows = np.stack([words.ravel(), np.log(chance.ravel() + 1e-6), np.ones(words.size)], axis=1).astype(np.float64)
    targets = wanted.ravel().astype(np.float64)
    point = np.zeros(3)
    for _ in range(30):
        likely = 1 / (1 + np.exp(-np.clip(rows @ point, -30, 30)))
        slope = rows.T @ (mass * (likely - targets)) + 1e-6 * point
        steep = (rows * (mass * np.maximum(likely * (1 - likely), 1e-6))[:, None]).T @ rows + 1e-6 * np.eye(3)
        point -= np.linalg.solve(steep, slope)
    found = Presence(float(point[0]), float(point[1]), float(point[2]), 0.5)
    likelihood = found.chances(words, chance)
    bounds = np.arange(0.2, 0.71, 0.05)
    scores = [_f1(likelihood >= bound, wanted, count) for bound in bounds]
    return Presence(found.words, found.chance, found.constant, float(bounds[int(np.argmax(scores))]))


def _f1(said: Flags, wanted: Flags, count: Floats) -> float:
    hits = float(count @ (said & wanted).sum(axis=1))
    return 2 * hits / max(float(count @ said.sum(axis=1)) + float(count @ wanted.sum(axis=1)), 1.0)
