"""The moment that a log writes, whichever way."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

_OTHER: Final = (
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}"), "%Y/%m/%d"),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), "%d.%m.%Y"),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}"), "%d-%m-%Y"),
)
_CLOCKS: Final = (" %H:%M:%S.%f", " %H:%M:%S", " %H:%M", "")


def moment_reader(zone: str, time_format: str = "") -> Callable[[str], datetime]:
    """Reads text as a moment with a zone: ISO 8601, `2011/10/01 08:30:00`, `01.10.2011 08:30` or `01-10-2011 08:30`.

    What is written with slashes and the year last is not guessed, as nobody knows which is the month: name the format.
    The reader raises ValueError.
    """
    local = ZoneInfo(zone)

    def read(text: str) -> datetime:
        found = datetime.strptime(text, time_format) if time_format else _guessed(text)  # noqa: DTZ007 - the zone follows
        return found if found.tzinfo is not None else found.replace(tzinfo=local)

    return read


def _guessed(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        for shape, day in _OTHER:
            if shape.match(text):
                return _with_clock(text, day)
        raise


def _with_clock(text: str, day: str) -> datetime:
    for clock in _CLOCKS:
        try:
            return datetime.strptime(text, day + clock)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
    raise ValueError(text)
