"""What happens to a case, as it is told for ever.

Events carry whatever `decide` worked out (deadlines, ids, texts), so that folding them needs no definition, calendar or
rule (DESIGN §2).
"""

from datetime import datetime
from typing import Any, Literal

from caseloom.engine.case.advice_events import AdviceAnswered
from caseloom.engine.case.clock_events import CLOCK_EVENTS
from caseloom.engine.case.knowledge_events import KNOWLEDGE_EVENTS
from caseloom.engine.case.migrated import CaseMigrated
from caseloom.engine.case.planned import PLANNED
from caseloom.engine.case.state import Clock, ItemKind, ItemStatus
from caseloom.engine.case.subcase_events import SubCaseAsked, SubCaseEnded
from caseloom.engine.flow.events import FLOW_EVENTS
from caseloom.engine.rules.order import Memory
from caseloom.engine.spec.history import Event, Private
from caseloom.engine.spec.service_goal import Need, Priority, Waiting


class TitlePrivate(Private, frozen=True):
    title: str = ""


class ReasonPrivate(Private, frozen=True):
    reason: str = ""


class TextPrivate(Private, frozen=True):
    text: str = ""


class ValuePrivate(Private, frozen=True):
    value: Any = None


class CaseOpened(Event, frozen=True, kw_only=True):
    stored = "case_opened.1"
    case: int
    customer: int
    service_goal: str
    version: int
    house_version: int
    channel: str
    team: str
    contact_at: datetime
    owner: str = ""
    parent: int = 0
    """The case that asked for this one, and there the task."""
    parent_item: int = 0
    private: TitlePrivate = TitlePrivate()


class CaseClassified(Event, frozen=True, kw_only=True):
    """A case from nothing got its service goal, or another one."""

    stored = "case_classified.1"
    service_goal: str
    version: int
    team: str


class HouseRulesSwitched(Event, frozen=True, kw_only=True):
    """The case goes on under another version of the house rules."""

    stored = "house_rules_switched.1"
    house_version: int


class ContactLinked(Event, frozen=True, kw_only=True):
    stored = "contact_linked.1"
    contact: int
    channel: str
    direction: Literal["in", "out"]
    at: datetime
    customer: int
    automatic: bool = False


class ContactHandled(Event, frozen=True, kw_only=True):
    """An inbound contact needs no answer."""

    stored = "contact_handled.1"
    contact: int


class FactSet(Event, frozen=True, kw_only=True):
    """A personal value stands in `private`, any other in `value`."""

    stored = "fact_set.1"
    name: str
    type: str
    source: str
    value: Any = None
    private: ValuePrivate = ValuePrivate()
    personal: bool = False


class GoalAdded(Event, frozen=True, kw_only=True):
    stored = "goal_added.1"
    goal: int
    key: str
    need: Need
    parent: int | None = None
    group: str = ""
    by_hand: bool = False
    priority: Priority = "normal"
    private: TitlePrivate = TitlePrivate()


class GoalOpened(Event, frozen=True, kw_only=True):
    stored = "goal_opened.1"
    goal: int
    clock: Clock | None = None


class GoalReached(Event, frozen=True, kw_only=True):
    stored = "goal_reached.1"
    goal: int
    key: str
    late: bool = False


class GoalWaived(Event, frozen=True, kw_only=True):
    stored = "goal_waived.1"
    goal: int
    key: str
    private: ReasonPrivate = ReasonPrivate()


class GoalCancelled(Event, frozen=True, kw_only=True):
    stored = "goal_cancelled.1"
    goal: int
    key: str
    private: ReasonPrivate = ReasonPrivate()


class GoalWarned(Event, frozen=True, kw_only=True):
    """`term` is how long before its deadline, where the clock warns more than once."""

    stored = "goal_warned.1"
    goal: int
    key: str
    term: str = ""


class GoalBreached(Event, frozen=True, kw_only=True):
    stored = "goal_breached.1"
    goal: int
    key: str
    due: datetime


class OptionChosen(Event, frozen=True, kw_only=True):
    stored = "option_chosen.1"
    goal: int
    option: str
    item: int
    instead_of: str = ""
    private: ReasonPrivate = ReasonPrivate()


class OccurrenceSeen(Event, frozen=True, kw_only=True):
    """An on-part of a sentry has come (CMMN 1.1 §5.4.6)."""

    stored = "occurrence_seen.1"
    occurrence: str
    item: int | None = None
    goal: int | None = None


