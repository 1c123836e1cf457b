"""Planning tables (CMMN 1.1 §5.4.9 and §8.7): what people may plan into a stage, or beside a human task, and do."""

from collections.abc import Iterator

from caseloom.engine.case import items
from caseloom.engine.case import plan_commands as p
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.scope import fact_words
from caseloom.engine.case.state import Item
from caseloom.engine.case.turn import Turn
from caseloom.engine.feel import is_true
from caseloom.engine.rules.plan import PlannablePlan


def plan_item(turn: Turn, command: p.PlanItem) -> Refused | None:
    """Bring a discretionary item into the stage, or into that of the task."""
    holder = turn.state.items.get(command.into)
    plan = turn.plan.items.get(holder.key) if holder is not None else None
    if holder is None or plan is None or not plan.plannable:
        return Refused("not found", f"Item {command.into} has no planning table in this case.", next=_ways(turn))
    planned = next((one for one in plan.plannable if one.spec.item == command.key), None)
    if planned is None:
        known = ", ".join(one.spec.item for one in plan.plannable)
        return Refused("not found", f"“{command.key}” is not in this planning table. There are: {known}.")
    refused = _may_plan(turn, holder, planned)
    if refused is None:
        items.create(turn, command.key, holder.id if holder.kind == "stage" else holder.parent, holder.goal)
    return refused


def _may_plan(turn: Turn, holder: Item, planned: PlannablePlan) -> Refused | None:
    if holder.status != "active":
        return Refused("wrong state", f"“{items.title(turn, holder)}” is {holder.status}; it is planned while active.")
    roles = planned.spec.roles
    if roles and turn.actor.kind == "agent" and not turn.actor.roles & set(roles):
        way = NextStep(f"Ask somebody with the role {' or '.join(roles)}", who=roles[0])
        return Refused("role", f"“{planned.spec.item}” is planned by: {', '.join(roles)}.", next=(way,))
    if planned.when is not None and not is_true(planned.when.evaluate(turn.scope)):
        read = {name: fact_words(turn.state, name) for name in sorted(planned.when.reads) if name in turn.plan.facts}
        return Refused(
            "wrong state",
            f"“{planned.spec.item}” may be planned when {planned.when.text}",
            facts=read,
        )
    return None


def plannable(turn: Turn) -> Iterator[tuple[Item, str]]:
    """What the actor may plan now, and into which item."""
    for holder in turn.state.items.values():
        plan = turn.plan.items.get(holder.key)
        for planned in plan.plannable if plan is not None else ():
            if _may_plan(turn, holder, planned) is None:
                yield holder, planned.spec.item


def _ways(turn: Turn) -> tuple[NextStep, ...]:
    return tuple(
        NextStep(f"Plan “{key}”", "PlanItem", {"key": key, "into": holder.id}) for holder, key in plannable(turn)
    )
