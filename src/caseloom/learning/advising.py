"""What a learner says of an open case, as plain data for the screens: habit first, outcome where the evidence holds."""

from collections.abc import Mapping
from typing import Final

from caseloom.learning.advised import Advice, Advised, Foresight, Reason
from caseloom.learning.steps.chance import Chance
from caseloom.learning.steps.learner import Learner, Proposal
from caseloom.learning.steps.outcomes import ENOUGH, Worth, better_than_habit
from caseloom.learning.steps.reasons import reasons
from caseloom.learning.steps.step import END, Case

KEPT: Final = 10
EXPLAINED: Final = 5
LEAST: Final = 0.01
"""What is less likely is no proposal."""
LINKS: Final = 3
MOVING: Final = 3


def advised(learner: Learner, case: Case, label: str) -> Advised | None:
    """The advice for an open case; None where nothing was learned yet."""
    proposals = [one for one in learner.next(case).proposals if one.action != END and one.probability >= LEAST]
    chances, remaining = learner.foresight(case), learner.remaining(case)
    if not proposals and not chances:
        return None
    worths = learner.worths(case)
    ordered = _by_outcome(proposals[:KEPT], worths)
    usual = _usual(worths)
    return Advised(
        model=label,
        next=tuple(
            _advice(learner, case, one, worths.get(one.action), usual, explained=number < EXPLAINED)
            for number, one in enumerate(ordered)
        ),
        foresight=Foresight(
            remaining=None if remaining is None else (remaining.median, remaining.least, remaining.most),
            reached=_probability(chances, "reached"),
            in_time=_probability(chances, "in_time"),
            rated_well=_probability(chances, "rated_well"),
            since=learner.open[case].path.at,
            ended=max((chance.cases for chance in chances.values()), default=0),
        ),
        moves=_moves(worths, usual),
    )


def _by_outcome(proposals: list[Proposal], worths: Mapping[str, Worth]) -> list[Proposal]:
    """What leads to good ends comes first where that is known well enough; the others in the order of habit."""
    known = [one for one in proposals if one.action in worths]
    if len(known) < 2:
        return proposals
    best = known[better_than_habit([worths[one.action] for one in known], 0)]
    return [best, *(one for one in proposals if one is not best)]


def _usual(worths: Mapping[str, Worth]) -> float | None:
    """The share of good ends in this situation, whatever was done."""
    cases = sum(worth.cases for worth in worths.values())
    return sum(worth.mean * worth.cases for worth in worths.values()) / cases if cases else None


def _advice(
    learner: Learner, case: Case, one: Proposal, worth: Worth | None, usual: float | None, *, explained: bool
) -> Advice:
    why = reasons(learner, case, one.action) if explained else ()
    links = dict.fromkeys(link for reason in why for link in reason.links[::-1] if isinstance(link, int))
    return Advice(
        action=one.action,
        habit=one.probability,
        reasons=tuple(
            Reason(tuple(reason.situation.split(", ")), reason.followed, reason.cases, reason.without) for reason in why
        ),
        cases=tuple(link for link in links if link != case)[:LINKS],
        ended=worth.cases if worth is not None else 0,
        good=round(worth.mean * worth.cases) if worth is not None else 0,
        effect=_effect(worth, usual),
    )


def _effect(worth: Worth | None, usual: float | None) -> tuple[float, float, float] | None:
    if worth is None or usual is None or worth.cases < ENOUGH:
        return None
    return worth.mean - usual, worth.low - usual, worth.high - usual


def _moves(worths: Mapping[str, Worth], usual: float | None) -> tuple[tuple[str, float], ...]:
    """The actions that move the chance of a good end most, either way, as far as that is sure."""
    if usual is None:
        return ()
    sure = [
        (action, worth.mean - usual)
        for action, worth in worths.items()
        if action != END and worth.cases >= ENOUGH and not worth.low <= usual <= worth.high
    ]
    return tuple(sorted(sure, key=lambda move: -abs(move[1]))[:MOVING])


def _probability(chances: Mapping[str, Chance], target: str) -> float | None:
    chance = chances.get(target)
    return None if chance is None else chance.probability
