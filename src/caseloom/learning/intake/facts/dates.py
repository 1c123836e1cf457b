"""Dates, whole ones and those told from the day on which the message came."""

import datetime as dt
from collections.abc import Iterator

import regex

from caseloom.learning.intake.facts.named_fact import NamedFact

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan januar jänner",
            "february feb februar",
            "march mar märz mär maerz",
            "april apr",
            "may mai",
            "june jun juni",
            "july jul juli",
            "august aug",
            "september sep sept",
            "october oct oktober okt",
            "november nov",
            "december dec dezember dez",
        ],
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAYS = {
    name: number
    for number, names in enumerate(
        [
            "monday montag",
            "tuesday dienstag",
            "wednesday mittwoch",
            "thursday donnerstag",
            "friday freitag",
            "saturday samstag sonnabend",
            "sunday sonntag",
        ]
    )
    for name in names.split()
}
_DAY = "|".join(_DAYS)
_NUMBERS = {
    word: number
    for number, words in enumerate(
        [
            "one a an ein eine einem einer einen",
            "two zwei",
            "three drei",
            "four vier",
            "five fünf",
            "six sechs",
            "seven sieben",
            "eight acht",
            "nine neun",
            "ten zehn",
        ],
        1,
    )
    for word in words.split()
}
_COUNT = rf"(?:\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_UNIT = r"(?:days?|weeks?|months?|tag(?:en|e)?|wochen?|monat(?:en|e)?)"

_NAMED_DAYS = {
    "day before yesterday": -2,
    "day after tomorrow": 2,
    "yesterday": -1,
    "today": 0,
    "tomorrow": 1,
    "vorgestern": -2,
    "übermorgen": 2,
    "gestern": -1,
    "heute": 0,
    "morgen": 1,
}

_WHOLE = [
    regex.compile(r"(?<![\d-])(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?![\d-])"),
    regex.compile(r"(?<![\d.])(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4}|\d{2})(?!\d)"),
    regex.compile(
        rf"(?<!\w)(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?(?: of)? (?P<n>{_MONTH})\.?,? (?P<y>\d{{4}})(?!\d)", regex.I
    ),
    regex.compile(rf"(?<!\w)(?P<n>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}})(?!\d)", regex.I),
]
_SLASHED = regex.compile(r"(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4}|\d{2})(?![\d/])")
_YEARLESS = [
    regex.compile(rf"(?<!\w)(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?(?: of)? (?P<n>{_MONTH})(?!\w)", regex.I),
    regex.compile(rf"(?<!\w)(?P<n>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\w|[.,]\d)", regex.I),
    regex.compile(r"(?<![\d.])(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?!\s?\d)"),
]
# "Good morning" in German is no day.
_NAMED = regex.compile(
    rf"(?<!guten )(?<!jeden )(?<!am )(?<!\w)(?:the )?(?P<name>{'|'.join(_NAMED_DAYS)})(?!\w)", regex.I
)
_AHEAD = regex.compile(rf"(?<!\w)in (?P<count>{_COUNT}) (?P<unit>{_UNIT})(?!\w)", regex.I)
_AGO = regex.compile(
    rf"(?<!\w)(?:(?P<count>{_COUNT}) (?P<unit>{_UNIT}) ago|vor (?P<anzahl>{_COUNT}) (?P<einheit>{_UNIT}))(?!\w)",
    regex.I,
)
_WEEKDAY = regex.compile(
    rf"(?<!\w)(?P<which>next|last|(?:kommende|nächste|letzte|vergangene)[nrm]?) (?P<day>{_DAY})(?!\w)", regex.I
)


def dates(text: str, today: dt.date | None) -> Iterator[NamedFact]:
    """Whole dates; with the day on which the message came, also "tomorrow", "vor drei Tagen", "next Monday", "3
    May"."""
    for pattern in _WHOLE:
        for found in pattern.finditer(text):
            yield from _fact(found, _year(found["y"]), _month(found), int(found["d"]))
    for found in _SLASHED.finditer(text):
        yield from _slashed(found)
    if today is None:
        return
    for pattern in _YEARLESS:
        for found in pattern.finditer(text):
            yield from _nearest_year(found, _month(found), int(found["d"]), today)
    yield from _told(text, today)


def _told(text: str, today: dt.date) -> Iterator[NamedFact]:
    for found in _NAMED.finditer(text):
        yield _at(found, today + dt.timedelta(days=_NAMED_DAYS[found["name"].lower()]))
    for found in _AHEAD.finditer(text):
        yield _at(found, _moved(today, _count(found["count"]), found["unit"]))
    for found in _AGO.finditer(text):
        yield _at(found, _moved(today, -_count(found["count"] or found["anzahl"]), found["unit"] or found["einheit"]))
    for found in _WEEKDAY.finditer(text):
        ahead = (_DAYS[found["day"].lower()] - today.weekday() - 1) % 7 + 1
        back = found["which"].lower().startswith(("last", "letzte", "vergangene"))
        behind = (today.weekday() - _DAYS[found["day"].lower()] - 1) % 7 + 1
        yield _at(found, today - dt.timedelta(days=behind) if back else today + dt.timedelta(days=ahead))


def _at(found: "regex.Match[str]", value: dt.date) -> NamedFact:
    return NamedFact("date", value, found.start(), found.end())


def _fact(found: "regex.Match[str]", year: int, month: int, day: int) -> Iterator[NamedFact]:
    try:
        yield _at(found, dt.date(year, month, day))
    except ValueError:
        return


def _month(found: "regex.Match[str]") -> int:
    groups = found.groupdict()
    return _MONTHS[groups["n"].lower()] if groups.get("n") else int(groups["m"])


def _year(digits: str) -> int:
    """Two digits mean 1970 to 2069."""
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def _slashed(found: "regex.Match[str]") -> Iterator[NamedFact]:
    """Day and month stand either way round in different countries; where both readings are dates, there is none."""
    first, second, year = int(found["a"]), int(found["b"]), _year(found["y"])
    if first > 12 or first == second:
        yield from _fact(found, year, second, first)
    elif second > 12:
        yield from _fact(found, year, first, second)


def _nearest_year(found: "regex.Match[str]", month: int, day: int, today: dt.date) -> Iterator[NamedFact]:
    near: list[dt.date] = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            near.append(dt.date(year, month, day))
        except ValueError:
            continue
    if near:
        yield _at(found, min(near, key=lambda one: abs(one - today)))


def _count(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text.lower()]


def _moved(today: dt.date, count: int, unit: str) -> dt.date:
    if unit.lower().startswith(("day", "tag")):
        return today + dt.timedelta(days=count)
    if unit.lower().startswith(("week", "woche")):
        return today + dt.timedelta(weeks=count)
    months = today.year * 12 + today.month - 1 + count
    year, month = divmod(months, 12)
    for day in range(today.day, 0, -1):
        try:
            return dt.date(year, month + 1, day)
        except ValueError:
            continue
    return today
