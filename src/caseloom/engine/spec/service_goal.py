"""What a service goal and the house rules say, as plain data.

The field names are those of the YAML file, with spaces for underscores (`reached when`). Texts that are expressions
are FEEL (DMN 1.5, clause 10.3); lengths of time are terms (`4 business hours`). Nothing here is compiled or checked
beyond its type: `engine.rules.compiler` does that.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Key = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f:.\[\]{}#]+$")]
Text = Annotated[str, Meta(max_length=20_000)]
Feel = Annotated[str, Meta(min_length=1, max_length=10_000)]
TermText = Annotated[str, Meta(pattern=r"^\s*\d{1,5}\s+(business\s+)?(minute|hour|day|week)s?\s*$")]
Need = Literal["required", "optional", "alternative"]
TaskKind = Literal["human", "letter", "wait", "decision", "process", "case", "external", "flow"]
Rule = bool | Feel
"""A rule that holds always, never, or while an expression is true (CMMN 1.1 §5.4.11)."""
Waiting = Literal["us", "customer", "third"]
Priority = Literal["low", "normal", "high", "urgent"]
Channel = Literal["mail", "phone", "letter", "fax", "sms", "chat", "web form", "counter", "social"]


def _spaced(name: str) -> str:
    return name.replace("_", " ")


class Spec(msgspec.Struct, frozen=True, kw_only=True, rename=_spaced, forbid_unknown_fields=True):
    """The base of all parts of a definition: immutable, keyword only, unknown words refused."""


class FactSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """A typed value that a case knows (CMMN 1.1 §5.1.2, case file item)."""

    type: str = "text"
    label: Text = ""
    choices: tuple[str, ...] = ()
    personal: bool = False
    initial: Any = None
    help: Text = ""
    customer_label: Text = ""
    from_customer: str = ""
    """The customer's fact that this one is copied from when the case opens."""
    telling: bool = False
    """Whether it may tell what is best done next. What is personal is never learned from."""


class SentrySpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """When something begins or ends: all of `after` have happened and `when` holds (CMMN 1.1 §5.4.5).

    An entry of `after` is the key of a task, stage, milestone or listener (its completion or occurrence) or goal (its
    being reached), or says what else happens: `KEY is cancelled`, `KEY has failed`, `FACT gains a member`
    (`engine.spec.occurrences`).
    """

    after: tuple[str, ...] = ()
    when: Feel | None = None
    name: str = ""
    """Of an exit criterion: the name by which others wait for its being the one, `KEY has exited by NAME`."""


class DiscretionarySpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """What people may plan into a stage or beside a task when they see fit (CMMN 1.1 §5.4.9, §8.7)."""

    item: str
    """The key of a task, stage, milestone or listener."""
    when: Feel | None = None
    """The applicability rule."""
    roles: tuple[str, ...] = ()
    """The roles that may plan it; none means anybody."""


# msgspec 0.22 crashes (double free) when it converts to a union of a text with a pattern and a tuple: so the terms in
# such a union are plain texts here, and the compiler checks them.


class ClockSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """A time limit: within which term, counted from when, warned how long before, and who may stop it by waiting.

    Warnings, and the steps of `escalate` once it is late, count in the clock's own time: in business time where
    `within` does.
    """

    within: TermText
    since: Literal["goal", "contact", "case"] = "goal"
    warn: str | tuple[str, ...] | None = None
    escalate: str | tuple[str, ...] | None = None
    """How late it has to be for the next step: `[1 business day, 2 business days]`."""
    pause: tuple[Waiting, ...] = ("customer",)
    calendar: str = ""
    """The calendar that it runs by: a key, or `customer`; without it that of the case."""
    every: Text = ""
    """Of a goal: when it comes again, counted from its opening: a term, an ISO 8601 duration or repeating interval, or
    a cron line. While the last one is still worked for, a period brings none.
    """

    @property
    def warnings(self) -> tuple[str, ...]:
        return _several(self.warn)

    @property
    def escalations(self) -> tuple[str, ...]:
        return _several(self.escalate)


