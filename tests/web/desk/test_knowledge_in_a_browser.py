"""Knowledge at the desk in a real browser: found while typing, put into the message, rated, remembered."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from caseloom.cases.kind import CASES
from caseloom.learning.knowledge_keeping import KnowledgeKeeping
from caseloom.staff.models import User
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history
from tests.streams.kit import empty_streams
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.desk.kit import a_card_case, a_house, a_person

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SHOTS = os.environ.get("CASELOOM_SHOTS", "")


@pytest.fixture
def ada() -> User:
    empty_streams()
    a_house()
    return a_person("ada")


def _rank() -> None:
    keeping = KnowledgeKeeping(the_door(), lambda: None)
    while keeping.work():
        pass


def _told(case: int, stored: str) -> list[Any]:
    return [one.event for one in read_history(the_door(), CASES, case) if one.event.stored == stored]


def shot(page: Page, name: str) -> None:
    """Keep a picture where a folder is named for it."""
    if SHOTS:
        page.wait_for_timeout(150)
        page.screenshot(path=str(Path(SHOTS) / f"knowledge-{name.replace(' ', '-')}.png"))


def test_an_article_is_found_put_into_the_message_and_rated(desk: Desk, ada: User) -> None:
    case = a_card_case()
    _rank()
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{case}/?view=all")
    page.keyboard.press("i")
    expect(page.locator("#know-q")).to_be_focused()
    page.keyboard.type("prove ident")
    found = page.locator(f"#know-found-{case} .piece", has_text="Which questions prove an identity")
    expect(found).to_be_visible()
    found.locator("summary").click()
    expect(found).to_contain_text("Never ask for the PIN.")
    found.get_by_role("button", name="Put into the message").click()
    expect(page.locator("#co-text")).to_have_value("Two of three are enough.\n\nNever ask for the PIN.")
    expect(page.locator("#co-text")).to_be_focused()
    page.locator("#co-subject").fill("Your questions")
    found.get_by_role("button", name="Helped", exact=False).first.click()
    expect(page.locator("#toasts")).to_contain_text("Noted")
    # What was typed stays, and the message still knows whose words it has.
    expect(page.locator("#co-text")).to_have_value("Two of three are enough.\n\nNever ask for the PIN.")
    page.locator("#co-text").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("On its way")
    assert [one.article for one in _told(case, "knowledge_used.1")] == ["card:questions"]
    assert [one.helped for one in _told(case, "knowledge_rated.1")] == [True]
    _rank()
    page.goto(f"/desk/cases/{case}/?view=all")
    expect(page.locator(".knowledge")).to_contain_text("helped 1 of 1 time")
    assert desk.errors == []


def test_a_second_thought_is_one_key_away(desk: Desk, ada: User) -> None:
    case = a_card_case()
    _rank()
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{case}/?view=all")
    page.locator("#know-1 > summary").click()
    page.keyboard.press("+")
    expect(page.locator("#know-1").get_by_role("button", name="Helped", exact=False).first).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(page.locator("#know-1")).to_have_attribute("open", "")
    page.keyboard.press("-")
    expect(page.locator("#know-1").get_by_role("button", name="Did not help")).to_have_attribute("aria-pressed", "true")
    assert [one.helped for one in _told(case, "knowledge_rated.1")] == [True, False]
    assert desk.errors == []


def test_a_word_for_what_was_found_can_be_taken_back_too(desk: Desk, ada: User) -> None:
    case = a_card_case()
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{case}/?view=all")
    page.locator("#know-q").fill("identity")
    for button in ("Helped", "Did not help"):
        found = page.locator("#found-1")
        found.locator("summary").click()
        with page.expect_response("**/knowledge/**"):
            found.get_by_role("button", name=button, exact=False).first.click()
    assert [one.helped for one in _told(case, "knowledge_rated.1")] == [True, False]
    assert desk.errors == []


def test_a_letter_is_written_from_the_search(desk: Desk, ada: User) -> None:
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{a_card_case()}/?view=all")
    page.locator("#know-q").fill("new pin")
    found = page.locator(".knowledge .piece", has_text="Your new PIN").last
    found.locator("summary").click()
    found.get_by_role("link", name="Write this letter").click()
    expect(page.locator("#co-subject")).to_have_value("Your new PIN is on its way")


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(size, scheme) for size in (DESKTOP, PHONE) for scheme in ("light", "dark")],
    ids=["desktop light", "desktop dark", "phone light", "phone dark"],
)
def test_axe_finds_nothing_in_knowledge(desk: Desk, ada: User, size: Any, scheme: Scheme) -> None:
    case = a_card_case()
    _rank()
    page = desk.sign_in(ada, size, scheme)
    page.goto(f"/desk/cases/{case}/?view=all")
    page.locator("#know-q").fill("new pin")
    expect(page.locator("#found-1")).to_be_visible()
    page.evaluate("document.querySelectorAll('.piece').forEach((one) => { one.open = true })")
    assert violations(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"
    page.locator(".knowledge").scroll_into_view_if_needed()
    shot(page, f"{'phone' if size is PHONE else 'desktop'} {scheme}")
    page.goto(f"/desk/cases/{case}/knowledge/?q=identity")
    assert violations(page) == []
    assert desk.errors == []
