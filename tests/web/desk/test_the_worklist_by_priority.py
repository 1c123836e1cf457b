"""The worklist by priority: its order, its pages, its filter, and that it costs the same however much there is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from caseloom.cases import queries
from caseloom.cases.queries import Cursor, Page, View, worklist
from caseloom.engine.case import commands as c
from caseloom.engine.spec.service_goal import Priority
from caseloom.foundation.clock import now
from caseloom.staff.access import of_user
from tests.streams.kit import PROGRAM, a_case, a_customer, a_service_goal, empty_streams, send
from tests.web.api.kit import Caller, a_user

pytestmark = pytest.mark.django_db(transaction=True)
ORDER: tuple[Priority, ...] = ("urgent", "high", "normal", "low")


@pytest.fixture(autouse=True)
def _store() -> Iterator[None]:
    empty_streams()
    a_service_goal()
    yield


def a_list(*priorities: Priority) -> list[int]:
    """A case of each priority, the first with the earliest deadline."""
    customer, cases = a_customer(), []
    for priority in priorities:
        case = a_case(customer)
        if priority != "normal":
            send("case", case, c.ModifyGoal(goal=1, priority=priority, reason="so it is"))
        cases.append(case)
    return cases


def numbers(page: Page) -> list[int]:
    return [line.case for line in page.lines]


def test_the_highest_comes_first_and_within_it_the_next_deadline() -> None:
    first, second, third, fourth, fifth = a_list("low", "normal", "urgent", "high", "urgent")
    assert numbers(worklist(PROGRAM, "all", now(), "priority")) == [third, fifth, fourth, second, first]
    send("case", first, c.ModifyGoal(goal=1, priority="urgent", reason="she called"))
    assert numbers(worklist(PROGRAM, "all", now(), "priority"))[0] == first, "the row moves with its goal"


def test_pages_follow_each_other_without_a_gap_or_a_double() -> None:
    cases = a_list(*(ORDER[number % 4] for number in range(17)))
    seen: list[int] = []
    page = worklist(PROGRAM, "all", now(), "priority", limit=4)
    while True:
        seen += numbers(page)
        if page.next is None:
            break
        page = worklist(PROGRAM, "all", now(), "priority", page.next, limit=4)
    assert len(seen) == len(set(seen)) == len(cases)
    assert seen == sorted(cases, key=lambda case: (cases.index(case) % 4, cases.index(case)))


@pytest.mark.parametrize("priority", ORDER)
def test_only_one_priority_is_listed(priority: Priority) -> None:
    cases = dict(zip(ORDER, a_list(*ORDER), strict=True))
    assert numbers(worklist(PROGRAM, "all", now(), priority=priority)) == [cases[priority]]


def test_order_and_filter_stand_in_the_address_and_stay_while_one_turns_the_page() -> None:
    urgent: list[Priority] = ["urgent"] * 52
    cases = a_list(*urgent, "low")
    browser = Client()
    browser.force_login(a_user("agent"))
    page = browser.get("/desk/?view=all&sort=priority&priority=urgent").content.decode()
    assert 'aria-current="true" data-key="o p"' in page and "Show all priorities" in page
    assert f'id="line-{cases[0]}"' in page and f'id="line-{cases[-1]}"' not in page
    more = page.split('class="more"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert "priority=urgent" in more and "sort=priority" in more
    rest = browser.get(more).content.decode()
    assert f'id="line-{cases[51]}"' in rest and f'id="line-{cases[0]}"' not in rest
    assert "No case of this priority is open here." in browser.get("/desk/?view=all&priority=high").content.decode()
    assert browser.get("/desk/?priority=moon&sort=moon&after=x|y|z|9").status_code == 200


def test_a_line_that_fits_the_filter_no_more_is_not_among_the_fresh_ones() -> None:
    [case] = a_list("urgent")
    browser = Client()
    browser.force_login(a_user("agent"))
    assert f"line-{case}" in browser.get(f"/desk/rows/?view=all&priority=urgent&cases={case}").content.decode()
    assert f"line-{case}" not in browser.get(f"/desk/rows/?view=all&priority=low&cases={case}").content.decode()


def test_the_api_sorts_and_filters_alike() -> None:
    low, urgent = a_list("low", "urgent")
    caller = Caller("agent")
    lines = caller.get("/cases?view=all&sort=priority").json()["cases"]
    assert [(line["case"], line["priority"]) for line in lines] == [(urgent, "urgent"), (low, "low")]
    assert [line["case"] for line in caller.get("/cases?view=all&priority=low").json()["cases"]] == [low]
    first = caller.get("/cases?view=all&sort=priority&limit=1").json()
    after = caller.get(f"/cases?view=all&sort=priority&limit=1&after={first['next']}").json()
    assert [line["case"] for line in after["cases"]] == [low]


def a_full_table() -> None:
    """20,000 rows of ten teams, and what PostgreSQL needs to know of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into work_row (case_id, team, assignee, due, waits_for, perception, service_goal, haste)"
            " select n, 'team ' || n %% 10, '', timestamptz '2026-01-01' + n * interval '1 minute', 'us', 9, 'test',"
            " (n / 7) %% 4 from generate_series(1, 20000) n",
            [],
        )
        cursor.execute("analyze work_row")


@pytest.mark.parametrize("view", ["team", "unassigned", "all"])
@pytest.mark.parametrize("only", [None, "urgent", "normal"])
@pytest.mark.parametrize("sort", ["priority", "due"])
def test_a_page_in_the_middle_reads_little_more_than_it_shows(
    view: View, only: Priority | None, sort: queries.Sort
) -> None:
    a_full_table()
    user = a_user("agent")
    user.teams = ["team 1", "team 2"]
    order, beyond = queries._ORDER[sort]
    where = f"{queries._WHERE[view]} and {beyond}" + (f" and w.haste = {queries.haste_of(only)}" if only else "")
    shape = (queries._ALL if view == "all" else queries._TEAMS).format(where=where, order=order, limit=51)
    middle = Cursor(datetime(2026, 1, 8, tzinfo=UTC), 9, 10_000, queries.haste_of(only) if only else 1)
    with connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, format json) {shape}", queries._values(of_user(user), now(), middle))
        [[plan]] = cursor.fetchone()
    read = sum(_rows(node) for node in _nodes(plan["Plan"]) if node.get("Relation Name") == "work_row")
    assert 0 < read <= 2 * 51 + 20, f"{read} rows read for a page of 50"


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _rows(node: dict[str, Any]) -> float:
    each = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return float(each * node["Actual Loops"])
