"""Tasks, stages and milestones: CMMN's plan items, and how they come, go and end."""

from typing import Final

from caseloom.engine.case import clocks, decisions
from caseloom.engine.case import events as e
from caseloom.engine.case.boundaries import forbidden
from caseloom.engine.case.facts import record
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Goal, Item, ItemStatus
from caseloom.engine.case.turn import Turn
from caseloom.engine.feel import is_true
from caseloom.engine.rules.plan import ItemPlan, Sentry
from caseloom.engine.spec.service_goal import StageSpec, TaskSpec, Waiting

TRANSITIONS: Final[dict[tuple[ItemStatus, str], ItemStatus]] = {
    ("available", "start"): "active",
    ("available", "enable"): "enabled",
    ("available", "terminate"): "terminated",
    ("available", "exit"): "terminated",
    ("available", "occur"): "completed",
    ("enabled", "manual start"): "active",
    ("enabled", "disable"): "disabled",
    ("enabled", "exit"): "terminated",
    ("enabled", "terminate"): "terminated",
    ("disabled", "reenable"): "enabled",
    ("disabled", "exit"): "terminated",
    ("disabled", "terminate"): "terminated",
    ("active", "complete"): "completed",
    ("active", "terminate"): "terminated",
    ("active", "exit"): "terminated",
    ("active", "fault"): "failed",
    ("active", "suspend"): "suspended",
    ("suspended", "resume"): "active",
    ("suspended", "exit"): "terminated",
    ("suspended", "terminate"): "terminated",
    ("failed", "reactivate"): "active",
    ("failed", "terminate"): "terminated",
    ("failed", "exit"): "terminated",
}
"""CMMN 1.1 §8.4.2, figures 8.2 to 8.4: state and transition to the state that follows."""

OPEN: Final = ("available", "enabled", "active", "suspended", "failed")


def create(
    turn: Turn, key: str, parent: int | None, goal: int | None, instead_of: int | None = None, about: str = ""
) -> Item:
    """A new item of a known key, entered at once where nothing holds it back."""
    plan = turn.plan.items[key]
    # A repetition waits for occurrences of its own; a first one counts what has happened before it came (DESIGN: people
    # plan late).
    status = _first_status(turn, plan) if instead_of is None or not plan.entry else "available"
    task = plan.spec if isinstance(plan.spec, TaskSpec) else None
    number = turn.next_id()
    turn.emit(
        e.ItemCreated(
            item=number,
            key=key,
            kind=plan.kind,
            status=status,
            parent=parent,
            goal=goal,
            form=plan.form,
            team=task.team if task else "",
            role=task.role if task else "",
            waits_for=waits_for(task),
            by_customer=task.by_customer if task else False,
            clock=clocks.start(turn, task.due) if task and status == "active" else None,
            instead_of=instead_of,
            about=about,
        )
    )
    item = turn.state.items[number]
    if plan.kind == "milestone" and not plan.entry and forbidden(turn, f"complete {key}") is None:
        transition(turn, item, "occur")
    elif status == "active":
        entered(turn, item)
    return item


def _first_status(turn: Turn, plan: ItemPlan) -> ItemStatus:
    if plan.kind == "milestone" or (
        plan.entry and not any(holds(turn, sentry, already(turn, sentry)) for sentry in plan.entry)
    ):
        return "available"
    return "enabled" if isinstance(plan.spec, TaskSpec) and plan.spec.manual else "active"


def already(turn: Turn, sentry: Sentry) -> tuple[str, ...]:
    """Those of the sentry's occurrences that the case has seen before."""
    return tuple(occurrence for occurrence in sentry.after if has_occurred(turn, occurrence))


def has_occurred(turn: Turn, occurrence: str) -> bool:
    goal = turn.state.goal_by_key(occurrence)
    if goal is not None:
        return goal.status == "reached"
    counter = turn.state.counters.get(occurrence)
    if counter is not None:
        return counter.completed > 0
    key, is_cancelled = occurrence.removesuffix(" is cancelled"), occurrence.endswith(" is cancelled")
    ended = turn.state.counters.get(key)
    return is_cancelled and ended is not None and ended.terminated > 0


def holds(turn: Turn, sentry: Sentry, seen: tuple[str, ...]) -> bool:
    """Whether a sentry is satisfied (CMMN 1.1 §5.4.5): all its on-parts have occurred and its if-part is true."""
    if any(occurrence not in seen for occurrence in sentry.after):
        return False
    return sentry.when is None or is_true(sentry.when.evaluate(turn.scope))


def waits_for(task: TaskSpec | None) -> Waiting:
    if task is None:
        return "us"
    if task.waits_for is not None:
        return task.waits_for
    return "customer" if task.by_customer or task.kind == "wait" else "us"


def transition(turn: Turn, item: Item, name: str, reason: str = "") -> Refused | None:
    """Take one transition of CMMN's lifecycle, with what follows from it inside stage and goal."""
    after = TRANSITIONS.get((item.status, name))
    if after is None:
        return wrong_state(turn, item, name)
    task = turn.plan.task(item.key)
    clock = clocks.start(turn, task.due) if task and after == "active" and item.clock is None else None
    turn.emit(
        e.ItemTransitioned(
            item=item.id,
            key=item.key,
            kind=item.kind,
            transition=name,
            status=after,
            clock=clock or (item.clock if after in ("active", "suspended") else None),
            private=e.ReasonPrivate(reason=reason),
        )
    )
    if after == "active" and name in ("start", "manual start", "reactivate"):
        entered(turn, item)
    elif after in ("completed", "terminated"):
        _ended(turn, item, after)
    return None


