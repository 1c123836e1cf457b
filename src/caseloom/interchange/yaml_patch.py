"""A value is put into the text of a definition, or taken out of it; the rest of the text stays as its author wrote it.

The text is the truth of a definition: remarks, order and spaces are its author's. So nothing is written anew that was
not changed. What comes out is read again and compared with what was meant, so that a place which cannot be changed
soundly is refused, and never spoiled.
"""

import copy
import json
from collections.abc import Iterable
from typing import Any, Final

import yaml

from caseloom.engine.rules.fault import Path
from caseloom.interchange.rule_text import HandWritten
from caseloom.interchange.yaml_text import SAFE_LOADER, TextFaulty, plain_value, text_of

LINE: Final = 110
"""Characters up to which a list or a group of parts is written in one line."""
_INDENT: Final = 2


def put(text: str, path: Path, value: Any) -> str:
    """The text with `value` at `path`: in place of what stands there, or as a new entry behind its neighbours.

    A member of a list is named by its number; the number behind the last one adds a member.

    Raises:
        HandWritten: the place cannot be changed without touching others.
        TextFaulty: the text is no YAML.
    """
    before = text_of(text).value
    wanted = _with(before, path, value)
    return _sound(_Patch(text).put(path, value), wanted)


def drop(text: str, path: Path) -> str:
    """The text without the entry at `path`. Raises as `put`, and KeyError where there is none."""
    before = text_of(text).value
    wanted = _without(before, path)
    return _sound(_Patch(text).drop(path), wanted)


