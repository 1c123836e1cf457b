"""Running cases brought to another version in a real browser: tried, brought over, brought back; and axe."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from caseloom.cases.queries import read_case
from caseloom.library.plans import latest_versions
from caseloom.web.studio import running
from tests.streams.kit import PROGRAM, a_case, a_customer
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.studio.kit import an_owner, published
from tests.web.studio.test_running_cases import HOUSE, NEW, OLD

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SHOTS = os.environ.get("CASELOOM_SHOTS", "")


def shot(page: Page, name: str) -> None:
    """Keep a picture where a folder is named for it."""
    if SHOTS:
        page.wait_for_timeout(150)
        page.screenshot(path=str(Path(SHOTS) / f"running-{name}.png"), full_page=True)


def running_cases(count: int) -> list[int]:
    published(HOUSE, OLD)
    cases = [a_case(a_customer(f"Customer {n}"), "moving", house_version=1) for n in range(count)]
    published(NEW)
    latest_versions.forget()  # type: ignore[attr-defined]
    return cases


def versions(cases: list[int]) -> set[int]:
    return {view.state.version for case in cases if (view := read_case(PROGRAM, case)) is not None}


def test_cases_are_tried_brought_over_and_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 2)
    monkeypatch.setattr(running, "PORTION", 0.01)
    cases = running_cases(9)
    page = desk.sign_in(an_owner())
    page.goto("/studio/moving/versions/")
    page.keyboard.press("6")
    page.wait_for_url("**/running/")
    choice = page.get_by_label("Write back")
    expect(choice).to_have_value("=reply")
    choice.select_option("")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Try it on 9 cases, without effect").click()
    state = page.locator("#run-state")
    expect(state).to_contain_text("0 of 9 cases would go over to version 2. Nothing has happened yet.")
    state.get_by_text("would stay:").click()
    expect(state.get_by_role("link", name="Customer 0").first).to_be_visible()
    expect(page.get_by_role("button", name="Stop here")).to_have_count(0)
    shot(page, "tried")

    choice.select_option(label="Write back")
    page.get_by_role("button", name="Try it on 9 cases, without effect").click()
    expect(state).to_contain_text("9 of 9 cases would go over")
    assert versions(cases) == {1}
    page.get_by_role("button", name="Bring 9 cases over to version 2 now").click()
    expect(state).to_contain_text("9 of 9 cases follow version 2 now.")
    expect(page.locator("#standing tbody tr")).to_have_count(1)
    expect(page.locator("#trial-said")).to_contain_text("Done: 9 of 9 cases.")
    assert versions(cases) == {2}
    shot(page, "over")

    page.reload()
    page.keyboard.press("z")
    page.get_by_role("button", name="Bring cases back").click()
    expect(state).to_contain_text("9 cases went back from version 2.")
    assert versions(cases) == {1}
    assert desk.errors == []


def test_a_run_is_stopped_and_what_is_done_stays_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CHUNK", 1)
    monkeypatch.setattr(running, "PORTION", 0.0)
    running_cases(40)
    page = desk.sign_in(an_owner())
    page.goto("/studio/moving/running/")
    page.get_by_role("button", name="Try it on 40 cases").click()
    page.get_by_role("button", name="Stop here").click()
    expect(page.get_by_role("button", name="Stop here")).to_have_count(0)
    page.wait_for_timeout(900)
    expect(page.locator("#run-state")).to_contain_text("of 40 cases looked at")
    assert desk.errors == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(desk: Desk, size: Any, scheme: Scheme) -> None:
    running_cases(3)
    page = desk.sign_in(an_owner(), size, scheme)
    page.goto("/studio/moving/running/")
    page.locator("#back > summary").click()
    faults = violations(page)
    page.get_by_role("button", name="Try it on 3 cases").click()
    expect(page.locator("#run-state")).to_contain_text("3 of 3 cases would go over")
    page.locator(".outcomes summary").click()
    faults += violations(page)
    shot(page, f"{'phone' if size is PHONE else 'wide'}-{scheme}")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert (faults, wide) == ([], 0)
    assert desk.errors == []
