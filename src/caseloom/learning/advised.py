"""What stands as advice in a case: plain data that the screens read without anything that learns."""

import msgspec


class Reason(msgspec.Struct, frozen=True):
    """Counts that carried a proposal: of `of` earlier cases in the same situation, `taken` went on so. `situation` says
    what was the same: `last 2 steps`, `product` …; `without` is the probability if that were not known.
    """

    situation: tuple[str, ...]
    taken: int
    of: int
    without: float | None = None


class Advice(msgspec.Struct, frozen=True):
    """One action that may come next. `habit` is how likely people do it; `effect` is by how much the chance of a good
    end differs from what is usual, with its 95 % interval, where enough is known. `cases` are earlier ones that did it.
    """

    action: str
    habit: float
    reasons: tuple[Reason, ...] = ()
    cases: tuple[int, ...] = ()
    ended: int = 0
    """How many cases that did it in a like situation have ended, and how many of these well."""
    good: int = 0
    effect: tuple[float, float, float] | None = None


class Foresight(msgspec.Struct, frozen=True):
    """How it will probably go: seconds until the end (median, and between which two in eight cases of ten), and the
    chances of its goals being reached, in time, and rated well; None where nothing is known.
    """

    remaining: tuple[float, float, float] | None = None
    reached: float | None = None
    in_time: float | None = None
    rated_well: float | None = None
    ended: int = 0
    """Of how many ended cases that was read."""
    since: float = 0.0
    """The moment of the last step, from which the remaining time counts: seconds since the epoch."""


class Advised(msgspec.Struct, frozen=True):
    """All that is advised in a case, as it stood at a version of its history."""

    model: str
    next: tuple[Advice, ...] = ()
    foresight: Foresight = Foresight()
    moves: tuple[tuple[str, float], ...] = ()
    """Actions with by how much each moves the chance of being in time, the strongest first."""


def encoded(advised: Advised) -> str:
    return msgspec.json.encode(advised).decode()


def decoded(text: str) -> Advised:
    return msgspec.json.decode(text, type=Advised)
