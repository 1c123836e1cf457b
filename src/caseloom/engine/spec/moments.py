"""Dates, times and lengths of time as text: ISO 8601, and `@zone` for IANA zones as in DMN 1.5 §10.3.2.3."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import msgspec


class YearsMonths(msgspec.Struct, frozen=True, order=True):
    """A years and months duration, counted in months; it has no fixed number of days."""

    months: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        sign = "-" if self.months < 0 else ""
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{sign}P{parts or '0M'}"


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(
    r"(?P<hour>\d{2}):(?P<minute>\d{2})(:(?P<second>\d{2})(?P<fraction>\.\d+)?)?"
    r"(?P<offset>Z|[+-]\d{2}:\d{2}(:\d{2})?)?(@(?P<zone>[A-Za-z0-9_+\-/]+))?",
    re.ASCII,
)
_DAYS_AND_TIME = re.compile(
    r"(?P<sign>-)?P((?P<days>\d+)D)?(?P<clock>T((?P<hours>\d+)H)?((?P<minutes>\d+)M)?"
    r"((?P<seconds>\d+)(?P<fraction>\.\d*)?S)?)?",
    re.ASCII,
)
_YEARS_AND_MONTHS = re.compile(r"(?P<sign>-)?P((?P<years>\d+)Y)?((?P<months>\d+)M)?", re.ASCII)
_DAY = timedelta(days=1)


def read_date(text: str) -> date | None:
    """A date of the years 1 to 9999 (`2026-03-31`), or `None`."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """A time (`14:30`, `14:30:00.5+02:00`, `14:30:00@Europe/Berlin`) to the microsecond, or `None`."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    try:
        zone = _zone(found["offset"], found["zone"])
        return time(
            int(found["hour"]),
            int(found["minute"]),
            int(found["second"] or 0),
            _micro(found["fraction"]),
            zone,
        )
    except (ValueError, KeyError, OSError):
        return None


def read_datetime(text: str) -> datetime | None:
    """A date and time, with or without a zone, or `None`. An offset before `@zone` settles a doubled hour."""
    day_text, separator, time_text = text.partition("T")
    if not separator:
        day_text, separator, time_text = text.partition(" ")
    # XML Schema: 24:00:00 is the midnight at which the next day begins.
    at_day_end = time_text.startswith("24:00:00")
    time_text = time_text.replace("24", "00", 1) if at_day_end else time_text
    day, clock = read_date(day_text), _TIME.fullmatch(time_text)
    moment = read_time(time_text)
    if day is None or moment is None or clock is None:
        return None
    combined = datetime.combine(day, moment)
    if at_day_end:
        return combined + _DAY if day < date.max else None
    if clock["zone"] and clock["offset"]:
        return _settled(combined, clock["offset"])
    return combined


def read_days_and_time(text: str) -> timedelta | None:
    """A days and time duration (`P2DT4H`), or `None`."""
    found = _DAYS_AND_TIME.fullmatch(text)
    if found is None or text.endswith(("P", "T")):
        return None
    try:
        length = timedelta(
            days=int(found["days"] or 0),
            hours=int(found["hours"] or 0),
            minutes=int(found["minutes"] or 0),
            seconds=int(found["seconds"] or 0),
            microseconds=_micro(found["fraction"]),
        )
    except (OverflowError, ValueError):
        return None
    return -length if found["sign"] else length


def read_years_and_months(text: str) -> YearsMonths | None:
    """A years and months duration (`P1Y6M`), or `None`."""
    found = _YEARS_AND_MONTHS.fullmatch(text)
    if found is None or text.endswith("P") or len(text) > 30:
        return None
    months = int(found["years"] or 0) * 12 + int(found["months"] or 0)
    return YearsMonths(-months if found["sign"] else months)


def time_text(moment: time) -> str:
    """The text that `read_time` reads back; a named zone as `@zone`."""
    if isinstance(moment.tzinfo, ZoneInfo):
        return f"{moment.replace(tzinfo=None).isoformat()}@{moment.tzinfo.key}"
    return moment.isoformat()


def moment_text(moment: datetime) -> str:
    """The text that `read_datetime` reads back; a named zone follows the offset as `@zone`."""
    if isinstance(moment.tzinfo, ZoneInfo):
        return f"{moment.isoformat()}@{moment.tzinfo.key}"
    return moment.isoformat()


def duration_text(length: timedelta) -> str:
    """A days and time duration in its canonical form (`P1DT2H3M4.5S`, `PT0S`)."""
    sign, length = ("-", -length) if length < timedelta() else ("", length)
    hours, rest = divmod(length.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{length.microseconds:06d}".rstrip("0").rstrip(".")
    second_text = f"{seconds}{fraction}"
    clock = (
        (f"{hours}H" if hours else "")
        + (f"{minutes}M" if minutes else "")
        + (f"{second_text}S" if second_text != "0" else "")
    )
    days = f"{length.days}D" if length.days else ""
    return f"{sign}P{days}" + (f"T{clock}" if clock else "" if days else "T0S")


def _zone(offset: str | None, name: str | None) -> tzinfo | None:
    if name:
        return ZoneInfo(name)
    if offset is None:
        return None
    length = offset_length(offset)
    return timezone(length) if length else UTC


def offset_length(offset: str) -> timedelta:
    """`+02:00` as a length of time; `Z` is zero. Raises `ValueError` beyond 14 hours (XML Schema)."""
    if offset == "Z":
        return timedelta()
    hours, minutes, *seconds = (int(part) for part in offset[1:].split(":"))
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    if length > timedelta(hours=14) or minutes > 59:
        raise ValueError(f"no offset: {offset}")
    return -length if offset[0] == "-" else length


def _settled(moment: datetime, offset: str) -> datetime | None:
    """The moment of the two with this wall time whose offset is the one that is written."""
    wanted = offset_length(offset)
    for fold in (0, 1):
        candidate = moment.replace(fold=fold)
        if candidate.utcoffset() == wanted:
            return candidate
    return None


def _micro(fraction: str | None) -> int:
    return int(fraction[1:7].ljust(6, "0")) if fraction else 0
