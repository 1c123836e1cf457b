"""Closures of literals, names, paths, lists, contexts, intervals, `if` and `instance of`."""

from caseloom.engine.feel import tree
from caseloom.engine.feel.builtins import BUILTINS
from caseloom.engine.feel.builtins.conversion import read_moment
from caseloom.engine.feel.comparison import less
from caseloom.engine.feel.env import NOTHING, Code, Env
from caseloom.engine.feel.faults import Fault, Faulted, NoValue
from caseloom.engine.feel.kinds import Range, Value, an, kind
from caseloom.engine.feel.properties import property_of
from caseloom.engine.feel.static import Builder, Static
from caseloom.engine.feel.types import checker
from caseloom.engine.feel.walk import binds_itself

_MISSING = object()


def constant(node: tree.Text | tree.Boolean, static: Static) -> Code:
    value = node.value
    return lambda env: value


def number(node: tree.Number, static: Static) -> Code:
    value, at = node.value, node.at
    if value.is_nan():
        return lambda env: env.note(at, "The number is outside what decimal128 can hold.")
    return lambda env: value


def null(node: tree.Null, static: Static) -> Code:
    return lambda env: None


def moment(node: tree.Moment, static: Static) -> Code:
    value, at = read_moment(node.text), node.at
    if value is None:
        message = f"{node.text!r} is no date, time, date and time, or duration."
        return lambda env: env.note(at, message)
    return lambda env: value


def name(node: tree.Name, static: Static) -> Code:
    if static.dynamic:
        return _dynamic_name(node)
    if node.name in static.bound:
        return _local_name(node.name)
    return _global_name(node)


def _local_name(local: str) -> Code:
    return lambda env: env.locals[local]


def _global_name(node: tree.Name) -> Code:
    name, at = node.name, node.at

    def code(env: Env) -> Value:
        value = env.scope.get(name)
        if value is None:
            return _absent(env, name, at)
        if value.__class__ is Fault:
            raise Faulted(value.message, value)
        return value

    return code


def _absent(env: Env, name: str, at: int) -> Value:
    if name in env.scope:
        return None
    if name in BUILTINS:
        return BUILTINS[name].as_value(env)
    return env.note(at, f"There is no {name!r} here.")


def _dynamic_name(node: tree.Name) -> Code:
    local, outer = node.name, _global_name(node)

    def code(env: Env) -> Value:
        value = env.locals.get(local, _MISSING)
        return outer(env) if value is _MISSING else value

    return code


def path(node: tree.Path, static: Static) -> Code:
    base, name, at = static.code(node.base), node.name, node.at

    def code(env: Env) -> Value:
        value = base(env)
        try:
            if value.__class__ is dict:
                return value[name]
            if value.__class__ is list:
                env.charge(value)
                return env.weighed(property_of(value, name))
            return property_of(value, name)
        except KeyError:
            return env.note(at, f"There is no {name!r} in the context.")
        except NOTHING as why:
            return env.nothing(at, why)

    return code


def list_literal(node: tree.ListLiteral, static: Static) -> Code:
    items = [static.code(item) for item in node.items]
    at = node.at

    def code(env: Env) -> Value:
        try:
            return env.weighed([item(env) for item in items])
        except Faulted as why:
            return env.nothing(at, why)

    return code


def context_literal(node: tree.ContextLiteral, static: Static) -> Code:
    entries, inner, seen = [], static, set()
    for key, value in node.entries:
        # A function may call itself by the name of its entry.
        within = inner.bind(key) if binds_itself(key, value) else inner
        entries.append((key, within.code(value)))
        inner = inner.bind(key)
        seen.add(key)
    if len(seen) < len(entries):
        return lambda env: env.note(node.at, "The context has one key twice.")

    def code(env: Env) -> Value:
        inside = env.with_locals({})
        result: dict[str, Value] = {}
        for key, entry in entries:
            result[key] = inside.locals[key] = entry(inside)
        try:
            return env.weighed(result)
        except Faulted as why:
            return env.nothing(node.at, why)

    return code


def interval(node: tree.Interval, static: Static) -> Code:
    start, end, at = static.code(node.start), static.code(node.end), node.at
    closed = node.start_included, node.end_included

    def code(env: Env) -> Value:
        low, high = start(env), end(env)
        try:
            return checked_range(Range(low, high, *closed))
        except NoValue as why:
            return env.nothing(at, why)

    return code


def checked_range(bounds: Range) -> Range:
    """The range itself. Raises `NoValue` when its ends do not compare or stand the wrong way round."""
    if bounds.start is None and bounds.end is None:
        raise NoValue("A range needs a bound.")
    if bounds.start is not None and bounds.end is not None and less(bounds.end, bounds.start):
        raise NoValue("The end of the range comes before its start.")
    return bounds


def operator_range(node: tree.OperatorRange, static: Static) -> Code:
    operand, operator, at = static.code(node.operand), node.operator, node.at

    def code(env: Env) -> Value:
        bound = operand(env)
        if bound is None or operator == "!=":
            return env.note(at, "A range needs a bound.")
        return range_of(operator, bound)

    return code


def range_of(operator: str, bound: Value) -> Range:
    """The range of what is `operator bound`, such as `(< 5)`."""
    if operator == "=":
        return Range(bound, bound)
    if operator in ("<", "<="):
        return Range(None, bound, False, operator == "<=")
    return Range(bound, None, operator == ">=", False)


def conditional(node: tree.If, static: Static) -> Code:
    condition, then, otherwise = (static.code(part) for part in (node.condition, node.then, node.otherwise))
    at = node.condition.at

    def code(env: Env) -> Value:
        holds = condition(env)
        if holds is True:
            return then(env)
        if holds is False:
            return otherwise(env)
        if holds is None:
            env.note(at, "The condition is null, not true or false; the else branch is taken.")
            return otherwise(env)
        return env.note(at, f"The condition is {an(kind(holds))}, not true or false.")

    return code


def instance_of(node: tree.InstanceOf, static: Static) -> Code:
    value, at = static.code(node.value), node.at
    try:
        check = checker(node.type, static.types, instances=True)
    except NoValue as why:
        message = str(why)
        return lambda env: env.note(at, message)

    def code(env: Env) -> Value:
        found = value(env)
        try:
            env.charge(found)
            return check(found)
        except NOTHING as why:
            return env.nothing(at, why)

    return code


BUILDERS: dict[type[tree.Node], Builder] = {
    tree.Number: number,
    tree.Text: constant,
    tree.Boolean: constant,
    tree.Null: null,
    tree.Moment: moment,
    tree.Name: name,
    tree.Path: path,
    tree.ListLiteral: list_literal,
    tree.ContextLiteral: context_literal,
    tree.Interval: interval,
    tree.OperatorRange: operator_range,
    tree.If: conditional,
    tree.InstanceOf: instance_of,
}
