"""Fold one event into the state: a plain table of functions.

Nothing is decided here. No expression, calendar, rule or definition is read, and no function looks at a personal
field other than to keep it, so old histories fold alike whatever becomes of rules, code and erased persons (DESIGN
§2).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec

from caseloom.engine.case import events as e
from caseloom.engine.case.advice_events import AdviceAnswered
from caseloom.engine.case.evolve_clocks import CLOCK_FOLDS
from caseloom.engine.case.evolve_planned import PLANNED_FOLDS
from caseloom.engine.case.knowledge_events import KNOWLEDGE_EVENTS
from caseloom.engine.case.migrated import CaseMigrated
from caseloom.engine.case.state import CaseState, Counter, Fact, Goal, Item, Message, Promise
from caseloom.engine.case.subcase_events import SubCaseAsked, SubCaseEnded
from caseloom.engine.flow import evolve as flows
from caseloom.engine.flow.events import FLOW_EVENTS, FlowStarted
from caseloom.engine.spec.history import Event


class Stamp(msgspec.Struct, frozen=True):
    """Of the envelope, what folding needs: when, and by whom (an actor's id)."""

    at: datetime
    actor: str


ENDED: Final = ("completed", "terminated", "failed")
_NO_COUNT: Final = Counter()


def evolve(state: CaseState, event: Event, stamp: Stamp) -> None:
    """Fold `event` into `state`, in place.

    Raises:
        KeyError: the event does not belong to this history; a bug, or a damaged store.
    """
    _FOLDS[type(event)](state, event, stamp)


def _case_opened(s: CaseState, ev: e.CaseOpened, stamp: Stamp) -> None:
    s.id, s.customer, s.service_goal, s.version = ev.case, ev.customer, ev.service_goal, ev.version
    s.house_version, s.channel, s.team, s.owner = ev.house_version, ev.channel, ev.team, ev.owner
    s.title, s.contact_at, s.opened_at = ev.private.title, ev.contact_at, stamp.at
    s.waiting_since, s.participants, s.teams = stamp.at, (ev.customer,), (ev.team,)
    s.parent, s.parent_item = ev.parent, ev.parent_item


def _team(s: CaseState, team: str) -> None:
    if team and team not in s.teams:
        s.teams = (*s.teams, team)


def _case_classified(s: CaseState, ev: e.CaseClassified, stamp: Stamp) -> None:
    s.service_goal, s.version, s.team = ev.service_goal, ev.version, ev.team
    s.confirmed, s.awaits_confirmation, s.confirm_by = False, False, None
    # What was planned under another definition, or ended with the case, is not put back.
    s.undo = ()
    _team(s, ev.team)


def _house_rules_switched(s: CaseState, ev: e.HouseRulesSwitched, stamp: Stamp) -> None:
    s.house_version = ev.house_version


def _case_migrated(s: CaseState, ev: CaseMigrated, stamp: Stamp) -> None:
    s.version, s.undo, s.migrated_from = ev.version, (), 0 if ev.back else ev.before
    for number, key in ev.goals.items():
        goal = s.goals[number]
        goal.key = key
    for before, after in sorted({(s.items[number].key, key) for number, key in ev.items.items()}):
        was, more = s.counters.pop(before, _NO_COUNT), s.counters.get(after, _NO_COUNT)
        s.counters[after] = Counter(
            was.created + more.created, was.completed + more.completed, was.terminated + more.terminated
        )
    for number, key in ev.items.items():
        s.items[number].key = key
    for place, element in ev.elements.items():
        flow, _, before = place.partition(" ")
        flows.rename_element(s.flows[int(flow)], before, element)


def _sub_case_asked(s: CaseState, ev: SubCaseAsked, stamp: Stamp) -> None:
    s.items[ev.item].sub_case = ev.case


def _contact_linked(s: CaseState, ev: e.ContactLinked, stamp: Stamp) -> None:
    if ev.direction == "out":
        _answered(s, ev)
        return
    s.contacts_in += 1
    if ev.customer not in s.participants:
        s.participants = (*s.participants, ev.customer)
    if not ev.automatic:
        s.unanswered = (*s.unanswered, ev.contact)


def _answered(s: CaseState, ev: e.ContactLinked) -> None:
    """A machine's acknowledgement is no answer."""
    if not ev.automatic:
        s.contacts_out += 1
        s.unanswered = ()


def _contact_handled(s: CaseState, ev: e.ContactHandled, stamp: Stamp) -> None:
    s.unanswered = tuple(contact for contact in s.unanswered if contact != ev.contact)


def _fact_set(s: CaseState, ev: e.FactSet, stamp: Stamp) -> None:
    value = ev.private.value if ev.personal else ev.value
    s.facts[ev.name] = Fact(ev.type, value, ev.source, stamp.at)


def _goal_added(s: CaseState, ev: e.GoalAdded, stamp: Stamp) -> None:
    s.last = ev.goal
    s.goals[ev.goal] = Goal(ev.goal, ev.key, ev.need, "available", ev.parent, ev.group, ev.private.title)
    s.goals[ev.goal].by_hand, s.goals[ev.goal].priority = ev.by_hand, ev.priority


def _goal_opened(s: CaseState, ev: e.GoalOpened, stamp: Stamp) -> None:
    goal = s.goals[ev.goal]
    goal.status, goal.clock, goal.opened_at, goal.ended_at, goal.seen = "active", ev.clock, stamp.at, None, ()
    goal.timed = goal.timed or ev.clock is not None
    # There is work again: what the customer was asked to confirm is not the outcome any more.
    s.awaits_confirmation, s.confirm_by = False, None


def _goal_reached(s: CaseState, ev: e.GoalReached, stamp: Stamp) -> None:
    _end_goal(s, ev.goal, "reached", stamp)
    s.goals[ev.goal].late = ev.late


def _goal_waived(s: CaseState, ev: e.GoalWaived, stamp: Stamp) -> None:
    _end_goal(s, ev.goal, "waived", stamp)


def _goal_cancelled(s: CaseState, ev: e.GoalCancelled, stamp: Stamp) -> None:
    _end_goal(s, ev.goal, "cancelled", stamp)


def _end_goal(s: CaseState, number: int, status: Any, stamp: Stamp) -> None:
    goal = s.goals[number]
    goal.status, goal.clock, goal.ended_at = status, None, stamp.at
    s.asked = tuple(asked for asked in s.asked if asked != number)


def _option_chosen(s: CaseState, ev: e.OptionChosen, stamp: Stamp) -> None:
    goal = s.goals[ev.goal]
    goal.option, goal.option_item = ev.option, ev.item


def _occurrence_seen(s: CaseState, ev: e.OccurrenceSeen, stamp: Stamp) -> None:
    holder = s.items[ev.item] if ev.item is not None else s.goals[ev.goal or 0]
    holder.seen = (*holder.seen, ev.occurrence)


def _item_created(s: CaseState, ev: e.ItemCreated, stamp: Stamp) -> None:
    s.last = ev.item
    s.items[ev.item] = Item(
        ev.item, ev.key, ev.kind, ev.status, ev.parent, ev.goal, ev.option, ev.private.title, ev.form, ev.team, ev.role,
        ev.assignee, ev.waits_for, ev.by_customer, stamp.at, None, ev.clock, about=ev.about,
        required=ev.required, by_hand=ev.by_hand, letter=ev.letter, flow=ev.flow, node=ev.node,
    )  # fmt: skip
    _team(s, ev.team)
    counter = s.counters.get(ev.key, _NO_COUNT)
    s.counters[ev.key] = Counter(counter.created + 1, counter.completed, counter.terminated)


def _item_transitioned(s: CaseState, ev: e.ItemTransitioned, stamp: Stamp) -> None:
    item = s.items[ev.item]
    item.before = item.status if ev.status == "suspended" else None
    item.status = ev.status
    if ev.status not in ENDED or ev.status == "failed":
        item.clock, item.seen = ev.clock, ()
        return
    item.ended_at = stamp.at
    s.ended[ev.item] = s.items.pop(ev.item)
    if ev.status == "completed":
        _done_inside(s, item)
    was = s.counters.get(ev.key, _NO_COUNT)
    completed = ev.status == "completed"
    s.counters[ev.key] = Counter(was.created, was.completed + completed, was.terminated + (not completed))


def _done_inside(s: CaseState, item: Item) -> None:
    """What was made up in the case remembers that something was done in it."""
    stage, goal = s.items.get(item.parent or 0), s.goals.get(item.goal or 0)
    if stage is not None and stage.by_hand:
        stage.done += 1
    if goal is not None and goal.by_hand:
        goal.done += 1


def _task_assigned(s: CaseState, ev: e.TaskAssigned, stamp: Stamp) -> None:
    item = s.items[ev.item]
    item.assignee, item.team = ev.assignee, ev.team
    _team(s, ev.team)
    s.hand_overs += bool(ev.before)


def _task_reset(s: CaseState, ev: e.TaskReset, stamp: Stamp) -> None:
    item = s.items.get(ev.item)
    if item is not None:
        item.status, item.assignee, item.late = "active", "", False


def _case_handed_over(s: CaseState, ev: e.CaseHandedOver, stamp: Stamp) -> None:
    s.owner, s.team = ev.owner, ev.team
    _team(s, ev.team)
    s.hand_overs += bool(ev.before)


def _waiting_changed(s: CaseState, ev: e.WaitingChanged, stamp: Stamp) -> None:
    s.waits_for, s.waiting_since = ev.waits_for, stamp.at


def _message_requested(s: CaseState, ev: e.MessageRequested, stamp: Stamp) -> None:
    s.messages[ev.contact] = Message(ev.contact, ev.item, ev.letter, "requested", stamp.actor, ev.overridden)
    if ev.item is not None and ev.item in s.items:
        s.items[ev.item].message = ev.contact


def _message_settled(s: CaseState, ev: e.MessageSettled, stamp: Stamp) -> None:
    message = s.messages[ev.contact]
    message.status = ev.status
    if ev.status == "accepted":
        del s.messages[ev.contact]
    if message.item is not None and message.item in s.items and ev.status == "rejected":
        s.items[message.item].message = None


def _promise_made(s: CaseState, ev: e.PromiseMade, stamp: Stamp) -> None:
    s.last = ev.promise
    s.promises[ev.promise] = Promise(ev.promise, ev.private.text, ev.due)


def _promise_ended(s: CaseState, ev: e.PromiseKept | e.PromiseBroken, stamp: Stamp) -> None:
    s.kept[ev.promise] = s.promises.pop(ev.promise)


def _perception_asked(s: CaseState, ev: e.PerceptionAsked, stamp: Stamp) -> None:
    s.asked = (*s.asked, ev.goal)


def _perception_recorded(s: CaseState, ev: e.PerceptionRecorded, stamp: Stamp) -> None:
    s.perception = ev.score
    s.perceptions += 1
    s.asked = tuple(goal for goal in s.asked if goal != ev.goal)


def _confirmation_asked(s: CaseState, ev: e.ConfirmationAsked, stamp: Stamp) -> None:
    s.awaits_confirmation, s.confirm_by = True, ev.by


def _outcome_confirmed(s: CaseState, ev: e.OutcomeConfirmed, stamp: Stamp) -> None:
    s.confirmed, s.awaits_confirmation, s.confirm_by = True, False, None


def _outcome_denied(s: CaseState, ev: e.OutcomeDenied, stamp: Stamp) -> None:
    s.confirmed, s.awaits_confirmation, s.confirm_by = False, False, None


def _reaction_fired(s: CaseState, ev: e.ReactionFired, stamp: Stamp) -> None:
    s.rules[ev.rule] = True


def _rule_rested(s: CaseState, ev: e.RuleRested, stamp: Stamp) -> None:
    s.rules.pop(ev.rule, None)


def _rule_moved(s: CaseState, ev: e.RuleAdvanced | e.RuleBroken, stamp: Stamp) -> None:
    memories = s.orders.setdefault(ev.rule, {})
    memories[ev.about] = ev.memory


def _offer_made(s: CaseState, ev: e.OfferMade, stamp: Stamp) -> None:
    s.offers[ev.offer] = "made"


def _offer_answered(s: CaseState, ev: e.OfferAnswered, stamp: Stamp) -> None:
    s.offers[ev.offer] = ev.outcome


def _advice_answered(s: CaseState, ev: AdviceAnswered, stamp: Stamp) -> None:
    s.advice.pop(ev.action, None)
    if ev.answer != "taken":
        s.advice[ev.action] = (ev.answer, stamp.at)


def _nothing(s: CaseState, ev: Event, stamp: Stamp) -> None:
    """Told for the history alone."""


def _case_suspended(s: CaseState, ev: e.CaseSuspended, stamp: Stamp) -> None:
    s.status, s.suspended_at = "suspended", stamp.at


def _case_resumed(s: CaseState, ev: e.CaseResumed, stamp: Stamp) -> None:
    s.status, s.suspended_at = "active", None


def _case_reopened(s: CaseState, ev: e.CaseReopened, stamp: Stamp) -> None:
    s.status, s.ended_at, s.confirmed = "active", None, False


def _case_ended(s: CaseState, ev: e.CaseCompleted | e.CaseTerminated, stamp: Stamp) -> None:
    s.status = "completed" if isinstance(ev, e.CaseCompleted) else "terminated"
    s.undo = ()
    s.ended_at, s.unanswered, s.awaits_confirmation, s.confirm_by = stamp.at, (), False, None


def _case_failed(s: CaseState, ev: e.CaseFailed, stamp: Stamp) -> None:
    s.status, s.suspended_at = "failed", stamp.at


def _case_closed(s: CaseState, ev: e.CaseClosed, stamp: Stamp) -> None:
    s.status, s.ended_at, s.suspended_at = "closed", s.ended_at or stamp.at, None
    s.unanswered, s.awaits_confirmation, s.confirm_by = (), False, None


def _of_flow(s: CaseState, ev: Event, stamp: Stamp) -> None:
    flows.evolve(s.flows, ev)


def _flow_started(s: CaseState, ev: FlowStarted, stamp: Stamp) -> None:
    s.last = ev.flow
    if ev.item in s.items:
        s.items[ev.item].flow = ev.flow
    flows.evolve(s.flows, ev)


_FOLDS: Final[dict[type[Event], Callable[[CaseState, Any, Stamp], None]]] = {
    e.CaseOpened: _case_opened,
    SubCaseAsked: _sub_case_asked,
    SubCaseEnded: _nothing,
    e.CaseClassified: _case_classified,
    e.HouseRulesSwitched: _house_rules_switched,
    CaseMigrated: _case_migrated,
    e.ContactLinked: _contact_linked,
    e.ContactHandled: _contact_handled,
    e.FactSet: _fact_set,
    e.GoalAdded: _goal_added,
    e.GoalOpened: _goal_opened,
    e.GoalReached: _goal_reached,
    e.GoalWaived: _goal_waived,
    e.GoalCancelled: _goal_cancelled,
    e.OptionChosen: _option_chosen,
    e.OccurrenceSeen: _occurrence_seen,
    e.ItemCreated: _item_created,
    e.ItemTransitioned: _item_transitioned,
    e.TaskAssigned: _task_assigned,
    e.TaskReset: _task_reset,
    e.CaseHandedOver: _case_handed_over,
    e.WaitingChanged: _waiting_changed,
    e.MessageRequested: _message_requested,
    e.MessageSettled: _message_settled,
    e.DecisionMade: _nothing,
    e.PromiseMade: _promise_made,
    e.PromiseKept: _promise_ended,
    e.PromiseBroken: _promise_ended,
    e.PerceptionAsked: _perception_asked,
    e.PerceptionRecorded: _perception_recorded,
    e.ConfirmationAsked: _confirmation_asked,
    e.OutcomeConfirmed: _outcome_confirmed,
    e.OutcomeDenied: _outcome_denied,
    e.ReactionFired: _reaction_fired,
    e.RuleRested: _rule_rested,
    e.RuleAdvanced: _rule_moved,
    e.RuleBroken: _rule_moved,
    e.RuleOverridden: _nothing,
    e.Told: _nothing,
    e.OfferMade: _offer_made,
    e.OfferAnswered: _offer_answered,
    AdviceAnswered: _advice_answered,
    **dict.fromkeys(KNOWLEDGE_EVENTS, _nothing),
    e.NoteAdded: _nothing,
    e.CaseSuspended: _case_suspended,
    e.CaseResumed: _case_resumed,
    e.CaseCompleted: _case_ended,
    e.CaseTerminated: _case_ended,
    e.CaseReopened: _case_reopened,
    e.CaseFailed: _case_failed,
    e.CaseClosed: _case_closed,
    **PLANNED_FOLDS,
    **CLOCK_FOLDS,
    **{event: _of_flow for event in FLOW_EVENTS},
    FlowStarted: _flow_started,
}
