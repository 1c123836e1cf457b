"""How a built-in function is declared, and how a call finds the way of calling it that fits its arguments.

A way is written as `string: string, start position: number, length?: number`. `?` marks what may be left
out, `*` a last parameter that takes any number of arguments, `a|b` a choice of kinds, `any` whatever is
there, null included. A list of one item passes as that item and an item as a list of one (§10.3.2.9.4).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.kinds import FunctionValue, Value, an, kind

if TYPE_CHECKING:
    from caseloom.engine.feel.env import Env

_UNFIT = object()
_LEFT_OUT = object()


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    kinds: frozenset[str]
    optional: bool

    def take(self, value: Value) -> Value:
        """The argument as the body wants it, or `_UNFIT`."""
        which = kind(value)
        if "any" in self.kinds or which in self.kinds:
            return value
        if value is _LEFT_OUT:
            return None
        if which == "list" and len(value) == 1 and kind(value[0]) in self.kinds:  # type: ignore[arg-type,index]
            return value[0]  # type: ignore[index]
        if "list" in self.kinds and value is not None:
            return [value]
        return _UNFIT


@dataclass(frozen=True, slots=True)
class Way:
    """One way of calling a function. With `with_env` the body gets the evaluation first."""

    parameters: tuple[Parameter, ...]
    body: Callable[..., Value]
    many: bool
    with_env: bool

    def arranged(self, arguments: Sequence[Value], names: tuple[str, ...]) -> list[Value] | None:
        """The arguments in the order of the body, fit for their parameters; None when they do not fit."""
        placed = self._by_name(arguments, names) if names else self._by_position(arguments)
        if placed is None:
            return None
        taken = [parameter.take(value) for parameter, value in placed]
        return None if any(value is _UNFIT for value in taken) else taken

    def _by_position(self, arguments: Sequence[Value]) -> list[tuple[Parameter, Value]] | None:
        least = sum(not parameter.optional for parameter in self.parameters)
        if len(arguments) < least or (len(arguments) > len(self.parameters) and not self.many):
            return None
        extra = [self.parameters[-1]] * (len(arguments) - len(self.parameters)) if self.many else []
        return list(zip([*self.parameters, *extra], arguments, strict=False))

    def _by_name(self, arguments: Sequence[Value], names: tuple[str, ...]) -> list[tuple[Parameter, Value]] | None:
        given = dict(zip(names, arguments, strict=True))
        known = {parameter.name for parameter in self.parameters}
        if len(given) != len(names) or not given.keys() <= known:
            return None
        if any(not p.optional and p.name not in given for p in self.parameters):
            return None
        return [(parameter, given.get(parameter.name, _LEFT_OUT)) for parameter in self.parameters]


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function: its ways are tried in order."""

    name: str
    ways: tuple[Way, ...]

    def call(self, env: "Env", arguments: Sequence[Value], names: tuple[str, ...] = ()) -> Value:
        """The result. Raises `NoValue` when no way fits the arguments."""
        for way in self.ways:
            taken = way.arranged(arguments, names)
            if taken is not None:
                return way.body(env, *taken) if way.with_env else way.body(*taken)
        given = ", ".join(an(kind(argument)) for argument in arguments) or "nothing"
        raise NoValue(f"{self.name}({self._usage()}) does not take {given}.")

    def as_value(self, env: "Env") -> FunctionValue:
        """The function as a value that can be passed on."""
        names = tuple(parameter.name for parameter in self.ways[0].parameters)
        return FunctionValue(names, lambda *arguments: self.call(env, arguments))

    def _usage(self) -> str:
        parameters = self.ways[0].parameters
        return ", ".join(f"{p.name}: {' or '.join(sorted(p.kinds))}" for p in parameters)


def builtin(name: str, *ways: tuple[str, Callable[..., Any]], with_env: bool = False) -> Builtin:
    """Declares a function by its ways: (parameters as text, body)."""
    return Builtin(name, tuple(_way(text, body, with_env) for text, body in ways))


def _way(text: str, body: Callable[..., Value], with_env: bool) -> Way:
    parts = [part for part in text.split(", ") if part]
    many = text.endswith("*")
    return Way(tuple(_parameter(part.removesuffix("*")) for part in parts), body, many, with_env)


def _parameter(text: str) -> Parameter:
    name, kinds = text.split(": ")
    return Parameter(name.removesuffix("?"), frozenset(kinds.split("|")), name.endswith("?"))
