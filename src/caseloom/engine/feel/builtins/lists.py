"""List functions and sort (DMN 1.5 §10.3.4.4, §10.3.4.7). Positions count from 1, or from -1 backwards."""

import functools
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from caseloom.engine.feel.arithmetic import calculate
from caseloom.engine.feel.builtins.signature import builtin
from caseloom.engine.feel.comparison import equal, less
from caseloom.engine.feel.env import Env
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.kinds import FunctionValue, Value, kind
from caseloom.engine.spec.values import DECIMAL128

Items = list[Value]


def _same(one: Value, other: Value) -> bool:
    return equal(one, other) is True


def _contains(env: Env, items: Items, element: Value) -> Value:
    env.spend(len(items))
    return any(_same(item, element) for item in items)


def _extreme(wins: Callable[[Value, Value], bool]) -> Callable[[Items], Value]:
    def best(items: Items) -> Value:
        if not items:
            raise NoValue("The list is empty.")
        chosen = items[0]
        for item in items[1:]:
            chosen = item if wins(item, chosen) else chosen
        return chosen if len(items) > 1 or not less(chosen, chosen) else None

    return best


def _sum(items: Items) -> Value:
    if not items:
        raise NoValue("The list is empty.")
    return functools.reduce(lambda total, item: calculate("+", total, item), items[1:], _addable(items[0]))


def _addable(item: Value) -> Value:
    if kind(item) not in ("number", "money", "days and time duration", "years and months duration"):
        raise NoValue(f"A {kind(item)} cannot be summed.")
    return item


def _product(items: Items) -> Value:
    return functools.reduce(DECIMAL128.multiply, _numbers(items))


def _numbers(items: Items, least: int = 1) -> list[Decimal]:
    numbers = [item for item in items if isinstance(item, Decimal)]
    if len(numbers) < len(items) or len(numbers) < least:
        raise NoValue(f"At least {least} numbers are needed, and nothing else.")
    return numbers


def _mean(items: Items) -> Value:
    return calculate("/", _sum(items), Decimal(len(items)))


