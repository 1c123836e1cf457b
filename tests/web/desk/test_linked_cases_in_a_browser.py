"""Cases that hang together, stuck steps and the list by priority in a real browser; axe on each of their screens."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from caseloom.cases.mirroring import ASK
from caseloom.cases.queries import read_case
from caseloom.engine.case import commands as c
from caseloom.engine.case import flow_commands as f
from caseloom.sdk.access import Access
from caseloom.staff.access import of_user
from caseloom.staff.models import User
from caseloom.web.desk import issue
from tests.cases.test_mirrors import perform
from tests.streams.kit import PROGRAM
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.desk.kit import a_person, do
from tests.web.desk.planning_kit import a_planning_house, a_refund, goal_of, item_of, look, step_of

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SHOTS = os.environ.get("CASELOOM_SHOTS", "")
FOUR = [(size, scheme) for size in (DESKTOP, PHONE) for scheme in ("light", "dark")]
NAMES = [f"{'phone' if size is PHONE else 'desktop'} {scheme}" for size, scheme in FOUR]


def shot(page: Page, name: str) -> None:
    """Keep a picture where a folder is named for it."""
    if SHOTS:
        page.wait_for_timeout(150)
        page.screenshot(path=str(Path(SHOTS) / f"link-{name.replace(' ', '-')}.png"))


@pytest.fixture
def ada() -> User:
    a_planning_house()
    return a_person("ada", ("agent", "supervisor", "process owner"), ("money",))


def a_stuck_case(access: Access) -> int:
    """A case whose process cannot go on: nobody knows the amount that its branching asks for."""
    case = a_refund()
    do(access, case, c.ChooseOption(goal=goal_of(look(access, case)), option="by the book"))
    do(access, case, c.CompleteTask(item=item_of(look(access, case), "Check the claim").id))
    flow, node = step_of(look(access, case), "transfer")
    do(access, case, f.CompleteWork(flow=flow.id, node=node.id))
    do(access, case, f.CorrelateMessage(name="bank answered"))
    flow, node = step_of(look(access, case), "care")
    do(access, case, f.FinishSteps(flow=flow.id, node=node.id))
    assert step_of(look(access, case), "sum")[1].status == "failed"
    return case


def sound(page: Page) -> None:
    assert violations(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"


@pytest.mark.parametrize(("size", "scheme"), FOUR, ids=NAMES)
def test_axe_finds_nothing_where_a_step_is_stuck(desk: Desk, ada: User, size: Any, scheme: Scheme) -> None:
    case = a_stuck_case(of_user(ada))
    flow, node = step_of(look(of_user(ada), case), "sum")
    page = desk.sign_in(ada, size, scheme)
    page.goto(f"/desk/cases/{case}/?view=all")
    stuck = page.locator(".steps .stuck")
    expect(stuck).to_contain_text("It cannot go on:")
    sound(page)
    stuck.scroll_into_view_if_needed()
    shot(page, f"stuck {NAMES[FOUR.index((size, scheme))]}")
    page.locator(f"#sheet-step-{flow.id}-{node.id}").click()
    sheet = page.locator("#sheet")
    expect(sheet.get_by_text("Try the step again")).to_be_visible()
    page.evaluate("document.querySelectorAll('#sheet details').forEach((one) => { one.name = ''; one.open = true })")
    sound(page)
    shot(page, f"stuck sheet {NAMES[FOUR.index((size, scheme))]}")
    assert desk.errors == []


def test_a_stuck_step_is_mended_by_keyboard(desk: Desk, ada: User) -> None:
    case = a_stuck_case(of_user(ada))
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{case}/?view=all")
    page.keyboard.press("e")
    page.keyboard.press("f")
    sheet = page.get_by_role("dialog", name="Is the sum known?")
    name = sheet.get_by_label("Name").first
    expect(name).to_be_focused()
    page.keyboard.type("amount")
    page.keyboard.press("Tab")
    page.keyboard.type("20")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".flow")).to_have_count(0)
    assert look(of_user(ada), case).state.facts["amount"].value == "20"
    assert desk.errors == []


@pytest.mark.parametrize(("size", "scheme"), FOUR, ids=NAMES)
def test_axe_finds_nothing_where_cases_hang_together(desk: Desk, ada: User, size: Any, scheme: Scheme) -> None:
    access, name = of_user(ada), NAMES[FOUR.index((size, scheme))]
    parent, child, other = a_refund("Head Office"), a_refund("Jens Ott"), a_refund("Ida Berg")
    do(access, child, c.MirrorGoal(case=parent, goal=goal_of(look(access, parent)), title="The bank works again"))
    perform(ASK)
    do(access, child, c.ModifyGoal(goal=goal_of(look(access, child)), priority="urgent", reason="She travels"))
    page = desk.sign_in(ada, size, scheme)
    page.goto(f"/desk/cases/{parent}/?view=all&sort=priority")
    expect(page.get_by_role("region", name="Who waits for this case")).to_contain_text("1 open")
    sound(page)
    shot(page, f"parent {name}")
    page.locator("#sheet-affected").click()
    expect(page.locator("#sheet-title")).to_have_text("Major issue")
    page.get_by_text("One message to all").click()
    sound(page)
    shot(page, f"issue {name}")
    for path in (f"issue/?q={other}", f"other-goals/{child}/?before=1", "other-goals/?q=jens"):
        page.goto(f"/desk/cases/{parent}/{path}")
        sound(page)
    page.goto("/desk/?view=all&sort=priority&priority=urgent")
    page.locator("#only > summary").click()
    sound(page)
    shot(page, f"priority {name}")
    assert desk.errors == []


def test_a_major_issue_from_the_first_case_to_the_message(
    desk: Desk, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issue, "CHUNK", 1)
    monkeypatch.setattr(issue, "PORTION", 0.0)
    parent = a_refund("Head Office")
    cases = [a_refund(name) for name in ("Jens Ott", "Ida Berg", "Ole Holm")]
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{parent}/?view=all")
    page.keyboard.press("e")
    page.keyboard.press("i")
    sheet = page.locator("#sheet")
    expect(sheet.get_by_label("Search open cases")).to_be_focused()
    sheet.get_by_label("Ole Holm").check()
    sheet.get_by_role("button", name="Add the chosen cases").click()
    expect(sheet).to_contain_text("1 case waits for this one now.")
    sheet.get_by_role("button", name="Add all 2 that were found").click()
    expect(sheet).to_contain_text("2 cases wait for this one now.")
    expect(sheet.get_by_role("heading", name="Who is affected 3")).to_be_visible()
    assert all(any(goal.mirror for goal in _goals(case)) for case in cases)

    sheet.get_by_text("One message to all").click()
    sheet.get_by_label("Subject").fill("The bank is slow, {{ name }}")
    sheet.get_by_role("textbox", name="Words").fill("Dear {{ name }},\n\nthe bank answers late. We stay with it.")
    sheet.get_by_role("button", name="Preview").click()
    expect(sheet.locator("#tell-preview")).to_contain_text("The bank is slow, Maria Keller")
    shot(page, "tell")
    sheet.get_by_role("button", name="Send it to 3 customers").click()
    expect(sheet).to_contain_text("On its way to 3 customers.")
    shot(page, "told")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    assert desk.errors == []


def _goals(case: int) -> list[Any]:
    view = read_case(PROGRAM, case)
    assert view is not None
    return list(view.state.goals.values())


def test_a_way_on_asks_for_its_reason_in_place(desk: Desk, ada: User) -> None:
    access = of_user(ada)
    case, other = a_refund(), a_refund("Jens Ott")
    waiting = goal_of(look(access, case), "told")
    do(access, case, c.MirrorGoal(case=other, goal=goal_of(look(access, other)), title="Their money", before=waiting))
    [mirror] = [goal for goal in look(access, case).state.goals.values() if goal.mirror is not None]
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{case}/?view=all")
    page.locator(f"#sheet-goal-{mirror.id}").click()
    sheet = page.locator("#sheet")
    expect(sheet.get_by_role("link", name="Open that case")).to_be_visible()
    expect(sheet.get_by_role("button", name="It is reached")).to_have_count(0)
    page.keyboard.press("Escape")
    page.locator(f"#sheet-goal-{waiting}").click()
    sheet.get_by_role("button", name="It is reached").click()
    refused = sheet.locator(".refused")
    expect(refused).to_contain_text("waits for “Their money”")
    button = refused.get_by_role("button", name="Waive what it waits for")
    button.click()
    expect(refused).to_be_visible()
    assert look(access, case).state.goals[mirror.id].status == "active", "without a reason nothing is sent"
    assert violations(page) == []
    shot(page, "reason")
    refused.get_by_label("Why").fill("They moved away")
    refused.get_by_label("Why").press("Enter")
    expect(page.locator(".track .waived")).to_have_count(1)
    assert look(access, case).state.goals[mirror.id].status == "waived"
    assert desk.errors == []


def test_the_list_is_narrowed_and_sorted_by_keys(desk: Desk, ada: User) -> None:
    access = of_user(ada)
    calm, urgent = a_refund("Jens Ott"), a_refund("Ida Berg")
    do(access, urgent, c.ModifyGoal(goal=goal_of(look(access, urgent)), priority="urgent", reason="She travels"))
    page = desk.sign_in(ada)
    page.goto("/desk/?view=all")
    lines = page.locator("#lines > li")
    expect(lines.first).to_have_attribute("data-case", str(calm))
    page.keyboard.press("o")
    page.keyboard.press("p")
    expect(lines.first).to_have_attribute("data-case", str(urgent))
    page.keyboard.press("o")
    page.keyboard.press("u")
    expect(lines).to_have_count(1)
    expect(page).to_have_url("/desk/?view=all&sort=priority&priority=urgent")
    page.get_by_role("link", name="Show all priorities").click()
    expect(lines).to_have_count(2)
    assert desk.errors == []
