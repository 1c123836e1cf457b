"""Learning from all examples: heads, calibration, thresholds, earlier messages. The same examples, in whatever order,
give the same model, bit for bit; so a model trained without a person's messages is the one that never saw them.
"""

import hashlib
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from caseloom.learning.intake.calibration import Mix, Scope, Trials, fit_mix, fit_scope, likelihoods, softmax
from caseloom.learning.intake.encoder import Encoder, Vector
from caseloom.learning.intake.example import Example, actors_weights, doubted_weights, in_order
from caseloom.learning.intake.features import Sparse, Vocabulary
from caseloom.learning.intake.linear import Head, one_core, vector_head, words_head
from caseloom.learning.intake.message_text import language_of, main_language
from caseloom.learning.intake.model import Learned, Route
from caseloom.learning.intake.neighbours import BORNE_OUT, MOST_KEPT, NEAREST, Correction, Neighbours
from caseloom.learning.intake.presence import fit_presence

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Wholes = npt.NDArray[np.int64]

FEW = 2_000
"""Below so many different messages five parts take turns in cross-validation, from there on three."""
FEWEST = 10
"""With fewer messages nothing is tried, and so nothing opens by itself."""
MOST_COMPARED = 3_000
"""So many messages are compared with all others to learn how like a message of ours is to its nearest."""
MOST_UNLEARNED = 300
"""So many examples go on as corrections after a training; each makes a reading a little slower."""
UNTRIED = Mix(1.0, 1.5)

Vectors = MutableMapping[str, Vector]


@dataclass(frozen=True, eq=False)
class Rows:
    """The different messages, one a row: the same text with the same goals counts once, with the sum of its weights.

    wanted: shape (n, goals). vectors: shape (n, width), zeros where a message was read by words alone; None without
    encoder. fold: in which part of the cross-validation each is held out; equal texts are held out together.
    """

    examples: list[Example]
    words: csr_matrix
    vectors: Floats | None
    wanted: Flags
    weight: Floats
    fold: Wholes

    def __len__(self) -> int:
        return len(self.examples)

    def part(self, chosen: Flags) -> "Rows":
        """The chosen rows."""
        examples = [one for one, kept in zip(self.examples, chosen.tolist(), strict=True) if kept]
        vectors = None if self.vectors is None else self.vectors[chosen]
        kept = (self.wanted[chosen], self.weight[chosen], self.fold[chosen])
        return Rows(examples, self.words[chosen], vectors, *kept)

    def with_vector(self) -> Flags:
        """Which rows have a vector, shape (n,)."""
        return np.zeros(len(self), np.bool_) if self.vectors is None else _any(self.vectors)


def _any(rows: npt.NDArray[np.generic]) -> Flags:
    """Which rows have anything but noughts."""
    return np.asarray(rows.any(axis=1), np.bool_)


def learn(
    examples: Sequence[Example], encoder: Encoder | None = None, vectors: Vectors | None = None
) -> tuple[Learned, tuple[Correction, ...]]:
    """What these examples teach, and those that people named and that it still reads otherwise: they go on counting as
    corrections of like messages, as they did before the training.

    vectors: those of texts that were made before by this encoder; new ones are added. Without it each text is
    encoded anew.
    """
    with one_core():
        return _learn(in_order(examples), encoder, {} if vectors is None else vectors)


def _learn(
    examples: list[Example], encoder: Encoder | None, vectors: Vectors
) -> tuple[Learned, tuple[Correction, ...]]:
    languages = {one.text: one.language or language_of(one.text) for one in examples}
    main = main_language(name for name in languages.values() if name in ("en", "de", "other"))  # type: ignore[misc]
    english = {text for text, name in languages.items() if (name or main) == "en"}
    goals = tuple(sorted({goal for one in examples for goal in one.goals}))
    vocabulary = Vocabulary.of(sorted(languages))
    rows = _rows(examples, goals, vocabulary, _vectors(english, encoder, vectors))
    some = _any(rows.wanted)
    inside, outside = rows.part(some), rows.part(~some)
    by_words, by_vectors, factors = _routes(inside, outside)
    weight = inside.weight * factors
    seen = inside.with_vector()
    words = words_head(inside.words, inside.wanted, weight)
    by_vector = None
    if by_vectors is not None and inside.vectors is not None:
        by_vector = vector_head(inside.vectors[seen], inside.wanted[seen], weight[seen])
    name = encoder.fingerprint if encoder is not None else ""
    kept = _neighbours(inside, by_vector is not None)
    learned = Learned(goals, vocabulary, words, by_vector, by_words, by_vectors, kept, main, name, len(examples))
    return learned, _unlearned(inside, learned, factors)


