"""Commands that open, steer and end a case and its goals."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, Final

from caseloom.engine.case import clocks, facts, goals, items, mirrors, timing
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.boundaries import forbidden
from caseloom.engine.case.care import link_contact
from caseloom.engine.case.options import check_step
from caseloom.engine.case.reasons import places, unsaid
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.scope import fact_words
from caseloom.engine.case.settle import end_all
from caseloom.engine.case.state import Goal
from caseloom.engine.case.turn import Turn
from caseloom.engine.case.work import set_facts
from caseloom.engine.feel import is_true
from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.engine.rules.order import START
from caseloom.engine.rules.plan import BUILT_IN, GoalPlan, OptionPlan

SLACK: Final = timedelta(minutes=5)
"""By how much another machine's clock may be ahead of ours."""
OURS: Final = ("title", "team", "owner", "contact", "automatic", "parent", "parent_item")
"""What a customer who starts a case alone does not decide."""


def open_case(turn: Turn, command: c.OpenCase) -> Refused | None:
    service_goal = turn.plan.service_goal
    refused = _may_open(turn, command)
    if refused is not None:
        return refused
    turn.emit(
        e.CaseOpened(
            case=command.case,
            customer=command.customer,
            service_goal=command.service_goal,
            version=command.version,
            house_version=command.house_version,
            channel=command.channel,
            team=command.team or (service_goal.team if service_goal else ""),
            owner=command.owner,
            contact_at=command.contact_at or turn.now,
            parent=command.parent,
            parent_item=command.parent_item,
            private=e.TitlePrivate(title=command.title),
        )
    )
    with turn.as_world():
        first_facts(turn, command.customer_facts, command.facts)
    refused = set_facts(turn, command.facts)
    if refused is not None:
        return refused
    if command.contact is not None:
        at = command.contact_at or turn.now
        link_contact(
            turn,
            c.LinkContact(
                contact=command.contact,
                channel=command.channel,
                at=at,
                customer=command.customer,
                automatic=command.automatic,
            ),
        )
    _bring(turn)
    return None


def _may_open(turn: Turn, command: c.OpenCase) -> Refused | None:
    at = command.contact_at or turn.now
    if at > turn.now + SLACK or (turn.actor.kind == "customer" and at < turn.now - SLACK):
        return Refused("invalid", "The contact is said to be at another time than it was; leave the time out.")
    if turn.actor.kind != "customer":
        return None
    goal = turn.plan.service_goal
    way_on = (NextStep("Write to us, we open it for you"),)
    if goal is None or not goal.self_service:
        return Refused("rights", "This cannot be started alone.", next=way_on)
    ours = [name for name in OURS if getattr(command, name)] + [n for n in command.facts if n not in goal.start_form]
    return Refused("rights", f"Who starts this alone does not say “{ours[0]}”.", next=way_on) if ours else None


def first_facts(turn: Turn, customer_facts: Mapping[str, Any], known: Collection[str]) -> None:
    """What the definition says at first, and what is known of the customer. An unfit value of the customer's record is
    left out: it is a fact of theirs, not a fault of who opens the case.
    """
    for name, spec in turn.plan.facts.items():
        value = customer_facts.get(spec.from_customer) if spec.from_customer else None
        raw = spec.initial if value is None else value
        read = None if raw is None or name in known else facts.read(spec, name, raw)
        if read is not None and not isinstance(read, Refused):
            facts.record(turn, name, spec, read, "definition" if value is None else "customer record")


def _bring(turn: Turn) -> None:
    """Goals, and the stages and milestones that stand in no option, come with the definition."""
    for key, plan in turn.plan.goals.items():
        if not plan.spec.added_only and not plan.spec.parent:
            goals.add(turn, key)
    for key in turn.plan.at_opening:
        items.create(turn, key, None, None)


