"""The gap report: what is often asked and nothing helps with, with the way to write about it."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import expect

from caseloom.learning.knowledge_keeping import KnowledgeKeeping
from caseloom.staff.models import Team
from caseloom.streams.door import the_door
from tests.streams.kit import empty_streams
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.desk.kit import a_card_case, a_house, a_person

__all__ = ["chromium", "desk"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _house() -> None:
    empty_streams()
    with connection.cursor() as cursor:
        cursor.execute("truncate knowledge_row, knowledge_gap")
    a_house()


def _asked() -> list[int]:
    """Six customers write about what no article is about: all cases of the kit do."""
    cases = [a_card_case(name) for name in ("Maria Keller", "Jens Ott", "Ada Ek", "Bo Holm", "Cem Ay", "Dora Ilg")]
    keeping = KnowledgeKeeping(the_door(), lambda: None)
    while keeping.work():
        pass
    return cases


def _page(*roles: str, path: str = "/board/knowledge/") -> Any:
    client = Client()
    client.force_login(a_person("quentin", roles or ("process owner",), ()))
    return client.get(path)


def test_an_empty_page_says_what_to_do() -> None:
    assert "No message was looked at yet" in _page().content.decode()


def test_a_gap_has_its_words_counts_cases_and_the_way_to_an_article() -> None:
    cases = _asked()
    page = _page().content.decode()
    assert "machine" in page and "friday" in page
    assert f"/desk/cases/{cases[-1]}/" in page
    assert "/studio/card/edit/#add-knowledge" in page


def test_who_may_not_write_is_not_offered_to() -> None:
    _asked()
    page = _page("supervisor").content.decode()
    assert "machine" in page and "#add-knowledge" not in page


def test_agents_have_no_figures() -> None:
    assert _page("agent").status_code == 403


def test_another_service_goal_is_another_view() -> None:
    _asked()
    assert "machine" in _page(path="/board/knowledge/?goal=card").content.decode()


def test_a_case_of_a_confidential_team_is_no_link() -> None:
    cases = _asked()
    Team.objects.filter(key="cards").update(confidential=True)
    page = _page().content.decode()
    assert not [case for case in cases if f"/desk/cases/{case}/" in page]


@pytest.mark.browser
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_report(desk: Desk, size: Any, scheme: Scheme) -> None:
    page = desk.sign_in(a_person("quentin", ("process owner",)), size, scheme)
    page.goto("/board/knowledge/")
    faults = {"empty": violations(page)}
    _asked()
    page.goto("/board/")
    page.get_by_role("link", name="What is often asked and nothing helps with").click()
    expect(page.locator("[data-chart] svg").first).to_be_visible()
    page.locator("details.fold > summary").first.click()
    faults["gaps"] = violations(page)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"
    assert {name: found for name, found in faults.items() if found} == {}
    page.get_by_role("link", name="Write an article").first.click()
    expect(page.locator("#add-knowledge")).to_be_visible()
    assert desk.errors == []
