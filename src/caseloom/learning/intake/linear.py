"""The two linear heads: what speaks for each goal, by words and by vector.

Words: one support vector machine a goal, against all others (liblinear). Vectors: logistic regression over all
goals together, by L-BFGS in coordinates where its curvature is even (Böhning's bound, 1992), which needs a third of
the steps. Both are convex and begin at nought, so the same examples give the same heads. The costs (1 and 20) were
chosen by cross-validation on training messages of two sets; results change little around them.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, cast

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]

WORDS_COST = 1.0
VECTOR_COST = 20.0
_STEPS = 25


class Head(msgspec.Struct, frozen=True, eq=False):
    """Weights of shape (features, goals) and one constant a goal, shape (goals,)."""

    weights: Floats
    constants: Floats

    @classmethod
    def empty(cls, features: int, goals: int) -> "Head":
        """A head that says nothing."""
        return cls(np.zeros((features, goals), np.float32), np.zeros(goals, np.float32))


class _Fitted(Protocol):
    coef_: npt.NDArray[np.float64]
    intercept_: npt.NDArray[np.float64]

    def fit(
        self, rows: csr_matrix, targets: npt.NDArray[np.int64], sample_weight: Floats | None = None
    ) -> "_Fitted": ...


@contextmanager
def one_core() -> Iterator[None]:
    """Matrix products on one core: on several, their waiting for each other costs more than the work."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def words_head(rows: csr_matrix, goals: npt.NDArray[np.bool_], weights: Floats) -> Head:
    """From features (n, features), what each text wants (n, goals; none, one or several) and how much each counts (n,).

    A goal that no row has gets a steady "no".
    """
    head = Head.empty(rows.shape[1], goals.shape[1])
    head.constants[:] = -1
    present = np.flatnonzero(goals.any(axis=0))
    if len(rows.indptr) <= 1 or not len(present):
        return head
    if len(present) > 2 and (goals.sum(axis=1) == 1).all():
        machine = _machine(rows, goals.argmax(axis=1), weights)
        head.weights[:, present] = machine.coef_.T
        head.constants[present] = machine.intercept_
        return head
    for goal in present:
        wanted = goals[:, goal].astype(np.int64)
        if wanted.all():
            head.constants[goal] = 1
            continue
        machine = _machine(rows, wanted, weights)
        head.weights[:, goal] = machine.coef_[0]
        head.constants[goal] = machine.intercept_[0]
    return head


def _machine(rows: csr_matrix, targets: npt.NDArray[np.int64], weights: Floats) -> _Fitted:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    machine = cast(_Fitted, LinearSVC(C=WORDS_COST, tol=1e-2, random_state=0))
    with warnings.catch_warnings():
        # A machine that has not quite come to rest is as good at telling goals apart.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return machine.fit(rows, targets, sample_weight=weights)


def vector_head(vectors: Floats, goals: npt.NDArray[np.bool_], weights: Floats) -> Head:
    """From vectors (n, width), what each text wants (n, goals; at least one each) and how much each counts (n,)."""
    count, width = vectors.shape
    kinds = goals.shape[1]
    if not count:
        return Head.empty(width, kinds)
    shares = goals / np.maximum(goals.sum(axis=1, keepdims=True), 1) * weights[:, None]
    targets = shares.astype(np.float32)
    rows = np.hstack([vectors, np.ones((count, 1), np.float32)])
    even = _even(rows, weights, kinds)
    found = _descend(rows @ even, even, targets, kinds)
    solved = even @ found
    return Head(np.ascontiguousarray(solved[:-1]), np.ascontiguousarray(solved[-1]))


def _even(rows: Floats, weights: Floats, kinds: int) -> Floats:
    """The change of coordinates after which all directions are about equally steep."""
    steep = ((rows * weights[:, None]).T @ rows).astype(np.float64) * (VECTOR_COST / max(kinds, 2))
    diagonal = np.ones(len(steep))
    diagonal[-1] = 1e-3  # the constants are free
    steep[np.diag_indices_from(steep)] += diagonal
    inverse = np.linalg.inv(np.linalg.cholesky(steep))
    return np.ascontiguousarray(inverse.T, dtype=np.float32)


def _descend(rows: Floats, even: Floats, targets: Floats, kinds: int) -> Floats:
    from scipy.optimize import minimize

    short = even[:-1].T @ even[:-1]
    mass = targets.sum(axis=1, keepdims=True)

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        point = flat.reshape(-1, kinds).astype(np.float32)
        scores = rows @ point
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        total = chances.sum(axis=1, keepdims=True)
        pull = short @ point
        value = VECTOR_COST * (float((np.log(total) * mass).sum()) - float((scores * targets).sum()))
        value += 0.5 * float((pull * point).sum())
        chances *= mass / total
        chances -= targets
        slope = VECTOR_COST * (rows.T @ chances) + pull
        return value, slope.ravel().astype(np.float64)

    start = np.zeros(rows.shape[1] * kinds)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS, "maxcor": 6})
    return np.asarray(found.x, np.float32).reshape(-1, kinds)
