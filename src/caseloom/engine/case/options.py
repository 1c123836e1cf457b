"""Commands on the ways to a goal: made up in the case, given up, begun anew."""

from collections.abc import Iterable

import msgspec

from caseloom.engine.case import commands as c
from caseloom.engine.case import goals, items
from caseloom.engine.case import planned as p
from caseloom.engine.case.reasons import unknown_form, unsaid
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Goal, WayStep
from caseloom.engine.case.turn import Turn


def create_option(turn: Turn, command: c.CreateOption) -> Refused | None:
    goal = goals.find_open(turn, command.goal)
    if isinstance(goal, Refused):
        return goal
    steps = tuple(_step(turn, step) for step in command.steps)
    refused = check_way(turn, command.title, steps)
    if refused is None:
        make_up(turn, goal, command.title, steps)
    return refused


def _step(turn: Turn, step: str | WayStep) -> WayStep:
    if isinstance(step, WayStep):
        return step
    return WayStep(key=step) if step in turn.plan.items else WayStep(title=step)


def check_way(turn: Turn, title: str, steps: Iterable[WayStep]) -> Refused | None:
    """Whether a way can be made up of these steps."""
    steps = tuple(steps)
    if not title.strip():
        return Refused("invalid", "A way needs a title: say how the goal is reached.")
    if not steps:
        return Refused("invalid", "A way needs a step: say what is to be done.")
    return next((refused for step in steps if (refused := check_step(turn, step)) is not None), None)


def check_step(turn: Turn, step: WayStep) -> Refused | None:
    plan = turn.plan.items.get(step.key)
    if not step.key:
        untitled = (
            Refused("invalid", "Say what is to be done: a step needs a title.") if not step.title.strip() else None
        )
        return untitled or unknown_form(turn, step.form)
    if plan is None:
        return Refused("not found", f"There is no task “{step.key}” here. Known are: {_known(turn)}.")
    task = turn.plan.task(step.key)
    if task is not None and task.about:
        says = f"“{step.key}” is about one of “{task.about}”: it is added by hand, saying which one."
        return Refused("invalid", says, next=(NextStep("Add the task by hand", "CreateTask", {"key": step.key}),))
    return None


def _known(turn: Turn) -> str:
    return ", ".join(key for key, item in turn.plan.items.items() if item.kind != "milestone") or "none"


def make_up(turn: Turn, goal: Goal, title: str, steps: tuple[WayStep, ...], from_case: int | None = None) -> str:
    """The key of a new way to the goal."""
    key = f"way {turn.next_id()}"
    turn.emit(
        p.OptionCreated(
            goal=goal.id,
            option=key,
            steps=tuple(msgspec.structs.replace(step, title="") for step in steps),
            from_case=from_case,
            private=p.OptionCreated.Words(title=title, steps=tuple(step.title for step in steps)),
        )
    )
    return key


def cancel_option(turn: Turn, command: c.CancelOption) -> Refused | None:
    goal = _with_way(turn, command.goal)
    if isinstance(goal, Refused):
        return goal
    refused = unsaid(command.reason, "A way is given up")
    if refused is not None:
        return refused
    standing = turn.state.items.get(goal.option_item or 0)
    turn.emit(p.OptionDropped(goal=goal.id, option=goal.option or "", private=p.Why(reason=command.reason)))
    if standing is not None:
        items.transition(turn, standing, "exit", command.reason)
    return None


def reset_option(turn: Turn, command: c.ResetOption) -> Refused | None:
    goal = _with_way(turn, command.goal)
    if isinstance(goal, Refused):
        return goal
    refused = unsaid(command.reason, "A way is begun anew")
    if refused is None and goal.option not in goals.options_of(turn, goal):
        refused = Refused(
            "not found",
            "The definition has this way no longer.",
            next=goals.nearest_way(turn, goal),
        )
    if refused is None:
        goals.choose(turn, goal, goal.option or "", command.reason)
    return refused


def _with_way(turn: Turn, number: int) -> Goal | Refused:
    """The open goal of this number, where a way to it was chosen."""
    goal = goals.find_open(turn, number)
    if isinstance(goal, Refused) or goal.option is not None:
        return goal
    says = f"No way to “{goals.title(turn, goal)}” was chosen yet."
    return Refused("wrong state", says, next=goals.nearest_way(turn, goal))


def delete_option(turn: Turn, command: c.DeleteOption) -> Refused | None:
    goal = goals.find_open(turn, command.goal)
    if isinstance(goal, Refused):
        return goal
    way = goal.way(command.option)
    if way is None:
        known = ", ".join(f"{one.key} ({one.title})" for one in goal.ways) or "none"
        says = f"No way “{command.option}” was made up for “{goals.title(turn, goal)}”. Made up are: {known}."
        return Refused("not found", says)
    refused = unsaid(command.reason, "A way is deleted")
    if refused is None and goal.option == way.key:
        drop = NextStep("Give the way up first", "CancelOption", {"goal": goal.id})
        refused = Refused("wrong state", f"“{way.title}” is the chosen way.", next=(drop,))
    if refused is None and f"{goal.key}/{way.key}" in turn.state.counters:
        says = f"“{way.title}” was gone already: it stays in the list, so that it can be seen."
        refused = Refused("wrong state", says, next=goals.nearest_way(turn, goal))
    if refused is None:
        turn.emit(p.OptionDeleted(goal=goal.id, option=way.key, private=p.Why(reason=command.reason)))
    return refused
