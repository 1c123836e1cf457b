"""Typed inputs from facts: what a form asks for, with the value that stands there and what was typed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _

from caseloom.engine.case.state import Fact
from caseloom.engine.rules.letter import words
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.service_goal import FactSpec
from caseloom.engine.spec.values import ValueFault, from_wire

Widget = Literal["text", "lines", "choice", "yes or no", "number", "money", "date", "moment", "time", "span", "none"]
WIDGETS: Final[dict[str, Widget]] = {
    "text": "text", "choice": "choice", "boolean": "yes or no", "number": "number", "money": "money", "date": "date",
    "date and time": "moment", "time": "time", "days and time duration": "span", "years and months duration": "span",
    "object": "none",
}  # fmt: skip
MARKS: Final[dict[Widget, str]] = {"lines": "lines", "moment": "moment"}
Typed = Mapping[str, str]


class Field(msgspec.Struct, frozen=True):
    """One input. `value` is what stands in it, `seen` what stood in the case, `name` the form's field."""

    id: str
    fact: str
    name: str
    label: str
    help: str
    widget: Widget
    value: str
    seen: str
    must: bool
    choices: tuple[str, ...]


def fields(
    plan: Plan,
    facts: Mapping[str, Fact],
    names: Iterable[str],
    form: str,
    must: Iterable[str] = (),
    typed: Typed | None = None,
) -> list[Field]:
    """The inputs of a form; what was `typed` before a refusal stands in them again."""
    needed = frozenset(must)
    return [
        field(name, plan.facts[name], facts.get(name), form, name in needed, typed or {})
        for name in names
        if name in plan.facts
    ]


def field(name: str, spec: FactSpec, fact: Fact | None, form: str, must: bool, typed: Typed) -> Field:
    widget = widget_of(spec)
    form_name = f"{MARKS.get(widget, 'fact')}.{name}"
    return Field(
        id=f"{form}-{name}".replace(" ", "-"),
        fact=name,
        name=form_name,
        label=spec.label or name[:1].upper() + name[1:],
        help=spec.help,
        widget=widget,
        value=typed.get(form_name, _in_form(widget, fact)),
        seen=_seen(fact),
        must=must,
        choices=spec.choices,
    )


def widget_of(spec: FactSpec) -> Widget:
    if spec.choices:
        return "choice"
    return "lines" if spec.type.startswith("list of ") else WIDGETS.get(spec.type, "text")


def value_words(fact: Fact | None) -> str:
    """A fact's value as a person would say it."""
    if fact is None or fact.value is None:
        return ""
    try:
        value = from_wire(fact.type, fact.value)
    except ValueFault:
        return str(fact.value)
    return {True: _("yes"), False: _("no")}[value] if isinstance(value, bool) else words(value)


def _in_form(widget: Widget, fact: Fact | None) -> str:
    if fact is None or fact.value is None:
        return ""
    if widget == "moment":
        return timezone.localtime(datetime.fromisoformat(str(fact.value).partition("@")[0])).strftime("%Y-%m-%dT%H:%M")
    if widget == "lines" and isinstance(fact.value, list):
        return "\n".join(_plain(one) for one in fact.value)
    return _plain(fact.value)


def _seen(fact: Fact | None) -> str:
    return "" if fact is None or fact.value is None or isinstance(fact.value, dict) else _plain(fact.value)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
