"""Goals: opened, reached, waived, cancelled; and the options that lead to them."""

from typing import Final

from caseloom.engine.case import clocks, items
from caseloom.engine.case import events as e
from caseloom.engine.case.boundaries import forbidden
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Goal
from caseloom.engine.case.turn import Turn
from caseloom.engine.feel import is_true
from caseloom.engine.spec.service_goal import Need

DONE: Final = ("reached", "waived")


def add(turn: Turn, key: str, need: Need | None = None, title: str = "", parent: int | None = None) -> Goal:
    """A goal comes into the case, with its sub-goals; opened at once where nothing holds it back."""
    plan = turn.plan.goals.get(key)
    spec = plan.spec if plan else None
    number = turn.next_id()
    turn.emit(
        e.GoalAdded(
            goal=number,
            key=key,
            need=need or (spec.need if spec else "required"),
            parent=parent,
            group=spec.group if spec else "",
            private=e.TitlePrivate(title=title),
        )
    )
    goal = turn.state.goals[number]
    if plan is None or items.holds(turn, plan.entry, items.already(turn, plan.entry)):
        open_goal(turn, goal)
    for child in plan.children if plan else ():
        add(turn, child, parent=number)
    return goal


def open_goal(turn: Turn, goal: Goal) -> None:
    """The goal is worked for from now on; its clock starts, and an option that chooses itself is taken."""
    plan = turn.plan.goals.get(goal.key)
    turn.emit(e.GoalOpened(goal=goal.id, clock=clocks.start(turn, plan.spec.clock) if plan else None))
    if plan is None:
        return
    if plan.reached is not None and is_true(plan.reached.evaluate(turn.scope)) and reach_if_allowed(turn, goal):
        return
    for key, option in plan.options.items():
        if option.spec.automatic and (option.when is None or is_true(option.when.evaluate(turn.scope))):
            choose(turn, goal, key)
            return


def choose(turn: Turn, goal: Goal, option: str) -> None:
    """Take one of the ways; another one taken before ends, what it has done stays."""
    before = turn.state.items.get(goal.option_item or 0)
    instead_of = goal.option or ""
    number = turn.next_id()
    turn.emit(
        e.ItemCreated(item=number, key=f"{goal.key}/{option}", kind="stage", status="active", goal=goal.id, option=True)
    )
    turn.emit(e.OptionChosen(goal=goal.id, option=option, item=number, instead_of=instead_of))
    if before is not None:
        items.transition(turn, before, "exit")
    for key in turn.plan.goals[goal.key].options[option].spec.tasks:
        items.create(turn, key, number, goal.id)
    turn.stages.append(number)


def reach(turn: Turn, goal: Goal) -> None:
    turn.emit(e.GoalReached(goal=goal.id, key=goal.key, late=goal.late))
    plan = turn.plan.goals.get(goal.key)
    if plan is not None and plan.spec.perception:
        turn.emit(e.PerceptionAsked(goal=goal.id))
    _ended(turn, goal, "no longer needed: the goal is reached")


def reach_if_allowed(turn: Turn, goal: Goal) -> bool:
    """Reach a goal by itself, unless a boundary rule forbids it as yet: then it waits."""
    if forbidden(turn, f"reach {goal.key}") is not None:
        return False
    reach(turn, goal)
    return True


def waive(turn: Turn, goal: Goal, reason: str) -> None:
    turn.emit(e.GoalWaived(goal=goal.id, key=goal.key, private=e.ReasonPrivate(reason=reason)))
    _ended(turn, goal, reason)


def cancel(turn: Turn, goal: Goal, reason: str) -> None:
    turn.emit(e.GoalCancelled(goal=goal.id, key=goal.key, private=e.ReasonPrivate(reason=reason)))
    _ended(turn, goal, reason)


def _ended(turn: Turn, goal: Goal, reason: str) -> None:
    for child in list(turn.state.goals.values()):
        if child.parent == goal.id and child.status in ("available", "active"):
            cancel(turn, child, reason)
    if goal.status == "reached" and goal.group:
        for other in list(turn.state.goals.values()):
            if other.group == goal.group and other.id != goal.id and other.status in ("available", "active"):
                cancel(turn, other, "another way was taken")
    items.end_with_goal(turn, goal)
    if goal.parent is not None:
        turn.parents.append(goal.parent)


