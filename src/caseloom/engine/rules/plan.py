"""The plan: a service goal and the house rules, compiled once, indexed by what each rule reads.

A case of any age steps through its plan by looking up what an event touched: `readers` leads from a name (a fact,
`perception`, `case` …) to the rules that read it, `listeners` from an occurrence (`ask questions`, `card works is
late`) to the sentries and reactions that wait for it. So a step costs what it touches (DESIGN §4), whatever else the
definition holds.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from caseloom.engine.feel import NOW, Expression
from caseloom.engine.rules.decisions import DecisionPlan, Models
from caseloom.engine.rules.letter import Template
from caseloom.engine.rules.order import Automaton, OrderSpec
from caseloom.engine.spec.service_goal import (
    BoundaryRuleSpec,
    ClockSpec,
    DataRuleSpec,
    FactSpec,
    GoalSpec,
    HouseRules,
    MilestoneSpec,
    OfferSpec,
    OptionSpec,
    ReactionSpec,
    ServiceGoal,
    StageSpec,
    TaskSpec,
)

BUILT_IN = ("case", "perception", "customer has confirmed", "actor", NOW)
"""The names that rules may read besides the facts. What reads the time (`now()`, `today()`) is looked at when something
else that it reads has changed; what is to happen at a time is a clock.
"""

Part = Literal["goal entry", "goal reached", "item entry", "item exit", "boundary", "data", "reaction"]


class Trigger(NamedTuple):
    """A rule that has to be looked at again: which part of the plan, and its key or number."""

    part: Part
    key: str | int


class Sentry(msgspec.Struct, frozen=True):
    """A compiled sentry: the occurrences still to come and the condition (CMMN 1.1 §5.4.5)."""

    after: tuple[str, ...]
    when: Expression | None


class GoalPlan(msgspec.Struct, frozen=True):
    spec: GoalSpec
    entry: Sentry
    reached: Expression | None
    options: Mapping[str, "OptionPlan"]
    children: tuple[str, ...]


class OptionPlan(msgspec.Struct, frozen=True):
    spec: OptionSpec
    when: Expression | None


class ItemPlan(msgspec.Struct, frozen=True):
    """A task, stage or milestone with its criteria compiled."""

    spec: TaskSpec | StageSpec | MilestoneSpec
    kind: Literal["task", "stage", "milestone"]
    entry: tuple[Sentry, ...]
    exit: tuple[Sentry, ...]
    repeat: Expression | None
    sets: tuple[tuple[str, Expression], ...]
    decision: DecisionPlan | None = None

    @property
    def writes(self) -> tuple[str, ...]:
        """The facts that its completion sets."""
        sets = self.sets if self.decision is None else self.decision.sets
        return tuple(name for name, _ in sets)

    @property
    def form(self) -> tuple[str, ...]:
        """The facts that its form asks for. What a decision could not decide is asked of a person."""
        form = self.spec.form if isinstance(self.spec, TaskSpec) else ()
        return form or (self.writes if self.decision is not None else ())


class BoundaryPlan(msgspec.Struct, frozen=True):
    spec: BoundaryRuleSpec
    require: Expression


class OrderPlan(msgspec.Struct, frozen=True):
    """A rule of order and time made ready: its automaton, and the condition of each letter."""

    spec: OrderSpec
    automaton: Automaton
    conditions: tuple[Expression | None, ...]
    reads: tuple[str, ...]
    """The facts that its conditions read."""


class DataPlan(msgspec.Struct, frozen=True):
    spec: DataRuleSpec
    require: Expression


class ReactionPlan(msgspec.Struct, frozen=True):
    key: str
    spec: ReactionSpec
    when: Expression | None
    to: tuple[Expression | None, ...]
    """The expression of each action that sets a fact."""


class LetterPlan(msgspec.Struct, frozen=True):
    title: str
    subject: Template
    text: Template
    automatic: bool


class OfferPlan(msgspec.Struct, frozen=True):
    spec: OfferSpec
    when: Expression | None


class Plan(msgspec.Struct, frozen=True):
    """Everything that `decide` needs to know of a definition."""

    service_goal: ServiceGoal | None
    house: HouseRules
    names: frozenset[str]
    facts: Mapping[str, FactSpec]
    goals: Mapping[str, GoalPlan]
    items: Mapping[str, ItemPlan]
    at_opening: tuple[str, ...]
    """The stages and milestones that stand in no option and no stage: a case is opened with them."""
    boundaries: tuple[BoundaryPlan, ...]
    data_rules: tuple[DataPlan, ...]
    reactions: tuple[ReactionPlan, ...]
    letters: Mapping[str, LetterPlan]
    offers: Mapping[str, OfferPlan]
    readers: Mapping[str, tuple[Trigger, ...]]
    listeners: Mapping[str, tuple[Trigger, ...]]
    guards: Mapping[str, tuple[BoundaryPlan, ...]]
    """Act → the boundary rules that guard it by the state."""
    orders: tuple[OrderPlan, ...]
    order_letters: Mapping[str, tuple[tuple[int, int], ...]]
    """Act → the rules of order (their number) and the letters that it may be."""
    watched: frozenset[str]
    """The acts that any boundary rule asks about."""
    awakens: Mapping[str, tuple[Trigger, ...]]
    """Act → what happens by itself and may have waited for it, held back by a rule."""
    ends_relation: Expression | None
    models: Models = {}
    """The decision models of the service goal's tasks, in the versions that it was published with."""
    house_models: Models = {}
    """Those of the house's tasks."""

    @property
    def sentences(self) -> frozenset[str]:
        """What all its rules say: by their sentences they are told apart."""
        rules: tuple[BoundaryPlan | DataPlan | ReactionPlan | OrderPlan, ...] = (
            *self.boundaries,
            *self.data_rules,
            *self.reactions,
            *self.orders,
        )
        return frozenset(rule.spec.says for rule in rules)

    def task(self, key: str) -> TaskSpec | None:
        """The task of this key, if there is one."""
        found = self.items.get(key)
        return found.spec if found is not None and isinstance(found.spec, TaskSpec) else None

    def clock_of_goal(self, key: str) -> ClockSpec | None:
        found = self.goals.get(key)
        return found.spec.clock if found is not None else None
