"""Test suites of decisions as XML, in the form of the DMN TCK (`testCases.xsd`)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from lxml import etree

from caseloom.engine.decision.suite import Case, Expected
from caseloom.engine.feel import Value
from caseloom.engine.feel.builtins.conversion import read_moment
from caseloom.engine.spec.values import DECIMAL128
from caseloom.interchange.hardened_xml import XmlFaulty, line_of, local_name, parse_xml, text_in

NAMESPACE = "http://www.omg.org/spec/DMN/20160719/testcase"
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


@dataclass(frozen=True, slots=True)
class Suite:
    """The cases of one file; `model` is the name of the file of the model, as it is written."""

    model: str
    cases: tuple[Case, ...]


def read_suite(data: bytes) -> Suite:
    """The suite of a file. Raises `XmlFaulty` for what is no suite; a case with a value that cannot be read says so."""
    root = parse_xml(data)
    if local_name(root) != "testCases":
        raise XmlFaulty(f"<{local_name(root)}> is no <testCases>.", line_of(root))
    name = root.find(f"{{{NAMESPACE}}}modelName")
    model = (name.text or "").strip() if name is not None else ""
    return Suite(model, tuple(_readable(node, number) for number, node in enumerate(_all(root, "testCase"), 1)))


def _all(node: etree._Element, name: str) -> list[etree._Element]:
    return node.findall(f"{{{NAMESPACE}}}{name}")


def _readable(node: etree._Element, number: int) -> Case:
    try:
        return _case(node, number)
    except XmlFaulty as fault:
        return Case(node.get("id") or str(number), {}, (), fault=str(fault))


def _case(node: etree._Element, number: int) -> Case:
    inputs = {child.get("name") or "": _value(child) for child in _all(node, "inputNode")}
    results = []
    for child in _all(node, "resultNode"):
        expected = child.find(f"{{{NAMESPACE}}}expected")
        results.append(Expected(child.get("name") or "", None if expected is None else _value(expected)))
    service = node.get("invocableName") if node.get("type") == "decisionService" else None
    return Case(node.get("id") or str(number), inputs, tuple(results), service)


def _value(node: etree._Element) -> Value:
    """The value that an element holds: a value, a list, or components; nothing is null."""
    if node.get(f"{_XSI}nil") == "true":
        return None
    found = node.find(f"{{{NAMESPACE}}}list")
    if found is not None:
        return None if found.get(f"{_XSI}nil") == "true" else [_value(item) for item in _all(found, "item")]
    components = _all(node, "component")
    if components:
        return {component.get("name") or "": _value(component) for component in components}
    value = node.find(f"{{{NAMESPACE}}}value")
    return None if value is None or value.get(f"{_XSI}nil") == "true" else _simple(value)


def _simple(node: etree._Element) -> Value:
    text = text_in(node)
    declared = node.get(f"{_XSI}type")
    if declared is None:
        return _untyped(text)
    type_ = declared.rpartition(":")[2]
    if type_ == "string":
        return text
    read = _READERS.get(type_)
    found = read(text.strip()) if read else None
    if found is None:
        raise XmlFaulty(f"{text!r} is no value of the type {type_!r}.", line_of(node))
    return found


def _untyped(text: str) -> Value:
    """A number or a truth value where it reads as one, else the text."""
    plain = text.strip()
    if plain in ("true", "false"):
        return plain == "true"
    return DECIMAL128.create_decimal(plain) if _NUMBER.fullmatch(plain) else text


def _number(text: str) -> Value:
    try:
        return DECIMAL128.create_decimal(Decimal(text))
    except InvalidOperation:
        return None


_READERS: dict[str, Callable[[str], Value]] = {
    **dict.fromkeys(("decimal", "double", "float", "integer", "int", "long"), _number),
    "boolean": lambda text: {"true": True, "1": True, "false": False, "0": False}.get(text),
    **dict.fromkeys(("date", "time", "dateTime", "duration", "dayTimeDuration", "yearMonthDuration"), read_moment),
}
