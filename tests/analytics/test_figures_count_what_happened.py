"""Figures against cases whose life is known: each case moves them by what it is."""

from datetime import UTC, datetime, timedelta

import pytest

from caseloom.analytics.figures import NAMES, cases_behind, figures, groups, ratings, trend, waiting
from caseloom.analytics.period import Filter, last
from caseloom.engine.case import commands as c
from caseloom.sdk.access import program
from tests.streams.kit import a_case, a_customer, a_service_goal, send

pytestmark = pytest.mark.django_db(transaction=True)
OWNER = program("owner")
COMPLAINT = """
service goal: complaint
title: A complaint
customer title: I am heard
owner: process owner
team: service
complaint: true
goals: {heard: {title: Heard}}
"""


@pytest.fixture
def asked() -> Filter:
    return last("month", datetime.now(UTC) + timedelta(minutes=1))


def test_nothing_happened_is_no_figure_and_no_fault(asked: Filter) -> None:
    counted = figures(OWNER, asked)
    assert [counted[name].value for name in NAMES if name != "in hand"] == [None] * (len(NAMES) - 1)
    assert counted["in hand"].value == 0
    assert groups(OWNER, "channel", asked) == []


def test_a_completed_case_counts_from_its_first_contact(asked: Filter) -> None:
    a_service_goal()
    case = a_case(a_customer(), contact_at=datetime.now(UTC) - timedelta(hours=10))
    assert figures(OWNER, asked)["in hand"].value == 1
    send("case", case, c.SetFacts(facts={"count": 3}))
    counted = figures(OWNER, asked)
    assert counted["turnaround"].value == pytest.approx(10, abs=0.1)
    assert (counted["in time"].value, counted["in time"].of) == (100, 1)
    assert counted["in hand"].value == 0
    assert cases_behind(OWNER, "turnaround", asked) == [case]


def test_ratings_complaints_and_waiting_are_counted(asked: Filter) -> None:
    a_service_goal()
    a_service_goal(COMPLAINT, "complaint")
    first, second = a_case(a_customer()), a_case(a_customer(), "complaint")
    send("case", first, c.RecordPerception(score=2))
    send("case", second, c.RecordPerception(score=5))
    counted = figures(OWNER, asked)
    assert counted["satisfaction"].value == 3.5
    assert counted["complaints"].value == 50
    assert ratings(OWNER, asked) == {1: 0, 2: 1, 3: 0, 4: 0, 5: 1}
    assert waiting(OWNER, asked) == {"us": 2}
    assert cases_behind(OWNER, "complaints", asked) == [second]


def test_a_filter_narrows_all_of_them(asked: Filter) -> None:
    a_service_goal()
    send("case", a_case(a_customer(), channel="phone"), c.RecordPerception(score=1))
    send("case", a_case(a_customer(), channel="mail"), c.RecordPerception(score=5))
    narrowed = Filter(asked.since, asked.until, channel="mail")
    assert figures(OWNER, narrowed)["satisfaction"].value == 5
    assert figures(OWNER, narrowed)["in hand"].value == 1
    assert {group.key: group.figures["satisfaction"].value for group in groups(OWNER, "channel", asked)} == {
        "phone": 1,
        "mail": 5,
    }


def test_a_trend_covers_its_period_in_order(asked: Filter) -> None:
    a_service_goal()
    a_case(a_customer())
    points = trend(OWNER, "in hand", asked)
    assert points[0].since == asked.since
    assert [point.since for point in points] == sorted(point.since for point in points)
    assert points[-1].value == 1
