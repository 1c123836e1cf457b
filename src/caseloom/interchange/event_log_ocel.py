"""Object-centric event logs (OCEL 2.0, JSON and XML), flattened: the objects of one type are the cases.

An event that concerns three such objects stands in three cases. Attributes of an object are given as they were set
by the moment of the event (OCEL 2.0 §3: values of objects have a time).
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO, Final

import msgspec
from lxml import etree

from caseloom.interchange.event_log import Columns, EventLogFaulty, LoggedEvent, Value
from caseloom.interchange.event_log_time import moment_reader
from caseloom.interchange.hardened_xml import XmlFaulty, line_of, local_name, parse_xml

MAX_BYTES: Final = 500_000_000


class _Attribute(msgspec.Struct):
    name: str
    value: str | int | float | bool | None = None
    time: str = ""


class _Relation(msgspec.Struct, rename="camel"):
    object_id: str
    qualifier: str = ""


class _Object(msgspec.Struct):
    id: str
    type: str
    attributes: list[_Attribute] = []


class _Event(msgspec.Struct):
    id: str
    type: str
    time: str
    attributes: list[_Attribute] = []
    relationships: list[_Relation] = []
    line: int = 0


class _Log(msgspec.Struct):
    events: list[_Event]
    objects: list[_Object]


def read_json(stream: BinaryIO, file: str, columns: Columns) -> Iterator[LoggedEvent]:
    """The events of an OCEL 2.0 JSON file, once for each object of the type `columns.case`.

    Raises:
        EventLogFaulty: with the path within the JSON.
    """
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise EventLogFaulty(f"The file is longer than {MAX_BYTES} bytes. Export a part of it.", file)
    try:
        log = msgspec.json.decode(data, type=_Log)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
        raise EventLogFaulty(f"The file is no OCEL 2.0 JSON: {why}. Export it anew.", file) from None
    yield from _flattened(log, file, columns)


def read_xml(stream: BinaryIO, file: str, columns: Columns) -> Iterator[LoggedEvent]:
    """The same from OCEL 2.0 XML.

    Raises:
        EventLogFaulty: with the line.
    """
    try:
        root = parse_xml(stream.read(MAX_BYTES))
    except XmlFaulty as why:
        raise EventLogFaulty(why.message, file, why.line) from None
    log = _Log([], [])
    for part in _all(root):
        name = local_name(part)
        if name == "objects":
            log.objects = [_Object(_need(one, "id", file), _need(one, "type", file), _given(one)) for one in _all(part)]
        elif name == "events":
            log.events = [_event(one, file) for one in _all(part)]
    if not log.events:
        raise EventLogFaulty("The file has no events. Expected is OCEL 2.0: log, objects, events.", file, 1)
    yield from _flattened(log, file, columns)


def _event(node: etree._Element, file: str) -> _Event:
    relations = [
        _Relation(_need(relation, "object-id", file), str(relation.get("qualifier") or ""))
        for part in _all(node)
        if local_name(part) == "objects"
        for relation in _all(part)
    ]
    name, kind, when = (_need(node, each, file) for each in ("id", "type", "time"))
    return _Event(name, kind, when, _given(node), relations, line_of(node))


def _given(node: etree._Element) -> list[_Attribute]:
    return [
        _Attribute(str(one.get("name") or ""), one.text or "", str(one.get("time") or ""))
        for part in _all(node)
        if local_name(part) == "attributes"
        for one in _all(part)
    ]


def _all(node: etree._Element) -> list[etree._Element]:
    """The elements directly in it, without remarks."""
    return list(node.iterchildren("*"))


def _need(node: etree._Element, name: str, file: str) -> str:
    value = node.get(name)
    if value is None:
        raise EventLogFaulty(f"The element {local_name(node)} has no “{name}”.", file, line_of(node))
    return str(value)


def _flattened(log: _Log, file: str, columns: Columns) -> Iterator[LoggedEvent]:
    moment = moment_reader(columns.zone, columns.time_format)
    objects = {one.id: one for one in log.objects if one.type == _case_type(log, file, columns.case)}
    known = {one.id: _timed(one, moment, file) for one in objects.values()}
    for number, event in enumerate(log.events):
        place = "" if event.line else f"$.events[{number}].time: "
        when = _moment(event.time, moment, file, event.line, place)
        attributes = {one.name: one.value for one in event.attributes if one.value is not None}
        resource = str(attributes.pop(columns.resource or "resource", ""))
        for case in dict.fromkeys(relation.object_id for relation in event.relationships):
            if case in objects:
                so_far = {name: value for since, name, value in known[case] if since is None or since <= when}
                yield LoggedEvent(case, event.type, when, resource, attributes, so_far, event.line)


def _case_type(log: _Log, file: str, wanted: str) -> str:
    types = sorted({one.type for one in log.objects})
    if wanted in types:
        return wanted
    if not wanted and len(types) == 1:
        return types[0]
    what = f"There is no type of objects “{wanted}”." if wanted else "Which type of objects is the case?"
    raise EventLogFaulty(f"{what} The types are {', '.join(types[:30]) or 'none'}; name one of them (--case).", file)


def _timed(one: _Object, moment: Callable[[str], datetime], file: str) -> Sequence[tuple[datetime | None, str, Value]]:
    """The values that an object had, oldest first, so that a later one replaces an earlier."""
    found = [
        (_moment(each.time, moment, file, 0, f"object {one.id}: ") if each.time else None, each.name, each.value)
        for each in one.attributes
        if each.value is not None
    ]
    return sorted(found, key=lambda each: (each[0] is not None, each[0] or datetime.min))  # noqa: DTZ901 - never compared


def _moment(text: str, moment: Callable[[str], datetime], file: str, line: int, place: str) -> datetime:
    try:
        return moment(text)
    except (ValueError, OverflowError):
        message = f"{place}“{text[:40]}” is no time. Write it as 2026-01-31T08:30:00Z."
        raise EventLogFaulty(message, file, line) from None
