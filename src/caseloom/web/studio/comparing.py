"""Two texts of a definition compared: in words by their parts, line by line, and by the elements of a diagram."""

import difflib
from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from lxml import etree

from caseloom.engine.rules.fault import Path
from caseloom.interchange.bpmn_names import DIAGRAM
from caseloom.interchange.hardened_xml import XmlFaulty, local_name, parse_xml
from caseloom.interchange.yaml_text import Text, TextFaulty
from caseloom.library.decisions import DECLARATION
from caseloom.library.used import is_model
from caseloom.web.studio.inputs import INPUTS, Part, part_at, shown

How = Literal["added", "removed", "changed"]
AROUND: Final = 3
"""Lines that are shown around a change."""
MANY: Final = 5_000
_SECTIONS: Final = ("goals", "tasks", "stages", "milestones", "facts", "letters", "knowledge", "offers")
_LONG: Final = 160


class Difference(msgspec.Struct, frozen=True):
    """One difference in words: what it is about, and what stood and stands there."""

    how: How
    about: str
    what: "str | Promise" = ""
    was: str = ""
    now: str = ""


class Line(msgspec.Struct, frozen=True):
    """A line of the two texts beside each other; a number of 0 where one has none."""

    how: Literal["same", "added", "removed", "changed", "gap"]
    left: str = ""
    right: str = ""
    number: int = 0
    other: int = 0


class Marks(msgspec.Struct, frozen=True):
    """The elements of a diagram by what has become of them."""

    added: list[str]
    removed: list[str]
    changed: list[str]


def differences(old: str, new: str) -> list[Difference]:
    """What differs, in words; of a faulty text nothing is said but its lines."""
    if is_model(old) or is_model(new):
        return _of_elements(old, new)
    try:
        left, right = Text(old).value, Text(new).value
    except TextFaulty:
        return []
    if not isinstance(left, dict) or not isinstance(right, dict):
        return []
    return [*_of_parts(left, right, (), _("the whole")), *_of_lists(left, right)]


def _of_parts(left: dict[str, Any], right: dict[str, Any], path: Path, about: str) -> Iterator[Difference]:
    """The fields of a part, then the parts inside it."""
    part = part_at(path, right)
    named = {one.name: one.label for one in INPUTS[part]} if part is not None else {}
    inner = _SECTIONS if not path else ("options",) if part == "goal" else ()
    for name in dict.fromkeys((*left, *right)):
        if name in inner or (not path and isinstance(left.get(name, right.get(name)), list) and (name,) not in named):
            continue
        yield from _of_field(left.get(name), right.get(name), (name,), about, named)
    for section in inner:
        yield from _of_section(left.get(section), right.get(section), (*path, section))


def _of_field(
    was: Any, now: Any, name: tuple[str, ...], about: str, named: dict[tuple[str, ...], Any]
) -> Iterator[Difference]:
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*was, *now)):
            yield from _of_field(was.get(key), now.get(key), (*name, str(key)), about, named)
        return
    said = named.get(name) or " › ".join(name)
    yield Difference("changed", about, said, _short(was), _short(now))


def _of_section(left: Any, right: Any, path: Path) -> Iterator[Difference]:
    left, right = left if isinstance(left, dict) else {}, right if isinstance(right, dict) else {}
    for key in dict.fromkeys((*left, *right)):
        here = (*path, str(key))
        was, now = left.get(key), right.get(key)
        about = _about(here, now if now is not None else was)
        if key not in right:
            yield Difference("removed", about)
        elif key not in left:
            yield Difference("added", about)
        elif was != now:
            yield from _of_parts(was or {}, now or {}, here, about)


def _about(path: Path, value: Any) -> str:
    value = value if isinstance(value, dict) else {}
    title = str(value.get("title") or value.get("label") or path[-1])
    words: dict[Part, str] = {
        "goal": _("the goal “%s”"), "option": _("the way “%s”"), "task": _("the task “%s”"),
        "stage": _("the stage “%s”"), "milestone": _("the milestone “%s”"), "fact": _("the fact “%s”"),
        "letter": _("the letter “%s”"), "article": _("the article “%s”"), "offer": _("the offer “%s”"),
    }  # fmt: skip
    part = part_at(path, {})
    return words.get(part, "“%s”") % title if part is not None else title


