"""What an evaluation carries: the scope, local names, the steps left, and where notes go."""

from collections.abc import Callable, Iterable, Mapping
from decimal import DecimalException
from typing import TypeAlias

from caseloom.engine.feel.faults import Faulted, Note, NoValue, Source
from caseloom.engine.feel.kinds import Value

# A call of a function literal takes up to some ten Python frames; beyond this depth is a runaway recursion.
MAX_CALLS = 60

# Bounds of what is held, and what a walk over it costs in steps.
MAX_WEIGHT = 1_000_000
VALUES_A_STEP = 32
LETTERS_A_STEP = 1_000

# What an operation may raise: null at its place, or a fault that learns its place on the way.
NOTHING = (NoValue, DecimalException, OverflowError, RecursionError, Faulted)


class Env:
    """One level of names; `root` is that of the evaluation itself."""

    __slots__ = ("locals", "root", "scope")

    def __init__(self, scope: Mapping[str, Value], locals_: dict[str, Value], root: "Root") -> None:
        self.scope = scope
        self.locals = locals_
        self.root = root

    def with_locals(self, more: Mapping[str, Value]) -> "Env":
        """A level below this one, in which more names are bound."""
        return Env(self.scope, {**self.locals, **more}, self.root)

    def spend(self, steps: int = 1) -> None:
        """Counts work that data can make long. Raises `Faulted` when the bound is reached."""
        root = self.root
        root.left -= steps
        if root.left < 0:
            raise Faulted("The expression takes too many steps. Filter or shorten the lists that it walks over.")

    def weighed(self, value: Value) -> Value:
        """A list or context that was just made, its weight known: how many values one meets who walks all of it.

        Lists that hold one list many times are small in memory and endless to walk. Raises `Faulted` for those.
        """
        members: Iterable[Value] = value.values() if value.__class__ is dict else value  # type: ignore[assignment]
        total, nested = 1, False
        for member in members:
            class_ = member.__class__
            if class_ is list or class_ is dict:
                nested = True
                total += self.weight(member)
            else:
                total += 1
        if total > MAX_WEIGHT:
            raise Faulted(f"The value holds more than {MAX_WEIGHT} values. Make fewer or shorter lists.")
        if nested:
            # Kept with the value itself, so that its identity stays its own.
            self.root.weights[id(value)] = value, total
        return value

    def weight(self, value: Value) -> int:
        """How many values one meets who walks all of a value."""
        class_ = value.__class__
        if class_ is not list and class_ is not dict:
            return 1
        known = self.root.weights.get(id(value))
        return known[1] if known else 1 + len(value)  # type: ignore[arg-type]

    def charge(self, value: Value) -> None:
        """Counts a walk over a value. Raises `Faulted` when the bound is reached."""
        class_ = value.__class__
        if class_ is list or class_ is dict:
            self.spend(self.weight(value) // VALUES_A_STEP)
        elif class_ is str:
            self.spend(len(value) // LETTERS_A_STEP)  # type: ignore[arg-type]

    def note(self, at: int, message: str) -> Value:
        """Says beside the value why it is null, and gives that null."""
        root = self.root
        if root.notes is not None:
            root.notes.append(Note(*root.source.place(at), message, root.source.where))
        return None

    def too_deep(self, at: int) -> Faulted:
        """The fault of what is nested or calls itself beyond what can be followed."""
        fault = Faulted("The expression or a value in it is nested too deeply.")
        fault.at, fault.source = at, self.root.source
        return fault

    def nothing(self, at: int, why: BaseException) -> Value:
        """Notes an expected failure; the value is null. Passes a fault on, with its place."""
        if isinstance(why, Faulted):
            if why.at is None:
                why.at, why.source = at, self.root.source
            raise why
        if isinstance(why, RecursionError):
            raise self.too_deep(at) from None
        message = str(why) if isinstance(why, NoValue) else "The result is outside what a value can hold."
        return self.note(at, message)


# Never written to: names are bound on a level below. One for all spares a dict an evaluation.
_NO_LOCALS: dict[str, Value] = {}


class Root(Env):
    """The level of an evaluation: holds what all levels share."""

    __slots__ = ("depth", "left", "notes", "source", "weights")

    def __init__(self, source: Source, scope: Mapping[str, Value], budget: int, notes: list[Note] | None) -> None:
        self.scope = scope
        self.locals = _NO_LOCALS
        self.source = source
        self.left = budget
        self.notes = notes
        self.depth = 0
        self.weights: dict[int, tuple[Value, int]] = {}

    @property
    def root(self) -> "Root":  # type: ignore[override]
        """Itself; not kept as an attribute, so that no circle of references is left to the garbage collector."""
        return self


Code: TypeAlias = Callable[[Env], Value]
