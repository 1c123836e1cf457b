"""Closures of the nodes that boxed expressions add to FEEL."""

from caseloom.engine.decision.boxed import Broken, Coerced, RowContext, Sourced, Table
from caseloom.engine.decision.table import table
from caseloom.engine.feel import Value, expression
from caseloom.engine.feel.env import Code, Env
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.static import Builder, Static
from caseloom.engine.feel.types import checker, coerced


def sourced(node: Sourced, static: Static) -> Code:
    """Notes and faults within point at the text that it stands in."""
    code, source = static.code(node.expression), node.source

    def run(env: Env) -> Value:
        root = env.root
        before, root.source = root.source, source
        try:
            return code(env)
        finally:
            root.source = before

    return run


def broken(node: Broken, static: Static) -> Code:
    message, source = node.message, node.source

    def run(env: Env) -> Value:
        root = env.root
        before, root.source = root.source, source
        env.note(0, message)
        root.source = before
        return None

    return run


def coercion(node: Coerced, static: Static) -> Code:
    code, source = static.code(node.expression), node.source
    try:
        check = checker(node.type, static.types)
    except NoValue as why:
        return broken(Broken(str(why), source), static)

    def run(env: Env) -> Value:
        value = code(env)
        env.charge(value)
        if value is None or check(value):
            return value
        try:
            return coerced(value, check)
        except NoValue as why:
            return broken(Broken(str(why), source), static)(env)

    return run


def row_context(node: RowContext, static: Static) -> Code:
    entries = [(name, static.code(value)) for name, value in node.entries]
    return lambda env: env.weighed({name: code(env) for name, code in entries})


BUILDERS: dict[type, Builder] = {
    **expression.BUILDERS,
    Sourced: sourced,
    Broken: broken,
    Coerced: coercion,
    RowContext: row_context,
    Table: table,
}