class ItemCreated(Event, frozen=True, kw_only=True):
    stored = "item_created.1"
    item: int
    key: str
    kind: ItemKind
    status: ItemStatus
    parent: int | None = None
    goal: int | None = None
    option: bool = False
    form: tuple[str, ...] = ()
    team: str = ""
    role: str = ""
    assignee: str = ""
    waits_for: Waiting = "us"
    by_customer: bool = False
    clock: Clock | None = None
    instead_of: int | None = None
    about: str = ""
    """The id of the object that the task is about: one of the list that the task's definition names."""
    by_hand: bool = False
    letter: str = ""
    from_case: int | None = None
    """The earlier case that it was brought over from."""
    required: bool | None = None
    """What its required rule says, where that is an expression (CMMN 1.1 §8.6.3)."""
    flow: int = 0
    """The flow that it is a step of, there the instance `node` of an element."""
    node: int = 0
    private: TitlePrivate = TitlePrivate()


class ItemTransitioned(Event, frozen=True, kw_only=True):
    """A transition of CMMN 1.1 §8.4.2 or §8.4.3; `clock` is set where the new state starts one. `criterion` is the name
    of the criterion that was met, where it has one.
    """

    stored = "item_transitioned.1"
    item: int
    key: str
    kind: ItemKind
    transition: str
    status: ItemStatus
    clock: Clock | None = None
    criterion: str = ""
    private: ReasonPrivate = ReasonPrivate()


class TaskAssigned(Event, frozen=True, kw_only=True):
    """`before` is who had it; a change of a person or team is a hand-over, a break point."""

    stored = "task_assigned.1"
    item: int
    key: str
    assignee: str
    team: str
    before: str = ""


class TaskReset(Event, frozen=True, kw_only=True):
    stored = "task_reset.1"
    item: int
    key: str
    private: ReasonPrivate = ReasonPrivate()


class TaskLate(Event, frozen=True, kw_only=True):
    stored = "task_late.1"
    item: int
    key: str
    due: datetime


class CaseHandedOver(Event, frozen=True, kw_only=True):
    stored = "case_handed_over.1"
    owner: str
    team: str
    before: str
    private: ReasonPrivate = ReasonPrivate()


class ClockPaused(Event, frozen=True, kw_only=True):
    """`left` is what remains of the term, in seconds of its own kind of time. `clock` is set where more than these two
    figures remains.
    """

    stored = "clock_paused.1"
    left: float
    left_to_warn: float | None = None
    goal: int | None = None
    item: int | None = None
    clock: Clock | None = None


class ClockResumed(Event, frozen=True, kw_only=True):
    stored = "clock_resumed.1"
    clock: Clock
    goal: int | None = None
    item: int | None = None


class WaitingChanged(Event, frozen=True, kw_only=True):
    stored = "waiting_changed.1"
    waits_for: Waiting
    before: Waiting


class MessageRequested(Event, frozen=True, kw_only=True):
    """A contact is to go out. The words are the customer's, sealed under their key."""

    class Words(Private, frozen=True):
        to: str = ""
        subject: str = ""
        text: str = ""

    stored = "message_requested.1"
    contact: int
    channel: str
    letter: str = ""
    item: int | None = None
    automatic: bool = False
    answers: int | None = None
    attachments: tuple[int, ...] = ()
    overridden: tuple[str, ...] = ()
    """The rules on the task that it fulfils which the sender crossed with a reason."""
    private: Words = Words()


class MessageSettled(Event, frozen=True, kw_only=True):
    """What became of it: the other side accepted it, refused it, or nobody can tell."""

    stored = "message_settled.1"
    contact: int
    status: Literal["accepted", "rejected", "unknown"]
    private: ReasonPrivate = ReasonPrivate()


class DecisionMade(Event, frozen=True, kw_only=True):
    """A decision task was entered: what its model was given and what it came to, `null` with the reasons. Values stand
    in the wire form of a member of an object.
    """

    class Grounds(Private, frozen=True):
        inputs: dict[str, Any] = {}
        result: Any = None
        notes: tuple[str, ...] = ()

    stored = "decision_made.1"
    item: int
    key: str
    model: str
    version: int
    decision: str
    private: Grounds = Grounds()


class PromiseMade(Event, frozen=True, kw_only=True):
    stored = "promise_made.1"
    promise: int
    due: datetime
    private: TextPrivate = TextPrivate()


class PromiseKept(Event, frozen=True, kw_only=True):
    stored = "promise_kept.1"
    promise: int


class PromiseBroken(Event, frozen=True, kw_only=True):
    stored = "promise_broken.1"
    promise: int


class PerceptionAsked(Event, frozen=True, kw_only=True):
    stored = "perception_asked.1"
    goal: int


class PerceptionRecorded(Event, frozen=True, kw_only=True):
    """`score` from 1 (very bad) to 5 (very good), at the moment of truth `goal`, or in between (None)."""

    stored = "perception_recorded.1"
    score: int
    goal: int | None = None
    private: TextPrivate = TextPrivate()


