"""Tasks, stages, milestones and event listeners: CMMN's plan items, and how they come, go and end."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Final

from caseloom.engine.case import clocks, decisions, listeners
from caseloom.engine.case import events as e
from caseloom.engine.case.boundaries import forbidden
from caseloom.engine.case.facts import record
from caseloom.engine.case.lifecycle import SEMI_TERMINAL, downward, follows, standard
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.scope import ObjectScope
from caseloom.engine.case.state import Counter, Goal, Item, ItemStatus
from caseloom.engine.case.turn import Turn
from caseloom.engine.feel import Value, is_true
from caseloom.engine.rules.plan import ItemPlan, Sentry, Trigger
from caseloom.engine.rules.plan_items import INDEX
from caseloom.engine.spec.occurrences import subject_of
from caseloom.engine.spec.service_goal import StageSpec, TaskSpec, Waiting


def create(
    turn: Turn,
    key: str,
    parent: int | None,
    goal: int | None,
    instead_of: int | None = None,
    about: str = "",
    fresh: Collection[str] = (),
    by_hand: bool = False,
    required: bool | None = None,
) -> Item:
    """A new item of a known key, entered at once where nothing holds it back. `fresh` are the keys that come anew with
    it: what happened to earlier items of these keys is none of its business. `by_hand` says that somebody added it, and
    `required` what they said of that; without it the definition's rule counts.
    """
    plan = turn.plan.items[key]
    # A repetition waits for occurrences of its own; a first one counts what has happened before it came (DESIGN: people
    # plan late).
    status = _first_status(turn, plan, fresh) if instead_of is None or not plan.entry else "available"
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
            clock=listeners.first_clock(turn, plan)
            or (clocks.start(turn, task.due) if task and status == "active" else None),
            instead_of=instead_of,
            about=about,
            required=required
            if required is not None or plan.required is None
            else is_true(plan.required.evaluate(turn.scope)),
            by_hand=by_hand,
        )
    )
    item = turn.state.items[number]
    if plan.kind == "milestone" and not plan.entry and forbidden(turn, f"complete {key}") is None:
        transition(turn, item, "occur")
    elif status == "active":
        entered(turn, item)
    if status != "available" and plan.entry:
        repeat_entry(turn, item)
    return item


def _first_required(turn: Turn, plan: ItemPlan) -> bool | None:
    """What the required rule says, where it is an expression (CMMN 1.1 §8.6.3)."""
    return None if plan.required is None else is_true(plan.required.evaluate(turn.scope))


def _first_status(turn: Turn, plan: ItemPlan, fresh: Collection[str]) -> ItemStatus:
    if plan.kind in ("milestone", "listener") or (
        plan.entry and not any(holds(turn, sentry, already(turn, sentry, fresh)) for sentry in plan.entry)
    ):
        return "available"
    return "enabled" if is_manual(turn, plan) else "active"


def is_manual(turn: Turn, plan: ItemPlan) -> bool:
    """The manual activation rule (CMMN 1.1 §8.6.2), asked when the item could begin."""
    if plan.manual is not None:
        return is_true(plan.manual.evaluate(turn.scope))
    return isinstance(plan.spec, TaskSpec | StageSpec) and plan.spec.manual is True


def is_required(turn: Turn, item: Item) -> bool:
    """Whether its stage has to wait for it (CMMN 1.1 §8.6.3)."""
    if item.required is not None:
        return item.required
    plan = turn.plan.items.get(item.key)
    return plan is not None and plan.spec.required is True


def repeat_entry(turn: Turn, item: Item) -> None:
    """An entry criterion has let an item in: where it repeats on that, the next one waits now (CMMN 1.1 §8.6.4)."""
    plan = turn.plan.items[item.key]
    if plan.spec.repeat_on == "entered" and plan.entry and _stands(turn, item.parent) and repeats(turn, item.key):
        create(turn, item.key, item.parent, item.goal, instead_of=item.id, about=item.about)


def _stands(turn: Turn, stage: int | None) -> bool:
    holder = turn.state.items.get(stage or 0)
    return stage is None or (holder is not None and holder.status == "active")


def repeats(turn: Turn, key: str) -> bool:
    """The repetition rule of an item (CMMN 1.1 §5.4.11.2), with `index` for how often it has come."""
    rule = turn.plan.items[key].repeat
    if rule is None:
        return False
    scope: Mapping[str, Value] = turn.scope
    if INDEX in rule.reads and INDEX not in turn.plan.names:
        came = Decimal(turn.state.counters.get(key, Counter()).created)
        scope = ObjectScope(turn.scope, INDEX, lambda: came)
    return is_true(rule.evaluate(scope))


def already(turn: Turn, sentry: Sentry, fresh: Collection[str] = ()) -> tuple[str, ...]:
    """Those of the sentry's occurrences that the case has seen before, those of `fresh` keys excepted."""
    return tuple(
        occurrence
        for occurrence in sentry.after
        if has_occurred(turn, occurrence) and not (fresh and subject_of(occurrence)[0] in fresh)
    )


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


