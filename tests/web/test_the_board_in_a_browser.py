"""The board in a real browser: figures for those who cannot see a chart."""

from typing import Any

import pytest
from playwright.sync_api import expect

from caseloom.engine.case import commands as c
from tests.streams.kit import a_case, a_customer, a_service_goal, send
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.desk.kit import a_person

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(desk: Desk, size: Any, scheme: Scheme) -> None:
    page = desk.sign_in(a_person("quentin", ("process owner",)), size, scheme)
    page.goto("/board/")
    faults = {"empty": violations(page)}
    a_service_goal()
    for score in (1, 3, 5):
        case = a_case(a_customer(f"Jens Ott {score}", f"jens{score}@example.org"))
        send("case", case, c.RecordPerception(score=score))
    page.goto("/board/?span=week")
    expect(page.locator("[data-chart] svg").first).to_be_visible()
    for fold in page.locator("details.fold > summary").all():
        fold.click()
    faults["figures"] = violations(page)
    page.goto("/board/cases/satisfaction/?span=week")
    faults["cases behind a figure"] = violations(page)
    assert {name: found for name, found in faults.items() if found} == {}
    assert desk.errors == []
