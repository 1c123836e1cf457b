"""The calls of Unified EL that FEEL can say: of Java's texts, lists and maps, of dates, of JSON, and of the context
that engines give (`execution`, `vars:`).
"""

import re
from collections.abc import Callable
from typing import Protocol

from caseloom.engine.feel.strings import quoted
from caseloom.interchange.juel import Call, Constant, Index, Member, Name, Node, Number, Unary

BLOCK, OR, AND, COMPARISON, SUM, PRODUCT, NEGATION, POSTFIX = range(8)
"""How strongly FEEL's operators bind, from the weakest."""

Feel = tuple[str, int]
"""FEEL text and how strongly it binds."""


class Translator(Protocol):
    """What a call needs to say its parts."""

    notes: list[str]

    def value(self, node: Node) -> str: ...

    def operand(self, node: Node, at_least: int) -> str: ...

    def variable(self, name: str) -> str: ...


Form = Callable[[Translator, list[Node]], Feel | None]

RENAMED = {
    "nrOfInstances": "numberOfInstances",
    "nrOfActiveInstances": "numberOfActiveInstances",
    "nrOfCompletedInstances": "numberOfCompletedInstances",
}
"""The multi-instance variables of Camunda and Flowable, and BPMN's own (§10.3.8)."""

_CONTEXT = {
    "processBusinessKey": "businessKey",
    "businessKey": "businessKey",
    "processInstanceBusinessKey": "businessKey",
    "processInstanceId": "processInstanceId",
    "rootProcessInstanceId": "processInstanceId",
    "id": "executionId",
    "currentActivityId": "currentActivityId",
    "tenantId": "tenantId",
}


def context_variable(node: Node) -> str | None:
    """The variable that something of the engine's context means: `execution.getVariable('x')` is `x`."""
    match node:
        case Member(base=Name(name="execution" | "task"), name=name):
            return _CONTEXT.get(name)
        case Call(base=Name(name="execution" | "task"), name=name, arguments=()):
            return _CONTEXT.get(name[3:4].lower() + name[4:]) if name.startswith("get") else None
        case Call(
            base=Name(name="execution" | "task"),
            name="getVariable" | "getVariableLocal",
            arguments=(Constant(value=str() as wanted),),
        ):
            return wanted
        case Call(base=None, name=name, arguments=(given, *rest)) if name in _GETS and not rest:
            return _variable_given(given)
        case Call(base=None, name="currentUser", arguments=()):
            return "currentUser"
        case Call(base=None, name="currentUserGroups", arguments=()):
            return "currentUserGroups"
    return None


def is_of_context(node: Node) -> bool:
    """Whether a part belongs to what only another engine has: its `execution`."""
    match node:
        case Name(name="execution"):
            return True
        case Member(base=base) | Index(base=base) | Call(base=Node() as base):
            return is_of_context(base)
    return False


_GETS = {"var:get", "vars:get", "variables:get"}


def _variable_given(node: Node) -> str | None:
    match node:
        case Constant(value=str() as name):
            return name
        case Name(name=name):
            return name
    return None


def spoken(node: Node) -> str:
    """A part as a reader knows it again: `bean.method(...)`."""
    match node:
        case Name(name=name):
            return name
        case Member(base=base, name=name):
            return f"{spoken(base)}.{name}"
        case Index(base=base):
            return f"{spoken(base)}[...]"
        case Call(base=base, name=name, arguments=arguments):
            inside = "..." if arguments else ""
            return f"{name}({inside})" if base is None else f"{spoken(base)}.{name}({inside})"
        case Constant(value=value):
            return repr(value)
        case Number(text=text):
            return text
    return "(...)"


# -- how calls are written -------------------------------------------------------------------------------------


def _call(name: str) -> Form:
    def form(work: Translator, parts: list[Node]) -> Feel:
        return f"{name}({', '.join(work.value(part) for part in parts)})", POSTFIX

    return form


def _compared(sign: str, around: str = "{}") -> Form:
    def form(work: Translator, parts: list[Node]) -> Feel:
        if around == "{}":
            left, right = (work.operand(part, SUM) for part in parts)
        else:
            left, right = (around.format(work.value(part)) for part in parts)
        return f"{left} {sign} {right}", COMPARISON

    return form


