"""How points and ranges lie to each other (DMN 1.5 §10.3.4.11, table 78), and `range`."""

from collections.abc import Callable
from typing import Any

from caseloom.engine.feel import tree
from caseloom.engine.feel.builtins.conversion import read_moment
from caseloom.engine.feel.builtins.signature import Builtin, builtin
from caseloom.engine.feel.comparison import equal, includes, less
from caseloom.engine.feel.faults import FeelSyntaxError, NoValue
from caseloom.engine.feel.kinds import Range, Value
from caseloom.engine.feel.parse import parse

_POINT = "number|string|date|time|date and time|days and time duration|years and months duration|money"


def _eq(one: Value, other: Value) -> bool:
    return equal(one, other) is True


def _closed(bounds: Range) -> Range:
    if bounds.start is None or bounds.end is None:
        raise NoValue("The range has no end there.")
    return bounds


def _before(one: Range, other: Range) -> bool:
    """All of one comes before all of the other."""
    if one.end is None or other.start is None:
        return False
    touching = not one.end_included or not other.start_included
    return less(one.end, other.start) or (touching and _eq(one.end, other.start))


def _meets(one: Range, other: Range) -> bool:
    return one.end_included and other.start_included and _eq(_closed(one).end, _closed(other).start)


def _starts_no_later(one: Range, other: Range) -> bool:
    """one reaches at least as far down as the other."""
    if one.start is None or other.start is None:
        return one.start is None
    return less(one.start, other.start) or (
        _eq(one.start, other.start) and (one.start_included or not other.start_included)
    )


def _ends_no_earlier(one: Range, other: Range) -> bool:
    if one.end is None or other.end is None:
        return one.end is None
    return less(other.end, one.end) or (_eq(one.end, other.end) and (one.end_included or not other.end_included))


def _includes(one: Range, other: Range) -> bool:
    return _starts_no_later(one, other) and _ends_no_earlier(one, other)


def _overlaps(one: Range, other: Range) -> bool:
    return not _before(one, other) and not _before(other, one)


def _overlaps_before(one: Range, other: Range) -> bool:
    return (
        _overlaps(one, other)
        and not _starts_no_later(other, one)
        and not (_ends_no_earlier(one, other) and not _ends_no_earlier(other, one))
    )


def _overlaps_after(one: Range, other: Range) -> bool:
    return _overlaps_before(other, one)


def _finishes(one: Range, other: Range) -> bool:
    return one.end_included == other.end_included and _eq(one.end, other.end) and _includes(other, one)


def _starts(one: Range, other: Range) -> bool:
    return one.start_included == other.start_included and _eq(one.start, other.start) and _includes(other, one)


def _point_finishes(point: Value, bounds: Range) -> bool:
    return bounds.end_included and _eq(bounds.end, point)


def _point_starts(point: Value, bounds: Range) -> bool:
    return bounds.start_included and _eq(bounds.start, point)


def _coincide(one: Value, other: Value) -> Value:
    return _eq(one, other)


def _single(point: Value) -> Range:
    return Range(point, point)


def _swapped(relation: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda one, other: relation(other, one)


def _order(name: str, relation: Callable[[Range, Range], bool]) -> Builtin:
    """A relation of any two of points and ranges."""
    return builtin(
        name,
        (f"point1: {_POINT}, point2: {_POINT}", lambda a, b: relation(_single(a), _single(b))),
        (f"point: {_POINT}, range: range", lambda a, b: relation(_single(a), b)),
        (f"range: range, point: {_POINT}", lambda a, b: relation(a, _single(b))),
        ("range1: range, range2: range", relation),
    )


def _pair(name: str, relation: Callable[[Range, Range], bool]) -> Builtin:
    return builtin(name, ("range1: range, range2: range", relation))


def _point_first(name: str, of_point: Callable[[Any, Any], bool], of_range: Callable[[Any, Any], bool]) -> Builtin:
    return builtin(name, (f"point: {_POINT}, range: range", of_point), ("range1: range, range2: range", of_range))


def _range_first(name: str, of_point: Callable[[Any, Any], bool], of_range: Callable[[Any, Any], bool]) -> Builtin:
    return builtin(
        name,
        (f"range: range, point: {_POINT}", _swapped(of_point)),
        ("range1: range, range2: range", _swapped(of_range)),
    )


def _range(text: str) -> Value:
    """`range("[18..21)")`: both ends are literals."""
    try:
        found = parse(text)
    except FeelSyntaxError:
        raise NoValue(f"{text!r} is no range, such as [18..21].") from None
    if not isinstance(found, tree.Interval):
        raise NoValue(f"{text!r} is no range, such as [18..21].")
    start, end = _literal(found.start), _literal(found.end)
    if start is not None and end is not None and less(end, start):
        raise NoValue("The end of the range comes before its start.")
    if start is None and end is None:
        raise NoValue("A range needs a bound.")
    return Range(start, end, found.start_included, found.end_included)


def _literal(node: tree.Node) -> Value:
    match node:
        case tree.Null():
            return None
        case tree.Number() | tree.Text():
            return node.value
        case tree.Negation(operand=tree.Number(value=value)):
            return -value
        case tree.Moment(text=text) | tree.Call(callee=tree.Name(), arguments=(tree.Text(value=text),)):
            moment = read_moment(text)
            if moment is not None:
                return moment
    raise NoValue("The ends of the range must be literals.")


FUNCTIONS = (
    _order("before", _before),
    _order("after", _swapped(_before)),
    _pair("meets", _meets),
    _pair("met by", _swapped(_meets)),
    _pair("overlaps", _overlaps),
    _pair("overlaps before", _overlaps_before),
    _pair("overlaps after", _overlaps_after),
    _point_first("finishes", _point_finishes, _finishes),
    _range_first("finished by", _point_finishes, _finishes),
    _range_first("includes", lambda point, bounds: includes(bounds, point), lambda one, other: _includes(other, one)),
    _point_first("during", lambda point, bounds: includes(bounds, point), lambda one, other: _includes(other, one)),
    _point_first("starts", _point_starts, _starts),
    _range_first("started by", _point_starts, _starts),
    builtin(
        "coincides",
        (f"point1: {_POINT}, point2: {_POINT}", _coincide),
        ("range1: range, range2: range", _coincide),
    ),
    builtin("range", ("from: string", _range)),
)