def hears(turn: Turn, item: Item, stage: int) -> bool:
    """Whether what happened inside a stage is for this item: not when it stands in another instance of that stage, so
    that a stage that repeats keeps to itself (CMMN 1.1 §8.5).
    """
    happened = turn.state.items.get(stage) or turn.state.ended.get(stage)
    around = turn.state.items.get(item.parent or 0)
    while around is not None and happened is not None:
        if around.key == happened.key:
            return around.id == happened.id
        around = turn.state.items.get(around.parent or 0)
    return True


def waits_for(task: TaskSpec | None) -> Waiting:
    if task is None:
        return "us"
    if task.waits_for is not None:
        return task.waits_for
    return "customer" if task.by_customer or task.kind == "wait" else "us"


def transition(turn: Turn, item: Item, name: str, reason: str = "", criterion: str = "") -> Refused | None:
    """Take one transition of CMMN's lifecycle, with what follows from it inside stage and goal."""
    after = follows(item, name)
    if after is None:
        return wrong_state(turn, item, name)
    task = turn.plan.task(item.key)
    begins = after == "active" and item.clock is None and item.before != "active"
    clock = clocks.start(turn, task.due) if task and begins else None
    keeps = after in ("active", "suspended") or (item.kind == "listener" and after == "available")
    turn.emit(
        e.ItemTransitioned(
            item=item.id,
            key=item.key,
            kind=item.kind,
            transition=name,
            status=after,
            clock=clock or (item.clock if keeps else None),
            criterion=criterion,
            private=e.ReasonPrivate(reason=reason),
        )
    )
    if after == "active" and name in ("start", "manual start", "reactivate"):
        entered(turn, item)
    elif after in ("completed", "terminated"):
        _ended(turn, item, name, after)
    elif name in MOVES_MEMBERS:
        _pass_down(turn, item, name)
    elif item.parent is not None and after in SEMI_TERMINAL:
        turn.stages.append(item.parent)
    return None


MOVES_MEMBERS: Final = ("suspend", "resume", "parent suspend", "parent resume")


def _pass_down(turn: Turn, item: Item, name: str) -> None:
    """A stage takes its members along; a clock stands still while its holder is suspended. What goes on is asked for
    its criteria and completion again, for facts may have changed meanwhile.
    """
    if item.status == "suspended" or item.clock is not None:
        clocks.adjust_item(turn, item)
    pass_down(turn, item.id, name)
    if item.status == "available":
        turn.pending.append((Trigger("item entry", item.key), None))
    elif item.status == "active" and item.kind == "stage":
        turn.stages.append(item.id)


def pass_down(turn: Turn, stage: int | None, name: str) -> None:
    """What the suspension or resumption of a stage, or of the case (None), means for what is in it."""
    for child in [child for child in turn.state.items.values() if child.parent == stage]:
        down = downward(name, child)
        if down is not None and follows(child, down) is not None:
            transition(turn, child, down)


def wrong_state(turn: Turn, item: Item, name: str) -> Refused:
    return Refused(
        "wrong state",
        f"“{title(turn, item)}” is {item.status}; it cannot {name} now.",
        facts={"item": item.id, "status": item.status},
        next=tuple(NextStep(possible) for status, possible in standard(item) if status == item.status),
    )