def _several(terms: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return () if terms is None else (terms,) if isinstance(terms, str) else terms


class CustomerCalendarSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """The facts that say when the customer works, for clocks with `calendar: customer`. What is not known is as in the
    calendar of the case.
    """

    zone: str = ""
    """The fact that holds an IANA time zone."""
    hours: str = ""
    """The fact that holds opening hours: `Mon-Fri 09:00-12:00, 13:00-17:00; Sat 10:00-14:00`."""
    region: str = ""
    """The fact that holds the region of the public holidays: `DE-BY`."""


class ItemSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """What tasks, stages and milestones share (CMMN 1.1 §5.4.9, plan item)."""

    title: Text = ""
    after: tuple[str, ...] = ()
    when: Feel | None = None
    enter: tuple[SentrySpec, ...] = ()
    exit: tuple[SentrySpec, ...] = ()
    required: Rule = False
    """The required rule (CMMN 1.1 §5.4.11.3), asked once, when the item comes (§8.6.3)."""
    repeat: Feel | None = None
    """The repetition rule (CMMN 1.1 §5.4.11.2): while it holds, the item may occur once more. `index` is how often it
    has come so far.
    """
    repeat_on: Literal["completed", "ended", "entered"] = "completed"
    """When that rule is asked: after completion, also after termination, or, as CMMN 1.1 §8.6.4 has it for items with
    entry criteria, each time that a criterion lets one in.
    """


class TaskSpec(ItemSpec, frozen=True, kw_only=True, rename=_spaced):
    """A piece of work: human (with a form), letter (correspondence), wait (for a contact or the customer's part),
    decision, which a published decision model makes by itself (CMMN 1.1 §5.4.10.6), or what is done elsewhere and
    reported back: process, case and external.
    """

    kind: TaskKind = "human"
    form: tuple[str, ...] = ()
    """The facts that the form asks for; those in `must` have to be given to complete the task."""
    must: tuple[str, ...] = ()
    team: str = ""
    role: str = ""
    skill: str = ""
    manual: Rule = False
    """The manual activation rule (CMMN 1.1 §5.4.11.1): somebody has to start it."""
    blocking: bool = True
    """Whether it lasts until it is done; else it is complete as soon as it has begun (CMMN 1.1 §5.4.10)."""
    calls: str = ""
    """What a `process`, `case` or `external` task calls: a key, a topic, or the class that did it elsewhere. A case
    task opens a case of this service goal for the same customer, gives it the facts in `inputs`, and is done when
    that is; `sets` may read what it knew as `result`.
    """
    discretionary: tuple[DiscretionarySpec, ...] = ()
    """The planning table of a human task."""
    by_customer: bool = False
    """The customer does it, on the portal; `customer title` says it in their words."""
    customer_title: Text = ""
    customer_help: Text = ""
    about: str = ""
    """The fact, a list of objects, of which each such task is about one: “a refund is paid”."""
    letter: str = ""
    automatic: bool = False
    """A letter that goes out by itself, in the name of the house."""
    waits_for: Waiting | None = None
    due: ClockSpec | None = None
    sets: dict[str, Feel] = {}
    """Facts that follow from its completion; of a decision task, what they become of its `result`. Without it the
    fact that is named like the decision becomes the result.
    """
    model: str = ""
    """The key of the decision model; `decision` is one of its decisions or decision services. Of a flow task the key of
    the flow model; `flow` is one of its processes, without it the first that can run.
    """
    flow: str = ""
    decision: str = ""
    inputs: dict[str, Feel] = {}
    """What goes to the inputs of the decision; those that are not named get the fact of their name."""
    script: Text = ""


class StageSpec(ItemSpec, frozen=True, kw_only=True, rename=_spaced):
    """A group of tasks (CMMN 1.1 §5.4.8)."""

    tasks: tuple[str, ...] = ()
    auto_complete: bool = True
    manual: Rule = False
    case_plan: bool = False
    """The outermost stage of a case plan: an exit criterion of it ends the case (CMMN 1.1 §8.4.1)."""
    discretionary: tuple[DiscretionarySpec, ...] = ()
    """The planning table."""


class ListenerSpec(ItemSpec, frozen=True, kw_only=True, rename=_spaced):
    """What waits for an event (CMMN 1.1 §5.4.2): for a moment, where it has a timer, else for somebody who raises it.
    `after` and `when` say when it can hear.
    """

    timer: Feel | None = None
    """When it occurs: a date and time, a duration from when it begins to run, or either in ISO 8601."""
    starts: tuple[str, ...] = ()
    """What sets the timer running (CMMN 1.1 §5.4.2.1); without it, its coming to be."""
    roles: tuple[str, ...] = ()
    """Who may raise it; none means anybody who works on the case."""


class MilestoneSpec(ItemSpec, frozen=True, kw_only=True, rename=_spaced):
    """A point that is reached (CMMN 1.1 §5.4.7)."""

    customer_title: Text = ""


class OptionSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """One way to reach a goal."""

    title: Text
    when: Feel | None = None
    tasks: tuple[str, ...] = ()
    help: Text = ""
    automatic: bool = False
    """Chosen by itself when the goal opens and the condition holds."""
    for_customer: bool = False
    """The customer may choose it on the portal."""


class GoalSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """An outcome, the rule that says when it is reached, by when, and the ways that lead there."""

    title: Text
    customer_title: Text = ""
    need: Need = "required"
    group: str = ""
    """Alternatives of one group: one reached, the others are no longer needed."""
    parent: str = ""
    after: tuple[str, ...] = ()
    when: Feel | None = None
    reached_when: Feel | None = None
    """Without it a goal with sub-goals is reached with them, any other by an actor's word."""
    clock: ClockSpec | None = None
    options: dict[Key, OptionSpec] = {}
    script: Text = ""
    knowledge: tuple[str, ...] = ()
    perception: Text = ""
    """What the customer is asked when the goal is reached: a moment of truth."""
    added_only: bool = False
    """Stands in the library of goals, and comes into a case only by a reaction or an actor."""
    priority: Priority = "normal"


class BoundaryRuleSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """What must never be crossed. `says` is the sentence; `require` must hold.

    With `guards`, it is asked when one of these acts is done (`complete TASK`, `choose OPTION`, `close`, `waive GOAL`,
    `set FACT`, `send LETTER`, `modify TASK`, `delete GOAL`, `drop OPTION`, `improvise task`), else whenever something
    that it reads has changed.
    """

    says: Text
    require: Feel
    guards: tuple[str, ...] = ()
    way_on: Text = ""
    override: tuple[str, ...] = ()
    """The roles that may cross it all the same, with a reason that stays in the history."""
    subject: str = ""
    """The fact, a list of objects, of one of which a guarded rule speaks: the one that the act is about."""
    each: str = ""
    """The name by which `require` calls that object: `refund` of the list `refunds`."""


class DataRuleSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """What data is valid."""

    says: Text
    require: Feel
    way_on: Text = ""


class ActionSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """What a reaction does: exactly one of these."""

    add_goal: str | None = None
    add_task: str | None = None
    tell: str | None = None
    """The role or team that is told."""
    set_fact: str | None = None
    to: Feel | None = None
    offer: str | None = None
    promise: Text | None = None
    within: TermText | None = None


class ReactionSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """What follows from what: when `when` becomes true (or each of `after` happens), `do`."""

    says: Text
    when: Feel | None = None
    after: tuple[str, ...] = ()
    do: tuple[ActionSpec, ...]


class LetterSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """A letter template. `{{ … }}` holds a FEEL expression over the case's facts; the text is plain, with blank-line
    paragraphs.
    """

    title: Text = ""
    subject: Text
    text: Text
    automatic: bool = False
    corrected_by: str = ""
    """The letter that is proposed when this one was sent by something that is undone."""


class ArticleSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """Knowledge for the agent."""

    title: Text
    text: Text


class OfferSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """What may be proposed to this customer."""

    title: Text
    text: Text = ""
    when: Feel | None = None


class RecipeSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """How a contact is recognised as this want, by the first, plain sorter."""

    mailboxes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()


WrongAtMost = Annotated[str, Meta(pattern=r"^(never|at most [1-9]\d{0,3} in [1-9]\d{0,4} wrong)$")]


class LearningSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """What may be learned from the cases of a service goal, and done with it."""

    opens: WrongAtMost = "at most 1 in 100 wrong"
    """When a message opens a case of it by itself: so many of these may be wrong, or never."""
    advice: bool = True
    """Whether the next step is learned and advised, and the end foreseen."""


class GermanWordSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """The German forms of a word; without `name` its key stands in quotation marks."""

    name: Text = ""
    plural: Text = ""
    article: Literal["", "der", "die", "das"] = ""
    done: Text = ""
    undone: Text = ""


class WordSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """The forms of a word, for rules in controlled English: of a fact, goal, task, option, role, skill, letter, offer
    or of the case itself. What is regular need not be given.
    """

    name: Text = ""
    plural: Text = ""
    article: Literal["", "a", "an", "the"] = ""
    synonyms: tuple[Text, ...] = ()
    done: Text = ""
    """The clause that says that a task is done: `the refund is paid`."""
    undone: Text = ""
    measure: Text = ""
    """The member that `above 500 EUR` measures, where the fact is a list of objects; without it, `amount`."""
    de: GermanWordSpec | None = None


class RuleSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """A rule in controlled English: a sentence over the vocabulary of service goal and house (DESIGN §5)."""

    rule: Annotated[str, Meta(min_length=1, max_length=2_000)]
    way_on: Text = ""


class Body(Spec, frozen=True, kw_only=True, rename=_spaced):
    """What house rules and service goals share."""

    facts: dict[Key, FactSpec] = {}
    goals: dict[Key, GoalSpec] = {}
    tasks: dict[Key, TaskSpec] = {}
    stages: dict[Key, StageSpec] = {}
    milestones: dict[Key, MilestoneSpec] = {}
    listeners: dict[Key, ListenerSpec] = {}
    words: dict[Key, WordSpec] = {}
    rules: tuple[str | RuleSpec, ...] = ()
    boundary_rules: tuple[BoundaryRuleSpec, ...] = ()
    data_rules: tuple[DataRuleSpec, ...] = ()
    reactions: tuple[ReactionSpec, ...] = ()
    letters: dict[Key, LetterSpec] = {}
    knowledge: dict[Key, ArticleSpec] = {}
    offers: dict[Key, OfferSpec] = {}


class ServiceGoal(Body, frozen=True, kw_only=True, rename=_spaced):
    """An entry in the library: what a customer may want, how it may be reached, under which rules."""

    service_goal: Key
    title: Text
    customer_title: Text
    description: Text = ""
    owner: str
    """The process owner: a role or team."""
    team: str
    """The team whose worklist a new case comes to."""
    channels: tuple[Channel, ...] = ()
    products: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    self_service: bool = False
    start_form: tuple[str, ...] = ()
    """What a customer who starts it alone is asked; what is known already is not."""
    recognise: RecipeSpec = RecipeSpec()
    learning: LearningSpec = LearningSpec()
    confirm_within: TermText | None = None
    """The customer is asked to confirm the outcome; after this time silence counts as consent."""
    complaint: bool = False
    ends_relation: Feel | None = None
    """Holds, when the case is completed, if the customer has left by it: counted against retention."""
    calendar: str = ""
    """The business calendar of its cases; without it that of their team."""
    customer_calendar: CustomerCalendarSpec | None = None


class ObjectiveSpec(Spec, frozen=True, kw_only=True, rename=_spaced):
    """What the house wants: the goals of cases are its means. A goal is named by its key, or as `service goal/goal`."""

    title: Text
    parent: str = ""
    """The objective that this one serves."""
    goals: tuple[str, ...] = ()
    target: Annotated[float, Meta(ge=0, le=100)] | None = None
    """The share of these goals that is to be reached in time, in per cent."""


class HouseRules(Body, frozen=True, kw_only=True, rename=_spaced):
    """Vocabulary, roles and rules that bind every case, also one opened from nothing."""

    house_rules: Key
    title: Text
    roles: dict[Key, Text] = {}
    teams: dict[Key, Text] = {}
    skills: dict[Key, Text] = {}
    perception: Text = "How is it going?"
    recovery_goal: str = ""
    objectives: dict[Key, ObjectiveSpec] = {}
