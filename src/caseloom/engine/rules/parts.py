"""What a sentence means, as plain data that the compiler takes in."""

from caseloom.engine.rules.order import OrderSpec
from caseloom.engine.spec.service_goal import (
    BoundaryRuleSpec,
    ClockSpec,
    DataRuleSpec,
    Feel,
    ReactionSpec,
    Spec,
    Text,
)


class GoalRuleSpec(Spec, frozen=True, kw_only=True):
    """When a goal of the definition is reached, or by when it has to be."""

    says: Text
    goal: str
    reached_when: Feel | None = None
    clock: ClockSpec | None = None


Part = BoundaryRuleSpec | DataRuleSpec | GoalRuleSpec | ReactionSpec | OrderSpec
