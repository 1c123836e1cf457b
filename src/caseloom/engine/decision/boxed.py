"""Boxed expressions as trees of FEEL, so that one compiler serves both (DMN 1.5 §10.2).

A literal expression becomes the tree of its text; contexts, lists, loops, filters and calls become what FEEL has for
them. Only what FEEL has no form for is a node of its own: where a text comes from, coercion, rows, tables.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from caseloom.engine.decision import model as m
from caseloom.engine.feel import FeelSyntaxError, parse, parse_tests, tree
from caseloom.engine.feel.faults import Source
from caseloom.engine.feel.parse import MAX_DEPTH
from caseloom.engine.feel.walk import depth

# The entry of a context that holds its result; no name of FEEL is empty.
RESULT = ""
Names: TypeAlias = frozenset[str]


@dataclass(frozen=True, slots=True)
class Sourced(tree.Node):
    """An expression and the text that it stands in."""

    expression: tree.Expression
    source: Source


@dataclass(frozen=True, slots=True)
class Broken(tree.Node):
    """What could not be read; it is null, and the message says why."""

    message: str
    source: Source


@dataclass(frozen=True, slots=True)
class Coerced(tree.Node):
    """An expression whose value has to be of a type."""

    expression: tree.Expression
    type: tree.Type
    source: Source


@dataclass(frozen=True, slots=True)
class RowContext(tree.Node):
    """A row of a relation: a context whose entries do not see each other."""

    entries: tuple[tuple[str, tree.Expression], ...]


@dataclass(frozen=True, slots=True)
class Cell(tree.Node):
    """The tests of a cell, or None where they could not be read."""

    tests: tree.UnaryTests | None
    source: Source


@dataclass(frozen=True, slots=True)
class Column(tree.Node):
    """An output: its name, the values it may have in order of priority, and its default."""

    name: str
    allowed: Cell | None
    default: tree.Expression | None


@dataclass(frozen=True, slots=True)
class Table(tree.Node):
    """A decision table. `cells` and `results` have a row for each rule."""

    hit_policy: str
    aggregation: str | None
    inputs: tuple[tree.Expression, ...]
    allowed: tuple[Cell | None, ...]
    cells: tuple[tuple[Cell, ...], ...]
    outputs: tuple[Column, ...]
    results: tuple[tuple[tree.Expression, ...], ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a model: the element, the line of the file, and what to do."""

    where: str
    message: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass(slots=True)
