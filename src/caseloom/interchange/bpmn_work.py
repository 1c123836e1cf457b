"""What a task does and who does it: workers, scripts, decisions, calls and people, as BPMN, Camunda's family and
Camunda 8 say it.
"""

import re
from typing import Any

from lxml import etree

from caseloom.engine.feel.strings import quoted
from caseloom.engine.spec.flow import DecisionCall, Mapping
from caseloom.interchange.bpmn_expressions import expression, feel, of_vendor, value
from caseloom.interchange.bpmn_forms import read_form
from caseloom.interchange.bpmn_mappings import called_mappings
from caseloom.interchange.bpmn_names import OWN
from caseloom.interchange.bpmn_people import read_people
from caseloom.interchange.bpmn_source import Source
from caseloom.interchange.hardened_xml import local_name, text_in
from caseloom.interchange.juel import Call, JuelFault, Name, Node, has_juel, parts_of
from caseloom.interchange.juel_calls import spoken
from caseloom.interchange.juel_feel import node_to_feel, to_feel

Fields = dict[str, Any]
"""Fields of an `ElementSpec`."""

_MAPPED = ("singleEntry", "singleResult", "collectEntries", "resultList")


def read_work(source: Source, node: etree._Element) -> Fields:
    """The fields of an activity or event that say what is done, by whom, and with which result."""
    kind = local_name(node)
    found = {**_of_own(source, node)}
    if kind in ("serviceTask", "sendTask", "businessRuleTask", "scriptTask"):
        found = {**_automatic(source, node, kind), **found}
    if kind == "callActivity":
        found = {**_call(source, node), **found}
    if kind == "userTask":
        found = {**read_people(source, node), **found}
    if kind in ("userTask", "startEvent"):
        found["form"] = read_form(source, node)
    headers = _headers(source, node)
    return {"retries": _retries(source, node), **found, "headers": headers}


def _of_own(source: Source, node: etree._Element) -> Fields:
    """What only our own extension says."""
    found: Fields = {}
    for own in source.own(node, "flow"):
        for name in ("topic", "task", "result", "map_result"):
            given = source.attribute(own, name)
            if given:
                found[name] = given
        given = source.attribute(own, "retries")
        if given:
            found["retries"] = feel(source, own, given.removeprefix("="))
    return found


# -- work without people ---------------------------------------------------------------------------------------


def _automatic(source: Source, node: etree._Element, kind: str) -> Fields:
    result = source.variable(source.vendor(node, "resultVariable", "resultVariableName"))
    found: Fields = {"result": result} if result else {}
    decision = _decision(source, node) if kind == "businessRuleTask" else {}
    if decision:
        return {**found, **decision}
    script = _script(source, node)
    if script:
        return {**found, **script}
    topic = topic_of(source, node)
    called = {} if topic else _expressed(source, node)
    if topic or called:
        return {**found, **({"topic": topic} if topic else called)}
    if kind in ("scriptTask", "sendTask") and (kind == "scriptTask" or source.attribute(node, "messageRef")):
        return found
    return {**found, "topic": _named_after(source, node)}


def topic_of(source: Source, node: etree._Element) -> str:
    """What an external worker fetches for a task or a thrown message; empty where the file does not say."""
    for one in source.zeebe(node, "taskDefinition"):
        return _plain_topic(source, one, source.attribute(one, "type"))
    topic = source.vendor(node, "topic")
    if topic:
        source.vendor(node, "type")
        return _plain_topic(source, node, topic)
    named = source.vendor(node, "class")
    if named:
        source.say(node, "changed", f"The class {named!r} becomes the topic of an external worker.")
        return named
    bean = source.vendor(node, "delegateExpression")
    if bean:
        topic = _bean(bean)
        source.say(node, "changed", f"The delegate {bean!r} becomes the topic {topic!r} of an external worker.")
        return topic
    for connector in source.extensions(node, "connector"):
        for key in source.inside(connector, (etree.QName(connector).namespace or "",), ("connectorId",)):
            source.say(connector, "changed", "The connector becomes the topic of an external worker.")
            return text_in(key).strip()
    kind = source.vendor(node, "type")
    return "" if kind in ("external", "external-worker") else kind