def _same(work: Translator, parts: list[Node]) -> Feel:
    """A call that changes nothing that FEEL sees."""
    return f"({work.value(parts[0])})" if not isinstance(parts[0], Name | Call) else work.value(parts[0]), POSTFIX


def _is_empty(work: Translator, parts: list[Node]) -> Feel:
    return f'list contains(["", [], {{}}], {work.value(parts[0])})', POSTFIX


def _contains(work: Translator, parts: list[Node]) -> Feel:
    """Of a text, or of a list."""
    whole, part = (work.value(part) for part in parts)
    return f"if {whole} instance of string then contains({whole}, {part}) else list contains({whole}, {part})", BLOCK


def _matches(work: Translator, parts: list[Node]) -> Feel | None:
    match parts:
        case [text, Constant(value=str() as pattern)]:
            work.notes.append("The pattern is read as one of XPath's, FEEL's language of patterns.")
            return f"matches({work.value(text)}, {quoted(f'^({pattern})$')})", POSTFIX
    return None


def _substring(work: Translator, parts: list[Node]) -> Feel | None:
    """Java counts from 0 up to an end; FEEL from 1 and by length."""
    bounds = [int(part.text) for part in parts[1:] if isinstance(part, Number) and part.text.isdigit()]
    if len(bounds) != len(parts) - 1:
        return None
    text = work.value(parts[0])
    if len(bounds) == 1:
        return f"substring({text}, {bounds[0] + 1})", POSTFIX
    return f"substring({text}, {bounds[0] + 1}, {bounds[1] - bounds[0]})", POSTFIX


def _get(work: Translator, parts: list[Node]) -> Feel | None:
    """A list's `get` counts from 0; a map's takes a text."""
    match parts:
        case [base, Number(text=text)] if text.isdigit():
            return f"{work.operand(base, POSTFIX)}[{int(text) + 1}]", POSTFIX
        case [base, Constant(value=str()) as key]:
            return f"get value({work.value(base)}, {work.value(key)})", POSTFIX
    return None


def _has_key(work: Translator, parts: list[Node]) -> Feel:
    return f"list contains(get entries({work.value(parts[0])}).key, {work.value(parts[1])})", POSTFIX


def _has_variable(work: Translator, parts: list[Node]) -> Feel | None:
    name = _variable_given(parts[-1])
    if name is None:
        return None
    work.notes.append(f"Whether there is a variable {name!r} is asked as whether it is not null.")
    return f"{work.variable(name)} != null", COMPARISON


def _now(work: Translator, parts: list[Node]) -> Feel:
    return "now()", POSTFIX


def _shifted(sign: str, unit: str) -> Form:
    """`plusDays(2)`: a moment and a duration."""

    def form(work: Translator, parts: list[Node]) -> Feel:
        match parts[1]:
            case Number(text=text) if text.isdigit():
                span = f'duration("{unit.format(text)}")'
            case other:
                span = f'duration("{unit.format(1)}") * {work.operand(other, NEGATION)}'
        return f"{work.operand(parts[0], SUM)} {sign} {span}", SUM

    return form


_UNITS = {
    "Years": "P{}Y",
    "Months": "P{}M",
    "Days": "P{}D",
    "Hours": "PT{}H",
    "Minutes": "PT{}M",
    "Seconds": "PT{}S",
}


def _week_as_days(sign: str) -> Form:
    """FEEL's durations have no weeks."""

    def form(work: Translator, parts: list[Node]) -> Feel:
        match parts[1]:
            case Number(text=text) if text.isdigit():
                return f'{work.operand(parts[0], SUM)} {sign} duration("P{int(text) * 7}D")', SUM
            case other:
                span = f'duration("P7D") * {work.operand(other, NEGATION)}'
                return f"{work.operand(parts[0], SUM)} {sign} {span}", SUM

    return form


def _property(work: Translator, parts: list[Node]) -> Feel | None:
    """`json.prop("name")`."""
    if not (isinstance(parts[1], Constant) and isinstance(parts[1].value, str)):
        return None
    return work.value(Member(parts[0], parts[1].value)), POSTFIX


