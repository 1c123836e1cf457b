"""Parts of a model as BPMN elements: standard BPMN where it can say a thing, `zeebe:` where that can, else our own.

FEEL is written after `=`, in every place.
"""

from collections.abc import Callable, Iterable

from lxml import etree

from caseloom.engine.spec.flow import (
    DataSpec,
    ElementSpec,
    EventDefinition,
    FieldSpec,
    Mapping,
    SequenceFlowSpec,
)
from caseloom.interchange.bpmn_names import BPMN, DEFINITIONS, OWN, XSI, ZEEBE, tag

_PREFIXES = {ZEEBE: "zeebe", OWN: "caseloom", XSI: "xsi"}
_ELEMENT_OF = {kind: name for name, kind in DEFINITIONS.items()}
_TIMES = {"date": "timeDate", "duration": "timeDuration", "cycle": "timeCycle"}

# The order of the children of a flow element in the schema; what is not named here comes after these.
_ORDER = {
    name: place
    for place, name in enumerate(
        (
            "documentation",
            "extensionElements",
            "auditing",
            "monitoring",
            "categoryValueRef",
            "incoming",
            "outgoing",
            "ioSpecification",
            "laneSet",
            "property",
            "dataInputAssociation",
            "dataOutputAssociation",
            "resourceRole",
            "performer",
            "humanPerformer",
            "potentialOwner",
            "standardLoopCharacteristics",
            "multiInstanceLoopCharacteristics",
        )
    )
}
_LAST = {
    **dict.fromkeys(("association", "textAnnotation", "group"), 101),
    "completionCondition": 102,
    "BPMNDiagram": 103,
    "relationship": 104,
}

GROUPS: dict[str, tuple[str, ...]] = {
    "attributes": (
        *("default", "is_for_compensation", "attached_to", "parallel_multiple", "instantiate", "parallel_events"),
        *("triggered_by_event", "ordering", "cancel_remaining", "interrupting"),
    ),
    "work": (
        *("inputs", "outputs", "assignee", "candidate_groups", "candidate_users", "due", "form", "task", "topic"),
        *("retries", "headers", "script", "result", "decision", "map_result", "called", "inherits", "returns"),
    ),
    "loop": ("loop",),
    "definitions": ("definitions",),
    "conditions": ("activation_condition", "completion_condition"),
}
"""The fields of a flow node that are written together."""

Root = Callable[[str, str, str], str]
"""Gives the id of a root element: by its kind (`message`), name or code, and correlation key."""


def append(parent: etree._Element, name: str, namespace: str = BPMN, /, **attributes: str | None) -> etree._Element:
    """A new child at the place that the schema asks for; attributes that are None or empty are left out."""
    prefix = _PREFIXES.get(namespace)
    node = etree.Element(tag(name, namespace), nsmap={prefix: namespace} if prefix else None)
    for key, value in attributes.items():
        if value:
            node.set(key, value)
    if namespace != BPMN:
        parent.append(node)
        return node
    rank = _rank(node)
    before = next((child for child in parent.iterchildren(reversed=True) if _rank(child) <= rank), None)
    if before is not None and before.getnext() is None:
        parent.append(node)
    else:
        parent.insert(0 if before is None else parent.index(before) + 1, node)
    return node


def _rank(node: etree._Element) -> int:
    written: object = node.tag
    name = etree.QName(node).localname if isinstance(written, str) else ""
    return _ORDER.get(name, _LAST.get(name, 100))


def extensions(node: etree._Element) -> etree._Element:
    """The box for extensions of an element, made where there is none."""
    box = node.find(tag("extensionElements"))
    return append(node, "extensionElements") if box is None else box


def own_box(node: etree._Element) -> etree._Element:
    """Our own extension of an element, made where there is none."""
    box = extensions(node)
    found = box.find(tag("flow", OWN))
    return append(box, "flow", OWN) if found is None else found


def _feel(text: str | None) -> str | None:
    return None if text is None else f"={text}"


def _expression(parent: etree._Element, name: str, text: str | None) -> None:
    if text is not None:
        node = append(parent, name)
        node.set(tag("type", XSI), _typed(parent))
        node.text = f"={text}"


def _typed(node: etree._Element) -> str:
    """`tFormalExpression` with the prefix that the file has for BPMN."""
    prefix = next((prefix for prefix, uri in node.nsmap.items() if uri == BPMN), None)
    return f"{prefix}:tFormalExpression" if prefix else "tFormalExpression"


