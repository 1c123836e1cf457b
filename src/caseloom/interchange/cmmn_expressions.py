"""Expressions in a CMMN file to FEEL: FEEL stays, `${…}` and Java-like texts are translated, else a fact stands in."""

import re
from typing import Final

from lxml import etree

from caseloom.engine.feel import Expression, FeelSyntaxError, compile
from caseloom.engine.feel.strings import quoted
from caseloom.engine.rules.plan import BUILT_IN
from caseloom.engine.rules.plan_items import INDEX
from caseloom.interchange.cmmn_source import Source, text_of
from caseloom.interchange.juel import JuelFault, has_juel
from caseloom.interchange.juel_feel import to_feel

_CONTEXT: Final = re.compile(r"\b(caseExecution|caseInstance|planItemInstance|planItem|plan)\b(?=\s*\.)")
_FILE: Final = re.compile(r"\bcase\.file\.")
_NOW: Final = re.compile(r"^T\(java\.time\.\w+\)\.now\(\)$")
_PLACE: Final = re.compile(r"\b(?:task|stage|planItem)\.index\b")
_SINGLE: Final = re.compile(r"'([^'\"\\]*)'")
_UNFIT: Final = re.compile(r"\W+")
NUMBER, TEXT, BOOLEAN, OBJECT = "number", "text", "boolean", "object"


def condition(source: Source, holder: etree._Element, counter: str = "") -> str | None:
    """The FEEL of the condition within an element (CMMN 1.1 §5.1.5, Expression); None where it is not given or empty.

    `counter` is the variable that counts repetitions in this file.
    """
    node = source.child(holder, "condition")
    text = text_of(node)
    if node is None or not text:
        return None
    if not has_juel(text):
        text = _PLACE.sub(f"({INDEX} - 1)", text)
    feel = translated(source, node, text, BOOLEAN)
    return re.sub(rf"\b{re.escape(counter)}\b", INDEX, feel) if counter else feel


def rule(source: Source, holder: etree._Element | None, counter: str = "") -> bool | str:
    """What an item control rule says (CMMN 1.1 §5.4.11): without a condition it holds."""
    if holder is None:
        return False
    feel = condition(source, holder, counter)
    return {None: True, "true": True, "false": False}.get(feel, feel or True)


def translated(source: Source, node: etree._Element, text: str, wanted: str) -> str:
    """FEEL for a text. What cannot be said in FEEL is read from a fact of the type `wanted`, and told."""
    if "FEEL" in (node.get("language") or "").upper():
        feel = _as_feel(source, text, True) or _stand_in(source, node, text, "it is no FEEL", wanted)
        _learn(source, feel, wanted)
        return feel
    text = " ".join(text.split())
    if _NOW.match(text):
        return "now()"
    plain = _as_feel(source, text, False) if not has_juel(text) else None
    feel = _from_java(source, node, text, wanted) if plain is None else plain
    _learn(source, feel, wanted)
    return feel


def _as_feel(source: Source, text: str, surely: bool) -> str | None:
    """The text itself where it is FEEL. Where that is not said, what stands in single quotation marks is a text, and a
    name of several words is none: `a b`.
    """
    if not surely:
        text = _FILE.sub("", _SINGLE.sub(lambda found: quoted(found[1]), text))
    try:
        expression = compile(text, [*source.facts, *source.declared])
    except FeelSyntaxError:
        return None
    strange = [name for name in expression.reads if " " in name and name not in source.declared]
    return None if strange and not surely else text


def _from_java(source: Source, node: etree._Element, text: str, wanted: str) -> str:
    java = _CONTEXT.sub("execution", text)
    if not has_juel(java):
        java = _FILE.sub("", java).replace("?.", ".")
        java = f"${{{java}}}"
    try:
        translation = to_feel(java)
    except JuelFault as fault:
        return _stand_in(source, node, text, fault.message, wanted)
    for trouble in translation.troubles:
        source.find(node, "changed", trouble)
    for name in translation.names:
        source.facts.setdefault(name, TEXT)
    return translation.feel


def _stand_in(source: Source, node: etree._Element, text: str, why: str, wanted: str) -> str:
    # Never by its line: it has to keep its name when the file is written anew.
    nameless = sum(known.startswith("expression_") for known in source.facts)
    name = _UNFIT.sub("_", node.get("id") or f"expression_{nameless + 1}").strip("_") or "expression"
    name = name if not name[0].isdigit() else f"_{name}"
    source.find(node, "changed", f"{text!r} has no equal in FEEL ({why}); the fact {name!r} is read instead.")
    source.facts.setdefault(name, wanted)
    return name


def _learn(source: Source, feel: str, wanted: str) -> None:
    """Take down what an expression reads, with the types that it seems to have."""
    expression = compile(feel, [*source.facts, *source.declared])
    for path in expression.paths:
        if path[0] in BUILT_IN or path[0] == INDEX or path[0] in source.declared:
            continue
        guessed = OBJECT if len(path) > 1 else guess(path[0], feel, wanted)
        known = source.facts.get(path[0])
        if known is None or _strength(guessed) > _strength(known):
            source.facts[path[0]] = guessed


def _strength(kind: str) -> int:
    """How much a guess is worth: what nothing is done with may be a truth value as well as anything else."""
    return {BOOLEAN: 0, TEXT: 1, NUMBER: 2, OBJECT: 4}.get(kind, 3)


def guess(name: str, feel: str, wanted: str) -> str:
    """The type of a name, by what an expression does with it."""
    here = rf"(?<![\w.]){re.escape(name)}\b"
    if re.search(rf"{here}\s*(<=|>=|<|>|=|!=|[-*/])\s*-?\d|\d\s*(<=|>=|<|>|=|!=)\s*{here}", feel):
        return NUMBER
    if re.search(rf"(list contains|count)\(\s*{here}", feel) or re.search(rf"{here}\[", feel):
        return "list of number" if re.search(r",\s*-?\d", feel) else "list of text"
    if re.search(rf'{here}\s*!?=\s*"|(string length|contains|upper case|matches)\(\s*{here}', feel):
        return TEXT
    if re.search(rf"{here}\s*(<=|>=|<|>)|(<=|>=|<|>)\s*{here}", feel):
        return NUMBER
    return wanted


def read(feel: str, source: Source) -> Expression:
    """A translated expression, compiled with the names that the case knows."""
    return compile(feel, [*source.facts, *source.declared])