def _of_lists(left: dict[str, Any], right: dict[str, Any]) -> Iterator[Difference]:
    """Rules and reactions: sentences that came and went."""
    for section in ("rules", "boundary rules", "data rules", "reactions"):
        was, now = _sentences(left.get(section)), _sentences(right.get(section))
        yield from (Difference("removed", _("the rule “%s”") % says) for says in was if says not in now)
        yield from (Difference("added", _("the rule “%s”") % says) for says in now if says not in was)
        for says, body in now.items():
            if says in was and was[says] != body:
                yield Difference("changed", _("the rule “%s”") % says, "", _short(was[says]), _short(body))


def _sentences(value: Any) -> dict[str, Any]:
    found = {}
    for one in value if isinstance(value, list) else ():
        says = one.get("rule") or one.get("says") if isinstance(one, dict) else one
        found[str(says)] = {key: part for key, part in one.items() if key != "rule"} if isinstance(one, dict) else {}
    return found


def _short(value: Any) -> str:
    text = shown("line", value).replace("\n", ", ")
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"


# --- line by line -----------------------------------------------------------------------------------------------------


def lines(old: str, new: str) -> list[Line]:
    """The two texts beside each other, as far as they differ, with some lines around."""
    left, right = old.splitlines(), new.splitlines()
    found: list[Line] = []
    # Of a very long text the lines that come often are left out of the search: it would take minutes.
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=len(right) > MANY)
    groups = matcher.get_grouped_opcodes(AROUND)
    for number, group in enumerate(groups):
        if number:
            found.append(Line("gap"))
        for how, i1, i2, j1, j2 in group:
            found += _rows(how, left[i1:i2], right[j1:j2], i1 + 1, j1 + 1)
    return found


def _rows(how: str, left: list[str], right: list[str], number: int, other: int) -> Iterator[Line]:
    names: dict[str, Any] = {"equal": "same", "delete": "removed", "insert": "added", "replace": "changed"}
    for place in range(max(len(left), len(right))):
        has_left, has_right = place < len(left), place < len(right)
        kind = names[how]
        if how == "replace" and not (has_left and has_right):
            kind = "removed" if has_left else "added"
        yield Line(
            kind,
            left[place] if has_left else "",
            right[place] if has_right else "",
            number + place if has_left else 0,
            other + place if has_right else 0,
        )


# --- diagrams ---------------------------------------------------------------------------------------------------------


def marks(old: str, new: str) -> Marks:
    """The elements that came, went and changed, by their ids; a shape that only moved is as it was."""
    left, right = _elements(old), _elements(new)
    both = [key for key in right if key in left and right[key] != left[key]]
    return Marks([key for key in right if key not in left], [key for key in left if key not in right], both)


def _of_elements(old: str, new: str) -> list[Difference]:
    left, right = _elements(old), _elements(new)
    found = marks(old, new)
    return [
        *(Difference("added", _element(right[key], key)) for key in found.added),
        *(Difference("removed", _element(left[key], key)) for key in found.removed),
        *(
            Difference("changed", _element(right[key], key), "", _short(left[key][2]), _short(right[key][2]))
            for key in found.changed
        ),
    ]


def _element(element: tuple[str, str, str], key: str) -> str:
    kind, name, _rest = element
    return f"{kind} “{name or key}”"


def _elements(text: str) -> dict[str, tuple[str, str, str]]:
    """Id → kind, name, and all that the element says without the elements in it that have an id of their own."""
    try:
        root = parse_xml(DECLARATION.sub("", text.lstrip("\ufeff")).encode())
    except XmlFaulty:
        return {}
    found = {}
    for node in root.iter("*"):
        key = node.get("id")
        if key and etree.QName(node).namespace not in DIAGRAM and "DMNDI" not in (etree.QName(node).namespace or ""):
            found[key] = (local_name(node), node.get("name") or "", " ".join(_said(node, own=True)))
    return found


def _said(node: etree._Element, own: bool = False) -> Iterator[str]:
    yield from (f"{etree.QName(name).localname}={value!s}" for name, value in sorted(node.items()) if name != "id")
    if node.text and node.text.strip():
        yield node.text.strip()
    for child in node.iterchildren("*"):
        if child.get("id") is None or not own:
            yield from (local_name(child), *_said(child))
