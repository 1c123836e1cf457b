"""What people do differently, in a real browser: seen, drafted, published; and axe on the pages of what is learned."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from caseloom.learning import versions
from caseloom.learning.models import ProposalRow
from caseloom.learning.proposals_found import refresh
from caseloom.library.plans import latest, latest_versions
from caseloom.streams.door import the_door
from caseloom.streams.tail import Place
from tests.learning.proposal_kit import BEN, CALL, CLEO, DORA, a_repair, a_repair_shop, drifted
from tests.learning.test_learned import opened
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.studio.kit import an_owner

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SHOTS = os.environ.get("CASELOOM_SHOTS", "")


def shot(page: Page, name: str) -> None:
    """Keep a picture where a folder is named for it."""
    if SHOTS:
        page.wait_for_timeout(150)
        page.screenshot(path=str(Path(SHOTS) / f"differently-{name}.png"), full_page=True)


@pytest.fixture(autouse=True)
def _house(desk: Desk) -> None:
    ProposalRow.objects.all().delete()
    for name in ("intake", "next step"):
        versions.forget_all(name)
    a_repair_shop()


def test_the_owner_sees_the_proposal_makes_the_draft_and_publishes_it(desk: Desk) -> None:
    drifted()
    refresh(the_door(), "repair")
    page = desk.sign_in(an_owner())
    page.goto("/studio/")
    page.get_by_role("link", name="1 thing that people do differently").click()
    expect(page.get_by_role("heading", name=f"They add “{CALL}”")).to_be_visible()
    expect(page.locator(".proposal [data-chart] svg")).to_be_visible()
    shot(page, "proposal")
    page.keyboard.press("m")
    page.wait_for_url("**/edit/?at=*")
    expect(page.locator("main")).to_contain_text("Call back the next day")
    shot(page, "draft")
    page.goto("/studio/repair/release/")
    page.get_by_role("button", name="Publish").first.click()
    expect(page.locator("main")).to_contain_text("version 2", timeout=20_000)
    latest_versions.forget()  # type: ignore[attr-defined]
    assert latest("repair") == 2
    refresh(the_door(), "repair")
    page.goto("/studio/repair/differently/")
    expect(page.get_by_role("heading", name="Nothing is done differently often enough")).to_be_visible()
    assert desk.errors == []


def test_it_is_declined_with_a_reason_by_keyboard(desk: Desk) -> None:
    drifted()
    refresh(the_door(), "repair")
    page = desk.sign_in(an_owner())
    page.goto("/studio/repair/edit/")
    page.keyboard.press("Escape")
    page.keyboard.press("7")
    page.wait_for_url("**/differently/")
    fold = page.locator("summary", has_text="Not for us")
    fold.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("We call at once.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Not for us, says Quentin Person: We call at once.")).to_be_visible()
    assert desk.errors == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(desk: Desk, size: Any, scheme: Scheme) -> None:
    drifted()
    for number in range(24):
        a_repair((BEN, CLEO, DORA)[number % 3], option="replace it", without=("look",) if number % 2 else ())
    refresh(the_door(), "repair")
    for figures in ({"examples": 4000, "goals": 9}, {"examples": 4100, "goals": 9}):
        versions.save("intake", b"", Place(), figures)
    opened("repair", now_is="repair")
    opened("moving", now_is="repair")
    with connection.cursor() as cursor:
        cursor.execute("truncate advice_followed")
        cursor.execute("insert into advice_followed values ('repair', date_trunc('week', now())::date, 40, 31, 38)")
    page = desk.sign_in(an_owner(), size, scheme)
    kind = f"{'phone' if size is PHONE else 'wide'}-{scheme}"
    for path, name in (
        ("/studio/", "front"), ("/studio/repair/differently/", "page"), ("/studio/learned/", "learned"),
        ("/studio/learned/openings/", "openings"),
    ):  # fmt: skip
        page.goto(path)
        for fold in page.locator("main details").all():
            fold.evaluate("one => one.open = true")
        shot(page, f"{name}-{kind}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, violations(page), wide) == (path, [], 0)
    assert desk.errors == []