def _has_property(work: Translator, parts: list[Node]) -> Feel | None:
    written = _property(work, parts)
    return None if written is None else (f"{written[0]} != null", COMPARISON)


def _json_path(work: Translator, parts: list[Node]) -> Feel | None:
    """`json.jsonPath("$.customer.name")`: only such plain paths."""
    match parts:
        case [base, Constant(value=str() as path)] if re.fullmatch(r"\$(\.[^\W\d]\w*)+", path):
            node = base
            for name in path.split(".")[1:]:
                node = Member(node, name)
            return work.value(node), POSTFIX
    return None


def _asked(sign: str) -> Form:
    """Flowable's `vars:eq(name, value)`."""

    def form(work: Translator, parts: list[Node]) -> Feel | None:
        name = _variable_given(parts[0])
        return None if name is None else (f"{work.variable(name)} {sign} {work.operand(parts[1], SUM)}", COMPARISON)

    return form


def _asked_empty(work: Translator, parts: list[Node]) -> Feel | None:
    name = _variable_given(parts[0])
    return None if name is None else (work.value(Unary("empty", Name(name))), POSTFIX)


def _asked_filled(work: Translator, parts: list[Node]) -> Feel | None:
    name = _variable_given(parts[0])
    return None if name is None else (work.value(Unary("!", Unary("empty", Name(name)))), POSTFIX)


METHODS: dict[tuple[str, int], Form] = {
    ("equals", 1): _compared("="),
    ("equalsIgnoreCase", 1): _compared("=", "lower case({})"),
    ("size", 0): _call("count"),
    ("length", 0): _call("string length"),
    ("isEmpty", 0): _is_empty,
    ("contains", 1): _contains,
    ("containsKey", 1): _has_key,
    ("startsWith", 1): _call("starts with"),
    ("endsWith", 1): _call("ends with"),
    ("matches", 1): _matches,
    ("substring", 1): _substring,
    ("substring", 2): _substring,
    ("toLowerCase", 0): _call("lower case"),
    ("toUpperCase", 0): _call("upper case"),
    ("toString", 0): _call("string"),
    ("get", 1): _get,
    ("hasVariable", 1): _has_variable,
    ("hasVariableLocal", 1): _has_variable,
    **{(name, 0): _same for name in ("toDate", "intValue", "longValue", "doubleValue", "booleanValue")},
    **{(name, 0): _same for name in ("value", "stringValue", "numberValue", "boolValue", "elements")},
    ("prop", 1): _property,
    ("hasProp", 1): _has_property,
    ("jsonPath", 1): _json_path,
    **{(f"plus{name}", 1): _shifted("+", unit) for name, unit in _UNITS.items()},
    **{(f"minus{name}", 1): _shifted("-", unit) for name, unit in _UNITS.items()},
    ("plusWeeks", 1): _week_as_days("+"),
    ("minusWeeks", 1): _week_as_days("-"),
}
"""Methods by name and number of arguments; the parts begin with what the method is called on."""

_FLOWABLE: dict[str, Form] = {
    "eq": _asked("="),
    "equals": _asked("="),
    "ne": _asked("!="),
    "notEquals": _asked("!="),
    "lt": _asked("<"),
    "lte": _asked("<="),
    "gt": _asked(">"),
    "gte": _asked(">="),
}

FUNCTIONS: dict[tuple[str, int], Form] = {
    ("now", 0): _now,
    ("dateTime", 0): _now,
    ("S", 1): _same,
    ("JSON", 1): _same,
    **{(f"{prefix}:{name}", 2): form for prefix in ("var", "vars", "variables") for name, form in _FLOWABLE.items()},
    **{(f"{prefix}:exists", 1): _has_variable for prefix in ("var", "vars", "variables")},
    **{(f"{prefix}:isEmpty", 1): _asked_empty for prefix in ("var", "vars", "variables")},
    **{(f"{prefix}:isNotEmpty", 1): _asked_filled for prefix in ("var", "vars", "variables")},
}
"""Functions without a base, by name and number of arguments."""
