"""The definitions of an event: what it waits for or brings about (BPMN 2.0.2 §10.5.5)."""

import re
from collections.abc import Callable, Iterator
from typing import Literal

from lxml import etree

from caseloom.engine.spec.flow import EventDefinition, TimerSpec
from caseloom.interchange.bpmn_expressions import expression, feel, timed
from caseloom.interchange.bpmn_names import DEFINITIONS, OWN
from caseloom.interchange.bpmn_source import Source
from caseloom.interchange.bpmn_work import topic_of
from caseloom.interchange.hardened_xml import local_name, text_in
from caseloom.interchange.juel import has_juel

_THROWS = {"intermediateThrowEvent", "endEvent"}


def definitions_of(source: Source, node: etree._Element) -> tuple[EventDefinition, ...]:
    """All definitions of an event, in the order of the file; those that stand at the root are followed."""
    return tuple(_READERS[local_name(one)](source, node, one) for one in _definition_elements(source, node))


def _definition_elements(source: Source, node: etree._Element) -> Iterator[etree._Element]:
    for child in source.children(node, *DEFINITIONS, "eventDefinitionRef"):
        if local_name(child) != "eventDefinitionRef":
            yield child
            continue
        found = source.referred(text_in(child).strip())
        if found is None or local_name(found) not in DEFINITIONS:
            source.say(child, "cannot run", f"There is no event definition {text_in(child).strip()!r} at the root.")
            continue
        source.use(found)
        yield found


def message_of(source: Source, node: etree._Element, holder: etree._Element) -> EventDefinition | None:
    """The message that `holder` (a definition, a send or receive task) refers to; None where it names none."""
    reference = source.attribute(holder, "messageRef")
    if not reference:
        return None
    message = source.referred(reference)
    if message is None:
        source.say(holder, "changed", f"There is no message {reference!r}; this is taken as its name.")
        return EventDefinition(kind="message", name=reference)
    source.use(message)
    return EventDefinition(
        kind="message",
        name=_name_of(source, message),
        correlation=_correlation(source, node, message),
    )


def unnamed(source: Source, node: etree._Element, kind: str) -> str:
    """The name that a message or signal gets from its event, where the file names none."""
    flowing = source.flow_of_messages(node) if kind == "message" else ""
    name = flowing or source.name_of(node) or source.key_of(node)
    after = "the message flow" if flowing else "it"
    source.say(node, "changed", f"It names no {kind}. The {kind} is named after {after}: {name!r}.")
    return name


def _name_of(source: Source, root: etree._Element) -> str:
    name = source.attribute(root, "name") or source.attribute(root, "id")
    if has_juel(name) or name.startswith("="):
        source.say(root, "cannot run", f"The name {name!r} is an expression; it is taken as it is written.")
    return name


# -- correlation (§8.4.2) --------------------------------------------------------------------------------------


def _correlation(source: Source, node: etree._Element, message: etree._Element) -> str | None:
    for one in source.zeebe(message, "subscription"):
        key = source.attribute(one, "correlationKey")
        return feel(source, one, key.removeprefix("="))
    found = list(_retrieved(source, node, message))
    if len(found) > 1:
        return f"[{', '.join(found)}]"
    return found[0] if found else None


def _retrieved(source: Source, node: etree._Element, message: etree._Element) -> Iterator[str]:
    """The parts of a key: for who waits, what the process's subscription binds; for who sends, the message's path."""
    for prop in source.children(source.root, "correlationProperty"):
        for retrieval in source.children(prop, "correlationPropertyRetrievalExpression"):
            if source.referred(source.attribute(retrieval, "messageRef")) is not message:
                continue
            path = expression(source, source.child(retrieval, "messagePath"))
            bound = None if local_name(node) in (*_THROWS, "sendTask") else _bound(source, node, prop)
            if bound or path:
                yield bound or path or ""


def _bound(source: Source, node: etree._Element, prop: etree._Element) -> str | None:
    process = next((one for one in node.iterancestors() if local_name(one) == "process"), None)
    if process is None:
        return None
    for subscription in source.children(process, "correlationSubscription"):
        for binding in source.children(subscription, "correlationPropertyBinding"):
            if source.referred(source.attribute(binding, "correlationPropertyRef")) is prop:
                return expression(source, source.child(binding, "dataPath"))
    return None


# -- each kind -------------------------------------------------------------------------------------------------


def _message(source: Source, node: etree._Element, one: etree._Element) -> EventDefinition:
    topic = ""
    if local_name(node) in _THROWS:
        topic = topic_of(source, one) or topic_of(source, node) or _operation(source, one)
    found = message_of(source, node, one)
    if found is None:
        name = source.name_of(node) or source.key_of(node) if topic else unnamed(source, node, "message")
        found = EventDefinition(kind="message", name=name)
    return EventDefinition(kind="message", name=found.name, correlation=found.correlation, topic=topic)


