"""The workbench in a real browser: a service goal with its flow is edited in the form, in the text and in bpmn-js,
played in the sandbox to its end, published, and a case is opened from it on the desk; and axe on every page.
"""

import re
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from caseloom.library.drafts import save_draft
from caseloom.library.plans import latest
from tests.streams.kit import PROGRAM, a_customer
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.studio.kit import DMN, WITH_FLOW, a_house, an_owner, published, the_draft

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
THIRD_PARTY = "index-column"
"""dmn-js leaves the head of the column of rule numbers empty; all else on the page is ours or sound."""


@pytest.fixture
def owner() -> Any:
    a_house()
    return an_owner()


def wrong_with(page: Page) -> list[str]:
    return [line for line in violations(page) if THIRD_PARTY not in line]


def open_part(page: Page, key: str, *path: str) -> None:
    at = "[" + ",".join(f'"{step}"' for step in path) + "]"
    page.goto(f"/studio/{key}/edit/?at={quote(at)}")
    expect(page.locator("#part-form")).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator("#text-said")).to_contain_text("Saved")


def test_form_and_text_are_two_views_of_one_draft(desk: Desk, owner: Any) -> None:
    page = desk.sign_in(owner)
    open_part(page, "lost card", "goals", "blocked")
    title = page.get_by_label("Title")
    title.fill("No one can pay with it")
    page.keyboard.press("Control+Enter")
    code = page.locator(".cm-content")
    expect(code).to_contain_text("title: No one can pay with it")
    expect(page.locator(".node-line[aria-current]")).to_contain_text("No one can pay with it")
    assert "# Every minute counts." in the_draft().text

    code.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("# From the text.\n")
    page.keyboard.press("Control+s")
    saved(page)
    assert the_draft().text.startswith("# From the text.\n# Cards")
    expect(page.locator("#part-form")).to_be_visible()

    page.get_by_label("In the customer's words").fill("Nobody pays with it")
    code.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("# not saved yet")
    page.get_by_role("button", name="Save this part").click()
    expect(page.locator(".sight-goals")).to_contain_text("Nobody pays with it")
    saved(page)
    assert the_draft().text.endswith("# not saved yet")
    assert "customer title: Nobody pays with it" in the_draft().text

    page.get_by_label("Title").fill("It is blocked")
    page.get_by_role("link", name="By mail").click()
    expect(page.get_by_label("It may be chosen when")).to_be_visible()
    assert "title: It is blocked" in the_draft().text
    assert desk.errors == []


def test_faults_are_marked_at_their_line_in_both(desk: Desk, owner: Any) -> None:
    page = desk.sign_in(owner)
    page.goto("/studio/lost card/edit/")
    draft = the_draft()
    save_draft(PROGRAM, draft, draft.text.replace("arrived = true", "arivd = true"), draft.seen)
    open_part(page, "lost card", "goals", "new card")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    expect(page.locator("#f-reached_when-fault")).to_contain_text("did you mean “arrived”?")
    page.get_by_role("button", name="line 34").click()
    expect(page.locator(".cm-activeLine")).to_contain_text("arivd")
    assert wrong_with(page) == []
    page.get_by_label("It is reached when").fill("arrived = true")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(0)
    expect(page.locator(".faults")).to_have_count(0)
    assert desk.errors == []


def test_who_is_overtaken_keeps_what_they_typed_and_chooses(desk: Desk, owner: Any) -> None:
    page = desk.sign_in(owner)
    page.goto("/studio/lost card/edit/")
    code = page.locator(".cm-content")
    code.click()
    page.keyboard.press("Control+Home")
    draft = the_draft()
    save_draft(PROGRAM, draft, draft.text + "# theirs\n", draft.seen)
    page.keyboard.type("# mine\n")
    stale = page.locator("#text-stale")
    expect(stale).to_contain_text("Caseloom saved this definition meanwhile")
    assert wrong_with(page) == []
    expect(code).to_contain_text("# mine")
    stale.get_by_role("button", name="Keep mine").press("Enter")
    saved(page)
    assert the_draft().text.startswith("# mine\n") and "# theirs" not in the_draft().text


def test_a_flow_is_changed_on_the_canvas_and_in_the_panel_by_keyboard(desk: Desk, owner: Any) -> None:
    page = desk.sign_in(owner)
    page.goto("/studio/refunds/draw/")
    expect(page.locator("#canvas[data-ready]")).to_be_visible()
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    step = page.get_by_label("Step", exact=True)
    step.select_option("check")
    page.get_by_label("Name", exact=True).fill("Look at the claim")
    page.keyboard.press("Tab")
    page.get_by_label("Roles or teams that may do it").fill("supervisor")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Add a field").press("Enter")
    page.get_by_label("Fact").last.fill("amount")
    page.keyboard.press("Tab")
    step.select_option("yes")
    page.get_by_label("Taken when (FEEL)").fill("approved = true and amount < 100")
    page.keyboard.press("Tab")
    step.select_option("transfer")
    page.get_by_label("Add a step behind it").select_option("bpmn:UserTask")
    page.get_by_label("Name", exact=True).fill("Tell the customer")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator("#model-said")).to_contain_text("Saved. Nothing is wrong with it.")
    drawn = the_draft("refunds").text
    for said in (
        'name="Look at the claim"',
        'candidateGroups="supervisor"',
        'id="amount"',
        "amount &lt; 100",
        "Tell the customer",
    ):
        assert said in drawn, said
    page.get_by_label("Step", exact=True).select_option("yes")
    page.get_by_label("Taken when (FEEL)").fill("amount <")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator("#model-faults")).to_contain_text("yes")
    assert wrong_with(page) == []
    assert desk.errors == []


