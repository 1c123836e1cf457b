"""Undo: a planning command is taken back while nothing that it touched has moved on.

What it touched is put back by one event. What has left the house stays sent, and its correction is proposed.
"""

from collections.abc import Mapping
from typing import Final

from caseloom.engine.case import boundaries, clocks, goals, items
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.migrated import CaseMigrated
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Counter, Undo
from caseloom.engine.case.turn import Turn
from caseloom.engine.case.undo_record import clock_at, digest, mark, outcome_of, waiting_of, when
from caseloom.engine.flow import steps as flow_steps
from caseloom.engine.rules.plan import BUILT_IN

MIGRATION: Final = c.MigrateCase.__name__
INSTEAD: Final[Mapping[str, tuple[str, str]]] = {
    "CreateTask": ("Cancel the task", "CancelTask"),
    "ReuseTask": ("Cancel the task", "CancelTask"),
    "CancelTask": ("Begin the task anew", "ResetTask"),
    "CreateStage": ("Cancel the stage", "CancelStage"),
    "CancelStage": ("Add the stage once more", "CreateStage"),
    "AddGoal": ("Waive the goal", "WaiveGoal"),
    "CancelGoal": ("Work for the goal again", "ResetGoal"),
    "WaiveGoal": ("Work for the goal again", "ResetGoal"),
    "ResetGoal": ("Reach or waive the goal", "WaiveGoal"),
    "ChooseOption": ("Give the way up, or choose another one", "CancelOption"),
    "ReuseWay": ("Give the way up, or choose another one", "CancelOption"),
    "CancelOption": ("Choose a way", "ChooseOption"),
    "ModifyTask": ("Change the task again", "ModifyTask"),
    "ModifyGoal": ("Change the goal again", "ModifyGoal"),
}
"""What to do where a command cannot be undone any more."""


def undo_work(turn: Turn, command: c.UndoWork) -> Refused | None:
    record = _which(turn, command.number)
    if isinstance(record, Refused):
        return record
    if record.command == MIGRATION:
        return Refused("rights", "Bringing a case to another version is undone for all of them, by the process owner.")
    refused = _moved_on(turn, record)
    if refused is not None:
        return refused
    for act, about in record.acts:
        boundaries.before(turn, (act,), about)
    _put_back(turn, record, command.reason)
    for name in record.facts:
        turn.scope.forget(name)
    clocks.adjust(turn)
    for name, fact in turn.state.facts.items():
        if fact.at > record.at:
            turn.touch(name)
    _propose(turn, record)
    return None


def revert_migration(turn: Turn, command: c.RevertMigration) -> Refused | None:
    """Go back to the version before, as if the case had never left it."""
    state = turn.state
    record = next((one for one in reversed(state.undo) if one.command == MIGRATION), None)
    if not state.migrated_from or record is None:
        back = NextStep("Migrate it to the version that you want, with a plan")
        return Refused("wrong state", "This case keeps no way back to another version.", next=(back,))
    refused = _moved_on(turn, record)
    if refused is not None:
        return refused
    plan = turn.moment.plans(state.service_goal, state.migrated_from, state.house_version)
    _put_back(turn, record, "")
    turn.pending.clear()
    turn.replan(plan)
    turn.emit(CaseMigrated(version=state.migrated_from, before=state.version, back=True))
    clocks.adjust(turn)
    for name in (*state.facts, *BUILT_IN):
        turn.touch(name)
    return None


def _which(turn: Turn, number: int | None) -> Undo | Refused:
    records = turn.state.undo
    found = [record for record in records if number in (None, record.number)]
    if found:
        return found[-1]
    known = ", ".join(f"{one.number} ({one.command})" for one in records) or "nothing"
    return Refused("not found", f"There is nothing to undo under that number. What can be undone: {known}.")


def _moved_on(turn: Turn, record: Undo) -> Refused | None:
    """Why the command cannot be undone any more."""
    state = turn.state
    later = next((one for one in state.undo if one.number > record.number and _shares(one, record)), None)
    if later is not None:
        first = NextStep("Undo what was planned later first", "UndoWork", {"number": later.number})
        return _too_late(turn, record, "the plan that came after it", (first,))
    for place, then in record.stood.items():
        kind, _, rest = place.partition(" ")
        if kind not in ("goal", "item", "flow"):
            continue
        number = int(rest)
        if kind == "flow":
            if number not in state.flows or digest(state.flows[number]) != then:
                return _too_late(turn, record, "a process")
            continue
        if kind == "goal":
            now, created = mark(state.goals.get(number), False), False
        else:
            created = number in record.items and record.items[number] is None
            now = mark(state.items.get(number), created)
        if now != then and not (not now and number in _letters_of(record)):
            return _too_late(turn, record, _named(turn, kind, number))
    return _loose(turn, record)


def _letters_of(record: Undo) -> set[int]:
    """The tasks that came with it and were done by a letter that it sent."""
    return {item for _, _, item in record.sent if item is not None and record.items.get(item, item) is None}


