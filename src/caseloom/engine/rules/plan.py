"""The plan: a service goal and the house rules, compiled once, indexed by what each rule reads.

A case of any age steps through its plan by looking up what an event touched: `readers` leads from a name (a fact,
`perception`, `case` …) to the rules that read it, `listeners` from an occurrence (`ask questions`, `card works is
late`) to the sentries and reactions that wait for it. So a step costs what it touches (DESIGN §4), whatever else the
definition holds.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from caseloom.engine.decision.published import DecisionPlan
from caseloom.engine.feel import NOW, Expression
from caseloom.engine.flow.plan import Flows
from caseloom.engine.rules.letter import Template
from caseloom.engine.rules.models import Used
from caseloom.engine.rules.order import Automaton, OrderSpec
from caseloom.engine.spec.service_goal import (
    BoundaryRuleSpec,
    ClockSpec,
    DataRuleSpec,
    DiscretionarySpec,
    FactSpec,
    GoalSpec,
    HouseRules,
    ListenerSpec,
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

Part = Literal["goal entry", "goal reached", "item entry", "item exit", "timer", "boundary", "data", "reaction"]


class Trigger(NamedTuple):
    """A rule that has to be looked at again: which part of the plan, and its key or number. `stage` is the stage in
    which happened what an item may have waited for; the plan's own indexes leave it open.
    """

    part: Part
    key: str | int
    stage: int | None = None


class Sentry(msgspec.Struct, frozen=True):
    """A compiled sentry: the occurrences still to come and the condition (CMMN 1.1 §5.4.5)."""

    after: tuple[str, ...]
    when: Expression | None
    name: str = ""


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
    """A task, stage, milestone or event listener with its criteria and rules compiled. A rule that needs no expression
    (it holds always, or never) stands in the spec alone.
    """

    spec: TaskSpec | StageSpec | MilestoneSpec | ListenerSpec
    kind: Literal["task", "stage", "milestone", "listener"]
    entry: tuple[Sentry, ...]
    exit: tuple[Sentry, ...]
    repeat: Expression | None
    sets: tuple[tuple[str, Expression], ...]
    decision: DecisionPlan | None = None
    required: Expression | None = None
    manual: Expression | None = None
    timer: Expression | None = None
    plannable: tuple["PlannablePlan", ...] = ()
    """Its planning table."""
    process: str = ""
    """Of a flow task: the id of the process that it runs."""
    inputs: tuple[tuple[str, Expression], ...] = ()
    """Of a case task: the facts that its case is given."""
    results: tuple[tuple[str, Expression], ...] = ()
    """Of a case task: what facts become of the `result`, which is what its case knows at its end."""

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


class PlannablePlan(msgspec.Struct, frozen=True):
    """A discretionary item with its applicability rule compiled."""

    spec: DiscretionarySpec
    when: Expression | None


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
    corrected_by: str = ""


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
    """The stages, milestones and event listeners that stand in no option, stage or planning table: a case is opened
    with them.
    """
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
    models: Used = {}
    """The models of the service goal's tasks, in the versions that it was published with."""
    heard: frozenset[str] = frozenset()
    """The facts whose changes somebody waits for, as occurrences."""
    house_models: Used = {}
    """Those of the house's tasks."""
    flows: Flows = {}
    """The processes that its flow tasks run, and those that these call, by id."""

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