def _bool(value: bool) -> str | None:
    return "true" if value else None


# -- flows and data --------------------------------------------------------------------------------------------


def write_flow(node: etree._Element, flow: SequenceFlowSpec, changed_condition: bool = True) -> None:
    """Fills a sequence flow; its condition stays as it stands unless it changed."""
    node.set("sourceRef", flow.source)
    node.set("targetRef", flow.target)
    set_or_remove(node, "name", flow.name)
    if not changed_condition:
        return
    for old in node.findall(tag("conditionExpression")):
        node.remove(old)
    _expression(node, "conditionExpression", flow.condition)


def write_data(node: etree._Element, data: DataSpec) -> None:
    """Fills a data object."""
    node.set("name", data.name)
    set_or_remove(node, "isCollection", _bool(data.collection))
    if data.initial is not None or node.find(f"{tag('extensionElements')}/{tag('flow', OWN)}") is not None:
        set_or_remove(own_box(node), "initial", _feel(data.initial))


def set_or_remove(node: etree._Element, name: str, value: str | None) -> None:
    """Sets an attribute, or removes it where there is nothing to say."""
    if value:
        node.set(name, value)
    elif name in node.attrib:
        del node.attrib[name]


def write_documentation(node: etree._Element, text: str) -> None:
    """Replaces the documentation."""
    for old in node.findall(tag("documentation")):
        node.remove(old)
    if text:
        append(node, "documentation").text = text


# -- flow nodes ------------------------------------------------------------------------------------------------


def write_element(node: etree._Element, element: ElementSpec, root: Root, groups: Iterable[str] = GROUPS) -> None:
    """Fills a flow node with these groups of its fields; it says nothing of them yet. Name and documentation are not
    among them.
    """
    for group in GROUPS:
        if group in groups:
            _WRITERS[group](node, element, root)


def _attributes(node: etree._Element, element: ElementSpec, root: Root) -> None:
    attributes = {
        "default": element.default,
        "isForCompensation": _bool(element.is_for_compensation),
        "attachedToRef": element.attached_to,
        "parallelMultiple": _bool(element.parallel_multiple),
        "instantiate": _bool(element.instantiate),
        "eventGatewayType": "Parallel" if element.parallel_events else None,
        "triggeredByEvent": _bool(element.triggered_by_event),
        "ordering": "Sequential" if element.ordering == "sequential" else None,
        "cancelRemainingInstances": None if element.cancel_remaining else "false",
        "cancelActivity": "false" if element.kind == "boundaryEvent" and not element.interrupting else None,
        "isInterrupting": "false" if element.kind != "boundaryEvent" and not element.interrupting else None,
    }
    for name, value in attributes.items():
        set_or_remove(node, name, value)


def _conditions(node: etree._Element, element: ElementSpec, root: Root) -> None:
    _expression(node, "activationCondition", element.activation_condition)
    _expression(node, "completionCondition", element.completion_condition)


def _definitions(node: etree._Element, element: ElementSpec, root: Root) -> None:
    if element.kind in ("sendTask", "receiveTask"):
        named = [root("message", one.name, one.correlation or "") for one in element.definitions]
        set_or_remove(node, "messageRef", named[0] if named else None)
        return
    set_or_remove(node, "messageRef", None)
    for one in element.definitions:
        _definition(node, one, root)


def _definition(parent: etree._Element, one: EventDefinition, root: Root) -> None:
    node = append(parent, _ELEMENT_OF[one.kind])
    if one.kind == "message":
        node.set("messageRef", root("message", one.name, one.correlation or ""))
        if one.topic:
            append(extensions(node), "taskDefinition", ZEEBE, type=one.topic)
    elif one.kind in ("signal", "error", "escalation") and one.name:
        node.set(f"{one.kind}Ref", root(one.kind, one.name, ""))
    elif one.kind == "link":
        set_or_remove(node, "name", one.name)
    elif one.kind == "compensation":
        set_or_remove(node, "activityRef", one.activity)
    elif one.kind == "timer" and one.timer is not None:
        _expression(node, _TIMES[one.timer.kind], one.timer.value)
    elif one.kind == "conditional":
        _expression(node, "condition", one.condition)
    code = "errorCodeVariable" if one.kind == "error" else "escalationCodeVariable"
    for name, variable in ((code, one.code_variable), ("errorMessageVariable", one.message_variable)):
        if variable:
            node.set(tag(name, OWN), variable)


