"""Rules tried on past cases before they count: which commands they would have refused, and what else they would do."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

import msgspec
import psycopg
from psycopg.rows import tuple_row

from caseloom.cases.kind import CASES
from caseloom.engine.case import events as e
from caseloom.engine.case.actor import PROGRAM, Actor
from caseloom.engine.case.trial import Finding, Step, trial
from caseloom.engine.case.turn import Moment
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.service_goal import Body, HouseRules, RuleSpec, ServiceGoal
from caseloom.foundation.clock import now
from caseloom.library.plans import the_plans
from caseloom.library.used import models_for
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Recorded
from caseloom.staff.access import actors_by_id, reaches_case
from caseloom.staff.calendars import calendar_of_goal
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history, steps_of

B = TypeVar("B", bound=Body)
PORTION: Final = 500


class Candidate(msgspec.Struct, frozen=True):
    """What is tried: sentences beside the rules in force, or a whole definition in place of the one in force.

    `sentences` belong to the service goal of this key, or to the house where it is empty.
    """

    sentences: tuple[str, ...] = ()
    service_goal: str = ""
    definition: ServiceGoal | HouseRules | None = None

    @property
    def key(self) -> str:
        """The service goal whose cases it concerns; empty for all."""
        if self.definition is None:
            return self.service_goal
        return self.definition.service_goal if isinstance(self.definition, ServiceGoal) else ""

    def plan(self, present: Plan) -> Plan:
        """The plan of a case as it would be. Raises `DefinitionFaulty`."""
        goal, house = present.service_goal, present.house
        models, house_models = present.models, present.house_models
        if isinstance(self.definition, ServiceGoal):
            return compile_plan(self.definition, house, models_for(self.definition), house_models)
        if self.definition is not None:
            return compile_plan(goal, self.definition, models, models_for(self.definition))
        if self.service_goal and goal is not None:
            return compile_plan(_with(goal, self.sentences), house, models, house_models)
        return compile_plan(goal, _with(house, self.sentences), models, house_models)


def _with(body: B, sentences: tuple[str, ...]) -> B:
    added: tuple[RuleSpec | str, ...] = (*body.rules, *sentences)
    return msgspec.structs.replace(body, rules=added)


class Tried(msgspec.Struct, frozen=True):
    """What came of one case: its number, title and findings, in the order of its history."""

    case: int
    title: str
    findings: tuple[Finding, ...]


def past_cases(access: Access, service_goal: str = "", limit: int | None = None) -> list[tuple[int, str]]:
    """The cases of a service goal (or all) that this actor reaches, newest first, with their titles."""
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(
            "select id, customer, team, title from case_row where %s in ('', service_goal) order by id desc limit %s",
            (service_goal, limit),
        )
        rows = cursor.fetchall()
    return [(case, title) for case, customer, team, title in rows if reaches_case(access, case, customer, team)]


def try_rules(
    candidate: Candidate, cases: Iterable[tuple[int, str]], say: Callable[[int], None] = lambda done: None
) -> Iterator[Tried]:
    """What the candidate's new rules would have done in these cases; those without a finding are left out.

    `say` is told how many cases have been looked at, every few hundred.

    Raises:
        DefinitionFaulty: a sentence that cannot be read, or that does not fit a service goal.
    """
    people = actors_by_id()
    plans: dict[tuple[str, int, int], tuple[Plan, frozenset[str]]] = {}
    done = 0
    for done, (case, title) in enumerate(cases, 1):
        history = read_history(the_door(), CASES, case)
        opened = history[0].event if history else None
        if isinstance(opened, e.CaseOpened):
            found = _try_one(candidate, history, plans, people)
            if found:
                yield Tried(case, title, tuple(found))
        if done % PORTION == 0:
            say(done)
    say(done)


def _try_one(
    candidate: Candidate,
    history: list[Recorded],
    plans: dict[tuple[str, int, int], tuple[Plan, frozenset[str]]],
    people: dict[str, Actor],
) -> list[Finding]:
    place = _definition(history)
    if place not in plans:
        present = the_plans(*place)
        tried = candidate.plan(present)
        plans[place] = (tried, tried.sentences - present.sentences)
    plan, rules = plans[place]
    if not rules:
        return []
    calendar = calendar_of_goal(plan.service_goal)
    moment = Moment(now=now(), actor=PROGRAM, plans=lambda *_: plan, calendar=calendar, ids=iter(()))
    return trial(plan, rules, steps_told(history, people), moment)


def _definition(history: list[Recorded]) -> tuple[str, int, int]:
    """Service goal, its version and that of the house rules, as they were last."""
    opened: e.CaseOpened = history[0].event
    place = (opened.service_goal, opened.version, opened.house_version)
    for recorded in history:
        if isinstance(recorded.event, e.CaseClassified):
            place = (recorded.event.service_goal, recorded.event.version, place[2])
        elif isinstance(recorded.event, e.HouseRulesSwitched):
            place = (*place[:2], recorded.event.house_version)
    return place


def steps_told(history: list[Recorded], people: dict[str, Actor]) -> Iterator[Step]:
    """The commands of a history, with who sent them."""
    return (_step(step, people) for step in steps_of(history))


def _step(step: list[Recorded], people: dict[str, Actor]) -> Step:
    first = step[0]
    return Step(first.version, _actor(first.actor, people), first.at, tuple(recorded.event for recorded in step))


def _actor(number: str, people: dict[str, Actor]) -> Actor:
    """Who it was, with the roles and skills of today: histories keep the id alone."""
    known = people.get(number)
    if known is not None:
        return known
    return Actor(number, "customer" if number.startswith("customer:") else "program")
