"""What the verbs on a running case ask first: a reason, a place to stand in, a sound form."""

from collections.abc import Iterable

from caseloom.engine.case import goals, items
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Goal, Item
from caseloom.engine.case.turn import Turn


def unsaid(reason: str, what: str) -> Refused | None:
    """Refuse what is taken away or changed without a reason."""
    return None if reason.strip() else Refused("invalid", f"{what} with a reason: say why.")


def unknown_form(turn: Turn, form: Iterable[str]) -> Refused | None:
    unknown = [name for name in form if name not in turn.plan.facts]
    if not unknown:
        return None
    return Refused("invalid", f"This case knows no fact “{unknown[0]}”; a form asks for facts of the case.")


def unknown_letter(turn: Turn, letter: str) -> Refused | None:
    if not letter or letter in turn.plan.letters:
        return None
    known = ", ".join(turn.plan.letters) or "none"
    return Refused("not found", f"There is no letter “{letter}”. Known are: {known}.")


def open_goal(turn: Turn, number: int) -> Goal | Refused:
    """The goal that something is to stand under, where it is still worked for."""
    goal = goals.find_open(turn, number)
    if isinstance(goal, Refused) and goal.code == "wrong state":
        again = NextStep("Work for it again", "ResetGoal", {"goal": number})
        return Refused("wrong state", goal.message, facts=goal.facts, next=(again,))
    return goal


def open_stage(turn: Turn, number: int) -> Item | Refused:
    """The stage of this number, where it is open."""
    item = turn.state.items.get(number)
    if item is not None and item.kind == "stage":
        return item
    stages = [one for one in turn.state.items.values() if one.kind == "stage"]
    known = ", ".join(f"{one.id} ({stage_title(turn, one)})" for one in stages) or "none"
    return Refused(
        "not found",
        f"There is no open stage {number} in this case. Open are: {known}.",
        next=(NextStep("Add the stage once more", "CreateStage"),),
    )


def places(turn: Turn, goal: int | None, stage: int | None) -> Refused | None:
    """Whether both places that something new is to stand in are there. A stage has to be active to take it in."""
    found = open_goal(turn, goal) if goal is not None else None
    if isinstance(found, Refused):
        return found
    around = open_stage(turn, stage) if stage is not None else None
    if isinstance(around, Refused):
        return around
    if around is not None and around.status != "active":
        return Refused(
            "wrong state", f"“{stage_title(turn, around)}” is {around.status}, so nothing comes into it now."
        )
    return None


def settle_around(turn: Turn, *stages: int | None) -> None:
    """Let these stages complete where their work is done. One that was made up and has had none yet waits for some."""
    for number in stages:
        stage = turn.state.items.get(number or 0)
        if stage is not None and (stage.key or stage.done or turn.state.children(stage.id)):
            turn.stages.append(stage.id)


def stage_title(turn: Turn, stage: Item) -> str:
    """The title of a stage; that of a chosen way is the option's."""
    goal = turn.state.goals.get(stage.goal or 0)
    if stage.option and goal is not None:
        return goals.option_title(turn, goal, stage.key.partition("/")[2])
    return items.title(turn, stage)