def test_a_decision_table_is_changed(desk: Desk, owner: Any) -> None:
    published(DMN.read_text())
    page = desk.sign_in(owner)
    page.goto("/studio/refund limits/table/")
    expect(page.locator("#table[data-ready]")).to_be_visible()
    cell = page.get_by_text("<= 25", exact=True)
    cell.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("<= 30")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator("#model-said")).to_contain_text("Saved. Nothing is wrong with it.")
    assert "&lt;= 30" in the_draft("refund limits").text or "<= 30" in the_draft("refund limits").text
    assert desk.errors == []


def test_the_form_of_a_task_is_drawn(desk: Desk, owner: Any) -> None:
    page = desk.sign_in(owner)
    open_part(page, "lost card", "tasks", "block the card")
    page.get_by_role("link", name="Draw its form").click()
    expect(page.locator("#form-editor[data-ready]")).to_be_visible()
    box = page.locator(".fjs-palette-field[data-field-type=number]").bounding_box()
    to = page.locator(".fjs-form-field").first.bounding_box()
    assert box is not None and to is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(to["x"] + 60, to["y"] + to["height"] + 6, steps=12)
    page.mouse.move(to["x"] + 62, to["y"] + to["height"] + 8, steps=4)
    page.mouse.up()
    expect(page.locator(".fjs-form-field-number")).to_have_count(1)
    page.get_by_role("button", name="Take this form").click()
    expect(page.locator("#part-form")).to_be_visible()
    text = the_draft().text
    assert re.search(r"form: \[(number \w+, card ending|card ending, number \w+)\]", text), text
    assert "type: number" in text
    assert "# the usual one" in text
    assert desk.errors == []


def test_from_a_draft_to_a_case_on_the_desk(desk: Desk, owner: Any) -> None:
    a_customer("Maria Keller")
    page = desk.sign_in(owner)
    page.goto("/studio/")
    page.keyboard.press("n")
    page.wait_for_url("**/new/")
    page.locator("#new-file").set_input_files({"name": "g.yaml", "mimeType": "text/yaml", "buffer": WITH_FLOW.encode()})
    page.get_by_role("button", name="Upload the file").click()
    page.wait_for_url("**/studio/refund/edit/")

    open_part(page, "refund", "goals", "paid")
    page.get_by_label("Title").fill("The customer has the money")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".cm-content")).to_contain_text("title: The customer has the money")
    code = page.locator(".cm-content")
    code.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nchannels: [[phone]")
    page.keyboard.press("Control+s")
    expect(page.locator("#text-said")).to_contain_text("Saved, with faults")
    page.keyboard.press("Home")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    page.keyboard.press("Control+s")
    expect(page.locator("#text-said")).to_contain_text("Nothing is wrong with it")

    page.goto("/studio/refunds/draw/")
    page.get_by_label("Step", exact=True).select_option("check")
    page.get_by_label("Name", exact=True).fill("Look at the claim")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.locator("#model-said")).to_contain_text("Saved. Nothing")
    page.get_by_role("link", name="Publish").click()
    expect(page.locator("#lived")).not_to_contain_text("Trying")
    page.get_by_role("button", name="Publish as version 2").click()
    expect(page.get_by_role("status").first).to_contain_text("Version 2 is in force")

    page.goto("/studio/refund/play/")
    page.get_by_role("button", name="Begin the trial").click()
    expect(page.locator(".djs-shape.mark-active")).to_have_count(1)
    look = page.get_by_role("article").filter(has_text="Look at the claim")
    look.get_by_label("Approved").select_option("true")
    look.get_by_role("button", name="Done").click()
    expect(page.locator(".djs-shape.mark-active")).to_have_count(1)
    page.get_by_role("button", name="The program for “bank” does “Transfer the money”").click()
    page.get_by_role("button", name="“bank answered” comes").click()
    expect(page.locator("#play-said")).to_contain_text("complete")
    assert wrong_with(page) == []

    page.get_by_role("link", name="Publish").click()
    expect(page.locator("#lived")).not_to_contain_text("Trying")
    page.get_by_role("button", name="Publish as version 1").click()
    expect(page.get_by_role("status").first).to_contain_text("New cases can be opened from it at once")
    assert latest("refund") == 1

    page.goto("/desk/new/")
    expect(page.locator("body")).to_contain_text("Money back")
    assert desk.errors == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(desk: Desk, owner: Any, size: Any, scheme: Scheme) -> None:
    published(WITH_FLOW, DMN.read_text())
    draft = the_draft()
    save_draft(PROGRAM, draft, draft.text.replace("By mail", "By post"), draft.seen)
    page = desk.sign_in(owner, size, scheme)
    faults: dict[str, list[str]] = {}
    paths = (
        "", "new/", "lost card/edit/", 'lost card/edit/?at=["tasks","block the card"]', "house/edit/", "refunds/draw/",
        "refund limits/table/", 'lost card/form/?at=["tasks","block the card"]', "lost card/versions/",
        "lost card/release/", "lost card/", "refund/play/",
    )  # fmt: skip
    for path in paths:
        page.goto(f"/studio/{path}")
        page.wait_for_load_state("networkidle")
        faults[path] = wrong_with(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        faults[f"{path} is too wide"] = [str(wide)] if wide > 0 else []
    page.get_by_role("button", name="Begin the trial").click()
    expect(page.locator(".djs-shape.mark-active")).to_have_count(1)
    faults["playing"] = wrong_with(page)
    assert {name: found for name, found in faults.items() if found} == {}
    assert desk.errors == []
