"""The board's pages: figures with links to their cases, filters in the address, words where there is nothing yet."""

import pytest
from django.test import Client

from caseloom.engine.case import commands as c
from tests.streams.kit import a_case, a_customer, a_service_goal, send
from tests.web.api.kit import a_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner() -> Client:
    browser = Client()
    browser.force_login(a_user("process owner"), "django.contrib.auth.backends.ModelBackend")
    return browser


def page(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_an_empty_house_has_words_and_no_fault(owner: Client) -> None:
    assert "Nobody rated in this period" in page(owner, "/board/")


def test_figures_lead_to_their_cases(owner: Client) -> None:
    a_service_goal()
    case = a_case(a_customer("Jens Ott"))
    send("case", case, c.RecordPerception(score=2))
    assert "Satisfaction" in page(owner, "/board/?span=week")
    found = page(owner, "/board/cases/satisfaction/?span=week")
    assert f"/desk/cases/{case}/" in found
    assert "Jens Ott" in found


@pytest.mark.parametrize(
    "query", ["span=never", "goal=x%00", "channel=%F0%9F%98%80", "trend=nothing", "below=99999999999999999999"]
)
def test_a_wrong_address_shows_the_usual_figures(owner: Client, query: str) -> None:
    page(owner, f"/board/?{query}")
    page(owner, f"/board/cases/turnaround/?{query}")
    assert owner.get("/board/cases/nothing/").status_code == 404


def test_an_agent_does_not_see_the_figures() -> None:
    browser = Client()
    browser.force_login(a_user("agent"), "django.contrib.auth.backends.ModelBackend")
    assert browser.get("/board/").status_code == 403
