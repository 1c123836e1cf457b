"""How well a model reads messages that it has not seen: figures, each with its name and unit."""

import hashlib
import math
import time
from collections.abc import Mapping, MutableMapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from caseloom.learning.intake.calibration import calibration_error, coverage_at
from caseloom.learning.intake.encoder import Encoder, Vector
from caseloom.learning.intake.example import Example
from caseloom.learning.intake.explaining import explain, left_out
from caseloom.learning.intake.labelled_file import Labelled
from caseloom.learning.intake.reader import Model, Reading, fit

PRECISION = 0.99
PAIRED = 300
"""So many pairs of messages are joined."""
EXPLAINED = 200
"""So many messages, evenly chosen, on which the explanations are tried."""
AS_SAID = 0.5
"""An explanation holds where the probability falls by at least this share of what it says."""

Flags = npt.NDArray[np.bool_]


class Figure(msgspec.Struct, frozen=True):
    """One line: `name: value unit`."""

    name: str
    value: float
    unit: str = ""

    def __str__(self) -> str:
        shown = (
            f"{self.value:,.0f}"
            if self.unit in ("messages", "goals")
            else f"{self.value:.{4 if not self.unit else 2}f}"
        )
        return f"{self.name}: {shown}{' ' if self.unit else ''}{self.unit}"


class Tests(msgspec.Struct, frozen=True):
    """Messages to test on, and which of them stand, word for word, in the training file too."""

    rows: Sequence[Labelled]
    repeated: Sequence[bool]


def shots(rows: Sequence[Labelled], most: int, seed: int) -> list[Labelled]:
    """At most so many messages of each goal (and of none), chosen by hash and seed, in the order of the file."""
    taken: dict[tuple[str, ...], list[tuple[bytes, int]]] = {}
    for number, row in enumerate(rows):
        digest = hashlib.sha256(f"{seed}\n{row.text}".encode("utf-8", "replace")).digest()
        taken.setdefault(row.goals, []).append((digest, number))
    chosen = sorted(number for group in taken.values() for _, number in sorted(group)[:most])
    return [rows[number] for number in chosen]


def tests_of(rows: Sequence[Labelled], train: Sequence[Labelled]) -> Tests:
    """Which test messages stand in the training file."""
    known = {row.text for row in train}
    return Tests(rows, [row.text in known for row in rows])


def trained(
    train: Sequence[Labelled], encoder: Encoder | None, vectors: MutableMapping[str, Vector]
) -> tuple[Model, list[Figure]]:
    """A model of the messages, and what the training took: CPU seconds of encoding and of all the rest apart."""
    examples = [Example(row.text, row.goals, key=row.place) for row in train]
    began = time.process_time()
    if encoder is not None:
        for text in sorted({row.text for row in train} - vectors.keys()):
            vectors[text] = encoder.vector(text)
    encoded = time.process_time()
    model = fit(examples, encoder, vectors=vectors)
    fitted = time.process_time()
    return model, [
        Figure("training messages", len(train), "messages"),
        Figure("goals", len(model.goals), "goals"),
        Figure("encode time", encoded - began, "s CPU"),
        Figure("fit time", fitted - encoded, "s CPU"),
    ]


def figures(model: Model, tests: Tests, *, several: bool) -> list[Figure]:
    """All of a model on messages to test; those that it knows word for word are counted apart."""
    readings = [model.read(row.text) for row in tests.rows]
    fresh = [number for number, known in enumerate(tests.repeated) if not known]
    found = [Figure("test messages", len(tests.rows), "messages")]
    found.append(Figure("test messages that stand in the training file", len(tests.rows) - len(fresh), "messages"))
    if several:
        found += _several("all", tests.rows, readings)
        found += _several("unseen", [tests.rows[i] for i in fresh], [readings[i] for i in fresh])
        return found
    found += _single([tests.rows[i] for i in fresh], [readings[i] for i in fresh])
    if len(fresh) < len(tests.rows):
        found.append(Figure("accuracy with repeated messages", _accuracy(tests.rows, readings)))
    return found


def _accuracy(rows: Sequence[Labelled], readings: Sequence[Reading]) -> float:
    right = [_first(reading) in row.goals for row, reading in zip(rows, readings, strict=True) if row.goals]
    return sum(right) / max(len(right), 1)


def _first(reading: Reading) -> str:
    return reading.goals[0][0] if reading.goals else ""


def _single(rows: Sequence[Labelled], readings: Sequence[Reading]) -> list[Figure]:
    inside = [(row, reading) for row, reading in zip(rows, readings, strict=True) if row.goals]
    outside = [reading for row, reading in zip(rows, readings, strict=True) if not row.goals]
    if not inside:
        return [Figure("out-of-scope recall", _share([one.out_of_scope >= 0.5 for one in outside]))]
    right = np.array([_first(reading) in row.goals for row, reading in inside], np.bool_)
    chance = np.array([reading.goals[0][1] if reading.goals else 0.0 for _, reading in inside], np.float32)
    kept = np.array([reading.out_of_scope < 0.5 for _, reading in inside], np.bool_)
    three = [any(goal in row.goals for goal, _ in reading.goals[:3]) for row, reading in inside]
    found = [
        Figure("accuracy", float(right.mean())),
        Figure("macro-F1", _macro([(row.goals, {_first(reading)}) for row, reading in inside])),
        Figure("top-3 accuracy", _share(three)),
        Figure("coverage at 99 % precision", coverage_at(PRECISION, chance, right)),
        *_opened(inside, readings, rows),
        Figure("calibration error", calibration_error(chance, right)),
        Figure("in-scope accuracy with reject", float((right & kept).mean())),
    ]
    if outside:
        found.append(Figure("out-of-scope recall", _share([one.out_of_scope >= 0.5 for one in outside])))
    return found


