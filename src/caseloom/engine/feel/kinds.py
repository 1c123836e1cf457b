"""The kinds of values of FEEL (DMN 1.5 §10.3.2), and those that no fact has: ranges and functions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from caseloom.engine.feel.faults import Fault
from caseloom.engine.feel.tree import Type
from caseloom.engine.feel.wide import WideDate, WideMoment, WideTime
from caseloom.engine.spec.values import Money, YearsMonths

# What an expression gives: a value of engine.spec.values, a Range, a FunctionValue, or a Fault.
Value: TypeAlias = object


@dataclass(frozen=True, slots=True)
class Range:
    """A range of comparable values; an open end (`start` or `end` is None) has no bound there."""

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FunctionValue:
    """A function literal with what it closed over, or a built-in; `call` takes positional arguments.

    `types` and `result` are what its text says of its types.
    """

    parameters: tuple[str, ...]
    call: Callable[..., Value]
    types: "tuple[Type | None, ...]" = ()
    result: "Type | None" = None


_KINDS: dict[type, str] = {
    str: "string",
    Decimal: "number",
    bool: "boolean",
    date: "date",
    datetime: "date and time",
    time: "time",
    timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    Money: "money",
    list: "list",
    tuple: "list",
    dict: "context",
    WideDate: "date",
    WideTime: "time",
    WideMoment: "date and time",
    Range: "range",
    FunctionValue: "function",
    type(None): "null",
    Fault: "fault",
}


def kind(value: Value) -> str:
    """The FEEL name of a value's type; "null" for None, "?" for what is no value of FEEL."""
    found = _KINDS.get(value.__class__)
    if found:
        return found
    for python_type, name in _KINDS.items():
        if isinstance(value, python_type):
            return name
    return "context" if isinstance(value, Mapping) else "?"


def an(kind_name: str) -> str:
    """A kind as a noun in a sentence."""
    return "null" if kind_name == "null" else f"a {kind_name}"
