"""From a definition to a plan: compile each expression once, check each reference, index what is read.

All faults are gathered before anything is said, so that an author mends them in one go.
"""

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeVar

import msgspec

from caseloom.engine.decision.published import DecisionPlan, Models
from caseloom.engine.feel import Expression, FeelSyntaxError, compile
from caseloom.engine.rules import sentences
from caseloom.engine.rules.circles import beyond
from caseloom.engine.rules.clock_checks import clock_faults, escalations
from caseloom.engine.rules.decision_tasks import DecisionTasks
from caseloom.engine.rules.fault import DefinitionFaulty, Fault, Path
from caseloom.engine.rules.flow_tasks import Woven, weave
from caseloom.engine.rules.letter_plans import Letters
from caseloom.engine.rules.meaning.parts import GoalRuleSpec
from caseloom.engine.rules.models import Used, decisions_in
from caseloom.engine.rules.order import Automaton, OrderSpec
from caseloom.engine.rules.plan import (
    BUILT_IN,
    BoundaryPlan,
    DataPlan,
    GoalPlan,
    ItemPlan,
    OfferPlan,
    OptionPlan,
    OrderPlan,
    Plan,
    ReactionPlan,
    Sentry,
    Trigger,
)
from caseloom.engine.rules.plan_items import PlanItems, entry_criteria
from caseloom.engine.rules.watching import awakens_of, guards_of, letters_of, watched_of
from caseloom.engine.spec import acts
from caseloom.engine.spec.occurrences import OF_FACT, subject_of
from caseloom.engine.spec.service_goal import (
    BoundaryRuleSpec,
    DataRuleSpec,
    FactSpec,
    GoalSpec,
    HouseRules,
    ListenerSpec,
    MilestoneSpec,
    ReactionSpec,
    SentrySpec,
    ServiceGoal,
    StageSpec,
    TaskSpec,
)
from caseloom.engine.spec.values import LIST_OF, SIMPLE_TYPES, ValueFault, is_type, parse_value

S = TypeVar("S")
OCCURRENCES: Final = ("any contact", "any answer", "any goal", "any perception", "case closed")
"""Occurrences that no key names."""


def compile_plan(
    service_goal: ServiceGoal | None,
    house: HouseRules,
    models: Used | None = None,
    house_models: Used | None = None,
) -> Plan:
    """The plan of a service goal under the house rules; without a service goal, of a case from nothing.

    `models` are the decision and flow models that the service goal's tasks may name, `house_models` those of the
    house's tasks.

    Raises:
        DefinitionFaulty: with every fault and its place in the service goal (or in the house rules where none is
        given).
    """
    models, house_models = models or {}, house_models or {}
    woven_house = weave(house, house_models, house)
    woven = weave(service_goal, models, house) if service_goal is not None else None
    own = woven.body if woven is not None else None
    compiler = _Compiler(own, woven_house.body, decisions_in(models), decisions_in(house_models))
    plan = compiler.plan(woven_house, *([woven] if woven else []))
    # As they were written, for who compiles them anew.
    return msgspec.structs.replace(
        plan, service_goal=service_goal, house=house, models=models, house_models=house_models
    )


