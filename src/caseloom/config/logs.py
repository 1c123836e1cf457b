"""Log lines that hold ids and no person: `time level logger "message" key=value ...`.

What a person wrote can stand in the text of an exception and in a path (a signed link), so neither is logged:
an exception gives its type and the places it passed, a request its route. Code that logs gives ids as
`extra={"case": ...}`.
"""

import logging
import traceback
from datetime import UTC, datetime
from typing import Any

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "request"}
# Their arguments are paths and bodies; the message's own words are enough.
_ARGUMENTS_HIDDEN = ("django.request", "django.security", "procrastinate")


class IdLines(logging.Formatter):
    """Formats a record as one line, followed by the places that an exception passed."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a line end in the message is escaped, so that one event is one line."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = [f"{name}={value}" for name, value in _fields(record).items()]
        line = " ".join([moment, record.levelname, record.name, f'"{_message(record)}"', *fields])
        return line.replace("\n", "\\n") + _places(record)


def _message(record: logging.LogRecord) -> str:
    if record.name.startswith(_ARGUMENTS_HIDDEN):
        return str(record.msg)
    return record.getMessage()


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    if record.name.startswith(_ARGUMENTS_HIDDEN):
        fields = {name: fields[name] for name in ("status_code", "action") if name in fields}
    match = getattr(getattr(record, "request", None), "resolver_match", None)
    return {**fields, "route": match.route} if match else fields


def _places(record: logging.LogRecord) -> str:
    if not record.exc_info or record.exc_info[0] is None:
        return ""
    kind, _, trace = record.exc_info
    frames = [f"\n  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(trace)]
    return f"\n  {kind.__module__}.{kind.__qualname__}" + "".join(frames)
