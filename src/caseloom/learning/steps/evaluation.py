"""Test, then learn: how good the advice would have been over a whole log.

*online*: the events of all cases in the order of time (of the file, where times are equal). At each event the next
activity is said from the way so far, with what was learned until that moment; it is compared when it comes, and only
then learned. Whether a case has ended, a log does not say: the end is taken as known, and learned, at the moment of a
case's last event, after it was asked for. The remaining time is learned when the case has ended, and not before.

*chronological:0.8*: learned, as above, from the first 80 % of the cases by their first event; then the others are gone
through and nothing is learned any more. *tax*: the same with two thirds, and from the second event of a case on (Tax
et al. 2017). The end of a case counts as an activity in all of them.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from caseloom.interchange.event_log import LoggedEvent
from caseloom.learning.steps.learner import Learner, Settings
from caseloom.learning.steps.splits import Split
from caseloom.learning.steps.step import END, Step

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]

BINS: Final = 10
LAST_PART: Final = 0.8
EARLY: Final = (300, 1300)


class Log(msgspec.Struct):
    """A log in time order: each event's step, the place of the next in its case (or its own for the last)."""

    cases: list[str]
    steps: list[Step]
    follows: list[int]
    facts: tuple[str, ...]

    def next_action(self, place: int) -> str:
        """What followed."""
        after = self.follows[place]
        return END if after == place else self.steps[after].action


class Found(msgspec.Struct):
    """One row an event that was asked about: right or not, among the first three, how sure; remaining times in
    seconds.
    """

    asked: NDArray[np.intp]
    right: Flags
    among: Flags
    sure: Numbers
    took: Numbers
    said: Numbers
    inside: Flags
    of_class: Numbers
    of_all: Numbers
    seconds: float


def in_time_order(events: Sequence[LoggedEvent], facts: Sequence[str]) -> Log:
    """The log as steps; a fact stands at the event, or else at its case."""
    ordered = [
        event for _, _, event in sorted((event.moment.timestamp(), place, event) for place, event in enumerate(events))
    ]
    steps = [
        Step(
            event.activity,
            event.moment,
            event.resource,
            {name: str(event.attributes.get(name, event.of_case.get(name, ""))) for name in facts},
        )
        for event in ordered
    ]
    after: dict[str, int] = {}
    follows = [0] * len(ordered)
    for place in range(len(ordered) - 1, -1, -1):
        follows[place] = after.get(ordered[place].case, place)
        after[ordered[place].case] = place
    return Log([event.case for event in ordered], steps, follows, tuple(facts))


def evaluate(log: Log, split: Split, service_class: str = "") -> Found:
    """Go through the log once."""
    origin = log.steps[0].at.timestamp()
    learner = Learner(Settings(facts=log.facts, service_class=service_class, origin=origin))
    order = list(range(len(log.steps)))
    if not split.share:
        return _through(learner, log, order, split, learning=lambda _: True)
    taught = first_cases(log, split.share)
    for place in order:
        if log.cases[place] in taught:
            learner.happened(log.cases[place], log.steps[place])
            if log.follows[place] == place:
                learner.ended(log.cases[place])
    held = [place for place in order if log.cases[place] not in taught]
    return _through(learner, log, held, split, learning=lambda _: False)


def first_cases(log: Log, share: float) -> set[str]:
    """The cases that began first."""
    cases = list(dict.fromkeys(log.cases))
    return set(cases[: int(len(cases) * share)])


class _Times:
    """The estimates of the open cases, until they end."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, float, bool, float, float]] = []
        self.open: dict[str, list[tuple[float, float, float, float, float, float]]] = {}

    def keep(self, learner: Learner, case: str) -> None:
        found = learner.estimate(case)
        if found is not None and found.said is not None:
            said = found.said
            self.open.setdefault(case, []).append(
                (found.at, said.median, said.least, said.most, found.plain, found.overall)
            )

    def ended(self, case: str, moment: float) -> None:
        for at, median, least, most, plain, overall in self.open.pop(case, []):
            took = moment - at
            self.rows.append((took, median, least <= took <= most, plain, overall))


def _through(learner: Learner, log: Log, order: Sequence[int], split: Split, learning: Callable[[int], bool]) -> Found:
    times, rows = _Times(), []
    lengths: dict[str, int] = {}
    began = time.process_time()
    for place in order:
        case, step = log.cases[place], log.steps[place]
        learner.happened(case, step, learn=learning(place))
        ranking = learner.next(case)
        times.keep(learner, case)
        lengths[case] = lengths.get(case, 0) + 1
        if lengths[case] >= split.prefix:
            after = log.next_action(place)
            best = ranking.best
            among = any(each.action == after for each in ranking.proposals[:3])
            right = best is not None and best.action == after
            rows.append((place, right, among, best.probability if best is not None else 0.0))
        if log.follows[place] == place:
            times.ended(case, step.at.timestamp())
            learner.ended(case, learn=learning(place))
    seconds = time.process_time() - began
    columns = np.array(times.rows, dtype=np.float64).reshape(-1, 5)
    return Found(
        asked=np.array([row[0] for row in rows], dtype=np.intp),
        right=np.array([row[1] for row in rows], dtype=np.bool_),
        among=np.array([row[2] for row in rows], dtype=np.bool_),
        sure=np.array([row[3] for row in rows], dtype=np.float64),
        took=columns[:, 0],
        said=columns[:, 1],
        inside=columns[:, 2] > 0.0,
        of_class=columns[:, 3],
        of_all=columns[:, 4],
        seconds=seconds / max(len(order), 1),
    )


def calibration_error(right: Flags, sure: Numbers) -> float:
    """Expected calibration error in ten bins of equal width (Naeini et al. 2015): how far what was said is from how
    often it came true.
    """
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs(float(right[bins == each].sum()) - float(sure[bins == each].sum())) for each in range(BINS)]
    return sum(gaps) / max(len(right), 1)


def mean(values: Flags | Numbers) -> float:
    """The mean; 0 of nothing."""
    return float(values.mean()) if len(values) else 0.0
