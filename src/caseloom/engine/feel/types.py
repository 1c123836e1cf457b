"""Types: `instance of`, and whether an argument conforms to its parameter (DMN 1.5 §10.3.2.9.3)."""

from collections.abc import Callable, Mapping
from typing import Any

from caseloom.engine.feel import tree
from caseloom.engine.feel.kinds import FunctionValue, Range, Value, kind

_ALIASES = {"dayTimeDuration": "days and time duration", "yearMonthDuration": "years and months duration"}


def is_instance(value: Value, type_: tree.Type) -> bool:
    """Whether a value is of a type; null is of type Null alone."""
    return _CHECKS[type(type_)](value, type_)


def conforms(value: Value, type_: "tree.Type | None") -> bool:
    """Whether a value may be passed where the type is wanted; null may be passed everywhere."""
    return type_ is None or value is None or is_instance(value, type_)


def _simple(value: Value, type_: tree.SimpleType) -> bool:
    if type_.name == "Any":
        return value is not None
    if type_.name == "Null":
        return value is None
    return kind(value) == _ALIASES.get(type_.name, type_.name) and value is not None


def _member(value: Value, type_: tree.MemberType) -> bool:
    if type_.name == "range" and isinstance(value, Range):
        bound = value.end if value.start is None else value.start
        return conforms(bound, type_.member)
    if type_.name == "list" and kind(value) == "list":
        return all(conforms(member, type_.member) for member in value)  # type: ignore[attr-defined]
    return False


def _context(value: Value, type_: tree.ContextType) -> bool:
    return isinstance(value, Mapping) and all(
        name in value and conforms(value[name], member) for name, member in type_.members
    )


def _function(value: Value, type_: tree.FunctionType) -> bool:
    return isinstance(value, FunctionValue) and len(value.parameters) == len(type_.parameters)


_CHECKS: dict[type, Callable[[Value, Any], bool]] = {
    tree.SimpleType: _simple,
    tree.MemberType: _member,
    tree.ContextType: _context,
    tree.FunctionType: _function,
}
