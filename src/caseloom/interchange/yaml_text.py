"""Service goals and house rules as YAML: read with the line of each fault, published as a JSON Schema.

The text is checked part by part against the types of `engine.spec.service_goal`, so that all its faults are told at
once, each with line, column and advice.
"""

import difflib
import types
import typing
from functools import lru_cache
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
import yaml

from caseloom.engine.rules.fault import Fault, Path
from caseloom.engine.spec.service_goal import HouseRules, ServiceGoal, Spec

B = TypeVar("B", ServiceGoal, HouseRules)
LONGEST: Final = 1_000_000
DEEPEST: Final = 20
SAFE_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""It makes plain values and nothing else; in C where there is one."""


class Place(msgspec.Struct, frozen=True):
    """A fault with its place in the text; lines and columns count from 1."""

    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.path + ': ' if self.path else ''}{self.message}"


class TextFaulty(Exception):
    """A definition's text that cannot be used; `places` tells every fault."""

    def __init__(self, places: tuple[Place, ...]) -> None:
        super().__init__("\n".join(map(str, places)))
        self.places = places


class Text:
    """A YAML text as plain values, with the place of each."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, tuple[int, int]] = {}
        if len(text) > LONGEST:
            raise TextFaulty((Place(1, 1, "", f"the text is longer than {LONGEST:,} characters"),))
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            message = f"this is no YAML: {error.problem}; check indentation, colons and quotes here"
            raise TextFaulty(
                (Place(mark.line + 1 if mark else 1, mark.column + 1 if mark else 1, "", message),)
            ) from error
        except (yaml.YAMLError, RecursionError) as error:
            raise TextFaulty((Place(1, 1, "", f"this is no YAML: {error}"),)) from error
        self.value: Any = None if node is None else self._plain(node, ())

    def place(self, path: Path, message: str) -> Place:
        """The place of a path, or of the nearest part around it that stands in the text."""
        around = path
        while around and around not in self._lines:
            around = around[:-1]
        line, column = self._lines.get(around, (1, 1))
        return Place(line, column, " › ".join(str(part) for part in path), message)

    def _fault(self, node: Any, path: Path, message: str) -> TextFaulty:
        self._lines[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        return TextFaulty((self.place(path, message),))

    def _plain(self, node: yaml.Node, path: Path) -> Any:
        self._lines.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if len(path) > DEEPEST:
            raise self._fault(node, path, "this is nested too deeply, or refers to itself")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(member, (*path, number)) for number, member in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._fault(key_node, path, "a key is a plain word or phrase")
            if key in found:
                raise self._fault(key_node, (*path, key), f"“{key}” stands twice; keep one of them")
            self._lines[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            found[key] = self._plain(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        try:
            value = yaml.SafeLoader("").construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise self._fault(node, path, f"this value cannot be read: {error}") from error
        return value if value is None or isinstance(value, bool | int | float | str) else str(node.value)


@lru_cache(maxsize=16)
def text_of(text: str) -> Text:
    """A text that is read several times while it is checked. What it holds is shared: nobody changes it.

    Raises:
        TextFaulty: it is no YAML.
    """
    return Text(text)


def plain_value(text: str) -> Any:
    """What a YAML text says, without places. Raises `yaml.YAMLError` where it is none."""
    loader = SAFE_LOADER(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def read_service_goal(text: str) -> ServiceGoal:
    """Read a service goal.

    Raises:
        TextFaulty: with every fault of form; references and expressions are checked when it is compiled.
    """
    return _read(text, ServiceGoal)


def read_house_rules(text: str) -> HouseRules:
    """Read house rules. Raises TextFaulty."""
    return _read(text, HouseRules)


def _read(text: str, wanted: type[B]) -> B:
    source = text_of(text)
    faults: list[Fault] = []
    _check(source.value, wanted, (), faults)
    if not faults:
        try:
            return msgspec.convert(source.value, wanted, strict=False)
        except msgspec.ValidationError as error:
            faults.append(Fault((), str(error)))
    raise TextFaulty(tuple(source.place(fault.path, fault.message) for fault in faults))


def located(text: str, faults: tuple[Fault, ...]) -> tuple[Place, ...]:
    """Faults that were found later (by the compiler), with their places in the text."""
    source = text_of(text)
    return tuple(source.place(fault.path, fault.message) for fault in faults)


# --- the check by types
# -----------------------------------------------------------------------------------------------------


def _check(value: Any, wanted: Any, path: Path, faults: list[Fault]) -> None:
    wanted = _bare(wanted)
    if isinstance(wanted, type) and issubclass(wanted, Spec):
        _check_struct(value, wanted, path, faults)
    elif get_origin(wanted) is dict:
        _check_dict(value, get_args(wanted), path, faults)
    elif get_origin(wanted) is tuple and not isinstance(value, str):
        _check_list(value, get_args(wanted)[0], path, faults)
    else:
        _check_leaf(value, wanted, path, faults)


def _bare(wanted: Any) -> Any:
    """The type behind `X | None`; constraints of Annotated stay."""
    if get_origin(wanted) in (Union, types.UnionType):
        inner = [part for part in get_args(wanted) if part is not type(None)]
        return inner[0] if len(inner) == 1 else wanted
    return wanted


def _check_struct(value: Any, wanted: type[Spec], path: Path, faults: list[Fault]) -> None:
    if not isinstance(value, dict):
        faults.append(
            Fault(
                path,
                f"here go named parts ({', '.join(wanted.__struct_encode_fields__[:4])} …), each as `name: value`",
            )
        )
        return
    known = dict(zip(wanted.__struct_encode_fields__, wanted.__struct_fields__, strict=True))
    hints = get_type_hints(wanted, include_extras=True)
    for name, part in value.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            advice = f"did you mean “{near[0]}”?" if near else f"known are: {', '.join(known)}"
            faults.append(Fault((*path, name), f"“{name}” is not known here; {advice}"))
        elif part is not None:
            _check(part, hints[known[name]], (*path, name), faults)
    for field in msgspec.structs.fields(wanted):
        if field.required and value.get(field.encode_name) is None:
            faults.append(Fault(path, f"“{field.encode_name}” is missing"))


def _check_dict(value: Any, wanted: tuple[Any, ...], path: Path, faults: list[Fault]) -> None:
    if not isinstance(value, dict):
        faults.append(Fault(path, "here go named entries, each as `name: …`"))
        return
    for name, part in value.items():
        _check_leaf(name, wanted[0], (*path, name), faults)
        _check({} if part is None else part, wanted[1], (*path, name), faults)


def _check_list(value: Any, wanted: Any, path: Path, faults: list[Fault]) -> None:
    if not isinstance(value, list):
        faults.append(Fault(path, "here goes a list: `[one, two]`, or a line with a dash for each"))
        return
    for number, part in enumerate(value):
        _check(part, wanted, (*path, number), faults)


_PLAIN_WORDS: Final = {
    "str": "a text",
    "int": "a whole number",
    "bool": "true or false",
    "array": "a list",
    "object": "named parts",
}


def _check_leaf(value: Any, wanted: Any, path: Path, faults: list[Fault]) -> None:
    try:
        msgspec.convert(value, wanted, strict=False)
    except msgspec.ValidationError as error:
        faults.append(Fault(path, _advice(value, wanted, str(error))))


def _advice(value: Any, wanted: Any, message: str) -> str:
    plain = wanted.__origin__ if hasattr(wanted, "__metadata__") else wanted
    if get_origin(plain) is typing.Literal:
        choices = [str(choice) for choice in get_args(plain)]
        near = difflib.get_close_matches(str(value), choices, n=1)
        return f"“{value}” is not possible here; " + (
            f"did you mean “{near[0]}”?" if near else f"one of: {', '.join(choices)}"
        )
    if "regex" in message and "business" in message:
        return f"“{value}” is no length of time; write it like “4 business hours” or “2 days”"
    if "regex" in message:
        return f"“{value}” has a character that a key may not have (: . [ ] {{ }} #)"
    expected = message.removeprefix("Expected ").split(",")[0].strip("`")
    if expected == "str" and isinstance(value, bool | int | float):
        return f"here goes a text; put “{str(value).lower()}” in quotes"
    return f"“{str(value)[:60]}” does not fit; expected is {_PLAIN_WORDS.get(expected, expected)}"


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a service goal and of house rules, made from the types."""
    schemas, parts = msgspec.json.schema_components((ServiceGoal, HouseRules), ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Caseloom service goal or house rules",
        "oneOf": list(schemas),
        "$defs": parts,
    }
