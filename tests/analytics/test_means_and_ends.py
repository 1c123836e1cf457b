"""Objectives add up the goals of cases: the totals are those of a recount from the events themselves."""

import random
from datetime import timedelta

import pytest

from caseloom.analytics.objectives import Objective, means_of, objectives
from caseloom.analytics.period import EVER, Filter, last
from caseloom.cases.kind import CASES
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.foundation.clock import now
from caseloom.library.plans import house_version, the_plans
from caseloom.library.publishing import check, publish
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Answer
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history
from tests.streams.kit import PROGRAM, a_case, a_customer, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)
HOUSE = """
house rules: house
title: House
teams: {service: Service}
objectives:
  all: {title: All is well}
  quick: {title: Quick, parent: all, goals: [first/answered, second/answered], target: 80}
  sound: {title: Sound, parent: all, goals: [answered, first/checked]}
"""
GOALS = """
customer title: Mine
owner: process owner
team: service
goals:
  answered: {title: Answered}
  checked: {title: Checked, need: optional}
"""


@pytest.fixture(autouse=True)
def _library() -> None:
    empty_streams()
    for text in (HOUSE, *(f"service goal: {key}\ntitle: {key}\n{GOALS}" for key in ("first", "second", "third"))):
        assert isinstance(publish(PROGRAM, text, thorough=False), Answer)


def _live(seed: int) -> list[int]:
    chance, cases = random.Random(seed), []
    for _ in range(30):
        key = chance.choice(["first", "second", "third"])
        case = a_case(a_customer(), key, house_version=1)
        cases.append(case)
        for goal in (1, 2):
            what = chance.choice([c.ReachGoal(goal=goal), c.WaiveGoal(goal=goal, reason="so"), None])
            if what is not None and not (goal == 2 and _is_over(case)):
                send("case", case, what)
    return cases


def _is_over(case: int) -> bool:
    return any(isinstance(one.event, e.CaseCompleted) for one in read_history(the_door(), CASES, case))


def _recount(cases: list[int], key: str) -> tuple[int, int, int]:
    """Reached, given up and open, counted from the histories."""
    means = means_of(key, the_plans("", 0, house_version()).house.objectives)
    reached = given_up = open_ = 0
    for case in cases:
        service, status = "", {}
        for recorded in read_history(the_door(), CASES, case):
            match recorded.event:
                case e.CaseOpened(service_goal=named):
                    service = named
                case e.GoalAdded(goal=number, key=goal):
                    status[number] = [goal, "open"]
                case e.GoalReached(goal=number):
                    status[number][1] = "reached"
                case e.GoalWaived(goal=number) | e.GoalCancelled(goal=number):
                    status[number][1] = "given up"
        told = [stands for goal, stands in status.values() if means & {("", goal), (service, goal)}]
        reached, given_up, open_ = (
            reached + told.count("reached"), given_up + told.count("given up"), open_ + told.count("open"),
        )  # fmt: skip
    return reached, given_up, open_


@pytest.mark.parametrize("seed", [1, 2])
def test_totals_equal_a_recount(seed: int) -> None:
    cases = _live(seed)
    found = {one.key: one for one in objectives(PROGRAM, Filter(EVER, now() + timedelta(minutes=1)))}
    assert list(found) == ["all", "quick", "sound"] and [one.depth for one in found.values()] == [0, 1, 1]
    for key, one in found.items():
        assert (one.reached, one.given_up, one.open) == _recount(cases, key), key
    assert found["all"].reached <= found["quick"].reached + found["sound"].reached, "no goal counts twice"


def test_a_target_is_met_or_missed() -> None:
    one = Objective("k", "K", 0, 80.0, reached=9, late=1, given_up=1, open=4)
    assert one.share == 80.0 and one.met
    assert Objective("k", "K", 0, 80.0, 0, 0, 0, 4).met is None
    assert objectives(Access(PROGRAM.actor, frozenset()), last("month", now())) == []


def test_objectives_stand_under_one_that_is_there_and_in_no_circle() -> None:
    _, places = check(HOUSE.replace("parent: all, goals: [answered", "parent: other, goals: [answered"))
    assert [place for place in places if "there is no objective “other”" in place.message]
    _, places = check(HOUSE.replace("all: {title: All is well}", "all: {title: All is well, parent: quick}"))
    assert [place for place in places if "stands inside itself" in place.message]
