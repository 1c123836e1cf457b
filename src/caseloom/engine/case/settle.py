"""Settle: run what the events have touched until nothing changes (DESIGN §4, rest).

Order matters: occurrences and facts first, then stages and goals that complete with their parts, then who waits for
whom with the clocks, last whether the case is done. Each may bring up new events, so it goes round until all queues
are empty.
"""

from collections import Counter
from typing import Final

from caseloom.engine.case import clocks, flows, goals, items, listeners, subcases
from caseloom.engine.case import events as e
from caseloom.engine.case.boundaries import check_boundary, check_data, forbidden
from caseloom.engine.case.facts import record
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import CaseState, Item
from caseloom.engine.case.turn import Turn
from caseloom.engine.feel import is_true
from caseloom.engine.rules.plan import ItemPlan, ReactionPlan, Sentry, Trigger
from caseloom.engine.spec.service_goal import ActionSpec, StageSpec, Waiting
from caseloom.engine.spec.term import parse_term

STEP_BOUND: Final = 2_000
"""Rules looked at in one turn. A sound definition needs some dozen; one that has not come to rest by then never will.
"""


MANY: Final = 20
"""Items of one key in one turn that look like a circle."""


def settle(turn: Turn) -> Refused | None:
    """Bring the case to rest, or refuse with the cycle named. Nothing is kept of a refused turn."""
    steps = 0
    while True:
        refused = None
        if turn.pending:
            steps += len(turn.pending)
            refused = _round(turn)
        elif (turn.flow_items or turn.flow_names or turn.flows is not None) and flows.settle(turn):
            pass
        elif turn.sub_cases:
            item = turn.sub_cases.popleft()
            subcases.ask(turn, item, getattr(turn.plan.items[item.key].spec, "calls", ""))
        elif turn.stages:
            _settle_stage(turn, turn.stages.popleft())
        elif turn.parents:
            goals.settle_parent(turn, turn.parents.popleft())
        elif not _wait(turn):
            break
        if refused is not None:
            return refused
        steps += 1
        if steps > STEP_BOUND:
            return _no_rest(turn)
    return None


def _round(turn: Turn) -> Refused | None:
    """Look once at everything touched so far. The conditions of reactions are read before any of them acts, so that
    none misses that it became false and true again.
    """
    touched = list(dict.fromkeys(turn.pending))
    turn.pending.clear()
    fired = [
        rule
        for trigger, occurrence in touched
        if trigger.part == "reaction" and (rule := due(turn, trigger, occurrence))
    ]
    for trigger, occurrence in touched:
        refused = look(turn, trigger, occurrence) if trigger.part != "reaction" else None
        if refused is not None:
            return refused
    for rule in fired:
        _fire(turn, rule)
    return None


def _no_rest(turn: Turn) -> Refused:
    again = [f"{trigger.part} “{_name(turn, trigger)}”" for trigger, _ in list(turn.pending)[:4]]
    came = Counter(event.key for event in turn.events if isinstance(event, e.ItemCreated))
    again += [f"“{key}”, which came {times} times" for key, times in came.most_common(2) if times > MANY]
    return Refused(
        "no rest",
        f"The rules of this service goal do not rest after {STEP_BOUND} steps; these go round: {', '.join(again)}.",
        next=(NextStep("Ask the process owner to mend these rules", who="process owner"),),
    )


def _name(turn: Turn, trigger: Trigger) -> str:
    if trigger.part == "reaction":
        return turn.plan.reactions[int(trigger.key)].spec.says
    return str(trigger.key)


def look(turn: Turn, trigger: Trigger, occurrence: str | None) -> Refused | None:
    match trigger.part:
        case "goal entry" | "goal reached":
            _look_at_goals(turn, trigger, occurrence)
        case "item entry" | "item exit":
            _look_at_items(turn, trigger, occurrence)
        case "timer":
            for item in [item for item in turn.state.items.values() if item.key == trigger.key]:
                listeners.run(turn, item, occurrence)
        case "boundary":
            return check_boundary(turn, turn.plan.boundaries[int(trigger.key)])
        case "data":
            return check_data(turn, turn.plan.data_rules[int(trigger.key)])
    return None