def classify_case(turn: Turn, command: c.ClassifyCase) -> Refused | None:
    state = turn.state
    if command.service_goal == state.service_goal:
        return Refused("duplicate", "The case has this service goal already.")
    try:
        plan = turn.moment.plans(command.service_goal, command.version, state.house_version)
    except KeyError:
        return Refused(
            "not found",
            f"The library has no version {command.version} of “{command.service_goal}”.",
            next=(NextStep("Choose a service goal that is offered"),),
        )
    except DefinitionFaulty as faulty:
        return Refused("wrong state", f"“{command.service_goal}” does not fit the house rules of this case: {faulty}")
    refused = forbidden(turn, "classify")
    if refused is not None:
        return refused
    before = {rule.spec.says for rule in turn.plan.orders}
    for goal in list(state.goals.values()):
        if goal.status in ("available", "active"):
            goals.cancel(turn, goal, "another service goal")
    for item in list(state.items.values()):
        if item.id in state.items:
            items.transition(turn, item, "exit")
    turn.pending.clear()
    turn.replan(plan)
    team = plan.service_goal.team if plan.service_goal else state.team
    turn.emit(e.CaseClassified(service_goal=command.service_goal, version=command.version, team=team))
    _recall_opening(turn, before)
    with turn.as_world():
        first_facts(turn, command.customer_facts, (*state.facts,))
    _bring(turn)
    ask_all(turn)
    return None


def ask_all(turn: Turn) -> None:
    """Under another definition every rule is asked of the case as it stands."""
    for name in (*turn.state.facts, *BUILT_IN):
        turn.touch(name)


def _recall_opening(turn: Turn, before: Collection[str]) -> None:
    """The case was opened under another service goal; the terms of the new one that run from its opening run too."""
    opened = turn.state.opened_at or turn.now
    for rule in turn.plan.orders:
        letter = next((place for place, one in enumerate(rule.spec.letters) if "open" in one.acts), None)
        if letter is not None and rule.spec.says not in before and rule.spec.says not in turn.state.orders:
            memory = rule.automaton.step(START, letter, "", opened, turn.later)
            turn.emit(e.RuleAdvanced(rule=rule.spec.says, memory=memory))


def switch_house_rules(turn: Turn, command: c.SwitchHouseRules) -> Refused | None:
    """The rules of another version bind from here on, and what they say of the case as it stands is asked at once."""
    state = turn.state
    if command.house_version == state.house_version:
        return Refused("duplicate", f"The case is under version {state.house_version} of the house rules already.")
    try:
        plan = turn.moment.plans(state.service_goal, state.version, command.house_version)
    except KeyError:
        return Refused("not found", f"The library has no version {command.house_version} of the house rules.")
    except DefinitionFaulty as faulty:
        return Refused("wrong state", f"The service goal of this case does not fit these house rules: {faulty}")
    missing = [
        goal.key for goal in state.goals.values() if goal.status == "active" and goal.key not in ("", *plan.goals)
    ]
    missing += [item.key for item in state.items.values() if "/" not in item.key and item.key not in ("", *plan.items)]
    if missing:
        keep = NextStep("Finish it first, or keep it in the new house rules")
        return Refused("wrong state", f"The new house rules know no “{missing[0]}”, which is open here.", next=(keep,))
    turn.pending.clear()
    turn.replan(plan)
    turn.emit(e.HouseRulesSwitched(house_version=command.house_version))
    _recall(turn, command)
    ask_all(turn)
    return None


def _recall(turn: Turn, command: c.SwitchHouseRules) -> None:
    """What has happened before counts for the new rules of order too: also what happened while a rule that comes back
    was not in force.
    """
    for rule in turn.plan.orders:
        known = turn.state.orders.get(rule.spec.says, {})
        for about, memory in command.orders.get(rule.spec.says, {}).items():
            if known.get(about) != memory:
                turn.emit(e.RuleAdvanced(rule=rule.spec.says, about=about, memory=memory))


