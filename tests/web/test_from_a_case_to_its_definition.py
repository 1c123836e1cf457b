"""One whole journey in a real browser: an agent shapes a case that no model foresaw, a rule refuses and names the way
on; what was done becomes a draft service goal, which is edited, tried, published, and used for the next customer.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from caseloom.cases.queries import read_case
from caseloom.library.drafts import find_draft
from caseloom.library.plans import latest
from tests.streams.kit import PROGRAM, a_customer
from tests.web.browser import Desk, chromium, desk, violations
from tests.web.desk.kit import a_person
from tests.web.desk.planning_kit import a_planning_house, a_refund

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SHOTS = os.environ.get("CASELOOM_SHOTS", "")


def shot(page: Page, name: str) -> None:
    """Keep a picture where a folder is named for it."""
    if SHOTS:
        page.wait_for_timeout(150)
        page.screenshot(path=str(Path(SHOTS) / f"journey-{name}.png"))


def test_what_people_did_becomes_the_way_for_the_next_customer(desk: Desk) -> None:
    a_planning_house()
    ada = a_person("ada", ("agent", "supervisor", "process owner"), ("money",))
    case = a_refund()
    a_customer("Jens Ott")
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{case}/?view=all")
    shape_the_case(page)
    follow_the_way_on(page)
    key = make_a_draft_of_it(page, case)
    edit_and_try(page, key)
    publish(page, key)
    use_it(page)
    assert desk.errors == []


def shape_the_case(page: Page) -> None:
    """A task that nobody modelled; the option replaced; a step of the flow cancelled; the first way after all."""
    page.keyboard.press("a")
    page.get_by_label("What is to be done").first.fill("Ask the neighbour")
    page.get_by_role("button", name="Add this task").click()
    asked = page.locator(".task", has=page.get_by_role("heading", name="Ask the neighbour"))
    asked.get_by_role("button", name="Done").click()
    expect(asked).to_have_count(0)

    page.get_by_role("button", name="By hand").click()
    expect(page.get_by_role("heading", name="Pay it back")).to_be_visible()
    page.get_by_role("button", name="By the book").click()
    expect(page.get_by_role("heading", name="Pay it back")).to_have_count(0)
    flow = page.get_by_role("region", name="Refund by the book")
    expect(flow).to_contain_text("Check the claim")
    shot(page, "1-replaced")
    page.keyboard.press("e")
    page.keyboard.press("f")
    sheet = page.get_by_role("dialog", name="Check the claim")
    sheet.get_by_text("Leave it out").click()
    sheet.locator("details[open]").get_by_label("Why").fill("Seen at the counter")
    sheet.get_by_role("button", name="Leave the step out").click()
    expect(flow).to_contain_text("Transfer the money")
    page.get_by_role("button", name="By hand").click()
    expect(flow).to_have_count(0)


def follow_the_way_on(page: Page) -> None:
    """The rule refuses, what was typed stays, the button that it names does what is missing."""
    pay = page.locator(".task", has=page.get_by_role("heading", name="Pay it back"))
    pay.get_by_label("Reference of the bank").fill("A7")
    pay.get_by_role("button", name="Done").click()
    expect(pay.locator(".refused .sentence")).to_contain_text("must not be done until")
    shot(page, "2-refused")
    pay.locator(".ways button").first.click()
    expect(page.get_by_role("heading", name="Tell the bank")).to_have_count(0)
    expect(pay.get_by_label("Reference of the bank")).to_have_value("A7")
    pay.get_by_role("button", name="Done").click()
    expect(page.locator("main.case .state")).to_contain_text("complete")


def make_a_draft_of_it(page: Page, case: int) -> str:
    page.get_by_role("button", name="Make a service goal of it").click()
    page.wait_for_url("**/studio/**/edit/")
    key = f"the money is back as in {case}"
    draft = find_draft(key)
    assert draft is not None
    assert "Pay it back" in draft.text and "Ask the neighbour" in draft.text
    assert latest(key) == 0, "a draft binds nobody"
    shot(page, "3-draft")
    return key


def edit_and_try(page: Page, key: str) -> None:
    """Its name and its customers' words in the form; then played to its end in the sandbox."""
    page.get_by_role("link", name="for whom, by whom, on which channels").click()
    page.get_by_label("Title needed").fill("Money back after a talk with the neighbour")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".cm-content")).to_contain_text("title: Money back after a talk with the neighbour")
    page.get_by_role("link", name="Ask the neighbour").click()
    # The form of the task has taken the place of the one before, which has the same parts.
    expect(page.locator("[name='f/title']")).to_have_value("Ask the neighbour")
    page.locator("#part-more > summary").click()
    page.get_by_label("What the agent should know").fill("Ask kindly.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".cm-content")).to_contain_text("Ask kindly.")
    expect(page.locator("#text-said")).to_contain_text("Nothing is wrong with it")
    shot(page, "4-edited")

    page.get_by_role("link", name="Try it", exact=True).click()
    page.get_by_role("button", name="Begin the trial").click()
    play_to_the_end(page)
    expect(page.locator("#play-said")).to_contain_text("complete")
    shot(page, "5-tried")
    assert violations(page) == []


def play_to_the_end(page: Page) -> None:
    """Task after task, as somebody who follows the draft does them."""
    for title in ("Tell the bank", "Pay it back", "Ask the neighbour"):
        task = page.get_by_role("article").filter(has=page.get_by_role("heading", name=title))
        if title == "Pay it back":
            task.get_by_label("Reference of the bank").fill("B8")
        task.get_by_role("button", name="Done").click()
        expect(task).to_have_count(0)


def publish(page: Page, key: str) -> None:
    page.get_by_role("link", name="Publish", exact=True).click()
    expect(page.locator("#lived")).not_to_contain_text("Trying")
    page.get_by_role("button", name="Publish as version 1").click()
    expect(page.get_by_role("status").first).to_contain_text("New cases can be opened from it at once")
    assert latest(key) == 1
    shot(page, "6-published")


def use_it(page: Page) -> None:
    """The next customer's case goes that way from its first minute."""
    page.goto("/desk/new/")
    page.get_by_label("Find the customer").press_sequentially("Jens")
    page.get_by_role("radio", name="Jens Ott").check()
    page.get_by_label("Service goal").select_option(label="Money back after a talk with the neighbour")
    page.get_by_role("button", name="Open this case").click()
    page.wait_for_url("**/desk/cases/**")
    expect(page.get_by_role("heading", level=1, name="Money back after a talk with the neighbour")).to_be_visible()
    shot(page, "7-used")
    play_to_the_end(page)
    expect(page.locator("main.case .state")).to_contain_text("complete")
    number = int(page.url.split("/cases/")[1].split("/")[0])
    view = read_case(PROGRAM, number)
    assert view is not None and view.state.facts["reference"].value == "B8"