def _look_at_goals(turn: Turn, trigger: Trigger, occurrence: str | None) -> None:
    plan = turn.plan.goals[str(trigger.key)]
    for goal in [goal for goal in turn.state.goals.values() if goal.key == trigger.key]:
        if trigger.part == "goal reached" and goal.status == "active":
            if goals.is_ready(turn, goal):
                goals.reach_if_allowed(turn, goal)
        elif trigger.part == "goal entry" and goal.status == "available":
            seen = _seen(goal.seen, occurrence, (plan.entry,)) + items.already(turn, plan.entry)
            if items.holds(turn, plan.entry, seen):
                goals.open_goal(turn, goal)
            elif occurrence is not None and occurrence not in goal.seen:
                turn.emit(e.OccurrenceSeen(occurrence=occurrence, goal=goal.id))


def _look_at_items(turn: Turn, trigger: Trigger, occurrence: str | None) -> None:
    plan = turn.plan.items[str(trigger.key)]
    entering = trigger.part == "item entry"
    criteria = plan.entry if entering else plan.exit
    for item in [item for item in turn.state.items.values() if item.key == trigger.key]:
        if entering and item.kind == "stage" and item.status == "active":
            # Held back by a rule when its work was done, it may be complete now.
            turn.stages.append(item.id)
        if item.id not in turn.state.items or (entering and item.status != "available"):
            continue
        if trigger.stage is not None and not items.hears(turn, item, trigger.stage):
            continue
        if plan.kind == "listener" and entering:
            listeners.run(turn, item, occurrence)
            continue
        seen = _seen(item.seen, occurrence, criteria)
        met = next((sentry for sentry in criteria if items.holds(turn, sentry, seen)), None)
        if met is not None and (_enter(turn, item, plan, met) if entering else _leave(turn, item, plan, met)):
            continue
        if occurrence is not None and occurrence not in item.seen:
            turn.emit(e.OccurrenceSeen(occurrence=occurrence, item=item.id))


def _leave(turn: Turn, item: Item, plan: ItemPlan, by: Sentry) -> bool:
    """Let an item out by an exit criterion."""
    items.transition(turn, item, "exit", criterion=by.name)
    if isinstance(plan.spec, StageSpec) and plan.spec.case_plan:
        end_with_plan(turn)
    return True


def _enter(turn: Turn, item: Item, plan: ItemPlan, by: Sentry) -> bool:
    """Let an item in by an entry criterion; False where a rule holds it back. That is asked only where it would come:
    who overrides a rule that holds it back is told to have done so.
    """
    if plan.kind == "milestone":
        if forbidden(turn, f"complete {item.key}") is not None:
            return False
        step = "occur"
    else:
        step = "enable" if items.is_manual(turn, plan) else "start"
    items.transition(turn, item, step, criterion=by.name)
    items.repeat_entry(turn, item)
    return True


def _seen(before: tuple[str, ...], occurrence: str | None, criteria: tuple[Sentry, ...]) -> tuple[str, ...]:
    waited = any(occurrence in sentry.after for sentry in criteria)
    return (*before, occurrence) if occurrence is not None and waited else before


def _settle_stage(turn: Turn, number: int) -> None:
    stage = turn.state.items.get(number)
    items.settle_stage(turn, number)
    if stage is None or not stage.option or stage.id in turn.state.items or stage.status != "completed":
        return
    goal = turn.state.goals[stage.goal or 0]
    if goal.option_item == stage.id and goals.option_done(turn, goal):
        goals.reach_if_allowed(turn, goal)


# --- rules
# ------------------------------------------------------------------------------------------------------------------


def due(turn: Turn, trigger: Trigger, occurrence: str | None) -> ReactionPlan | None:
    """The reaction, if it is to act now: each time for what has happened, once for a condition until that has been
    false.
    """
    rule = turn.plan.reactions[int(trigger.key)]
    met = rule.when is None or is_true(rule.when.evaluate(turn.scope))
    if occurrence is not None:
        return rule if met else None
    if rule.spec.after:
        return None
    fired = turn.state.rules.get(rule.key, False)
    if fired and not met:
        turn.emit(e.RuleRested(rule=rule.key))
    return rule if met and not fired else None


def _fire(turn: Turn, rule: ReactionPlan) -> None:
    turn.emit(e.ReactionFired(rule=rule.key, says=rule.spec.says))
    for action, to in zip(rule.spec.do, rule.to, strict=True):
        _act(turn, rule, action, to.evaluate(turn.scope) if to is not None else None)


