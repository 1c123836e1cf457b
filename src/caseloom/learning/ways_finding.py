"""What people do otherwise than the definition says: plain data, for the learner that finds it and the screens that
show it.
"""

from datetime import date, datetime
from hashlib import blake2b
from typing import Literal

import msgspec

Kind = Literal["adds", "leaves out", "whole way"]
"""`adds`: a step that the options do not have; `leaves out`: one that an option has; `whole way`: a way unlike any
option.
"""

Target = Literal["in_time", "rated_well"]
TARGETS: tuple[Target, ...] = ("in_time", "rated_well")


class Effect(msgspec.Struct, frozen=True):
    """By how much the share of good ends differs where it was done, with its 95 % interval, where like is compared with
    like: the same people, cases of the same kind. `did` and `others` are how many cases were compared; `good` and
    `usual` the plain shares of good ends among them.
    """

    difference: float
    low: float
    high: float
    did: int
    others: int
    good: float
    usual: float

    @property
    def sure(self) -> bool:
        """Whether chance alone does not explain it."""
        return self.low > 0 or self.high < 0


class Month(msgspec.Struct, frozen=True):
    """How often it was done in a month, of the cases of its kind."""

    begins: date
    cases: int
    of: int

    @property
    def share(self) -> float | None:
        return self.cases / self.of if self.of else None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that people do otherwise. `steps` are the names of what is added, left out, or done: keys of the
    definition, or (from `OWN` on) a hash of a title that people made up. `after` is the step behind which it comes
    nearly always. `cases` of the last `of` did it; `earlier` is the share among those before.
    """

    kind: Kind
    goal: str
    options: tuple[str, ...] = ()
    """The options that it concerns; none for a whole way, and for a goal that has none."""
    steps: tuple[str, ...]
    after: str = ""
    cases: int
    of: int
    earlier: float | None
    grows: bool
    ever: int
    people: int
    since: datetime
    months: tuple[Month, ...] = ()
    effects: dict[Target, Effect] = {}
    examples: tuple[int, ...] = ()
    """Cases that did it, the newest first."""

    @property
    def share(self) -> float:
        return self.cases / self.of

    @property
    def key(self) -> str:
        """The same for the same thing, whenever it is found."""
        # A step that spreads to another option is the same step.
        option = self.options[0] if self.kind == "leaves out" else ""
        words = "\0".join((self.kind, self.goal, option, *self.steps))
        return blake2b(words.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

    @property
    def helps(self) -> bool:
        """Whether something is surely better where it was done, and nothing surely worse."""
        return any(one.low > 0 for one in self.effects.values()) and not self.harms

    @property
    def harms(self) -> bool:
        """Whether something is surely worse where it was done."""
        return any(one.high < 0 for one in self.effects.values())


OWN = "own:"
"""How the name of a step begins that people made up."""


def own_name(title: str) -> str:
    """The name of a step that people made up: titles that differ in case, spaces or a full stop alone are the same."""
    plain = " ".join(title.casefold().split()).rstrip(".!? ")
    return OWN + blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
