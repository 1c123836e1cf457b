"""What is wrong with a model before anybody runs it: texts, names, types, references, and tables."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from caseloom.engine.decision import model as m
from caseloom.engine.decision.analysis import Flaw, Input, flaws
from caseloom.engine.decision.boxed import Cell, Coerced, Finding, Sourced, Table, Translator
from caseloom.engine.decision.graph import DecisionModel
from caseloom.engine.decision.index import NotConstant, constant
from caseloom.engine.decision.run import Compiled
from caseloom.engine.decision.suite import shown
from caseloom.engine.decision.table import AGGREGATIONS, MULTIPLE_HIT, SINGLE_HIT
from caseloom.engine.feel import Value, tree
from caseloom.engine.feel.comparison import equal
from caseloom.engine.feel.faults import NoValue, Source
from caseloom.engine.feel.kinds import kind
from caseloom.engine.feel.types import checker, is_subtype, type_of
from caseloom.engine.feel.walk import Reader, children, mentions


@dataclass(frozen=True, slots=True)
class TableFlaw(Finding):
    """A finding of the analysis of a table."""

    flaw: Flaw = Flaw("gap", (), {}, "")  # noqa: RUF009 - frozen

    def __str__(self) -> str:
        example = ", ".join(f"{name} = {shown(value)}" for name, value in self.flaw.example.items())
        return f"{self.where}: {self.flaw.kind}: {self.message}{f' Example: {example}.' if example else ''}"


def lint(model: DecisionModel) -> list[Finding]:
    """All findings of a model (those of its imports are theirs), by line."""
    found = list(model.findings)
    for compiled in model.nodes.values():
        if compiled.tree is not None:
            found += _unknown_names(compiled)
            found += _type_faults(compiled.tree, compiled.where, compiled.node.line, model)
        for where, table in _tables(getattr(compiled.node, "logic", None), compiled.where):
            found += _of_table(where, table, compiled, model)
    return sorted({(one.line, str(one)): one for one in found}.values(), key=lambda finding: finding.line)


# -- names and types -------------------------------------------------------------------------------------------


def _unknown_names(compiled: Compiled) -> Iterator[Finding]:
    reader = Reader(frozenset((*compiled.getters, "?")))
    reader.visit(compiled.tree, frozenset({"?"}))
    unknown = {path[0] for path in reader.paths} - compiled.getters.keys() - {"now()"}
    for name in sorted(unknown):
        known = ", ".join(map(repr, sorted(compiled.getters))) or "nothing"
        message = f"There is no {name!r} here. It requires {known}."
        source = next(_sources_of(compiled.tree, name), compiled.source)
        yield Finding(source.where, message, source.line or compiled.node.line)


def _sources_of(node: tree.Node, name: str) -> Iterator[Source]:
    """The texts in which a name stands."""
    for child in children(node):
        yield from _sources_of(child, name)
    inside = node.expression if isinstance(node, Sourced) else node.tests if isinstance(node, Cell) else None
    if isinstance(node, Sourced | Cell) and inside is not None and mentions(inside, name):
        yield node.source


def _type_faults(node: tree.Node, where: str, line: int, model: DecisionModel) -> Iterator[Finding]:
    if isinstance(node, Coerced):
        where, line = node.source.where, node.source.line or line
        found = _plain_type(node.expression)
        wanted = node.type
        ways = (found, tree.MemberType("list", found)) if found is not None else ()
        try:
            checker(wanted, model.types)
        except NoValue as why:
            yield Finding(where, str(why), line)
            found = None
        if found is not None and not any(is_subtype(one, wanted, model.types) for one in ways):
            message = f"{_words(found)} is given where {_words(wanted)} is wanted."
            yield Finding(where, message, line)
    for child in children(node):
        yield from _type_faults(child, where, line, model)


def _plain_type(node: tree.Node) -> tree.Type | None:
    while isinstance(node, Sourced):
        node = node.expression
    found = type_of(node)
    return found if isinstance(found, tree.SimpleType) else None


def _words(type_: tree.Type) -> str:
    return f"a {type_.name}" if isinstance(type_, tree.SimpleType | tree.MemberType) else "a value of another type"


# -- tables ----------------------------------------------------------------------------------------------------


def _tables(node: object, where: str) -> Iterator[tuple[str, m.DecisionTable]]:
    """The decision tables anywhere in a boxed expression."""
    if isinstance(node, m.DecisionTable):
        yield where, node
    if isinstance(node, tuple):
        for part in node:
            yield from _tables(part, where)
    elif isinstance(node, m.Element) and is_dataclass(node):
        if isinstance(node, m.ContextEntry) and node.variable is not None:
            where = f"{where}, entry {node.variable.name!r}"
        for one in fields(node):
            yield from _tables(getattr(node, one.name), where)


def _of_table(where: str, table: m.DecisionTable, compiled: Compiled, model: DecisionModel) -> Iterator[Finding]:
    if table.hit_policy not in SINGLE_HIT | MULTIPLE_HIT:
        known = ", ".join(sorted(SINGLE_HIT | MULTIPLE_HIT))
        yield Finding(where, f"There is no hit policy {table.hit_policy!r}; there are {known}.", table.line)
    if table.aggregation and table.aggregation not in AGGREGATIONS:
        yield Finding(where, f"There is no aggregation {table.aggregation!r}.", table.line)
    if len(table.outputs) > 1:
        if table.aggregation:
            yield Finding(where, "A table with several outputs cannot be aggregated.", table.line)
        for number, output in enumerate(table.outputs, 1):
            if not output.name:
                yield Finding(where, f"Output {number} needs a name, since there are several.", output.line)
    node = Translator(where).expression(table, frozenset(compiled.getters))
    while isinstance(node, Coerced):
        node = node.expression
    inputs = [_input(table, node, place, model) for place in range(len(table.inputs))]
    yield from _kinds_of_cells(where, table, inputs)
    outputs = [tuple(entry.text.strip() for entry in rule.outputs) for rule in table.rules]
    default = any(output.default is not None for output in table.outputs)
    for flaw in flaws(inputs, outputs, table.hit_policy, _ranks(node), default):
        line = table.rules[flaw.rules[0] - 1].line if flaw.rules else table.line
        yield TableFlaw(where, flaw.message, line, flaw)


def _input(table: m.DecisionTable, node: Table, place: int, model: DecisionModel) -> Input:
    clause, allowed = table.inputs[place], node.allowed[place]
    declared = clause.expression.type
    limits = allowed.tests if allowed else None
    if declared and declared in model.types:
        item = model.types[declared].item
        if limits is None and item.allowed is not None and not item.collection:
            limits = Translator(item.name).cell(item.allowed, frozenset(), item.name).tests
        declared = item.type
    name = clause.expression.text.strip() or clause.label or f"input {place + 1}"
    return Input(name, [row[place].tests for row in node.cells], limits, declared)


def _kinds_of_cells(where: str, table: m.DecisionTable, inputs: list[Input]) -> Iterator[Finding]:
    """Tests for values of another kind than the input has."""
    for place, one in enumerate(inputs):
        if one.kind not in ("number", "string", "boolean", "date"):
            continue
        for rule, tests in zip(table.rules, one.tests, strict=True):
            for test in tests.tests if tests else ():
                found = _kind_of(test)
                if found not in (None, "null", one.kind):
                    message = f"It tests for a {found}; {one.name!r} is a {one.kind}."
                    yield Finding(where, message, rule.tests[place].line)


def _kind_of(test: tree.Node) -> str | None:
    node: tree.Node = test
    match test:
        case tree.OperatorTest(operand=operand):
            node = operand
        case tree.Interval(start=start):
            node = start
    try:
        return kind(constant(node))
    except NotConstant:
        return None


def _ranks(node: Table) -> list[tuple[int, ...]]:
    """The place of each rule's outputs in the order of priority; empty where it is not known before."""
    if node.hit_policy != "PRIORITY":
        return []
    try:
        orders = [_values(column.allowed) for column in node.outputs]
        return [
            tuple(_place(_literal(entry), order) for entry, order in zip(row, orders, strict=True))
            for row in node.results
        ]
    except NotConstant:
        return []


def _values(cell: Cell | None) -> list[Value]:
    tests = cell.tests.tests if cell and cell.tests else ()
    return [constant(test) for test in tests]


def _place(value: Value, order: list[Value]) -> int:
    return next((place for place, other in enumerate(order) if equal(value, other) is True), len(order))


def _literal(node: tree.Node) -> Value:
    while isinstance(node, Coerced | Sourced):
        node = node.expression
    return constant(node)
