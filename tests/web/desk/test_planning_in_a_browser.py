"""Planning in a real browser: the agent shapes the case, is refused, follows the way on, and makes a draft of it."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from caseloom.engine.case import commands as c
from caseloom.library.drafts import find_draft
from caseloom.sdk.access import Access
from caseloom.staff.access import of_user
from caseloom.staff.models import User
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.desk.kit import a_person, do
from tests.web.desk.planning_kit import a_planning_house, a_refund, goal_of, item_of, look, step_of

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SHOTS = os.environ.get("CASELOOM_SHOTS", "")


def shot(page: Page, name: str) -> None:
    """Keep a picture where a folder is named for it."""
    if SHOTS:
        page.wait_for_timeout(150)
        page.screenshot(path=str(Path(SHOTS) / f"plan-{name}.png"))


def an_owner() -> User:
    return a_person("ada", ("agent", "supervisor", "process owner"), ("money",))


def a_flow_case(access: Access) -> int:
    """A case whose process is past its first step."""
    case = a_refund()
    do(access, case, c.ChooseOption(goal=goal_of(look(access, case)), option="by the book"))
    do(access, case, c.CompleteTask(item=item_of(look(access, case), "Check the claim").id))
    return case


def test_an_agent_shapes_the_case_and_it_becomes_a_draft(desk: Desk) -> None:
    a_planning_house()
    ada = an_owner()
    case = a_refund()
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{case}/?view=all")

    # A task that nobody modelled, and the second thought.
    page.keyboard.press("a")
    page.get_by_label("What is to be done").first.fill("Ask the neighbour")
    page.get_by_role("button", name="Add this task").click()
    expect(page.get_by_role("heading", name="Ask the neighbour")).to_be_visible()
    toast = page.locator(".toast.undo")
    expect(toast).to_contain_text("Task added.")
    shot(page, "toast")
    toast.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Ask the neighbour")).to_have_count(0)
    page.keyboard.press("a")
    page.get_by_label("What is to be done").first.fill("Ask the neighbour")
    page.get_by_role("button", name="Add this task").click()
    expect(page.get_by_role("heading", name="Ask the neighbour")).to_be_visible()

    # By the book: a step of the process is left out.
    page.get_by_role("button", name="By the book").click()
    flow = page.get_by_role("region", name="Refund by the book")
    expect(flow.locator(".steps > li")).to_have_count(1)
    shot(page, "flow")
    page.keyboard.press("e")
    page.keyboard.press("f")
    sheet = page.get_by_role("dialog", name="Check the claim")
    sheet.get_by_text("Leave it out").click()
    sheet.locator("details[open]").get_by_label("Why").fill("Seen at the counter")
    shot(page, "step")
    sheet.get_by_role("button", name="Leave the step out").click()
    expect(sheet).to_have_count(0)
    expect(flow).to_contain_text("waits for a program that does “bank”")
    expect(flow).to_contain_text("Can be begun: Call the customer, Write a card")

    # The other way instead; a rule refuses, and names the way on.
    page.get_by_role("button", name="By hand").click()
    expect(flow).to_have_count(0)
    pay = page.locator(".task", has=page.get_by_role("heading", name="Pay it back"))
    pay.get_by_label("Reference of the bank").fill("A7")
    pay.get_by_role("button", name="Done").click()
    expect(pay.locator(".refused .sentence")).to_contain_text("must not be done until")
    shot(page, "refused")
    pay.locator(".ways button").first.click()
    expect(page.get_by_role("heading", name="Tell the bank")).to_have_count(0)
    expect(pay.get_by_label("Reference of the bank")).to_have_value("A7")
    pay.get_by_role("button", name="Done").click()
    expect(page.locator(".track .reached")).to_have_count(1)

    # What was done becomes a draft.
    expect(page.locator("main.case .state")).to_contain_text("complete")
    shot(page, "finished")
    page.get_by_role("button", name="Make a service goal of it").click()
    page.wait_for_url("**/studio/**/edit/")
    draft = find_draft(f"the money is back as in {case}")
    assert draft is not None
    assert "Pay it back" in draft.text and "Ask the neighbour" not in draft.text
    assert desk.errors == []


def test_the_drawing_marks_where_the_flow_stands(desk: Desk) -> None:
    a_planning_house()
    ada = an_owner()
    case = a_flow_case(of_user(ada))
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{case}/?view=all")
    scripts = page.evaluate("[...document.scripts].map((one) => one.src).join(' ')")
    assert "desk-flow" not in scripts, "only who opens the drawing loads the viewer"
    page.get_by_text("See the drawing").click()
    expect(page.locator('[data-element-id="transfer"].mark-active')).to_be_attached()
    expect(page.locator('[data-element-id="check"].mark-active')).to_have_count(0)
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    shot(page, "drawing")
    assert violations(page) == []
    assert desk.errors == []


def test_what_is_typed_in_a_sheet_stays_while_others_work(desk: Desk) -> None:
    a_planning_house()
    ada, eve = an_owner(), of_user(a_person("eve", ("agent",), ("money",)))
    case = a_refund()
    page = desk.sign_in(ada)
    with page.expect_response("**/live/"):
        page.goto(f"/desk/cases/{case}/?view=all")
    dots = page.locator("#sheet-goal-1")
    dots.click()
    sheet = page.locator("#sheet")
    sheet.get_by_text("Add a sub-goal").click()
    sheet.locator("details[open]").get_by_label("In your own words").fill("The neighbour is asked")
    do(eve, case, c.AddNote(text="I have the file here."))
    expect(page.get_by_text("I have the file here.")).to_be_attached()
    field = sheet.locator("details[open]").get_by_label("In your own words")
    expect(field).to_have_value("The neighbour is asked")
    expect(field).to_be_focused()
    sheet.get_by_role("button", name="Add the sub-goal").click()
    expect(page.locator(".track")).to_contain_text("The neighbour is asked")
    expect(page.locator(".track")).to_contain_text("part of “The money is back”")
    expect(dots).to_be_focused()
    dots.click()
    expect(page.locator("#sheet-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dots).to_be_focused()
    page.keyboard.press("z")
    expect(page.locator(".track")).not_to_contain_text("The neighbour is asked")
    assert desk.errors == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_any_sheet(desk: Desk, size: Any, scheme: Scheme) -> None:
    a_planning_house()
    ada = an_owner()
    access = of_user(ada)
    earlier, case = a_refund("Jens Ott"), a_flow_case(access)
    do(access, earlier, c.CompleteTask(item=item_of(look(access, earlier), "Look into it").id))
    view = look(access, case)
    do(
        access,
        case,
        c.ModifyGoal(
            goal=goal_of(view, "told"),
            reason="urgent now",
            priority="urgent",
            due=datetime.now(UTC) + timedelta(days=2),
        ),
    )
    do(access, case, c.CreateTask(title="Ask the neighbour", goal=goal_of(view)))
    (flow,) = view.state.flows
    transfer, care = (step_of(view, name)[1].id for name in ("transfer", "care"))
    task, part = (item_of(look(access, case), title).id for title in ("Ask the neighbour", "Inquiry"))
    base = f"/desk/cases/{case}"
    page = desk.sign_in(ada, size, scheme)
    name = f"{'phone' if size is PHONE else 'wide'}-{scheme}"
    faults: dict[str, list[str]] = {}

    def check(key: str) -> None:
        shot(page, f"{key}-{name}")
        found = violations(page)
        if found:
            faults[key] = found

    page.goto(f"{base}/?view=all")
    check("case")
    for key, opener in (
        ("goal", "#sheet-goal-1"), ("task", f"#sheet-task-{task}"), ("part", f"#sheet-part-{part}"),
        ("step", f"#sheet-step-{flow}-{transfer}"), ("care", f"#sheet-step-{flow}-{care}"),
        ("flow", f"#sheet-step-{flow}-0"),
    ):  # fmt: skip
        page.locator(opener).click()
        expect(page.locator("#sheet-title")).to_be_visible()
        page.evaluate(
            "document.querySelectorAll('#sheet details').forEach((one) => { one.name = ''; one.open = true })"
        )
        check(key)
        page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.keyboard.press("c")
    expect(page.locator("#sheet")).to_contain_text("What can be undone")
    check("undo")
    page.goto(f"{base}/earlier-cases/1/")
    check("earlier")
    page.get_by_role("link", name="Jens Ott").click()
    expect(page.locator("#sheet-title")).to_have_count(1)
    expect(page.get_by_text("Look into it", exact=True)).to_be_visible()
    check("past")
    assert faults == {}
