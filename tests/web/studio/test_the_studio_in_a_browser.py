"""The editor of rules in a real browser: completed by keyboard, its fault seen, tried, published; and axe."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from caseloom.library.models import VersionRow
from tests.streams.kit import a_service_goal
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.desk.kit import a_person
from tests.web.studio.test_rules_in_the_studio import GOAL, HOUSE, refunds

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def quentin() -> Any:
    a_service_goal(HOUSE, "house")
    a_service_goal(GOAL, "card")
    return a_person("quentin", ("process owner",))


def choose(page: Page, typed: str, word: str) -> None:
    """Type the beginning of a word, and take it from the list by keyboard."""
    page.keyboard.type(typed)
    option = page.get_by_role("option", name=word, exact=True).first
    expect(option).to_be_visible()
    for _ in range(40):
        if option.get_attribute("aria-selected") == "true":
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")


def test_a_rule_is_written_tried_and_published_by_keyboard(desk: Desk, quentin: Any) -> None:
    refunds(50, 101, 900)
    page = desk.sign_in(quentin)
    page.goto("/studio/card/")
    page.keyboard.press("c")
    page.wait_for_url("**/write/")
    page.keyboard.press("w")
    field = page.get_by_role("combobox", name="The rule, as a sentence")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    assert field.get_attribute("aria-expanded") == "true"
    choose(page, "The ref", "The refund a fact")
    expect(field).to_have_value("The refund ")
    choose(page, "mu", "must be")
    page.keyboard.type("at mo")
    expect(page.locator("#next-1")).to_contain_text("at most")
    page.keyboard.press("Enter")
    expect(field).to_have_value("The refund must be at most ")
    assert page.get_by_role("listbox").is_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(field).to_be_focused()
    page.keyboard.type("100 EUR.")
    expect(page.get_by_text("The sentence is whole.")).to_be_visible()
    expect(page.locator("[lang=de]")).to_have_text("Die Erstattung muss höchstens 100 EUR sein.")
    page.keyboard.press("Tab")
    page.keyboard.type("Take less")
    page.get_by_role("button", name="Try it on past cases").press("Enter")
    expect(page.locator("#trial-state")).to_contain_text("Looked at all 3 cases: 2 touched.")
    expect(page.locator("#trial-said")).to_contain_text("2 of 3")
    assert page.locator("#trial-cases > li").count() == 2
    assert violations(page) == []
    page.get_by_role("button", name="Publish the rule").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Version 2 is in force.")
    assert "way on: Take less" in page.locator("main").inner_text()
    assert (
        VersionRow.objects.get(key="card", version=2).text.replace(
            "  - {rule: The refund must be at most 100 EUR., way on: Take less}\n", ""
        )
        == GOAL
    )
    assert desk.errors == []


def test_a_quick_hand_gets_the_words_it_has_typed(desk: Desk, quentin: Any) -> None:
    page = desk.sign_in(quentin)
    page.goto("/studio/card/write/")
    field = page.locator("#sentence")
    field.press_sequentially("The refund must be at m")
    expect(page.locator("#next-1")).to_contain_text("at most")
    page.keyboard.press("Backspace")
    page.keyboard.type("l")
    page.keyboard.press("Tab")
    expect(field).to_have_value("The refund must be at least ")


def test_a_long_trial_can_be_stopped(desk: Desk, quentin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caseloom.web.studio.trying.PORTION", -1)
    refunds(*range(101, 141))
    page = desk.sign_in(quentin)
    page.goto("/studio/card/write/")
    page.locator("#sentence").fill("The refund must be at most 100 EUR.")
    page.select_option("#most", "all")
    page.get_by_role("button", name="Try it on past cases").click()
    stop = page.get_by_role("button", name="Stop here")
    stop.focus()
    expect(page.locator("#trial-state")).not_to_contain_text("1 of 40")
    expect(stop).to_be_focused()
    page.keyboard.press("Enter")
    expect(stop).to_be_hidden()
    expect(page.locator("#most")).to_be_focused()
    page.wait_for_load_state("networkidle")
    seen = page.locator("#trial-cases > li").count()
    assert 0 < seen < 40
    page.wait_for_timeout(300)
    assert page.locator("#trial-cases > li").count() == seen
    assert desk.errors == []


def test_a_fault_is_shown_at_its_word(desk: Desk, quentin: Any) -> None:
    page = desk.sign_in(quentin)
    page.goto("/studio/house/write/")
    field = page.locator("#sentence")
    field.press_sequentially("The refund must be at most wurst")
    expect(page.locator(".typed mark")).to_have_text("wurst")
    expect(page.get_by_text("I do not understand “wurst” here.")).to_be_visible()
    expect(page.locator(".expected li").first).to_be_visible()
    assert field.get_attribute("aria-invalid") == "true"
    assert violations(page) == []
    page.keyboard.press("t")
    page.get_by_role("button", name="Try it on past cases").click()
    expect(page.locator("#trial .unfit")).to_contain_text("wurst")
    assert field.input_value().startswith("The refund must be at most wurst")
    assert desk.errors == []


def test_a_word_is_put_in_the_middle(desk: Desk, quentin: Any) -> None:
    page = desk.sign_in(quentin)
    page.goto("/studio/house/write/?rule=The%20refund%20must%20be%20at%20most%205000%20EUR.")
    field = page.locator("#sentence")
    field.evaluate("field => { field.focus(); field.setSelectionRange(19, 26) }")
    page.keyboard.type("at l")
    expect(page.locator("#next-1")).to_contain_text("at least")
    page.keyboard.press("Tab")
    expect(field).to_have_value("The refund must be at least 5000 EUR.")
    expect(page.get_by_text("The sentence is whole.")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(desk: Desk, quentin: Any, size: Any, scheme: Scheme) -> None:
    page = desk.sign_in(quentin, size, scheme)
    faults = {}
    for path in ("", "card/", "house/?language=de", "card/write/"):
        page.goto(f"/studio/{path}")
        faults[path] = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        faults[f"{path} is too wide"] = [str(wide)] if wide > 0 else []
    page.locator("#sentence").press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    faults["open list"] = violations(page)
    assert {name: found for name, found in faults.items() if found} == {}
    assert desk.errors == []
