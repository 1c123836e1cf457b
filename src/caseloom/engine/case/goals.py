"""Goals: opened, reached, waived, cancelled; and the options that lead to them."""

from typing import Final

from caseloom.engine.case import clocks, items
from caseloom.engine.case import events as e
from caseloom.engine.case.boundaries import forbidden
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Goal, WayStep
from caseloom.engine.case.turn import Turn
from caseloom.engine.feel import is_true
from caseloom.engine.rules.plan import Trigger
from caseloom.engine.spec.service_goal import Need, Priority

DONE: Final = ("reached", "waived")


def add(
    turn: Turn,
    key: str,
    need: Need | None = None,
    title: str = "",
    parent: int | None = None,
    by_hand: bool = False,
    priority: Priority | None = None,
) -> Goal:
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
            by_hand=by_hand,
            priority=priority or (spec.priority if spec else "normal"),
            private=e.TitlePrivate(title=title),
        )
    )
    goal = turn.state.goals[number]
    if plan is None or items.holds(turn, plan.entry, items.already(turn, plan.entry)):
        open_goal(turn, goal)
    for child in plan.children if plan else ():
        add(turn, child, parent=number, by_hand=by_hand)
    return goal


def open_goal(turn: Turn, goal: Goal) -> None:
    """The goal is worked for from now on; its clock starts, and an option that chooses itself is taken."""
    plan = turn.plan.goals.get(goal.key)
    turn.emit(e.GoalOpened(goal=goal.id, clock=clocks.start(turn, plan.spec.clock) if plan else None))
    if plan is None:
        return
    if plan.spec.clock is not None and plan.spec.clock.every and goal.comes_again is None:
        clocks.schedule(turn, goal, plan.spec.clock)
    if plan.reached is not None and is_true(plan.reached.evaluate(turn.scope)) and reach_if_allowed(turn, goal):
        return
    for key, option in plan.options.items():
        if option.spec.automatic and (option.when is None or is_true(option.when.evaluate(turn.scope))):
            choose(turn, goal, key)
            return


def choose(turn: Turn, goal: Goal, option: str, reason: str = "") -> None:
    """Take one of the ways; another one taken before ends, what it has done stays."""
    before = turn.state.items.get(goal.option_item or 0)
    instead_of = goal.option or ""
    number = turn.next_id()
    turn.emit(
        e.ItemCreated(item=number, key=f"{goal.key}/{option}", kind="stage", status="active", goal=goal.id, option=True)
    )
    private = e.ReasonPrivate(reason=reason)
    turn.emit(e.OptionChosen(goal=goal.id, option=option, item=number, instead_of=instead_of, private=private))
    if before is not None:
        items.transition(turn, before, "exit")
    for step in options_of(turn, goal)[option]:
        create_step(turn, step, number, goal.id)
    turn.stages.append(number)


def create_step(
    turn: Turn,
    step: WayStep,
    parent: int | None,
    goal: int | None,
    from_case: int | None = None,
    by_hand: bool = False,
) -> None:
    """One step of a way comes as an item."""
    if step.key:
        items.create(turn, step.key, parent, goal, by_hand=by_hand)
        return
    turn.emit(
        e.ItemCreated(
            item=turn.next_id(),
            key="",
            kind="task",
            status="active",
            parent=parent,
            goal=goal,
            form=step.form,
            team=step.team,
            role=step.role,
            by_hand=by_hand,
            from_case=from_case,
            private=e.TitlePrivate(title=step.title),
        )
    )


def options_of(turn: Turn, goal: Goal) -> dict[str, tuple[WayStep, ...]]:
    """The ways to a goal with their steps: those of the definition, then those made up in the case."""
    plan = turn.plan.goals.get(goal.key)
    known = plan.options if plan is not None else {}
    found = {key: tuple(WayStep(key=task) for task in option.spec.tasks) for key, option in known.items()}
    return found | {way.key: way.steps for way in goal.ways}


def option_title(turn: Turn, goal: Goal, option: str) -> str:
    plan = turn.plan.goals.get(goal.key)
    known = plan.options.get(option) if plan is not None else None
    way = goal.way(option)
    return (known.spec.title if known is not None else way.title if way is not None else "") or option


def reach(turn: Turn, goal: Goal) -> None:
    turn.emit(e.GoalReached(goal=goal.id, key=goal.key, late=goal.late))
    plan = turn.plan.goals.get(goal.key)
    if plan is not None and plan.spec.perception:
        turn.emit(e.PerceptionAsked(goal=goal.id))
    _ended(turn, goal, "no longer needed: the goal is reached")