class ConfirmationAsked(Event, frozen=True, kw_only=True):
    stored = "confirmation_asked.1"
    by: datetime


class OutcomeConfirmed(Event, frozen=True, kw_only=True):
    stored = "outcome_confirmed.1"
    by_silence: bool = False


class OutcomeDenied(Event, frozen=True, kw_only=True):
    """The customer says that it is not reached after all."""

    stored = "outcome_denied.1"
    private: TextPrivate = TextPrivate()


class ReactionFired(Event, frozen=True, kw_only=True):
    stored = "reaction_fired.1"
    rule: str
    says: str


class RuleRested(Event, frozen=True, kw_only=True):
    """The condition of a reaction holds no longer, so that it may fire again."""

    stored = "rule_rested.1"
    rule: str


class RuleAdvanced(Event, frozen=True, kw_only=True):
    """An act moved the automaton of a rule of order or time. `about` is the id of the object that it speaks of; the
    empty one stands for the case, or for the objects that have had no act of their own yet.
    """

    stored = "rule_advanced.1"
    rule: str
    about: str = ""
    memory: Memory


class RuleBroken(Event, frozen=True, kw_only=True):
    """A term of a rule has run out at `due`, or the world did what the rule forbids; nobody could be refused."""

    stored = "rule_broken.1"
    rule: str
    about: str = ""
    memory: Memory
    due: datetime | None = None


class RuleOverridden(Event, frozen=True, kw_only=True):
    """Somebody whom the rule names crossed it, with a reason."""

    stored = "rule_overridden.1"
    rule: str
    private: ReasonPrivate = ReasonPrivate()


class Told(Event, frozen=True, kw_only=True):
    stored = "told.1"
    whom: str
    says: str


class OfferMade(Event, frozen=True, kw_only=True):
    stored = "offer_made.1"
    offer: str


class OfferAnswered(Event, frozen=True, kw_only=True):
    stored = "offer_answered.1"
    offer: str
    outcome: Literal["accepted", "declined", "later"]


class NoteAdded(Event, frozen=True, kw_only=True):
    stored = "note_added.1"
    private: TextPrivate = TextPrivate()


class CaseSuspended(Event, frozen=True, kw_only=True):
    stored = "case_suspended.1"
    private: ReasonPrivate = ReasonPrivate()


class CaseResumed(Event, frozen=True, kw_only=True):
    stored = "case_resumed.1"


class CaseCompleted(Event, frozen=True, kw_only=True):
    """Every required goal is reached or waived, and confirmed where that is asked (DESIGN §4)."""

    stored = "case_completed.1"
    ends_relation: bool = False
    """The customer has left by it."""


class CaseTerminated(Event, frozen=True, kw_only=True):
    stored = "case_terminated.1"
    private: ReasonPrivate = ReasonPrivate()


class CaseFailed(Event, frozen=True, kw_only=True):
    """CMMN 1.1 §8.4.1, fault: nothing moves in the case until it is reopened."""

    stored = "case_failed.1"
    private: ReasonPrivate = ReasonPrivate()


class CaseClosed(Event, frozen=True, kw_only=True):
    """CMMN 1.1 §8.4.1, close: the case is only read from now on."""

    stored = "case_closed.1"
    private: ReasonPrivate = ReasonPrivate()


class CaseReopened(Event, frozen=True, kw_only=True):
    """CMMN 1.1 §8.4.1, reactivate."""

    stored = "case_reopened.1"
    private: ReasonPrivate = ReasonPrivate()


CASE_EVENTS: tuple[type[Event], ...] = (
    CaseOpened, CaseClassified, HouseRulesSwitched, ContactLinked, ContactHandled, FactSet, GoalAdded,
    GoalOpened, GoalReached, GoalWaived, GoalCancelled, GoalWarned, GoalBreached, OptionChosen, OccurrenceSeen,
    ItemCreated, ItemTransitioned, TaskAssigned, TaskReset, TaskLate, CaseHandedOver, ClockPaused, ClockResumed,
    WaitingChanged, MessageRequested, MessageSettled, DecisionMade, PromiseMade, PromiseKept, PromiseBroken,
    PerceptionAsked, PerceptionRecorded, ConfirmationAsked, OutcomeConfirmed, OutcomeDenied, ReactionFired, RuleRested,
    RuleAdvanced, RuleBroken, RuleOverridden, Told, OfferMade, OfferAnswered, NoteAdded, CaseSuspended,
    CaseResumed, CaseCompleted, CaseTerminated, CaseReopened, CaseFailed,
    CaseClosed, CaseMigrated, SubCaseAsked, SubCaseEnded, AdviceAnswered, *KNOWLEDGE_EVENTS, *PLANNED,
    *CLOCK_EVENTS, *FLOW_EVENTS,
)  # fmt: skip
"""All that a case's history may hold."""