def _operation(source: Source, one: etree._Element) -> str:
    operation = source.referred(source.child_text(one, "operationRef"))
    return source.name_of(operation) if operation is not None else ""


_SEVEN_FIELDS = re.compile(r'"((?:[^\s"]+\s+){5}[^\s"]+)\s+\*"')


_TIMES: tuple[tuple[Literal["date", "duration", "cycle"], str], ...] = (
    ("date", "timeDate"),
    ("duration", "timeDuration"),
    ("cycle", "timeCycle"),
)


def _timer(source: Source, node: etree._Element, one: etree._Element) -> EventDefinition:
    for kind, name in _TIMES:
        child = source.child(one, name)
        value = None if child is None else timed(source, child)
        if child is None or value is None:
            continue
        # Quartz writes the year as a seventh field; every year is what six fields say.
        value = _SEVEN_FIELDS.sub(r'"\1"', value) if kind == "cycle" else value
        return EventDefinition(kind="timer", timer=TimerSpec(kind=kind, value=value))
    source.say(one, "cannot run", "The timer says no date, duration or cycle.")
    return EventDefinition(kind="timer")


def _signal(source: Source, node: etree._Element, one: etree._Element) -> EventDefinition:
    reference = source.attribute(one, "signalRef")
    signal = source.referred(reference) if reference else None
    if signal is not None:
        source.use(signal)
        return EventDefinition(kind="signal", name=_name_of(source, signal))
    return EventDefinition(kind="signal", name=reference or unnamed(source, node, "signal"))


def _error(source: Source, node: etree._Element, one: etree._Element) -> EventDefinition:
    return EventDefinition(
        kind="error",
        name=_code(source, one, "errorRef", "errorCode"),
        code_variable=_kept_in(source, one, "errorCodeVariable", "errorVariable"),
        message_variable=_kept_in(source, one, "errorMessageVariable"),
    )


def _escalation(source: Source, node: etree._Element, one: etree._Element) -> EventDefinition:
    return EventDefinition(
        kind="escalation",
        name=_code(source, one, "escalationRef", "escalationCode"),
        code_variable=_kept_in(source, one, "escalationCodeVariable"),
    )


def _kept_in(source: Source, one: etree._Element, *names: str) -> str:
    own = [source.attribute(one, name, OWN) for name in names]
    return source.variable(source.vendor(one, *names) or next(filter(None, own), ""))


def _code(source: Source, one: etree._Element, reference: str, attribute: str) -> str:
    """The code of an error or escalation: its own, else its name or id, so that who throws and who catches agree."""
    named = source.attribute(one, reference)
    root = source.referred(named) if named else None
    if root is None:
        return named
    source.use(root)
    return source.attribute(root, attribute) or source.name_of(root) or source.attribute(root, "id")


def _conditional(source: Source, node: etree._Element, one: etree._Element) -> EventDefinition:
    condition = expression(source, source.child(one, "condition"))
    if condition is None:
        source.say(one, "cannot run", "The conditional event has no condition.")
    if source.vendor(one, "variableName", "variableEvents"):
        source.say(
            one, "no effect", "variableName and variableEvents: every change of what the condition reads counts."
        )
    return EventDefinition(kind="conditional", condition=condition)


def _link(source: Source, node: etree._Element, one: etree._Element) -> EventDefinition:
    source.use(*source.children(one, "source", "target"))
    return EventDefinition(kind="link", name=source.attribute(one, "name") or source.name_of(node))


def _compensation(source: Source, node: etree._Element, one: etree._Element) -> EventDefinition:
    if not source.flag(one, "waitForCompletion", default=True):
        source.say(
            one, "changed", "waitForCompletion is false; the throw event waits for the compensation all the same."
        )
    return EventDefinition(kind="compensation", activity=source.attribute(one, "activityRef"))


def _plain(source: Source, node: etree._Element, one: etree._Element) -> EventDefinition:
    return EventDefinition(kind=DEFINITIONS[local_name(one)])


_Reader = Callable[[Source, etree._Element, etree._Element], EventDefinition]
_READERS: dict[str, _Reader] = {
    "messageEventDefinition": _message,
    "timerEventDefinition": _timer,
    "signalEventDefinition": _signal,
    "errorEventDefinition": _error,
    "escalationEventDefinition": _escalation,
    "conditionalEventDefinition": _conditional,
    "linkEventDefinition": _link,
    "compensateEventDefinition": _compensation,
    "terminateEventDefinition": _plain,
    "cancelEventDefinition": _plain,
}
