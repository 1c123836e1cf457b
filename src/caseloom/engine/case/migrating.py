"""Migration: a running case goes on under another version of its service goal (DESIGN §4, versions).

What lies ahead of the case is simply there from now on. What is open needs its place in the new version: the same key,
or the one that the plan of the migration maps it to; mapped to nothing, it ends.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import goals, items, planning
from caseloom.engine.case.migrated import CaseMigrated
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Item
from caseloom.engine.case.turn import Turn
from caseloom.engine.flow.plan import FlowPlan
from caseloom.engine.flow.state import ROOT, Flow
from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.engine.rules.plan import Plan

KEEP = NextStep("Map it to what takes its place, or to nothing")


def migrate_case(turn: Turn, command: c.MigrateCase) -> Refused | None:
    """Go over to another version, or say what is in the way."""
    state = turn.state
    if not state.service_goal:
        return Refused("wrong state", "This case has no service goal; classify it first.")
    if command.version == state.version:
        return Refused("duplicate", f"The case follows version {state.version} already.")
    try:
        plan = turn.moment.plans(state.service_goal, command.version, state.house_version)
    except KeyError:
        return Refused("not found", f"The library has no version {command.version} of “{state.service_goal}”.")
    except DefinitionFaulty as faulty:
        return Refused("wrong state", f"That version does not fit the house rules of this case: {faulty}")
    move = _Move(turn, plan, command)
    refused = move.refused()
    if refused is not None:
        return refused
    for item in move.items_gone:
        if item.id in state.items:
            items.transition(turn, item, "exit")
    for number in move.goals_gone:
        goals.cancel(turn, state.goals[number], "another version")
    turn.pending.clear()
    turn.replan(plan)
    turn.emit(
        CaseMigrated(
            version=command.version,
            before=state.version,
            goals=move.goals,
            items={number: key for number, key in move.items.items() if number in state.items},
            elements=move.elements,
        )
    )
    for rule, memories in command.orders.items():
        for about, memory in memories.items():
            if state.orders.get(rule, {}).get(about) != memory:
                turn.emit(e.RuleAdvanced(rule=rule, about=about, memory=memory))
    with turn.as_world():
        planning.first_facts(turn, command.customer_facts, (*state.facts,))
    _bring(turn, plan)
    planning.ask_all(turn)
    return None


class _Move:
    """What becomes of each open thing: `goals` and `items` by number and `elements` by flow and node, with the new
    key of those that change it; `refusals` what has no place.
    """

    def __init__(self, turn: Turn, plan: Plan, command: c.MigrateCase) -> None:
        self._turn, self._plan, self._command = turn, plan, command
        self._missing: list[str] = []
        self.goals: dict[int, str] = {}
        self.goals_gone: list[int] = []
        self.items: dict[int, str] = {}
        self.items_gone: list[Item] = []
        self.elements: dict[str, str] = {}
        self._find_goals()
        self._find_flows()
        self._find_items()

    def refused(self) -> Refused | None:
        if not self._missing:
            return None
        what = "; ".join(self._missing[:5])
        message = f"Version {self._command.version} has no place for what is open here: {what}."
        return Refused("wrong state", message, facts={"missing": self._missing}, next=(KEEP,))

    def _find_goals(self) -> None:
        for goal in self._turn.state.goals.values():
            if not goal.key:
                continue
            key = self._command.goals.get(goal.key, goal.key)
            is_open = goal.status in ("available", "active")
            if key in self._plan.goals:
                if key != goal.key:
                    self.goals[goal.id] = key
            elif is_open and not key:
                self.goals_gone.append(goal.id)
            elif is_open:
                self._missing.append(f"the goal “{goal.key}”")

    def _find_items(self) -> None:
        for item in self._turn.state.items.values():
            if not item.key or item.id in self.items:
                continue
            key = self._key_of(item)
            if not key:
                self.items_gone.append(item)
            elif not self._knows(key) and not self._made_up(item):
                self._missing.append(f"“{items.title(self._turn, item)}”")
            elif key != item.key:
                self.items[item.id] = key

    def _key_of(self, item: Item) -> str:
        """The key of an item afterwards; an option moves with its goal."""
        if item.key in self._command.items:
            return self._command.items[item.key]
        if not item.option:
            return item.key
        goal, _, option = item.key.partition("/")
        moved = self._command.goals.get(goal, goal)
        return f"{moved}/{option}" if moved else ""

    def _knows(self, key: str) -> bool:
        goal, slash, option = key.partition("/")
        if slash and goal in self._plan.goals:
            return option in self._plan.goals[goal].options
        return key in self._plan.items

    def _made_up(self, item: Item) -> bool:
        """A way that people made up in the case needs no place in a definition."""
        goal = self._turn.state.goals.get(item.goal or 0)
        return item.option and goal is not None and goal.way(item.key) is not None

    def _find_flows(self) -> None:
        for flow in self._turn.state.flows.values():
            process = self._plan.flows.get(flow.process)
            holder = self._turn.state.items.get(flow.item)
            if holder is not None and self._command.items.get(holder.key) == "":
                continue
            if process is None:
                self._missing.append(f"the process “{flow.process}”")
            else:
                self._find_nodes(flow, process)

    def _find_nodes(self, flow: Flow, process: FlowPlan) -> None:
        old = self._turn.plan.flows[flow.process]
        for node in flow.nodes.values():
            named = {node.element, *(wait.element for wait in node.waits)} - {""}
            for name in sorted(named):
                moved = self._command.elements.get(name, name)
                step = process.steps.get(moved)
                if step is None or step.kind != old.steps[name].kind:
                    self._missing.append(f"the step “{old.steps[name].title}”")
                elif moved != name:
                    self.elements[f"{flow.id} {name}"] = moved
            if node.item and node.id != ROOT and not self._missing:
                after = process.steps[self._command.elements.get(node.element, node.element)].task
                if after != self._turn.state.items[node.item].key:
                    self.items[node.item] = after


def _bring(turn: Turn, plan: Plan) -> None:
    """What is new: goals and stages that every case is opened with, new tasks of an option or stage that is open."""
    known = {goal.key for goal in turn.state.goals.values()}
    for key, goal in plan.goals.items():
        if key not in known and not goal.spec.added_only and not goal.spec.parent:
            goals.add(turn, key)
    came = turn.state.counters
    for key in plan.at_opening:
        if key not in came:
            items.create(turn, key, None, None)
    for holder, tasks in list(_open_groups(turn, plan)):
        for key in tasks:
            if key not in came:
                items.create(turn, key, holder.id, holder.goal)


def _open_groups(turn: Turn, plan: Plan) -> Iterator[tuple[Item, tuple[str, ...]]]:
    for item in list(turn.state.items.values()):
        if item.status != "active" or item.kind != "stage":
            continue
        goal = turn.state.goals.get(item.goal or 0)
        options: Mapping[str, Any] = plan.goals[goal.key].options if goal and goal.key in plan.goals else {}
        if item.option and goal is not None and goal.option is not None and goal.option in options:
            yield item, options[goal.option].spec.tasks
        elif not item.option and item.key in plan.items:
            yield item, getattr(plan.items[item.key].spec, "tasks", ())