def _median(items: Items) -> Value:
    ordered = sorted(_numbers(items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return DECIMAL128.divide(DECIMAL128.add(ordered[middle - 1], ordered[middle]), Decimal(2))


def _deviation(items: Items) -> Value:
    """The standard deviation of a sample."""
    numbers = _numbers(items, least=2)
    mean = DECIMAL128.divide(functools.reduce(DECIMAL128.add, numbers), Decimal(len(numbers)))
    squares = [DECIMAL128.power(DECIMAL128.subtract(number, mean), 2) for number in numbers]
    return DECIMAL128.sqrt(DECIMAL128.divide(functools.reduce(DECIMAL128.add, squares), Decimal(len(numbers) - 1)))


def _mode(items: Items) -> Value:
    counts: dict[Decimal, int] = {}
    for number in _numbers(items, least=0):
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, count in counts.items() if count == most)


def _all(items: Items) -> Value:
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


def _any(items: Items) -> Value:
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


def _index(items: Items, position: Decimal, beyond: int = 0) -> int:
    """The Python index of a position. Raises `NoValue` when there is no such position."""
    place = int(position)
    if place == 0 or not -len(items) <= place <= len(items) + beyond:
        raise NoValue(f"The list has {len(items)} items, none at {place}.")
    return place - 1 if place > 0 else len(items) + place


def _sublist(items: Items, start: Decimal, length: Decimal | None = None) -> Value:
    first = _index(items, start)
    if length is None:
        return items[first:]
    if not 0 <= length <= len(items) - first:
        raise NoValue(f"There are no {length} items from {start} on.")
    return items[first : first + int(length)]


def _appended(items: Items, *more: Value) -> Value:
    return [*items, *more]


def _concatenated(*lists: Items) -> Value:
    return [item for items in lists for item in items]


def _inserted(items: Items, position: Decimal, item: Value) -> Value:
    at = _index(items, position)
    return [*items[:at], item, *items[at:]]


def _removed(items: Items, position: Decimal) -> Value:
    at = _index(items, position)
    return [*items[:at], *items[at + 1 :]]


def _replaced_at(env: Env, items: Items, position: Decimal, item: Value) -> Value:
    at = _index(items, position)
    return [*items[:at], item, *items[at + 1 :]]


def _replaced_where(env: Env, items: Items, match: FunctionValue, new: Value) -> Value:
    env.spend(len(items))
    return [new if _asked(match, item, new) else item for item in items]


def _asked(question: FunctionValue, *arguments: Value) -> bool:
    if len(question.parameters) != len(arguments):
        raise NoValue(f"The function must take {len(arguments)} arguments.")
    answer = question.call(*arguments)
    if not isinstance(answer, bool):
        raise NoValue("The function must give true or false.")
    return answer


def _index_of(env: Env, items: Items, match: Value) -> Value:
    env.spend(len(items))
    return [Decimal(i) for i, item in enumerate(items, 1) if _same(item, match)]


def _distinct(env: Env, items: Items) -> Value:
    kept: Items = []
    for item in items:
        env.spend(1 + len(kept) // 10)
        if not any(_same(item, other) for other in kept):
            kept.append(item)
    return kept


def _union(env: Env, *lists: Items) -> Value:
    return _distinct(env, [item for items in lists for item in items])


def _flat(env: Env, items: Items) -> Value:
    env.spend(len(items))
    return list(_flattened(items))


def _flattened(items: Items) -> Iterable[Value]:
    for item in items:
        if kind(item) == "list":
            yield from _flattened(item)  # type: ignore[arg-type]
        else:
            yield item


def _sorted(env: Env, items: Items, precedes: FunctionValue | None = None) -> Value:
    """A stable sort; without a function, by the order of the values themselves."""
    before = (lambda a, b: _asked(precedes, a, b)) if precedes else less

    def order(one: Value, other: Value) -> int:
        env.spend()
        if before(one, other):
            return -1
        return 1 if before(other, one) else 0

    return sorted(items, key=functools.cmp_to_key(order))


def _of_items(name: str, body: Callable[[Items], Any], parameter: str = "list") -> Any:
    """A function of a list that may also be called with the items themselves."""
    return builtin(name, (f"{parameter}: list", body), ("n: any*", lambda *items: body(list(items))))


FUNCTIONS = (
    builtin("list contains", ("list: list, element: any", _contains), with_env=True),
    builtin(
        "list replace",
        ("list: list, position: number, newItem: any", _replaced_at),
        ("list: list, match: function, newItem: any", _replaced_where),
        with_env=True,
    ),
    builtin("count", ("list: list", lambda items: Decimal(len(items)))),
    _of_items("min", _extreme(less)),
    _of_items("max", _extreme(lambda item, best: less(best, item))),
    _of_items("sum", _sum),
    _of_items("product", _product),
    _of_items("mean", _mean),
    _of_items("median", _median),
    _of_items("stddev", _deviation),
    _of_items("mode", _mode),
    _of_items("all", _all),
    _of_items("any", _any),
    builtin("sublist", ("list: list, start position: number, length?: number", _sublist)),
    builtin("append", ("list: list, item: any*", _appended)),
    builtin("concatenate", ("list: list*", _concatenated)),
    builtin("insert before", ("list: list, position: number, newItem: any", _inserted)),
    builtin("remove", ("list: list, position: number", _removed)),
    builtin("reverse", ("list: list", lambda items: items[::-1])),
    builtin("index of", ("list: list, match: any", _index_of), with_env=True),
    builtin("union", ("list: list*", _union), with_env=True),
    builtin("distinct values", ("list: list", _distinct), with_env=True),
    builtin("flatten", ("list: list", _flat), with_env=True),
    builtin("sort", ("list: list, precedes?: function", _sorted), with_env=True),
)
