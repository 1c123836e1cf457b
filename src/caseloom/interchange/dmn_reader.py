"""DMN 1.1 to 1.5 as XML to a model (DMN 1.5 clause 12). What means nothing to us is kept as it is written."""

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

from caseloom.engine.decision import model as m
from caseloom.engine.decision.model import ModelFault
from caseloom.interchange.dmn_names import FEEL_NAMESPACES, VERSION
from caseloom.interchange.hardened_xml import XmlFaulty, line_of, local_name, parse_xml, text_in

_ELEMENT = {"id", "label"}


def read_dmn(data: bytes) -> m.Model:
    """The model of a file. Raises `ModelFault` with line, element and what was expected."""
    try:
        root = parse_xml(data)
    except XmlFaulty as fault:
        raise ModelFault(fault.message, fault.line) from None
    namespace = etree.QName(root).namespace or ""
    if local_name(root) != "definitions" or namespace not in VERSION:
        raise ModelFault(
            f"<{local_name(root)}> is no <definitions> of DMN 1.1 to 1.5; its namespace is {namespace!r}.",
            line_of(root),
        )
    try:
        return _Reader(namespace).model(root)
    except RecursionError:
        raise ModelFault("The model is nested too deeply.") from None


class _Reader:
    """Reads the elements of one file; `namespace` is that of its version of DMN."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
        self.own = ""
        self.imported: dict[str, str] = {}

    # -- what all elements share -----------------------------------------------------------------------------

    def _children(self, node: etree._Element) -> Iterator[tuple[str, etree._Element]]:
        """Local name and element of each child in DMN's namespace."""
        for child in node.iterchildren("*"):
            name = etree.QName(child)
            if name.namespace == self.namespace:
                yield name.localname, child

    def _child(self, node: etree._Element, name: str) -> etree._Element | None:
        return node.find(f"{{{self.namespace}}}{name}")

    def _all(self, node: etree._Element, name: str) -> list[etree._Element]:
        return node.findall(f"{{{self.namespace}}}{name}")

    def _element(self, node: etree._Element, attributes: set[str], children: set[str]) -> dict[str, Any]:
        """The fields of `Element`; what is neither among these attributes nor children is kept as it is."""
        known = children | {"description", "extensionElements"}
        extensions = self._child(node, "extensionElements")
        return {
            "id": node.get("id"),
            "label": node.get("label"),
            "description": self._text_of(node, "description"),
            "attributes": tuple(
                (str(name), str(value))
                for name, value in node.attrib.items()
                if name not in attributes and name not in _ELEMENT
            ),
            "extensions": None if extensions is None else _as_written(extensions),
            "foreign": tuple(
                _as_written(child)
                for child in node.iterchildren("*")
                if etree.QName(child).namespace != self.namespace or local_name(child) not in known
            ),
            "line": line_of(node),
        }

    def _text_of(self, node: etree._Element, name: str) -> str | None:
        child = self._child(node, name)
        return None if child is None else text_in(child)

    def _needed(self, node: etree._Element, name: str) -> str:
        value = node.get(name)
        if value is None:
            raise ModelFault(f"<{local_name(node)}> has no {name}. Give it one.", line_of(node))
        return value

    def _type(self, node: etree._Element, name: str | None) -> str | None:
        """A type's name. DMN 1.1 writes qualified names: FEEL's, this model's, or those of an import."""
        if name is None:
            return None
        name = name.strip()
        prefix, colon, local = name.partition(":")
        namespace = node.nsmap.get(prefix) if colon else None
        if namespace is None:
            return local if prefix == "feel" else name
        if namespace in FEEL_NAMESPACES or namespace == self.own:
            return local
        return f"{self.imported[namespace]}.{local}" if namespace in self.imported else name

    def _variable(self, node: etree._Element | None) -> m.Variable | None:
        if node is None:
            return None
        fields = self._element(node, {"name", "typeRef"}, set())
        return m.Variable(**fields, name=node.get("name") or "", type=self._type(node, node.get("typeRef")))

    def _tests(self, node: etree._Element | None) -> m.UnaryTests | None:
        if node is None:
            return None
        fields = self._element(node, {"expressionLanguage"}, {"text"})
        text = self._text_of(node, "text")
        return m.UnaryTests(**fields, text=text or "", language=node.get("expressionLanguage"))

    def _hrefs(self, node: etree._Element, name: str) -> tuple[str, ...]:
        return tuple(self._needed(child, "href") for child in self._all(node, name))

    # -- the model -------------------------------------------------------------------------------------------

    def model(self, root: etree._Element) -> m.Model:
        self.own = self._needed(root, "namespace")
        imports = tuple(self._import(child) for child in self._all(root, "import"))
        self.imported = {one.namespace: one.name for one in imports}
        nodes = tuple(_NODES[name](self, child) for name, child in self._children(root) if name in _NODES)
        ids: set[str] = set()
        for node in nodes:
            if node.id is not None and node.id in ids:
                raise ModelFault(f"The id {node.id!r} of {node.name!r} is given twice.", node.line)
            ids.add(node.id or "")
        fields = self._element(root, {"name", "namespace"}, {"import", "itemDefinition", *_NODES})
        return m.Model(
            **fields,
            name=root.get("name") or "",
            namespace=self.own,
            version=VERSION[self.namespace],
            imports=imports,
            items=tuple(self._item(child) for child in self._all(root, "itemDefinition")),
            nodes=nodes,
            prefixes=tuple(sorted((prefix or "", uri) for prefix, uri in root.nsmap.items())),
        )

    def _import(self, node: etree._Element) -> m.Import:
        return m.Import(
            **self._element(node, {"name", "namespace", "locationURI", "importType"}, set()),
            name=node.get("name") or "",
            namespace=self._needed(node, "namespace"),
            location=node.get("locationURI"),
            kind=node.get("importType") or "",
        )

    def _item(self, node: etree._Element) -> m.ItemDefinition:
        children = {"typeRef", "itemComponent", "allowedValues", "typeConstraint", "functionItem"}
        type_ref = self._child(node, "typeRef")
        return m.ItemDefinition(
            **self._element(node, {"name", "isCollection"}, children),
            name=self._needed(node, "name"),
            type=None if type_ref is None else self._type(type_ref, type_ref.text or ""),
            components=tuple(self._item(child) for child in self._all(node, "itemComponent")),
            collection=node.get("isCollection") in ("true", "1"),
            allowed=self._tests(self._child(node, "allowedValues")),
            constraint=self._tests(self._child(node, "typeConstraint")),
            function=self._function_item(self._child(node, "functionItem")),
        )

    def _function_item(self, node: etree._Element | None) -> m.FunctionItem | None:
        if node is None:
            return None
        parameters = (self._variable(child) for child in self._all(node, "parameters"))
        return m.FunctionItem(
            **self._element(node, {"outputTypeRef"}, {"parameters"}),
            output=self._type(node, node.get("outputTypeRef")),
            parameters=tuple(parameter for parameter in parameters if parameter),
        )

    def _decision(self, node: etree._Element) -> m.Decision:
        children = {"question", "allowedAnswers", "variable", *_REQUIREMENTS, *_EXPRESSIONS}
        return m.Decision(
            **self._element(node, {"name"}, children),
            name=self._needed(node, "name"),
            question=self._text_of(node, "question"),
            answers=self._text_of(node, "allowedAnswers"),
            variable=self._variable(self._child(node, "variable")),
            requirements=self._requirements(node),
            logic=self._expression(node),
        )

    def _requirements(self, node: etree._Element) -> tuple[m.Requirement, ...]:
        found = []
        for name, child in self._children(node):
            for target, kind in _REQUIREMENTS.get(name, {}).items():
                required = self._child(child, target)
                if required is not None:
                    href = self._needed(required, "href")
                    found.append(m.Requirement(**self._element(child, set(), {target}), kind=kind, href=href))
                    break
            else:
                if name in _REQUIREMENTS:
                    raise ModelFault(f"<{name}> says not what it requires.", line_of(child))
        return tuple(found)

    def _input_data(self, node: etree._Element) -> m.InputData:
        variable = self._variable(self._child(node, "variable"))
        fields = self._element(node, {"name"}, {"variable"})
        return m.InputData(**fields, name=self._needed(node, "name"), variable=variable)

    def _knowledge_model(self, node: etree._Element) -> m.KnowledgeModel:
        logic = self._child(node, "encapsulatedLogic")
        return m.KnowledgeModel(
            **self._element(node, {"name"}, {"variable", "knowledgeRequirement", "encapsulatedLogic"}),
            name=self._needed(node, "name"),
            variable=self._variable(self._child(node, "variable")),
            requirements=self._requirements(node),
            logic=None if logic is None else self._function(logic),
        )

    def _service(self, node: etree._Element) -> m.DecisionService:
        children = {"variable", "outputDecision", "encapsulatedDecision", "inputDecision", "inputData"}
        return m.DecisionService(
            **self._element(node, {"name"}, children),
            name=self._needed(node, "name"),
            variable=self._variable(self._child(node, "variable")),
            outputs=self._hrefs(node, "outputDecision"),
            encapsulated=self._hrefs(node, "encapsulatedDecision"),
            input_decisions=self._hrefs(node, "inputDecision"),
            input_data=self._hrefs(node, "inputData"),
        )

    # -- boxed expressions -----------------------------------------------------------------------------------

    def _expression(self, node: etree._Element) -> m.Expression | None:
        """The expression right below an element."""
        found = self._expressions(node)
        if len(found) > 1:
            raise ModelFault(f"<{local_name(node)}> holds more than one expression.", line_of(node))
        return found[0] if found else None

    def _expressions(self, node: etree._Element) -> list[m.Expression]:
        return [_EXPRESSIONS[name](self, child) for name, child in self._children(node) if name in _EXPRESSIONS]

    def _boxed(self, node: etree._Element, attributes: set[str], children: set[str]) -> dict[str, Any]:
        fields = self._element(node, attributes | {"typeRef"}, children)
        return {**fields, "type": self._type(node, node.get("typeRef"))}

    def _inside(self, node: etree._Element, name: str) -> m.Expression | None:
        child = self._child(node, name)
        return None if child is None else self._expression(child)

    def _literal(self, node: etree._Element) -> m.LiteralExpression:
        return m.LiteralExpression(
            **self._boxed(node, {"expressionLanguage"}, {"text"}),
            text=self._text_of(node, "text") or "",
            language=node.get("expressionLanguage"),
        )

    def _context(self, node: etree._Element) -> m.BoxedContext:
        entries = tuple(
            m.ContextEntry(
                **self._element(child, set(), {"variable", *_EXPRESSIONS}),
                variable=self._variable(self._child(child, "variable")),
                value=self._expression(child),
            )
            for child in self._all(node, "contextEntry")
        )
        return m.BoxedContext(**self._boxed(node, set(), {"contextEntry"}), entries=entries)

    def _list(self, node: etree._Element) -> m.BoxedList:
        return m.BoxedList(**self._boxed(node, set(), set(_EXPRESSIONS)), items=tuple(self._expressions(node)))

    def _relation(self, node: etree._Element) -> m.Relation:
        columns = (self._variable(child) for child in self._all(node, "column"))
        rows = []
        for child in self._all(node, "row"):
            cells = tuple(self._expressions(child))
            rows.append(m.Row(**self._element(child, set(), set(_EXPRESSIONS)), cells=cells))
        found = tuple(column for column in columns if column)
        for row in rows:
            if len(row.cells) != len(found):
                raise ModelFault(f"The row has {len(row.cells)} cells for {len(found)} columns.", row.line)
        return m.Relation(**self._boxed(node, set(), {"column", "row"}), columns=found, rows=tuple(rows))

    def _invocation(self, node: etree._Element) -> m.Invocation:
        return m.Invocation(
            **self._boxed(node, set(), {"binding", *_EXPRESSIONS}),
            called=self._expression(node),
            bindings=tuple(self._binding(child) for child in self._all(node, "binding")),
        )

    def _binding(self, node: etree._Element) -> m.Binding:
        parameter = self._variable(self._child(node, "parameter"))
        if parameter is None:
            raise ModelFault("<binding> has no <parameter>. Name the parameter that it binds.", line_of(node))
        fields = self._element(node, set(), {"parameter", *_EXPRESSIONS})
        return m.Binding(**fields, parameter=parameter, value=self._expression(node))

    def _function(self, node: etree._Element) -> m.FunctionDefinition:
        parameters = (self._variable(child) for child in self._all(node, "formalParameter"))
        return m.FunctionDefinition(
            **self._boxed(node, {"kind"}, {"formalParameter", *_EXPRESSIONS}),
            parameters=tuple(parameter for parameter in parameters if parameter),
            body=self._expression(node),
            kind=(node.get("kind") or "FEEL").rpartition(":")[2],
        )

    def _conditional(self, node: etree._Element) -> m.Conditional:
        return m.Conditional(
            **self._boxed(node, set(), {"if", "then", "else"}),
            condition=self._inside(node, "if"),
            then=self._inside(node, "then"),
            otherwise=self._inside(node, "else"),
        )

    def _filter(self, node: etree._Element) -> m.BoxedFilter:
        fields = self._boxed(node, set(), {"in", "match"})
        return m.BoxedFilter(**fields, source=self._inside(node, "in"), match=self._inside(node, "match"))

    def _iteration(self, node: etree._Element) -> m.Iteration:
        word = local_name(node)
        body = "return" if word == "for" else "satisfies"
        return m.Iteration(
            **self._boxed(node, {"iteratorVariable"}, {"in", body}),
            word=word,
            variable=self._needed(node, "iteratorVariable"),
            source=self._inside(node, "in"),
            body=self._inside(node, body),
        )

    # -- decision tables -------------------------------------------------------------------------------------

    def _table(self, node: etree._Element) -> m.DecisionTable:
        table = m.DecisionTable(
            **self._boxed(node, _TABLE, {"input", "output", "annotation", "rule"}),
            hit_policy=(node.get("hitPolicy") or "UNIQUE").upper(),
            aggregation=node.get("aggregation"),
            orientation=node.get("preferredOrientation"),
            output_label=node.get("outputLabel"),
            inputs=tuple(self._input(child) for child in self._all(node, "input")),
            outputs=tuple(self._output(child) for child in self._all(node, "output")),
            rules=tuple(self._rule(child) for child in self._all(node, "rule")),
            annotations=tuple(child.get("name") or "" for child in self._all(node, "annotation")),
        )
        for rule in table.rules:
            wanted, got = (len(table.inputs), len(table.outputs)), (len(rule.tests), len(rule.outputs))
            if wanted != got:
                raise ModelFault(
                    f"The rule has {got[0]} input and {got[1]} output entries; the table has {wanted[0]} inputs and"
                    f" {wanted[1]} outputs.",
                    rule.line,
                )
        return table

    def _input(self, node: etree._Element) -> m.InputClause:
        expression = self._child(node, "inputExpression")
        fields = self._element(node, set(), {"inputExpression", "inputValues"})
        label = node.get("label") or ""
        read = m.LiteralExpression(text=label, line=line_of(node))
        if expression is not None:
            read = self._literal(expression)
        return m.InputClause(**fields, expression=read, allowed=self._tests(self._child(node, "inputValues")))

    def _output(self, node: etree._Element) -> m.OutputClause:
        default = self._child(node, "defaultOutputEntry")
        return m.OutputClause(
            **self._element(node, {"name", "typeRef"}, {"outputValues", "defaultOutputEntry"}),
            name=node.get("name"),
            type=self._type(node, node.get("typeRef")),
            allowed=self._tests(self._child(node, "outputValues")),
            default=None if default is None else self._literal(default),
        )

    def _rule(self, node: etree._Element) -> m.Rule:
        tests = (self._tests(child) for child in self._all(node, "inputEntry"))
        return m.Rule(
            **self._element(node, set(), {"inputEntry", "outputEntry", "annotationEntry"}),
            tests=tuple(one for one in tests if one),
            outputs=tuple(self._literal(child) for child in self._all(node, "outputEntry")),
            annotations=tuple(self._text_of(child, "text") or "" for child in self._all(node, "annotationEntry")),
        )


