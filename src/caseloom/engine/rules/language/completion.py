"""Completes a sentence while it is typed: the words that may come next, from the grammar and the vocabulary."""

from collections.abc import Iterator
from typing import Final

import msgspec

from caseloom.engine.rules.language.expectation import KEYWORD, VALUE, Option, options
from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.grammar import END, Stack
from caseloom.engine.rules.language.reading import Reading, starts
from caseloom.engine.rules.language.vocabulary import Vocabulary

_MOST: Final = 500
"""More completions than this help nobody."""


class Completion(msgspec.Struct, frozen=True):
    """A phrase that may come next. Put it in the place of the text from `start` on.

    `kind` is `word` for a word of the language itself, `a value` for a sample of a number, date and so on, `end` for
    the full stop, else what it is in words (`a fact`, `an act`).
    """

    text: str
    start: int
    kind: str


def complete(text: str, language: str, vocabulary: Vocabulary) -> tuple[Completion, ...]:
    """What may come next after a begun sentence; nothing where its beginning is none.

    Words of the language stand first, then the vocabulary's, each in the order of the alphabet.
    """
    head, tail = _open_quotation(text)
    try:
        reading = Reading(head, language, vocabulary)
    except SentenceFault:
        return ()
    if reading.full_stop:
        return ()
    found: dict[str, Completion] = {}
    for completion in _completions(reading, text, tail):
        found.setdefault(completion.text, completion)
    return tuple(sorted(found.values(), key=_rank)[:_MOST])


def _rank(completion: Completion) -> tuple[int, str]:
    order = {KEYWORD: 0, "end": 0, VALUE: 2}
    return order.get(completion.kind, 1), completion.text


def _open_quotation(text: str) -> tuple[str, str]:
    """The text before a quotation mark that is not closed, and the rest."""
    if text.count('"') % 2 == 0:
        return text, ""
    at = text.rindex('"')
    return text[:at], text[at:]


def _completions(reading: Reading, text: str, tail: str) -> Iterator[Completion]:
    count = len(reading.pieces)
    ended = not text or text[-1].isspace()
    for at in range(count, -1, -1):
        for stack in reading.stacks[at]:
            if at == count and not tail and ended:
                yield from _from(reading, options(reading, stack), len(text), at)
            elif at < count or tail:
                yield from _begun(reading, stack, at, tail, ended)
            if at == count and not tail and reading.grammar.accepts(stack, END):
                yield Completion(".", len(text.rstrip()), "end")


def _begun(reading: Reading, stack: Stack, at: int, tail: str, ended: bool) -> Iterator[Completion]:
    """The phrases that begin with the pieces from one on."""
    rest = [piece.text for piece in reading.pieces[at:]]
    place = reading.pieces[at].at if rest else len(reading.text)
    for first in starts(reading.pieces, at) if rest else ("",):
        begun = " ".join([*([first] if rest else []), *rest[1:], *([tail] if tail else [])])
        begun += " " if ended and not tail else ""
        found = options(reading, stack, begun)
        yield from _from(reading, (option for option in found if option.phrase != begun), place, at)


def _from(reading: Reading, found: Iterator[Option], start: int, at: int) -> Iterator[Completion]:
    for option in found:
        phrase = option.phrase.replace(" ,", ",").replace(" :", ":")
        shown = phrase[:1].upper() + phrase[1:] if at == 0 else phrase
        yield Completion(shown, start, option.called)
