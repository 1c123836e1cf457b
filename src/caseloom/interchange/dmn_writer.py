"""A model as DMN XML, in the version that it names (DMN 1.5 clause 12). Read again it is the same model.

The text is written directly, so that what was kept as it stood (diagrams, elements of other makers) is not touched.
"""

from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from caseloom.engine.decision import model as m
from caseloom.interchange.dmn_names import FEEL, FEEL_TYPES, MODEL


def write_dmn(model: m.Model) -> bytes:
    """The file of a model, UTF-8."""
    return _Writer(model).file()


class _Writer:
    """Writes the elements of one model. `prefix` is that of DMN's own names, with its colon."""

    def __init__(self, model: m.Model) -> None:
        self.model = model
        self.prefixes = dict(model.prefixes)
        namespace = MODEL[model.version]
        # The first prefix for DMN's names that the file had; without one, they go without prefix.
        own = next((prefix for prefix, uri in model.prefixes if uri == namespace), None)
        if own is None:
            own = "" if "" not in self.prefixes else "dmn"
            self.prefixes[own] = namespace
        if model.version == "1.1":
            self.prefixes.setdefault("feel", FEEL["1.1"])
        self.prefix = f"{own}:" if own else ""
        self.lines: list[str] = []
        self.deep = 0

    def file(self) -> bytes:
        self.lines.append('<?xml version="1.0" encoding="UTF-8"?>')
        model = self.model
        attributes: dict[str, str | None] = {
            **{
                f"xmlns:{prefix}" if prefix else "xmlns": uri
                for prefix, uri in sorted(self.prefixes.items())
                if prefix != "xml"
            },
            "name": model.name,
            "namespace": model.namespace,
        }
        self.element("definitions", model, attributes, self._content)
        return "\n".join([*self.lines, ""]).encode()

    def _content(self) -> None:
        for one in self.model.imports:
            attributes = {
                "name": one.name or None,
                "namespace": one.namespace,
                "locationURI": one.location,
                "importType": one.kind or None,
            }
            self.element("import", one, attributes)
        for item in self.model.items:
            self._item("itemDefinition", item)
        for node in self.model.nodes:
            _NODES[type(node)](self, node)

    # -- what all elements share -----------------------------------------------------------------------------

    def element(
        self,
        name: str,
        element: m.Element,
        attributes: dict[str, str | None],
        content: Callable[[], None] | None = None,
        last: Callable[[], None] | None = None,
    ) -> None:
        """An element: its attributes, description and extensions, `content`, what was kept, and what comes `last`."""
        start = self._start(name, element, attributes)
        before = len(self.lines)
        self.lines.append("")
        self.deep += 1
        self._simple("description", element.description)
        if element.extensions is not None:
            self._as_it_stood(element.extensions)
        if content is not None:
            content()
        for one in element.foreign:
            self._as_it_stood(one)
        if last is not None:
            last()
        self.deep -= 1
        empty = len(self.lines) == before + 1
        self.lines[before] = f"{'  ' * self.deep}<{start}{'/' if empty else ''}>"
        if not empty:
            self.lines.append(f"{'  ' * self.deep}</{self.prefix}{name}>")

    def _start(self, name: str, element: m.Element, attributes: dict[str, str | None]) -> str:
        shared = {"id": element.id, "label": element.label, **attributes}
        written = [f"{key}={_quoted(value)}" for key, value in shared.items() if value is not None]
        written += [self._kept(key, value, number) for number, (key, value) in enumerate(element.attributes)]
        return " ".join([self.prefix + name, *written])

    def _kept(self, key: str, value: str, number: int) -> str:
        """An attribute of another maker, with the prefix that the root declares for it."""
        name = etree.QName(key)
        if name.namespace is None:
            return f"{name.localname}={_quoted(value)}"
        prefix = next((prefix for prefix, uri in self.prefixes.items() if uri == name.namespace and prefix), None)
        if prefix is None and name.namespace == "http://www.w3.org/XML/1998/namespace":
            prefix = "xml"
        if prefix is not None:
            return f"{prefix}:{name.localname}={_quoted(value)}"
        return f"xmlns:ns{number}={_quoted(name.namespace)} ns{number}:{name.localname}={_quoted(value)}"

    def _as_it_stood(self, text: str) -> None:
        self.lines.append("  " * self.deep + text)

    def _simple(self, name: str, text: str | None) -> None:
        if text is not None:
            self.lines.append(f"{'  ' * self.deep}<{self.prefix}{name}>{_escaped(text)}</{self.prefix}{name}>")

    def _type(self, name: str | None) -> str | None:
        return f"feel:{name}" if self.model.version == "1.1" and name in FEEL_TYPES else name

    def _variable(self, name: str, variable: m.Variable | None) -> None:
        if variable is not None:
            self.element(name, variable, {"name": variable.name or None, "typeRef": self._type(variable.type)})

    def _tests(self, name: str, tests: m.UnaryTests | None) -> None:
        if tests is not None:
            text = tests.text
            self.element(name, tests, {"expressionLanguage": tests.language}, lambda: self._simple("text", text))

    def _references(self, name: str, hrefs: Iterable[str]) -> None:
        for href in hrefs:
            self.element(name, m.Element(), {"href": href})

    # -- types and the graph ---------------------------------------------------------------------------------

    def _item(self, name: str, item: m.ItemDefinition) -> None:
        def content() -> None:
            self._simple("typeRef", self._type(item.type))
            self._tests("allowedValues", item.allowed)
            self._tests("typeConstraint", item.constraint)
            for component in item.components:
                self._item("itemComponent", component)
            if item.function is not None:
                self._function_item(item.function)

        collection = "true" if item.collection else None
        self.element(name, item, {"name": item.name, "isCollection": collection}, content)

    def _function_item(self, item: m.FunctionItem) -> None:
        def content() -> None:
            for parameter in item.parameters:
                self._variable("parameters", parameter)

        self.element("functionItem", item, {"outputTypeRef": self._type(item.output)}, content)

    def _decision(self, node: m.Decision) -> None:
        def content() -> None:
            self._simple("question", node.question)
            self._simple("allowedAnswers", node.answers)
            self._variable("variable", node.variable)
            self._requirements(node.requirements)

        self.element("decision", node, {"name": node.name}, content, lambda: self.expression(node.logic))

    def _requirements(self, requirements: Iterable[m.Requirement]) -> None:
        for one in requirements:
            outer, inner = _REQUIREMENTS[one.kind]

            def content(inner: str = inner, href: str = one.href) -> None:
                self._references(inner, [href])

            self.element(outer, one, {}, content)

    def _input_data(self, node: m.InputData) -> None:
        self.element("inputData", node, {"name": node.name}, lambda: self._variable("variable", node.variable))

    def _knowledge_model(self, node: m.KnowledgeModel) -> None:
        def content() -> None:
            self._variable("variable", node.variable)
            if node.logic is not None:
                self._function("encapsulatedLogic", node.logic)
            self._requirements(node.requirements)

        self.element("businessKnowledgeModel", node, {"name": node.name}, content)

    def _service(self, node: m.DecisionService) -> None:
        def content() -> None:
            self._variable("variable", node.variable)
            self._references("outputDecision", node.outputs)
            self._references("encapsulatedDecision", node.encapsulated)
            self._references("inputDecision", node.input_decisions)
            self._references("inputData", node.input_data)

        self.element("decisionService", node, {"name": node.name}, content)

    # -- boxed expressions -----------------------------------------------------------------------------------

    def expression(self, boxed: m.Expression | None) -> None:
        """A boxed expression, where there is one."""
        if boxed is not None:
            _EXPRESSIONS[type(boxed)](self, boxed)

    def _boxed(
        self,
        name: str,
        boxed: m.Boxed,
        content: Callable[[], None],
        attributes: dict[str, str | None] | None = None,
    ) -> None:
        self.element(name, boxed, {"typeRef": self._type(boxed.type), **(attributes or {})}, content)

    def _literal(self, boxed: m.LiteralExpression, name: str = "literalExpression") -> None:
        self._boxed(name, boxed, lambda: self._simple("text", boxed.text), {"expressionLanguage": boxed.language})

    def _context(self, boxed: m.BoxedContext) -> None:
        def content() -> None:
            for entry in boxed.entries:

                def inside(entry: m.ContextEntry = entry) -> None:
                    self._variable("variable", entry.variable)
                    self.expression(entry.value)

                self.element("contextEntry", entry, {}, inside)

        self._boxed("context", boxed, content)

    def _all(self, items: Iterable[m.Expression]) -> None:
        for item in items:
            self.expression(item)

    def _list(self, boxed: m.BoxedList) -> None:
        self._boxed("list", boxed, lambda: self._all(boxed.items))

    def _relation(self, boxed: m.Relation) -> None:
        def content() -> None:
            for column in boxed.columns:
                self._variable("column", column)
            for row in boxed.rows:
                self.element("row", row, {}, lambda row=row: self._all(row.cells))  # type: ignore[misc]

        self._boxed("relation", boxed, content)

    def _invocation(self, boxed: m.Invocation) -> None:
        def content() -> None:
            self.expression(boxed.called)
            for binding in boxed.bindings:

                def inside(binding: m.Binding = binding) -> None:
                    self._variable("parameter", binding.parameter)
                    self.expression(binding.value)

                self.element("binding", binding, {}, inside)

        self._boxed("invocation", boxed, content)

    def _function(self, name: str, boxed: m.FunctionDefinition) -> None:
        def content() -> None:
            for parameter in boxed.parameters:
                self._variable("formalParameter", parameter)
            self.expression(boxed.body)

        self._boxed(name, boxed, content, {"kind": None if boxed.kind == "FEEL" else boxed.kind})

    def _parts(self, name: str, boxed: m.Boxed, parts: dict[str, m.Expression | None], variable: str | None) -> None:
        """An element whose expressions stand in elements of their own."""

        def content() -> None:
            for part, expression in parts.items():
                if expression is not None:
                    self.element(part, m.Element(), {}, lambda e=expression: self.expression(e))  # type: ignore[misc]

        self._boxed(name, boxed, content, {"iteratorVariable": variable})

    def _conditional(self, boxed: m.Conditional) -> None:
        parts = {"if": boxed.condition, "then": boxed.then, "else": boxed.otherwise}
        self._parts("conditional", boxed, parts, None)

    def _filter(self, boxed: m.BoxedFilter) -> None:
        self._parts("filter", boxed, {"in": boxed.source, "match": boxed.match}, None)

    def _iteration(self, boxed: m.Iteration) -> None:
        body = "return" if boxed.word == "for" else "satisfies"
        self._parts(boxed.word, boxed, {"in": boxed.source, body: boxed.body}, boxed.variable)

    # -- decision tables -------------------------------------------------------------------------------------

    def _table(self, table: m.DecisionTable) -> None:
        def content() -> None:
            for clause in table.inputs:
                self._input(clause)
            for output in table.outputs:
                self._output(output)
            for name in table.annotations:
                self.element("annotation", m.Element(), {"name": name})
            for rule in table.rules:
                self._rule(rule)

        attributes = {
            "hitPolicy": table.hit_policy,
            "aggregation": table.aggregation,
            "preferredOrientation": table.orientation,
            "outputLabel": table.output_label,
        }
        self._boxed("decisionTable", table, content, attributes)

    def _input(self, clause: m.InputClause) -> None:
        def content() -> None:
            self._literal(clause.expression, "inputExpression")
            self._tests("inputValues", clause.allowed)

        self.element("input", clause, {}, content)

    def _output(self, clause: m.OutputClause) -> None:
        def content() -> None:
            self._tests("outputValues", clause.allowed)
            if clause.default is not None:
                self._literal(clause.default, "defaultOutputEntry")

        self.element("output", clause, {"name": clause.name, "typeRef": self._type(clause.type)}, content)

    def _rule(self, rule: m.Rule) -> None:
        def content() -> None:
            for tests in rule.tests:
                self._tests("inputEntry", tests)
            for entry in rule.outputs:
                self._literal(entry, "outputEntry")
            for text in rule.annotations:
                self.element("annotationEntry", m.Element(), {}, lambda text=text: self._simple("text", text))  # type: ignore[misc]

        self.element("rule", rule, {}, content)


