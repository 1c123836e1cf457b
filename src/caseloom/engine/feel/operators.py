"""Closures of arithmetic, comparison, three-valued logic and tests (DMN 1.5 §10.3.2.6 to §10.3.2.15)."""

from collections.abc import Callable
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, TypeAlias

from caseloom.engine.feel import tree
from caseloom.engine.feel.arithmetic import calculate, negate
from caseloom.engine.feel.comparison import compare, equal, matches
from caseloom.engine.feel.env import NOTHING, Code, Env
from caseloom.engine.feel.kinds import Value, an, kind
from caseloom.engine.feel.static import Builder, Static
from caseloom.engine.feel.walk import mentions
from caseloom.engine.spec.values import DECIMAL128

# A test takes the level of names and the value under test.
TestCode: TypeAlias = Callable[[Env, Value], Value]

_EXACT: dict[str, Callable[[Any, Any], Value]] = {
    "+": DECIMAL128.add,
    "-": DECIMAL128.subtract,
    "*": DECIMAL128.multiply,
}
_DECIMAL_ORDER: dict[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def global_name(node: tree.Node, static: Static) -> str | None:
    """The name, where a node is one that is read from the scope."""
    if isinstance(node, tree.Name) and not static.dynamic and node.name not in static.bound:
        return node.name
    return None


def arithmetic(node: tree.Arithmetic, static: Static) -> Code:
    left, right = static.code(node.left), static.code(node.right)
    operator, at = node.operator, node.at
    exact = _EXACT.get(operator)

    def calculated(env: Env, a: Value, b: Value) -> Value:
        try:
            # The way of nearly every expression: two numbers, no look at kinds.
            if exact and a.__class__ is Decimal and b.__class__ is Decimal:
                return exact(a, b)
            result = calculate(operator, a, b)
        except NOTHING as why:
            return env.nothing(at, why)
        if result.__class__ is str:
            env.spend(1 + len(result) // 100)
        return result

    if isinstance(node.right, tree.Number) and node.right.value.is_finite():
        constant = node.right.value
        return lambda env: calculated(env, left(env), constant)
    return lambda env: calculated(env, left(env), right(env))


def negation(node: tree.Negation, static: Static) -> Code:
    operand, at = static.code(node.operand), node.at

    def code(env: Env) -> Value:
        try:
            return negate(operand(env))
        except NOTHING as why:
            return env.nothing(at, why)

    return code


def comparison(node: tree.Comparison, static: Static) -> Code:
    order = _DECIMAL_ORDER.get(node.operator)
    return _ordering(node, static, order) if order else _equality(node, static)


def _ordering(node: tree.Comparison, static: Static, order: Callable[[Any, Any], bool]) -> Code:
    left, right = static.code(node.left), static.code(node.right)
    operator, at = node.operator, node.at

    def general(env: Env) -> Value:
        a, b = left(env), right(env)
        if a.__class__ is Decimal and b.__class__ is Decimal:
            return order(a, b)
        try:
            return compare(operator, a, b)
        except NOTHING as why:
            return env.nothing(at, why)

    return _order_of_name(node, static, order, general) or general


def _order_of_name(
    node: tree.Comparison, static: Static, order: Callable[[Any, Any], bool], general: Code
) -> Code | None:
    """`name < 5` and `name < other`, the usual conditions, without a closure for each side."""
    name, other = global_name(node.left, static), global_name(node.right, static)
    if name is None:
        return None
    if isinstance(node.right, tree.Number) and node.right.value.is_finite():
        constant = node.right.value

        def with_constant(env: Env) -> Value:
            value = env.scope.get(name)
            return order(value, constant) if value.__class__ is Decimal else general(env)

        return with_constant
    if other is None:
        return None

    def with_name(env: Env) -> Value:
        get = env.scope.get
        value, bound = get(name), get(other)
        if value.__class__ is Decimal and bound.__class__ is Decimal:
            return order(value, bound)
        return general(env)

    return with_name


def _equality(node: tree.Comparison, static: Static) -> Code:
    left, right = static.code(node.left), static.code(node.right)
    wanted, at = node.operator == "=", node.at

    def general(env: Env) -> Value:
        a, b = left(env), right(env)
        if a.__class__ is b.__class__ and (a.__class__ is str or a.__class__ is Decimal):
            return (a == b) is wanted
        try:
            env.charge(a)
            same = equal(a, b)
        except NOTHING as why:
            return env.nothing(at, why)
        if same is None:
            env.note(at, f"{an(kind(a)).capitalize()} and {an(kind(b))} are never equal or unequal.")
            return None
        return same is wanted

    name = global_name(node.left, static)
    if name is None or not isinstance(node.right, tree.Text | tree.Number) or node.right.value != node.right.value:
        return general
    constant: Value = node.right.value
    class_ = constant.__class__

    def of_name(env: Env) -> Value:
        value = env.scope.get(name)
        return (value == constant) is wanted if value.__class__ is class_ else general(env)

    return of_name


def between(node: tree.Between, static: Static) -> Code:
    value, low, high = (static.code(part) for part in (node.value, node.low, node.high))
    at = node.at

    def code(env: Env) -> Value:
        middle, start, end = value(env), low(env), high(env)
        try:
            return bool(compare(">=", middle, start)) and bool(compare("<=", middle, end))
        except NOTHING as why:
            return env.nothing(at, why)

    return code


def conjunction(node: tree.And, static: Static) -> Code:
    operands = [static.code(operand) for operand in node.operands]

    def code(env: Env) -> Value:
        result: bool | None = True
        for operand in operands:
            value = operand(env)
            if value is False:
                return False
            if value is not True:
                result = None
        return result

    return code


def disjunction(node: tree.Or, static: Static) -> Code:
    operands = [static.code(operand) for operand in node.operands]

    def code(env: Env) -> Value:
        result: bool | None = False
        for operand in operands:
            value = operand(env)
            if value is True:
                return True
            if value is not False:
                result = None
        return result

    return code


def test_code(node: tree.Test, static: Static) -> TestCode:
    """The closure of one unary test; it gives true, false or null."""
    if isinstance(node, tree.OperatorTest):
        return _operator_test(node, static)
    if mentions(node, "?"):
        return _own_condition(node, static)
    expected, at = static.code(node), node.at

    def code(env: Env, value: Value) -> Value:
        wanted = expected(env)
        try:
            env.charge(value)
            env.charge(wanted)
            return matches(value, wanted)
        except NOTHING as why:
            return env.nothing(at, why)

    return code


def _operator_test(node: tree.OperatorTest, static: Static) -> TestCode:
    operand, operator, at = static.code(node.operand), node.operator, node.at

    def code(env: Env, value: Value) -> Value:
        try:
            return compare(operator, value, operand(env))
        except NOTHING as why:
            return env.nothing(at, why)

    return code


def _own_condition(node: tree.Expression, static: Static) -> TestCode:
    """A test that speaks of `?` itself: its own truth counts, unless it gives a value to compare with."""
    condition = static.bind("?").code(node)

    def code(env: Env, value: Value) -> Value:
        result = condition(env.with_locals({"?": value}))
        return result if isinstance(result, bool) or result is None else matches(value, result)

    return code


def any_of(tests: list[TestCode], env: Env, value: Value) -> bool | None:
    """True when a test holds, null when none does and one has no answer."""
    result: bool | None = False
    for test in tests:
        holds = test(env, value)
        if holds is True:
            return True
        if holds is not False:
            result = None
    return result


def unary_tests(node: tree.UnaryTests, static: Static) -> TestCode:
    """The closure of the tests of a cell; no test at all takes any value."""
    tests, negated = [test_code(test, static) for test in node.tests], node.negated
    if not tests:
        return lambda env, value: True

    def code(env: Env, value: Value) -> Value:
        holds = any_of(tests, env, value)
        return holds if holds is None else holds is not negated

    return code


def in_tests(node: tree.In, static: Static) -> Code:
    value, tests = static.code(node.value), [test_code(test, static) for test in node.tests]
    return lambda env: any_of(tests, env, value(env))


BUILDERS: dict[type[tree.Node], Builder] = {
    tree.Arithmetic: arithmetic,
    tree.Negation: negation,
    tree.Comparison: comparison,
    tree.Between: between,
    tree.And: conjunction,
    tree.Or: disjunction,
    tree.In: in_tests,
}
