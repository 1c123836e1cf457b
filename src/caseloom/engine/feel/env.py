"""What an evaluation carries: the scope, local names, the steps left, and where notes go."""

from collections.abc import Callable, Mapping
from decimal import DecimalException
from typing import TypeAlias

from caseloom.engine.feel.faults import Faulted, Note, NoValue, line_and_column
from caseloom.engine.feel.kinds import Value

# A call of a function literal takes up to some ten Python frames; beyond this depth is a runaway recursion.
MAX_CALLS = 60

# What an operation may raise: null at its place, or a fault that learns its place on the way.
NOTHING = (NoValue, DecimalException, OverflowError, Faulted)


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

    def note(self, at: int, message: str) -> Value:
        """Says beside the value why it is null, and gives that null."""
        root = self.root
        if root.notes is not None:
            root.notes.append(Note(*line_and_column(root.text, at), message))
        return None

    def nothing(self, at: int, why: BaseException) -> Value:
        """Notes an expected failure; the value is null. Passes a fault on, with its place."""
        if isinstance(why, Faulted):
            why.at = at if why.at is None else why.at
            raise why
        message = str(why) if isinstance(why, NoValue) else "The result is outside what a value can hold."
        return self.note(at, message)


# Never written to: names are bound on a level below. One for all spares a dict an evaluation.
_NO_LOCALS: dict[str, Value] = {}


class Root(Env):
    """The level of an evaluation: holds what all levels share."""

    __slots__ = ("depth", "left", "notes", "text")

    def __init__(self, text: str, scope: Mapping[str, Value], budget: int, notes: list[Note] | None) -> None:
        self.scope = scope
        self.locals = _NO_LOCALS
        self.root = self
        self.text = text
        self.left = budget
        self.notes = notes
        self.depth = 0


Code: TypeAlias = Callable[[Env], Value]
