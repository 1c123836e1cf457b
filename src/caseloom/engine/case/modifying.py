"""Commands that change what is open: tasks, stages and goals."""

from datetime import datetime

from caseloom.engine.case import clocks, goals, items
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.reasons import open_goal, open_stage, places, settle_around, stage_title, unknown_form, unsaid
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Goal, Item
from caseloom.engine.case.turn import Turn
from caseloom.engine.case.work import find_task
from caseloom.engine.spec.service_goal import TaskSpec


def modify_task(turn: Turn, command: c.ModifyTask) -> Refused | None:
    item = find_task(turn, command.item)
    if isinstance(item, Refused):
        return item
    refused = (
        unsaid(command.reason, "A task is changed")
        or (command.title is not None and _untitled(command.title, "task"))
        or unknown_form(turn, command.form or ())
        or places(turn, command.goal, command.stage)
        or _not_by_hand(turn, item, command)
        or _past(turn, command.due)
    )
    if refused:
        return refused
    left = item.parent
    goal = 0 if "goal" in command.without else command.goal
    parent = 0 if "stage" in command.without else command.stage
    turn.emit(
        p.ItemModified(
            item=item.id,
            key=item.key,
            kind="task",
            titled=command.title is not None,
            form=command.form,
            role=command.role,
            goal=goal,
            parent=parent,
            required=command.required,
            private=p.Change(title=command.title or "", reason=command.reason),
        )
    )
    _give(turn, item, command)
    _move_clock_of_task(turn, item, command)
    settle_around(turn, left, item.parent)
    return None


def _untitled(title: str, what: str) -> Refused | None:
    return None if title.strip() else Refused("invalid", f"A {what} needs a title.")


def _not_by_hand(turn: Turn, item: Item, command: c.ModifyTask) -> Refused | None:
    """What the definition says of a task is not changed in one case: what it does, who may do it, that it must be."""
    spec = turn.plan.task(item.key)
    if spec is None:
        return None
    if command.required is False and spec.required and items.is_required(turn, item):
        cancel = NextStep("Cancel it with a reason", "CancelTask", {"item": item.id})
        says = f"“{items.title(turn, item)}” is required by the definition."
        return Refused("wrong state", says, facts={"item": item.id}, next=(cancel,))
    if command.form is not None and not set(spec.must) <= set(command.form):
        missing = [turn.plan.facts[name].label or name for name in spec.must if name not in command.form]
        return Refused("data", f"Its form has to ask for: {', '.join(missing)}.", facts={"missing": missing})
    if command.role is not None and command.role != item.role and spec.role and spec.role not in turn.actor.roles:
        give = NextStep("Ask somebody who has the role", who=spec.role)
        return Refused("role", f"Only who has the role “{spec.role}” gives it to another role.", next=(give,))
    return None


def _past(turn: Turn, due: datetime | None) -> Refused | None:
    if due is None or due > turn.now:
        return None
    return Refused("invalid", "A deadline lies in the future: give a later time.")


def _give(turn: Turn, item: Item, command: c.ModifyTask) -> None:
    assignee = item.assignee if command.assignee is None else command.assignee
    team = command.team or item.team
    if (assignee, team) != (item.assignee, item.team):
        turn.emit(e.TaskAssigned(item=item.id, key=item.key, assignee=assignee, team=team, before=item.assignee))


def _move_clock_of_task(turn: Turn, item: Item, command: c.ModifyTask) -> None:
    if "due" in command.without:
        if item.clock is not None:
            turn.emit(p.ClockMoved(item=item.id))
    elif command.due is not None:
        spec = turn.plan.task(item.key)
        due = spec.due if isinstance(spec, TaskSpec) else None
        clock = clocks.moved(turn, due, item.clock, command.due, item.status == "suspended")
        turn.emit(p.ClockMoved(item=item.id, clock=clock))


def modify_stage(turn: Turn, command: c.ModifyStage) -> Refused | None:
    stage = open_stage(turn, command.item)
    if isinstance(stage, Refused):
        return stage
    refused = unsaid(command.reason, "A stage is changed") or _untitled(command.title, "stage")
    if refused is None and stage.option:
        refused = Refused("wrong state", f"“{stage_title(turn, stage)}” is a chosen way; make up another one instead.")
    if refused is not None:
        return refused
    private = p.Change(title=command.title, reason=command.reason)
    turn.emit(p.ItemModified(item=stage.id, key=stage.key, kind="stage", titled=True, private=private))
    return None


def modify_goal(turn: Turn, command: c.ModifyGoal) -> Refused | None:
    goal = goals.find_open(turn, command.goal)
    if isinstance(goal, Refused):
        return goal
    refused = (
        unsaid(command.reason, "A goal is changed")
        or (command.title is not None and _untitled(command.title, "goal"))
        or _less_needed(turn, goal, command)
        or _parent(turn, goal, command.parent)
        or _past(turn, command.due)
    )
    if refused:
        return refused
    left = goal.parent
    turn.emit(
        p.GoalModified(
            goal=goal.id,
            key=goal.key,
            titled=command.title is not None,
            need=command.need,
            priority=command.priority,
            parent=0 if "parent" in command.without else command.parent,
            private=p.Change(title=command.title or "", reason=command.reason),
        )
    )
    if "due" in command.without and goal.clock is not None:
        turn.emit(p.ClockMoved(goal=goal.id))
    elif command.due is not None:
        clock = clocks.moved(turn, turn.plan.clock_of_goal(goal.key), goal.clock, command.due)
        turn.emit(p.ClockMoved(goal=goal.id, clock=clock))
    turn.parents.extend(number for number in dict.fromkeys((left, goal.parent)) if number)
    return None


def _less_needed(turn: Turn, goal: Goal, command: c.ModifyGoal) -> Refused | None:
    """A goal that the definition requires is waived, and not made optional; its deadline is moved, and not lost."""
    plan = turn.plan.goals.get(goal.key)
    if plan is None or goal.by_hand:
        return None
    if command.need not in (None, "required") and goal.need == "required":
        waive = NextStep("Waive the goal with a reason", "WaiveGoal", {"goal": goal.id})
        return Refused("wrong state", f"“{goals.title(turn, goal)}” is required by the definition.", next=(waive,))
    if "due" in command.without and plan.spec.clock is not None:
        move = NextStep("Give it a later deadline", "ModifyGoal", {"goal": goal.id})
        return Refused("wrong state", f"“{goals.title(turn, goal)}” has its deadline by definition.", next=(move,))
    if "parent" in command.without or command.parent is not None:
        return Refused("wrong state", f"“{goals.title(turn, goal)}” stands where its definition puts it.")
    return None


def _parent(turn: Turn, goal: Goal, parent: int | None) -> Refused | None:
    """A goal stands under an open one, and not inside itself."""
    above = open_goal(turn, parent) if parent is not None else None
    if isinstance(above, Refused):
        return above
    while above is not None:
        if above.id == goal.id:
            return Refused("invalid", f"“{goals.title(turn, goal)}” cannot stand under itself.")
        above = turn.state.goals.get(above.parent or 0)
    return None
