"""Values as JSON has them, in and out: for the command line, the API and whoever asks from outside."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, DecimalException
from typing import TypeAlias

from caseloom.engine.decision import model as m
from caseloom.engine.decision.boxed import type_named
from caseloom.engine.decision.graph import DecisionModel
from caseloom.engine.decision.types import ItemTypes
from caseloom.engine.feel import FeelSyntaxError, Value, tree
from caseloom.engine.feel.builtins.conversion import read_moment, text_of
from caseloom.engine.feel.kinds import kind
from caseloom.engine.spec.values import DECIMAL128

Plain: TypeAlias = "str | int | float | Decimal | bool | Sequence[Plain] | Mapping[str, Plain] | None"

_MOMENTS = {"date", "time", "date and time", "dateTime"}
_DURATIONS = {"days and time duration", "years and months duration", "dayTimeDuration", "yearMonthDuration"}


class PlainFault(ValueError):
    """An input that cannot be taken; the text says which and why."""


def inputs_of(model: DecisionModel, given: Mapping[str, Plain]) -> dict[str, Value]:
    """The inputs of an evaluation. Texts become dates, times and durations where the type of the input says so.

    Raises `PlainFault` for a name that the model does not have, and for numbers beyond decimal128.
    """
    found = {}
    for name, value in given.items():
        takes = model.named(name, m.InputData, m.Decision)
        if takes is None and not model.imported:
            known = ", ".join(repr(node.name) for node in model.model.of_kind(m.InputData)) or "none"
            raise PlainFault(f"The model has no input {name!r}. Its inputs are: {known}.")
        declared = takes.node.variable.type if takes and takes.node.variable else None
        found[name] = from_plain(value, _type(declared), model.types, name)
    return found


def _type(name: str | None) -> tree.Type | None:
    try:
        return type_named(name)
    except FeelSyntaxError:
        return None


def from_plain(value: Plain, type_: tree.Type | None, types: ItemTypes, where: str) -> Value:
    """The value that a plain one stands for, as a type wants it. Raises `PlainFault`."""
    if isinstance(type_, tree.SimpleType) and type_.name in types:
        type_ = types[type_.name].structure
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return _text(value, type_)
    if isinstance(value, Mapping):
        members = dict(type_.members) if isinstance(type_, tree.ContextType) else {}
        return {name: from_plain(one, members.get(name), types, f"{where}.{name}") for name, one in value.items()}
    if isinstance(value, Sequence):
        member = type_.member if isinstance(type_, tree.MemberType) else type_
        return [from_plain(one, member, types, f"{where}[{number}]") for number, one in enumerate(value, 1)]
    try:
        number = DECIMAL128.create_decimal(str(value))
    except DecimalException:
        raise PlainFault(f"The number {where} is beyond what decimal128 holds.") from None
    if not number.is_finite():
        raise PlainFault(f"{where} is {value}, which is no number.")
    return number


def _text(text: str, type_: tree.Type | None) -> Value:
    if isinstance(type_, tree.SimpleType) and type_.name in _MOMENTS | _DURATIONS:
        found = read_moment(text)
        return text if found is None else found
    return text


def to_plain(value: Value) -> Plain:
    """A value for JSON: numbers stay exact, dates, durations, ranges and functions are text."""
    which = kind(value)
    if value is None or isinstance(value, str | bool | Decimal):
        return value
    if isinstance(value, Mapping):
        return {name: to_plain(one) for name, one in value.items()}
    if which == "list":
        return [to_plain(one) for one in value]  # type: ignore[attr-defined]
    return text_of(value)
