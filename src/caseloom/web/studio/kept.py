"""What is worked out for a plan and dear to make, kept between the requests of one editor."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from caseloom.engine.rules.plan import Plan

T = TypeVar("T")


class Kept(Generic[T]):
    """The last `most` values, each by its plan and a name. A plan never changes, so that none of them grows old."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        # The plan itself is kept beside its value: as long as it lives, its id is no other's.
        self._values: OrderedDict[tuple[int, Hashable], tuple[Plan, T]] = OrderedDict()

    def get(self, plan: Plan, name: Hashable, make: Callable[[], T]) -> T:
        """The value of before, or a new one. Two at once may both make it."""
        place = (id(plan), name)
        with self._lock:
            if place in self._values:
                self._values.move_to_end(place)
                return self._values[place][1]
        value = make()
        with self._lock:
            self._values[place] = (plan, value)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value