def _unlearned(rows: Rows, learned: Learned, factors: Floats) -> tuple[Correction, ...]:
    """The examples that people named and the heads read otherwise, the newest `MOST_UNLEARNED`."""
    if not len(rows):
        return ()
    words = np.asarray(rows.words @ learned.words.weights + learned.words.constants, np.float32)
    joined = learned.by_words.mix.scores(words, None)
    seen = rows.with_vector()
    if learned.vectors is not None and learned.by_vectors is not None and rows.vectors is not None:
        vectors = rows.vectors[seen] @ learned.vectors.weights + learned.vectors.constants
        joined[seen] = learned.by_vectors.mix.scores(words[seen], vectors)
    wrong = ~rows.wanted[np.arange(len(rows)), joined.argmax(axis=1)]
    named = [place for place in np.flatnonzero(wrong).tolist() if rows.examples[place].actor]
    newest = sorted(named, key=lambda place: (_when(rows.examples[place]), place))[-MOST_UNLEARNED:]
    return tuple(_correction(rows, place, bool(seen[place]), bool(factors[place] >= 1)) for place in newest)


def _when(one: Example) -> str:
    return one.moment.isoformat() if one.moment is not None else ""


def _correction(rows: Rows, place: int, seen: bool, borne_out: bool) -> Correction:
    one = rows.examples[place]
    row = rows.words[[place]]
    vector = rows.vectors[place] if seen and rows.vectors is not None else None
    return Correction(
        one.key, one.person, one.actor, one.goals, Sparse(row.indices.astype(np.int32), row.data), vector, borne_out
    )


def _vectors(english: set[str], encoder: Encoder | None, made: Vectors) -> Mapping[str, Vector] | None:
    if encoder is None:
        return None
    for text in sorted(english - made.keys()):
        made[text] = encoder.vector(text)
    return {text: made[text] for text in english}


def _rows(
    examples: list[Example], goals: tuple[str, ...], vocabulary: Vocabulary, vectors: Mapping[str, Vector] | None
) -> Rows:
    weights = actors_weights(examples)
    first: dict[tuple[str, tuple[str, ...], str], int] = {}
    place = np.zeros(len(examples), np.int64)
    for number, one in enumerate(examples):
        # What different people said of the same text stays apart: their weights are theirs.
        place[number] = first.setdefault((one.text, tuple(sorted(set(one.goals))), one.actor), len(first))
    different = examples[: len(first)]
    for number in range(len(examples) - 1, -1, -1):
        different[place[number]] = examples[number]
    columns = {goal: column for column, goal in enumerate(goals)}
    wanted = np.zeros((len(first), len(goals)), np.bool_)
    for row, one in enumerate(different):
        wanted[row, [columns[goal] for goal in one.goals]] = True
    weight = np.bincount(place, weights, len(first)).astype(np.float32)
    texts = [one.text for one in different]
    words = vocabulary.matrix(texts)
    made = None
    if vectors:
        width = len(next(iter(vectors.values())))
        nothing = np.zeros(width, np.float32)
        made = np.array([vectors.get(text, nothing) for text in texts], np.float32)
    return Rows(different, words, made, wanted, weight, _folds(different))


def _folds(examples: list[Example]) -> Wholes:
    """Each text's part, by its hash, so that nothing depends on what other messages there are but by their goals'
    count: within a goal the texts take turns in the order of their hashes.
    """
    parts = 3 if len(examples) >= FEW else 5
    of_goal: dict[tuple[str, ...], list[tuple[bytes, str]]] = {}
    for one in examples:
        digest = hashlib.sha256(one.text.encode("utf-8", "replace")).digest()
        of_goal.setdefault(tuple(sorted(one.goals)), []).append((digest, one.text))
    fold: dict[str, int] = {}
    for number, goals in enumerate(sorted(of_goal)):
        for turn, (_, text) in enumerate(sorted(set(of_goal[goals]))):
            fold.setdefault(text, (turn + number) % parts)
    return np.array([fold[one.text] for one in examples], np.int64)


@dataclass(frozen=True, eq=False)
class Tried:
    """Scores that rows got from models which had not seen their texts, shape (n, goals); and their nearest likeness
    (n,)."""

    words: Floats
    vectors: Floats
    near: Floats

    def part(self, chosen: Flags) -> "Tried":
        """The chosen rows."""
        return Tried(self.words[chosen], self.vectors[chosen], self.near[chosen])


def _routes(inside: Rows, outside: Rows) -> tuple[Route, Route | None, Floats]:
    """Both ways to read, tried on held-out parts; and the factor of each row's weight by whether others bear it out."""
    if len(inside) < FEWEST:
        route = Route(UNTRIED, Trials.none(), Scope(0.0, 0.0, 30.0), None)
        return route, route if inside.with_vector().any() else None, np.ones(len(inside), np.float32)
    tried, tried_outside = _tried(inside, outside)
    by_words, chances = _route(inside, tried, tried_outside, with_vectors=False)
    by_vectors = None
    seen = inside.with_vector()
    if seen.sum() >= FEWEST:
        part = tried_outside.part(outside.with_vector())
        by_vectors, chances[seen] = _route(inside.part(seen), tried.part(seen), part, with_vectors=True)
    hit = (chances * inside.wanted).max(axis=1)
    return by_words, by_vectors, doubted_weights(inside.examples, hit >= BORNE_OUT)


