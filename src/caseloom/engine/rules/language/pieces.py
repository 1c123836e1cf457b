"""Cuts a sentence into pieces (words, quoted words, signs) and joins pieces to a sentence."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from caseloom.engine.rules.language.fault import SentenceFault

LONGEST: Final = 2_000
"""A sentence of more characters is none."""

_PIECE: Final = re.compile(r'"[^"]*"|-?\d[\d.,:-]*\d(?!\w)|[,;:()?!]|[^\s",;()]*[^\s",.;:()?!]|\.')
_BEFORE_SIGN: Final = re.compile(r'("[^"]*")| ([,;:.?!])')
_BLANK: Final = re.compile(r"[ \t\n\r]*")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_CURLY: Final = "“”„«»‟"


class Piece(NamedTuple):
    """A piece of text and where it begins."""

    text: str
    at: int


def cut(text: str) -> list[Piece]:
    """The pieces of a text. Raises `SentenceFault` for one that is too long or holds what no sentence may hold."""
    if len(text) > LONGEST:
        raise SentenceFault(
            f"A sentence has at most {LONGEST} characters; this one has {len(text)}. Say it in several.", LONGEST
        )
    control = _CONTROL.search(text)
    if control:
        raise SentenceFault(
            f"At character {control.start() + 1} stands a control character; delete it.", control.start(), control[0]
        )
    pieces: list[Piece] = []
    at = _blank(text, 0)
    while at < len(text):
        found = _PIECE.match(text, at)
        if found is None:
            raise SentenceFault("The quotation mark that opens here is not closed.", at, text[at:])
        for sign in _CURLY:
            if sign in found[0] and not found[0].startswith('"'):
                raise SentenceFault(f'Write straight quotation marks (") instead of {sign}.', at, found[0])
        pieces.append(Piece(found[0], at))
        at = _blank(text, found.end())
    return pieces


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def normal(text: str) -> str:
    """A phrase with one space between its pieces, as the lexicon holds it."""
    return " ".join(_PIECE.findall(text))


def joined(phrases: Iterable[str]) -> str:
    """Phrases as running text: no space before a sign, except inside quotation marks."""
    return _BEFORE_SIGN.sub(lambda found: found[1] or found[2], " ".join(phrases))
