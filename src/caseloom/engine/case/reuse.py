"""Commands that bring over what an earlier case did. The steps come as plain data, read by who may read that case."""

import msgspec

from caseloom.engine.case import commands as c
from caseloom.engine.case import goals
from caseloom.engine.case.options import check_step, check_way, make_up
from caseloom.engine.case.reasons import open_goal, places
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import WayStep
from caseloom.engine.case.turn import Turn


def reuse_task(turn: Turn, command: c.ReuseTask) -> Refused | None:
    step = fitting(turn, command.step)
    refused = places(turn, command.goal, command.stage) or check_step(turn, step)
    if refused is None:
        goals.create_step(turn, step, command.stage, command.goal, from_case=command.from_case, by_hand=True)
    return refused


def reuse_way(turn: Turn, command: c.ReuseWay) -> Refused | None:
    goal = open_goal(turn, command.goal)
    if isinstance(goal, Refused):
        return goal
    if goal.status != "active":
        return Refused("wrong state", f"“{goals.title(turn, goal)}” is not open yet: something else comes first.")
    steps = tuple(fitting(turn, step) for step in command.steps)
    refused = check_way(turn, command.title, steps)
    if refused is None:
        goals.choose(turn, goal, make_up(turn, goal, command.title, steps, command.from_case))
    return refused


def fitting(turn: Turn, step: WayStep) -> WayStep:
    """The step as this case can take it: a task that is unknown here comes by its title, asking for what is known."""
    task = turn.plan.task(step.key)
    if step.key in turn.plan.items and (task is None or not task.about):
        return step
    form = tuple(name for name in step.form if name in turn.plan.facts)
    return msgspec.structs.replace(step, key="", title=step.title or step.key, form=form)