_TABLE = {"hitPolicy", "aggregation", "preferredOrientation", "outputLabel"}
_REQUIREMENTS = {
    "informationRequirement": {"requiredInput": "input", "requiredDecision": "decision"},
    "knowledgeRequirement": {"requiredKnowledge": "knowledge"},
}
_NODES: dict[str, Callable[[_Reader, etree._Element], m.Node]] = {
    "decision": _Reader._decision,
    "inputData": _Reader._input_data,
    "businessKnowledgeModel": _Reader._knowledge_model,
    "decisionService": _Reader._service,
}
_EXPRESSIONS: dict[str, Callable[[_Reader, etree._Element], m.Expression]] = {
    "literalExpression": _Reader._literal,
    "context": _Reader._context,
    "list": _Reader._list,
    "relation": _Reader._relation,
    "invocation": _Reader._invocation,
    "functionDefinition": _Reader._function,
    "conditional": _Reader._conditional,
    "filter": _Reader._filter,
    "for": _Reader._iteration,
    "some": _Reader._iteration,
    "every": _Reader._iteration,
    "decisionTable": _Reader._table,
}


def _as_written(node: etree._Element) -> str:
    """An element as text that stands by itself: exclusive canonical XML."""
    return etree.tostring(node, method="c14n", exclusive=True, with_comments=True, with_tail=False).decode()
