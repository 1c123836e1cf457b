"""Closures of `for`, `some`, `every` and filters (DMN 1.5 §10.3.2.9, table 50 to 53)."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias

from caseloom.engine.feel import tree
from caseloom.engine.feel.env import NOTHING, Code, Env
from caseloom.engine.feel.faults import Faulted, NoValue
from caseloom.engine.feel.kinds import Range, Value, an, kind
from caseloom.engine.feel.static import Builder, Static
from caseloom.engine.feel.walk import mentions
from caseloom.engine.feel.wide import AnyDate, from_ordinal, ordinal

Source: TypeAlias = tuple[str, Code, Code | None]


def loop(node: tree.For, static: Static) -> Code:
    sources, inner = _sources(node.iterators, static)
    body, at = inner.bind("partial").code(node.body), node.at
    looks_back = mentions(node.body, "partial")

    def code(env: Env) -> Value:
        partial: list[Value] = []
        try:
            for level in _levels(sources, env):
                if looks_back:
                    # A copy, so that a body that keeps `partial` does not hold itself.
                    level.spend(len(partial))
                    level.locals["partial"] = list(partial)
                partial.append(body(level))
            return env.weighed(partial)
        except NOTHING as why:
            return env.nothing(at, why)

    return code


def quantified(node: tree.Quantified, static: Static) -> Code:
    sources, inner = _sources(node.iterators, static)
    condition, at, decisive = inner.code(node.condition), node.at, not node.every

    def code(env: Env) -> Value:
        result: bool | None = not decisive
        try:
            for level in _levels(sources, env):
                holds = condition(level)
                if holds is decisive:
                    return decisive
                if holds is None:
                    result = None
                elif holds is not (not decisive):
                    raise NoValue(f"The condition is {an(kind(holds))}, not true or false.")
        except NOTHING as why:
            return env.nothing(at, why)
        return result

    return code


def _sources(iterators: tuple[tree.Iterator, ...], static: Static) -> tuple[list[Source], Static]:
    sources: list[Source] = []
    for iterator in iterators:
        end = static.code(iterator.end) if iterator.end is not None else None
        sources.append((iterator.name, static.code(iterator.source), end))
        static = static.bind(iterator.name)
    return sources, static


def _levels(sources: list[Source], env: Env) -> Iterator[Env]:
    """One level of names for each combination, the last iterator running fastest."""
    name, source, end = sources[0]
    low = source(env)
    items = _count(low, end(env)) if end else _items(low)
    for item in items:
        env.spend()
        level = env.with_locals({name: item})
        if len(sources) > 1:
            yield from _levels(sources[1:], level)
        else:
            yield level


def _items(value: Value) -> Iterable[Value]:
    if kind(value) == "list":
        return value  # type: ignore[return-value]
    if isinstance(value, Range):
        return _in_range(value)
    if value is None:
        raise NoValue("There is nothing to walk over: it is null.")
    return [value]


def _in_range(bounds: Range) -> Iterator[Value]:
    if bounds.start is None or bounds.end is None:
        raise NoValue("A range without an end cannot be walked over.")
    for item in _count(bounds.start, bounds.end):
        if item == bounds.start and not bounds.start_included:
            continue
        if item == bounds.end and not bounds.end_included:
            continue
        yield item


def _count(start: Value, end: Value) -> Iterator[Value]:
    """From one whole number or date to another, up or down."""
    if isinstance(start, Decimal) and isinstance(end, Decimal) and start == start.to_integral_value():
        step = Decimal(-1 if end < start else 1)
        while (start <= end) if step > 0 else (start >= end):
            yield start
            start += step
        return
    if kind(start) != "date" or kind(end) != "date":
        raise NoValue(f"One cannot count from {an(kind(start))} to {an(kind(end))}.")
    yield from _days(start, end)  # type: ignore[arg-type]


def _days(start: AnyDate, end: AnyDate) -> Iterator[AnyDate]:
    first, last = ordinal(start), ordinal(end)
    step = -1 if last < first else 1
    for number in range(first, last + step, step):
        yield from_ordinal(number)


def filtered(node: tree.Filter, static: Static) -> Code:
    base, condition, at = static.code(node.base), static.in_filter().code(node.condition), node.at

    def code(env: Env) -> Value:
        value = base(env)
        items: list[Value] = value if kind(value) == "list" else [] if value is None else [value]  # type: ignore[assignment]
        if not items:
            return None if isinstance(condition(_item_level(env, None)), Decimal) else []
        first = condition(_item_level(env, items[0]))
        if isinstance(first, Decimal):
            return _at_index(env, at, items, first)
        kept, holds = [], first
        env.spend(len(items))
        for place, item in enumerate(items):
            if place:
                holds = condition(_item_level(env, item))
            if holds is True:
                kept.append(item)
            elif holds is not False and holds is not None:
                return env.note(at, f"The condition of the filter is {an(kind(holds))}, not true or false.")
        try:
            return env.weighed(kept)
        except Faulted as why:
            return env.nothing(at, why)

    return code


def _item_level(env: Env, item: Value) -> Env:
    if isinstance(item, Mapping):
        return env.with_locals({"item": item, **item})
    return env.with_locals({"item": item})


def _at_index(env: Env, at: int, items: list[Value], index: Decimal) -> Value:
    """The item at an index from 1, or from -1 backwards."""
    position = int(index) if abs(index) <= len(items) else 0
    if position == 0 or position != index:
        return env.note(at, f"The list has {len(items)} items, none at {index}.")
    return items[position - 1 if position > 0 else position]


BUILDERS: dict[type[tree.Node], Builder] = {
    tree.For: loop,
    tree.Quantified: quantified,
    tree.Filter: filtered,
}