def _act(turn: Turn, rule: ReactionPlan, action: ActionSpec, value: object) -> None:
    if turn.state.status == "completed" and (action.add_goal is not None or action.add_task is not None):
        turn.emit(e.CaseReopened(private=e.ReasonPrivate(reason=rule.spec.says)))
    if action.add_goal is not None:
        known = turn.state.goal_by_key(action.add_goal)
        if known is None or known.status not in ("available", "active"):
            goals.add(turn, action.add_goal)
    elif action.add_task is not None:
        items.create(turn, action.add_task, None, None)
    elif action.tell is not None:
        turn.emit(e.Told(whom=action.tell, says=rule.spec.says))
    elif action.set_fact is not None:
        record(turn, action.set_fact, turn.plan.facts[action.set_fact], value, f"rule: {rule.spec.says}")
    elif action.offer is not None:
        _offer(turn, action.offer)
    elif action.promise is not None:
        term = parse_term(action.within or "1 business day")
        private = e.TextPrivate(text=action.promise)
        turn.emit(e.PromiseMade(promise=turn.next_id(), due=clocks.later(turn, turn.now, term), private=private))


def _offer(turn: Turn, key: str) -> None:
    condition = turn.plan.offers[key].when
    if key not in turn.state.offers and (condition is None or is_true(condition.evaluate(turn.scope))):
        turn.emit(e.OfferMade(offer=key))


# --- the end of a turn
# ------------------------------------------------------------------------------------------------------


def _wait(turn: Turn) -> bool:
    """Who waits for whom, the clocks that follow, and whether the case is done. True when something has changed."""
    before = len(turn.events)
    if turn.state.status == "active":
        _complete(turn)
    if turn.state.status == "active":
        now = who_waits(turn.state)
        if now != turn.state.waits_for:
            turn.emit(e.WaitingChanged(waits_for=now, before=turn.state.waits_for))
        if turn.clocks_move:
            clocks.adjust(turn)
    return len(turn.events) > before


def who_waits(state: CaseState) -> Waiting:
    """Whose move it is: ours while anything is ours to do or answer, else the customer's, else a third party's."""
    if state.unanswered:
        return "us"
    customer, third = state.awaits_confirmation, False
    for item in state.items.values():
        if item.kind != "task" or item.status not in ("active", "enabled", "failed"):
            continue
        if item.waits_for == "us":
            return "us"
        customer, third = customer or item.waits_for == "customer", third or item.waits_for == "third"
    return "customer" if customer else "third" if third else "us"


def _complete(turn: Turn) -> None:
    """Goals complete the case (DESIGN §4), with the customer's confirmation where the definition asks for it."""
    state = turn.state
    if not goals.all_done(turn, None):
        return
    term = turn.plan.service_goal.confirm_within if turn.plan.service_goal else None
    if term is not None and not state.confirmed:
        if not state.awaits_confirmation:
            turn.emit(e.ConfirmationAsked(by=clocks.later(turn, turn.now, parse_term(term))))
        return
    # Asked after the confirmation: a rule may wait for the very answer that the question brings.
    ends = [f"cancel {goal.key}" for goal in state.goals.values() if goal.status in ("available", "active")]
    if any(forbidden(turn, act) is not None for act in ("close", *ends)):
        return
    end_all(turn)
    leaves = turn.plan.ends_relation is not None and is_true(turn.plan.ends_relation.evaluate(turn.scope))
    turn.emit(e.CaseCompleted(ends_relation=leaves))


def end_with_plan(turn: Turn, reason: str = "") -> None:
    """The case plan was terminated, by an exit criterion of its own or by somebody, and the case with it (CMMN 1.1
    §8.4.1), unless a rule forbids that.
    """
    if turn.state.status == "active" and forbidden(turn, "close") is None:
        end_all(turn)
        turn.emit(e.CaseTerminated(private=e.ReasonPrivate(reason=reason)))


def end_all(turn: Turn) -> None:
    """Everything that stands open ends with the case."""
    for item in list(turn.state.items.values()):
        if item.id in turn.state.items:
            items.transition(turn, item, "exit")
    for goal in list(turn.state.goals.values()):
        if goal.status in ("available", "active"):
            goals.cancel(turn, goal, "")