def _plain_topic(source: Source, node: etree._Element, text: str) -> str:
    if text.startswith("=") or has_juel(text):
        source.say(node, "cannot run", f"The topic {text!r} is an expression; it is taken as it is written.")
    return text


def _bean(text: str) -> str:
    try:
        nodes = [part for part in parts_of(text) if isinstance(part, Node)]
    except JuelFault:
        nodes = []
    return re.sub(r"\(.*?\)", "", spoken(nodes[0])) if nodes else text


def _expressed(source: Source, node: etree._Element) -> Fields:
    """A service task that is an expression: FEEL where that says the same, else a worker named after the call."""
    text = source.vendor(node, "expression")
    if not text:
        return {}
    try:
        nodes = [part for part in parts_of(text) if isinstance(part, Node)]
        assigned = _assigned(source, nodes)
        if assigned is not None:
            return {"outputs": (assigned,)}
        found = to_feel(text)
    except JuelFault as fault:
        source.counts.untranslated += 1
        source.say(node, "cannot run", f"{text!r} cannot be read: {fault.message}")
        return {}
    if not found.troubles or not nodes:
        source.counts.translated += 1
        source.names.update(found.names)
        return {"script": found.feel}
    topic = _bean(text)
    source.counts.untranslated += 1
    source.say(node, "changed", f"The call {text!r} becomes the topic {topic!r} of an external worker.")
    return {"topic": topic}


def _assigned(source: Source, nodes: list[Node]) -> Mapping | None:
    """`execution.setVariable('name', value)`."""
    match nodes:
        case [Call(base=Name(name="execution"), name="setVariable", arguments=(name, given))]:
            target = getattr(name, "value", None)
            found = node_to_feel(given)
            if isinstance(target, str) and not found.troubles:
                source.names |= found.names
                source.counts.translated += 1
                return Mapping(target=source.variable(target), source=found.feel)
    return None


def _named_after(source: Source, node: etree._Element) -> str:
    operation = source.referred(source.attribute(node, "operationRef"))
    name = source.name_of(operation) if operation is not None else ""
    topic = name or source.key_of(node)
    after = "its operation" if name else "it"
    source.say(node, "changed", f"It says not what does it. An external worker does, with a topic named after {after}.")
    return topic


def _script(source: Source, node: etree._Element) -> Fields:
    for one in source.zeebe(node, "script"):
        found: Fields = {"script": value(source, one, source.attribute(one, "expression"))}
        result = source.variable(source.attribute(one, "resultVariable"))
        return {**found, "result": result} if result else found
    if local_name(node) != "scriptTask":
        return {}
    language = source.attribute(node, "scriptFormat").lower()
    resource = source.vendor(node, "resource")
    body = source.child(node, "script")
    text = "" if body is None else text_in(body).strip()
    if resource:
        return {"topic": _scripted(source, node, language)}
    if not text:
        if not topic_of(source, node):
            source.say(node, "no effect", "The script is empty.")
            source.idle.add(node)
        return {}
    if "feel" in language or text.startswith("="):
        return {"script": feel(source, node, text.removeprefix("="))}
    if language in ("", "juel") and has_juel(text) and body is not None:
        return {"script": expression(source, body)}
    return {"topic": _scripted(source, node, language)}


def _scripted(source: Source, node: etree._Element, language: str) -> str:
    topic = f"script:{(language or 'unknown').rpartition('/')[2]}:{source.key_of(node)}"
    source.say(node, "changed", f"The script is not run here; an external worker runs it, with the topic {topic!r}.")
    return topic


def _decision(source: Source, node: etree._Element) -> Fields:
    for one in source.zeebe(node, "calledDecision"):
        found: Fields = {"decision": _decision_call(source, one, source.attribute(one, "decisionId"))}
        result = source.variable(source.attribute(one, "resultVariable"))
        model = source.attribute(one, "model", OWN)
        if model:
            found["decision"] = DecisionCall(decision=found["decision"].decision, model=model)
        return {**found, "result": result} if result else found
    called = source.vendor(node, "decisionRef") or _field(source, node, "decisionTableReferenceKey")
    if not called:
        return {}
    for name in ("decisionRefBinding", "decisionRefVersion", "decisionRefVersionTag", "decisionRefTenantId"):
        if source.vendor(node, name):
            source.say(node, "no effect", f"{name}: the published version of the decision is taken.")
    mapped = source.vendor(node, "mapDecisionResult") or "resultList"
    if mapped not in _MAPPED:
        source.say(node, "cannot run", f"mapDecisionResult is {mapped!r}; known are {', '.join(_MAPPED)}.")
        mapped = ""
    return {"decision": _decision_call(source, node, called), "map_result": mapped}


