"""Decision models ready to evaluate: the graph of requirements as closures (DMN 1.5 §6 and §10.4).

A decision sees what it requires and nothing else. What it requires is evaluated when it is first read, once in a run.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from caseloom.engine.decision import model as m
from caseloom.engine.decision.boxed import Coerced, Finding, Names, Translator
from caseloom.engine.decision.closures import BUILDERS
from caseloom.engine.decision.run import Compiled, Getter, Key, Run
from caseloom.engine.decision.types import ItemTypes
from caseloom.engine.feel import FunctionValue, Note, Value, tree
from caseloom.engine.feel.env import Code, Env, Root
from caseloom.engine.feel.expression import fault_of
from caseloom.engine.feel.faults import Faulted, NoValue, Source
from caseloom.engine.feel.static import Static
from caseloom.engine.feel.tokens import is_plain
from caseloom.engine.feel.types import Check, checker, coerced

BUDGET = 1_000_000


class DecisionModel:
    """A model with those that it imports, compiled. `findings` are what is wrong with it."""

    def __init__(self, model: m.Model, imported: Mapping[str, "DecisionModel"]) -> None:
        self.model = model
        self.imported = imported
        names = {one.name: imported[one.namespace] for one in model.imports if one.namespace in imported}
        self.types: ItemTypes = ItemTypes(model.items, {name: other.types for name, other in names.items()})
        self.findings: list[Finding] = [
            Finding(f"import {one.name!r}", f"There is no model with the namespace {one.namespace!r}.", one.line)
            for one in model.imports
            if "DMN" in one.kind and one.namespace not in imported
        ]
        self.findings += self.types.findings()
        self.nodes: dict[str, Compiled] = {}
        for node in model.nodes:
            found = self._prepared(node)
            self.nodes[found.key[1]] = found
        for compiled in self.nodes.values():
            self._compile(compiled)
        self._refuse_circles()
        self._keys = self._keys_by_name()
        self._ready: dict[str, Compiled] = {}

    def _prepared(self, node: m.Node) -> Compiled:
        name = node.variable.name if node.variable and node.variable.name else node.name
        where = f"{_WORDS[type(node)]} {node.name!r}"
        compiled = Compiled(node, (self.model.namespace, node.id or node.name), name, Source("", where), of=self)
        declared = node.variable.type if node.variable else None
        type_ = Translator(where, self.findings).type(declared, where, node.line)
        if type_ is not None:
            compiled.check = self._check(_result_type(node, type_, self.types), where, node.line)
        return compiled

    def _check(self, type_: tree.Type | None, where: str, line: int) -> Check | None:
        if type_ is None or type_ == tree.SimpleType("Any"):
            return None
        try:
            return checker(type_, self.types)
        except NoValue as why:
            self.findings.append(Finding(where, str(why), line))
            return lambda value: False

    # -- what an element requires ----------------------------------------------------------------------------

    def find(self, href: str) -> Compiled | None:
        """The element of a reference such as `#id` or `namespace#id`, here or in an import."""
        namespace, _, id_ = href.rpartition("#")
        if not namespace or namespace == self.model.namespace:
            return self.nodes.get(id_)
        other = self.imported.get(namespace)
        return other.nodes.get(id_) if other else None

    def required(self, compiled: Compiled) -> Iterator[Compiled]:
        """The elements that one requires; what cannot be found is a finding."""
        for requirement in getattr(compiled.node, "requirements", ()):
            found = self.find(requirement.href)
            if found is None:
                message = f"It requires {requirement.href!r}, which is not there."
                self.findings.append(Finding(compiled.where, message, requirement.line))
            else:
                yield found

    def _compile(self, compiled: Compiled) -> None:
        members: dict[str, dict[str, Getter]] = {}
        required = list(self.required(compiled))
        if isinstance(compiled.node, m.KnowledgeModel):
            # A function may call itself, required or not.
            compiled.getters[compiled.name] = compiled.value
        for one in required:
            prefix = self._prefix(one)
            if prefix:
                members.setdefault(prefix, {})[one.name] = one.value
            else:
                compiled.getters[one.name] = one.value
        for prefix, getters in members.items():
            compiled.getters[prefix] = _context_of(getters)
        names = self._names(compiled, members)
        if isinstance(compiled.node, m.DecisionService):
            compiled.code = self._service(compiled, compiled.node)
        elif not isinstance(compiled.node, m.InputData):
            self._compile_logic(compiled, compiled.node, names)

    def _prefix(self, one: Compiled) -> str:
        """The name of the import that an element comes by."""
        if one.key[0] == self.model.namespace:
            return ""
        return next((i.name for i in self.model.imports if i.namespace == one.key[0]), "")

    def _names(self, compiled: Compiled, members: Mapping[str, Mapping[str, Getter]]) -> Names:
        """The names that its texts may hold; of members, those that need to be known to be read."""
        inner = [name for getters in members.values() for name in getters]
        spelled = [name for name in (*inner, *self.types.component_names()) if not is_plain(name)]
        types = [name for name in self.types if not is_plain(name)]
        return frozenset((*compiled.getters, *spelled, *types))

    def _compile_logic(self, compiled: Compiled, node: m.Decision | m.KnowledgeModel, names: Names) -> None:
        translator = Translator(compiled.where, self.findings)
        if node.logic is None:
            compiled.code = _no_logic
            return
        found = translator.expression(node.logic, names)
        if isinstance(node, m.KnowledgeModel):
            found = _with_result_check(found, node, self.types, translator)
            compiled.check = None
        compiled.tree = found
        compiled.code = Static(BUILDERS, types=self.types).code(found)

    # -- decision services -----------------------------------------------------------------------------------

    def _service(self, compiled: Compiled, service: m.DecisionService) -> Code:
        parameters = [self.find(href) for href in (*service.input_data, *service.input_decisions)]
        outputs = [self.find(href) for href in service.outputs]
        if None in parameters or None in outputs or not outputs:
            self.findings.append(Finding(compiled.where, "It names an element that is not there.", service.line))
            return lambda env: env.note(0, "The service names an element that is not there.")
        takes, gives = [one for one in parameters if one], [one for one in outputs if one]
        compiled.result, compiled.check = compiled.check, None

        def code(env: Env) -> Value:
            run: Run = env.scope.run  # type: ignore[attr-defined]

            def call(*arguments: Value) -> Value:
                given = {}
                for one, argument in zip(takes, arguments, strict=True):
                    given[one.key] = argument if one.check is None else coerced(argument, one.check)
                result = _served(Run(run.scope, given, run.root), gives)
                return result if compiled.result is None else coerced(result, compiled.result)

            return FunctionValue(tuple(one.name for one in takes), call)

        return code

    # -- evaluation ------------------------------------------------------------------------------------------

    def _refuse_circles(self) -> None:
        """Raises `m.ModelFault` for a decision that requires its own value (§6.3.2)."""
        done: set[Key] = set()
        for start in self.nodes.values():
            self._walk(start, done, ())

    def _walk(self, start: Compiled, done: set[Key], path: tuple[Key, ...]) -> None:
        if start.key in done or start.of is not self:
            return
        if start.key in path:
            raise m.ModelFault(f"The {start.where} requires its own value. Break the circle.", start.node.line)
        for requirement in getattr(start.node, "requirements", ()):
            found = self.find(requirement.href)
            if found is not None and requirement.kind != "knowledge":
                self._walk(found, done, (*path, start.key))
        done.add(start.key)

    def named(self, name: str, *kinds: type[m.Node]) -> Compiled | None:
        """The element of a name (or id), of these kinds."""
        wanted = kinds or (m.Decision, m.DecisionService, m.KnowledgeModel)
        of_kind = [one for one in self.nodes.values() if isinstance(one.node, wanted)]
        by_name = next((one for one in of_kind if name in (one.name, one.node.name)), None)
        return by_name or next((one for one in of_kind if one.node.id == name), None)

    def evaluate(
        self,
        name: str,
        inputs: Mapping[str, Value],
        budget: int = BUDGET,
        notes: list[Note] | None = None,
    ) -> Value:
        """The value of a decision, by name or id. `inputs` go to input data, or decisions, by name.

        As with expressions, null comes with notes, and a `Fault` tells of two currencies or the step bound; `inputs`
        may hold the moment of `now()` under `NOW`. Raises `KeyError` when there is no such decision.
        """
        found = self._ready.get(name)
        if found is None:
            found = self.named(name)
            if found is None:
                raise KeyError(name)
            self._ready[name] = found
        root = Root(found.source, {}, budget, notes)
        try:
            return found.value(Run(inputs, self._given(inputs), root))
        except (Faulted, RecursionError) as why:
            return fault_of(why, root.source)

    def evaluate_service(
        self,
        name: str,
        inputs: Mapping[str, Value],
        budget: int = BUDGET,
        notes: list[Note] | None = None,
    ) -> Value:
        """What a decision service gives: the value of its output decision, or a context of several.

        An input of the wrong type is null. Else as `evaluate`.
        """
        found = self.named(name, m.DecisionService)
        if found is None or not isinstance(found.node, m.DecisionService):
            raise KeyError(name)
        root = Root(found.source, {}, budget, notes)
        hrefs = (*found.node.input_data, *found.node.input_decisions)
        takes = [one for one in map(self.find, hrefs) if one is not None]
        gives = [one for one in map(self.find, found.node.outputs) if one is not None]

        try:
            given = {one.key: one.conforming(inputs.get(one.name), root) for one in takes}
            result = _served(Run(inputs, given, root), gives)
            return result if found.result is None else coerced(result, found.result)
        except NoValue as why:
            return root.note(0, str(why))
        except (Faulted, RecursionError) as why:
            return fault_of(why, root.source)

    def _given(self, inputs: Mapping[str, Value]) -> dict[Key, Value]:
        keys = self._keys
        return {key: value for name, value in inputs.items() if name in keys for key in keys[name]}

    def _keys_by_name(self) -> dict[str, list[Key]]:
        """Which elements, here and in imports, a value given by name goes to."""
        found: dict[str, list[Key]] = {}
        for model in (*self.reachable(), self):
            for one in model.nodes.values():
                if isinstance(one.node, m.InputData | m.Decision):
                    found.setdefault(one.name, []).append(one.key)
        return found

    def reachable(self) -> Iterator["DecisionModel"]:
        """The imported models, those that they import first."""
        for other in self.imported.values():
            yield from other.reachable()
            yield other


_WORDS = {
    m.Decision: "decision",
    m.InputData: "input",
    m.KnowledgeModel: "knowledge model",
    m.DecisionService: "decision service",
}


def _no_logic(env: Env) -> Value:
    return env.note(0, "There is no decision logic.")


def _context_of(getters: dict[str, Getter]) -> Getter:
    return lambda run: {name: getter(run) for name, getter in getters.items()}


def _served(run: Run, outputs: list[Compiled]) -> Value:
    if len(outputs) == 1:
        return outputs[0].value(run)
    return {one.name: one.value(run) for one in outputs}


def _result_type(node: m.Node, type_: tree.Type, types: ItemTypes) -> tree.Type | None:
    """The type of the value. That of a knowledge model or service is a function's; older files give its result."""
    if not isinstance(node, m.KnowledgeModel | m.DecisionService):
        return type_
    structure = type_
    if isinstance(type_, tree.SimpleType) and type_.name in types:
        structure = types[type_.name].structure
    return structure.result if isinstance(structure, tree.FunctionType) else type_


