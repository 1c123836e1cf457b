"""What the advice is measured against: a counter over the last three activities, and gradient boosting (LightGBM)."""

import importlib
import importlib.util
from collections import Counter
from typing import Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from caseloom.learning.steps.evaluation import LAST_PART, Log
from caseloom.learning.steps.step import END

_LOOKED_BACK: Final = 5
_COUNTED: Final = 30
_RARE: Final = 10
_MANY: Final = 60


def counter(log: Log, taught: set[str] | None = None) -> NDArray[np.bool_]:
    """Whether the most usual follower of the last three activities (two, one, any, where they are new) was right, at
    each event.

    It learns as the advice does: from each event as it comes; where `taught` names cases, from those alone, and
    before the others.
    """
    counts: dict[tuple[str, ...], Counter[str]] = {}
    right = np.zeros(len(log.steps), dtype=np.bool_)
    if taught is not None:
        _count(log, counts, right, lambda case: case in taught, lambda case: case in taught)
        _count(log, counts, right, lambda case: case not in taught, lambda case: False)
    else:
        _count(log, counts, right, lambda case: True, lambda case: True)
    return right


class _Of(Protocol):
    def __call__(self, case: str, /) -> bool: ...


def _count(
    log: Log, counts: dict[tuple[str, ...], Counter[str]], right: NDArray[np.bool_], of: _Of, learn: _Of
) -> None:
    ways: dict[str, tuple[str, ...]] = {}
    for place, (case, step) in enumerate(zip(log.cases, log.steps, strict=True)):
        if not of(case):
            continue
        before = ways.get(case, ())
        if before and learn(case):
            _add(counts, before, step.action)
        way = ways[case] = (*before[-2:], step.action)
        right[place] = _usual(counts, way) == log.next_action(place)
        if log.follows[place] == place and learn(case):
            _add(counts, way, END)


def _add(counts: dict[tuple[str, ...], Counter[str]], way: tuple[str, ...], action: str) -> None:
    for length in range(len(way) + 1):
        counts.setdefault(way[len(way) - length :], Counter())[action] += 1


def _usual(counts: dict[tuple[str, ...], Counter[str]], way: tuple[str, ...]) -> str:
    for start in range(len(way) + 1):
        found = counts.get(way[start:])
        if found:
            return max(found, key=found.__getitem__)
    return ""


def has_lightgbm() -> bool:
    """Whether LightGBM is installed (extra `dev`)."""
    return importlib.util.find_spec("lightgbm") is not None


class _Booster(Protocol):
    def predict(self, data: NDArray[np.float64], num_threads: int = 1) -> NDArray[np.float64]: ...


class _LightGbm(Protocol):
    def Dataset(self, data: object, label: object, **more: object) -> object: ...  # noqa: N802 - LightGBM's name
    def train(self, params: dict[str, object], train_set: object, num_boost_round: int) -> _Booster: ...


def lightgbm(log: Log) -> NDArray[np.bool_]:
    """LightGBM taught once by the first 80 % of the events, whose followers were known by then: from which event on
    it was asked, and whether it was right there. It sees the last five activities, how often each was done, actor,
    facts, number of the step, age, time since, hour and weekday. Activities that followed fewer than ten times are
    never said.
    """
    library = cast(_LightGbm, importlib.import_module("lightgbm"))
    table, words = _table(log)
    cut = int(LAST_PART * len(log.steps))
    known = [place for place in range(cut) if log.follows[place] < cut]
    counts = Counter(log.next_action(place) for place in known)
    classes = [name for name, count in counts.items() if count >= _RARE]
    if len(classes) < 2:
        return np.zeros(len(log.steps) - cut, dtype=np.bool_)
    code = {name: number for number, name in enumerate(classes)}
    taught = [place for place in known if log.next_action(place) in code]
    many = len(classes) > _MANY
    settings: dict[str, object] = {
        "objective": "multiclass",
        "num_class": len(classes),
        "num_leaves": 7,
        "learning_rate": 0.03,
        "num_threads": 1,
        "verbose": -1,
        "seed": 1,
        "deterministic": True,
    }
    labels = [code[log.next_action(place)] for place in taught]
    data = library.Dataset(table[taught], labels, categorical_feature=list(range(words)), params={"verbose": -1})
    booster = library.train(settings, data, 25 if many else 150)
    best = booster.predict(table[cut:], num_threads=1).argmax(axis=1)
    right = [classes[int(each)] == log.next_action(cut + place) for place, each in enumerate(best)]
    return np.array(right, dtype=np.bool_)


def _table(log: Log) -> tuple[NDArray[np.float64], int]:
    """A row an event; the first columns (how many is also returned) are codes of words."""
    usual = [name for name, _ in Counter(step.action for step in log.steps).most_common(_COUNTED)]
    codes: list[dict[str, int]] = [{} for _ in range(2 + len(log.facts))]
    ways: dict[str, list[int]] = {}
    done: dict[str, Counter[str]] = {}
    moments: dict[str, tuple[float, float]] = {}
    rows = []
    for case, step in zip(log.cases, log.steps, strict=True):
        at = step.at.timestamp()
        begun, before = moments.get(case, (at, at))
        moments[case] = (begun, at)
        way, bag = ways.setdefault(case, []), done.setdefault(case, Counter())
        way.append(codes[0].setdefault(step.action, len(codes[0]) + 1))
        bag[step.action] += 1
        recent = way[: -_LOOKED_BACK - 1 : -1]
        words = [*recent, *[0] * (_LOOKED_BACK - len(recent)), codes[1].setdefault(step.actor, len(codes[1]))]
        words += [codes[2 + n].setdefault(step.facts[fact], len(codes[2 + n])) for n, fact in enumerate(log.facts)]
        rows.append(
            [*words, len(way), at - begun, at - before, step.at.hour, step.at.weekday(), *(bag[name] for name in usual)]
        )
    return np.array(rows, dtype=np.float64), _LOOKED_BACK + 1 + len(log.facts)
