"""Types: `instance of`, what conforms to what, and coercion (DMN 1.5 §10.3.2.9)."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias

from caseloom.engine.feel import tree
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.kinds import FunctionValue, Range, Value, an, kind

Check: TypeAlias = Callable[[Value], bool]

ANY, NOTHING = tree.SimpleType("Any"), tree.SimpleType("Null")
_ALIASES = {
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "dateTime": "date and time",
}
_SIMPLE = {
    "number",
    "string",
    "boolean",
    "date",
    "time",
    "date and time",
    "days and time duration",
    "years and months duration",
    "money",
    "list",
    "context",
    "function",
    "range",
}


class NamedType(Protocol):
    """A type that an item definition declares."""

    @property
    def structure(self) -> tree.Type:
        """What it is made of; names of further types may stand in it."""

    def takes(self, value: Value) -> bool:
        """Whether a value, which is not null, is of the type, allowed values included."""

    def is_instance(self, value: Value) -> bool:
        """Whether a value is made as the type is; allowed values do not count (§10.3.2.9.3)."""


NamedTypes: TypeAlias = Mapping[str, NamedType]
NO_TYPES: NamedTypes = {}


def checker(type_: tree.Type, named: NamedTypes = NO_TYPES, instances: bool = False) -> Check:
    """A test of values for a type; null passes for Null alone. Raises `NoValue` for a name that is no type.

    For `instances` only the structure counts, as `instance of` has it, and not allowed values.
    """
    return _CHECKERS[type(type_)](type_, named, instances)


def member_checker(type_: "tree.Type | None", named: NamedTypes = NO_TYPES, instances: bool = False) -> Check:
    """As `checker`, for what may be null: arguments, members of lists and contexts."""
    if type_ is None or type_ == ANY:
        return lambda value: True
    check = checker(type_, named, instances)
    return lambda value: value is None or check(value)


def coerced(value: Value, check: Check) -> Value:
    """The value as a type wants it: itself, the only member of a list, or a list of it (§10.3.2.9.4).

    Raises `NoValue` when none of them conforms.
    """
    if value is None or check(value):
        return value
    if kind(value) != "list":
        if check([value]):
            return [value]
    elif len(value) == 1 and check(value[0]):  # type: ignore[arg-type,index]
        return value[0]  # type: ignore[index]
    raise NoValue(f"{an(kind(value)).capitalize()} is not what is wanted here.")


def _simple(type_: tree.SimpleType, named: NamedTypes, instances: bool) -> Check:
    name = _ALIASES.get(type_.name, type_.name)
    if name == "Any":
        return lambda value: value is not None
    if name == "Null":
        return lambda value: value is None
    if name in _SIMPLE:
        return lambda value: kind(value) == name
    if name not in named:
        raise NoValue(f"There is no type {name!r}.")
    if instances:
        return lambda value: value is not None and named[name].is_instance(value)
    return lambda value: value is not None and named[name].takes(value)


def _member(type_: tree.MemberType, named: NamedTypes, instances: bool) -> Check:
    if type_.name not in ("list", "range"):
        raise NoValue(f"A {type_.name} has no members.")
    check = member_checker(type_.member, named, instances)
    if type_.name == "range":
        return lambda value: isinstance(value, Range) and check(value.end if value.start is None else value.start)
    return lambda value: kind(value) == "list" and all(map(check, value))  # type: ignore[call-overload]


def _context(type_: tree.ContextType, named: NamedTypes, instances: bool) -> Check:
    checks = [(name, member_checker(member, named, instances)) for name, member in type_.members]
    return lambda value: (
        isinstance(value, Mapping) and all(name in value and check(value[name]) for name, check in checks)
    )


def _function(type_: tree.FunctionType, named: NamedTypes, instances: bool) -> Check:
    return lambda value: isinstance(value, FunctionValue) and is_subtype(type_of_function(value), type_, named)


_CHECKERS: dict[type, Callable[[Any, NamedTypes, bool], Check]] = {
    tree.SimpleType: _simple,
    tree.MemberType: _member,
    tree.ContextType: _context,
    tree.FunctionType: _function,
}


def type_of_function(function: FunctionValue) -> tree.FunctionType:
    """The type of a function as far as its text tells it. A result that the text does not tell passes for any."""
    types = function.types or (None,) * len(function.parameters)
    return tree.FunctionType(tuple(t or ANY for t in types), function.result or NOTHING)


def is_subtype(one: tree.Type, other: tree.Type, named: NamedTypes = NO_TYPES, depth: int = 20) -> bool:
    """Whether each value of one type is of the other (§10.3.2.9.2)."""
    one, other = _resolved(one, named), _resolved(other, named)
    if other in (one, ANY) or one == NOTHING:
        return True
    if depth == 0:
        return False

    def below(a: tree.Type, b: tree.Type) -> bool:
        return is_subtype(a, b, named, depth - 1)

    match one, other:
        case tree.MemberType(), tree.MemberType():
            return one.name == other.name and below(one.member, other.member)
        case tree.ContextType(), tree.ContextType():
            members = dict(one.members)
            return all(name in members and below(members[name], member) for name, member in other.members)
        case tree.FunctionType(), tree.FunctionType():
            return (
                len(one.parameters) == len(other.parameters)
                and all(below(theirs, ours) for ours, theirs in zip(one.parameters, other.parameters, strict=True))
                and below(one.result, other.result)
            )
        case ((tree.MemberType() | tree.ContextType() | tree.FunctionType()), tree.SimpleType(name=name)):
            whole = {tree.ContextType: "context", tree.FunctionType: "function"}
            return name == (one.name if isinstance(one, tree.MemberType) else whole[type(one)])
    return False


def _resolved(type_: tree.Type, named: NamedTypes) -> tree.Type:
    for _ in range(20):
        if not isinstance(type_, tree.SimpleType):
            return type_
        name = _ALIASES.get(type_.name, type_.name)
        if name in _SIMPLE or name not in named:
            return tree.SimpleType(name)
        type_ = named[name].structure
    return ANY


def type_of(node: tree.Node) -> "tree.Type | None":
    """The type of an expression as far as its form alone tells it."""
    match node:
        case tree.Number():
            return tree.SimpleType("number")
        case tree.Text():
            return tree.SimpleType("string")
        case tree.Boolean() | tree.Comparison() | tree.And() | tree.Or() | tree.Between() | tree.In():
            return tree.SimpleType("boolean")
        case tree.ContextLiteral():
            return tree.ContextType(tuple((key, type_of(value) or NOTHING) for key, value in node.entries))
        case tree.ListLiteral():
            return tree.MemberType("list", _common([type_of(item) for item in node.items]))
        case tree.Function():
            types = tuple(type_ or ANY for _, type_ in node.parameters)
            return tree.FunctionType(types, type_of(node.body) or NOTHING)
        case tree.If():
            found = _common([type_of(node.then), type_of(node.otherwise)])
            return None if found == ANY else found
    return None


def _common(types: list["tree.Type | None"]) -> tree.Type:
    first = types[0] if types else None
    return first if first is not None and all(type_ == first for type_ in types) else ANY
