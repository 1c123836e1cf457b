"""Types that item definitions declare, with their allowed values (DMN 1.5 §7.3.2, §10.3.2.9)."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from caseloom.engine.decision import model as m
from caseloom.engine.decision.boxed import Finding, type_named
from caseloom.engine.feel import FeelSyntaxError, Tests, Value, compile_tests, tree
from caseloom.engine.feel.faults import NoValue
from caseloom.engine.feel.types import ANY, Check, NamedType, checker, member_checker


class ItemType:
    """One item definition as a type."""

    def __init__(self, item: m.ItemDefinition, types: "ItemTypes") -> None:
        self.item = item
        self.types = types
        self._allowed = _tests(item.allowed)
        self._constraint = _tests(item.constraint)

    @cached_property
    def components(self) -> dict[str, "ItemType"]:
        return {component.name: ItemType(component, self.types) for component in self.item.components}

    @cached_property
    def structure(self) -> tree.Type:
        """What it is made of."""
        return tree.MemberType("list", self._base) if self.item.collection else self._base

    @cached_property
    def _base(self) -> tree.Type:
        if self.item.function is not None:
            types = tuple(type_named(parameter.type) or ANY for parameter in self.item.function.parameters)
            return tree.FunctionType(types, type_named(self.item.function.output) or ANY)
        if self.item.components:
            return tree.ContextType(tuple((name, part.structure) for name, part in self.components.items()))
        return type_named(self.item.type) or ANY

    @cached_property
    def _takes_base(self) -> Check:
        if self.item.components:
            return self._takes_context
        return member_checker(self._base, self.types)

    def _takes_context(self, value: Value) -> bool:
        return isinstance(value, Mapping) and all(
            name in value and (value[name] is None or part.takes(value[name])) for name, part in self.components.items()
        )

    def takes(self, value: Value) -> bool:
        """Whether a value is of the type and, with all its members, allowed."""
        if self.item.collection:
            if not isinstance(value, list | tuple) or not all(map(self._takes_member, value)):
                return False
        elif not self._takes_member(value):
            return False
        return self._constraint is None or self._constraint.evaluate({}, value) is True

    def is_instance(self, value: Value) -> bool:
        """Whether a value is made as the type is, whatever values it allows."""
        return self._is_instance(value)

    @cached_property
    def _is_instance(self) -> Check:
        return checker(self.structure, self.types, instances=True)

    def _takes_member(self, value: Value) -> bool:
        if not self._takes_base(value):
            return False
        return self._allowed is None or value is None or self._allowed.evaluate({}, value) is True


class ItemTypes(Mapping[str, NamedType]):
    """The types of a model by name, those of its imports as `import.name`."""

    def __init__(self, items: Iterable[m.ItemDefinition], imported: Mapping[str, "ItemTypes"]) -> None:
        self._own = {item.name: ItemType(item, self) for item in items}
        self._imported = imported

    def __getitem__(self, name: str) -> ItemType:
        found = self._find(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    def _find(self, name: str) -> ItemType | None:
        found = self._own.get(name)
        if found is not None:
            return found
        for prefix, types in self._imported.items():
            if not prefix and name in types:
                return types[name]
            if prefix and name.startswith(f"{prefix}."):
                return types._find(name[len(prefix) + 1 :])
        return None

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        for prefix, types in self._imported.items():
            yield from (f"{prefix}.{name}" if prefix else name for name in types)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def findings(self) -> Iterator[Finding]:
        """What is wrong with the definitions: types that do not exist, tests that cannot be read."""
        for item in self._own.values():
            yield from self._findings(item, f"type {item.item.name!r}")

    def _findings(self, item: ItemType, where: str) -> Iterator[Finding]:
        for tests in (item.item.allowed, item.item.constraint):
            try:
                compile_tests(tests.text if tests else "-")
            except FeelSyntaxError as why:
                yield Finding(where, str(why), item.item.line)
        try:
            member_checker(item._base, self)
        except (NoValue, FeelSyntaxError) as why:
            yield Finding(where, str(why), item.item.line)
        for name, part in item.components.items():
            yield from self._findings(part, f"{where}, component {name!r}")

    def component_names(self) -> Iterator[str]:
        """The names of all components, however deep."""
        for item in self._own.values():
            yield from _names_in(item.item)
        for types in self._imported.values():
            yield from types.component_names()


def _names_in(item: m.ItemDefinition) -> Iterator[str]:
    for component in item.components:
        yield component.name
        yield from _names_in(component)


def _tests(tests: m.UnaryTests | None) -> Tests | None:
    if tests is None or not tests.text.strip():
        return None
    try:
        return compile_tests(tests.text)
    except FeelSyntaxError:
        return None
