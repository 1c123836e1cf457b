"""Which rules of a decision table a value passes, without trying them one by one.

The constants of a column cut the values of a kind into slots: each constant, and what lies between two of them. For
each slot it is settled beforehand which cells take it, as a bit for each rule. A value finds its slot by a dict where
a column has only equalities, else by bisection. What holds for every value of a slot holds for the value, so the
index answers as a scan does. Columns with other expressions, and values of other kinds, are scanned.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from caseloom.engine.feel import Range, Value, tree
from caseloom.engine.feel.builtins.conversion import read_moment
from caseloom.engine.feel.comparison import less
from caseloom.engine.feel.faults import Faulted, NoValue
from caseloom.engine.feel.literals import range_of
from caseloom.engine.spec.values import YearsMonths

# Kinds whose values have one order and one equality, whatever the rest of the world.
CLASSES = (Decimal, str, bool, date, timedelta, YearsMonths)

Mask: TypeAlias = int
Look: TypeAlias = Callable[[Any], Mask]


class NotConstant(Exception):
    """A test that is not known before evaluation."""


@dataclass(frozen=True, slots=True)
class ConstantTests:
    """A cell whose tests are all constant. None in `ranges` is the test `null`; no range at all takes any value."""

    ranges: tuple[Range | None, ...]
    negated: bool = False

    @property
    def takes_all(self) -> bool:
        return not self.ranges

    def bounds(self, class_: type) -> list[Value]:
        """The constants of a kind that stand in it."""
        of_class = (one for one in self.ranges if one is not None)
        ends = (end for one in of_class for end in (one.start, one.end))
        return [end for end in ends if end.__class__ is class_]


def constant_tests(tests: tree.UnaryTests) -> ConstantTests:
    """The tests of a cell, when all are constant. Raises `NotConstant`."""
    ranges: list[Range | None] = []
    for test in tests.tests:
        ranges += _ranges(test)
    return ConstantTests(tuple(ranges), tests.negated)


def constant(node: tree.Node) -> Value:
    """The value of a literal. Raises `NotConstant`."""
    match node:
        case tree.Number(value=value) if value.is_finite():
            return value
        case tree.Text(value=value):
            return value
        case tree.Boolean(value=value):
            return value
        case tree.Negation(operand=tree.Number(value=value)) if value.is_finite():
            return -value
        case tree.Moment(text=text):
            return _moment(text)
        case tree.Call(callee=tree.Name(name="date" | "duration"), arguments=(tree.Text(value=text),)):
            return _moment(text)
    raise NotConstant


def _moment(text: str) -> Value:
    value = read_moment(text)
    if value.__class__ not in CLASSES:
        raise NotConstant
    return value


def _ranges(test: tree.Node) -> list[Range | None]:
    match test:
        case tree.Null():
            return [None]
        case tree.OperatorTest(operator="!=", operand=operand):
            value = constant(operand)
            return [Range(None, value, False, False), Range(value, None, False, False)]
        case (
            tree.OperatorTest(operator=operator, operand=operand)
            | tree.OperatorRange(operator=operator, operand=operand)
        ):
            return [range_of(operator, constant(operand))]
        case tree.Interval():
            return [_interval(test)]
    value = constant(test)
    return [Range(value, value)]


def _interval(node: tree.Interval) -> Range:
    start, end = constant(node.start), constant(node.end)
    try:
        if start.__class__ is not end.__class__ or less(end, start):
            raise NotConstant
    except (NoValue, Faulted):
        raise NotConstant from None
    return Range(start, end, node.start_included, node.end_included)


class Slots:
    """The values of one kind, cut at the constants of a column. Slot 2i+1 is the i-th constant, 2i what is below."""

    def __init__(self, class_: type, cells: Sequence[ConstantTests]) -> None:
        self.class_ = class_
        found = {bound for cell in cells for bound in cell.bounds(class_)}
        self.constants: list[Any] = sorted(found)
        self.count = 2 * len(self.constants) + 1
        self._at = {value: 2 * i + 1 for i, value in enumerate(self.constants)}

    def taken(self, cell: ConstantTests) -> Mask:
        """The slots whose values pass a cell, as bits."""
        every = (1 << self.count) - 1
        if cell.takes_all:
            return every
        taken, sure = 0, True
        for one in cell.ranges:
            if one is None:
                continue
            bound = one.end if one.start is None else one.start
            if bound.__class__ is self.class_:
                taken |= self._span(one)
            else:
                # A test of another kind is null, which is no "no".
                sure = False
        if not cell.negated:
            return taken
        return every & ~taken if sure else 0

    def _span(self, one: Range) -> Mask:
        first = 0 if one.start is None else self._at[one.start] + (not one.start_included)
        last = self.count - 1 if one.end is None else self._at[one.end] - (not one.end_included)
        return ((1 << (last + 1)) - 1) & ~((1 << first) - 1) if last >= first else 0


def index(cells: Sequence[tree.UnaryTests | None]) -> dict[type, Look]:
    """For each kind of values, what leads from a value to the rules whose cell in this column takes it.

    Empty when a cell is not constant.
    """
    try:
        constants = [constant_tests(cell) if cell is not None else ConstantTests((), True) for cell in cells]
    except NotConstant:
        return {}
    return {class_: _look(Slots(class_, constants), constants) for class_ in CLASSES}


def _look(slots: Slots, cells: Sequence[ConstantTests]) -> Look:
    masks = [0] * slots.count
    for rule, cell in enumerate(cells):
        taken = slots.taken(cell)
        for slot in range(slots.count):
            masks[slot] |= (taken >> slot & 1) << rule
    constants = slots.constants
    if not constants:
        only = masks[0]
        return lambda value: only
    if len(set(masks[::2])) == 1:
        at, other = dict(zip(constants, masks[1::2], strict=True)), masks[0]
        return lambda value: at.get(value, other)

    def look(value: Any) -> Mask:
        place = bisect_left(constants, value)
        if place < len(constants) and constants[place] == value:
            return masks[2 * place + 1]
        return masks[2 * place]

    return look
