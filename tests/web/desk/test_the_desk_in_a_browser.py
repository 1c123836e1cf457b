"""The desk in a real browser: by keyboard alone, live, and without a fault for those who cannot see it."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from caseloom.cases.queries import read_case
from caseloom.engine.case import commands as c
from caseloom.staff.access import of_user
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.desk.kit import a_card_case, a_house, a_person, do

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SHOTS = os.environ.get("CASELOOM_SHOTS", "")


def shot(page: Page, name: str) -> None:
    """Keep a picture where a folder is named for it."""
    if SHOTS:
        page.wait_for_timeout(150)
        page.screenshot(path=str(Path(SHOTS) / f"desk-{name}.png"))


def several() -> int:
    """A worklist of some cases, and the one that tests work on."""
    leo, sue = of_user(a_person("leo")), of_user(a_person("sue", ("agent", "supervisor")))
    a_card_case("Jens Ott", owner=leo.actor.id)
    rated = a_card_case("Amira Haddad")
    do(leo, rated, c.RecordPerception(score=2, words="I wait and wait"))
    a_card_case("Ole Holm", owner=sue.actor.id)
    case = a_card_case("Maria Keller")
    do(sue, case, c.AddNote(text="She has called twice this week, be quick."))
    return case


def test_a_case_is_taken_and_worked_by_keyboard_alone(desk: Desk) -> None:
    a_house()
    case, ada = several(), a_person("ada")
    page = desk.sign_in(ada)
    page.goto("/desk/?view=unassigned")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("a.line:focus strong")).to_have_text("Maria Keller")
    page.keyboard.press("Enter")
    expect(page.locator("main.case h1")).to_have_text("The new card works")
    shot(page, "case")
    page.keyboard.press("t")
    expect(page.locator(".chip.mine")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator(".task h3")).to_have_text("Check the identity")
    page.get_by_label("Identity checked").first.select_option("true")
    page.get_by_label("What is wrong").first.select_option("PIN unknown")
    shot(page, "task")
    page.get_by_label("Identity checked").first.press("Control+Enter")
    expect(page.locator(".track .reached")).to_have_count(1)
    view = read_case(of_user(ada), case)
    assert view is not None
    assert (view.state.owner, view.state.facts["checked"].value) == (ada.actor_id, True)
    page.keyboard.press("n")
    page.keyboard.type("She is at home until four.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("She is at home until four.")).to_be_visible()
    assert desk.errors == []


def test_a_letter_is_chosen_read_and_sent(desk: Desk) -> None:
    a_house()
    case = several()
    page = desk.sign_in(a_person("ada"))
    page.goto(f"/desk/cases/{case}/?view=all")
    page.keyboard.press("r")
    expect(page.locator("#co-text")).to_be_focused()
    page.get_by_label("Letter").select_option("pin")
    expect(page.locator("#co-subject")).to_have_value("Your new PIN is on its way")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview mark")).to_have_text("[call back on]")
    shot(page, "composer")
    page.get_by_role("button", name="Send this message").click()
    expect(page.locator(".delivery")).to_have_text("on its way")
    assert desk.errors == []


def test_a_refused_command_shows_sentence_and_way_on_and_keeps_what_was_typed(desk: Desk) -> None:
    a_house()
    case = several()
    page = desk.sign_in(a_person("ada", ("agent", "team lead")))
    page.goto(f"/desk/cases/{case}/?view=all")
    page.keyboard.press("1")
    page.get_by_role("button", name="Done").click()
    expect(page.locator(".task .refused .sentence")).to_contain_text("Please give first: Identity checked")
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    page.locator("#pr-text").fill("We call back")
    page.locator("#pr-due").fill("2001-01-01T10:00")
    page.locator("#pr-due").press("Control+Enter")
    expect(page.locator("#answer-promise .sentence")).to_contain_text("kept in the future")
    expect(page.locator("#pr-text")).to_have_value("We call back")
    shot(page, "refused")


def test_a_stale_edit_shows_who_changed_what_and_keeps_mine(desk: Desk) -> None:
    a_house()
    case = several()
    page = desk.sign_in(a_person("ada"))
    other = of_user(a_person("eve"))
    page.goto(f"/desk/cases/{case}/?view=all")
    edit = page.locator("#fact-cause")
    page.locator("details:has(> #fact-cause) > summary").click()
    edit.locator("select").select_option("PIN unknown")
    # The page has not heard of it yet when it is sent: its stream is cut.
    page.route("**/live/", lambda route: route.abort())
    page.route(f"**/desk/cases/{case}/?seen=*", lambda route: route.fulfill(status=204))
    do(other, case, c.SetFacts(facts={"cause": "card lost"}))
    edit.get_by_role("button", name="Save").click()
    expect(edit.locator(".refused")).to_contain_text("card lost")
    expect(edit.locator(".refused")).to_contain_text("Eve Adams")
    shot(page, "stale")
    edit.get_by_role("button", name="Keep mine").click()
    expect(page.locator("dd", has_text="PIN unknown").first).to_be_visible()


def test_what_others_do_comes_in_without_a_reload_and_without_losing_what_is_typed(desk: Desk) -> None:
    a_house()
    case, ada = several(), a_person("ada")
    page = desk.sign_in(ada)
    with page.expect_response("**/live/"):
        page.goto(f"/desk/cases/{case}/?view=unassigned")
    page.wait_for_timeout(300)
    page.keyboard.press("n")
    page.keyboard.type("Half a sent")
    other = of_user(a_person("eve"))
    do(other, case, c.AddNote(text="I have the file here."))
    expect(page.get_by_text("I have the file here.")).to_be_visible()
    expect(page.locator("#note-text")).to_have_value("Half a sent")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("ence")
    expect(page.locator("#note-text")).to_have_value("Half a sentence")
    a_card_case("Nora Lind")
    expect(page.locator("#news button")).to_have_text("1 new")
    shot(page, "live")
    assert desk.errors == []


def test_new_cases_come_into_the_list_in_place(desk: Desk) -> None:
    a_house()
    several()
    page = desk.sign_in(a_person("ada"))
    with page.expect_response("**/live/"):
        page.goto("/desk/?view=unassigned")
    page.wait_for_timeout(300)
    page.evaluate("window.same = true")
    page.keyboard.press("j")
    focused = page.locator("a.line:focus strong").inner_text()
    a_card_case("Nora Lind")
    expect(page.locator("#news button")).to_have_text("1 new")
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.locator("#lines strong", has_text="Nora Lind")).to_be_visible()
    expect(page.locator("#news button")).to_have_count(0)
    expect(page.locator("a.line:focus strong")).to_have_text(focused)
    a_card_case("Ida Falk")
    page.locator("#news button").click()
    expect(page.locator("a.line:focus strong")).to_have_text("Ida Falk")
    assert page.evaluate("window.same")
    assert desk.errors == []


def test_the_first_new_case_takes_the_place_of_the_empty_list(desk: Desk) -> None:
    a_house()
    page = desk.sign_in(a_person("ada"))
    with page.expect_response("**/live/"):
        page.goto("/desk/?view=unassigned")
    page.wait_for_timeout(300)
    expect(page.locator(".work .empty")).to_be_visible()
    a_card_case("Nora Lind")
    page.locator("#news button").click()
    expect(page.locator("#lines strong")).to_have_text("Nora Lind")
    expect(page.locator(".work .empty")).to_have_count(0)


def test_writing_and_search_are_within_reach_on_a_phone(desk: Desk) -> None:
    a_house()
    case = several()
    page = desk.sign_in(a_person("ada"), PHONE)
    page.goto(f"/desk/cases/{case}/?view=all")
    expect(page.locator("#compose > summary")).to_be_in_viewport(ratio=1)
    page.locator("#compose > summary").click()
    expect(page.get_by_role("button", name="Send this message")).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="Search").click()
    page.locator("#find-here").fill("keller")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Maria Keller")).to_be_visible()


def test_the_ways_stand_under_their_goals(desk: Desk) -> None:
    a_house()
    sue = of_user(a_person("sue", ("agent", "supervisor")))
    case = a_card_case("Maria Keller")
    page = desk.sign_in(a_person("ada"))
    page.goto(f"/desk/cases/{case}/?view=all")
    identity = page.get_by_role("region", name="Identity is clear")
    expect(identity.locator(".option .title")).to_contain_text(["Ask by phone", "Send a letter with a code"])
    do(sue, case, c.SetFacts(facts={"checked": True}))
    page.reload()
    active = page.get_by_role("region", name="Card is active")
    expect(active.locator(".option .title")).to_contain_text(["Send new PIN letter", "Send a new card"])
    shut = active.locator(".option.shut")
    expect(shut).to_contain_text("Opens when What is wrong is “card damaged” or What is wrong is “card lost”")
    expect(shut).to_contain_text("now: What is wrong: not known")
    expect(identity).to_have_count(0)


def test_who_else_has_the_case_open_is_seen(desk: Desk) -> None:
    a_house()
    case = several()
    first, second = desk.sign_in(a_person("ada")), desk.sign_in(a_person("eve"))
    with first.expect_response("**/live/"):
        first.goto(f"/desk/cases/{case}/")
    first.wait_for_timeout(300)
    second.goto(f"/desk/cases/{case}/")
    expect(first.locator("#present .initials")).to_have_text("EA")
    second.keyboard.press("n")
    second.keyboard.type("x")
    expect(first.locator("#present .typing")).to_have_text("EA")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(desk: Desk, size: Any, scheme: Scheme) -> None:
    a_house()
    case = several()
    sue = a_person("ada", ("agent", "supervisor", "administrator"))
    page = desk.sign_in(sue, size, scheme)
    name = f"{'phone' if size is PHONE else 'wide'}-{scheme}"
    view = read_case(of_user(sue), case)
    assert view is not None
    goal = next(iter(view.state.goals))
    do(of_user(sue), case, c.ChooseOption(goal=goal, option="by phone"))
    faults: dict[str, list[str]] = {}
    for key, path in (
        ("worklist", "?view=all"), ("case", f"cases/{case}/?view=all"),
        ("customer", f"customers/{view.state.customer}/"),
        ("new", "new/?q=maria"), ("search", "search/?q=maria"), ("notices", "notices/"), ("quarantine", "quarantine/"),
        ("erase", f"customers/{view.state.customer}/erase/"), ("missing", "cases/99999/"),
    ):  # fmt: skip
        page.goto(f"/desk/{path}")
        shot(page, f"{key}-{name}")
        found = violations(page)
        if found:
            faults[key] = found
    assert faults == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_at_the_sign_in(desk: Desk, scheme: Scheme) -> None:
    page = desk.sign_in(None, None, scheme)
    page.goto("/accounts/login/")
    shot(page, f"sign-in-{scheme}")
    assert violations(page) == []


def test_the_keys_sheet_lists_what_can_be_done(desk: Desk) -> None:
    a_house()
    case = several()
    page = desk.sign_in(a_person("ada"))
    page.goto(f"/desk/cases/{case}/?view=all")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    for words in ("Take this case", "Reply", "Write a note", "Add a task", "Search", "Team"):
        expect(page.locator("#keys-list")).to_contain_text(words)
    shot(page, "keys")
    assert violations(page) == []