class Translator:
    """Turns the boxed expressions of one element into trees; `findings` collects what could not be read."""

    where: str
    findings: list[Finding] = field(default_factory=list)

    def expression(self, boxed: m.Expression | None, names: Names, where: str = "") -> Any:
        """The tree of a boxed expression. `names` are those in scope."""
        where = where or self.where
        if boxed is None:
            return tree.Null()
        found = _TRANSLATE[type(boxed)](self, boxed, names, where)
        return self.coerced(found, boxed.type, where, boxed.line)

    def coerced(self, node: Any, type_: str | None, where: str, line: int = 0) -> Any:
        """With a coercion to a type, where one is given."""
        wanted = self.type(type_, where, line)
        return node if wanted is None else Coerced(node, wanted, Source("", where, line))

    def type(self, name: str | None, where: str, line: int = 0) -> tree.Type | None:
        """The type that an attribute names; None for none and for Any."""
        try:
            return type_named(name)
        except FeelSyntaxError as why:
            self.findings.append(Finding(where, f"{name!r} is no type: {why.message}", line))
            return None

    def text(self, text: str, names: Names, where: str, line: int) -> Any:
        """The tree of a FEEL text, or what stands for one that is none."""
        source = Source(text, where, line)
        try:
            return Sourced(_shallow(parse(text, names), text), source)
        except FeelSyntaxError as why:
            self.findings.append(Finding(where, str(why), line))
            return Broken(why.message, source)

    def _literal(self, boxed: m.LiteralExpression, names: Names, where: str) -> Any:
        if _foreign_language(boxed.language):
            message = f"The language {boxed.language!r} is not FEEL."
            self.findings.append(Finding(where, message, boxed.line))
            return Broken(message, Source(boxed.text, where, boxed.line))
        return self.text(boxed.text, names, where, boxed.line) if boxed.text.strip() else tree.Null()

    def _context(self, boxed: m.BoxedContext, names: Names, where: str) -> Any:
        entries, result = [], False
        for number, entry in enumerate(boxed.entries, 1):
            name = entry.variable.name if entry.variable else RESULT
            inside = f"{where}, entry {name or number!r}"
            value = self.expression(entry.value, names, inside)
            if entry.variable is not None:
                value = self.coerced(value, entry.variable.type, inside, entry.line)
            entries.append((name, value))
            names = names | {name}
            result = result or entry.variable is None
        found = tree.ContextLiteral(tuple(entries))
        return tree.Path(found, RESULT) if result else found

    def _list(self, boxed: m.BoxedList, names: Names, where: str) -> Any:
        return tree.ListLiteral(self._all(boxed.items, names, f"{where}, item"))

    def _all(self, boxed: Iterable[m.Expression], names: Names, where: str) -> tuple[Any, ...]:
        return tuple(self.expression(one, names, f"{where} {number}") for number, one in enumerate(boxed, 1))

    def _relation(self, boxed: m.Relation, names: Names, where: str) -> Any:
        rows = []
        for number, row in enumerate(boxed.rows, 1):
            cells = []
            for column, cell in zip(boxed.columns, row.cells, strict=True):
                inside = f"{where}, row {number}, column {column.name!r}"
                cells.append(
                    (column.name, self.coerced(self.expression(cell, names, inside), column.type, inside, cell.line))
                )
            rows.append(RowContext(tuple(cells)))
        return tree.ListLiteral(tuple(rows))  # type: ignore[arg-type]

    def _invocation(self, boxed: m.Invocation, names: Names, where: str) -> Any:
        called = self.expression(boxed.called, names, where)
        values = []
        for binding in boxed.bindings:
            inside = f"{where}, parameter {binding.parameter.name!r}"
            value = self.expression(binding.value, names, inside)
            values.append(self.coerced(value, binding.parameter.type, inside, binding.line))
        parameters = tuple(binding.parameter.name for binding in boxed.bindings)
        return tree.Call(called, tuple(values), parameters)

    def _function(self, boxed: m.FunctionDefinition, names: Names, where: str) -> Any:
        parameters = tuple((one.name, self.type(one.type, where, one.line)) for one in boxed.parameters)
        if boxed.kind != "FEEL":
            return tree.Function(parameters, tree.Null(), external=True)
        body = self.expression(boxed.body, names.union(name for name, _ in parameters), where)
        return tree.Function(parameters, body)

    def _conditional(self, boxed: m.Conditional, names: Names, where: str) -> Any:
        parts = [("if", boxed.condition), ("then", boxed.then), ("else", boxed.otherwise)]
        return tree.If(*(self.expression(part, names, f"{where}, {word}") for word, part in parts))

    def _filter(self, boxed: m.BoxedFilter, names: Names, where: str) -> Any:
        source = self.expression(boxed.source, names, f"{where}, in")
        return tree.Filter(source, self.expression(boxed.match, names | {"item"}, f"{where}, match"))

    def _iteration(self, boxed: m.Iteration, names: Names, where: str) -> Any:
        iterator = tree.Iterator(boxed.variable, self.expression(boxed.source, names, f"{where}, in"))
        if boxed.word == "for":
            inner = names | {boxed.variable, "partial"}
            return tree.For((iterator,), self.expression(boxed.body, inner, f"{where}, return"))
        body = self.expression(boxed.body, names | {boxed.variable}, f"{where}, satisfies")
        return tree.Quantified(boxed.word == "every", (iterator,), body)

    # -- decision tables -------------------------------------------------------------------------------------

    def _table(self, boxed: m.DecisionTable, names: Names, where: str) -> Any:
        rules = list(enumerate(boxed.rules, 1))
        return Table(
            boxed.hit_policy,
            boxed.aggregation,
            tuple(
                self.expression(clause.expression, names, f"{where}, input {number}")
                for number, clause in enumerate(boxed.inputs, 1)
            ),
            tuple(self._allowed(clause.allowed, names, f"{where}, input {n}") for n, clause in _counted(boxed.inputs)),
            tuple(
                tuple(self.cell(test, names, f"{where}, rule {number}, input {n}") for n, test in _counted(rule.tests))
                for number, rule in rules
            ),
            tuple(self._column(clause, names, f"{where}, output {n}") for n, clause in _counted(boxed.outputs)),
            tuple(self._results(boxed, rule, names, f"{where}, rule {number}") for number, rule in rules),
            Source("", where),
        )

    def cell(self, tests: m.UnaryTests, names: Names, where: str) -> Cell:
        """The tests of a cell; an empty cell takes any value."""
        text = tests.text if tests.text.strip() else "-"
        source = Source(text, where, tests.line)
        try:
            return Cell(_shallow(parse_tests(text, names), text), source)
        except FeelSyntaxError as why:
            self.findings.append(Finding(where, str(why), tests.line))
            return Cell(None, source)

    def _allowed(self, tests: m.UnaryTests | None, names: Names, where: str) -> Cell | None:
        if tests is None or not tests.text.strip():
            return None
        return self.cell(tests, names, f"{where}, allowed values")

    def _column(self, clause: m.OutputClause, names: Names, where: str) -> Column:
        default = None
        if clause.default is not None:
            inside = f"{where}, default"
            default = self.coerced(self.expression(clause.default, names, inside), clause.type, inside, clause.line)
        return Column(clause.name or "", self._allowed(clause.allowed, names, where), default)

    def _results(self, boxed: m.DecisionTable, rule: m.Rule, names: Names, where: str) -> tuple[Any, ...]:
        found = []
        for number, (clause, entry) in enumerate(zip(boxed.outputs, rule.outputs, strict=True), 1):
            inside = f"{where}, output {number}"
            found.append(self.coerced(self.expression(entry, names, inside), clause.type, inside, clause.line))
        return tuple(found)


