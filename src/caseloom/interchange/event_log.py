"""Event logs of other systems as plain rows: CSV, XES (IEEE 1849-2023) and OCEL 2.0 (JSON and XML), each also as `.gz`.

A row is one event of one case. The readers are iterators; CSV is read a row at a time and XES a trace at a time, so
that memory does not grow with the log. What cannot be read is told with file, line and the next step
(`EventLogFaulty`), and reading ends.

    EventLogFaulty(ValueError)
"""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import BinaryIO, Final, Protocol, cast
from zoneinfo import ZoneInfo

import msgspec

Value = str | int | float | bool | datetime
"""What an attribute holds. CSV has text alone."""


class LoggedEvent(msgspec.Struct, frozen=True, gc=False):
    """One event of one case.

    `moment` has a zone. `attributes` are those of the event; `of_case` those that the log tells of its case as a
    whole (XES: of the trace; OCEL: of the object, those alone that were set by then). Nothing says since when
    attributes of a trace were known: many logs were written when all was over. `line` counts from 1, 0 where a
    format has no lines.
    """

    case: str
    activity: str
    moment: datetime
    resource: str = ""
    attributes: Mapping[str, Value] = {}
    of_case: Mapping[str, Value] = {}
    line: int = 0


class Columns(msgspec.Struct, frozen=True):
    """Which columns hold what; empty finds it by the names that are usual in the format.

    `case` is a column (CSV), an attribute of the trace (XES) or a type of objects (OCEL). `lifecycle` joins the
    transition of the lifecycle to the activity: `Accepted+In Progress`. `zone` is for times that name none.
    `time_format` is as `strptime` takes it.
    """

    case: str = ""
    activity: str = ""
    time: str = ""
    resource: str = ""
    lifecycle: bool = False
    zone: str = "UTC"
    time_format: str = ""


class EventLogFaulty(ValueError):
    """A log that cannot be read: the file, the line (0 where there is none), what is wrong, and what to do."""

    def __init__(self, message: str, file: str = "", line: int = 0) -> None:
        self.message, self.file, self.line = message, file, line
        place = f"{file}:{line}: " if line else f"{file}: " if file else ""
        super().__init__(place + message)


class Reader(Protocol):
    """Reads one format from a stream of plain bytes; `file` is for messages."""

    def __call__(self, stream: BinaryIO, file: str, columns: Columns) -> Iterator[LoggedEvent]: ...


def joined(activity: str, transition: str) -> str:
    """The activity with its transition of the lifecycle (IEEE 1849 §7.2, classifiers join with `+`)."""
    return f"{activity}+{transition}" if transition else activity


_EXPECTED: Final = ".csv, .xes, .jsonocel, .xmlocel, .json or .xml (OCEL 2.0), each also with .gz"


def read_event_log(stream: BinaryIO, file: str, columns: Columns | None = None) -> Iterator[LoggedEvent]:
    """The events in the order of the file. The ending of `file` says the format.

    Raises:
        EventLogFaulty: the format is not known, a column is missing, a time is no time, the text is broken.
    """
    chosen = columns or Columns()
    name = file.lower()
    packed = name.endswith(".gz")
    reader = _reader(name.removesuffix(".gz"), file)
    try:
        ZoneInfo(chosen.zone)
    except (ValueError, OSError, KeyError):
        raise EventLogFaulty(f"There is no time zone “{chosen.zone}”. Name one as in Europe/Rome.", file) from None
    source = cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if packed else stream
    try:
        yield from reader(source, file, chosen)
    except (gzip.BadGzipFile, EOFError, zlib.error) as why:
        raise EventLogFaulty(f"The compressed file is broken ({why}). Copy it anew.", file) from None


def _reader(name: str, file: str) -> Reader:
    from caseloom.interchange import event_log_csv, event_log_ocel, event_log_xes

    readers: dict[str, Callable[..., Iterator[LoggedEvent]]] = {
        ".csv": event_log_csv.read,
        ".xes": event_log_xes.read,
        ".json": event_log_ocel.read_json,
        ".jsonocel": event_log_ocel.read_json,
        ".xml": event_log_ocel.read_xml,
        ".xmlocel": event_log_ocel.read_xml,
    }
    for ending, reader in readers.items():
        if name.endswith(ending):
            return reader
    raise EventLogFaulty(f"The file's name says no format. Expected is {_EXPECTED}.", file)
