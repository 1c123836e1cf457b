"""A sentence tried on past cases, a portion a request: the page asks for the next one until all are looked at.

What was found so far travels with the page, so that any process may answer and nothing is left behind when it closes.
"""

from collections.abc import Iterator
from datetime import datetime
from time import monotonic
from typing import Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseloom.cases.trial import Candidate, Tried, past_cases, try_rules
from caseloom.engine.rules.plan import Plan
from caseloom.sdk.access import Access
from caseloom.web.studio.kept import Kept

PORTION: Final = 1.0
"""Seconds for which a request looks at cases."""
SHOWN: Final = 200
"""So many cases are listed; the rest are counted."""
SIZES: Final = {"100": 100, "1000": 1000, "all": None}
OUTCOMES: Final[dict[str, "str | Promise"]] = {
    "refused": _("would have been refused"),
    "held": _("would have been held back"),
    "fired": _("something would have followed"),
    "broken": _("the term would have run out"),
}


_plans: Final[Kept[Plan]] = Kept(40)


class Attempt(Candidate, frozen=True):
    """A definition that is tried. `named` tells it from other drafts: its plans are compiled once for all portions."""

    named: tuple[str, ...] = ()

    def plan(self, present: Plan) -> Plan:
        return _plans.get(present, self.named, lambda: Candidate.plan(self, present))


class Progress(msgspec.Struct, frozen=True):
    """How far a trial has come. `most` is a key of `SIZES`; cases are looked at from the newest down, those from
    `below` on are done. The outcomes count cases; `touched` those with any.
    """

    most: str = "100"
    below: int = 2**62
    done: int = 0
    total: int = 0
    touched: int = 0
    refused: int = 0
    held: int = 0
    fired: int = 0
    broken: int = 0
    finished: bool = False

    @property
    def unlisted(self) -> int:
        return max(0, self.touched - SHOWN)


class FoundView(msgspec.Struct, frozen=True):
    """What a rule would have done in a case: in words, at which version, when and for which facts."""

    says: "str | Promise"
    version: int
    at: datetime
    facts: tuple[tuple[str, str], ...]


class CaseView(msgspec.Struct, frozen=True):
    case: int
    title: str
    found: tuple[FoundView, ...]


def go_on(
    access: Access, candidate: Candidate, sentences: frozenset[str], before: Progress
) -> tuple[Progress, tuple[CaseView, ...]]:
    """Look at further cases for about a second; what they came to, and the cases with a finding of these sentences.

    Raises:
        DefinitionFaulty: the rule does not fit a service goal.
    """
    cases = past_cases(access, candidate.key, SIZES.get(before.most, 100))
    left = [case for case in cases if case[0] < before.below]
    looked: list[int] = []
    tried = [_of(one, sentences) for one in try_rules(candidate, _for_a_while(left, looked))]
    found = [one for one in tried if one.findings]
    finished = len(looked) == len(left)
    counted = {name: getattr(before, name) + _count(found, name) for name in OUTCOMES}
    after = Progress(
        before.most,
        looked[-1] if looked else before.below,
        len(cases) if finished else before.done + len(looked),
        len(cases),
        before.touched + len(found),
        finished=finished,
        **counted,
    )
    room = max(0, SHOWN - before.touched)
    return after, tuple(_shown(one) for one in found[:room])


def _for_a_while(cases: list[tuple[int, str]], looked: list[int]) -> Iterator[tuple[int, str]]:
    until = monotonic() + PORTION
    for case in cases:
        if looked and monotonic() > until:
            return
        looked.append(case[0])
        yield case


def _of(tried: Tried, sentences: frozenset[str]) -> Tried:
    """What this rule did: a case of an older version meets other new rules of its definition, too."""
    return msgspec.structs.replace(
        tried, findings=tuple(finding for finding in tried.findings if finding.rule in sentences)
    )


def _count(found: list[Tried], outcome: str) -> int:
    return sum(any(finding.outcome == outcome for finding in one.findings) for one in found)


def _shown(tried: Tried) -> CaseView:
    found = tuple(
        FoundView(OUTCOMES[one.outcome], one.version, one.at, tuple(one.facts.items())) for one in tried.findings
    )
    return CaseView(tried.case, tried.title, found)
