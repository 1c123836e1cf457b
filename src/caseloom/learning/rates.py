"""What each service goal lets the intake do by itself, as its owner says: `opens: at most 1 in 50 wrong`."""

from collections.abc import Iterable

from caseloom.engine.spec.service_goal import ServiceGoal

NEVER = 0.0


def rate_of(goal: ServiceGoal) -> float:
    """The share of wrong openings that the owner bears; 0 where none may open by itself."""
    words = goal.learning.opens.split()
    return NEVER if words == ["never"] else int(words[2]) / int(words[4])


def rates_of(goals: Iterable[ServiceGoal]) -> dict[str, float]:
    """Service goal → its rate."""
    return {goal.service_goal: rate_of(goal) for goal in goals}
