"""A rule is added to the text of a definition, or put in another's place; the rest of the text stays as it was."""

import json
from typing import Any, Final

import yaml

from caseloom.interchange.yaml_text import Text, TextFaulty, plain_value

RULES: Final = "rules"


class NoSuchRule(LookupError):
    """The rule that was to be replaced is not, or no longer, among the rules of the text."""


class HandWritten(ValueError):
    """The text is written in a way that only a person can change soundly: with anchors, in one line …"""


def with_rule(text: str, rule: str, way_on: str = "", was: str = "") -> str:
    """The text of a definition with a rule more at the end of its `rules`; with `was`, in place of that rule.

    Whatever else stands in the text, remarks and spaces too, is kept. `way_on` is the advice to whoever is refused.

    Raises:
        NoSuchRule: `was` is no rule of this text.
        HandWritten: the place cannot be changed without touching others.
        TextFaulty: the text is no YAML.
    """
    before = Text(text).value
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise HandWritten("A definition is a list of named parts, one a line.")
    listed = next((value for key, value in root.value if key.value == RULES), None)
    rules = _rules(before)
    place = _place(rules, was) if was else len(rules)
    changed = _replaced(text, listed, place, rule, way_on) if was else _added(text, root, listed, rule, way_on)
    wanted = [*rules[:place], _plain(rule, way_on), *rules[place + 1 :]]
    if not _same_but(changed, before, wanted):
        raise HandWritten(f"The list `{RULES}:` of this text is written so that it has to be changed by hand.")
    return changed


def sentences_of(text: str) -> frozenset[str]:
    """The sentences of a sound definition: its rules, and what its rules with expressions say."""
    value = plain_value(text)
    parts = [part for name in (RULES, "boundary rules", "data rules", "reactions") for part in value.get(name) or ()]
    return frozenset(_sentence(part) for part in parts)


def _rules(value: Any) -> list[Any]:
    found = value.get(RULES) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _sentence(rule: Any) -> str:
    return str(rule.get("rule") or rule.get("says") or "") if isinstance(rule, dict) else str(rule)


def _place(rules: list[Any], was: str) -> int:
    for number, rule in enumerate(rules):
        if _sentence(rule) == was:
            return number
    raise NoSuchRule(f"There is no rule “{was}” any more.")


def _plain(rule: str, way_on: str) -> Any:
    return {"rule": rule, "way on": way_on} if way_on else rule


def _same_but(text: str, before: dict[str, Any], rules: list[Any]) -> bool:
    try:
        after = Text(text).value
    except TextFaulty:
        return False
    return bool(after == {**before, RULES: rules})


# --- where it goes ----------------------------------------------------------------------------------------------------


def _added(text: str, root: yaml.MappingNode, listed: yaml.Node | None, rule: str, way_on: str) -> str:
    line = _line(text)
    if listed is None:
        tail = "" if text.endswith("\n") else line
        return f"{text}{tail}{RULES}:{line}  - {_written(rule, way_on)}{line}"
    if not isinstance(listed, yaml.SequenceNode) or not listed.value:
        start, end = listed.start_mark.index, listed.end_mark.index
        return f"{text[:start].rstrip(' ')}{line}  - {_written(rule, way_on)}{text[end:]}"
    if listed.flow_style:
        end = _end(text, listed.value[-1])
        return f"{text[:end]}, {_written(rule, way_on, in_flow=True)}{text[end:]}"
    end = _line_end(text, _end(text, listed.value[-1]))
    indent = " " * listed.start_mark.column
    return f"{text[:end]}{line}{indent}- {_written(rule, way_on)}{text[end:]}"


def _replaced(text: str, listed: yaml.Node | None, place: int, rule: str, way_on: str) -> str:
    if not isinstance(listed, yaml.SequenceNode):
        raise HandWritten(f"`{RULES}:` is no list.")
    old = listed.value[place]
    target, written = old, _written(rule, way_on, in_flow=bool(listed.flow_style))
    if isinstance(old, yaml.MappingNode):
        parts = {key.value: value for key, value in old.value}
        if (parts["way on"].value if "way on" in parts else "") == way_on:
            target, written = parts["rule"], _scalar(rule, in_flow=bool(old.flow_style))
    return f"{text[: target.start_mark.index]}{written}{text[_end(text, target) :]}"


def _end(text: str, node: yaml.Node) -> int:
    """Where a node's own text ends; the end of a block is told behind the remarks and lines that follow it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    return len(text[:end].rstrip())


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    return end - 1 if text[start:end].endswith("\r") else end


def _line(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


# --- how it is written ------------------------------------------------------------------------------------------------


def _written(rule: str, way_on: str, in_flow: bool = False) -> str:
    if not way_on:
        return _scalar(rule, in_flow)
    return f"{{rule: {_scalar(rule, True)}, way on: {_scalar(way_on, True)}}}"


def _scalar(value: str, in_flow: bool) -> str:
    """As plain words where YAML reads them as such, else in quotes."""
    quoted = "'" + value.replace("'", "''") + "'"
    return next((form for form in (value, quoted) if _reads_as(value, form, in_flow)), json.dumps(value))


def _reads_as(value: str, form: str, in_flow: bool) -> bool:
    try:
        return "\n" not in form and bool(yaml.safe_load(f"[{form}]" if in_flow else f"- {form}") == [value])
    except yaml.YAMLError:
        return False
