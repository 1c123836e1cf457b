"""Remembering what is read again and again, for a short time."""

import threading
from collections.abc import Callable, Hashable
from datetime import timedelta
from time import monotonic
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def remember(length: timedelta) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep what a function returned for its arguments for `length`; `function.forget()` drops all of it."""

    def around(function: Callable[P, R]) -> Callable[P, R]:
        kept: dict[Hashable, tuple[float, R]] = {}
        lock = threading.Lock()

        def remembered(*args: P.args, **kwargs: P.kwargs) -> R:
            place = (args, tuple(sorted(kwargs.items())))
            found = kept.get(place)
            if found is not None and found[0] > monotonic():
                return found[1]
            value = function(*args, **kwargs)
            with lock:
                kept[place] = (monotonic() + length.total_seconds(), value)
            return value

        remembered.forget = kept.clear  # type: ignore[attr-defined]
        return remembered

    return around
