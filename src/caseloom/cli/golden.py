"""Golden histories: cases as recorded at a release, which the code of every later day must replay (DESIGN §4).

A file holds the texts of the definitions, the events in the form in which they are stored (name and JSON, personal
fields open: the demo's people are made up), the stamps, and the state and projected rows that they led to. An event
type that gets a new version keeps the reader of the old one, so that these files are never rewritten.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from caseloom.cases.kind import CASES
from caseloom.cases.models import CaseRow
from caseloom.engine.case.evolve import Stamp
from caseloom.library.models import VersionRow
from caseloom.sdk.stream import Decided, Recorded, Row
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history


class GoldenEvent(msgspec.Struct, frozen=True):
    """One event: its stored name, its fields, and of the envelope what folding needs. `first` begins a command."""

    name: str
    at: datetime
    actor: str
    first: bool
    fields: dict[str, Any]


class Golden(msgspec.Struct, frozen=True):
    """A recorded history. `rows` are `table key` → values, as JSON."""

    service_goal: str
    definitions: tuple[str, ...]
    events: tuple[GoldenEvent, ...]
    state: Any
    rows: dict[str, Any]


def record(folder: Path, each: int) -> list[Path]:
    """Record some cases of each service goal: the longest histories; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    goals = sorted(set(CaseRow.objects.exclude(service_goal="").values_list("service_goal", flat=True)))
    return [_write(folder, goal, number, case) for goal in goals for number, case in enumerate(_spread(goal, each), 1)]


def _spread(goal: str, each: int) -> list[int]:
    """Cases of one service goal: those with most contacts and hand-overs."""
    rows = CaseRow.objects.filter(service_goal=goal).order_by("-perception", "-hand_overs", "-contacts_out", "id")
    found = list(rows.values_list("id", flat=True))
    return found[:: max(1, len(found) // each)][:each]


def _write(folder: Path, goal: str, number: int, case: int) -> Path:
    file = folder / f"{goal.replace(' ', '-')}-{number}.json"
    plain = msgspec.to_builtins(golden(case), builtin_types=())
    file.write_text(json.dumps(plain, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def golden(case: int) -> Golden:
    """The history of a case as it is recorded."""
    history = read_history(the_door(), CASES, case)
    events = tuple(_event(recorded) for recorded in history)
    state, rows = replayed(events)
    return Golden(state["service_goal"], _definitions(state), events, state, rows)


def _event(recorded: Recorded) -> GoldenEvent:
    fields = json.loads(msgspec.json.encode(recorded.event))
    return GoldenEvent(recorded.event.stored, recorded.at, recorded.actor, recorded.command is not None, fields)


def _definitions(state: dict[str, Any]) -> tuple[str, ...]:
    wanted = (("house", state["house_version"]), (state["service_goal"], state["version"]))
    rows = (VersionRow.objects.filter(key=key, version=version).first() for key, version in wanted)
    return tuple(row.text for row in rows if row is not None)


def replayed(events: Iterable[GoldenEvent]) -> tuple[dict[str, Any], dict[str, Any]]:
    """State and rows that these events lead to on the code of today, as plain JSON values."""
    state: Any = CASES.state()
    rows: dict[str, Any] = {}
    for version, step in _steps(tuple(events)):
        stamp = Stamp(step[0].at, step[0].actor)
        read = [msgspec.convert(event.fields, CASES.events[event.name], strict=False) for event in step]
        for event in read:
            CASES.evolve(state, event, stamp)
        for row in CASES.project(Decided(state.id, version, state, read, stamp)):
            _place(rows, row)
        CASES.rest(state)
    named = {name: getattr(state, name) for name in state.__struct_fields__}
    return json.loads(msgspec.json.encode(named)), rows


def _steps(events: tuple[GoldenEvent, ...]) -> Iterable[tuple[int, tuple[GoldenEvent, ...]]]:
    starts = [number for number, event in enumerate(events) if event.first]
    for start, end in zip(starts, [*starts[1:], len(events)], strict=True):
        yield start, events[start:end]


def _place(rows: dict[str, Any], row: Row) -> None:
    place = f"{row.table.name} {' '.join(map(str, row.key))}"
    rows.pop(place, None)
    if row.values is not None:
        columns = zip(row.table.columns, row.values, strict=True)
        rows[place] = json.loads(msgspec.json.encode({name: value for name, value in columns if name != "body"}))


def read(file: Path) -> Golden:
    """A golden history from its file."""
    return msgspec.json.decode(file.read_bytes(), type=Golden)


def agrees(recorded: Any, today: Any) -> bool:
    """Whether today's value says all that the recorded one says. What has been added since (a further name, a further
    field at the end of a struct) does not matter: old histories must stay true, not stop the growth.
    """
    if isinstance(recorded, dict) and isinstance(today, dict):
        return all(name in today and agrees(value, today[name]) for name, value in recorded.items())
    if isinstance(recorded, list) and isinstance(today, list):
        pairs = zip(recorded, today, strict=False)
        return len(recorded) <= len(today) and all(agrees(one, other) for one, other in pairs)
    return bool(recorded == today)