def settle_parent(turn: Turn, number: int) -> None:
    """A goal without a rule is reached with its sub-goals."""
    goal = turn.state.goals[number]
    plan = turn.plan.goals.get(goal.key)
    if goal.status == "active" and plan is not None and plan.reached is None and all_done(turn, number):
        reach_if_allowed(turn, goal)


def all_done(turn: Turn, parent: int | None) -> bool:
    """Whether every required goal (inside `parent`, or of the case) is reached or waived, and one of each group of
    alternatives.
    """
    inside = [
        g for g in turn.state.goals.values() if (parent is None or g.parent == parent) and g.status != "cancelled"
    ]
    if any(goal.need == "required" and goal.status not in DONE for goal in inside):
        return False
    groups = {goal.group for goal in inside if goal.need == "alternative"}
    done = {goal.group for goal in inside if goal.need == "alternative" and goal.status in DONE}
    return groups == done and any(goal.status in DONE for goal in inside)


def is_ready(turn: Turn, goal: Goal) -> bool:
    """Whether a goal is to be reached by itself: by its rule, else with its sub-goals, else by its option's work."""
    plan = turn.plan.goals[goal.key]
    if plan.reached is not None:
        return is_true(plan.reached.evaluate(turn.scope))
    if plan.children:
        return all_done(turn, goal.id)
    done = turn.state.counters.get(f"{goal.key}/{goal.option}")
    return goal.option_item not in (None, *turn.state.items) and done is not None and done.completed > 0


def option_done(turn: Turn, goal: Goal) -> bool:
    """Whether a goal that is reached by its option's work is reached: it has neither a rule nor sub-goals."""
    plan = turn.plan.goals.get(goal.key)
    return plan is not None and plan.reached is None and not plan.children and goal.status == "active"


def last_reached(turn: Turn) -> Goal | None:
    """The required goal that ended last: what is to be looked at again when the outcome did not hold."""
    done = [
        goal
        for goal in turn.state.goals.values()
        if goal.status in DONE and goal.need != "optional" and goal.parent is None
    ]
    return max(done, key=lambda goal: (goal.ended_at or turn.now, goal.id), default=None)


def open_again(turn: Turn, goal: Goal) -> None:
    """Work for the goal once more, whatever its rule says of the facts as they stand; its term begins anew."""
    plan = turn.plan.goals.get(goal.key)
    clock = clocks.start(turn, plan.spec.clock, anew=True) if plan else None
    turn.emit(e.GoalOpened(goal=goal.id, clock=clock))


def reopen(turn: Turn, reason: str) -> None:
    """The case is worked on again, and with it the goal that ended last: without one it would be done at once."""
    turn.emit(e.CaseReopened(private=e.ReasonPrivate(reason=reason)))
    last = last_reached(turn)
    if last is not None:
        open_again(turn, last)


def title(turn: Turn, goal: Goal) -> str:
    plan = turn.plan.goals.get(goal.key)
    return goal.title or (plan.spec.title if plan else "") or goal.key


def find_open(turn: Turn, number: int) -> Goal | Refused:
    """The goal of this number, if it is still worked for."""
    goal = turn.state.goals.get(number)
    if goal is None:
        known = ", ".join(f"{g.id} ({title(turn, g)})" for g in turn.state.goals.values()) or "none"
        return Refused("not found", f"This case has no goal {number}. It has: {known}.")
    if goal.status not in ("available", "active"):
        return Refused(
            "wrong state",
            f"The goal “{title(turn, goal)}” is {goal.status} already.",
            facts={"status": goal.status},
        )
    return goal


def nearest_way(turn: Turn, goal: Goal) -> tuple[NextStep, ...]:
    """The options that may be chosen now."""
    plan = turn.plan.goals.get(goal.key)
    return tuple(
        NextStep(option.spec.title, "ChooseOption", {"goal": goal.id, "option": key})
        for key, option in (plan.options if plan else {}).items()
        if option.when is None or is_true(option.when.evaluate(turn.scope))
    )
