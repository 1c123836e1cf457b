"""Goals that several cases share, and goals that wait for one of another case.

One case owns the goal. Each of the others holds a mirror, moved by a command that carries the owner's version: one that
is not newer than what the mirror knows has happened already (DESIGN §2).
"""

from caseloom.engine.case import commands as c
from caseloom.engine.case import goals
from caseloom.engine.case import planned as p
from caseloom.engine.case.reasons import open_goal
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Goal, GoalStatus
from caseloom.engine.case.turn import Turn


def share_goal(turn: Turn, command: c.ShareGoal) -> Refused | None:
    goal = turn.state.goals.get(command.goal)
    if goal is None:
        return goals.no_such(turn, command.goal)
    if goal.mirror is not None:
        owner = NextStep(f"Share the goal of case {goal.mirror.case}")
        return Refused("wrong state", "It stands for another case's goal itself.", next=(owner,))
    if goal.shared:
        return Refused("duplicate", f"“{goals.title(turn, goal)}” is shared already.")
    turn.emit(p.GoalShared(goal=goal.id, key=goal.key))
    return None


def mirror_goal(turn: Turn, command: c.MirrorGoal) -> Refused | None:
    if command.case == turn.state.id:
        return Refused("invalid", "A goal of this case needs no mirror: let goals stand under it, or after it.")
    known = find(turn, command.case, command.goal)
    if known is not None:
        return Refused("duplicate", f"“{goals.title(turn, known)}” stands for it already.", facts={"goal": known.id})
    if not command.title.strip():
        return Refused("invalid", "Say what is to be reached: a goal needs a title.")
    waiting = open_goal(turn, command.before) if command.before is not None else None
    if isinstance(waiting, Refused):
        return waiting
    goal = goals.add(turn, "", command.need, command.title, by_hand=True)
    turn.emit(p.GoalMirrored(goal=goal.id, key="", case=command.case, of=command.goal, before=command.before))
    return None


def move_mirror(turn: Turn, command: c.MoveMirror) -> Refused | None:
    goal = find(turn, command.case, command.goal)
    if goal is None or goal.mirror is None:
        return Refused("not found", f"Nothing here stands for goal {command.goal} of case {command.case}.")
    if command.version <= goal.mirror.version:
        return Refused("duplicate", f"Version {goal.mirror.version} of case {command.case} was told already.")
    _move(turn, goal, command.case, command.status, command.version)
    return None


def find(turn: Turn, case: int, number: int) -> Goal | None:
    """The mirror of this goal of this case."""
    mirrors = (goal for goal in turn.state.goals.values() if goal.mirror is not None)
    return next((one for one in mirrors if one.mirror and (one.mirror.case, one.mirror.goal) == (case, number)), None)


def _move(turn: Turn, goal: Goal, case: int, status: GoalStatus, version: int) -> None:
    """Let the mirror stand as its owner does. A case that has ended is told, and nothing else: its people open it again
    where there is work.
    """
    turn.emit(p.MirrorMoved(goal=goal.id, key=goal.key, version=version, status=status))
    if turn.state.status not in ("active", "suspended"):
        return
    is_open = goal.status in ("available", "active")
    if status == "cancelled" and is_open:
        turn.emit(p.MirrorReleased(goal=goal.id, key=goal.key, case=case))
    elif status == "reached" and is_open:
        goals.reach(turn, goal)
    elif status == "waived" and is_open:
        goals.waive(turn, goal, "waived in the case that works for it")
    elif status in ("available", "active") and goal.status in goals.DONE:
        turn.emit(p.GoalReset(goal=goal.id, key=goal.key))
        goals.open_again(turn, goal)


def not_ours(turn: Turn, goal: Goal) -> Refused | None:
    """A mirror is reached by its owner alone."""
    if goal.mirror is None:
        return None
    waive = NextStep("Waive the goal with a reason", "WaiveGoal", {"goal": goal.id})
    return Refused(
        "wrong state",
        f"“{goals.title(turn, goal)}” is worked for in case {goal.mirror.case}, and reached there.",
        facts={"case": goal.mirror.case},
        next=(NextStep(f"Reach it in case {goal.mirror.case}"), waive),
    )


def must_wait(turn: Turn, goal: Goal) -> Refused | None:
    """A goal is not reached while it waits for another case's."""
    others = goals.waited_for(turn, goal)
    if not others:
        return None
    cases = ", ".join(str(other.mirror.case) for other in others if other.mirror is not None)
    waive = NextStep("Waive what it waits for", "WaiveGoal", {"goal": others[0].id})
    return Refused(
        "wrong state",
        f"“{goals.title(turn, goal)}” waits for “{goals.title(turn, others[0])}”"
        + (f", which case {cases} works for." if cases else "."),
        facts={"case": cases},
        next=(waive,),
    )
