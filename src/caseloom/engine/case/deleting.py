"""Commands that take away what was added by mistake: it counts as if it had not been, and stays in the history.

What the definition brought is not deleted, nor what has been done: the refusal names the way on.
"""

from caseloom.engine.case import commands as c
from caseloom.engine.case import goals, items
from caseloom.engine.case import planned as p
from caseloom.engine.case.reasons import open_stage, settle_around, stage_title, unsaid
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Goal, Item
from caseloom.engine.case.turn import Turn


def delete_task(turn: Turn, command: c.DeleteTask) -> Refused | None:
    item = turn.state.items.get(command.item)
    done = turn.moment.finished.get(command.item)
    if item is None and done is not None and done.kind == "task":
        return _done_already(turn, done)
    if item is None or item.kind != "task":
        return Refused("not found", f"There is no task {command.item} in this case.")
    refused = unsaid(command.reason, "A task is deleted") or _of_definition(turn, item, "CancelTask")
    refused = refused or _on_its_way(turn, item)
    if refused is None:
        _delete(turn, item, command.reason)
    return refused


def _done_already(turn: Turn, item: Item) -> Refused:
    again = NextStep("Begin it anew", "ResetTask", {"item": item.id})
    undo = NextStep("Undo what was planned last", "UndoWork")
    return Refused(
        "wrong state",
        f"“{items.title(turn, item)}” is {item.status}: what was done is not deleted.",
        facts={"item": item.id, "status": item.status},
        next=(again, undo),
    )


def _of_definition(turn: Turn, item: Item, cancel: str) -> Refused | None:
    if item.by_hand:
        return None
    step = NextStep("Cancel it with a reason", cancel, {"item": item.id})
    title = stage_title(turn, item) if item.kind == "stage" else items.title(turn, item)
    return Refused("wrong state", f"“{title}” was not added by hand, so it is not deleted.", next=(step,))


def _on_its_way(turn: Turn, item: Item) -> Refused | None:
    if item.message is None or item.message not in turn.state.messages:
        return None
    says = f"The letter of “{items.title(turn, item)}” is on its way; what has left the house is not deleted."
    return Refused("wrong state", says, next=(NextStep("Cancel it with a reason", "CancelTask", {"item": item.id}),))


def _delete(turn: Turn, item: Item, reason: str) -> None:
    for child in turn.state.children(item.id):
        _delete(turn, child, reason)
    turn.emit(p.ItemDeleted(item=item.id, key=item.key, kind=item.kind, private=p.Why(reason=reason)))
    settle_around(turn, item.parent)


def delete_stage(turn: Turn, command: c.DeleteStage) -> Refused | None:
    stage = open_stage(turn, command.item)
    if isinstance(stage, Refused):
        return stage
    refused = unsaid(command.reason, "A stage is deleted") or _of_definition(turn, stage, "CancelStage")
    refused = refused or _something_done(turn, stage)
    if refused is None:
        _delete(turn, stage, command.reason)
    return refused


def _something_done(turn: Turn, stage: Item) -> Refused | None:
    """Why a stage is not deleted with what is inside it."""
    inside = [stage, *_inside(turn, stage)]
    cancel = NextStep("Cancel the stage with a reason", "CancelStage", {"item": stage.id})
    title = stage_title(turn, stage)
    if any(one.done for one in inside):
        return Refused("wrong state", f"In “{title}” something was done: that is not deleted.", next=(cancel,))
    return next((refused for one in inside if (refused := _on_its_way(turn, one)) is not None), None)


def _inside(turn: Turn, stage: Item) -> list[Item]:
    children = turn.state.children(stage.id)
    return [*children, *(deeper for child in children for deeper in _inside(turn, child))]


def delete_goal(turn: Turn, command: c.DeleteGoal) -> Refused | None:
    goal = turn.state.goals.get(command.goal)
    if goal is None:
        return goals.no_such(turn, command.goal)
    refused = unsaid(command.reason, "A goal is deleted")
    below = [goal, *_below(turn, goal)]
    refused = refused or next((found for one in below if (found := _stays(turn, one)) is not None), None)
    if refused is not None:
        return refused
    for one in reversed(below):
        _delete_goal(turn, one, command.reason)
    if goal.parent is not None:
        turn.parents.append(goal.parent)
    return None


def _below(turn: Turn, goal: Goal) -> list[Goal]:
    children = [child for child in turn.state.goals.values() if child.parent == goal.id]
    return [*children, *(deeper for child in children for deeper in _below(turn, child))]


def _stays(turn: Turn, goal: Goal) -> Refused | None:
    """Why a goal is not deleted."""
    title = goals.title(turn, goal)
    if goal.status in goals.DONE:
        again = NextStep("Work for it again", "ResetGoal", {"goal": goal.id})
        return Refused("wrong state", f"“{title}” is {goal.status}: what was done is not deleted.", next=(again,))
    waive = NextStep("Waive the goal with a reason", "WaiveGoal", {"goal": goal.id})
    if not goal.by_hand:
        return Refused("wrong state", f"“{title}” was not added by hand, so it is not deleted.", next=(waive,))
    if goal.done:
        says = f"Something was done for “{title}”: that is not deleted."
        return Refused("wrong state", says, next=(NextStep("Cancel the goal", "CancelGoal", {"goal": goal.id}),))
    if goal.shared:
        return Refused("wrong state", f"Other cases wait for “{title}”.", next=(waive,))
    work = [item for item in turn.state.items.values() if item.goal == goal.id]
    return next((refused for item in work if (refused := _on_its_way(turn, item)) is not None), None)


def _delete_goal(turn: Turn, goal: Goal, reason: str) -> None:
    for item in [item for item in turn.state.items.values() if item.goal == goal.id]:
        if item.id in turn.state.items:
            _delete(turn, item, reason)
    turn.emit(p.GoalDeleted(goal=goal.id, key=goal.key, private=p.Why(reason=reason)))