def _with_result_check(found: Any, node: m.KnowledgeModel, types: ItemTypes, translator: Translator) -> Any:
    declared = node.variable.type if node.variable else None
    type_ = translator.type(declared, translator.where, node.line)
    result = None if type_ is None else _result_type(node, type_, types)
    if result is None or not isinstance(found, tree.Function):
        return found
    return tree.Function(found.parameters, Coerced(found.body, result, Source("", translator.where)), found.external)  # type: ignore[arg-type]


def compile_model(model: m.Model, others: Iterable[m.Model] = ()) -> DecisionModel:
    """A model ready to evaluate, with those among `others` that it imports. Raises `m.ModelFault` for circles."""
    by_namespace = {other.namespace: other for other in others}
    done: dict[str, DecisionModel] = {}

    def compiled(one: m.Model, path: tuple[str, ...]) -> DecisionModel:
        if one.namespace in path:
            raise m.ModelFault(f"The model {one.name!r} imports itself.", one.line)
        if one.namespace not in done or one is model:
            wanted = {i.namespace for i in one.imports} & by_namespace.keys()
            imported = {name: compiled(by_namespace[name], (*path, one.namespace)) for name in sorted(wanted)}
            done[one.namespace] = DecisionModel(one, imported)
        return done[one.namespace]

    try:
        return compiled(model, ())
    except RecursionError:
        raise m.ModelFault("The model is nested, or its decisions require each other, too deeply.") from None
