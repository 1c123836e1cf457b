"""Input and output mappings: Camunda's parameters, Camunda 8's, call activities' variables, and BPMN's own data
associations (BPMN 2.0.2 §10.4.2) where they say something that can be evaluated.
"""

from collections.abc import Iterator

from lxml import etree

from caseloom.engine.feel.strings import quoted
from caseloom.engine.spec.flow import Mapping
from caseloom.interchange.bpmn_expressions import expression, feel, of_vendor
from caseloom.interchange.bpmn_expressions import value as value_of
from caseloom.interchange.bpmn_names import VENDORS, ZEEBE
from caseloom.interchange.bpmn_source import Source
from caseloom.interchange.hardened_xml import XmlFaulty, local_name, parse_xml, text_in
from caseloom.interchange.juel_feel import is_plain

_Pairs = list[tuple[str, str]]


def mappings_of(source: Source, node: etree._Element) -> tuple[tuple[Mapping, ...], tuple[Mapping, ...]]:
    """The inputs and outputs of a flow node, each in the order of the file."""
    inputs: _Pairs = []
    outputs: _Pairs = []
    _associations(source, node, inputs, outputs)
    for holder in _holders(source, node):
        _parameters(source, holder, inputs, outputs)
    for one in source.zeebe(node, "ioMapping"):
        for child in source.inside(one, (ZEEBE,), ("input", "output")):
            given = value_of(source, child, source.attribute(child, "source")) or "null"
            target = source.attribute(child, "target")
            (inputs if local_name(child) == "input" else outputs).append((target, given))
    if local_name(node) == "callActivity":
        inputs += _given(source, node, "in")
        outputs += _given(source, node, "out")
    return _mappings(source, node, inputs), _mappings(source, node, outputs)


def _mappings(source: Source, node: etree._Element, pairs: _Pairs) -> tuple[Mapping, ...]:
    """Targets such as `to.name` and `to.email` become one variable `to` with these members."""
    found: dict[str, str] = {}
    members: dict[str, _Pairs] = {}
    for target, given in pairs:
        root, dot, rest = target.partition(".")
        if dot and all(is_plain(part) for part in target.split(".")):
            members.setdefault(root, []).append((rest, given))
            found[root] = _context(members[root])
        elif target:
            found[source.variable(target)] = given
        else:
            source.say(node, "cannot run", "A mapping names no variable.")
    return tuple(Mapping(target=target, source=given) for target, given in found.items())


def _context(pairs: _Pairs) -> str:
    grouped: dict[str, _Pairs] = {}
    for path, given in pairs:
        name, _, rest = path.partition(".")
        grouped.setdefault(name, []).append((rest, given))
    entries = (
        f"{name}: {inner[-1][1] if not inner[-1][0] else _context([one for one in inner if one[0]])}"
        for name, inner in grouped.items()
    )
    return f"{{{', '.join(entries)}}}"


# -- Camunda's family ------------------------------------------------------------------------------------------


def _holders(source: Source, node: etree._Element) -> Iterator[etree._Element]:
    """Where parameters may stand: at the node, at its message, in its connector."""
    yield from source.children(node, "extensionElements")
    for definition in source.children(node, "messageEventDefinition"):
        yield from source.children(definition, "extensionElements")
        yield from source.extensions(definition, "connector")
    yield from source.extensions(node, "connector")


def _parameters(source: Source, holder: etree._Element, inputs: _Pairs, outputs: _Pairs) -> None:
    for box in source.inside(holder, VENDORS, ("inputOutput",)):
        for one in source.inside(box, VENDORS, ("inputParameter", "outputParameter")):
            given = _parameter(source, one) or '""'
            (inputs if local_name(one) == "inputParameter" else outputs).append((source.attribute(one, "name"), given))


def _parameter(source: Source, node: etree._Element) -> str | None:
    """A parameter's value: text, or a list, map or script of such."""
    for inner in source.inside(node, VENDORS, ("list", "map", "script")):
        match local_name(inner):
            case "list":
                members = (_parameter_inside(source, one) for one in inner.iterchildren("*"))
                return f"[{', '.join(members)}]"
            case "map":
                entries = source.inside(inner, VENDORS, ("entry",))
                pairs = [(source.attribute(one, "key"), _parameter(source, one) or '""') for one in entries]
                return f"{{{', '.join(f'{quoted(key)}: {given}' for key, given in pairs)}}}"
            case _:
                return _script(source, inner)
    return of_vendor(source, node, text_in(node))