def wrong_state(turn: Turn, item: Item, name: str) -> Refused:
    return Refused(
        "wrong state",
        f"“{title(turn, item)}” is {item.status}; it cannot {name} now.",
        facts={"item": item.id, "status": item.status},
        next=tuple(NextStep(possible) for status, possible in TRANSITIONS if status == item.status),
    )


def fit(turn: Turn, item: Item) -> Refused | None:
    """Whether the actor may work on it: a customer on what is theirs, anyone else by role and skill."""
    if turn.actor.kind == "customer":
        return None if item.by_customer else Refused("rights", "This is done by the people who work on the case.")
    if turn.actor.kind != "agent":
        return None
    if item.role and item.role not in turn.actor.roles:
        return _lacks(turn, item, "role", item.role)
    task = turn.plan.task(item.key)
    if task is not None and task.skill and task.skill not in turn.actor.skills:
        return _lacks(turn, item, "skill", task.skill)
    return None


def _lacks(turn: Turn, item: Item, what: str, needed: str) -> Refused:
    give = NextStep(f"Give the task to somebody with the {what} “{needed}”", "ClaimTask", {"item": item.id}, who=needed)
    return Refused(
        "role",
        f"“{title(turn, item)}” needs the {what} “{needed}”.",
        facts={what: needed},
        next=(give,),
    )


def title(turn: Turn, item: Item) -> str:
    plan = turn.plan.items.get(item.key)
    return item.title or (plan.spec.title if plan else "") or item.key


def entered(turn: Turn, item: Item) -> None:
    """A stage brings its members; a letter that goes by itself is asked for; a decision is made, or fails (CMMN 1.1
    §8.4.2).
    """
    plan = turn.plan.items.get(item.key)
    if plan is None:
        return
    if isinstance(plan.spec, StageSpec):
        for key in plan.spec.tasks:
            create(turn, key, item.id, item.goal)
        turn.stages.append(item.id)
    elif isinstance(plan.spec, TaskSpec) and plan.spec.automatic and plan.spec.letter:
        write_letter(turn, item, plan.spec.letter)
    elif plan.decision is not None:
        wrong = decisions.make(turn, item, plan.decision)
        transition(turn, item, "fault" if wrong else "complete", wrong)


def write_letter(turn: Turn, item: Item, key: str) -> None:
    """Ask for a letter that needs no hand: its words are made now, so that the history holds what was said."""
    letter = turn.plan.letters[key]
    turn.emit(
        e.MessageRequested(
            contact=next(turn.moment.ids),
            channel="mail",
            letter=key,
            item=item.id,
            automatic=letter.automatic,
            answers=turn.state.unanswered[-1] if turn.state.unanswered else None,
            private=e.MessageRequested.Words(
                subject=letter.subject.render(turn.scope), text=letter.text.render(turn.scope)
            ),
        )
    )


def _ended(turn: Turn, item: Item, status: ItemStatus) -> None:
    for child in turn.state.children(item.id):
        transition(turn, child, "exit")
    if item.parent is not None:
        turn.stages.append(item.parent)
    plan = turn.plan.items.get(item.key)
    if status == "completed" and plan is not None:
        for name, expression in plan.sets:
            spec = turn.plan.facts[name]
            record(turn, name, spec, expression.evaluate(turn.scope), f"task {item.key}")
        if plan.repeat is not None and is_true(plan.repeat.evaluate(turn.scope)):
            create(turn, item.key, item.parent, item.goal, instead_of=item.id, about=item.about)


def settle_stage(turn: Turn, number: int) -> None:
    """Complete a stage whose work is done (CMMN 1.1 §8.6.1): no member active, and, unless it completes by itself,
    none open.
    """
    stage = turn.state.items.get(number)
    if stage is None or stage.status != "active":
        return
    plan = turn.plan.items.get(stage.key)
    by_itself = plan is not None and isinstance(plan.spec, StageSpec) and plan.spec.auto_complete
    members = turn.state.children(number)
    if any(_holds_stage(turn, member, by_itself) for member in members):
        return
    if forbidden(turn, f"complete {stage.key}") is None:
        transition(turn, stage, "complete")


def _holds_stage(turn: Turn, member: Item, by_itself: bool) -> bool:
    if not by_itself:
        return member.status in OPEN
    plan = turn.plan.items.get(member.key)
    required = plan is not None and plan.spec.required
    # A decision that could not be made waits for somebody who mends it or decides.
    return member.status in ("active", "failed") or (required and member.status in OPEN)


def end_with_goal(turn: Turn, goal: Goal) -> None:
    """The goal has ended: what still stands open for it is no longer needed, required items excepted."""
    for item in [item for item in turn.state.items.values() if item.goal == goal.id]:
        plan = turn.plan.items.get(item.key)
        keep = goal.status == "reached" and plan is not None and plan.spec.required
        if item.id in turn.state.items and not keep and not _holds_required(turn, item):
            transition(turn, item, "exit", reason="")


def _holds_required(turn: Turn, item: Item) -> bool:
    if item.kind != "stage":
        return False
    return any(
        (plan := turn.plan.items.get(child.key)) is not None and plan.spec.required
        for child in turn.state.children(item.id)
    )