def _shares(one: Undo, other: Undo) -> bool:
    return any(place in other.stood for place in one.stood if place.startswith(("goal ", "item ")))


def _loose(turn: Turn, record: Undo) -> Refused | None:
    """What would stand in nothing: something new inside what would go, or what would come back into what has gone."""
    state = turn.state
    no_goals = {number for number, goal in record.goals.items() if goal is None}
    no_items = {number for number, item in record.items.items() if item is None}
    for item in state.items.values():
        if item.id not in record.items and (item.parent in no_items or item.goal in no_goals):
            return _too_late(turn, record, _named(turn, "item", item.id))
    for goal in state.goals.values():
        if goal.id not in record.goals and (goal.parent in no_goals or no_goals.intersection(goal.waits_on)):
            return _too_late(turn, record, _named(turn, "goal", goal.id))
    back = [item for number, item in record.items.items() if item is not None and number not in state.items]
    for item in back:
        if item.parent is not None and item.parent not in state.items and not record.items.get(item.parent):
            return _too_late(turn, record, _named(turn, "item", item.parent))
        above = record.goals.get(item.goal or 0) or state.goals.get(item.goal or 0)
        ended = above is not None and item.goal not in record.goals and above.ended_at is not None
        if item.goal is not None and (above is None or (ended and (above.ended_at or record.at) > record.at)):
            return _too_late(turn, record, _named(turn, "goal", item.goal))
    for image in record.goals.values():
        above = state.goals.get(image.parent or 0) if image is not None else None
        if image is not None and image.parent and above is None and not record.goals.get(image.parent):
            return _too_late(turn, record, _named(turn, "goal", image.parent))
    return None


def _named(turn: Turn, kind: str, number: int) -> str:
    if kind == "goal":
        goal = turn.state.goals.get(number)
        return f"the goal “{goals.title(turn, goal)}”" if goal is not None else "a goal"
    item = turn.state.items.get(number) or turn.moment.finished.get(number)
    return f"“{items.title(turn, item)}”" if item is not None and (item.title or item.key) else "a task"


def _too_late(turn: Turn, record: Undo, what: str, steps: tuple[NextStep, ...] = ()) -> Refused:
    label, command = INSTEAD.get(record.command, ("Change it by hand", ""))
    return Refused(
        "wrong state",
        f"This cannot be undone any more: {what} has moved on since.",
        facts={"number": record.number, "command": record.command},
        next=(*steps, NextStep(label, command)),
    )


def _put_back(turn: Turn, record: Undo, reason: str) -> None:
    state = turn.state
    stood = record.stood
    kept = tuple(
        sorted(number for number in _letters_of(record) if number not in state.items and number not in record.gone)
    )
    still_waits = stood["waiting"] == waiting_of(state)
    begun = {number: state.flows[number] for number in record.flows}
    still = [place for place in record.clocks if stood[f"clock of {place}"] == digest(clock_at(state, place))]
    turn.emit(
        p.WorkUndone(
            number=record.number,
            command=record.command,
            goals=tuple(record.goals),
            items=tuple(number for number in record.items if number not in kept),
            counters=_to_subtract(turn, record, kept),
            facts=tuple(name for name in record.facts if stood[f"fact {name}"] == digest(when(state, name))),
            rules=tuple(rule for rule in record.rules if stood[f"rule {rule}"] == str(state.rules.get(rule, False))),
            terms=tuple(
                (rule, about)
                for rule, memories in record.orders.items()
                for about in memories
                if stood[f"order {about} {rule}"] == digest(state.orders.get(rule, {}).get(about))
            ),
            clocks=tuple(still) if still_waits else (),
            waiting=still_waits,
            outcome=stood["outcome"] == outcome_of(state),
            flows=record.flows,
            nodes=tuple((number, node) for number, flow in begun.items() for node in flow.nodes),
            timers=tuple(flow_steps.timers(begun)),
            kept=kept,
            private=p.Why(reason=reason),
        )
    )


def _to_subtract(turn: Turn, record: Undo, kept: tuple[int, ...]) -> dict[str, Counter]:
    """A letter that has left the house counts as one that came and was done."""
    found = dict(record.counters)
    for number in kept:
        key = record.keys.get(number, "")
        was = found.get(key, Counter())
        found[key] = Counter(was.created - 1, was.completed, was.terminated)
    return {key: counter for key, counter in found.items() if counter != Counter()}


def _propose(turn: Turn, record: Undo) -> None:
    """For each message that has left the house: a task to correct it."""
    goal = next((n for n in record.goals if (g := turn.state.goals.get(n)) and g.status == "active"), None)
    for contact, letter, _item in record.sent:
        message = turn.state.messages.get(contact)
        if message is not None and message.status == "rejected":
            continue
        known = turn.plan.letters.get(letter)
        words = f"Correct: {known.title if known is not None else 'the message sent'}"
        turn.emit(
            e.ItemCreated(
                item=turn.next_id(),
                key="",
                kind="task",
                status="active",
                goal=goal,
                letter=known.corrected_by if known is not None else "",
                private=e.TitlePrivate(title=words),
            )
        )
