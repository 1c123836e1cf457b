"""Event logs as XES (IEEE 1849-2023), read a trace at a time."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO, Final

from lxml import etree

from caseloom.interchange.event_log import Columns, EventLogFaulty, LoggedEvent, Value, joined
from caseloom.interchange.event_log_time import moment_reader
from caseloom.interchange.hardened_xml import line_of, local_name

_NESTS: Final = frozenset({"list", "container"})
_WORDS: Final = frozenset({"string", "id"})
ATTRIBUTES_AT_MOST: Final = 500
"""Of one event or trace."""


def read(stream: BinaryIO, file: str, columns: Columns) -> Iterator[LoggedEvent]:
    """The events of all traces, with the attributes of the event and those of its trace.

    Raises:
        EventLogFaulty: with the line.
    """
    moment = moment_reader(columns.zone, columns.time_format)
    walk = etree.iterparse(
        stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    depth = traces = 0
    try:
        for what, node in walk:
            if what == "start":
                depth += 1
                if depth == 1:
                    _check_root(node, file)
                continue
            depth -= 1
            if depth == 1:
                if local_name(node) == "trace":
                    traces += 1
                    yield from _trace(node, file, columns, moment, traces)
                node.clear()
                while node.getprevious() is not None:
                    del node.getparent()[0]
    except etree.XMLSyntaxError as why:
        message = f"The file is no XML: {(why.msg or 'it is empty').rstrip('.')}. Export it anew."
        raise EventLogFaulty(message, file, why.lineno or 0) from None


def _check_root(node: etree._Element, file: str) -> None:
    if node.getroottree().docinfo.internalDTD is not None:
        raise EventLogFaulty("The file has a DOCTYPE, which is not taken. Remove it.", file, 1)
    if local_name(node) != "log":
        raise EventLogFaulty(f"The outermost element is {local_name(node)[:40]}, not log: this is no XES.", file, 1)


def _trace(
    trace: etree._Element, file: str, columns: Columns, moment: Callable[[str], datetime], number: int
) -> Iterator[LoggedEvent]:
    of_case = _attributes(trace, file, moment)
    wanted = columns.case or "concept:name"
    case = of_case.pop(wanted, None)
    if case is None and columns.case:
        message = f"The trace has no “{columns.case}”. It has {_names(of_case)}; name one of them (--case)."
        raise EventLogFaulty(message, file, line_of(trace))
    name = str(number) if case is None else str(case)
    for node in trace.iterchildren("*"):
        if local_name(node) == "event":
            yield _event(node, file, columns, moment, name, of_case)


def _event(
    node: etree._Element,
    file: str,
    columns: Columns,
    moment: Callable[[str], datetime],
    case: str,
    of_case: dict[str, Value],
) -> LoggedEvent:
    found = _attributes(node, file, moment)
    activity = _taken(found, columns.activity or "concept:name", "activity", file, node)
    when = _taken(found, columns.time or "time:timestamp", "time", file, node)
    if not isinstance(when, datetime):
        when = _moment(str(when), moment, file, node)
    transition = found.pop("lifecycle:transition", "") if columns.lifecycle else ""
    return LoggedEvent(
        case=case,
        activity=joined(str(activity), str(transition)),
        moment=when,
        resource=str(found.pop(columns.resource or "org:resource", "")),
        attributes=found,
        of_case=of_case,
        line=line_of(node),
    )


def _taken(found: dict[str, Value], name: str, role: str, file: str, node: etree._Element) -> Value:
    if name in found:
        return found.pop(name)
    message = f"The event has no “{name}”. It has {_names(found)}; name the {role} (--{role}), or take the event out."
    raise EventLogFaulty(message, file, line_of(node))


def _attributes(node: etree._Element, file: str, moment: Callable[[str], datetime]) -> dict[str, Value]:
    """The attributes directly on an element; nested ones (lists, attributes of attributes) say nothing to us."""
    found: dict[str, Value] = {}
    for one in node.iterchildren("*"):
        key = one.get("key")
        if key is None or local_name(one) in _NESTS:
            continue
        if len(found) >= ATTRIBUTES_AT_MOST:
            raise EventLogFaulty(f"It has more than {ATTRIBUTES_AT_MOST} attributes.", file, line_of(node))
        found[str(key)] = _value(one, file, moment)
    return found


def _value(node: etree._Element, file: str, moment: Callable[[str], datetime]) -> Value:
    text, kind = str(node.get("value") or ""), local_name(node)
    if kind in _WORDS:
        return text
    if kind == "date":
        return _moment(text, moment, file, node)
    try:
        return int(text) if kind == "int" else float(text) if kind == "float" else text
    except ValueError:
        raise EventLogFaulty(f"“{text[:40]}” is no {kind}. Put it right.", file, line_of(node)) from None


def _moment(text: str, moment: Callable[[str], datetime], file: str, node: etree._Element) -> datetime:
    try:
        return moment(text)
    except (ValueError, OverflowError):
        message = f"“{text[:40]}” is no time. Write it as 2026-01-31T08:30:00+01:00 (IEEE 1849, xs:dateTime)."
        raise EventLogFaulty(message, file, line_of(node)) from None


def _names(found: dict[str, Value]) -> str:
    return ", ".join(list(found)[:30]) or "none"
