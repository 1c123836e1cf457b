"""Literals in a sentence: numbers, money, texts, dates, times, lengths of time, how often; read and written."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from caseloom.engine.rules.language.pieces import Piece
from caseloom.engine.rules.language.tree import Count, Slot, Term, Value
from caseloom.engine.spec.moments import read_date, read_time
from caseloom.engine.spec.term import TermFault, parse_term

_NUMBER: Final = {"en": re.compile(r"-?\d{1,30}(\.\d{1,30})?"), "de": re.compile(r"-?\d{1,30}(,\d{1,30})?")}
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_TIME: Final = re.compile(r"\d{2}:\d{2}")
_TRUTH: Final = {"en": {"true": "true", "false": "false"}, "de": {"wahr": "true", "falsch": "false"}}
_COUNTS: Final = {"en": ("once", "twice"), "de": ("einmal", "zweimal")}
_TIMES: Final = {"en": "times", "de": "Mal"}
_GERMAN_UNITS: Final = {
    "minute": ("Minute", "Minuten"),
    "hour": ("Stunde", "Stunden"),
    "day": ("Tag", "Tagen"),
    "week": ("Woche", "Wochen"),
}
_GERMAN: Final = {
    f"{business}{word.lower() if business else word}": (f"{'business ' if business else ''}{unit}", n)
    for unit, words in _GERMAN_UNITS.items()
    for n, word in enumerate(words)
    for business in ("", "Arbeits")
}
VALUES: Final = ("NUMBER", "MONEY", "STRING", "DATE", "TIME", "TRUTH", "TERM", "COUNT")
SAMPLES: Final = {
    "en": ("500", "500 EUR", '"text"', "2026-12-31", "08:00", "true", "4 business hours", "twice"),
    "de": ("500", "500 EUR", '"Text"', "2026-12-31", "08:00", "wahr", "4 Arbeitsstunden", "zweimal"),
}


class Found(NamedTuple):
    """A literal: its terminal, the slot, and how many pieces it takes."""

    terminal: str
    slot: Slot
    length: int


def values(pieces: Sequence[Piece], at: int, language: str) -> Iterator[Found]:
    """The literals that begin at a piece."""
    text = pieces[at].text
    after = pieces[at + 1].text if at + 1 < len(pieces) else ""
    if text.startswith('"') and len(text) > 1:
        yield Found("STRING", Value("text", text[1:-1]), 1)
    elif text in _TRUTH[language]:
        yield Found("TRUTH", Value("truth", _TRUTH[language][text]), 1)
    elif text in _COUNTS[language]:
        yield Found("COUNT", Count(_COUNTS[language].index(text) + 1), 1)
    elif text[:1].isdigit() or text[:1] == "-":
        yield from _numbers(text, after, pieces, at, language)


def _numbers(text: str, after: str, pieces: Sequence[Piece], at: int, language: str) -> Iterator[Found]:
    if _NUMBER[language].fullmatch(text):
        number = text.replace(",", ".")
        yield Found("NUMBER", Value("number", number), 1)
        if _CURRENCY.fullmatch(after):
            yield Found("MONEY", Value("money", f"{number} {after}"), 2)
        if after == _TIMES[language] and text.isdecimal() and 1 < int(text) < 100 and text[0] != "0":
            yield Found("COUNT", Count(int(text), form=int(text == "2")), 2)
        yield from _terms(text, [piece.text for piece in pieces[at + 1 : at + 3]], language)
    elif read_date(text):
        yield Found("DATE", Value("date", text), 1)
    elif _TIME.fullmatch(text) and read_time(text):
        yield Found("TIME", Value("time", text), 1)


def _terms(number: str, after: list[str], language: str) -> Iterator[Found]:
    for length in range(1, len(after) + 1 if language == "en" else 2):
        said = " ".join((number, *after[:length]))
        neutral = said if language == "en" else _neutral(number, after[0] if after else "")
        try:
            term = Term(str(parse_term(neutral)))
        except TermFault:
            continue
        if written(term, language) == said:
            yield Found("TERM", term, length + 1)


def _neutral(number: str, unit: str) -> str:
    return f"{number} {_GERMAN[unit][0]}" if unit in _GERMAN else ""


def written(slot: Slot, language: str) -> str:
    """The text of a literal."""
    return _WRITERS[type(slot)](slot, language)


def _value(value: Value, language: str) -> str:
    if value.type == "text":
        return f'"{value.text}"'
    if value.type == "truth":
        return next(word for word, truth in _TRUTH[language].items() if truth == value.text)
    return value.text.replace(".", ",") if language == "de" and value.type in ("number", "money") else value.text


def _term(term: Term, language: str) -> str:
    if language == "en":
        return term.text
    read = parse_term(term.text)
    word = _GERMAN_UNITS[read.unit][read.amount != 1]
    return f"{read.amount} {'Arbeits' + word.lower() if read.business else word}"


def _count(count: Count, language: str) -> str:
    few = _COUNTS[language][: 1 if count.form else 2]
    return few[count.number - 1] if count.number <= len(few) else f"{count.number} {_TIMES[language]}"


_WRITERS: dict[type, Callable[..., str]] = {Value: _value, Term: _term, Count: _count}


def terminal_of(slot: Slot) -> str:
    """The terminal that a literal stands for; empty for what is none."""
    if isinstance(slot, Value):
        return {"text": "STRING", "truth": "TRUTH"}.get(slot.type, slot.type.upper())
    return {Term: "TERM", Count: "COUNT"}.get(type(slot), "")


def samples(begun: str, language: str) -> Iterator[tuple[str, str]]:
    """Literals to show where they may stand, each with its terminal: those that go on from a begun number."""
    number = begun.split(" ")[0]
    if not number.isdecimal() or len(number) > 5:
        yield from zip(VALUES, SAMPLES[language], strict=True)
        return
    yield "MONEY", f"{number} EUR"
    for business in ("", "business "):
        for unit in _GERMAN_UNITS:
            yield "TERM", _term(Term(str(parse_term(f"{number} {business}{unit}"))), language)
    if 1 < int(number) < 100:
        yield "COUNT", f"{number} {_TIMES[language]}"
