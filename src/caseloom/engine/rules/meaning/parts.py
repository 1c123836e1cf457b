"""What a sentence compiles to: parts of a definition, plain data."""

from typing import TypeAlias

import msgspec

from caseloom.engine.rules.order import OrderSpec
from caseloom.engine.spec.service_goal import BoundaryRuleSpec, ClockSpec, DataRuleSpec, ReactionSpec


class GoalRuleSpec(msgspec.Struct, frozen=True, kw_only=True):
    """When a goal of the definition is reached (FEEL), or by when it must be."""

    says: str
    goal: str
    reached_when: str | None = None
    clock: ClockSpec | None = None


Part: TypeAlias = BoundaryRuleSpec | DataRuleSpec | GoalRuleSpec | ReactionSpec | OrderSpec