def add_goal(turn: Turn, command: c.AddGoal) -> Refused | None:
    if command.key and command.key not in turn.plan.goals:
        known = ", ".join(sorted(turn.plan.goals)) or "none"
        return Refused(
            "not found", f"There is no goal “{command.key}” in the library of this case. Known are: {known}."
        )
    if not command.key and not command.title.strip():
        return Refused("invalid", "Say what is to be reached: a goal needs a title.")
    known_goal = turn.state.goal_by_key(command.key) if command.key else None
    if known_goal is not None and known_goal.status in ("available", "active"):
        return Refused("duplicate", f"The goal “{goals.title(turn, known_goal)}” is open in this case already.")
    refused = places(turn, command.parent, None)
    if refused is None and command.due is not None and command.due <= turn.now:
        refused = Refused("invalid", "A deadline lies in the future: give a later time.")
    if refused is not None:
        return refused
    goal = goals.add(turn, command.key, command.need, command.title, command.parent, True, command.priority)
    if command.due is not None and goal.status == "active":
        clock = clocks.moved(turn, turn.plan.clock_of_goal(goal.key), goal.clock, command.due)
        turn.emit(p.ClockMoved(goal=goal.id, clock=clock))
    return None


def reset_goal(turn: Turn, command: c.ResetGoal) -> Refused | None:
    goal = turn.state.goals.get(command.goal)
    if goal is None:
        return goals.no_such(turn, command.goal)
    title = goals.title(turn, goal)
    if goal.status in ("available", "active"):
        return Refused(
            "wrong state", f"“{title}” is {goal.status}: it is worked for still.", next=goals.nearest_way(turn, goal)
        )
    above = turn.state.goals.get(goal.parent or 0)
    if above is not None and above.status != "active":
        first = NextStep("Work for the goal above it first", "ResetGoal", {"goal": above.id})
        return Refused("wrong state", f"“{goals.title(turn, above)}”, above it, is {above.status}.", next=(first,))
    refused = unsaid(command.reason, "A goal is worked for again")
    if refused is None:
        turn.emit(p.GoalReset(goal=goal.id, key=goal.key, private=p.Why(reason=command.reason)))
        goals.open_again(turn, goal)
    return refused


def reach_goal(turn: Turn, command: c.ReachGoal) -> Refused | None:
    goal = goals.find_open(turn, command.goal)
    if isinstance(goal, Refused):
        return goal
    refused = mirrors.not_ours(turn, goal) or mirrors.must_wait(turn, goal)
    if refused is not None:
        return refused
    plan = turn.plan.goals.get(goal.key)
    if plan is not None and plan.reached is not None and not is_true(plan.reached.evaluate(turn.scope)):
        facts_read = {
            name: fact_words(turn.state, name) for name in sorted(plan.reached.reads) if name in turn.plan.facts
        }
        return Refused(
            "wrong state",
            f"“{goals.title(turn, goal)}” is reached by its rule: {plan.reached.text}",
            facts=facts_read,
            next=goals.nearest_way(turn, goal),
        )
    goals.reach(turn, goal)
    return None


def waive_goal(turn: Turn, command: c.WaiveGoal) -> Refused | None:
    goal = goals.find_open(turn, command.goal)
    if isinstance(goal, Refused):
        return goal
    if not command.reason.strip():
        return Refused("invalid", "A goal is waived with a reason: say why.")
    goals.waive(turn, goal, command.reason)
    return None


def cancel_goal(turn: Turn, command: c.CancelGoal) -> Refused | None:
    goal = goals.find_open(turn, command.goal)
    if isinstance(goal, Refused):
        return goal
    if goal.need == "required" and goal.key:
        way_on = NextStep("Waive the goal with a reason", "WaiveGoal", {"goal": goal.id})
        return Refused("wrong state", "A required goal is not cancelled; it is reached or waived.", next=(way_on,))
    goals.cancel(turn, goal, command.reason)
    return None


