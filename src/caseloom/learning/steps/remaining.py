"""How long a case still takes: median and 80 % interval.

Each situation has a histogram of how long it took from there (steps of 3 %, whole numbers, so that a case can be taken
back). The situations are weighed by how their medians erred of late against that of the plain median (of the service
class), by exponential weights; the answer is the weighted median of their medians. Where the answer has erred more
than the plain median of late, the plain median is the answer: so it is never worse for long (follow the leader). The
interval is widened or narrowed until 80 % of the past fell into it (adaptive conformal: Gibbs and Candès 2021).
"""

from collections.abc import Sequence
from math import exp, expm1, log, log1p
from typing import Final

import msgspec

_STEP: Final = log(1.03)
_MINUTE: Final = 60.0
_SUM: Final = -1
_AT_LEAST: Final = 5
_SHARP: Final = 30.0
_FADE: Final = 0.998
_WIDEN: Final = 0.02
COVERED: Final = 0.8
GRADES: Final = 9


class Remaining(msgspec.Struct, frozen=True):
    """Seconds from the last step to the end: the median, and between which two it is in eight cases of ten."""

    median: float
    least: float
    most: float


class Estimate(msgspec.Struct):
    """What was said at one step, kept until the case has ended."""

    at: float
    keys: list[int]
    asked: list[int]
    medians: list[float]
    plain: float
    overall: float
    joined: float
    said: Remaining | None


class Cached(msgspec.Struct):
    """The quantiles of a histogram, and for how many cases they were worked out."""

    count: int
    low: float
    median: float
    high: float


class RemainingTime:
    """Learns when a case ends, from each of its steps."""

    def __init__(self, situations: int, limit: int) -> None:
        self.situations, self.limit = situations, limit
        self.table: dict[int, dict[int, int]] = {}
        self.cache: dict[int, Cached] = {}
        self.losses = [[1.0, 1.0] for _ in range(situations * GRADES)]
        self.ours, self.plains = 1.0, 1.0
        self.width = 1.0

    def say(self, at: float, keys: list[int]) -> Estimate:
        """The estimate at a step. The first two keys are the plain ones: the service class, and where that is new,
        any.
        """
        estimate = Estimate(at, keys, [], [], 0.0, 0.0, 0.0, None)
        found: list[Cached] = []
        for place, key in enumerate(keys):
            cached = self._quantiles(key)
            if cached is not None and (cached.count >= _AT_LEAST or place <= 1):
                found.append(cached)
                estimate.asked.append(place * GRADES + min(cached.count.bit_length(), GRADES - 1))
        if not found:
            return estimate
        estimate.medians = [each.median for each in found]
        estimate.plain = found[0].median
        estimate.overall = found[1 if len(found) > 1 and estimate.asked[1] < 2 * GRADES else 0].median
        estimate.joined, least, most = self._joined(estimate.asked, found)
        median = estimate.joined if self.ours <= self.plains else estimate.plain
        low = expm1(max(log1p(median) - self.width * max(log1p(median) - log1p(least), 0.02), 0.0))
        high = expm1(log1p(median) + self.width * max(log1p(most) - log1p(median), 0.02))
        estimate.said = Remaining(median, low, high)
        return estimate

    def _joined(self, asked: Sequence[int], found: Sequence[Cached]) -> tuple[float, float, float]:
        errors = [self.losses[place][0] / self.losses[place][1] for place in asked]
        best = min(errors)
        weights = [exp(-_SHARP * (error - best)) for error in errors]
        half = sum(weights) / 2.0
        low = high = passed = 0.0
        for weight, each in zip(weights, found, strict=True):
            low += weight * log1p(each.low)
            high += weight * log1p(each.high)
        median = 0.0
        for weight, each in sorted(zip(weights, found, strict=True), key=lambda pair: pair[1].median):
            median = each.median
            passed += weight
            if passed >= half:
                break
        return median, expm1(low / (2.0 * half)), expm1(high / (2.0 * half))

    def learn(self, estimate: Estimate, ended: float) -> None:
        """The case ended at that moment."""
        took = max(ended - estimate.at, 0.0)
        if estimate.said is not None:
            self._learn_weights(estimate, estimate.said, took)
        bucket = int(log1p(took / _MINUTE) / _STEP)
        for key in estimate.keys:
            histogram = self.table.get(key)
            if histogram is None:
                self.table[key] = {_SUM: 1, bucket: 1}
            else:
                histogram[_SUM] += 1
                histogram[bucket] = histogram.get(bucket, 0) + 1
        if len(self.table) > self.limit:
            self._thin()

    def _learn_weights(self, estimate: Estimate, said: Remaining, took: float) -> None:
        plain = abs(estimate.plain - took)
        self.ours = self.ours * _FADE + abs(estimate.joined - took)
        self.plains = self.plains * _FADE + plain
        for place, median in zip(estimate.asked, estimate.medians, strict=True):
            loss = self.losses[place]
            loss[0] = loss[0] * _FADE + abs(median - took) / 86400.0
            loss[1] = loss[1] * _FADE + plain / 86400.0
        inside = said.least <= took <= said.most
        self.width = min(max(self.width * exp(_WIDEN * (COVERED - inside)), 0.05), 20.0)

    def forget(self, at: float, keys: Sequence[int], ended: float) -> None:
        """Take back what `learn` added from a step at that moment."""
        bucket = int(log1p(max(ended - at, 0.0) / _MINUTE) / _STEP)
        for key in keys:
            histogram = self.table.get(key)
            if histogram is None or not histogram.get(bucket):
                continue
            self.cache.pop(key, None)
            histogram[_SUM] -= 1
            histogram[bucket] -= 1
            if not histogram[bucket]:
                del histogram[bucket]
            if not histogram[_SUM]:
                del self.table[key]

    def _quantiles(self, key: int) -> Cached | None:
        """Worked out anew when there are a twentieth more cases."""
        histogram = self.table.get(key)
        if histogram is None:
            return None
        count, cached = histogram[_SUM], self.cache.get(key)
        if cached is not None and cached.count <= count <= cached.count * 1.05:
            return cached
        found: list[float] = []
        wanted, passed = [0.1 * count, 0.5 * count, 0.9 * count], 0
        for bucket in sorted(histogram)[1:]:
            passed += histogram[bucket]
            while len(found) < 3 and passed >= wanted[len(found)]:
                found.append(_MINUTE * expm1((bucket + 0.5) * _STEP))
        cached = self.cache[key] = Cached(count, *found)
        return cached

    def _thin(self) -> None:
        """The older half is thinned: situations met less than the few times that count go, then the oldest."""
        oldest = list(self.table)[: len(self.table) // 2]
        rare = [key for key in oldest if self.table[key][_SUM] < _AT_LEAST]
        for key in rare if len(rare) > self.limit // 10 else oldest[: self.limit // 4]:
            del self.table[key]
            self.cache.pop(key, None)
