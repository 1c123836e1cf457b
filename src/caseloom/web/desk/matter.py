"""A case and its customer as the desk shows them: everything of one page, gathered in few queries."""

from datetime import datetime
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from caseloom.cases.issue import affected_counts
from caseloom.cases.models import CaseRow
from caseloom.cases.queries import CaseView, cases_of_customer, story_of
from caseloom.customers.customer import Customer
from caseloom.customers.queries import read_customer
from caseloom.engine.case.refusal import Refused
from caseloom.engine.rules.plan import OfferPlan
from caseloom.foundation.clock import now
from caseloom.learning.queries import known_of
from caseloom.sdk.access import Access
from caseloom.web.desk import contacts
from caseloom.web.desk.advice import AdviceView, advice_view
from caseloom.web.desk.fields import Field, Typed, fields, value_words
from caseloom.web.desk.goals import STATUS as GOAL_STATUS
from caseloom.web.desk.goals import GoalView, GoalWays, goal_ways, scope_of, track
from caseloom.web.desk.knowledge import KnowledgeView, knowledge_view
from caseloom.web.desk.letters import Composer, composer
from caseloom.web.desk.parts import EventView, PartView, PlannableView, event_views, part_views, plannable_views
from caseloom.web.desk.people import active_staff, actor_name, plan_of, staff_names, team_titles, wants
from caseloom.web.desk.reading import ReadingView, reading_view
from caseloom.web.desk.running import FlowView, flow_views
from caseloom.web.desk.story import Entry, story
from caseloom.web.desk.tasks import TaskView, addable, task_views
from caseloom.web.desk.undo import UndoLine, last_undo
from caseloom.web.live.listen import Present, the_listener
from caseloom.web.words import ClockWords, clock_words, initials, plain_value, waits_words

STORY: Final = 120
STATUS: Final[dict[str, "str | Promise"]] = {
    "active": _("open"),
    "suspended": _("suspended"),
    "completed": _("complete"),
    "terminated": _("ended before its goals"),
    "failed": _("cannot go on"),
    "closed": _("closed for good"),
}


class KnownFact(msgspec.Struct, frozen=True):
    label: str
    value: str
    source: str
    at: datetime | None
    form: str = ""
    field: Field | None = None


class CaseLine(msgspec.Struct, frozen=True):
    """Another case of the customer."""

    id: int
    wants: str
    status: Any
    open: bool
    clock: ClockWords | None
    at: datetime
    perception: int | None


class PromiseLine(msgspec.Struct, frozen=True):
    id: int
    text: str
    clock: ClockWords | None


class OfferLine(msgspec.Struct, frozen=True):
    key: str
    title: str
    text: str
    later: bool


class Matter(msgspec.Struct, frozen=True):
    """The case pane and the customer pane."""

    id: int
    version: int
    status: str
    status_says: Any
    wants: str
    title: str
    classified: bool
    customer: int
    customer_name: str
    owner: str
    owner_name: str
    owner_initials: str
    mine: bool
    team: str
    team_title: str
    waits: str
    for_us: bool
    opened_at: datetime | None
    perception: int | None
    awaits_confirmation: bool
    goals: list[GoalView]
    ways: list[GoalWays]
    tasks: list[TaskView]
    flows: list[FlowView]
    parts: list[PartView]
    events: list[EventView]
    plannable: list[PlannableView]
    undo: UndoLine | None
    story: list[Entry]
    earlier: int
    composer: Composer
    facts: list[KnownFact]
    promises: list[PromiseLine]
    offers: list[OfferLine]
    help: KnowledgeView
    present: list[Present]
    addable: list[tuple[str, str]]
    added_goals: list[tuple[str, str]]
    colleagues: list[tuple[str, str]]
    teams: list[tuple[str, str]]
    customer_facts: list[KnownFact]
    identities: tuple[tuple[str, str], ...]
    erased: bool
    since: datetime | None
    left_at: datetime | None
    cases: list[CaseLine]
    sub_cases: list[CaseLine]
    above: CaseLine | None
    affected: str
    open_goals: list[tuple[str, str]]
    roles: list[tuple[str, str]]
    ratings: list[Entry]
    reading: ReadingView | None
    advice: AdviceView | None

    @property
    def open(self) -> bool:
        return self.status in ("active", "suspended")


class Asked(msgspec.Struct, frozen=True):
    """What was asked of the page besides the case: a letter; what was typed before a refusal, and what the refusal says
    (`told`: the context of its words).
    """

    letter: str = ""
    item: int | None = None
    typed: dict[str, str] = {}
    refused: Refused | None = None
    told: dict[str, Any] = {}


