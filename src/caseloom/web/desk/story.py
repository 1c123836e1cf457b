"""The timeline of a case: contacts and steps as one story, newest first; what the system did by itself is folded."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal

import msgspec
from django.utils.translation import gettext as _

from caseloom.cases.queries import CaseView
from caseloom.channels.mail.threading import case_number
from caseloom.engine.case import clock_events as k
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.advice_events import AdviceAnswered
from caseloom.engine.case.knowledge_events import KnowledgeRated, KnowledgeUsed
from caseloom.engine.case.migrated import CaseMigrated
from caseloom.engine.case.state import Fact
from caseloom.engine.case.subcase_events import SubCaseAsked, SubCaseEnded
from caseloom.engine.rules import letter
from caseloom.engine.spec.history import Event
from caseloom.engine.spec.values import from_wire
from caseloom.sdk.stream import Recorded
from caseloom.web.desk.fields import value_words
from caseloom.web.desk.flow_story import FLOW_STEPS
from caseloom.web.desk.flow_story import Tell as TellFlow
from caseloom.web.desk.goals import goal_title
from caseloom.web.desk.people import actor_name, team_titles
from caseloom.web.desk.undo import undone_words
from caseloom.web.words import channel_words, initials

Kind = Literal["contact", "message", "note", "rating", "step", "goal", "system"]
DELIVERY: Final = ("requested", "accepted", "rejected", "unknown")


class Attachment(msgspec.Struct, frozen=True):
    number: int
    name: str
    size: int


class Said(msgspec.Struct, frozen=True):
    """The words of a contact as the desk shows them."""

    subject: str = ""
    text: str = ""
    quoted: str = ""
    who: str = ""
    to: str = ""
    has_html: bool = False
    attachments: tuple[Attachment, ...] = ()
    bounced: bool = False


class Entry(msgspec.Struct, frozen=True):
    """One line of the story. `folded` holds the system's steps where it stands for several."""

    kind: Kind
    at: datetime
    version: int
    who: str
    initials: str
    says: str
    text: str = ""
    icon: str = "check"
    contact: int = 0
    channel: str = ""
    direction: str = ""
    words: Said | None = None
    delivery: str = ""
    delivery_says: str = ""
    score: int | None = None
    waits: bool = False
    item: int = 0
    """The task that it tells the end of."""
    folded: tuple["Entry", ...] = ()


class Teller:
    """Turns events into sentences, with the names that stand behind keys and ids."""

    def __init__(self, view: CaseView, customer: str, contacts: Mapping[int, Said]) -> None:
        self.view, self.customer, self.contacts = view, customer, contacts
        self.settled: dict[int, str] = {number: message.status for number, message in view.state.messages.items()}

    def goal(self, number: int | None, key: str = "") -> str:
        goal = self.view.state.goals.get(number or 0)
        return goal_title(self.view.plan, goal) or key

    def task(self, key: str, number: int) -> str:
        item = self.view.state.items.get(number)
        known = self.view.plan.items.get(key)
        return (item.title if item else "") or (known.spec.title if known else "") or key or _("a task")

    def option(self, number: int, key: str) -> str:
        goal = self.view.state.goals.get(number)
        plan = self.view.plan.goals.get(goal.key) if goal is not None else None
        if plan is not None and key in plan.options:
            return plan.options[key].spec.title
        way = goal.way(key) if goal is not None else None
        return (way.title if way is not None else "") or _("a way")

    def fact(self, name: str) -> str:
        spec = self.view.plan.facts.get(name)
        return (spec.label if spec else "") or name

    def letter(self, key: str) -> str:
        known = self.view.plan.letters.get(key)
        return (known.title if known else "") or key


def story(view: CaseView, history: Sequence[Recorded], customer: str, contacts: Mapping[int, Said]) -> list[Entry]:
    """The entries of these events, newest first."""
    teller = Teller(view, customer, contacts)
    teller.settled |= {
        recorded.event.contact: recorded.event.status
        for recorded in history
        if isinstance(recorded.event, e.MessageSettled)
    }
    written = {recorded.event.contact for recorded in history if isinstance(recorded.event, e.MessageRequested)}
    told = [entry for recorded in history if (entry := _entry(teller, recorded, written)) is not None]
    return list(_fold(reversed(told)))


