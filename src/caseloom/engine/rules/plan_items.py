"""Plan items of a definition (CMMN 1.1 §5.4.5) made ready: criteria, item control, timers and planning tables."""

from collections.abc import Callable, Collection
from typing import Final, Literal

from caseloom.engine.decision.published import RESULT, DecisionPlan
from caseloom.engine.feel import Expression
from caseloom.engine.rules.fault import Path
from caseloom.engine.rules.plan import ItemPlan, PlannablePlan, Sentry, Trigger
from caseloom.engine.spec.service_goal import (
    DiscretionarySpec,
    ItemSpec,
    ListenerSpec,
    MilestoneSpec,
    Rule,
    SentrySpec,
    StageSpec,
    TaskSpec,
)

INDEX: Final = "index"
"""In a repetition rule: how often the item has come so far."""

AnySpec = TaskSpec | StageSpec | MilestoneSpec | ListenerSpec


class PlanItems:
    """Makes plan items ready. The compiler lends its checks: `known(key, among, what, path)` tells of an unknown key,
    `feel(text, path, trigger, each)` and `required` compile an expression, `sentry(spec, path, trigger)` a sentry.
    """

    def __init__(
        self,
        items: Collection[str],
        roles: Collection[str],
        names: Collection[str],
        known: Callable[..., bool],
        feel: Callable[..., Expression | None],
        sentry: Callable[[SentrySpec, Path, Trigger], Sentry],
        required: Callable[..., Expression],
    ) -> None:
        self._items, self._roles, self._names = items, roles, names
        self._known, self._feel, self._sentry, self._required = known, feel, sentry, required

    def plan(self, key: str, spec: AnySpec, path: Path, decision: DecisionPlan | None) -> ItemPlan:
        """One plan item, with what reads a fact or waits for an occurrence put into the compiler's indexes."""
        entry, exit = Trigger("item entry", key), Trigger("item exit", key)
        is_case = isinstance(spec, TaskSpec) and spec.kind == "case"
        sets = spec.sets if isinstance(spec, TaskSpec) and spec.kind not in ("decision", "case") else {}
        inputs = spec.inputs if isinstance(spec, TaskSpec) and is_case else {}
        results = spec.sets if isinstance(spec, TaskSpec) and is_case else {}
        manual = spec.manual if isinstance(spec, TaskSpec | StageSpec) else False
        timer = spec.timer if isinstance(spec, ListenerSpec) else None
        for role in spec.roles if isinstance(spec, ListenerSpec) else ():
            self._known(role, self._roles, "role", (*path, "roles"))
        return ItemPlan(
            spec,
            kind_of(spec),
            tuple(self._sentry(sentry, path, entry) for sentry in entry_criteria(spec)),
            tuple(self._sentry(sentry, path, exit) for sentry in spec.exit),
            self._feel(spec.repeat, (*path, "repeat"), None, "" if INDEX in self._names else INDEX),
            tuple((fact, self._required(text, (*path, "sets", fact))) for fact, text in sets.items()),
            decision,
            self._rule(spec.required, (*path, "required")),
            self._rule(manual, (*path, "manual")),
            self._feel(timer, (*path, "timer"), Trigger("timer", key)),
            self._table(spec.discretionary if isinstance(spec, TaskSpec | StageSpec) else (), path),
            inputs=tuple((name, self._required(text, (*path, "inputs", name))) for name, text in inputs.items()),
            results=tuple(
                (fact, self._required(text, (*path, "sets", fact), None, RESULT)) for fact, text in results.items()
            ),
        )

    def _rule(self, rule: Rule, path: Path) -> Expression | None:
        return self._feel(rule, path) if isinstance(rule, str) else None

    def _table(self, table: tuple[DiscretionarySpec, ...], path: Path) -> tuple[PlannablePlan, ...]:
        plans = []
        for number, spec in enumerate(table):
            place: Path = (*path, "discretionary", number)
            self._known(spec.item, self._items, "task, stage, milestone or listener", (*place, "item"))
            for role in spec.roles:
                self._known(role, self._roles, "role", (*place, "roles"))
            plans.append(PlannablePlan(spec, self._feel(spec.when, (*place, "when"))))
        return tuple(plans)


def kind_of(spec: AnySpec) -> Literal["task", "stage", "milestone", "listener"]:
    """What lifecycle it has."""
    match spec:
        case TaskSpec():
            return "task"
        case StageSpec():
            return "stage"
        case MilestoneSpec():
            return "milestone"
    return "listener"


def entry_criteria(spec: ItemSpec) -> tuple[SentrySpec, ...]:
    """Its entry criteria, the plain one (`after`, `when`) first. What guards a listener is no criterion: it says when
    it can hear (`when`).
    """
    plain = (SentrySpec(after=spec.after, when=spec.when),) if spec.after or spec.when else ()
    return (*plain, *spec.enter)
