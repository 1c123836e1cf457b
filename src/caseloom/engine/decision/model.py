"""A decision model as DMN 1.1 to 1.5 has it (DMN 1.5 clauses 6 to 8 and 10.2): plain data.

Two models of the same content are equal; the lines at which their parts were read do not count. Names of types
are as people write them: `number`, `tPerson`, `imported.tPerson`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """What every element may carry. `attributes` (in Clark notation), `extensions` and `foreign` (children as XML)
    hold what means nothing to an evaluation, so that writing loses nothing. `line` is that of the file."""

    id: str | None = None
    label: str | None = None
    description: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    extensions: str | None = None
    foreign: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)


# -- boxed expressions -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxed(Element):
    """A boxed expression; its value is coerced to `type`."""

    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralExpression(Boxed):
    """A FEEL text, unless `language` names another one."""

    text: str = ""
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Element):
    """A name with its type: of an element, a context entry, a column, a parameter."""

    name: str
    type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextEntry(Element):
    """An entry without a variable is the result of its context."""

    variable: Variable | None = None
    value: "Expression | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxedContext(Boxed):
    entries: tuple[ContextEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxedList(Boxed):
    items: tuple["Expression", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Element):
    cells: tuple["Expression", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation(Boxed):
    """A list of contexts, written as a table."""

    columns: tuple[Variable, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding(Element):
    parameter: Variable
    value: "Expression | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation(Boxed):
    called: "Expression | None" = None
    bindings: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefinition(Boxed):
    """`kind` is FEEL, Java or PMML; the last two are external and not run."""

    parameters: tuple[Variable, ...] = ()
    body: "Expression | None" = None
    kind: str = "FEEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional(Boxed):
    condition: "Expression | None" = None
    then: "Expression | None" = None
    otherwise: "Expression | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxedFilter(Boxed):
    source: "Expression | None" = None
    match: "Expression | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Iteration(Boxed):
    """`word` is for, some or every; `body` what is returned or has to be satisfied."""

    word: str
    variable: str = ""
    source: "Expression | None" = None
    body: "Expression | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaryTests(Element):
    """Tests as text, of a cell or of allowed values."""

    text: str = "-"
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputClause(Element):
    expression: LiteralExpression
    allowed: UnaryTests | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputClause(Element):
    """`name` is needed where a table has several outputs. `allowed` is also the order of priority."""

    name: str | None = None
    type: str | None = None
    allowed: UnaryTests | None = None
    default: LiteralExpression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Element):
    tests: tuple[UnaryTests, ...] = ()
    outputs: tuple[LiteralExpression, ...] = ()
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable(Boxed):
    """`hit_policy` is one of UNIQUE FIRST PRIORITY ANY COLLECT RULE ORDER OUTPUT ORDER; `aggregation`, of a COLLECT
    table, SUM COUNT MIN MAX or None."""

    hit_policy: str = "UNIQUE"
    aggregation: str | None = None
    orientation: str | None = None
    output_label: str | None = None
    inputs: tuple[InputClause, ...] = ()
    outputs: tuple[OutputClause, ...] = ()
    rules: tuple[Rule, ...] = ()
    annotations: tuple[str, ...] = ()


Expression: TypeAlias = (
    LiteralExpression
    | BoxedContext
    | BoxedList
    | Relation
    | Invocation
    | FunctionDefinition
    | Conditional
    | BoxedFilter
    | Iteration
    | DecisionTable
)

# -- types and the graph ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionItem(Element):
    output: str | None = None
    parameters: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDefinition(Element):
    """A type. `allowed` bounds each value (each member of a collection), `constraint` the value as a whole."""

    name: str
    type: str | None = None
    components: tuple["ItemDefinition", ...] = ()
    collection: bool = False
    allowed: UnaryTests | None = None
    constraint: UnaryTests | None = None
    function: FunctionItem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Element):
    """`kind` is the namespace of what is imported, that of DMN for models. An empty name imports into this model's
    own names."""

    name: str
    namespace: str
    location: str | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement(Element):
    """What an element needs. `kind` is input, decision or knowledge; `href` ends in `#` and an id."""

    kind: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InputData(Element):
    name: str
    variable: Variable | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Element):
    name: str
    question: str | None = None
    answers: str | None = None
    variable: Variable | None = None
    requirements: tuple[Requirement, ...] = ()
    logic: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeModel(Element):
    """A business knowledge model: a function that decisions call."""

    name: str
    variable: Variable | None = None
    requirements: tuple[Requirement, ...] = ()
    logic: FunctionDefinition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionService(Element):
    """Each reference is an href."""

    name: str
    variable: Variable | None = None
    outputs: tuple[str, ...] = ()
    encapsulated: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    input_data: tuple[str, ...] = ()


Node: TypeAlias = Decision | InputData | KnowledgeModel | DecisionService


@dataclass(frozen=True, slots=True, kw_only=True)
class Model(Element):
    """A file of DMN. `version` is 1.1 to 1.5; `prefixes` are the namespaces that its root declares."""

    name: str
    namespace: str
    version: str = "1.5"
    imports: tuple[Import, ...] = ()
    items: tuple[ItemDefinition, ...] = ()
    nodes: tuple[Node, ...] = ()
    prefixes: tuple[tuple[str, str], ...] = ()

    def of_kind(self, kind: type[Node]) -> Iterator[Node]:
        """The nodes of one kind, in order."""
        return (node for node in self.nodes if isinstance(node, kind))


class ModelFault(ValueError):
    """A model that cannot be used. `str()` names the file's line where it is known, the element and what to do."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.message, self.line = message, line
        super().__init__(f"Line {line}: {message}" if line else message)
