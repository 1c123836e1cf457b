"""Facts that a message names, each with its place in the text and a typed value; English and German.

What could mean two things (`03/04/2026`, a date without a moment to count from) is left out: a wrong fact in a case
is worse than a missing one.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from caseloom.learning.intake.facts.addresses import addresses
from caseloom.learning.intake.facts.amounts import amounts
from caseloom.learning.intake.facts.dates import dates
from caseloom.learning.intake.facts.named_fact import Kind, Money, NamedFact, PostalAddress
from caseloom.learning.intake.facts.numbers import ibans, labelled_numbers, mail_addresses, phones
from caseloom.learning.intake.message_text import MOST_CHARACTERS

__all__ = ["Kind", "Money", "NamedFact", "PostalAddress", "named_facts"]

MOST_FACTS = 100


def named_facts(text: str, moment: datetime | None = None) -> tuple[NamedFact, ...]:
    """The facts in order of their place, none overlapping another, at most `MOST_FACTS`.

    moment: when the message came, in the time zone of the business; without it, dates that are told from it or
    have no year are left out. Only the first 20,000 characters are read.
    """
    return tuple(sorted(_apart(_found(text[:MOST_CHARACTERS], moment)), key=lambda fact: fact.start)[:MOST_FACTS])


def _found(text: str, moment: datetime | None) -> Iterator[NamedFact]:
    """Surest kinds first: of two that overlap, the first stays."""
    yield from mail_addresses(text)
    yield from ibans(text)
    yield from addresses(text)
    yield from labelled_numbers(text)
    yield from amounts(text)
    yield from dates(text, moment.date() if moment else None)
    yield from phones(text)


def _apart(found: Iterable[NamedFact]) -> list[NamedFact]:
    taken = bytearray(MOST_CHARACTERS)
    kept: list[NamedFact] = []
    for fact in found:
        if not any(taken[fact.start : fact.end]):
            taken[fact.start : fact.end] = b"\1" * (fact.end - fact.start)
            kept.append(fact)
    return kept
