"""Commands on facts and tasks, and on who does the work."""

from collections.abc import Mapping
from typing import Any

from caseloom.engine.case import clocks, facts, flows, goals, items, scope
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.reasons import places, unknown_form, unknown_letter
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Item
from caseloom.engine.case.turn import Turn


def correct_facts(turn: Turn, command: c.SetFacts) -> Refused | None:
    refused = facts.stale(turn, command.seen) if command.seen else None
    return refused or set_facts(turn, command.facts)


def set_facts(turn: Turn, given: Mapping[str, Any]) -> Refused | None:
    """Record what an actor says, by whichever command."""
    return facts.set_facts(turn, given, turn.actor.id)


def create_task(turn: Turn, command: c.CreateTask) -> Refused | None:
    refused = _place(turn, command) or unknown_letter(turn, command.letter)
    if refused is not None:
        return refused
    required = command.required or None
    if command.key:
        if turn.plan.task(command.key) is None:
            known = ", ".join(key for key, item in turn.plan.items.items() if item.kind == "task")
            return Refused("not found", f"There is no task “{command.key}”. Known are: {known or 'none'}.")
        refused = _about_something(turn, command)
        if refused is None:
            items.create(
                turn, command.key, command.stage, command.goal, about=command.about, by_hand=True, required=required
            )
        return refused
    if not command.title.strip():
        return Refused("invalid", "Say what is to be done: a task needs a title.")
    refused = unknown_form(turn, command.form)
    if refused is not None:
        return refused
    turn.emit(
        e.ItemCreated(
            item=turn.next_id(),
            key="",
            kind="task",
            status="active",
            parent=command.stage,
            goal=command.goal,
            form=command.form,
            team=command.team,
            role=command.role,
            assignee=command.assignee,
            clock=clocks.moved(turn, None, None, command.due) if command.due else None,
            by_hand=True,
            required=required,
            letter=command.letter,
            private=e.TitlePrivate(title=command.title),
        )
    )
    return None


def _place(turn: Turn, command: c.CreateTask) -> Refused | None:
    """Where it is to stand. Something is still done for a goal that has ended, so it may stand under one."""
    if command.goal is not None and command.goal not in turn.state.goals:
        return goals.no_such(turn, command.goal)
    return places(turn, None, command.stage)


def _about_something(turn: Turn, command: c.CreateTask) -> Refused | None:
    """Whether the object that the task is to be about is there, where it is about one of a list."""
    task = turn.plan.task(command.key)
    subject = task.about if task is not None else ""
    if not subject:
        return Refused("invalid", f"“{command.key}” is about no one thing; leave that out.") if command.about else None
    if scope.object_of(turn.scope, subject, command.about) is not None:
        return None
    members: Any = turn.scope[subject] or ()
    known = ", ".join(str(one.get("id")) for one in members if isinstance(one, Mapping)) or "none yet"
    label = turn.plan.facts[subject].label or subject
    return Refused("invalid", f"Say which of “{label}” it is about. There are: {known}.", facts={"fact": subject})


def find_task(turn: Turn, number: int) -> Item | Refused:
    """The open task of this number."""
    item = turn.state.items.get(number)
    if item is None or item.kind != "task":
        known = (
            ", ".join(f"{i.id} ({items.title(turn, i)})" for i in turn.state.items.values() if i.kind == "task")
            or "none"
        )
        return Refused(
            "not found",
            f"There is no open task {number} in this case; it may be done already. Open are: {known}.",
        )
    return item


def claim_task(turn: Turn, command: c.ClaimTask) -> Refused | None:
    item = find_task(turn, command.item)
    if isinstance(item, Refused):
        return item
    refused = items.fit(turn, item) if command.assignee == turn.actor.id else None
    if refused is not None:
        return refused
    if item.assignee not in ("", turn.actor.id, command.assignee) and command.assignee == turn.actor.id:
        give = NextStep("Ask them to hand it over")
        return Refused(
            "stale",
            f"“{items.title(turn, item)}” was taken by somebody else meanwhile.",
            facts={"assignee": item.assignee},
            next=(give,),
        )
    team = command.team or item.team
    if (command.assignee, team) != (item.assignee, item.team):
        turn.emit(
            e.TaskAssigned(item=item.id, key=item.key, assignee=command.assignee, team=team, before=item.assignee)
        )
    return None


def start_task(turn: Turn, command: c.StartTask) -> Refused | None:
    item = find_task(turn, command.item)
    if isinstance(item, Refused):
        return item
    return items.fit(turn, item) or items.transition(turn, item, "manual start")