def value_at(value: Any, path: Path) -> Any:
    """What stands at a path of plain values; None where nothing does."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
            value = value[step]
        else:
            return None
    return value


def _sound(text: str, wanted: Any) -> str:
    try:
        after = text_of(text).value
    except TextFaulty as fault:
        raise HandWritten(_BY_HAND) from fault
    if _bare(after) != _bare(wanted):
        raise HandWritten(_BY_HAND)
    return text


_BY_HAND: Final = "This place of the text is written so that it has to be changed there, by hand."


def _bare(value: Any) -> Any:
    """Without what is empty: `goals:` with nothing behind it says as much as no such line."""
    if isinstance(value, dict):
        return {key: bare for key, one in value.items() if (bare := _bare(one)) is not None} or None
    if isinstance(value, list):
        return [_bare(one) for one in value] or None
    return value


def _with(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        members = list(value or ())
        if step > len(members):
            raise HandWritten(_BY_HAND)
        members[step : step + 1] = [_with(members[step] if step < len(members) else None, rest, new)]
        return members
    if value is not None and not isinstance(value, dict):
        raise HandWritten(_BY_HAND)
    return {**(value or {}), step: _with((value or {}).get(step), rest, new)}


def _without(value: Any, path: Path) -> Any:
    after = copy.deepcopy(value)
    around, step = value_at(after, path[:-1]), path[-1]
    if not isinstance(around, dict | list):
        raise KeyError(path)
    try:
        del around[step]  # type: ignore[arg-type]  # a name of a dict, a number of a list; else TypeError
    except (IndexError, TypeError):
        raise KeyError(path) from None
    return after


class _Patch:
    """A text whose nodes are known."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Any = yaml.compose(text, Loader=SAFE_LOADER)
        self.line = "\r\n" if "\r\n" in text else "\n"

    # --- putting ------------------------------------------------------------------------------------------------------

    def put(self, path: Path, value: Any) -> str:
        if self.root is None:
            return self.text + self._block(_nested(path, value), 0).lstrip(self.line) + self.line
        node, column, in_flow = self.root, -_INDENT, False
        for depth, step in enumerate(path):
            in_flow = in_flow or bool(getattr(node, "flow_style", False))
            found = _child(node, step)
            if found is None:
                return self._enter(node, step, _nested(path[depth + 1 :], value), column, in_flow)
            if isinstance(node, yaml.MappingNode):
                column = node.start_mark.column
            node = found
        return self._replace(node, value, column, in_flow)

    def _replace(self, node: Any, value: Any, column: int, in_flow: bool) -> str:
        start, end = node.start_mark.index, self._end(node)
        written = self._inline(value, in_flow, column)
        if written is None:
            written = self._block(value, column + _INDENT)
            return f"{self.text[:start].rstrip(' ')}{written}{self.text[end:]}"
        gap = " " if start and self.text[start - 1] in ":-" else ""
        head = self.text.rfind("\n", 0, start) + 1
        if isinstance(node, yaml.ScalarNode) or node.flow_style or self.text[head:start].strip(" -"):
            return f"{self.text[:start]}{gap}{written}{self.text[end:]}"
        # A block that becomes a line moves up behind its key, over the remarks between them.
        behind = self._colon(start)
        between = self.text[behind:start].rstrip(" \r\n")
        return f"{self.text[:behind]} {written}{between}{self.text[end:]}"

    def _colon(self, start: int) -> int:
        """Behind the colon of the key whose block begins at `start`."""
        end = start
        for line in reversed(self.text[:start].splitlines(keepends=True)):
            end -= len(line)
            said = line.split(" #")[0].rstrip()
            if said.strip() and not said.lstrip().startswith("#"):
                return end + len(said)
        return start

    def _enter(self, node: yaml.Node, step: str | int, value: Any, column: int, in_flow: bool) -> str:
        """A new entry of a mapping or list, behind the last."""
        if not isinstance(node, yaml.CollectionNode) or not node.value:
            return self._replace(node, [value] if isinstance(step, int) else {step: value}, column, in_flow)
        last = node.value[-1]
        end = self._end(last[1] if isinstance(last, tuple) else last)
        if in_flow or node.flow_style:
            entry = _flow(value) if isinstance(step, int) else f"{_key(step)}: {_flow(value)}"
            return f"{self.text[:end]}, {entry}{self.text[end:]}"
        at = node.start_mark.column
        end = self._line_end(end)
        return f"{self.text[:end]}{self.line}{' ' * at}{self._entry(step, value, at)}{self.text[end:]}"

    def _entry(self, step: str | int, value: Any, column: int) -> str:
        head = "-" if isinstance(step, int) else f"{_key(step)}:"
        written = self._inline(value, False, column)
        return f"{head} {written}" if written is not None else f"{head}{self._block(value, column + _INDENT)}"

    def _inline(self, value: Any, in_flow: bool, column: int) -> str | None:
        """The value as it stands behind a key; None where it takes a block of its own."""
        if isinstance(value, str):
            if "\n" in value and not in_flow and (literal := self._literal(value, column + _INDENT)) is not None:
                return literal
            return _scalar(value, in_flow)
        if not isinstance(value, dict | list):
            return _plain(value)
        written = _flow(value)
        short = len(written) + max(column, 0) <= LINE and not _holds_groups(value)
        return written if in_flow or short else None

    def _literal(self, value: str, column: int) -> str | None:
        """A text of several lines as it is, each line indented."""
        if value[0] in " \n" or any(ord(letter) < 32 and letter != "\n" for letter in value):
            return None
        body = value[:-1] if value.endswith("\n") else value
        if body.endswith("\n"):
            return None
        lines = (f"{' ' * column}{line}" if line else "" for line in body.split("\n"))
        return f"|{'' if value.endswith(chr(10)) else '-'}{self.line}{self.line.join(lines)}"

    def _block(self, value: Any, column: int) -> str:
        """The entries of a mapping or list, each on a line of its own, beginning with a line's end."""
        entries: Iterable[tuple[str | int, Any]] = value.items() if isinstance(value, dict) else enumerate(value)
        return "".join(f"{self.line}{' ' * column}{self._entry(step, one, column)}" for step, one in entries)

    # --- taking out ---------------------------------------------------------------------------------------------------

    def drop(self, path: Path) -> str:
        node, column, in_flow = self.root, -_INDENT, False
        for step in path[:-1]:
            in_flow = in_flow or bool(getattr(node, "flow_style", False))
            if isinstance(node, yaml.MappingNode):
                column = node.start_mark.column
            node = _child(node, step)
        number = _number(node, path[-1])
        if len(node.value) == 1:
            return self._replace(node, {} if isinstance(node, yaml.MappingNode) else [], column, in_flow)
        if in_flow or node.flow_style:
            return self._drop_in_line(node, number)
        start = self.text.rfind("\n", 0, _start(node.value[number])) + 1
        end = self._line_end(self._end(_last(node.value[number])))
        end = min(len(self.text), end + len(self.line))
        if self.text[start : _start(node.value[number])].strip(" -"):
            raise HandWritten(_BY_HAND)
        return self.text[:start] + self.text[end:]

    def _drop_in_line(self, node: Any, number: int) -> str:
        if number:
            return (
                self.text[: self._end(_last(node.value[number - 1]))]
                + self.text[self._end(_last(node.value[number])) :]
            )
        return self.text[: _start(node.value[0])] + self.text[_start(node.value[1]) :]

    # --- places -------------------------------------------------------------------------------------------------------

    def _end(self, node: yaml.Node) -> int:
        """Where a node's own text ends; the end of a block is told behind the remarks and lines that follow it."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            return self._end(_last(node.value[-1]))
        start: int = node.start_mark.index
        end: int = node.end_mark.index
        return max(start, len(self.text[:end].rstrip())) if end > start else self._behind_key(start)

    def _behind_key(self, start: int) -> int:
        """The end of a value that is not there: right behind its colon or dash."""
        return min(start, len(self.text[:start].rstrip(" ")))

    def _line_end(self, start: int) -> int:
        end = self.text.find("\n", start)
        end = len(self.text) if end < 0 else end
        return end - 1 if self.text[start:end].endswith("\r") else end


def _child(node: Any, step: str | int) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None


def _number(node: Any, step: str | int) -> int:
    if isinstance(node, yaml.SequenceNode):
        return int(step)
    return next(number for number, (key, _) in enumerate(node.value) if key.value == step)


def _start(entry: Any) -> int:
    node = entry[0] if isinstance(entry, tuple) else entry
    start: int = node.start_mark.index
    return start


def _last(entry: Any) -> Any:
    return entry[1] if isinstance(entry, tuple) else entry


def _nested(path: Path, value: Any) -> Any:
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


# --- how it is written ------------------------------------------------------------------------------------------------


def _holds_groups(value: Any) -> bool:
    """Whether some member is itself a group of named parts, which wants lines of its own."""
    members = value.values() if isinstance(value, dict) else value
    return any(isinstance(one, dict) and one for one in members) or any(
        isinstance(one, str) and "\n" in one for one in members
    )


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value, True) if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> str:
    return "null" if value is None else json.dumps(value)


def _key(key: str) -> str:
    return key if _loads(f"{{{key}: 1}}") == {key: 1} and _loads(f"{key}: 1") == {key: 1} else json.dumps(key)


def _scalar(value: str, in_flow: bool) -> str:
    """As plain words where YAML reads them as such, else in quotes."""
    quoted = "'" + value.replace("'", "''") + "'"
    for form in (value, quoted):
        plain = "\n" not in form and (form == quoted or len(form) < 2_000)
        if plain and _loads(f"[{form}]" if in_flow else f"a: {form} # end") == ([value] if in_flow else {"a": value}):
            return form
    return json.dumps(value, ensure_ascii=False)


def _loads(text: str) -> Any:
    try:
        return plain_value(text)
    except yaml.YAMLError:
        return None
