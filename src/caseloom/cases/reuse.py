"""What an earlier case did, for a running one: read with the actor's access, sent as plain steps through the door."""

from collections.abc import Iterable
from typing import Final

from caseloom.cases.kind import CASES
from caseloom.cases.past import DoneTask, PastCase, told
from caseloom.cases.queries import read_case
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import WayStep
from caseloom.sdk.access import Access
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history

LONGEST: Final = 60
"""Steps of a way at most."""


def past_case(access: Access, case: int) -> PastCase | None:
    """What was done in a case; None where the actor sees no such case."""
    view = read_case(access, case)
    if view is None:
        return None
    history = read_history(the_door(), CASES, case)
    return told(case, view.plan, view.state, (recorded.event for recorded in history))


def way_of(access: Access, goal: int, from_case: int, from_goal: int | None = None) -> c.ReuseWay | Refused:
    """The command that takes what an earlier case did, for one of its goals or in all, as the way to a goal."""
    past = past_case(access, from_case)
    if past is None:
        return Refused("not found", f"There is no case {from_case}.", next=(NextStep("Check the number"),))
    if from_goal is not None and from_goal not in past.state.goals:
        known = ", ".join(f"{one.id} ({past.goal_title(one)})" for one in past.state.goals.values())
        return Refused("not found", f"Case {from_case} has no goal {from_goal}. It has: {known or 'none'}.")
    steps = _steps(past.tasks if from_goal is None else past.of_goal(from_goal))
    if not steps:
        return Refused(
            "wrong state",
            f"Nothing was done there yet in case {from_case} that could be brought over.",
            next=(NextStep("Take another case"),),
        )
    of = past.state.goals.get(from_goal or 0)
    title = past.goal_title(of) if of is not None else past.state.title or past.state.service_goal
    return c.ReuseWay(goal=goal, from_case=from_case, title=f"As in case {from_case}: {title}".strip(": "), steps=steps)


def task_of(access: Access, from_case: int, name: str, goal: int | None = None) -> c.ReuseTask | Refused:
    """The command that brings over one task, by its key or title."""
    past = past_case(access, from_case)
    found = (
        [] if past is None else [task for task in past.tasks if name.strip().casefold() in (task.key, task.known_as)]
    )
    if past is None or not found:
        known = ", ".join(dict.fromkeys(task.title for task in past.tasks)) if past is not None else ""
        says = f"Case {from_case} did no task “{name}”. Done were: {known or 'none'}."
        return Refused("not found", says if past is not None else f"There is no case {from_case}.")
    return c.ReuseTask(from_case=from_case, step=found[-1].step, goal=goal)


def _steps(tasks: Iterable[DoneTask]) -> tuple[WayStep, ...]:
    """Each thing once, in the order in which it was done first."""
    once: dict[str, WayStep] = {}
    for task in tasks:
        once.setdefault(task.known_as, task.step)
    return tuple(once.values())[:LONGEST]
