"""Why an action is advised: the counts that carried it, and what it would be without them.

A reason names one situation: “in 83 of 97 cases with these last 3 steps and this product”. Taking it away means that
nothing is known of that situation, nor of any that refines it; the probability then is said beside it, worked out
anew and not guessed, and it is lower: a situation without which the action would be no less likely is no reason.
"""

import msgspec

from caseloom.learning.steps.contexts import Context
from caseloom.learning.steps.evidence import named_places
from caseloom.learning.steps.learner import Learner, OpenCase, Ranking
from caseloom.learning.steps.mixing import Said
from caseloom.learning.steps.step import Case

_CASES_AT_LEAST = 3
_TRIED = 6


class Reason(msgspec.Struct, frozen=True):
    """In `followed` of `cases` cases in this situation that action followed; `links` are the newest of them, at most
    three.

    `situation` is for people, `parts` for programs: `last 1` … `last 6`, `done`, `actor`, and names of facts.
    `probability` is that of the action, `without` what it is when the situation is taken away.
    """

    situation: str
    parts: frozenset[str]
    cases: int
    followed: int
    links: tuple[Case, ...]
    probability: float
    without: float


def reasons(learner: Learner, case: Case, action: str, at_most: int = 3) -> tuple[Reason, ...]:
    """What carried an action in an open case, the weightiest first; none where nothing that can be named did."""
    found, code = learner.open.get(case), learner.codes.get(action)
    if found is None or code is None:
        return ()
    said = learner.say(found)
    if said is None or code not in said.actions:
        return ()
    probability = chance_of(learner.ranked(said), action)
    reasons: list[Reason] = []
    for place in _weightiest(learner, found, said, code)[:_TRIED]:
        context = learner.contexts.all[place]
        without = taken_away(learner, found, context.parts)
        left = chance_of(learner.ranked(without), action) if without is not None else 0.0
        if left < probability and len(reasons) < at_most:
            reasons.append(_reason(learner, found, place, code, (probability, left)))
    return tuple(reasons)


def taken_away(learner: Learner, found: OpenCase, parts: frozenset[str]) -> Said | None:
    """What is said when nothing is known of the situation of these parts, nor of those that refine it."""
    every: list[Context] = [*learner.contexts.all, *(learner.contexts.all[place] for place in learner.contexts.recent)]
    return learner.say(found, [place for place, context in enumerate(every) if context.parts >= parts])


def chance_of(ranking: Ranking, action: str) -> float:
    """The probability of an action in a ranking; 0 where it is not there."""
    return next((each.probability for each in ranking.proposals if each.action == action), 0.0)


def _weightiest(learner: Learner, found: OpenCase, said: Said, code: int) -> list[int]:
    """The places of the situations that can be named, by how much they raised the action above what was expected of
    all."""
    column = said.actions.index(code)
    raised = learner.mixture.weights_of(said) * (said.logs[:, column] - said.logs @ said.chances)
    share = dict(zip(said.asked, raised.tolist(), strict=True))
    usable = [
        place
        for place in named_places(len(found.keys))
        if share.get(place, 0.0) > 0.0 and _counted(learner, found.keys[place], code)[0] >= _CASES_AT_LEAST
    ]
    return sorted(usable, key=lambda place: -share[place])


def _counted(learner: Learner, key: int, code: int) -> tuple[int, int]:
    """How many cases were in a situation, and in how many of them the action followed."""
    counts = learner.counters.counts(key)
    return (counts[0], counts[1].get(code, 0)) if counts is not None else (0, 0)


def _reason(learner: Learner, found: OpenCase, place: int, code: int, chances: tuple[float, float]) -> Reason:
    context, key = learner.contexts.all[place], found.keys[place]
    cases, followed = _counted(learner, key, code)
    links = learner.evidence.cases(key, code)
    return Reason(context.name, context.parts, cases, followed, links, *chances)
