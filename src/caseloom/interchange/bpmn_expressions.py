"""Expressions in a BPMN file to FEEL: FEEL as it is, `${...}` translated, simple XPath, else a variable instead."""

import re

from lxml import etree

from caseloom.engine.feel import FeelSyntaxError, parse, tree
from caseloom.engine.feel.builtins import BUILTINS
from caseloom.engine.feel.strings import quoted
from caseloom.engine.feel.walk import children
from caseloom.interchange.bpmn_names import FEEL_LANGUAGES
from caseloom.interchange.bpmn_source import Source, owner_id
from caseloom.interchange.hardened_xml import local_name, text_in
from caseloom.interchange.juel import JuelFault, has_juel
from caseloom.interchange.juel_feel import to_feel

_DATA_OBJECT = re.compile(
    r"(?:\w+:)?get(?:DataObject|DataInput|DataOutput|ProcessProperty|ActivityProperty)\('([^']+)'\)"
)
_SINGLE_QUOTED = re.compile(r"'([^'\"\\]*)'")
_SCRIPTS = ("groovy", "javascript", "ecmascript", "python", "ruby", "js", "mvel", "freemarker", "velocity")


def expression(source: Source, node: etree._Element | None) -> str | None:
    """The FEEL of a formal expression; None where it is not given or empty."""
    if node is None:
        return None
    text = text_in(node).strip()
    language = source.attribute(node, "language").lower()
    elsewhere = source.vendor(node, "resource")
    if elsewhere:
        return _stand_in(source, node, f"The script {elsewhere!r} is not run here")
    if not text:
        source.idle.add(node)
        return None
    if language.rpartition("/")[2] in _SCRIPTS:
        return _stand_in(source, node, f"An expression in {language}")
    if text.startswith("="):
        return feel(source, node, text[1:])
    if has_juel(text):
        return _translated(source, node, text)
    default = (source.root.get("expressionLanguage") or "").lower()
    if any(word in (language or default) for word in FEEL_LANGUAGES):
        return feel(source, node, text)
    return _of_no_language(source, node, text)


def value(source: Source, node: etree._Element, text: str, begins: str = "=") -> str | None:
    """The FEEL of an attribute or parameter in which plain text means itself; None where it is empty.

    `begins` is what stands before FEEL: `=` in `zeebe:` and our own, nothing in Camunda 7's family.
    """
    text = text.strip()
    if not text:
        return None
    if begins and text.startswith(begins):
        return feel(source, node, text[len(begins) :])
    if has_juel(text):
        return _translated(source, node, text)
    return quoted(text)


def timed(source: Source, node: etree._Element) -> str | None:
    """The FEEL of a timer's expression, where plain text is a term: `PT5M`, `R3/PT10H`, a cron line."""
    found = value(source, node, text_in(node))
    if found is None:
        source.idle.add(node)
    return found


def feel(source: Source, node: etree._Element, text: str) -> str | None:
    """FEEL as it is written. What is none becomes a variable."""
    text = text.strip()
    if not text:
        return None
    try:
        _parsed(source, text)
    except FeelSyntaxError as fault:
        return _stand_in(source, node, f"{shown(text)} is no FEEL: {fault}")
    source.counts.feel += 1
    return text


def _parsed(source: Source, text: str) -> None:
    """Parses FEEL and remembers its names of several words, so that a shorter known name never cuts a longer one.

    Raises `FeelSyntaxError`.
    """
    try:
        found = parse(text, source.names)
    except FeelSyntaxError:
        found = parse(text)
    ahead: list[tree.Node] = [found]
    while ahead:
        at = ahead.pop()
        if isinstance(at, tree.Name) and " " in at.name and at.name not in BUILTINS:
            source.names.add(at.name)
        ahead += children(at)


def of_vendor(source: Source, node: etree._Element, text: str) -> str | None:
    """What Camunda 7's family writes: `${...}`, or plain text that means itself."""
    return value(source, node, text, "")


def _translated(source: Source, node: etree._Element, text: str) -> str:
    try:
        found = to_feel(text)
    except JuelFault as fault:
        return _stand_in(source, node, f"{shown(text)} cannot be read: {fault.message}")
    source.names |= found.names
    for trouble in found.troubles:
        source.say(node, "changed", f"In {shown(text)}: {trouble}")
    for note in found.notes:
        source.say(node, "changed", f"In {shown(text)}: {note}")
    if found.troubles:
        source.counts.untranslated += 1
    else:
        source.counts.translated += 1
    return found.feel


def _of_no_language(source: Source, node: etree._Element, text: str) -> str:
    """Text whose language is not told: taken as FEEL, or as what becomes FEEL when its data objects, quotes and equal
    signs are written in FEEL's way (XPath, BPMN 2.0.2 §10.4.4).
    """
    simple = _DATA_OBJECT.sub(r"\1", text)
    simple = _SINGLE_QUOTED.sub(lambda found: quoted(found[1]), simple).replace("==", "=")
    for candidate in (text, simple):
        try:
            _parsed(source, candidate)
        except FeelSyntaxError:
            continue
        if candidate == text:
            source.counts.feel += 1
        else:
            source.counts.translated += 1
            source.say(node, "changed", f"{shown(text)} is read as the FEEL {shown(candidate)}.")
        return candidate
    return _stand_in(source, node, f"{shown(text)} is in no language that is read")


def _stand_in(source: Source, node: etree._Element, what: str) -> str:
    name = re.sub(r"\W+", "_", f"{local_name(node)}_{owner_id(node)}").strip("_")
    source.counts.untranslated += 1
    source.say(node, "changed", f"{what.rstrip('.')}. The variable {name!r} is read instead.")
    return name


def shown(text: str) -> str:
    """A text in a message: quoted, and cut where it is long."""
    return repr(text) if len(text) <= 160 else f"{text[:150]!r}…"