def matter(access: Access, view: CaseView, asked: Asked) -> Matter:
    """Everything that a page about this case shows."""
    state, moment = view.state, now()
    found = read_customer(access, state.customer)
    customer = found[0] if found is not None else None
    name = customer.name if customer is not None else ""
    scope = scope_of(view, access.actor, moment)
    history = story_of(view, limit=STORY)
    told = story(view, history, name, contacts.said_in(access, state.id))
    goals = track(view, moment)
    known = known_of(state.id)
    of_customer = cases_of_customer(access, state.customer, 12, state.id, state.parent)
    rows = [row for row in of_customer if row.id != state.id]
    return Matter(
        id=state.id,
        version=view.version,
        status=state.status,
        status_says=STATUS[state.status],
        wants=wants(state.title, state.service_goal, view.plan),
        title=state.title,
        classified=bool(state.service_goal),
        customer=state.customer,
        customer_name=name,
        owner=state.owner,
        owner_name=staff_names().get(state.owner, ""),
        owner_initials=initials(staff_names().get(state.owner, "")),
        mine=state.owner == access.actor.id,
        team=state.team,
        team_title=team_titles().get(state.team, state.team),
        waits=waits_words(state.waits_for),
        for_us=state.waits_for == "us",
        opened_at=state.opened_at,
        perception=state.perception,
        awaits_confirmation=state.awaits_confirmation,
        goals=goals,
        ways=goal_ways(view, scope),
        tasks=task_views(view, access.actor, moment, asked.typed),
        flows=flow_views(view, moment),
        parts=part_views(view),
        events=event_views(view, access.actor, scope),
        plannable=plannable_views(view, access.actor, scope),
        undo=last_undo(view),
        story=told,
        earlier=history[0].version if history and history[0].version > 1 else 0,
        composer=composer(view, customer, scope, asked.letter, asked.item, asked.typed),
        facts=known_facts(view, asked.typed),
        promises=[PromiseLine(one.id, one.text, clock_words(one.due, moment)) for one in state.promises.values()],
        offers=_offers(view),
        help=knowledge_view(view, known.ranking, history, access.actor.id),
        present=the_listener.present(state.id, but=access.actor.id),
        addable=addable(view),
        added_goals=[(key, goal.spec.title) for key, goal in view.plan.goals.items() if not _open_goal(view, key)],
        colleagues=active_staff(),
        teams=sorted(team_titles().items(), key=lambda pair: pair[1]),
        customer_facts=customer_facts(customer),
        identities=customer.identities if customer is not None else (),
        erased=customer.erased if customer is not None else False,
        since=customer.since if customer is not None else None,
        left_at=customer.left_at if customer is not None else None,
        cases=case_lines([row for row in rows if row.parent != state.id and row.id != state.parent], moment),
        sub_cases=case_lines([row for row in rows if row.parent == state.id], moment),
        above=next(iter(case_lines([row for row in rows if row.id == state.parent], moment)), None),
        affected=affected_words(access, view),
        open_goals=[(str(goal.id), goal.title) for goal in goals if goal.status in ("available", "active")],
        roles=sorted(view.plan.house.roles.items()),
        ratings=[entry for entry in told if entry.kind == "rating"],
        reading=reading_view(view, known.contact),
        advice=advice_view(access, view, known.advised, moment),
    )


def affected_words(access: Access, view: CaseView) -> str:
    """How the goals of other cases stand that this one is worked on for; empty where there are none."""
    shared = any(goal.shared for goal in view.state.goals.values())
    counts = affected_counts(access, view.state.id) if shared else {}
    return ", ".join(f"{count} {GOAL_STATUS.get(status, status)}" for status, count in sorted(counts.items()))


def known_facts(view: CaseView, typed: Typed | None = None) -> list[KnownFact]:
    """What the case knows, and could know, each with the input that changes it."""
    found = []
    for name in view.plan.facts:
        fact = view.state.facts.get(name)
        form = slugify(f"fact-{name}")
        mine: dict[str, str] = dict(typed) if typed is not None and typed.get("form") == form else {}
        [one] = fields(view.plan, view.state.facts, (name,), form, typed=mine)
        source = _source(fact.source) if fact is not None else ""
        found.append(KnownFact(one.label, value_words(fact), source, fact.at if fact is not None else None, form, one))
    return found


def customer_facts(customer: Customer | None) -> list[KnownFact]:
    """What the house knows of the customer, with source and age."""
    if customer is None:
        return []
    return [
        KnownFact(name[:1].upper() + name[1:], plain_value(value), _source(source), at)
        for name, value in customer.facts.items()
        for source, at in (customer.fact_sources.get(name, ("", None)),)
    ]


def _source(source: str) -> str:
    return actor_name(source) if ":" in source else source


def case_lines(rows: list[CaseRow], moment: datetime) -> list[CaseLine]:
    """A customer's cases, as short lines."""
    return [
        CaseLine(
            row.id,
            wants(row.title, row.service_goal, plan_of(row.service_goal, row.version)),
            STATUS[row.status],
            row.ended_at is None,
            clock_words(row.due, moment) if row.ended_at is None else None,
            row.ended_at or row.opened_at,
            row.perception,
        )
        for row in rows
    ]


def _open_goal(view: CaseView, key: str) -> bool:
    goal = view.state.goal_by_key(key)
    return goal is not None and goal.status in ("available", "active")


def _offers(view: CaseView) -> list[OfferLine]:
    found = []
    for key, outcome in view.state.offers.items():
        plan: OfferPlan | None = view.plan.offers.get(key)
        if plan is not None and outcome in ("made", "later"):
            found.append(OfferLine(key, plan.spec.title, plan.spec.text, outcome == "later"))
    return found