def _fold(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Neighbouring steps of the system become one line that opens."""
    steps: list[Entry] = []
    for entry in entries:
        if entry.kind == "system":
            steps.append(entry)
            continue
        if steps:
            yield _folded(steps)
            steps = []
        yield entry
    if steps:
        yield _folded(steps)


def _folded(steps: list[Entry]) -> Entry:
    return msgspec.structs.replace(steps[0], folded=tuple(steps))


def _entry(teller: Teller, recorded: Recorded, written: set[int]) -> Entry | None:
    event = recorded.event
    if isinstance(event, e.ContactLinked):
        return None if event.contact in written else _contact(teller, recorded, event)
    if isinstance(event, e.MessageRequested):
        return _message(teller, recorded, event)
    if isinstance(event, e.PerceptionRecorded):
        says = (
            _("says how it goes: %(goal)s") % {"goal": teller.goal(event.goal)} if event.goal else _("says how it goes")
        )
        return _made(teller, recorded, "rating", says, event.private.text, "star", score=event.score, who="customer:")
    told = _STEPS.get(type(event))
    if told is None:
        return None
    kind, icon, tell = told
    taken = isinstance(event, e.CaseHandedOver) and event.owner == recorded.actor
    says = _("took the case") if taken else tell(teller, event)
    return _made(teller, recorded, kind, says, _own_words(event), icon, item=_done(event)) if says else None


def _done(event: Event) -> int:
    """The task that ended by an event, 0 for none: it can be begun anew from the story."""
    if isinstance(event, e.ItemTransitioned) and event.kind == "task" and event.status in ("completed", "terminated"):
        return event.item
    return 0


def _own_words(event: Any) -> str:
    private = getattr(event, "private", None)
    return getattr(private, "text", "") or getattr(private, "reason", "") or getattr(private, "message", "")


def _made(
    teller: Teller, recorded: Recorded, kind: Kind, says: str, text: str, icon: str, who: str = "", **more: Any
) -> Entry:
    name = actor_name(who or recorded.actor, teller.customer)
    return Entry(kind, recorded.at, recorded.version, name, initials(name), says, text, icon, **more)


def _contact(teller: Teller, recorded: Recorded, event: e.ContactLinked) -> Entry:
    words = teller.contacts.get(event.contact, Said())
    channel = channel_words(event.channel)
    says = _("wrote to us by %s") % channel if event.direction == "in" else _("we wrote by %s") % channel
    if event.channel in ("phone", "counter"):
        says = _("spoke with us (%s)") % channel
    name = words.who or (teller.customer if event.direction == "in" else actor_name(recorded.actor))
    return Entry(
        "contact", event.at, recorded.version, name, initials(name), says, words.text, "mail", event.contact,
        event.channel, event.direction, words, waits=event.contact in teller.view.state.unanswered,
    )  # fmt: skip


def _message(teller: Teller, recorded: Recorded, event: e.MessageRequested) -> Entry:
    status = teller.settled.get(event.contact, "requested")
    words = teller.contacts.get(event.contact, Said())
    mine = Said(
        event.private.subject,
        event.private.text,
        to=event.private.to,
        attachments=words.attachments,
        bounced=words.bounced,
    )
    name = actor_name(recorded.actor)
    says = _("sent “%s”") % teller.letter(event.letter) if event.letter else _("wrote to the customer")
    return Entry(
        "message", recorded.at, recorded.version, name, initials(name), says, event.private.text, "send", event.contact,
        event.channel, "out", mine, status, delivery_words("bounced" if words.bounced else status),
    )  # fmt: skip


def delivery_words(status: str) -> str:
    """What became of a message, in words."""
    return {
        "requested": _("on its way"),
        "accepted": _("accepted by their mail server"),
        "rejected": _("rejected by their mail server"),
        "unknown": _("not known whether it arrived"),
        "bounced": _("came back"),
    }.get(status, status)


def _moved(teller: Teller, event: e.ItemTransitioned) -> str:
    if event.kind == "stage":
        return ""
    title = teller.task(event.key, event.item)
    if event.kind == "milestone":
        return _("came to the point “%s”") % title if event.status == "completed" else ""
    return (
        {
            "complete": _("did “%s”"),
            "terminate": _("cancelled “%s”"),
            "fault": _("could not do “%s”"),
            "manual start": _("began “%s”"),
        }.get(event.transition, "")
        % title
        if event.transition in ("complete", "terminate", "fault", "manual start")
        else ""
    )


def _handed(teller: Teller, event: e.CaseHandedOver) -> str:
    if event.owner:
        return _("gave the case to %s") % actor_name(event.owner)
    return _("put the case back to %s") % team_titles().get(event.team, event.team)


def _assigned(teller: Teller, event: e.TaskAssigned) -> str:
    whom = actor_name(event.assignee) if event.assignee else team_titles().get(event.team, event.team)
    return _("gave “%(task)s” to %(whom)s") % {"task": teller.task(event.key, event.item), "whom": whom}


def _fact(teller: Teller, event: e.FactSet) -> str:
    value = value_words(Fact(event.type, event.private.value if event.personal else event.value, "", _EPOCH))
    return _("noted %(fact)s: %(value)s") % {"fact": teller.fact(event.name), "value": value or _("not known")}


def _decided(teller: Teller, event: e.DecisionMade) -> str:
    given = ", ".join(f"{name}: {_member(value)}" for name, value in event.private.inputs.items())
    words = {"decision": event.decision, "result": _member(event.private.result), "inputs": given}
    return _("decided “%(decision)s”: %(result)s (%(inputs)s)") % words


def _member(wire: Any) -> str:
    """A value of a decision, as it stands in the event, in words."""
    value: Any = from_wire("object", {"": wire})
    return _("not known") if value[""] is None else letter.words(value[""])


def _option(teller: Teller, event: e.OptionChosen) -> str:
    words = {"way": teller.option(event.goal, event.option), "goal": teller.goal(event.goal)}
    if event.instead_of == event.option:
        return _("began “%(way)s” for “%(goal)s” anew") % words
    return _("chose “%(way)s” for “%(goal)s”") % words


def _made_up(teller: Teller, event: p.OptionCreated) -> str:
    words = {"way": event.private.title or _("a way"), "goal": teller.goal(event.goal)}
    if event.from_case is not None:
        words["case"] = str(event.from_case)
        return _("brought “%(way)s” over for “%(goal)s” from case %(case)s") % words
    return _("made up “%(way)s” for “%(goal)s”") % words


def _moved_clock(teller: Teller, event: p.ClockMoved) -> str:
    what = teller.goal(event.goal) if event.goal is not None else teller.task("", event.item or 0)
    return _("moved the deadline of “%s”") % what if event.clock else _("took the deadline of “%s” away") % what


def _of_flow(tell: TellFlow, teller: Teller, event: Any) -> str:
    return tell(teller.view, event)


_EPOCH: Final = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
Tell = Callable[[Teller, Any], str]


def _advice_answered(ev: AdviceAnswered) -> str:
    said = {"taken": _("took an advice"), "put off": _("put an advice off"), "declined": _("declined an advice")}
    return said[ev.answer] + (f": {ev.private.reason}" if ev.private.reason else "")


def _knowledge_rated(ev: KnowledgeRated) -> str:
    title = ev.article.rpartition(":")[2]
    says = _("“%s” helped") if ev.helped else _("“%s” did not help")
    return says % title + (f": {ev.private.word}" if ev.private.word else "")


_STEPS: Final[dict[type[Event], tuple[Kind, str, Tell]]] = {
    e.CaseOpened: ("step", "plus", lambda t, ev: _("opened the case (%s)") % channel_words(ev.channel)),
    e.HouseRulesSwitched: (
        "system",
        "gear",
        lambda t, ev: _("Version %s of the house rules binds the case from here on") % ev.house_version,
    ),
    SubCaseAsked: ("system", "plus", lambda t, ev: _("opens case %s for this task") % case_number(ev.case)),
    SubCaseEnded: ("system", "check", lambda t, ev: _("case %s has ended") % case_number(ev.case)),
    CaseMigrated: (
        "system",
        "gear",
        lambda t, ev: _("Version %s of the service goal guides the case from here on") % ev.version,
    ),
    e.CaseClassified: ("step", "flag", lambda t, ev: _("found out what is wanted")),
    e.ContactHandled: ("step", "check", lambda t, ev: _("marked a contact as needing no answer")),
    e.FactSet: ("system", "list", _fact),
    e.GoalAdded: ("system", "flag", lambda t, ev: _("The goal “%s” came in") % t.goal(ev.goal, ev.key)),
    e.GoalOpened: ("system", "flag", lambda t, ev: _("The goal “%s” is worked for from here") % t.goal(ev.goal)),
    e.GoalReached: ("goal", "check", lambda t, ev: _("Goal reached: %s") % t.goal(ev.goal, ev.key)),
    e.GoalWaived: ("goal", "flag", lambda t, ev: _("waived the goal “%s”") % t.goal(ev.goal, ev.key)),
    e.GoalCancelled: (
        "system",
        "flag",
        lambda t, ev: _("The goal “%s” is not needed any more") % t.goal(ev.goal, ev.key),
    ),
    e.GoalWarned: ("goal", "clock", lambda t, ev: _("Soon due: %s") % t.goal(ev.goal, ev.key)),
    e.GoalBreached: ("goal", "clock", lambda t, ev: _("Late: %s") % t.goal(ev.goal, ev.key)),
    e.OptionChosen: ("step", "right", _option),
    e.ItemTransitioned: ("step", "check", _moved),
    e.ItemCreated: (
        "system",
        "list",
        lambda t, ev: _("New task: %s") % t.task(ev.key, ev.item) if ev.kind == "task" else "",
    ),
    e.TaskAssigned: ("step", "person", _assigned),
    e.TaskReset: ("step", "list", lambda t, ev: _("began “%s” anew") % t.task(ev.key, ev.item)),
    e.TaskLate: ("goal", "clock", lambda t, ev: _("Late: %s") % t.task(ev.key, ev.item)),
    k.TaskWarned: ("goal", "clock", lambda t, ev: _("Soon due: %s") % t.task(ev.key, ev.item)),
    k.TaskEscalated: (
        "goal",
        "clock",
        lambda t, ev: _("Late by %(term)s: %(what)s") % {"term": ev.term, "what": t.task(ev.key, ev.item)},
    ),
    k.GoalEscalated: (
        "goal",
        "clock",
        lambda t, ev: _("Late by %(term)s: %(what)s") % {"term": ev.term, "what": t.goal(ev.goal, ev.key)},
    ),
    e.CaseHandedOver: ("step", "person", _handed),
    e.WaitingChanged: ("system", "hourglass", lambda t, ev: _waiting(ev.waits_for)),
    e.DecisionMade: ("system", "gear", _decided),
    e.PromiseMade: ("step", "flag", lambda t, ev: _("promised")),
    e.PromiseKept: ("step", "check", lambda t, ev: _("kept a promise")),
    e.PromiseBroken: ("goal", "clock", lambda t, ev: _("A promise was not kept in time")),
    e.ConfirmationAsked: ("system", "flag", lambda t, ev: _("The customer is asked to confirm")),
    e.OutcomeConfirmed: (
        "goal",
        "check",
        lambda t, ev: _("Silence counts as consent") if ev.by_silence else _("confirmed the outcome"),
    ),
    e.OutcomeDenied: ("goal", "flag", lambda t, ev: _("says that it is not reached")),
    e.ReactionFired: ("system", "gear", lambda t, ev: ev.says),
    e.RuleBroken: ("step", "flag", lambda t, ev: _("A rule was not kept: %s") % ev.rule),
    e.RuleOverridden: ("step", "flag", lambda t, ev: _("overrode the rule: %s") % ev.rule),
    e.Told: ("system", "bell", lambda t, ev: _("%(whom)s were told: %(says)s") % {"whom": ev.whom, "says": ev.says}),
    e.OfferMade: ("system", "star", lambda t, ev: _("An offer fits: %s") % ev.offer),
    e.OfferAnswered: (
        "step",
        "star",
        lambda t, ev: _("offer “%(offer)s”: %(outcome)s") % {"offer": ev.offer, "outcome": ev.outcome},
    ),
    AdviceAnswered: ("system", "star", lambda t, ev: _advice_answered(ev)),
    KnowledgeRated: ("system", "star", lambda t, ev: _knowledge_rated(ev)),
    KnowledgeUsed: ("system", "star", lambda t, ev: _("used the words of “%s”") % ev.article.rpartition(":")[2]),
    e.NoteAdded: ("note", "note", lambda t, ev: _("noted for colleagues")),
    e.CaseSuspended: ("step", "hourglass", lambda t, ev: _("suspended the case")),
    e.CaseResumed: ("step", "right", lambda t, ev: _("resumed the case")),
    e.CaseCompleted: ("goal", "check", lambda t, ev: _("The case is complete")),
    e.CaseTerminated: ("goal", "flag", lambda t, ev: _("ended the case before its goals")),
    e.CaseReopened: ("goal", "right", lambda t, ev: _("The case is open again")),
    p.ItemModified: ("step", "list", lambda t, ev: _("changed “%s”") % t.task(ev.key, ev.item)),
    p.GoalModified: ("step", "flag", lambda t, ev: _("changed the goal “%s”") % t.goal(ev.goal, ev.key)),
    p.ClockMoved: ("step", "clock", _moved_clock),
    p.GoalReset: ("goal", "flag", lambda t, ev: _("works again for “%s”") % t.goal(ev.goal, ev.key)),
    p.StageReset: ("step", "list", lambda t, ev: _("began “%s” anew") % t.task(ev.key, ev.item)),
    p.OptionCreated: ("step", "plus", _made_up),
    p.OptionDropped: ("step", "flag", lambda t, ev: _("gave up “%s”") % t.option(ev.goal, ev.option)),
    p.OptionDeleted: ("step", "flag", lambda t, ev: _("deleted the way “%s”") % t.option(ev.goal, ev.option)),
    p.ItemDeleted: ("step", "flag", lambda t, ev: _("deleted “%s”") % t.task(ev.key, ev.item)),
    p.GoalDeleted: ("step", "flag", lambda t, ev: _("deleted the goal “%s”") % t.goal(ev.goal, ev.key)),
    p.WorkUndone: ("step", "right", lambda t, ev: _("undid: %s") % undone_words(ev.command)),
    p.GoalShared: ("step", "flag", lambda t, ev: _("shares “%s” with other cases") % t.goal(ev.goal, ev.key)),
    p.GoalMirrored: ("system", "flag", lambda t, ev: _("“%s” is worked for in another case") % t.goal(ev.goal)),
    p.MirrorMoved: ("system", "flag", lambda t, ev: _("The other case told how “%s” stands") % t.goal(ev.goal)),
    p.MirrorReleased: (
        "goal",
        "flag",
        lambda t, ev: _("“%s” is not worked for in the other case any more") % t.goal(ev.goal),
    ),
    e.CaseFailed: ("goal", "flag", lambda t, ev: _("said that the case cannot go on")),
    e.CaseClosed: ("goal", "flag", lambda t, ev: _("closed the case for good")),
    **{event: (kind, icon, partial(_of_flow, tell)) for event, (kind, icon, tell) in FLOW_STEPS.items()},
}


def _waiting(waits_for: str) -> str:
    return {
        "us": _("The case waits for us"),
        "customer": _("The case waits for the customer"),
        "third": _("The case waits for a third party"),
    }.get(waits_for, "")
