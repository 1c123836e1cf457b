"""What of a BPMN file means nothing to a running flow, each named with its place, and how much means something."""

from collections import Counter

from lxml import etree

from caseloom.interchange.bpmn_names import BPMN, DIAGRAM, OWN, VENDORS, XSI, ZEEBE
from caseloom.interchange.bpmn_source import Finding, Source
from caseloom.interchange.hardened_xml import line_of, local_name

Coverage = dict[str, tuple[int, int]]
"""By the name of an element of BPMN's: how many there are, and how many mean something to a running flow."""

_TRANSPORT = frozenset(
    [
        "definitions",
        "extensionElements",
        "incoming",
        "outgoing",
        "documentation",
        "import",
        "relationship",
        "source",
        "target",
        "extension",
        "itemDefinition",
        "dataState",
    ]
)
_FOR_PEOPLE = frozenset(
    [
        "collaboration",
        "participant",
        "participantMultiplicity",
        "messageFlow",
        "conversation",
        "conversationLink",
        "conversationNode",
        "subConversation",
        "globalConversation",
        "callConversation",
        "participantAssociation",
        "messageFlowAssociation",
        "textAnnotation",
        "text",
        "group",
        "category",
        "categoryValue",
        "association",
        "monitoring",
        "auditing",
        "partnerEntity",
        "partnerRole",
        "interfaceRef",
        "inMessageRef",
        "outMessageRef",
        "errorRef",
        "endPoint",
        "interface",
        "operation",
        "resource",
        "resourceParameter",
        "dataStore",
        "dataStoreReference",
        "dataObjectReference",
        "supportedInterfaceRef",
        "laneSet",
        "partitionElement",
        "correlationProperty",
        "correlationKey",
        "correlationPropertyRef",
        "correlationPropertyRetrievalExpression",
        "messagePath",
        "type",
        "message",
        "signal",
        "error",
        "escalation",
        "supports",
        "ioBinding",
    ]
)
"""Drawn, or told to people and other programs: a flow runs the same without them. Roots count where they are used."""

_ATTRIBUTES = frozenset(
    [
        "id",
        "name",
        "gatewayDirection",
        "isImmediate",
        "isClosed",
        "processType",
        "implementation",
        "textFormat",
        "isCollection",
        "itemSubjectRef",
        "isExecutable",
        "definitionalCollaborationRef",
        "startQuantity",
        "completionQuantity",
        "structureRef",
        "itemKind",
        "evaluatesToTypeRef",
        "language",
        "typeLanguage",
        "expressionLanguage",
        "exporter",
        "exporterVersion",
        "targetNamespace",
        "operationRef",
        "scriptFormat",
        "capacity",
        "isUnlimited",
        "dataStoreRef",
        "method",
        "textFormat",
        "errorRef",
        "triggeredByEvent",
        "inputSetRefs",
        "outputSetRefs",
        "isForCompensation",
        "behavior",
        "noneBehaviorEventRef",
        "oneBehaviorEventRef",
        "parallelMultiple",
        "instantiate",
        "default",
        "structureRef",
        "ordering",
        "cancelRemainingInstances",
        "dataObjectRef",
        "isInterrupting",
        "cancelActivity",
    ]
)
"""Attributes that are read where they say something, or that no flow depends on."""

_HARMLESS = frozenset(
    [
        "async",
        "asyncBefore",
        "asyncAfter",
        "exclusive",
        "asyncComplete",
        "jobPriority",
        "historyTimeToLive",
        "versionTag",
        "isStartableInTasklist",
        "modelerTemplate",
        "modelerTemplateVersion",
        "modelerTemplateIcon",
        "diagramRelationId",
        "fetchSize",
        "mode",
        "candidateStarterGroups",
        "candidateStarterUsers",
    ]
)
"""Transactions, jobs and tools of other engines: here every step is durable by itself."""

_NO_MEANING = _TRANSPORT | _FOR_PEOPLE


