"""Decision tables as closures: which rules match, and what their hit policy makes of them (DMN 1.5 clause 8)."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from caseloom.engine.decision.boxed import Cell, Coerced, Sourced, Table
from caseloom.engine.decision.index import Look, NotConstant, constant, index
from caseloom.engine.feel import Value, tree
from caseloom.engine.feel.builtins import BUILTINS
from caseloom.engine.feel.comparison import equal
from caseloom.engine.feel.env import NOTHING, Code, Env
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.operators import TestCode, unary_tests
from caseloom.engine.feel.static import Static
from caseloom.engine.feel.types import checker

SINGLE_HIT = {"UNIQUE", "FIRST", "PRIORITY", "ANY"}
MULTIPLE_HIT = {"COLLECT", "RULE ORDER", "OUTPUT ORDER"}
AGGREGATIONS = {"SUM": "sum", "MIN": "min", "MAX": "max", "COUNT": "count"}

# Stands in an order of priority where no literal does; equal to no output.
_UNLISTED = object()

Policy: TypeAlias = Callable[[Env, list[int]], Value]


def table(node: Table, static: Static) -> Code:
    """The closure of a decision table."""
    matching, policy, source = _matching(node, static), _policy(node, static), node.source

    def code(env: Env) -> Value:
        env.spend()
        root = env.root
        before, root.source = root.source, source
        try:
            result = policy(env, matching(env))
            class_ = result.__class__
            return env.weighed(result) if class_ is list or class_ is dict else result
        except NOTHING as why:
            return env.nothing(0, why)
        finally:
            root.source = before

    return code


def _never(env: Env, value: Value) -> Value:
    return None


def tests_of(cell: Cell, static: Static) -> TestCode:
    """The closure of a cell; one that could not be read takes nothing."""
    if cell.tests is None:
        return _never
    tests, source = unary_tests(cell.tests, static), cell.source

    def code(env: Env, value: Value) -> Value:
        root = env.root
        before, root.source = root.source, source
        try:
            return tests(env, value)
        finally:
            root.source = before

    return code


# -- which rules match -----------------------------------------------------------------------------------------


def _matching(node: Table, static: Static) -> Callable[[Env], list[int]]:
    """Gives the numbers of the rules that match, from 0, in order."""
    columns = [
        (static.code(value), index([row[place].tests for row in node.cells]).get, [row[place] for row in node.cells])
        for place, value in enumerate(node.inputs)
    ]
    scans = [[tests_of(cell, static) for cell in cells] for _, _, cells in columns]
    lookups = [(code, get, scan) for (code, get, _), scan in zip(columns, scans, strict=True)]
    allowed = _allowed_inputs(node, static)
    every, first_only = (1 << len(node.cells)) - 1, node.hit_policy == "FIRST"

    def matching(env: Env) -> list[int]:
        mask, later = every, None
        for code, get, scan in lookups:
            value = code(env)
            look = get(value.__class__)
            if look is not None:
                mask &= look(value)
                if not mask and not allowed:
                    return []
            elif later is None:
                later = [(value, scan)]
            else:
                later.append((value, scan))
        if allowed:
            _check_allowed(env, lookups, allowed)
        found = []
        while mask:
            lowest = mask & -mask
            rule = lowest.bit_length() - 1
            mask ^= lowest
            if later is None or _passes(env, later, rule):
                found.append(rule)
                if first_only:
                    break
        return found

    return matching


def _passes(env: Env, later: Sequence[tuple[Value, list[TestCode]]], rule: int) -> bool:
    env.spend()
    return all(scan[rule](env, value) is True for value, scan in later)


def _allowed_inputs(node: Table, static: Static) -> list[TestCode | None]:
    if not any(node.allowed):
        return []
    return [None if cell is None or cell.tests is None else tests_of(cell, static) for cell in node.allowed]


def _check_allowed(
    env: Env,
    lookups: Sequence[tuple[Code, Callable[[type], Look | None], list[TestCode]]],
    allowed: list[TestCode | None],
) -> None:
    """Raises `NoValue` for an input that is not among the values that its column allows (§8.3.2)."""
    for number, ((code, _, _), tests) in enumerate(zip(lookups, allowed, strict=True), 1):
        value = code(env) if tests is not None else None
        if tests is not None and value is not None and tests(env, value) is not True:
            raise NoValue(f"The value of input {number} is not one that the table allows.")


# -- what the hit policy makes of them -------------------------------------------------------------------------


def _policy(node: Table, static: Static) -> Policy:
    outputs, default = _outputs(node, static), _default(node, static)
    single = functools.partial(_no_rule, default)
    match node.hit_policy:
        case "UNIQUE":
            return _unique(outputs, single)
        case "FIRST":
            return lambda env, rules: outputs(env, rules[0]) if rules else single(env)
        case "ANY":
            return _any(outputs, single)
        case "PRIORITY":
            order = _priority(node)
            return lambda env, rules: order([outputs(env, rule) for rule in rules])[0] if rules else single(env)
        case "OUTPUT ORDER":
            order = _priority(node)
            return lambda env, rules: order([outputs(env, rule) for rule in rules]) if rules else single(env)
        case "RULE ORDER":
            return lambda env, rules: [outputs(env, rule) for rule in rules] if rules else single(env)
        case "COLLECT":
            return _collect(node, outputs, single)
    message = f"There is no hit policy {node.hit_policy!r}."
    return lambda env, rules: env.note(0, message)


def _no_rule(default: Code | None, env: Env) -> Value:
    return env.note(0, "No rule matches.") if default is None else default(env)


def _unique(outputs: Callable[[Env, int], Value], no_rule: Code) -> Policy:
    def unique(env: Env, rules: list[int]) -> Value:
        if len(rules) > 1:
            numbers = ", ".join(str(rule + 1) for rule in rules)
            raise NoValue(f"The rules {numbers} match; in a table with hit policy UNIQUE only one may.")
        return outputs(env, rules[0]) if rules else no_rule(env)

    return unique


def _any(outputs: Callable[[Env, int], Value], no_rule: Code) -> Policy:
    def any_of(env: Env, rules: list[int]) -> Value:
        if not rules:
            return no_rule(env)
        first = outputs(env, rules[0])
        for rule in rules[1:]:
            if equal(outputs(env, rule), first) is not True:
                raise NoValue(f"The rules {rules[0] + 1} and {rule + 1} match with different outputs.")
        return first

    return any_of


def _collect(node: Table, outputs: Callable[[Env, int], Value], no_rule: Code) -> Policy:
    if not node.aggregation:
        return lambda env, rules: [outputs(env, rule) for rule in rules] if rules else no_rule(env)
    if node.aggregation not in AGGREGATIONS:
        message = f"There is no aggregation {node.aggregation!r}."
        return lambda env, rules: env.note(0, message)
    aggregate = BUILTINS[AGGREGATIONS[node.aggregation]]

    def collect(env: Env, rules: list[int]) -> Value:
        if not rules:
            return no_rule(env)
        return aggregate.call(env, [[outputs(env, rule) for rule in rules]])

    return collect


def _priority(node: Table) -> Callable[[list[Value]], list[Value]]:
    """Sorts outputs by the order in which the clauses list their values (§8.2.8), stable."""
    orders = [(column.name, _listed(column.allowed)) for column in node.outputs]

    def rank(output: Value) -> list[int]:
        if len(orders) == 1:
            return [_place(output, orders[0][1])]
        return [_place(output[name], values) for name, values in orders]  # type: ignore[index]

    return lambda outputs: sorted(outputs, key=rank)


def _place(value: Value, listed: list[Value]) -> int:
    return next((place for place, other in enumerate(listed) if equal(value, other) is True), len(listed))


def _listed(allowed: Cell | None) -> list[Value]:
    found: list[Value] = []
    for test in allowed.tests.tests if allowed and allowed.tests else ():
        try:
            found.append(constant(test))
        except NotConstant:
            found.append(_UNLISTED)
    return found


def _outputs(node: Table, static: Static) -> Callable[[Env, int], Value]:
    """What a rule gives: its output, or a context of its outputs by name."""
    rows = [[static.code(entry) for entry in row] for row in node.results]
    allowed = [_allowed_output(column.allowed, static) for column in node.outputs]
    if len(node.outputs) == 1:
        known = {rule: value for rule, row in enumerate(node.results) for value in _known(row[0], static)}
        test = allowed[0]
        if test is None and len(known) == len(rows):
            return lambda env, rule: known[rule]
        return lambda env, rule: _checked(env, rows[rule][0](env), test)
    names = [column.name for column in node.outputs]

    def outputs(env: Env, rule: int) -> Value:
        cells = zip(names, rows[rule], allowed, strict=True)
        return {name: _checked(env, code(env), test) for name, code, test in cells}

    return outputs


def _known(entry: tree.Node, static: Static) -> list[Value]:
    """The value of an output that is a literal of its type; nothing for what has to be evaluated."""
    check = None
    if isinstance(entry, Coerced):
        try:
            check, entry = checker(entry.type, static.types), entry.expression
        except NoValue:
            return []
    node: Any = entry.expression if isinstance(entry, Sourced) else entry
    if not isinstance(node, tree.Number | tree.Text | tree.Boolean):
        return []
    try:
        value = constant(node)
    except NotConstant:
        return []
    return [value] if check is None or check(value) else []


def _allowed_output(cell: Cell | None, static: Static) -> TestCode | None:
    return None if cell is None or cell.tests is None else tests_of(cell, static)


def _checked(env: Env, value: Value, test: TestCode | None) -> Value:
    if test is not None and value is not None and test(env, value) is not True:
        return env.note(0, "The output is not one that the table allows.")
    return value


def _default(node: Table, static: Static) -> Code | None:
    if not any(column.default is not None for column in node.outputs):
        return None
    codes = [(column.name, static.code(column.default or tree.Null())) for column in node.outputs]
    if len(codes) == 1:
        return codes[0][1]
    return lambda env: {name: code(env) for name, code in codes}