def reach_if_allowed(turn: Turn, goal: Goal) -> bool:
    """Reach a goal by itself, unless it waits for another case's or a boundary rule forbids it as yet."""
    if waited_for(turn, goal) or forbidden(turn, f"reach {goal.key}") is not None:
        return False
    reach(turn, goal)
    return True


def waited_for(turn: Turn, goal: Goal) -> list[Goal]:
    """The mirrors of other cases' goals that have to be done before this goal is."""
    others = (turn.state.goals.get(number) for number in goal.waits_on)
    return [other for other in others if other is not None and other.status in ("available", "active")]


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
    # A goal that waited for this one may be reached now; what stands in no definition is looked at as a parent is.
    for other in turn.state.goals.values():
        if goal.id in other.waits_on:
            turn.parents.append(other.id)
            if other.key in turn.plan.goals:
                turn.pending.append((Trigger("goal reached", other.key), None))


def settle_parent(turn: Turn, number: int) -> None:
    """A goal without a rule is reached with its sub-goals, and, where it has ways of its own, with the chosen one."""
    goal = turn.state.goals.get(number)
    if goal is not None and goal.status == "active" and parts_done(turn, goal):
        reach_if_allowed(turn, goal)


def parts_done(turn: Turn, goal: Goal) -> bool:
    """Whether a goal that no rule speaks of is reached by its parts: its sub-goals, else its chosen way, where somebody
    put sub-goals under it, both.
    """
    plan = turn.plan.goals.get(goal.key)
    if plan is not None and plan.reached is not None:
        return False
    inside = any(child.parent == goal.id and child.status != "cancelled" for child in turn.state.goals.values())
    if inside and not all_done(turn, goal.id):
        return False
    if plan is not None and plan.children:
        return inside
    return _way_done(turn, goal) if options_of(turn, goal) else inside


def _way_done(turn: Turn, goal: Goal) -> bool:
    done = turn.state.counters.get(f"{goal.key}/{goal.option}")
    return goal.option_item not in (None, *turn.state.items) and done is not None and done.completed > 0


def all_done(turn: Turn, parent: int | None) -> bool:
    """Whether every required goal (inside `parent`, or of the case) is reached or waived, and one of each group of
    alternatives. What a sub-goal needs, the goal above it says.
    """
    groups, chosen, any_done = set(), set(), False
    for goal in turn.state.goals.values():
        if goal.parent != parent or goal.status == "cancelled":
            continue
        done = goal.status in DONE
        if goal.need == "required" and not done:
            return False
        any_done = any_done or done
        if goal.need == "alternative":
            groups.add(goal.group)
            if done:
                chosen.add(goal.group)
    return any_done and groups == chosen


def is_ready(turn: Turn, goal: Goal) -> bool:
    """Whether a goal is to be reached by itself: by its rule, else with its sub-goals, else by its option's work."""
    plan = turn.plan.goals[goal.key]
    if plan.reached is not None:
        return is_true(plan.reached.evaluate(turn.scope))
    return parts_done(turn, goal)


def option_done(turn: Turn, goal: Goal) -> bool:
    """Whether a goal that is reached by its option's work is reached: no rule speaks of it."""
    return goal.status == "active" and parts_done(turn, goal)


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
        return no_such(turn, number)
    if goal.status not in ("available", "active"):
        return Refused(
            "wrong state",
            f"The goal “{title(turn, goal)}” is {goal.status} already.",
            facts={"status": goal.status},
        )
    return goal


def no_such(turn: Turn, number: int) -> Refused:
    known = ", ".join(f"{g.id} ({title(turn, g)})" for g in turn.state.goals.values()) or "none"
    return Refused("not found", f"This case has no goal {number}. It has: {known}.")


def nearest_way(turn: Turn, goal: Goal) -> tuple[NextStep, ...]:
    """The options that may be chosen now."""
    plan = turn.plan.goals.get(goal.key)
    known = [
        (option.spec.title, key)
        for key, option in (plan.options if plan else {}).items()
        if option.when is None or is_true(option.when.evaluate(turn.scope))
    ]
    made_up = [(way.title, way.key) for way in goal.ways]
    return tuple(NextStep(title, "ChooseOption", {"goal": goal.id, "option": key}) for title, key in (*known, *made_up))
