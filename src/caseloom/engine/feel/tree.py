"""The typed tree of a FEEL expression. Trees of the same meaning are equal; their places do not count."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Node:
    """`at` is the offset in the text at which a note about this node points."""

    at: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Number(Node):
    value: Decimal


@dataclass(frozen=True, slots=True)
class Text(Node):
    value: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    pass


@dataclass(frozen=True, slots=True)
class Moment(Node):
    """A date, time, date and time or duration literal, `@"2026-03-31"`."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    base: "Expression"
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    base: "Expression"
    condition: "Expression"


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`names` is empty for positional arguments, else as long as `arguments`."""

    callee: "Expression"
    arguments: tuple["Expression", ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Negation(Node):
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`operator` is one of + - * / **."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`operator` is one of = != < <= > >=."""

    operator: str
    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: "Expression"
    low: "Expression"
    high: "Expression"


@dataclass(frozen=True, slots=True)
class OperatorTest(Node):
    """The unary test `< 5`."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class In(Node):
    value: "Expression"
    tests: tuple["Test", ...]


@dataclass(frozen=True, slots=True)
class And(Node):
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"


@dataclass(frozen=True, slots=True)
class Iterator(Node):
    """`name in source`, or `name in source..end`."""

    name: str
    source: "Expression"
    end: "Expression | None" = None


@dataclass(frozen=True, slots=True)
class For(Node):
    iterators: tuple[Iterator, ...]
    body: "Expression"


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`every` tells `every … satisfies` from `some … satisfies`."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: "Expression"


@dataclass(frozen=True, slots=True)
class SimpleType(Node):
    name: str


@dataclass(frozen=True, slots=True)
class MemberType(Node):
    """`list<number>` or `range<date>`."""

    name: str
    member: "Type"


@dataclass(frozen=True, slots=True)
class ContextType(Node):
    members: tuple[tuple[str, "Type"], ...]


@dataclass(frozen=True, slots=True)
class FunctionType(Node):
    parameters: tuple["Type", ...]
    result: "Type"


@dataclass(frozen=True, slots=True)
class Function(Node):
    parameters: tuple[tuple[str, "Type | None"], ...]
    body: "Expression"
    external: bool = False


@dataclass(frozen=True, slots=True)
class ListLiteral(Node):
    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral(Node):
    entries: tuple[tuple[str, "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Interval(Node):
    start_included: bool
    start: "Expression"
    end: "Expression"
    end_included: bool


@dataclass(frozen=True, slots=True)
class OperatorRange(Node):
    """The range value `(< 5)`."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: "Expression"
    type: "Type"


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """The tests of a cell; no test at all is `-`, which takes any value."""

    tests: tuple["Test", ...]
    negated: bool = False


Type: TypeAlias = SimpleType | MemberType | ContextType | FunctionType
Literal: TypeAlias = Number | Text | Boolean | Null | Moment
Expression: TypeAlias = (
    Literal
    | Name
    | Path
    | Filter
    | Call
    | Negation
    | Arithmetic
    | Comparison
    | Between
    | In
    | And
    | Or
    | If
    | For
    | Quantified
    | Function
    | ListLiteral
    | ContextLiteral
    | Interval
    | OperatorRange
    | InstanceOf
)
Test: TypeAlias = Expression | OperatorTest
