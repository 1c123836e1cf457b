"""Transitions of plan items that somebody asks for (CMMN 1.1 §8.4.2 and §8.4.3), and the end of a case by its plan."""

from caseloom.engine.case import clocks, items, listeners
from caseloom.engine.case import events as e
from caseloom.engine.case import plan_commands as p
from caseloom.engine.case.boundaries import forbidden
from caseloom.engine.case.lifecycle import CASE, standard
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.settle import end_all, end_with_plan
from caseloom.engine.case.state import Item
from caseloom.engine.case.turn import Turn
from caseloom.engine.spec.service_goal import ListenerSpec, StageSpec


def transit_item(turn: Turn, command: p.TransitItem) -> Refused | None:
    """One transition of the standard's table, with what the standard asks of it."""
    item = turn.state.items.get(command.item)
    if item is None:
        known = ", ".join(f"{i.id} ({items.title(turn, i)})" for i in turn.state.items.values()) or "none"
        return Refused("not found", f"There is no open item {command.item} in this case. Open are: {known}.")
    if (item.status, command.transition) not in standard(item):
        return items.wrong_state(turn, item, command.transition)
    refused = items.fit(turn, item) or _asked_for(turn, item, command)
    if refused is not None:
        return refused
    items.transition(turn, item, command.transition, command.reason)
    if command.transition == "terminate" and _is_case_plan(turn, item):
        end_with_plan(turn, command.reason)
    return None


def _asked_for(turn: Turn, item: Item, command: p.TransitItem) -> Refused | None:
    """What one kind of transition needs beside the right state."""
    match command.transition:
        case "complete" if item.kind == "stage":
            return may_complete(turn, item)
        case "complete":
            way = NextStep("Complete the task with its form", "CompleteTask", {"item": item.id})
            return Refused("invalid", "A task is completed with what its form asks for.", next=(way,))
        case "occur":
            return _may_occur(turn, item)
        case "resume":
            return _may_resume(turn, item)
        case "terminate":
            if items.is_required(turn, item) and not command.reason.strip():
                return Refused("invalid", f"“{items.title(turn, item)}” is required: say why it is not needed here.")
    return None


def _may_resume(turn: Turn, item: Item) -> Refused | None:
    """What was suspended with its stage goes on with it, in the state that it had (CMMN 1.1 §8.4.2)."""
    stage = turn.state.items.get(item.parent or 0)
    if stage is None or stage.status != "suspended":
        return None
    name = items.title(turn, stage)
    way = NextStep(f"Resume “{name}”", "TransitItem", {"item": stage.id, "transition": "resume"})
    return Refused("wrong state", f"“{items.title(turn, item)}” is suspended with “{name}”.", next=(way,))


def may_complete(turn: Turn, stage: Item) -> Refused | None:
    """Whether somebody may complete a stage (CMMN 1.1 §8.6.1): nothing in it is active, what is required is done."""
    holding = [member for member in turn.state.children(stage.id) if items.holds_stage(turn, member, by_itself=True)]
    if not holding:
        return None
    names = [items.title(turn, member) for member in holding]
    return Refused(
        "wrong state",
        f"“{items.title(turn, stage)}” is complete when these have ended: {', '.join(names)}.",
        facts={"open": names},
        next=tuple(NextStep(f"End “{name}”") for name in names),
    )


def _may_occur(turn: Turn, item: Item) -> Refused | None:
    plan = turn.plan.items.get(item.key)
    spec = plan.spec if plan is not None else None
    name = items.title(turn, item)
    if plan is None or not isinstance(spec, ListenerSpec):
        return Refused("wrong state", f"“{name}” is reached by its entry criteria.")
    if spec.timer is not None and turn.actor.kind != "program":
        return Refused("wrong state", f"“{name}” comes by the clock.")
    if spec.roles and turn.actor.kind == "agent" and not turn.actor.roles & set(spec.roles):
        way = NextStep(f"Ask somebody with the role {' or '.join(spec.roles)}", who=spec.roles[0])
        return Refused("role", f"“{name}” is raised by: {', '.join(spec.roles)}.", next=(way,))
    if not listeners.can_hear(turn, plan):
        return Refused("wrong state", f"“{name}” does not listen now: its condition does not hold.")
    return None


def _is_case_plan(turn: Turn, item: Item) -> bool:
    plan = turn.plan.items.get(item.key)
    return plan is not None and isinstance(plan.spec, StageSpec) and plan.spec.case_plan


def fail_case(turn: Turn, command: p.FailCase) -> Refused | None:
    if not command.reason.strip():
        return Refused("invalid", "A case fails with a reason: say why.")
    refused = wrong_step(turn, "fault")
    if refused is None:
        turn.emit(e.CaseFailed(private=e.ReasonPrivate(reason=command.reason)))
        clocks.adjust(turn)
    return refused


def close_case(turn: Turn, command: p.CloseCase) -> Refused | None:
    refused = wrong_step(turn, "close")
    if refused is None and turn.state.status in ("suspended", "failed"):
        refused = forbidden(turn, "close")
    if refused is None:
        end_all(turn)
        turn.emit(e.CaseClosed(private=e.ReasonPrivate(reason=command.reason)))
    return refused


def wrong_step(turn: Turn, name: str) -> Refused | None:
    """Why a case cannot take this transition now, with those that it can take (CMMN 1.1 §8.4.1)."""
    status = turn.state.status
    if (status, name) in CASE:
        return None
    return Refused(
        "wrong state",
        f"The case is {status}; it cannot {name} now.",
        facts={"status": status},
        next=tuple(NextStep(possible) for before, possible in CASE if before == status),
    )