def choose_option(turn: Turn, command: c.ChooseOption) -> Refused | None:
    goal = goals.find_open(turn, command.goal)
    if isinstance(goal, Refused):
        return goal
    plan = turn.plan.goals.get(goal.key)
    option = plan.options.get(command.option) if plan else None
    if option is None and goal.way(command.option) is not None:
        return _choose_made_up(turn, goal, command.option)
    if option is None:
        return Refused(
            "not found",
            f"“{goals.title(turn, goal)}” has no option “{command.option}”.",
            next=goals.nearest_way(turn, goal),
        )
    if goal.status != "active":
        return Refused("wrong state", f"“{goals.title(turn, goal)}” is not open yet: something else comes first.")
    if turn.actor.kind == "customer" and not _open_to_customers(goal, plan, option):
        return Refused("rights", "This way is chosen by the people who work on the case.")
    if option.when is not None and not is_true(option.when.evaluate(turn.scope)):
        read = {name: fact_words(turn.state, name) for name in sorted(option.when.reads) if name in turn.plan.facts}
        return Refused(
            "wrong state",
            f"“{option.spec.title}” is open only when {option.when.text}",
            facts=read,
            next=goals.nearest_way(turn, goal),
        )
    standing = turn.state.items.get(goal.option_item or 0)
    if goal.option == command.option and standing is not None:
        return Refused("duplicate", f"“{option.spec.title}” is the chosen way already.")
    goals.choose(turn, goal, command.option)
    return None


def _choose_made_up(turn: Turn, goal: Goal, option: str) -> Refused | None:
    """A way that was made up in the case has no condition; the people who work on the case choose it."""
    if turn.actor.kind == "customer":
        return Refused("rights", "This way is chosen by the people who work on the case.")
    title = goals.option_title(turn, goal, option)
    if goal.status != "active":
        return Refused("wrong state", f"“{goals.title(turn, goal)}” is not open yet: something else comes first.")
    if goal.option == option and goal.option_item in turn.state.items:
        return Refused("duplicate", f"“{title}” is the chosen way already.")
    steps = goals.options_of(turn, goal)[option]
    refused = next((found for step in steps if (found := check_step(turn, step)) is not None), None)
    if refused is None:
        goals.choose(turn, goal, option)
    return refused


def _open_to_customers(goal: Goal, plan: GoalPlan | None, option: OptionPlan) -> bool:
    """A customer takes a way that is meant for them, and leaves one alone that the house has chosen."""
    chosen = plan.options.get(goal.option) if plan is not None and goal.option else None
    return option.spec.for_customer and (chosen is None or chosen.spec.for_customer)


def suspend_case(turn: Turn, command: c.SuspendCase) -> Refused | None:
    if not command.reason.strip():
        return Refused("invalid", "A case is suspended with a reason: say why.")
    turn.emit(e.CaseSuspended(private=e.ReasonPrivate(reason=command.reason)))
    items.pass_down(turn, None, "suspend")
    clocks.adjust(turn)
    return None


def resume_case(turn: Turn, command: c.ResumeCase) -> Refused | None:
    if turn.state.status != "suspended":
        return Refused("wrong state", f"This case is {turn.state.status}, not suspended.")
    stood = turn.state.suspended_at or turn.now
    turn.emit(e.CaseResumed())
    timing.give_back(turn, stood)
    items.pass_down(turn, None, "resume")
    return None


def terminate_case(turn: Turn, command: c.TerminateCase) -> Refused | None:
    if not command.reason.strip():
        return Refused("invalid", "A case is ended before its goals with a reason: say why.")
    refused = forbidden(turn, "close")
    if refused is None:
        end_all(turn)
        turn.emit(e.CaseTerminated(private=e.ReasonPrivate(reason=command.reason)))
    return refused


def reopen_case(turn: Turn, command: c.ReopenCase) -> Refused | None:
    if turn.state.status == "failed":
        stood = turn.state.suspended_at or turn.now
        turn.emit(e.CaseReopened(private=e.ReasonPrivate(reason=command.reason)))
        timing.give_back(turn, stood)
        return None
    if turn.state.status not in ("completed", "terminated"):
        return Refused("wrong state", f"This case is {turn.state.status} already.")
    goals.reopen(turn, command.reason)
    return None