def _decision_call(source: Source, node: etree._Element, named: str) -> DecisionCall:
    if has_juel(named) or (named.startswith("=") and not re.fullmatch(r'=\s*"[^"]*"', named)):
        source.say(node, "cannot run", f"The decision {named!r} is an expression; it is taken as it is written.")
    return DecisionCall(decision=named.removeprefix("=").strip().strip('"') if named.startswith("=") else named)


def _field(source: Source, node: etree._Element, wanted: str) -> str:
    """A field of Flowable's that says what a task does."""
    for one in source.extensions(node, "field"):
        if source.attribute(one, "name") == wanted:
            return source.attribute(one, "stringValue") or text_in(one).strip()
    return ""


def _headers(source: Source, node: etree._Element) -> tuple[Mapping, ...]:
    """Task headers, injected fields and properties: fixed words for who does the work."""
    found = []
    for one in source.zeebe(node, "taskHeaders"):
        for header in source.inside(one, (etree.QName(one).namespace or "",), ("header",)):
            found.append((source.attribute(header, "key"), value(source, header, source.attribute(header, "value"))))
    holders = [node, *(source.children(node, "messageEventDefinition"))]
    for holder in holders:
        for one in source.extensions(holder, "field"):
            found.append((source.attribute(one, "name"), _field_value(source, one)))
    for one in [*source.extensions(node, "properties"), *source.zeebe(node, "properties")]:
        for header in source.inside(one, (etree.QName(one).namespace or "",), ("property",)):
            given = source.attribute(header, "value")
            found.append((source.attribute(header, "name"), quoted(given) if given else None))
    return tuple(Mapping(target=name, source=feel or "null") for name, feel in found if name)


def _field_value(source: Source, node: etree._Element) -> str | None:
    given = source.attribute(node, "stringValue") or source.attribute(node, "expression")
    inner = list(source.inside(node, (etree.QName(node).namespace or "",), ("string", "expression")))
    return of_vendor(source, node, given or (text_in(inner[0]) if inner else ""))


def _retries(source: Source, node: etree._Element) -> str | None:
    for one in source.zeebe(node, "taskDefinition"):
        given = source.attribute(one, "retries")
        if given:
            return feel(source, one, given.removeprefix("="))
    for one in source.extensions(node, "failedJobRetryTimeCycle"):
        times = re.match(r"R(\d+)/", text_in(one).strip())
        if times:
            return times[1]
        source.say(one, "no effect", f"The retry cycle {text_in(one).strip()!r} says not how often.")
    return None


# -- calls -----------------------------------------------------------------------------------------------------


def _call(source: Source, node: etree._Element) -> Fields:
    for one in source.zeebe(node, "calledElement"):
        source.attribute(node, "calledElement")
        return {
            "called": value(source, one, source.attribute(one, "processId")),
            "inherits": source.flag(one, "propagateAllParentVariables", default=True),
            "returns": source.flag(one, "propagateAllChildVariables", default=True),
        }
    called = source.attribute(node, "calledElement")
    case = source.vendor(node, "caseRef")
    if case:
        source.say(node, "changed", f"It calls the CMMN case {case!r}; a process of this name is called.")
    for name in ("calledElementBinding", "calledElementVersion", "calledElementVersionTag", "calledElementTenantId"):
        if source.vendor(node, name):
            source.say(node, "no effect", f"{name}: the published version is called.")
    if not has_juel(called):
        called = called.rpartition(":")[2]
    inherits, returns = called_mappings(source, node)
    inherits = inherits or source.vendor(node, "inheritVariables") == "true"
    return {"called": of_vendor(source, node, called or case), "inherits": inherits, "returns": returns}