def _parameter_inside(source: Source, node: etree._Element) -> str:
    source.use(node)
    if local_name(node) == "script":
        return _script(source, node) or "null"
    return _parameter(source, node) or '""'


def _script(source: Source, node: etree._Element) -> str | None:
    language = source.attribute(node, "scriptFormat").lower()
    if "feel" in language:
        return feel(source, node, text_in(node))
    if language in ("", "juel"):
        return of_vendor(source, node, text_in(node))
    parameter = node.getparent()
    name = f"script_{(parameter.get('name') if parameter is not None else '') or 'value'}"
    source.counts.untranslated += 1
    source.say(node, "changed", f"A script in {language} is not run here. The variable {name!r} is read instead.")
    return source.variable(name)


# -- call activities -------------------------------------------------------------------------------------------


def called_mappings(source: Source, node: etree._Element) -> tuple[bool, bool]:
    """Whether all variables go into a called process, and whether all come back."""
    going, coming = (
        any(source.attribute(one, "variables") == "all" for one in source.extensions(node, name))
        for name in ("in", "out")
    )
    return going, coming


def _given(source: Source, node: etree._Element, name: str) -> Iterator[tuple[str, str]]:
    for one in source.extensions(node, name):
        if source.attribute(one, "variables"):
            continue
        key = source.attribute(one, "businessKey")
        if key:
            yield "businessKey", of_vendor(source, one, key) or "null"
            continue
        written = source.attribute(one, "sourceExpression")
        given = of_vendor(source, one, written) if written else source.variable(source.attribute(one, "source"))
        yield source.attribute(one, "target"), given or "null"


# -- BPMN's own (§10.4.2) --------------------------------------------------------------------------------------


def _associations(source: Source, node: etree._Element, inputs: _Pairs, outputs: _Pairs) -> None:
    for box in source.children(node, "ioSpecification"):
        source.use(*box.iter("*"))
    source.use(*(child for child in node.iterchildren("*") if local_name(child) in _PARTS))
    for one in source.children(node, "dataInputAssociation", "dataOutputAssociation"):
        pairs = inputs if local_name(one) == "dataInputAssociation" else outputs
        pairs += _association(source, one)


_PARTS = {"dataInput", "dataOutput", "inputSet", "outputSet"}


def _association(source: Source, node: etree._Element) -> Iterator[tuple[str, str]]:
    sources = [_item_name(source, text_in(one).strip()) for one in source.children(node, "sourceRef")]
    target = _item_name(source, source.child_text(node, "targetRef"))
    transformation = source.child(node, "transformation")
    assignments = source.children(node, "assignment")
    for one in assignments:
        given = expression(source, source.child(one, "from"))
        to = source.child_text(one, "to") or target
        if given is not None and to:
            yield source.variable(to.lstrip("=$#{ ").rstrip("} ")), given
    if transformation is not None and target:
        given = _transformed(source, transformation)
        if given is not None:
            yield source.variable(target), given
    elif not assignments and len(sources) == 1 and sources[0] and target and sources[0] != target:
        yield source.variable(target), source.variable(sources[0])


def _item_name(source: Source, reference: str) -> str:
    """The variable that a data object, property, data input or output is; empty for what is only drawn."""
    found = source.referred(reference)
    if found is None or local_name(found) not in _ITEMS:
        return ""
    if local_name(found) == "property" and source.name_of(found) == "__targetRef_placeholder":
        return ""
    if local_name(found) == "dataObjectReference" and not source.name_of(found):
        return _item_name(source, source.attribute(found, "dataObjectRef"))
    return source.name_of(found)


_ITEMS = {"dataObject", "dataObjectReference", "property", "dataInput", "dataOutput"}


def _transformed(source: Source, node: etree._Element) -> str | None:
    """The expression of a transformation; Trisotech writes a boxed expression of DMN as text into it."""
    text = text_in(node).strip()
    if not text.startswith("<"):
        return expression(source, node)
    source.attribute(node, "language")
    try:
        boxed = parse_xml(text.encode())
    except XmlFaulty:
        boxed = None
    inner = None if boxed is None or local_name(boxed) != "literalExpression" else boxed.find("{*}text")
    if inner is None:
        source.say(node, "cannot run", "The transformation is no plain expression.")
        return None
    return feel(source, node, text_in(inner))