_TRANSLATE: dict[type, Any] = {
    m.LiteralExpression: Translator._literal,
    m.BoxedContext: Translator._context,
    m.BoxedList: Translator._list,
    m.Relation: Translator._relation,
    m.Invocation: Translator._invocation,
    m.FunctionDefinition: Translator._function,
    m.Conditional: Translator._conditional,
    m.BoxedFilter: Translator._filter,
    m.Iteration: Translator._iteration,
    m.DecisionTable: Translator._table,
}


def _counted(parts: Sequence[Any]) -> Iterable[tuple[int, Any]]:
    return enumerate(parts, 1)


def _foreign_language(language: str | None) -> bool:
    return bool(language) and "feel" not in language.lower()  # type: ignore[union-attr]


def _shallow(node: Any, text: str) -> Any:
    if depth(node) > MAX_DEPTH:
        raise FeelSyntaxError(text, 0, "The expression is nested too deeply. Split it into several.")
    return node


def type_named(name: str | None) -> tree.Type | None:
    """The type that a typeRef names; None where it names none or Any. Raises `FeelSyntaxError`."""
    if not name or name in ("Any", "undefined", "<Undefined>"):
        return None
    if "<" not in name:
        return tree.SimpleType(name)
    found = parse(f"x instance of {name}")
    if not isinstance(found, tree.InstanceOf):
        raise FeelSyntaxError(name, 0, "It holds more than a type.")
    return found.type
