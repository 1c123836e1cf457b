"""What happened in a case, and its way so far, as plain data."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Final

import msgspec

Case = int | str

END: Final = "END"
"""What follows the last step of a case."""

LAST: Final = 6
"""So many of the last steps are looked at."""

MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15


class Step(msgspec.Struct, frozen=True):
    """One thing that was done. `at` has a zone, that of the house, as the hour and the weekday count.

    `facts` are those known at that moment; only the declared ones are looked at.
    """

    action: str
    at: datetime
    actor: str = ""
    facts: Mapping[str, str] = {}


class Outcome(msgspec.Struct, frozen=True):
    """How a case ended; None is not known, and teaches nothing."""

    reached: bool | None = None
    in_time: bool | None = None
    rated_well: bool | None = None

    @property
    def good(self) -> bool:
        """Whether it ended well: reached, and neither late nor badly rated, as far as that is known."""
        return self.reached is True and self.in_time is not False and self.rated_well is not False


def hash_of(text: str) -> int:
    """64 bits that are the same on every machine and in every version of Python, as they are stored."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def mixed(*parts: int) -> int:
    """One number for several, in this order."""
    found = 0
    for part in parts:
        found = ((found ^ part) * _GOLDEN) & MASK
        found ^= found >> 29
    return found


class Path(msgspec.Struct):
    """A case's way so far. Each step costs the same, however long the case is.

    `recent` are the hashes of the last actions, the newest first; `bag` is a sum over all actions done and so does not
    know their order; `kinds` the same with each action once; `whole` knows the order.
    """

    begun: float
    at: float
    before: float
    hour: int = 0
    weekday: int = 0
    length: int = 0
    actor: int = 0
    bag: int = 0
    kinds: int = 0
    whole: int = 0
    recent: tuple[int, ...] = ()
    seen: set[int] = msgspec.field(default_factory=set)
    facts: tuple[int, ...] = ()

    @classmethod
    def of(cls, step: Step) -> "Path":
        """The way of a case that is about to take its first step."""
        moment = step.at.timestamp()
        return cls(moment, moment, moment)

    def take(self, step: Step, action: int, actor: int, facts: tuple[int, ...]) -> None:
        """Go one step on; `action`, `actor` and `facts` are hashes."""
        self.before, self.at = self.at, step.at.timestamp()
        self.hour, self.weekday = step.at.hour, step.at.weekday()
        self.length += 1
        self.actor, self.facts = actor, facts
        self.recent = (action, *self.recent[: LAST - 1])
        spread = mixed(action)
        self.bag = (self.bag + spread) & MASK
        self.whole = mixed(self.whole, action)
        if action not in self.seen:
            self.seen.add(action)
            self.kinds = (self.kinds + spread) & MASK
