"""Commands from forms: every field converted to the type that the command gives it, every fault named.

A field is named like the command's field. `fact.NAME` is the raw value of a fact, `lines.NAME` one that is a list with
a member a line, `moment.NAME` a date and time without a zone, `seen.NAME` what stood there when the form was made.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, TypeVar, get_origin, get_type_hints
from uuid import UUID, uuid4

import msgspec
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from caseloom.foundation.text import find_fault

C = TypeVar("C", bound=msgspec.Struct)
LONGEST: Final = 200_000
LARGEST: Final = 2**62
MARKS: Final = {"fact": "facts", "lines": "facts", "moment": "facts", "seen": "seen"}


class FormFaulty(Exception):
    """Input that is no such command. `field` is the form's field, `says` a sentence for a person."""

    def __init__(self, field: str, says: str) -> None:
        super().__init__(says)
        self.field, self.says = field, says


def read_command(kind: type[C], form: QueryDict, given: Mapping[str, Any] | None = None) -> C:
    """The command that a form asks for; `given` comes from the route and overrides the form.

    Raises:
        FormFaulty: a field holds what cannot be kept or is not of its type.
    """
    wanted = {field.name: field for field in msgspec.structs.fields(kind)}
    hints = get_type_hints(kind)
    raw: dict[str, Any] = {}
    for name in form:
        check_text(name, form.getlist(name))
        mark, _dot, rest = name.partition(".")
        if rest and MARKS.get(mark) in wanted:
            raw.setdefault(MARKS[mark], {})[rest] = _raw_fact(mark, form, name)
        elif name in wanted and (form[name] != "" or wanted[name].required):
            raw[name] = _raw_field(hints[name], form, name)
    raw |= given or {}
    try:
        command = msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as fault:
        raise _faulty(str(fault)) from fault
    _check_numbers(command)
    return command


def command_id(form: QueryDict) -> UUID:
    """The id under which the command happens once, however often its form is sent."""
    try:
        return UUID(form.get("command_id", ""))
    except ValueError:
        return uuid4()


def check_text(name: str, values: list[Any]) -> None:
    """Refuse what PostgreSQL, fonts or patience do not hold. Raises FormFaulty."""
    for value in (name, *values):
        if not isinstance(value, str):
            continue
        fault = find_fault(value)
        if fault is not None:
            raise FormFaulty(name, fault.reason)
        if len(value) > LONGEST:
            raise FormFaulty(name, _("This is longer than %(most)s characters; shorten it.") % {"most": f"{LONGEST:,}"})


def _raw_fact(mark: str, form: QueryDict, name: str) -> Any:
    if mark == "lines":
        return [line.strip() for line in str(form[name]).splitlines() if line.strip()] or None
    if mark == "moment" and form[name]:
        return read_moment(name, str(form[name])).isoformat()
    return form[name] if form[name] != "" else None


def _raw_field(hint: Any, form: QueryDict, name: str) -> Any:
    if get_origin(hint) is tuple:
        return [value for value in form.getlist(name) if value != ""]
    if hint in (datetime, datetime | None):
        return read_moment(name, str(form[name]))
    return form[name]


def read_moment(name: str, text: str) -> datetime:
    """A moment as browsers write it, in the zone of the person; aware. Raises FormFaulty."""
    try:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.tzinfo else timezone.make_aware(moment)
        aware.astimezone(timezone.get_default_timezone())
    except (ValueError, OverflowError) as fault:
        raise FormFaulty(name, _("Give a day and a time, such as 2026-03-31 14:30.")) from fault
    return aware


def _check_numbers(command: msgspec.Struct) -> None:
    for name in command.__struct_fields__:
        value = getattr(command, name)
        if isinstance(value, int) and not 0 <= value < LARGEST:
            raise FormFaulty(name, _("This number is not one that Caseloom gave; load the page anew."))


def _faulty(message: str) -> FormFaulty:
    _head, _mark, place = message.rpartition("$.")
    field = place.rstrip("`") if place != message else ""
    if "missing required field" in message:
        field = message.split("`")[1]
        return FormFaulty(field, _("“%(field)s” is missing.") % {"field": field.replace("_", " ")})
    return FormFaulty(
        field, _("“%(field)s” cannot be read like this.") % {"field": field.replace("_", " ") or _("This")}
    )