_REQUIREMENTS = {
    "input": ("informationRequirement", "requiredInput"),
    "decision": ("informationRequirement", "requiredDecision"),
    "knowledge": ("knowledgeRequirement", "requiredKnowledge"),
}
_NODES: dict[type, Callable[[_Writer, Any], None]] = {
    m.Decision: _Writer._decision,
    m.InputData: _Writer._input_data,
    m.KnowledgeModel: _Writer._knowledge_model,
    m.DecisionService: _Writer._service,
}
_EXPRESSIONS: dict[type, Callable[[_Writer, Any], None]] = {
    m.LiteralExpression: _Writer._literal,
    m.BoxedContext: _Writer._context,
    m.BoxedList: _Writer._list,
    m.Relation: _Writer._relation,
    m.Invocation: _Writer._invocation,
    m.FunctionDefinition: lambda writer, boxed: writer._function("functionDefinition", boxed),
    m.Conditional: _Writer._conditional,
    m.BoxedFilter: _Writer._filter,
    m.Iteration: _Writer._iteration,
    m.DecisionTable: _Writer._table,
}


def _escaped(text: str) -> str:
    # A bare carriage return would be read back as a line feed.
    return escape(text, {"\r": "&#13;"})


def _quoted(value: str) -> str:
    return quoteattr(value, {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"})
