"""Closures of function literals and of calls (DMN 1.5 §10.3.2.9.4 and §10.3.2.13.2)."""

from collections.abc import Sequence

from caseloom.engine.feel import tree
from caseloom.engine.feel.builtins import BUILTINS, Builtin
from caseloom.engine.feel.env import MAX_CALLS, NOTHING, Code, Env
from caseloom.engine.feel.faults import Faulted, NoValue
from caseloom.engine.feel.kinds import FunctionValue, Value, an, kind
from caseloom.engine.feel.static import Builder, Static
from caseloom.engine.feel.types import coerced, member_checker, type_of


def function(node: tree.Function, static: Static) -> Code:
    if node.external:
        return lambda env: env.note(node.at, "External functions are not run.")
    names = tuple(name for name, _ in node.parameters)
    types = tuple(type_ for _, type_ in node.parameters)
    result = type_of(node.body)
    body = static.bind(*names).code(node.body)
    try:
        checks = [member_checker(type_, static.types) for type_ in types]
    except NoValue as why:
        message = str(why)
        return lambda env: env.note(node.at, message)

    def code(env: Env) -> Value:
        def call(*arguments: Value) -> Value:
            taken = [coerced(a, check) for a, check in zip(arguments, checks, strict=True)]
            return _deeper(env, body, dict(zip(names, taken, strict=True)))

        return FunctionValue(names, call, types, result)

    return code


def _deeper(env: Env, body: Code, arguments: dict[str, Value]) -> Value:
    root = env.root
    env.spend()
    if root.depth >= MAX_CALLS:
        raise Faulted("Functions call each other too deeply.")
    root.depth += 1
    try:
        return body(env.with_locals(arguments))
    finally:
        root.depth -= 1


def call(node: tree.Call, static: Static) -> Code:
    callee = node.callee
    if isinstance(callee, tree.Name) and callee.name in BUILTINS and callee.name not in static.bound:
        return _builtin_call(node, BUILTINS[callee.name], static)
    target, arguments = static.code(callee), [static.code(argument) for argument in node.arguments]
    names, at = node.names, node.at

    def code(env: Env) -> Value:
        called = target(env)
        try:
            if not isinstance(called, FunctionValue):
                raise NoValue(f"{an(kind(called)).capitalize()} is no function.")
            return called.call(*_arranged(called.parameters, [a(env) for a in arguments], names))
        except NOTHING as why:
            return env.nothing(at, why)

    return code


def _arranged(parameters: tuple[str, ...], values: list[Value], names: tuple[str, ...]) -> Sequence[Value]:
    if len(values) != len(parameters) or (names and set(names) != set(parameters)):
        wanted = ", ".join(parameters) or "nothing"
        raise NoValue(f"The function takes {wanted}; it got {', '.join(names) or len(values)}.")
    if not names:
        return values
    given = dict(zip(names, values, strict=True))
    return [given[parameter] for parameter in parameters]


def _builtin_call(node: tree.Call, builtin: Builtin, static: Static) -> Code:
    arguments, names, at = [static.code(argument) for argument in node.arguments], node.names, node.at

    def code(env: Env) -> Value:
        env.spend()
        values = [argument(env) for argument in arguments]
        try:
            for value in values:
                env.charge(value)
            result = builtin.call(env, values, names)
            class_ = result.__class__
            return env.weighed(result) if class_ is list or class_ is dict else result
        except NOTHING as why:
            return env.nothing(at, why)

    return code


BUILDERS: dict[type[tree.Node], Builder] = {tree.Function: function, tree.Call: call}