def coverage_of(source: Source) -> Coverage:
    """How many elements there are by name, and how many mean something."""
    total: Counter[str] = Counter()
    meant: Counter[str] = Counter()
    for node in source.nodes:
        name = etree.QName(node)
        if name.namespace == BPMN:
            total[name.localname] += 1
            means = node in source.used and node not in source.idle
            meant[name.localname] += means and name.localname not in _TRANSPORT
    return {name: (count, meant[name]) for name, count in sorted(total.items())}


def say_unread(source: Source) -> None:
    """Adds a finding for each element and attribute that was not read and is no mere drawing.

    What belongs to other makers is told once by name, with how often it stands there.
    """
    foreign: dict[tuple[str, str], list[etree._Element]] = {}
    for node in source.nodes:
        namespace = etree.QName(node).namespace or ""
        parent = node.getparent()
        if namespace in DIAGRAM or (parent is not None and parent not in source.used and not _is_box(parent)):
            continue
        if namespace == BPMN:
            _say_element(source, node)
        elif node in source.used:
            _say_attributes(source, node, foreign)
            continue
        elif namespace in (*VENDORS, ZEEBE, OWN):
            _say_extension(source, node)
            continue
        else:
            foreign.setdefault((namespace, local_name(node)), []).append(node)
            continue
        if node in source.used or local_name(node) in _NO_MEANING:
            _say_attributes(source, node, foreign)
    for (namespace, name), nodes in foreign.items():
        times = f", {len(nodes)} times" if len(nodes) > 1 else ""
        message = f"{name!r} of {namespace or 'no namespace'}{times}: kept as it stands."
        source.findings.append(Finding(line_of(nodes[0]), "", "no effect", message))


def _is_box(node: etree._Element) -> bool:
    return node.tag == f"{{{BPMN}}}extensionElements"


def _say_element(source: Source, node: etree._Element) -> None:
    name = local_name(node)
    if node in source.used or name in _NO_MEANING:
        return
    if name.startswith(("choreography", "global")) or "horeography" in name:
        source.say(node, "cannot run", f"<{name}> is no part of a process that runs.")
    else:
        source.say(node, "no effect", f"<{name}> means nothing here; it is kept as it stands.")


def _say_extension(source: Source, node: etree._Element) -> None:
    name = local_name(node)
    if "istener" in name:
        source.say(node, "cannot run", f"{_listener(node)} is not called. Say what it does as a rule or a task.")
    elif name not in _HARMLESS:
        source.say(node, "no effect", f"The extension {name!r} means nothing here; it is kept as it stands.")


def _listener(node: etree._Element) -> str:
    """A listener in words: what it calls, and at which event."""
    called = next(filter(None, map(node.get, ("class", "delegateExpression", "expression", "type"))), "")
    script = next((one.get("scriptFormat") for one in node.iter("{*}script") if one.get("scriptFormat")), "")
    event = node.get("event") or node.get("eventType")
    what = f" {called!r}" if called else f" in {script}" if script else ""
    return f"The listener{what}{f' of {event!r}' if event else ''}"


def _say_attributes(source: Source, node: etree._Element, foreign: dict[tuple[str, str], list[etree._Element]]) -> None:
    for key in node.attrib:
        name = etree.QName(str(key))
        namespace, local = name.namespace or "", name.localname
        if (node, str(key)) in source.used_attributes or namespace in (XSI, "http://www.w3.org/XML/1998/namespace"):
            continue
        if namespace in (*VENDORS, ZEEBE, OWN):
            if local not in _HARMLESS:
                source.say(node, "no effect", f"The extension {local!r} means nothing here; it is kept as it stands.")
        elif namespace:
            foreign.setdefault((namespace, f"@{local}"), []).append(node)
        else:
            _say_attribute(source, node, local)


def _say_attribute(source: Source, node: etree._Element, name: str) -> None:
    given = node.get(name)
    if name in ("startQuantity", "completionQuantity") and given not in ("", "1"):
        source.say(node, "cannot run", f"{name} is {given}: one token comes in and one goes out.")
    elif name not in _ATTRIBUTES and etree.QName(node).namespace == BPMN and local_name(node) not in _NO_MEANING:
        source.say(node, "no effect", f"The attribute {name!r} of <{local_name(node)}> means nothing here.")