def fit(turn: Turn, item: Item) -> Refused | None:
    """Whether the actor may work on it: a customer on what is theirs, anyone else by role and skill."""
    if turn.actor.kind == "customer":
        return None if item.by_customer else Refused("rights", "This is done by the people who work on the case.")
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
        # Members that came before came with another stage of this key, or by hand: only these count.
        again = turn.state.counters[item.key].created > 1
        for key in plan.spec.tasks:
            create(turn, key, item.id, item.goal, fresh=plan.spec.tasks if again else ())
        # What an event may yet bring is waited for: whether the stage is complete is asked when a member has ended.
        if not any(child.kind == "listener" for child in turn.state.children(item.id)):
            turn.stages.append(item.id)
    elif isinstance(plan.spec, TaskSpec) and plan.spec.automatic and plan.spec.letter:
        write_letter(turn, item, plan.spec.letter)
    elif plan.decision is not None:
        wrong = decisions.make(turn, item, plan.decision)
        transition(turn, item, "fault" if wrong else "complete", wrong)
    elif isinstance(plan.spec, TaskSpec) and plan.spec.kind == "case" and plan.spec.calls:
        turn.sub_cases.append(item)
    elif plan.process:
        turn.flow_items.append((item, "entered"))
    elif isinstance(plan.spec, TaskSpec) and not plan.spec.blocking:
        transition(turn, item, "complete")


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


def _ended(turn: Turn, item: Item, name: str, status: ItemStatus) -> None:
    for child in turn.state.children(item.id):
        transition(turn, child, downward(name, child) or "exit")
    if item.flow:
        turn.flow_items.append((item, status))
    if item.parent is not None:
        turn.stages.append(item.parent)
    plan = turn.plan.items.get(item.key)
    if plan is None:
        return
    if status == "completed":
        for name_of_fact, expression in plan.sets:
            spec = turn.plan.facts[name_of_fact]
            record(turn, name_of_fact, spec, expression.evaluate(turn.scope), f"task {item.key}")
    when = plan.spec.repeat_on
    asked = (status == "completed" and when == "completed") or (when == "ended" and name in ENDS_BY_ITSELF)
    if asked and _stands(turn, item.parent) and repeats(turn, item.key):
        create(turn, item.key, item.parent, item.goal, instead_of=item.id, about=item.about)


ENDS_BY_ITSELF: Final = ("complete", "occur", "terminate")
"""CMMN 1.1 §8.6.4: after these an item without entry criteria may come once more; not when its parent ends, or an exit
criterion ends it.
"""


def settle_stage(turn: Turn, number: int) -> None:
    """Complete a stage whose work is done (CMMN 1.1 §8.6.1)."""
    stage = turn.state.items.get(number)
    if stage is None or stage.status != "active":
        return
    plan = turn.plan.items.get(stage.key)
    by_itself = plan is not None and isinstance(plan.spec, StageSpec) and plan.spec.auto_complete
    if not by_itself and plan is not None and plan.plannable:
        # Something may still be planned into it: somebody has to say that it is done.
        return
    if any(holds_stage(turn, member, by_itself) for member in turn.state.children(number)):
        return
    if forbidden(turn, f"complete {stage.key}") is None:
        transition(turn, stage, "complete")


def holds_stage(turn: Turn, member: Item, by_itself: bool) -> bool:
    """Whether a member keeps its stage from completing (CMMN 1.1 §8.6.1). While `by_itself`, or when a person completes
    it, only active and required members do, else every open one.
    """
    if member.status == "failed":
        # What is done by itself (a decision, a flow, a case) and could not be waits for somebody who mends it.
        return _by_itself(turn, member)
    if member.status in SEMI_TERMINAL:
        return False
    return not by_itself or member.status == "active" or is_required(turn, member)


def _by_itself(turn: Turn, item: Item) -> bool:
    task = turn.plan.task(item.key)
    return task is not None and task.kind in ("decision", "flow", "case")


def end_with_goal(turn: Turn, goal: Goal) -> None:
    """The goal has ended: what still stands open for it is no longer needed, required items excepted."""
    for item in [item for item in turn.state.items.values() if item.goal == goal.id]:
        keep = goal.status == "reached" and is_required(turn, item)
        if item.id in turn.state.items and not keep and not _holds_required(turn, item):
            transition(turn, item, "exit", reason="")


def _holds_required(turn: Turn, item: Item) -> bool:
    if item.kind != "stage":
        return False
    return any(is_required(turn, child) for child in turn.state.children(item.id))
