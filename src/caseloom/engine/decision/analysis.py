"""What a decision table leaves open or decides twice: gaps, overlaps, rules that can never count.

Each input is cut into slots, as for the index, so a rule is a box of slots and the questions are about sets of boxes:
answered exactly, each answer with an example input. Columns that hold expressions are not decided, and that is said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from caseloom.engine.decision.index import CLASSES, ConstantTests, Mask, NotConstant, Slots, constant_tests
from caseloom.engine.feel import Value, tree
from caseloom.engine.spec.values import YearsMonths

Box: TypeAlias = tuple[Mask, ...]

# Comparisons of a rule with a part of the inputs before the question is given up, and gaps that are named.
MAX_LOOKS = 500_000
MAX_GAPS = 5
MAX_OVERLAPS = 50


class Undecided(Exception):
    """The question has no answer within the bound, or for this table; the message says why."""


@dataclass(frozen=True, slots=True)
class Input:
    """A column: its name, its tests for each rule (None where one could not be read), and the tests of the values
    that it allows."""

    name: str
    tests: Sequence[tree.UnaryTests | None]
    allowed: tree.UnaryTests | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Flaw:
    """`kind` is gap, overlap, unreachable, masked or undecided. `rules` count from 1; `example` is an input, by
    column, for which it shows."""

    kind: str
    rules: tuple[int, ...]
    example: dict[str, Value]
    message: str


class _Column:
    """The slots of an input that can hold a value."""

    def __init__(self, given: Input) -> None:
        self.name = given.name
        cells = [ConstantTests((), True) if one is None else _constant(given.name, one) for one in given.tests]
        allowed = [] if given.allowed is None else [_constant(given.name, given.allowed)]
        self.slots = Slots(_class_of(given, [*cells, *allowed]), [*cells, *allowed, *_both(given, cells)])
        self.samples = [self._sample(slot) for slot in range(self.slots.count)]
        self.domain: Mask = sum(1 << slot for slot, sample in enumerate(self.samples) if sample is not None)
        for cell in allowed:
            self.domain &= self.slots.taken(cell)
        self.rules: list[Mask] = [self.slots.taken(cell) & self.domain for cell in cells]

    def _sample(self, slot: int) -> Value:
        """A value of a slot, or None where there is none."""
        constants, place = self.slots.constants, slot // 2
        if slot % 2:
            return constants[place]
        low = constants[place - 1] if place else None
        high = constants[place] if place < len(constants) else None
        return _SAMPLES[self.slots.class_](low, high)

    def example(self, mask: Mask) -> Value:
        """A value of one of these slots."""
        return self.samples[(mask & -mask).bit_length() - 1]


def _constant(name: str, tests: tree.UnaryTests) -> ConstantTests:
    try:
        return constant_tests(tests)
    except NotConstant:
        raise Undecided(f"The input {name!r} is tested by expressions, so gaps and overlaps are not decided.") from None


def _class_of(given: Input, cells: Sequence[ConstantTests]) -> type:
    found = {class_ for class_ in CLASSES for cell in cells if cell.bounds(class_)}
    if len(found) > 1:
        raise Undecided(f"The input {given.name!r} is tested for values of several kinds.")
    return found.pop() if found else _OF_KIND.get(given.kind or "", str)


def _both(given: Input, cells: Sequence[ConstantTests]) -> list[ConstantTests]:
    """Both truth values, where a column is of them: nothing else lies between."""
    from_cells = any(cell.bounds(bool) for cell in cells)
    return [constant_tests(_TRUTHS)] if from_cells or given.kind == "boolean" else []


_TRUTHS = tree.UnaryTests((tree.Boolean(True), tree.Boolean(False)))


def _number(low: Any, high: Any) -> Value:
    if low is None:
        return Decimal(0) if high is None else high - 1
    return low + 1 if high is None else (low + high) / 2


def _text(low: Any, high: Any) -> Value:
    if low is None and high is None:
        return "anything"
    found = "" if low is None else f"{low} "
    return found if high is None or found < high else None


def _day(low: Any, high: Any) -> Value:
    try:
        if low is None:
            return date(2026, 1, 1) if high is None else high - timedelta(1)
        found = low + timedelta(1)
    except OverflowError:
        return None
    return found if high is None or found < high else None


def _length(low: Any, high: Any) -> Value:
    second = timedelta(seconds=1)
    if low is None:
        return timedelta() if high is None else high - second
    return low + second if high is None else (low + high) / 2


def _months(low: Any, high: Any) -> Value:
    if low is None:
        return YearsMonths(0 if high is None else high.months - 1)
    found = YearsMonths(low.months + 1)
    return found if high is None or found < high else None


_SAMPLES: dict[type, Any] = {
    Decimal: _number,
    str: _text,
    bool: lambda low, high: None,
    date: _day,
    timedelta: _length,
    YearsMonths: _months,
}
_OF_KIND: dict[str, type] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": date,
    "days and time duration": timedelta,
    "years and months duration": YearsMonths,
}


class _Boxes:
    """The rules of a table as boxes."""

    def __init__(self, inputs: Sequence[Input]) -> None:
        self.columns = [_Column(one) for one in inputs]
        self.domain: Box = tuple(column.domain for column in self.columns)
        count = len(inputs[0].tests) if inputs else 0
        self.rules: list[Box] = [tuple(column.rules[rule] for column in self.columns) for rule in range(count)]
        self.looked = 0

    def example(self, box: Box) -> dict[str, Value]:
        return {column.name: column.example(mask) for column, mask in zip(self.columns, box, strict=True)}

    def uncovered(self, box: Box, rules: Sequence[Box]) -> Iterator[Box]:
        """The parts of a box that no rule takes, as boxes that do not overlap. Raises `Undecided` at the bound."""
        waiting = [(box, 0)]
        while waiting:
            box, first = waiting.pop()
            place = self._touching(box, rules, first)
            if place is None:
                yield box
                continue
            parts, inside = [], list(box)
            for column, mask in enumerate(rules[place]):
                outside = inside[column] & ~mask
                if outside:
                    parts.append(((*inside[:column], outside, *inside[column + 1 :]), place + 1))
                inside[column] &= mask
            waiting += reversed(parts)

    def _touching(self, box: Box, rules: Sequence[Box], first: int) -> int | None:
        """The first rule from a place on that takes something of a box."""
        for place in range(first, len(rules)):
            self.looked += 1
            if self.looked > MAX_LOOKS:
                raise Undecided(f"Not decided within the bound of {MAX_LOOKS} comparisons of rules.")
            if all(a & b for a, b in zip(box, rules[place], strict=True)):
                return place
        return None


def flaws(
    inputs: Sequence[Input],
    outputs: Sequence[object],
    hit_policy: str,
    ranks: Sequence[object] = (),
    default: bool = False,
) -> list[Flaw]:
    """What is wrong with a table of these inputs.

    `outputs` tell which rules give the same; `ranks` (of a PRIORITY table) sort its rules; with a `default` nothing is
    left open.
    """
    found: list[Flaw] = []
    try:
        for flaw in _flaws(inputs, outputs, hit_policy, ranks, default):
            found.append(flaw)
    except Undecided as why:
        found.append(Flaw("undecided", (), {}, str(why)))
    return found


def _flaws(
    inputs: Sequence[Input], outputs: Sequence[object], hit_policy: str, ranks: Sequence[object], default: bool
) -> Iterator[Flaw]:
    if not inputs:
        return
    boxes = _Boxes(inputs)
    reachable = [rule for rule, box in enumerate(boxes.rules) if all(box)]
    for rule in range(len(boxes.rules)):
        if not all(boxes.rules[rule]):
            message = f"Rule {rule + 1} can never match: {_nothing(boxes, rule)}."
            yield Flaw("unreachable", (rule + 1,), {}, message)
    yield from _few(
        _overlaps(boxes, reachable, outputs, hit_policy), MAX_OVERLAPS, "There are more rules that overlap."
    )
    yield from _masked(boxes, reachable, hit_policy, ranks)
    if not default:
        yield from _few(_gaps(boxes, reachable), MAX_GAPS, "There are more inputs that no rule matches.")


def _few(found: Iterator[Flaw], most: int, message: str) -> Iterator[Flaw]:
    """The first of many, and that there are more."""
    for number, flaw in enumerate(found):
        if number == most:
            yield replace(flaw, rules=(), message=message)
            return
        yield flaw


def _nothing(boxes: _Boxes, rule: int) -> str:
    names = [column.name for column in boxes.columns if not column.rules[rule]]
    return f"no value of {names[0]!r} passes its test"


def _overlaps(boxes: _Boxes, reachable: list[int], outputs: Sequence[object], hit_policy: str) -> Iterator[Flaw]:
    if hit_policy not in ("UNIQUE", "ANY"):
        return
    for place, one in enumerate(reachable):
        for other in reachable[place + 1 :]:
            both = tuple(a & b for a, b in zip(boxes.rules[one], boxes.rules[other], strict=True))
            if not all(both) or (hit_policy == "ANY" and outputs[one] == outputs[other]):
                continue
            what = "both match" if hit_policy == "UNIQUE" else "both match, with different outputs"
            message = f"Rules {one + 1} and {other + 1} {what}."
            yield Flaw("overlap", (one + 1, other + 1), boxes.example(both), message)


def _masked(boxes: _Boxes, reachable: list[int], hit_policy: str, ranks: Sequence[object]) -> Iterator[Flaw]:
    if hit_policy not in ("FIRST", "PRIORITY") or (hit_policy == "PRIORITY" and not ranks):
        return
    for rule in reachable:
        if hit_policy == "FIRST":
            before = [one for one in reachable if one < rule]
        else:
            before = [one for one in reachable if ranks[one] < ranks[rule]]  # type: ignore[operator]
        if before and next(boxes.uncovered(boxes.rules[rule], [boxes.rules[one] for one in before]), None) is None:
            touching = [
                one for one in before if all(a & b for a, b in zip(boxes.rules[one], boxes.rules[rule], strict=True))
            ]
            numbers = ", ".join(str(one + 1) for one in touching)
            message = f"Rule {rule + 1} can never count: whatever it matches, rule {numbers} takes before it."
            yield Flaw("masked", (rule + 1, *(one + 1 for one in touching)), boxes.example(boxes.rules[rule]), message)


def _gaps(boxes: _Boxes, reachable: list[int]) -> Iterator[Flaw]:
    if not all(boxes.domain):
        return
    gaps = boxes.uncovered(boxes.domain, [boxes.rules[rule] for rule in reachable])
    for gap in gaps:
        yield Flaw("gap", (), boxes.example(gap), "No rule matches.")
