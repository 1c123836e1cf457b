"""Event logs as CSV: one row an event, a header with the names of the columns (RFC 4180; also `;` and tab)."""

import csv
import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO, Final

from caseloom.interchange.event_log import Columns, EventLogFaulty, LoggedEvent, joined
from caseloom.interchange.event_log_time import moment_reader

_USUAL: Final = {
    "case": ("case:concept:name", "case_id", "caseid", "case id", "case", "case_number"),
    "activity": ("concept:name", "activity", "activity_id", "activityid", "event", "action"),
    "time": ("time:timestamp", "timestamp", "time", "complete timestamp", "completetimestamp", "date"),
    "resource": ("org:resource", "resource", "user", "agent"),
    "lifecycle": ("lifecycle:transition", "lifecycle", "transition"),
}
_NEEDED: Final = ("case", "activity", "time")
MAX_FIELD: Final = 1_000_000
MAX_LINE: Final = 16_000_000


def read(stream: BinaryIO, file: str, columns: Columns) -> Iterator[LoggedEvent]:
    """The rows as events; each other column is an attribute, empty fields are none.

    Raises:
        EventLogFaulty: with the line.
    """
    rows = _rows(stream, file)
    header_line, header = next(rows, (0, []))
    if not header:
        raise EventLogFaulty("The file is empty. The first line names the columns.", file)
    yield from _events(rows, _Places(header, file, header_line, columns), columns, file)


class _Places:
    """Where in a row things stand."""

    def __init__(self, header: Sequence[str], file: str, line: int, columns: Columns) -> None:
        self.width = len(header)
        self.case = _place(header, "case", columns.case, file, line)
        self.activity = _place(header, "activity", columns.activity, file, line)
        self.time = _place(header, "time", columns.time, file, line)
        self.resource = _place(header, "resource", columns.resource, file, line)
        self.lifecycle = _place(header, "lifecycle", "", file, line) if columns.lifecycle else -1
        if columns.lifecycle and self.lifecycle < 0:
            raise EventLogFaulty(f"There is no column of the lifecycle. The columns are {_names(header)}.", file, line)
        taken = {self.case, self.activity, self.time, self.resource}
        self.others = [(place, name) for place, name in enumerate(header) if place not in taken and name]


def _events(rows: Iterator[tuple[int, list[str]]], at: _Places, columns: Columns, file: str) -> Iterator[LoggedEvent]:
    moment = moment_reader(columns.zone, columns.time_format)
    for line, row in rows:
        if len(row) != at.width:
            message = f"The row has {len(row)} fields, the header {at.width}. Quote fields that hold the separator."
            raise EventLogFaulty(message, file, line)
        case, activity = row[at.case], row[at.activity]
        if not case or not activity:
            what = "case" if not case else "activity"
            raise EventLogFaulty(f"The row names no {what}. Fill it in, or take the row out.", file, line)
        yield LoggedEvent(
            case=case,
            activity=joined(activity, row[at.lifecycle]) if at.lifecycle >= 0 else activity,
            moment=_moment(moment, row[at.time], file, line),
            resource=row[at.resource] if at.resource >= 0 else "",
            attributes={name: row[place] for place, name in at.others if row[place]},
            line=line,
        )


def _moment(read: Callable[[str], datetime], text: str, file: str, line: int) -> datetime:
    try:
        return read(text.strip())
    except (ValueError, OverflowError):
        message = (
            f"“{text[:40]}” is no time. Write 2026-01-31 08:30:00, or say the format (--time-format '%d/%m/%Y %H:%M')."
        )
        raise EventLogFaulty(message, file, line) from None


def _rows(stream: BinaryIO, file: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line at which it ends."""
    lines = _Lines(stream)
    csv.field_size_limit(MAX_FIELD)
    try:
        first = next(lines, "")
        rest = itertools.chain([first] if first else [], lines)
        for row in csv.reader(rest, delimiter=max(",;\t", key=first.count), strict=True):
            if row:
                yield lines.line, [field.strip() for field in row] if lines.line == 1 else row
    except UnicodeDecodeError as why:
        message = f"The text is not UTF-8 (byte {why.object[why.start]:#04x}). Save the file as UTF-8."
        raise EventLogFaulty(message, file, lines.line) from None
    except csv.Error as why:
        raise EventLogFaulty(f"The row is no CSV: {why}. Put it right, or take it out.", file, lines.line) from None


class _Lines:
    """The lines of the text, counted from 1, so that a fault has its place."""

    def __init__(self, stream: BinaryIO) -> None:
        self.line, self._stream = 0, stream

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        data = self._stream.readline(MAX_LINE)
        if not data:
            raise StopIteration
        self.line += 1
        text = data.decode("utf-8-sig" if self.line == 1 else "utf-8")
        if "\0" in text:
            raise csv.Error("it holds a NUL character, as a file in UTF-16 does")
        return text


def _place(header: Sequence[str], role: str, wanted: str, file: str, line: int) -> int:
    if wanted:
        if wanted in header:
            return header.index(wanted)
        message = f"There is no column “{wanted}”. The columns are {_names(header)}; name one of them (--{role})."
        raise EventLogFaulty(message, file, line)
    lower = [name.lower() for name in header]
    for usual in _USUAL[role]:
        if usual in lower:
            return lower.index(usual)
    if role in _NEEDED:
        message = f"No column looks like the {role}. The columns are {_names(header)}; name one of them (--{role})."
        raise EventLogFaulty(message, file, line)
    return -1


def _names(header: Sequence[str]) -> str:
    shown = ", ".join(header[:30])
    return shown if len(header) <= 30 else f"{shown}, …"
