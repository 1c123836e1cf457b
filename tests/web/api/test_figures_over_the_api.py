"""Figures over the API: those of the board, for whoever may read figures."""

from typing import Any

import pytest

from caseloom.engine.case import commands as c
from tests.streams.kit import a_case, a_customer, a_service_goal, send
from tests.web.api.kit import Caller

pytestmark = pytest.mark.django_db(transaction=True)


def figures(owner: Caller, query: str = "") -> dict[str, Any]:
    answer = owner.get(f"/figures{query}")
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    return told | {figure["name"]: figure for figure in told["figures"]}


def test_the_figures_move_by_the_case_that_came() -> None:
    owner = Caller("process owner")
    a_service_goal()
    before = figures(owner)
    assert (before["satisfaction"]["value"], before["satisfaction"]["of"]) == (None, 0)
    case = a_case(a_customer(), team="service", channel="phone")
    send("case", case, c.RecordPerception(score=2))
    after = figures(owner)
    assert (after["in hand"]["value"], after["in hand"]["change"], after["in hand"]["better"]) == (1, 1, False)
    assert (after["satisfaction"]["value"], after["ratings"]["2"]) == (2, 1)
    assert [group["key"] for group in after["by_channel"]] == ["phone"]
    assert figures(owner, "?channel=mail")["in hand"]["value"] == 0
    assert figures(owner, "?span=week&goal=test")["in hand"]["value"] == 1


@pytest.mark.parametrize("query", ["?span=fortnight", "?goal=a%00b"])
def test_a_filter_that_makes_no_sense_is_a_problem(query: str) -> None:
    answer = Caller("process owner").get(f"/figures{query}")
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")


def test_an_agent_reads_no_figures() -> None:
    assert Caller("agent").get("/figures").status_code == 403
