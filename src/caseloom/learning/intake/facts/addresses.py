"""Postal addresses in the German, the American and the British form."""

from collections.abc import Iterator

import regex

from caseloom.learning.intake.facts.named_fact import NamedFact, PostalAddress

_GAP = r"[ ]?[,\n][ ]?|[ ]"
_CAPITAL = r"\p{Lu}[\p{L}'’.-]{0,29}\p{L}"
_GERMAN = regex.compile(
    rf"(?<!\w)(?P<street>(?:{_CAPITAL} ){{0,2}}?(?:\p{{Lu}}[\p{{L}}-]{{1,30}}"
    r"(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer)"
    rf"|(?:Straße|Strasse|Weg|Platz|Allee|Am|An der|Auf der|Im) ?(?:{_CAPITAL})?))"
    rf" (?P<number>\d{{1,4}} ?[a-zA-Z]?(?:[-/]\d{{1,4}})?)(?:{_GAP}){{1,2}}(?:D-|A-|CH-)?(?P<code>\d{{4,5}}) "
    rf"(?P<city>{_CAPITAL}(?:[ -](?:am|an der|im|bei|{_CAPITAL})){{0,3}})"
)
_ENGLISH = (
    r"(?<![\w-])(?P<number>\d{1,5}[A-Za-z]?) "
    r"(?P<street>(?:(?:\p{L}[\p{L}'’.-]{0,20}|\d{1,3}(?:st|nd|rd|th)) ){1,4}?"
    r"(?:street|st\.?|avenue|ave\.?|road|rd\.?|lane|ln\.?|drive|dr\.?|boulevard|blvd\.?|way|court|ct\.?|place|square|terrace|close))"
    rf"(?:{_GAP}){{1,2}}"
)
_CITY = r"(?P<city>\p{L}[\p{L}'’.-]{1,25}(?: \p{L}[\p{L}'’.-]{1,25}){0,2}?)"
_AMERICAN = regex.compile(
    _ENGLISH + rf"{_CITY}(?:{_GAP}){{1,2}}(?P<region>[A-Z]{{2}}) (?P<code>\d{{5}}(?:-\d{{4}})?)(?!\w)", regex.I
)
_BRITISH = regex.compile(
    _ENGLISH + rf"{_CITY}(?:{_GAP}){{1,2}}(?P<code>[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}})(?!\w)", regex.I
)


def addresses(text: str) -> Iterator[NamedFact]:
    """Street with number, postcode and city; less is no address."""
    for pattern in (_GERMAN, _AMERICAN, _BRITISH):
        for found in pattern.finditer(text):
            region = (found.groupdict().get("region") or "").upper()
            parts = (found["street"].strip(), found["number"].strip(), found["code"].upper(), found["city"].strip())
            yield NamedFact("postal address", PostalAddress(*parts, region), found.start(), found.end())