def complete_task(turn: Turn, command: c.CompleteTask) -> Refused | None:
    item = find_task(turn, command.item)
    if isinstance(item, Refused):
        return item
    by_hand = item.status == "failed" and _is_decision(turn, item)
    if item.status != "active" and not by_hand:
        return items.wrong_state(turn, item, "complete")
    refused = items.fit(turn, item) or _only_form(turn, item, command)
    if refused is None and by_hand:
        turn.emit(e.TaskReset(item=item.id, key=item.key))
    refused = refused or _set_given(turn, item, command.facts) or _missing(turn, item)
    return refused or items.transition(turn, item, "complete")


def _set_given(turn: Turn, item: Item, given: Mapping[str, Any]) -> Refused | None:
    """Facts are recorded; what else a step of a flow is given are variables of that flow."""
    if not item.flow:
        return set_facts(turn, given)
    facts_given = {name: value for name, value in given.items() if name in turn.plan.facts}
    others = {name: value for name, value in given.items() if name not in turn.plan.facts}
    return set_facts(turn, facts_given) or flows.give(turn, item, others)


def _only_form(turn: Turn, item: Item, command: c.CompleteTask) -> Refused | None:
    others = [name for name in command.facts if name not in item.form]
    if others and turn.actor.kind == "customer":
        return Refused("rights", f"This form does not ask for “{others[0]}”.")
    return None


def _missing(turn: Turn, item: Item) -> Refused | None:
    task, plan = turn.plan.task(item.key), turn.plan.items.get(item.key)
    decided = plan.writes if plan is not None and plan.decision is not None else ()
    missing = [
        name
        for name in ((task.must if task else ()) or decided)
        if (fact := turn.state.facts.get(name)) is None or fact.value is None
    ]
    if not missing:
        return None
    labels = [turn.plan.facts[name].label or name for name in missing]
    return Refused("data", f"Please give first: {', '.join(labels)}.", facts={"missing": missing})


def cancel_task(turn: Turn, command: c.CancelTask) -> Refused | None:
    item = find_task(turn, command.item)
    if isinstance(item, Refused):
        return item
    if items.is_required(turn, item) and not command.reason.strip():
        return Refused("invalid", f"“{items.title(turn, item)}” is required: say why it is not needed here.")
    return items.transition(turn, item, "terminate", command.reason)


def reset_task(turn: Turn, command: c.ResetTask) -> Refused | None:
    reason = e.ReasonPrivate(reason=command.reason)
    item = turn.state.items.get(command.item)
    if item is not None and item.kind == "task":
        if item.status not in ("active", "suspended", "failed"):
            return items.wrong_state(turn, item, "be reset")
        turn.emit(e.TaskReset(item=item.id, key=item.key, private=reason))
        if _is_decision(turn, item):
            items.entered(turn, item)
        return None
    done = turn.moment.finished.get(command.item)
    if done is None or done.kind != "task":
        return Refused("not found", f"There is no task {command.item} in this case.")
    turn.emit(e.TaskReset(item=done.id, key=done.key, private=reason))
    goal = turn.state.goals.get(done.goal or 0)
    parent = done.parent if done.parent in turn.state.items else None
    task = turn.plan.task(done.key)
    turn.emit(
        e.ItemCreated(
            item=turn.next_id(),
            key=done.key,
            kind="task",
            status="active",
            parent=parent,
            goal=goal.id if goal else None,
            form=done.form,
            team=done.team,
            role=done.role,
            waits_for=done.waits_for,
            by_customer=done.by_customer,
            about=done.about,
            clock=clocks.start(turn, task.due, anew=True) if task else None,
            instead_of=done.id,
            by_hand=done.by_hand,
            required=done.required,
            letter=done.letter,
            private=e.TitlePrivate(title=done.title),
        )
    )
    again = turn.state.items[turn.state.last]
    if _is_decision(turn, again):
        items.entered(turn, again)
    return None


def _is_decision(turn: Turn, item: Item) -> bool:
    task = turn.plan.task(item.key)
    return task is not None and task.kind == "decision"


def hand_over(turn: Turn, command: c.HandOver) -> Refused | None:
    state = turn.state
    if command.seen is not None and command.seen != state.owner:
        look = NextStep("Look who has it, then ask them to hand it over")
        return Refused("stale", "Somebody else took this case meanwhile.", facts={"owner": state.owner}, next=(look,))
    team = command.team or state.team
    if (command.owner, team) == (state.owner, state.team):
        return None
    before = state.owner or (state.team if team != state.team else "")
    private = e.ReasonPrivate(reason=command.reason)
    turn.emit(e.CaseHandedOver(owner=command.owner, team=team, before=before, private=private))
    return None


def add_note(turn: Turn, command: c.AddNote) -> Refused | None:
    if not command.text.strip():
        return Refused("invalid", "A note needs some words.")
    turn.emit(e.NoteAdded(private=e.TextPrivate(text=command.text)))
    return None
