"""A message's text made ready to be read: bounded, mended, one form for numbers; cut into clauses; its language.

No message is too long, too short or too strange to be read: what is over the bound is left out, what is not text is
dropped, and a text without words simply says nothing.
"""

import unicodedata
from collections.abc import Iterable
from typing import Literal

import regex

MOST_CHARACTERS = 20_000
"""Of one text; a mail of 400 words has 2,500."""
LONGEST_WORD = 40
"""Longer runs without a blank (keys, addresses of pages, noise) are cut: they would make thousands of features."""

Language = Literal["en", "de", "other", ""]

_STRANGE = regex.compile(r"[\p{Cc}\p{Cs}\p{Co}\p{Cn}--[\t\n\r]]+", regex.V1)
_DIGIT = regex.compile(r"\d")
_MAIL = regex.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_WORD = regex.compile(r"\w+")
_LETTERS = regex.compile(r"\p{L}+")
_LATIN = regex.compile(r"\p{Latin}")
# A clause ends at the end of a sentence or line, or where a joining word begins another want.
_CUT = regex.compile(
    r"(?<=[.!?;])\s+|\s*\n+\s*|,?\s+(?=(?:and also|and then|and i|and can|also|additionally|but|plus"
    r"|und außerdem|außerdem|ausserdem|und ich|zudem|aber)\b)",
    regex.I,
)

_SAID: dict[Language, str] = {
    "en": (
        "the a an i is are was my me we you your it this that to of and or for with not do does did can could would "
        "have has had how what why when where which who will be been on in at from please there get want need if "
        "im thanks thank hello hi yes no am but any so just should about out up"
    ),
    "de": (
        "der die das den dem des ein eine einen einem einer ich ist sind war mein meine meinen meinem meiner mich mir "
        "wir uns sie ihr ihre ihnen es dies diese dieser zu von und oder für mit nicht kein keine kann können könnte "
        "habe hat haben hatte wie was warum wann wo wer wird werden auf im am an aus bei bitte noch nach sehr geehrte "
        "damen herren danke hallo ja nein auch aber wenn dass über um"
    ),
    "other": (
        "le la les un une des du je est sont mon ma mes nous vous et ou pour avec pas ne que qui dans sur au aux "
        "bonjour merci el los las una es son mi nosotros y para con por como cuando donde hola gracias quiero tengo il "
        "lo gli di che non sono mio mia per come ciao grazie vorrei het een ik mijn wij en niet voor met van hoe waar "
        "nie jest się mam moja mój jak dla proszę o não meu minha uma com quando onde obrigado olá"
    ),
}
_COMMON = {name: frozenset(words.split()) for name, words in _SAID.items()}


def bounded(text: str) -> str:
    """The text without what is no text (control characters, lone surrogates), at most `MOST_CHARACTERS` long."""
    return _STRANGE.sub(" ", text[:MOST_CHARACTERS])


def plain(text: str) -> str:
    """The text as features see it: lower case, one form of each letter, every digit a 0, no mail address.

    So a number or an address of a person never becomes a feature, and its form still does.
    """
    even = unicodedata.normalize("NFKC", bounded(text)).lower()[:MOST_CHARACTERS]
    return _DIGIT.sub("0", _MAIL.sub(" a@a ", even))


def words_of(even: str) -> list[str]:
    """The words of a text in `plain` form, in order."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(even)]


def clauses(text: str, most: int) -> list[tuple[int, int]]:
    """Where each sentence or clause begins and ends: (start, end) in characters of the text, in order.

    Pieces without two words join the one before them; where there are more than `most`, neighbours are joined.
    """
    pieces: list[tuple[int, int]] = []
    start = 0
    text = text[:MOST_CHARACTERS]
    for cut in [*_CUT.finditer(text), None]:
        end = cut.start() if cut else len(text)
        if len(_LETTERS.findall(text, start, end)) >= 2:
            pieces.append((start, end))
        elif pieces:
            pieces[-1] = (pieces[-1][0], end)
        start = cut.end() if cut else end
    if len(pieces) <= most:
        return pieces
    size = -(-len(pieces) // most)
    return [(group[0][0], group[-1][1]) for group in (pieces[i : i + size] for i in range(0, len(pieces), size))]


def language_of(text: str) -> Language:
    """The language by its most common words and its letters; "" where a text does not say."""
    sample = bounded(text[:2_000]).lower()
    letters = sum(map(len, _LETTERS.findall(sample)))
    if letters and len(_LATIN.findall(sample)) < letters / 2:
        return "other"
    words = _LETTERS.findall(sample)
    fewest = 1 if len(words) <= 3 else 2
    counts: dict[Language, float] = {name: sum(word in common for word in words) for name, common in _COMMON.items()}
    counts["de"] += 0.5 * sum(any(letter in word for letter in "äöüß") for word in words)
    best = max(counts, key=lambda name: (counts[name], name == "en"))
    return best if counts[best] >= fewest else ""


def main_language(languages: Iterable[Language]) -> Language:
    """The most frequent one that is known: what a text that does not say is taken for; "en" where none says."""
    counts: dict[Language, int] = {}
    for language in languages:
        if language:
            counts[language] = counts.get(language, 0) + 1
    return max(sorted(counts), key=lambda name: counts[name]) if counts else "en"
