"""A sentence that is being written: what may come next, what is wrong with it, what it means."""

from typing import Final

import msgspec

from caseloom.engine.rules.language.completion import Completion, complete
from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.vocabulary import Vocabulary
from caseloom.engine.rules.sentences import LANGUAGE
from caseloom.web.studio.rules import GROUPS, RuleView, told

LONGEST: Final = 2000
"""Characters of a sentence; a longer one wants to be two."""


class FaultView(msgspec.Struct, frozen=True):
    """Where reading stopped: the text before the word, the word, and the text behind it."""

    before: str
    word: str
    after: str
    message: str
    expected: tuple[str, ...]
    suggestion: str


class Written(msgspec.Struct, frozen=True):
    """What was typed, as a rule or with its fault. `sentences` are the rule's names in plans and findings."""

    text: str
    rule: RuleView | None = None
    german: str = ""
    fault: FaultView | None = None
    sentences: frozenset[str] = frozenset()

    @property
    def group(self) -> str:
        return str(GROUPS[self.rule.group]) if self.rule is not None else ""


def look_at(text: str, vocabulary: Vocabulary, way_on: str = "") -> Written:
    """Read what was typed."""
    text = text[:LONGEST]
    try:
        rule, parts = told(text, way_on, LANGUAGE, vocabulary)
        german = told(text, way_on, "de", vocabulary)[0]
    except SentenceFault as fault:
        return Written(text, fault=_fault(text, fault))
    says = frozenset(part.says for part in parts)
    return Written(text, rule, german.says if german.language == "de" else "", sentences=says)


def next_words(text: str, vocabulary: Vocabulary) -> tuple[Completion, ...]:
    """What may come behind a text that is being typed."""
    return complete(text[:LONGEST], LANGUAGE, vocabulary)


def _fault(text: str, fault: SentenceFault) -> FaultView:
    end = fault.at + len(fault.word)
    return FaultView(text[: fault.at], fault.word, text[end:], str(fault), fault.expected, fault.suggestion)
