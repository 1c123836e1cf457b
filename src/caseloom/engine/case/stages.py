"""Commands on stages: made up in the case, ended, begun anew."""

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import items
from caseloom.engine.case import planned as p
from caseloom.engine.case.reasons import open_stage, places, stage_title, unsaid
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Item
from caseloom.engine.case.turn import Turn
from caseloom.engine.spec.service_goal import StageSpec


def create_stage(turn: Turn, command: c.CreateStage) -> Refused | None:
    refused = places(turn, command.goal, command.stage)
    if refused is not None:
        return refused
    if command.key:
        plan = turn.plan.items.get(command.key)
        if plan is None or plan.kind != "stage":
            known = ", ".join(key for key, item in turn.plan.items.items() if item.kind == "stage")
            return Refused("not found", f"There is no stage “{command.key}”. Known are: {known or 'none'}.")
        items.create(turn, command.key, command.stage, command.goal, by_hand=True)
        return None
    if not command.title.strip():
        return Refused("invalid", "Say what the stage is for: it needs a title.")
    turn.emit(
        e.ItemCreated(
            item=turn.next_id(),
            key="",
            kind="stage",
            status="active",
            parent=command.stage,
            goal=command.goal,
            by_hand=True,
            private=e.TitlePrivate(title=command.title),
        )
    )
    return None


def cancel_stage(turn: Turn, command: c.CancelStage) -> Refused | None:
    stage = open_stage(turn, command.item)
    if isinstance(stage, Refused):
        return stage
    if stage.option:
        drop = NextStep("Give the way up", "CancelOption", {"goal": stage.goal})
        return Refused("wrong state", f"“{stage_title(turn, stage)}” is the way to a goal.", next=(drop,))
    return unsaid(command.reason, "A stage is ended") or items.transition(turn, stage, "terminate", command.reason)


def reset_stage(turn: Turn, command: c.ResetStage) -> Refused | None:
    stage = open_stage(turn, command.item)
    if isinstance(stage, Refused):
        return stage
    refused = unsaid(command.reason, "A stage is begun anew")
    if refused is None and stage.option:
        again = NextStep("Begin the way anew", "ResetOption", {"goal": stage.goal})
        refused = Refused("wrong state", f"“{stage_title(turn, stage)}” is the way to a goal.", next=(again,))
    if refused is None and stage.status != "active":
        refused = items.wrong_state(turn, stage, "begin anew")
    if refused is not None:
        return refused
    turn.emit(p.StageReset(item=stage.id, key=stage.key, private=p.Why(reason=command.reason)))
    _anew(turn, stage)
    return None


def _anew(turn: Turn, stage: Item) -> None:
    """What is open leaves and comes once more; of a known stage also what has been done."""
    plan = turn.plan.items.get(stage.key)
    known = plan.spec.tasks if plan is not None and isinstance(plan.spec, StageSpec) else ()
    for member in turn.state.children(stage.id):
        if member.id not in turn.state.items:
            continue
        items.transition(turn, member, "exit")
        if not member.key:
            again(turn, member)
        elif member.key not in known:
            items.create(turn, member.key, stage.id, member.goal, about=member.about, by_hand=member.by_hand)
    for key in known:
        items.create(turn, key, stage.id, stage.goal)
    turn.stages.append(stage.id)


def again(turn: Turn, item: Item) -> None:
    """What was made up in the case comes once more, as it was when it came."""
    turn.emit(
        e.ItemCreated(
            item=turn.next_id(),
            key="",
            kind=item.kind,
            status="active",
            parent=item.parent,
            goal=item.goal,
            form=item.form,
            team=item.team,
            role=item.role,
            waits_for=item.waits_for,
            instead_of=item.id,
            by_hand=item.by_hand,
            required=item.required,
            letter=item.letter,
            private=e.TitlePrivate(title=item.title),
        )
    )
