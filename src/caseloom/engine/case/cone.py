"""What can bear on an act: the cone of influence of a definition's rules, from an act or a sentence back to its causes.

To show that something can never be, everything that could bring it about has to be tried, and nothing else need be.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from caseloom.engine.case import commands as c
from caseloom.engine.case.moves import Move
from caseloom.engine.case.state import CaseState
from caseloom.engine.feel import Expression
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.occurrences import OF_FACT, subject_of
from caseloom.engine.spec.service_goal import StageSpec, TaskSpec

OF_WORLD: Final = {"perception": "rate", "customer has confirmed": "confirm"}
"""Names that the world sets, and the act by which it does."""


class Cone(msgspec.Struct, frozen=True):
    """The names that matter, the acts that matter, and whether it matters who acts."""

    names: frozenset[str]
    acts: frozenset[str]
    persons: bool

    def has(self, *verbs: str) -> bool:
        """Whether an act with one of these words matters."""
        return any(act == verb or act.startswith(f"{verb} ") for act in self.acts for verb in verbs)

    def has_item(self, key: str) -> bool:
        """Whether what becomes of this task, stage or milestone matters."""
        return any(f"{verb} {key}" in self.acts for verb in ("complete", "start", "create", "cancel", "reset", "late"))


def cone_of(plan: Plan, act: str = "", rule: str = "") -> Cone:
    """What bears on an act, or on whether a sentence ever refuses or fires."""
    finder = _Finder(plan)
    if act:
        finder.want(act)
    if rule:
        finder.want_rule(rule)
    finder.run()
    return Cone(frozenset(finder.names), frozenset(finder.acts), finder.persons)


class _Finder:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.names: set[str] = set()
        self.acts: set[str] = set()
        self.persons = False
        self._todo: list[str] = []

    def want(self, act: str) -> None:
        if act not in self.acts:
            self.acts.add(act)
            self._todo.append(act)

    def reads(self, *expressions: Expression | None) -> None:
        for name in {name for expression in expressions if expression is not None for name in expression.reads}:
            self.persons = self.persons or name == "actor"
            if name in self.names:
                continue
            self.names.add(name)
            if name in self.plan.facts:
                self.want(f"set {name}")
            elif name in OF_WORLD:
                self.want(OF_WORLD[name])
            elif name == "case":
                self.want("hear")
                self.want("answer")

    def run(self) -> None:
        while self._todo:
            act = self._todo.pop()
            self._rules_on(act)
            verb, _, key = act.partition(" ")
            if verb == "set":
                self._fact(key)
            elif verb in ("complete", "start", "create", "cancel", "reset", "late") and key in self.plan.items:
                self._item(key)
            if verb in ("reach", "late", "waive", "add") and key in self.plan.goals:
                self._goal(key)
            elif verb == "choose":
                self._option(key)

    def want_rule(self, rule: str) -> None:
        for boundary in self.plan.boundaries:
            if boundary.spec.says == rule:
                self._acts_of(boundary.spec.guards)
                self.reads(boundary.require)
        for data in self.plan.data_rules:
            if data.spec.says == rule:
                self.reads(data.require)
        for order in self.plan.orders:
            if order.spec.says == rule:
                self._order(order.conditions, (act for letter in order.spec.letters for act in letter.acts))
                self.persons = self.persons or bool(order.spec.people)
                if order.spec.unfinished:
                    self.want("close")
        for reaction in self.plan.reactions:
            if reaction.spec.says == rule:
                self.reads(reaction.when)
                self._occurrences(reaction.spec.after)

    def _acts_of(self, acts: Iterable[str]) -> None:
        for act in acts:
            self.want(act)

    def _order(self, conditions: Iterable[Expression | None], acts: Iterable[str]) -> None:
        self.reads(*conditions)
        self._acts_of(acts)

    def _rules_on(self, act: str) -> None:
        """The rules that may forbid this act."""
        for boundary in self.plan.guards.get(act, ()):
            self.reads(boundary.require)
        for number, _ in self.plan.order_letters.get(act, ()):
            self.want_rule(self.plan.orders[number].spec.says)
        if act == "close":
            for order in self.plan.orders:
                if order.spec.unfinished:
                    self.want_rule(order.spec.says)

    def _fact(self, name: str) -> None:
        """Rules that read a fact may refuse its value, and tasks that set it may be the way to it."""
        self.names.add(name)
        for trigger in self.plan.readers.get(name, ()):
            if trigger.part == "boundary":
                self.reads(self.plan.boundaries[int(trigger.key)].require)
            elif trigger.part == "data":
                self.reads(self.plan.data_rules[int(trigger.key)].require)

    def _item(self, key: str) -> None:
        item = self.plan.items[key]
        for sentry in item.entry:
            self.reads(sentry.when)
            self._occurrences(sentry.after)
        if isinstance(item.spec, TaskSpec):
            self.persons = self.persons or bool(item.spec.role or item.spec.skill or item.spec.by_customer)
            self._acts_of(f"set {name}" for name in (*item.spec.must, *item.writes))
            for _, expression in item.decision.inputs if item.decision is not None else ():
                self.reads(expression)
            if item.spec.kind == "letter":
                self.want(f"send {item.spec.letter}")
            if item.spec.kind == "wait":
                self.want("hear")
            if item.spec.about:
                self.want(f"set {item.spec.about}")
        elif isinstance(item.spec, StageSpec):
            self._acts_of(f"complete {task}" for task in item.spec.tasks)
        self._holders(key)

    def _holders(self, key: str) -> None:
        """An option, or a stage, brings the item that cannot be added by hand."""
        if isinstance(self.plan.items[key].spec, TaskSpec):
            return
        for goal in self.plan.goals.values():
            for option, plan in goal.options.items():
                if key in plan.spec.tasks:
                    self.want(f"choose {option}")

    def _goal(self, key: str) -> None:
        goal = self.plan.goals[key]
        self.reads(goal.entry.when, goal.reached)
        self._occurrences(goal.entry.after)
        self._acts_of(f"reach {child}" for child in goal.children)
        if goal.reached is None:
            self._acts_of(f"choose {option}" for option in goal.options)
        for name in goal.reached.reads if goal.reached is not None else ():
            self._acts_of(f"complete {item}" for item in self._setters(name))
        if goal.spec.parent:
            self.want(f"reach {goal.spec.parent}")

    def _setters(self, name: str) -> Iterator[str]:
        for key, item in self.plan.items.items():
            if name in item.writes:
                yield key

    def _option(self, key: str) -> None:
        for name, goal in self.plan.goals.items():
            option = goal.options.get(key)
            if option is not None:
                self.reads(option.when, goal.entry.when)
                self._occurrences(goal.entry.after)
                self._acts_of(f"complete {item}" for item in option.spec.tasks)
                self.want(f"add {name}")

    def _occurrences(self, occurrences: Iterable[str]) -> None:
        for occurrence in occurrences:
            key, says = subject_of(occurrence)
            verb = {" is cancelled": "cancel", " is late": "late", " is added": "add"}.get(says, "")
            if occurrence in _BUILT_IN:
                self.want(_BUILT_IN[occurrence])
            elif key in self.plan.facts and says in OF_FACT.values():
                self.want(f"set {key}")
            elif key in self.plan.items and says and not verb:
                # What else happens to an item happens between its coming and its end.
                self._acts_of(f"{one} {key}" for one in ("create", "start", "complete", "cancel"))
            elif key in self.plan.goals:
                self.want(f"{verb or 'reach'} {key}")
                if verb == "cancel":
                    self.want(f"waive {key}")
            else:
                self.want(f"{verb or 'complete'} {key}")


_BUILT_IN: Final = {
    "any contact": "hear",
    "any answer": "answer",
    "any perception": "rate",
    "case closed": "close",
}


def has_goal(cone: Cone, key: str, plan: Plan) -> bool:
    """Whether what becomes of this goal matters."""
    if any(f"{verb} {key}" in cone.acts for verb in ("reach", "late", "waive", "add", "cancel")):
        return True
    goal = plan.goals.get(key)
    return goal is not None and any(f"choose {option}" in cone.acts for option in goal.options)


def concerns(cone: Cone, move: Move, state: CaseState, plan: Plan) -> bool:
    """Whether a move can bear on what the cone is of."""
    match move.command:
        case c.CompleteTask(item=number, facts=facts):
            task = plan.task(state.items[number].key)
            must = task.must if task is not None else ()
            return cone.has_item(state.items[number].key) and all(n in cone.names or n in must for n in facts)
        case c.StartTask(item=number) | c.CancelTask(item=number) | c.ResetTask(item=number):
            return cone.has_item(state.items[number].key)
        case c.CreateTask(key=key):
            return cone.has_item(key)
        case c.SetFacts(facts=facts):
            return all(name in cone.names for name in facts)
        case c.ChooseOption(option=option):
            return f"choose {option}" in cone.acts
        case c.ReachGoal(goal=number):
            return f"reach {state.goals[number].key}" in cone.acts
        case c.WaiveGoal(goal=number):
            return f"waive {state.goals[number].key}" in cone.acts
        case _:
            return _concerns_as_world(cone, move.command)


def _concerns_as_world(cone: Cone, command: c.Command) -> bool:
    match command:
        case c.TerminateCase():
            return "close" in cone.acts
        case c.SendMessage() | c.SettleMessage():
            return cone.has("send")
        case c.LinkContact(direction=direction):
            return cone.has("answer") if direction == "out" else cone.has("hear", "customer answers")
        case c.RecordPerception():
            return cone.has("rate")
        case c.ConfirmOutcome():
            return cone.has("confirm", "deny", "customer answers")
        case c.TimerDue(timer=timer):
            return timer.startswith("rule") or cone.has("late")
        case _:
            return True
