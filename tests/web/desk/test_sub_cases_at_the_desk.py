"""Cases inside cases at the desk: seen on both, with their state, and opened for a task."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from caseloom.cases.queries import read_case
from caseloom.cases.subcases import OPEN, TELL
from caseloom.engine.case import commands as c
from caseloom.library.plans import the_plans
from caseloom.library.publishing import publish
from caseloom.sdk.stream import Answer
from tests.cases.test_sub_cases import MOVE, REPAIR, perform
from tests.streams.kit import PROGRAM, a_case, a_customer, empty_streams, send
from tests.web.api.kit import a_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def browser() -> Iterator[Client]:
    empty_streams()
    the_plans.forget()
    for text in ("house rules: house\ntitle: House\nteams: {service: Service}\n", REPAIR, MOVE):
        assert isinstance(publish(PROGRAM, text, thorough=False), Answer)
    client = Client(raise_request_exception=True)
    client.force_login(a_user("agent"))
    yield client


def sees(browser: Client, case: int, path: str = "") -> str:
    answer = browser.get(f"/desk/cases/{case}/{path}", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def asked_for(case: int) -> int:
    """The case that does a task of this one."""
    view = read_case(PROGRAM, case)
    assert view is not None
    return next(item.sub_case for item in view.state.items.values() if item.sub_case)


def test_both_cases_show_each_other_with_their_state(browser: Client) -> None:
    case = a_case(a_customer(), "claim", house_version=1)
    child = asked_for(case)
    perform(OPEN)
    page = sees(browser, case)
    assert f"A case of its own does it: #{child} Repair · open" in page
    assert "Cases opened for this one Repair" in page and f"#{child} · open" in page
    assert "Other cases" not in page, "it is no other matter of the customer"
    assert f"Opened for Claim #{case} · open" in sees(browser, child)
    send("case", child, c.SetFacts(facts={"mended": True}))
    perform(TELL)
    assert f"#{child} · complete" in sees(browser, case), "it stays to be seen when it is over"
    assert f"Opened for Claim #{case} · complete" in sees(browser, child)


def test_a_case_is_opened_for_a_task_and_its_goal_is_waited_for(browser: Client) -> None:
    case = a_case(a_customer(), "repair", house_version=1)
    send("case", case, c.CreateTask(title="Get a spare part", goal=1))
    view = read_case(PROGRAM, case)
    assert view is not None
    [task] = [item.id for item in view.state.items.values()]
    assert "Open a case of its own for it" in sees(browser, case, f"sheet/task/{task}/")
    sent: dict[str, Any] = {
        "form": "f", "item": task, "service_goal": "repair", "title": "Spare part",
        "command_id": "6c1d9dbe-52a7-4d5c-8f0c-0d5a1f1d3c12",
    }  # fmt: skip
    for _ in range(2):
        answer = browser.post(f"/desk/cases/{case}/sub-case/", sent, headers={"HX-Request": "true"})
        assert answer.status_code == 200, answer.content.decode()
    view = read_case(PROGRAM, case)
    assert view is not None
    [mirror] = [goal for goal in view.state.goals.values() if goal.mirror is not None]
    assert mirror.mirror is not None and view.state.goals[1].waits_on == (mirror.id,)
    child = read_case(PROGRAM, mirror.mirror.case)
    assert child is not None
    assert (child.state.parent, child.state.parent_item, child.state.customer) == (case, task, view.state.customer)
    assert "Cases opened for this one" in sees(browser, case) and f"Opened for Repair #{case}" in sees(
        browser, child.state.id
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"item": "99", "service_goal": "repair"}, "not open any more"),
        ({"item": "x", "service_goal": "repair"}, "not open any more"),
        ({"item": "1", "service_goal": "moon"}, "that is offered"),
        ({"item": "1"}, "that is offered"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_words(browser: Client, fields: dict[str, str], says: str) -> None:
    case = a_case(a_customer(), "repair", house_version=1)
    send("case", case, c.CreateTask(title="Get a spare part"))
    view = read_case(PROGRAM, case)
    assert view is not None
    task = next(iter(view.state.items))
    sent = {"form": "f", **fields} | ({"item": str(task)} if fields["item"] == "1" else {})
    answer = browser.post(f"/desk/cases/{case}/sub-case/", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 422 and says in answer.content.decode()