def _loop(parent: etree._Element, element: ElementSpec, root: Root) -> None:
    loop = element.loop
    if loop is None:
        return
    if loop.kind == "standard":
        node = append(parent, "standardLoopCharacteristics", testBefore=_bool(loop.test_before))
        set_or_remove(node, "loopMaximum", None if loop.maximum is None else str(loop.maximum))
        _expression(node, "loopCondition", loop.condition)
        return
    node = append(parent, "multiInstanceLoopCharacteristics", isSequential=_bool(loop.kind == "sequential"))
    if loop.collection or loop.element or loop.output_collection or loop.output_element:
        append(
            extensions(node),
            "loopCharacteristics",
            ZEEBE,
            inputCollection=_feel(loop.collection),
            inputElement=loop.element,
            outputCollection=loop.output_collection,
            outputElement=_feel(loop.output_element),
        )
    _expression(node, "loopCardinality", loop.cardinality)
    _expression(node, "completionCondition", loop.completion)


def _mappings(node: etree._Element, element: ElementSpec) -> None:
    if not element.inputs and not element.outputs:
        return
    box = append(extensions(node), "ioMapping", ZEEBE)
    for name, mappings in (("input", element.inputs), ("output", element.outputs)):
        for one in mappings:
            append(box, name, ZEEBE, source=f"={one.source}", target=one.target)


def _work(node: etree._Element, element: ElementSpec, root: Root) -> None:
    _mappings(node, element)
    own = {"task": element.task, "map_result": element.map_result, **_doing(node, element)}
    _headers(node, element.headers)
    _people(node, element)
    if element.kind == "callActivity":
        _call(node, element)
    given = {name: value for name, value in own.items() if value}
    if given or element.form:
        box = own_box(node)
        for name, value in given.items():
            box.set(name, value)
        _fields(box, element.form)


def _doing(node: etree._Element, element: ElementSpec) -> dict[str, str]:
    """Writes what does it: a decision, a script or a worker. What `zeebe:` cannot say beside is returned."""
    own = {"topic": element.topic, "retries": _feel(element.retries) or "", "result": element.result}
    if element.decision is not None:
        called = append(extensions(node), "calledDecision", ZEEBE, decisionId=element.decision.decision)
        set_or_remove(called, "resultVariable", own.pop("result"))
        if element.decision.model:
            called.set(tag("model", OWN), element.decision.model)
    elif element.script is not None:
        append(extensions(node), "script", ZEEBE, expression=_feel(element.script), resultVariable=own.pop("result"))
    elif element.topic:
        append(extensions(node), "taskDefinition", ZEEBE, type=own.pop("topic"), retries=own.pop("retries"))
    return own


def _call(node: etree._Element, element: ElementSpec) -> None:
    flags = {True: "true", False: "false"}
    append(
        extensions(node),
        "calledElement",
        ZEEBE,
        processId=_feel(element.called),
        propagateAllParentVariables=flags[element.inherits],
        propagateAllChildVariables=flags[element.returns],
    )


def _headers(node: etree._Element, headers: Iterable[Mapping]) -> None:
    given = list(headers)
    if given:
        box = append(extensions(node), "taskHeaders", ZEEBE)
        for one in given:
            append(box, "header", ZEEBE, key=one.target, value=f"={one.source}")


def _people(node: etree._Element, element: ElementSpec) -> None:
    assigned = {
        "assignee": _feel(element.assignee),
        "candidateGroups": _feel(element.candidate_groups),
        "candidateUsers": _feel(element.candidate_users),
    }
    if any(assigned.values()):
        append(extensions(node), "assignmentDefinition", ZEEBE, **assigned)
    if element.due is not None:
        append(extensions(node), "taskSchedule", ZEEBE, dueDate=_feel(element.due))


def _fields(box: etree._Element, form: Iterable[FieldSpec]) -> None:
    for one in form:
        field = append(
            box,
            "field",
            OWN,
            name=one.name,
            label=one.label,
            type=one.type,
            required=_bool(one.required),
            initial=_feel(one.initial),
        )
        for choice in one.choices:
            append(field, "choice", OWN).text = choice


_WRITERS: dict[str, Callable[[etree._Element, ElementSpec, Root], None]] = {
    "attributes": _attributes,
    "work": _work,
    "loop": _loop,
    "definitions": _definitions,
    "conditions": _conditions,
}
