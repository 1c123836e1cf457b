"""Loops and multi-instance activities (BPMN 2.0.2 §10.3.8)."""

from typing import Any

from lxml import etree

from caseloom.engine.spec.flow import LoopSpec
from caseloom.interchange.bpmn_expressions import expression, of_vendor, value
from caseloom.interchange.bpmn_source import Source


def read_loop(source: Source, node: etree._Element) -> LoopSpec | None:
    standard = source.child(node, "standardLoopCharacteristics")
    if standard is not None:
        return _standard(source, standard)
    many = source.child(node, "multiInstanceLoopCharacteristics")
    return None if many is None else _multi_instance(source, many)


def _standard(source: Source, node: etree._Element) -> LoopSpec:
    maximum = source.attribute(node, "loopMaximum") or source.child_text(node, "loopMaximum")
    return LoopSpec(
        kind="standard",
        condition=expression(source, source.child(node, "loopCondition")),
        test_before=source.flag(node, "testBefore"),
        maximum=int(maximum) if maximum.isdigit() else None,
    )


def _multi_instance(source: Source, node: etree._Element) -> LoopSpec:
    collection = source.vendor(node, "collection")
    given: dict[str, Any] = {
        "collection": _collection(source, node, collection),
        "element": source.variable(source.vendor(node, "elementVariable")),
    }
    items = {name: _item(source, source.child_text(node, name)) for name in ("loopDataInputRef", "loopDataOutputRef")}
    members = {name: source.child(node, name) for name in ("inputDataItem", "outputDataItem")}
    names = {name: "" if one is None else source.name_of(one) for name, one in members.items()}
    given["collection"] = given["collection"] or items["loopDataInputRef"] or None
    given["element"] = given["element"] or source.variable(names["inputDataItem"])
    given["output_collection"] = items["loopDataOutputRef"]
    given["output_element"] = source.variable(names["outputDataItem"]) or None
    for one in source.zeebe(node, "loopCharacteristics"):
        given["collection"] = value(source, one, source.attribute(one, "inputCollection"))
        given["element"] = source.variable(source.attribute(one, "inputElement"))
        given["output_collection"] = source.variable(source.attribute(one, "outputCollection"))
        given["output_element"] = value(source, one, source.attribute(one, "outputElement"))
    if source.attribute(node, "behavior") not in ("", "All"):
        source.say(node, "no effect", "behavior: no event is thrown while the instances complete.")
    return LoopSpec(
        kind="sequential" if source.flag(node, "isSequential") else "parallel",
        cardinality=expression(source, source.child(node, "loopCardinality")),
        completion=expression(source, source.child(node, "completionCondition")),
        **given,
    )


def _item(source: Source, reference: str) -> str:
    """The name of the data that a loop reads or fills; Activiti writes the variable itself."""
    if not reference:
        return ""
    found = source.referred(reference)
    name = reference if found is None else source.name_of(found)
    return source.variable(name)


def _collection(source: Source, node: etree._Element, text: str) -> str | None:
    """Camunda's family writes `${list}` or the plain name of the variable."""
    return of_vendor(source, node, text) if "{" in text else source.variable(text) or None
