"""Sub-cases: a task that another case of the same customer does (CMMN 1.1 §5.4.10.5, case task).

The task asks for the case; a job opens it; when it ends, a job tells this case how. What it came to stands in `result`
for what the task `sets`.
"""

from collections.abc import Mapping
from typing import Any, cast

from caseloom.engine.case import commands as c
from caseloom.engine.case import items
from caseloom.engine.case.facts import record
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.scope import ObjectScope
from caseloom.engine.case.state import Item
from caseloom.engine.case.subcase_events import SubCaseAsked, SubCaseEnded
from caseloom.engine.case.turn import Turn
from caseloom.engine.decision.published import RESULT
from caseloom.engine.feel import Fault, Value
from caseloom.engine.spec.values import ValueFault, parse_value, to_tagged


def ask(turn: Turn, item: Item, service_goal: str) -> None:
    """Ask for the case that is to do a task, with the facts that the task gives it."""
    plan = turn.plan.items[item.key]
    given: dict[str, Any] = {}
    for name, expression in plan.inputs:
        value = expression.evaluate(turn.scope)
        if not isinstance(value, Fault):
            given[name] = _wire(value)
    private = SubCaseAsked.Given(given)
    turn.emit(
        SubCaseAsked(item=item.id, key=item.key, case=next(turn.moment.ids), service_goal=service_goal, private=private)
    )


def _wire(value: object) -> Any:
    try:
        return to_tagged(cast("Any", value))
    except ValueFault:
        return None


def settle_sub_case(turn: Turn, command: c.SettleSubCase) -> Refused | None:
    """The sub-case has ended: its task is done, or has failed. What is over already stays so."""
    item = turn.state.items.get(command.item)
    if item is None or item.sub_case != command.case or item.status != "active":
        return Refused("duplicate", "This task waits for that case no longer.")
    turn.emit(SubCaseEnded(item=item.id, key=item.key, case=command.case, status=command.status))
    if command.status != "completed":
        return items.transition(turn, item, "fault", command.reason)
    _take_over(turn, item, command.facts)
    return items.transition(turn, item, "complete")


def _take_over(turn: Turn, item: Item, facts: Mapping[str, Any]) -> None:
    """Set what follows from the facts of the sub-case."""
    result = parse_value("object", facts)
    scope = ObjectScope(turn.scope, RESULT, lambda: result)
    for name, expression in turn.plan.items[item.key].results:
        value: Value = expression.evaluate(cast("Any", scope))
        record(turn, name, turn.plan.facts[name], value, f"case {item.sub_case}")
