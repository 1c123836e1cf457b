"""What a learner says of an open case, as plain data for the screens: habit first, outcome where the evidence holds."""

from collections.abc import Mapping
from typing import Final

from caseloom.learning.advised import Advice, Advised, Foresight, Reason
from caseloom.learning.steps.chance import Chance
from caseloom.learning.steps.learner import Learner, Proposal
from caseloom.learning.steps.outcomes import Worth
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
    worths, effects = learner.worths(case), learner.effects(case)
    ordered = _by_outcome(proposals[:KEPT], effects)
    return Advised(
        model=label,
        next=tuple(
            _advice(learner, case, one, worths.get(one.action), effects.get(one.action), explained=number < EXPLAINED)
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
        moves=_moves(effects),
    )


def _by_outcome(proposals: list[Proposal], effects: Mapping[str, Worth]) -> list[Proposal]:
    """What surely leads to good ends more often than the habit comes first; the rest in the order of habit."""
    if not proposals:
        return []
    habit = effects.get(proposals[0].action)
    least = max(habit.mean, 0.0) if habit is not None else 0.0
    better = [one for one in proposals[1:] if (known := effects.get(one.action)) is not None and known.low > least]
    if not better:
        return proposals
    best = max(better, key=lambda one: effects[one.action].mean)
    return [best, *(one for one in proposals if one is not best)]


def _advice(
    learner: Learner, case: Case, one: Proposal, worth: Worth | None, effect: Worth | None, *, explained: bool
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
        effect=None if effect is None else (effect.mean, effect.low, effect.high),
    )


def _moves(effects: Mapping[str, Worth]) -> tuple[tuple[str, float], ...]:
    """The actions that move the chance of a good end most, either way, as far as that is sure."""
    sure = [(action, one.mean) for action, one in effects.items() if action != END and not one.low <= 0 <= one.high]
    return tuple(sorted(sure, key=lambda move: -abs(move[1]))[:MOVING])


def _probability(chances: Mapping[str, Chance], target: str) -> float | None:
    chance = chances.get(target)
    return None if chance is None else chance.probability