class _Compiler:
    def __init__(
        self, service_goal: ServiceGoal | None, house: HouseRules, models: Models, house_models: Models
    ) -> None:
        self._goal = service_goal
        self._house = house
        self._models, self._house_models = models, house_models
        self._faults: list[Fault] = []
        self._facts: dict[str, FactSpec] = {**house.facts, **(service_goal.facts if service_goal else {})}
        self._said = sentences.parts_of(house, service_goal)
        self._faults += self._said.faults
        self._goals = self._with_goal_rules(self._merged(lambda body: body.goals))
        self._tasks = self._merged(lambda body: body.tasks)
        self._stages = self._merged(lambda body: body.stages)
        self._milestones = self._merged(lambda body: body.milestones)
        self._listening = self._merged(lambda body: body.listeners)
        self._items = (*self._tasks, *self._stages, *self._milestones, *self._listening)
        self._letters = self._merged(lambda body: body.letters)
        self._offers = self._merged(lambda body: body.offers)
        self._names = frozenset((*self._facts, *BUILT_IN))
        self._readers: dict[str, list[Trigger]] = {}
        self._listeners: dict[str, list[Trigger]] = {}

    def _merged(self, part: Callable[[HouseRules | ServiceGoal], Mapping[str, S]]) -> dict[str, S]:
        return {**part(self._house), **(part(self._goal) if self._goal else {})}

    def _with_goal_rules(self, goals: dict[str, GoalSpec]) -> dict[str, GoalSpec]:
        """What sentences say of when goals are reached, and by when."""
        for said, path in self._said.parts:
            if not isinstance(said, GoalRuleSpec) or not self._known(said.goal, goals, "goal", path):
                continue
            goal = goals[said.goal]
            twice = (said.reached_when and goal.reached_when) or (said.clock and goal.clock)
            if twice:
                self._fault(path, f"when “{said.goal}” is reached, or its term, is said twice; take one of them out")
            goals[said.goal] = msgspec.structs.replace(
                goal, reached_when=said.reached_when or goal.reached_when, clock=said.clock or goal.clock
            )
        return goals

    def plan(self, *woven: Woven[ServiceGoal] | Woven[HouseRules]) -> Plan:
        self._processes = {key: process for one in woven for key, process in one.process_of.items()}
        self._faults += [fault for one in woven for fault in one.faults]
        self._check_keys()
        if self._goal is not None and self._house.teams:
            self._known(self._goal.team, self._house.teams, "team", ("team",))
        self._check_facts()
        self._check_circles()
        self._check_about()
        self._faults += clock_faults(self._goals, self._tasks, self._goal, self._facts)
        goals = {key: self._goal_plan(key, spec) for key, spec in self._goals.items()}
        items = self._item_plans()
        boundaries = tuple(self._boundaries())
        orders = list(self._orders())
        guards, letters = guards_of(boundaries), letters_of(orders)
        by_name, by_act = awakens_of(boundaries, orders)
        plan = Plan(
            service_goal=self._goal,
            house=self._house,
            names=self._names,
            facts=self._facts,
            goals=goals,
            items=items,
            at_opening=self._at_opening(),
            boundaries=boundaries,
            data_rules=tuple(self._data_rules()),
            reactions=tuple(self._reactions()),
            letters=Letters(self._letters, self._names, self._known, self._fault).plans(),
            offers={key: OfferPlan(o, self._feel(o.when, ("offers", key, "when"))) for key, o in self._offers.items()},
            readers={
                name: (*self._readers.get(name, ()), *by_name.get(name, ())) for name in {*self._readers, *by_name}
            },
            listeners={name: tuple(triggers) for name, triggers in self._listeners.items()},
            guards=guards,
            orders=tuple(orders),
            order_letters=letters,
            watched=watched_of(guards, letters, orders),
            awakens=by_act,
            ends_relation=self._feel(self._goal.ends_relation if self._goal else None, ("ends relation",)),
            models=self._models,
            house_models=self._house_models,
            flows={key: plan for one in woven for key, plan in one.plans.items()},
            heard=frozenset(name for name, says in map(subject_of, self._listeners) if says in OF_FACT.values()),
        )
        if self._faults:
            raise DefinitionFaulty(tuple(self._faults))
        return plan

    # --- checks -------------------------------------------------------------------------------------------------------

    def _fault(self, path: Path, message: str) -> None:
        self._faults.append(Fault(path, message))

    def _known(self, key: str, among: Iterable[str], what: str, path: Path) -> bool:
        choices = list(among)
        if key in choices:
            return True
        near = difflib.get_close_matches(key, choices, n=1)
        advice = f"; did you mean “{near[0]}”?" if near else f"; known are: {', '.join(sorted(choices)) or 'none'}"
        self._fault(path, f"there is no {what} “{key}”{advice}")
        return False

    def _check_keys(self) -> None:
        """Occurrences are told by key alone, so a key may stand for one thing only."""
        seen: dict[str, str] = {}
        groups: tuple[tuple[str, Iterable[str]], ...] = (
            ("goals", self._goals),
            ("tasks", self._tasks),
            ("stages", self._stages),
            ("milestones", self._milestones),
            ("listeners", self._listening),
        )
        for group, keys in groups:
            for key in keys:
                if key in seen:
                    self._fault((group, key), f"“{key}” stands under {seen[key]} too; give one of them another key")
                seen[key] = group

    def _check_facts(self) -> None:
        for key, fact in self._facts.items():
            if fact.type == "choice" and not fact.choices:
                self._fault(("facts", key), "a choice needs its `choices`")
            if key in BUILT_IN:
                self._fault(("facts", key), f"“{key}” is built in; give the fact another name")
            if not is_type(fact.type):
                self._known(fact.type, SIMPLE_TYPES, "type of facts", ("facts", key, "type"))
            elif fact.initial is not None:
                self._check_initial(key, fact)
        for number, name in enumerate(self._goal.start_form if self._goal else ()):
            self._known(name, self._facts, "fact", ("start form", number))

    def _check_initial(self, key: str, fact: FactSpec) -> None:
        try:
            value = parse_value(fact.type, fact.initial)
        except ValueFault as fault:
            self._fault(("facts", key, "initial"), str(fault))
            return
        if fact.choices and value not in fact.choices:
            self._known(str(value), fact.choices, "choice", ("facts", key, "initial"))

    def _check_about(self) -> None:
        """A task about one of a list is added by hand, saying which one: nothing else knows."""
        brought = {task for goal in self._goals.values() for option in goal.options.values() for task in option.tasks}
        brought |= {task for stage in self._stages.values() for task in stage.tasks}
        for key, task in self._tasks.items():
            if task.about and not self._facts.get(task.about, FactSpec()).type.startswith(LIST_OF):
                self._fault(("tasks", key, "about"), f"“{task.about}” is no fact that is a list")
            if task.about and key in brought:
                says = f"“{key}” is about one of “{task.about}”: take it out of options and stages, it is added by hand"
                self._fault(("tasks", key, "about"), says)

    def _check_circles(self) -> None:
        """What holds itself would be created without end."""
        inside = {key: [task for task in stage.tasks if task in self._stages] for key, stage in self._stages.items()}
        objectives = self._house.objectives
        for key, objective in objectives.items():
            if objective.parent:
                self._known(objective.parent, objectives, "objective", ("objectives", key, "parent"))
        over = {key: [one.parent] for key, one in objectives.items() if one.parent in objectives}
        above = {key: [goal.parent] for key, goal in self._goals.items() if goal.parent in self._goals}
        for group, field, leads in (
            ("stages", "tasks", inside),
            ("goals", "parent", above),
            ("objectives", "parent", over),
        ):
            for key in leads:
                if key in beyond(key, leads):
                    self._fault((group, key, field), f"“{key}” stands inside itself; take it out")
        for key, milestone in self._milestones.items():
            if milestone.repeat is not None and not entry_criteria(milestone):
                self._fault(("milestones", key, "repeat"), "a milestone that repeats needs `after` or `when`")

    # --- expressions --------------------------------------------------------------------------------------------------

    def _feel(self, text: str | None, path: Path, trigger: Trigger | None = None, each: str = "") -> Expression | None:
        """`each` is the name of the one object that a rule speaks of."""
        if text is None:
            return None
        names = self._names | {each} if each else self._names
        try:
            expression = compile(text, names)
        except FeelSyntaxError as error:
            self._fault(path, str(error))
            return None
        for name in sorted(expression.reads):
            if self._known(name, names, "fact", path) and trigger is not None:
                self._readers.setdefault(name, []).append(trigger)
        return expression

    def _required(self, text: str, path: Path, trigger: Trigger | None = None, each: str = "") -> Expression:
        return self._feel(text, path, trigger, each) or compile("null")

    def _sentry(self, spec: SentrySpec, path: Path, trigger: Trigger) -> Sentry:
        for number, occurrence in enumerate(spec.after):
            self._occurrence(occurrence, (*path, "after", number))
            self._listeners.setdefault(occurrence, []).append(trigger)
        return Sentry(spec.after, self._feel(spec.when, (*path, "when"), trigger), spec.name)

    def _occurrence(self, text: str, path: Path) -> None:
        key, says = subject_of(text)
        if key in OCCURRENCES:
            return
        if says in OF_FACT.values():
            self._known(key, self._facts, "fact", path)
        elif " is late by " in says:
            known = [one for found in escalations(self._goals, self._tasks).values() for one in found]
            self._known(text, known, "step of a clock that says", path)
        elif text not in self._items:
            self._known(key, (*self._goals, *self._items), "goal, task, stage, milestone or listener", path)

    # --- parts --------------------------------------------------------------------------------------------------------

    def _goal_plan(self, key: str, spec: GoalSpec) -> GoalPlan:
        path: Path = ("goals", key)
        if spec.parent:
            self._known(spec.parent, self._goals, "goal", (*path, "parent"))
        for name in spec.knowledge:
            self._known(name, self._merged(lambda body: body.knowledge), "article", (*path, "knowledge"))
        options = {}
        for option_key, option in spec.options.items():
            option_path = (*path, "options", option_key)
            for number, task in enumerate(option.tasks):
                self._known(task, self._items, "task or stage", (*option_path, "tasks", number))
            options[option_key] = OptionPlan(option, self._feel(option.when, (*option_path, "when")))
        return GoalPlan(
            spec,
            self._sentry(SentrySpec(after=spec.after, when=spec.when), path, Trigger("goal entry", key)),
            self._feel(spec.reached_when, (*path, "reached when"), Trigger("goal reached", key)),
            options,
            tuple(child for child, other in self._goals.items() if other.parent == key and not other.added_only),
        )

    def _item_plans(self) -> dict[str, ItemPlan]:
        plans: dict[str, ItemPlan] = {}
        for key, task in self._tasks.items():
            plans[key] = self._task_plan(key, task)
        for key, stage in self._stages.items():
            for number, task_key in enumerate(stage.tasks):
                self._known(task_key, self._items, "task", ("stages", key, "tasks", number))
            plans[key] = self._item_plan(key, stage, ("stages", key))
        for key, milestone in self._milestones.items():
            plans[key] = self._item_plan(key, milestone, ("milestones", key))
        for key, listener in self._listening.items():
            plans[key] = self._item_plan(key, listener, ("listeners", key))
        return plans

    def _task_plan(self, key: str, task: TaskSpec) -> ItemPlan:
        path: Path = ("tasks", key)
        for field in ("form", "must"):
            for number, fact in enumerate(getattr(task, field)):
                self._known(fact, self._facts, "fact", (*path, field, number))
        if task.kind == "letter" or task.letter:
            self._known(task.letter, self._letters, "letter", (*path, "letter"))
        for group, key_of, among in (
            ("team", task.team, self._house.teams),
            ("role", task.role, self._house.roles),
            ("skill", task.skill, self._house.skills),
        ):
            if key_of:
                self._known(key_of, among, group, (*path, group))
        for fact in task.sets:
            self._known(fact, self._facts, "fact", (*path, "sets", fact))
        own = self._goal is not None and key in self._goal.tasks
        models = self._models if own else self._house_models
        tasks = DecisionTasks(self._facts, self._known, self._fault, self._required)
        plan = self._item_plan(key, task, path, tasks.plan(task, models, path))
        return msgspec.structs.replace(plan, process=self._processes.get(key, "")) if task.kind == "flow" else plan

    def _item_plan(
        self,
        key: str,
        spec: TaskSpec | StageSpec | MilestoneSpec | ListenerSpec,
        path: Path,
        decision: DecisionPlan | None = None,
    ) -> ItemPlan:
        items = PlanItems(
            self._items, self._house.roles, self._names, self._known, self._feel, self._sentry, self._required
        )
        for occurrence in spec.starts if isinstance(spec, ListenerSpec) else ():
            self._sentry(SentrySpec(after=(occurrence,)), path, Trigger("timer", key))
        return items.plan(key, spec, path, decision)

    def _at_opening(self) -> tuple[str, ...]:
        inside = {task for goal in self._goals.values() for option in goal.options.values() for task in option.tasks}
        inside |= {task for stage in self._stages.values() for task in stage.tasks}
        inside |= {planned.item for stage in self._stages.values() for planned in stage.discretionary}
        inside |= {planned.item for task in self._tasks.values() for planned in task.discretionary}
        return tuple(key for key in (*self._stages, *self._milestones, *self._listening) if key not in inside)

    def _bodies(self) -> list[tuple[HouseRules | ServiceGoal, bool]]:
        own = self._goal is None
        return [(self._house, own), *([(self._goal, True)] if self._goal else [])]

    def _boundaries(self) -> Iterable[BoundaryPlan]:
        count = 0
        for body, _ in self._bodies():
            for number, rule in enumerate(body.boundary_rules):
                yield self._boundary(rule, ("boundary rules", number), count)
                count += 1
        for said, path in self._said.parts:
            if isinstance(said, BoundaryRuleSpec):
                yield self._boundary(said, path, count)
                count += 1

    def _boundary(self, rule: BoundaryRuleSpec, path: Path, number: int) -> BoundaryPlan:
        trigger = None if rule.guards else Trigger("boundary", number)
        for place, guard in enumerate(rule.guards):
            self._act(guard, (*path, "guards", place))
        for role in rule.override:
            self._known(role, self._house.roles, "role", (*path, "override"))
        return BoundaryPlan(rule, self._required(rule.require, (*path, "require"), trigger, rule.each))

    def _act(self, act: str, path: Path) -> None:
        if act in acts.PLAIN:
            return
        verb, _, subject = act.partition(" ")
        if not self._known(verb, (*acts.VERBS, *acts.PLAIN), "act", path):
            return
        items = self._items
        options = [option for goal in self._goals.values() for option in goal.options]
        among: Mapping[str, tuple[str, ...]] = {
            "choose": (*options,),
            "reach": (*self._goals,),
            "waive": (*self._goals,),
            "modify": (*items, *self._goals),
            "delete": (*items, *self._goals),
            "reset": (*items, *self._goals),
            "drop": (*options,),
            "add": (*self._goals,),
            "cancel": (*items, *self._goals),
            "late": (*items, *self._goals),
            "set": (*self._facts,),
            "send": (*self._letters,),
            "offer": (*self._offers,),
            "accept": (*self._offers,),
            "decline": (*self._offers,),
        }
        self._known(subject, among.get(verb, items), f"thing to {verb}", path)

    def _orders(self) -> Iterable[OrderPlan]:
        for spec, path in self._said.parts:
            if not isinstance(spec, OrderSpec):
                continue
            conditions = tuple(self._feel(letter.when, path, each=spec.each) for letter in spec.letters)
            for letter in spec.letters:
                for act in letter.acts:
                    self._act(act, path)
            for role in spec.override:
                self._known(role, self._house.roles, "role", path)
            reads = sorted({name for condition in conditions if condition for name in condition.reads})
            yield OrderPlan(spec, Automaton(spec), conditions, tuple(reads))

    def _data_rules(self) -> Iterable[DataPlan]:
        count = 0
        for body, _ in self._bodies():
            for number, rule in enumerate(body.data_rules):
                yield self._data_rule(rule, ("data rules", number, "require"), count)
                count += 1
        for said, path in self._said.parts:
            if isinstance(said, DataRuleSpec):
                yield self._data_rule(said, path, count)
                count += 1

    def _data_rule(self, rule: DataRuleSpec, path: Path, number: int) -> DataPlan:
        return DataPlan(rule, self._required(rule.require, path, Trigger("data", number)))

    def _reactions(self) -> Iterable[ReactionPlan]:
        count = 0
        for body, _ in self._bodies():
            for number, rule in enumerate(body.reactions):
                yield self._reaction(rule, ("reactions", number), count)
                count += 1
        for said, path in self._said.parts:
            if isinstance(said, ReactionSpec):
                yield self._reaction(said, path, count)
                count += 1

    def _reaction(self, rule: ReactionSpec, path: Path, number: int) -> ReactionPlan:
        sentry = self._sentry(SentrySpec(after=rule.after, when=rule.when), path, Trigger("reaction", number))
        if not rule.after and rule.when is None:
            self._fault(path, "a reaction needs `when` or `after`: without one it would never happen")
        to = tuple(self._feel(action.to, (*path, "do", place, "to")) for place, action in enumerate(rule.do))
        self._check_actions(rule, path)
        return ReactionPlan(rule.says, rule, sentry.when, to)

    def _check_actions(self, rule: ReactionSpec, path: Path) -> None:
        for number, action in enumerate(rule.do):
            place = (*path, "do", number)
            checks: tuple[tuple[str, str | None, Iterable[str], str], ...] = (
                ("add goal", action.add_goal, self._goals, "goal"),
                ("add task", action.add_task, self._tasks, "task"),
                ("tell", action.tell, (*self._house.roles, *self._house.teams), "role or team"),
                ("set fact", action.set_fact, self._facts, "fact"),
                ("offer", action.offer, self._offers, "offer"),
            )
            said = [check for check in checks if check[1] is not None]
            if len(said) + (action.promise is not None) != 1:
                self._fault(
                    place,
                    "an action does exactly one thing: add goal, add task, tell, set fact, offer or promise",
                )
            for field, key, among, what in said:
                self._known(key or "", among, what, (*place, field))
