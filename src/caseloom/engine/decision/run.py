"""One evaluation of a model: what is given, what is worked out, and the values of its elements."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from caseloom.engine.decision import model as m
from caseloom.engine.feel import NOW, Value
from caseloom.engine.feel.env import MAX_CALLS, Code, Env, Root
from caseloom.engine.feel.faults import Faulted, NoValue, Source
from caseloom.engine.feel.types import Check, coerced

if TYPE_CHECKING:
    from caseloom.engine.decision.graph import DecisionModel

Key: TypeAlias = tuple[str, str]
Getter: TypeAlias = Callable[["Run"], Value]


class Run:
    """One evaluation: what is given, what is worked out already, and the bounds that all share."""

    __slots__ = ("given", "memo", "root", "scope")

    def __init__(self, scope: Mapping[str, Value], given: Mapping[Key, Value], root: Root) -> None:
        self.scope = scope
        self.given = given
        self.memo: dict[Key, Value] = {}
        self.root = root


class Scope(Mapping[str, Value]):
    """The names that an element sees; each is evaluated when it is asked for."""

    __slots__ = ("getters", "run")

    def __init__(self, getters: dict[str, Getter], run: Run) -> None:
        self.getters = getters
        self.run = run

    def get(self, name: str, default: Value = None) -> Value:
        getter = self.getters.get(name)
        if getter is None:
            return self.run.scope.get(NOW) if name == NOW else default
        return getter(self.run)

    def __getitem__(self, name: str) -> Value:
        return self.getters[name](self.run)

    def __contains__(self, name: object) -> bool:
        return name in self.getters

    def __iter__(self) -> Iterator[str]:
        return iter(self.getters)

    def __len__(self) -> int:
        return len(self.getters)


@dataclass(slots=True)
class Compiled:
    """An element of a model, ready. `getters` are the names that its logic sees; `check` is the type of its value,
    `result` that of what a service gives."""

    node: m.Node
    key: Key
    name: str
    source: Source
    getters: dict[str, Getter] = field(default_factory=dict)
    tree: Any = None
    code: Code | None = None
    check: Check | None = None
    result: Check | None = None
    of: "DecisionModel | None" = None

    @property
    def where(self) -> str:
        """What it is and its name, as findings and notes say it."""
        return self.source.where

    def value(self, run: Run) -> Value:
        """Its value in a run. Raises `Faulted`."""
        key, memo = self.key, run.memo
        if key in memo:
            return memo[key]
        if self.code is None and self.check is None and key in run.given:
            return run.given[key]
        root = run.root
        if root.depth >= MAX_CALLS:
            raise Faulted("Decisions require each other too deeply.")
        root.depth += 1
        before, root.source = root.source, self.source
        try:
            found = memo[key] = self._worked_out(run)
        finally:
            root.depth -= 1
            root.source = before
        return found

    def _worked_out(self, run: Run) -> Value:
        if self.key in run.given:
            return self.conforming(run.given[self.key], run.root)
        if self.code is None:
            return run.root.note(0, f"There is no value for {self.name!r}.")
        return self.conforming(self.code(Env(Scope(self.getters, run), {}, run.root)), run.root)

    def conforming(self, value: Value, root: Root) -> Value:
        """The value as the variable's type wants it; null where it does not fit."""
        if self.check is None or value is None:
            return value
        try:
            return coerced(value, self.check)
        except NoValue as why:
            root.source = self.source
            return root.note(0, str(why))
