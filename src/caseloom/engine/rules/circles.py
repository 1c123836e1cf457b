"""What leads to what, followed to its ends."""

from collections.abc import Iterable, Mapping


def beyond(key: str, leads: Mapping[str, Iterable[str]]) -> set[str]:
    """All that this key leads to, in any number of steps."""
    found: set[str] = set()
    ahead = [*leads.get(key, ())]
    while ahead:
        step = ahead.pop()
        if step not in found:
            found.add(step)
            ahead += leads.get(step, ())
    return found