def _opened(
    inside: Sequence[tuple[Labelled, Reading]], readings: Sequence[Reading], rows: Sequence[Labelled]
) -> list[Figure]:
    """What opens by itself, by the thresholds of the training: how much of what is ours, and how much of it rightly."""
    opened = [(row, reading) for row, reading in zip(rows, readings, strict=True) if reading.verdict == "opens"]
    ours = sum(reading.verdict == "opens" for _, reading in inside)
    right = [set(reading.opening) <= set(row.goals) for row, reading in opened]
    return [
        Figure("opened by itself", ours / len(inside)),
        Figure("opened by itself, precision", _share(right) if right else 1.0),
    ]


def _several(name: str, rows: Sequence[Labelled], readings: Sequence[Reading]) -> list[Figure]:
    pairs = [(row.goals, {want.goal for want in reading.wants}) for row, reading in zip(rows, readings, strict=True)]
    found = [
        Figure(f"{name}: messages", len(pairs), "messages"),
        Figure(f"{name}: accuracy", _accuracy(rows, readings)),
        Figure(f"{name}: micro-F1", _micro(pairs)),
        Figure(f"{name}: macro-F1", _macro(pairs)),
        Figure(f"{name}: exact match", _share([set(wanted) == said for wanted, said in pairs])),
    ]
    many = [pair for pair in pairs if len(pair[0]) > 1]
    if many:
        found += [
            Figure(f"{name}: messages with several wants", len(many), "messages"),
            Figure(f"{name}: micro-F1 of messages with several wants", _micro(many)),
        ]
    return found


def joined_figures(model: Model, rows: Sequence[Labelled]) -> list[Figure]:
    """Pairs of test messages of different goals, put together to one: how many of both wants are found.

    Beside it, how many of the single messages are read as two.
    """
    single = [row for row in rows if len(row.goals) == 1]
    order = sorted(single, key=lambda row: hashlib.sha256(row.text.encode("utf-8", "replace")).digest())
    pairs = [(one, two) for one, two in zip(order[::2], order[1::2], strict=False) if one.goals != two.goals][:PAIRED]
    if not pairs:
        return []
    found = []
    for one, two in pairs:
        end = "" if one.text.rstrip().endswith((".", "?", "!")) else "."
        reading = model.read(f"{one.text.rstrip()}{end} {two.text}")
        found.append(((*one.goals, *two.goals), {want.goal for want in reading.wants}))
    split = [len(model.read(row.text).wants) > 1 for row in order[: 2 * PAIRED]]
    return [
        Figure("two messages joined, micro-F1", _micro(found)),
        Figure("two messages joined, both found", _share([set(wanted) == said for wanted, said in found])),
        Figure("single messages read as several", _share(split)),
    ]


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / max(len(flags), 1)


def _micro(pairs: Sequence[tuple[tuple[str, ...], set[str]]]) -> float:
    hits = sum(len(said & set(wanted)) for wanted, said in pairs)
    return 2 * hits / max(sum(len(said) + len(set(wanted)) for wanted, said in pairs), 1)


def _macro(pairs: Sequence[tuple[tuple[str, ...], set[str]]]) -> float:
    """The mean F1 of the goals that stand in the test file."""
    goals = sorted({goal for wanted, _ in pairs for goal in wanted})
    each = []
    for goal in goals:
        hits = sum(goal in said and goal in wanted for wanted, said in pairs)
        each.append(2 * hits / max(sum((goal in said) + (goal in wanted) for wanted, said in pairs), 1))
    return math.fsum(each) / max(len(each), 1)


def explanation_figures(model: Model, rows: Sequence[Labelled]) -> list[Figure]:
    """On how many messages words could be named, and on how many of these the probability fell as said without them.

    The message is read again as a whole, by the front door, without the named words.
    """
    step = max(1, len(rows) // EXPLAINED)
    named, held = 0, 0
    for row in rows[::step][:EXPLAINED]:
        why = explain(model, row.text)
        if not why.words:
            continue
        named += 1
        after = dict(model.read(left_out(row.text, [one.word for one in why.words])).goals).get(why.goal, 0.0)
        held += why.probability - after >= AS_SAID * why.together - 1e-3
    tried = len(rows[::step][:EXPLAINED])
    return [
        Figure("explanations with words", named / max(tried, 1)),
        Figure("explanations that hold", held / max(named, 1)),
    ]


def mean_figures(groups: Mapping[str, Sequence[Figure]]) -> list[Figure]:
    """The plain mean over branches of each figure that all of them have and that has no unit."""
    first = next(iter(groups.values()))
    tables = [{one.name: one for one in group} for group in groups.values()]
    names = [one.name for one in first if not one.unit and all(one.name in table for table in tables)]
    return [Figure(f"mean: {name}", sum(table[name].value for table in tables) / len(tables)) for name in names]