def _tried(inside: Rows, outside: Rows) -> tuple[Tried, Tried]:
    kinds = inside.wanted.shape[1]
    found = [
        Tried(
            np.zeros((len(rows), kinds), np.float32),
            np.zeros((len(rows), kinds), np.float32),
            np.zeros(len(rows), np.float32),
        )
        for rows in (inside, outside)
    ]
    for fold in range(int(inside.fold.max()) + 1):
        known = inside.part(inside.fold != fold)
        words = words_head(known.words, known.wanted, known.weight)
        seen = known.with_vector()
        vectors = known.vectors[seen] if known.vectors is not None else None
        head = Head.empty(0, 0) if vectors is None else vector_head(vectors, known.wanted[seen], known.weight[seen])
        for rows, out in zip((inside, outside), found, strict=True):
            held = rows.fold == fold
            out.words[held] = rows.words[held] @ words.weights + words.constants
            if rows.vectors is not None and vectors is not None and len(vectors):
                out.vectors[held] = rows.vectors[held] @ head.weights + head.constants
                out.near[held] = _nearest(rows.vectors[held], vectors)
    return found[0], found[1]


def _nearest(vectors: Floats, known: Floats) -> Floats:
    """The mean likeness of the nearest known ones; not a number for those left out to save time."""
    found = np.full(len(vectors), np.nan, np.float32)
    chosen = np.unique(np.linspace(0, len(vectors) - 1, min(len(vectors), MOST_COMPARED // 3)).astype(np.int64))
    most = min(NEAREST, len(known))
    likeness = vectors[chosen] @ known.T
    found[chosen] = np.partition(likeness, -most, axis=1)[:, -most:].mean(axis=1)
    return found


def _route(inside: Rows, tried: Tried, outside: Tried, *, with_vectors: bool) -> tuple[Route, Floats]:
    mix = _mix(inside, tried, with_vectors)
    joined = mix.scores(tried.words, tried.vectors)
    chances = softmax(joined)
    first = chances.argmax(axis=1)
    right = inside.wanted[np.arange(len(inside)), first]
    trials = Trials(first, chances.max(axis=1), right, inside.weight)
    scope = _scope(joined, tried.near, right, mix.scores(outside.words, outside.vectors), outside.near, with_vectors)
    presence = fit_presence(tried.words, chances, inside.wanted, inside.weight)
    return Route(mix, trials, scope, presence), chances


def _mix(inside: Rows, tried: Tried, with_vectors: bool) -> Mix:
    """Words alone; or both, or vectors alone where words add no more to the likelihood than chance would (one
    standard error)."""
    wanted, weight = inside.wanted, inside.weight
    if not with_vectors:
        return fit_mix(tried.words, None, wanted, weight)
    both = fit_mix(tried.words, tried.vectors, wanted, weight)
    alone = Mix(0.0, fit_mix(tried.vectors, None, wanted, weight).words)
    gain = likelihoods(both.scores(tried.words, tried.vectors), wanted)
    gain -= likelihoods(alone.scores(tried.words, tried.vectors), wanted)
    share = weight / weight.sum()
    mean = float(share @ gain)
    error = float(np.sqrt(share @ (gain - mean) ** 2 / len(gain)))
    return both if mean > error else alone


def _scope(
    joined: Floats, near: Floats, right: Flags, outside: Floats, outside_near: Floats, with_vectors: bool
) -> Scope:
    if not with_vectors:
        near, outside_near = np.zeros_like(near), np.zeros_like(outside_near)
    inner, outer = ~np.isnan(near), ~np.isnan(outside_near)
    best = np.stack([joined[inner].max(axis=1), near[inner]], axis=1)
    if not len(outside):
        return fit_scope(best, right[inner], np.zeros((0, 2), np.float32))
    return fit_scope(best, right[inner], np.stack([outside[outer].max(axis=1), outside_near[outer]], axis=1))


def _neighbours(inside: Rows, with_vectors: bool) -> Neighbours:
    """The messages that are kept to be compared with: all, or an even choice of many."""
    chosen = np.unique(np.linspace(0, len(inside) - 1, min(len(inside), MOST_KEPT)).astype(np.int64))
    vectors = inside.vectors[chosen] if with_vectors and inside.vectors is not None else None
    examples = [inside.examples[row] for row in chosen.tolist()]
    keys, goals = [one.key for one in examples], [one.goals for one in examples]
    return Neighbours(keys, goals, vectors, inside.words[chosen])
