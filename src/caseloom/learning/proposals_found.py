"""Finding what people do otherwise, in the learner: histories are read, and the table of proposals follows them."""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
from django.db import transaction

from caseloom.cases.kind import CASES
from caseloom.cases.models import CaseRow
from caseloom.customers.customer import CustomerErased
from caseloom.customers.models import CustomerRow
from caseloom.engine.case import events as e
from caseloom.engine.rules.plan import Plan
from caseloom.foundation.clock import now
from caseloom.interchange.rule_text import HandWritten
from caseloom.interchange.yaml_text import TextFaulty
from caseloom.learning.models import ProposalRow
from caseloom.learning.proposals import Body
from caseloom.learning.proposals_draft import NoPlace, changed
from caseloom.learning.ways import CUSTOMERS, LAST, Worked, findings
from caseloom.learning.ways_finding import OWN, Finding
from caseloom.learning.ways_told import options_of, told
from caseloom.library.models import VersionRow
from caseloom.library.plans import house_version, latest, offered_goals, the_plans
from caseloom.library.publishing import check, lived
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_history
from caseloom.streams.tail import Followed

ENDED: Final = 20
"""So many more cases have to end before it is looked again,"""
PAUSE: Final = 600.0
"""and so many seconds have to pass."""
MOST: Final = 2 * LAST
"""The newest cases of a service goal that are read."""
AGAIN: Final = 2.0
"""What was declined is proposed again when its share has become so many times what it was."""
log = logging.getLogger(__name__)

Titles = Mapping[str, Mapping[str, set[int]]]
"""Name of a step that people made up → its titles, word for word → the customers in whose cases it was called so."""


class Proposals:
    """Hears all events, and looks now and then at what people do. One thread."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._ended: set[int] = set()
        self._erased: set[int] = set()
        self._wanted: dict[str, None] = {}
        """The service goals to look at: one at a time, as other work waits."""
        self._next = 0.0
        self._first = True

    def hear(self, followed: Iterable[Followed]) -> None:
        """Take note of cases that ended, and of customers who are gone."""
        for one in followed:
            match one.recorded.event:
                case e.CaseCompleted() | e.CaseTerminated() | e.CaseClosed():
                    self._ended.add(one.recorded.stream)
                case CustomerErased():
                    self._erased.add(one.recorded.stream)
                case _:
                    pass

    def work(self) -> bool:
        """Look at one service goal, where it is time; whether anything was done. An erasure waits for nothing."""
        if self._erased:
            self._want(CaseRow.objects.filter(customer__in=self._erased).values_list("service_goal", flat=True))
            self._erased.clear()
        if time.monotonic() >= self._next and (self._first or len(self._ended) >= ENDED):
            self._want(CaseRow.objects.filter(id__in=self._ended).values_list("service_goal", flat=True))
            self._want(goal.service_goal for goal in offered_goals() if self._first)
            self._ended.clear()
            self._first, self._next = False, time.monotonic() + PAUSE
        if not self._wanted:
            return False
        service_goal = next(iter(self._wanted))
        del self._wanted[service_goal]
        refresh(self._door, service_goal)
        return True

    def _want(self, service_goals: Iterable[str]) -> None:
        self._wanted |= dict.fromkeys(sorted(set(service_goals) - {""}))


def refresh(door: Door, service_goal: str) -> None:
    """Bring the proposals for a service goal to what its newest cases say. What its owner has decided stays."""
    version = latest(service_goal)
    if not version:
        ProposalRow.objects.filter(service_goal=service_goal).exclude(state="declined").delete()
        return
    plan = the_plans(service_goal, version, house_version())
    goal = plan.service_goal
    worked, titles = _read(door, service_goal, plan) if goal is not None and goal.learning.advice else ([], {})
    bodies = [
        body
        for one in findings(worked, options_of(plan))
        if (body := _shown(one, titles)) is not None and not _is_guarded(one, plan)
    ]
    _keep(service_goal, version, bodies)


def _read(door: Door, service_goal: str, plan: Plan) -> tuple[list[Worked], Titles]:
    """What the newest cases tell, without those of customers who are erased."""
    rows = CaseRow.objects.filter(service_goal=service_goal).order_by("-id").values_list("id", "customer")[:MOST]
    pairs = list(rows)
    gone = CustomerRow.objects.filter(pk__in={customer for _, customer in pairs}, erased=True)
    erased = set(gone.values_list("id", flat=True))
    worked: list[Worked] = []
    titles: dict[str, dict[str, set[int]]] = {}
    for case, customer in pairs:
        if customer in erased:
            continue
        found = told(case, customer, read_history(door, CASES, case), plan)
        worked += found.worked
        for name, title in found.titles.items():
            titles.setdefault(name, {}).setdefault(title, set()).add(customer)
    return worked, titles


def _shown(finding: Finding, titles: Titles) -> Body | None:
    """The finding with the titles that may be shown; None where there is one that only few customers' cases share:
    such words may be about a person.
    """
    found = {}
    for name in finding.steps:
        if name.startswith(OWN):
            by_title = titles.get(name, {})
            title = max(sorted(by_title), key=lambda one: len(by_title[one]), default="")
            if len(by_title.get(title, ())) < CUSTOMERS:
                return None
            found[name] = title
    return Body(finding, found)


def _is_guarded(finding: Finding, plan: Plan) -> bool:
    """Whether it would leave out what a boundary rule asks about: that is no habit to make a rule of."""
    acts = {f"{verb} {name}" for name in finding.steps for verb in ("complete", "create", "start")}
    return finding.kind == "leaves out" and not acts.isdisjoint(plan.watched)


def _keep(service_goal: str, version: int, bodies: Sequence[Body]) -> None:
    known = {row.key: row for row in ProposalRow.objects.filter(service_goal=service_goal)}
    text = VersionRow.objects.filter(key=service_goal, version=version).values_list("text", flat=True).first() or ""
    kept: Counter[str] = Counter()
    for body in bodies:
        row = known.get(body.finding.key)
        if (row is None or row.version != version) and not _stands(text, body):
            continue
        kept[body.finding.key] += 1
        _put(service_goal, version, row, body)
    gone = [row.pk for key, row in known.items() if key not in kept and row.state != "declined"]
    ProposalRow.objects.filter(pk__in=gone).delete()


def _stands(text: str, body: Body) -> bool:
    """Whether the definition with the change in it could be published: sound, and, where something is left out, still
    able to reach its goals within the rules.
    """
    try:
        after, _ = changed(text, body.finding, body.titles)
    except (NoPlace, HandWritten, TextFaulty):
        return False
    definition, places = check(after)
    if definition is None or places:
        return False
    # It takes some seconds, and what is only added takes no way away.
    return body.finding.kind != "leaves out" or not lived(definition, after)[0]


@transaction.atomic
def _put(service_goal: str, version: int, row: ProposalRow | None, body: Body) -> None:
    text = msgspec.json.encode(body).decode()
    if row is None:
        ProposalRow.objects.create(
            service_goal=service_goal, version=version, kind=body.finding.kind, key=body.finding.key, found_at=now(),
            body=text,
        )  # fmt: skip
        return
    row.version, row.body = version, text
    if row.state == "declined" and body.finding.share >= AGAIN * row.share:
        row.state, row.found_at = "new", now()
    row.save()
