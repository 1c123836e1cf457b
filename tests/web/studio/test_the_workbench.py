"""The workbench: a form puts what was typed into the text at its place; the text is checked; both are one draft."""

import html
import json
import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from caseloom.engine.case import commands as c
from caseloom.library.drafts import find_draft, save_draft
from caseloom.library.models import VersionRow
from caseloom.library.plans import latest
from tests.streams.kit import PROGRAM, a_case, a_customer, send
from tests.web.api.kit import a_user
from tests.web.studio.kit import DMN, GOAL, a_house, an_owner, published, signed_in, the_draft

pytestmark = pytest.mark.django_db(transaction=True)
EDIT = "/studio/lost%20card/edit/"
CHANGE = "/studio/lost%20card/change/"
SAVE = "/studio/lost%20card/save/"


@pytest.fixture
def owner() -> Client:
    a_house()
    return signed_in(an_owner())


def at(*path: str) -> str:
    return json.dumps(path)


def text(page: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


def shown(page: Any) -> dict[str, str]:
    """The fields of the open form, as a browser would send them back."""
    body = page.content.decode()
    form = body[body.index('id="part-form"') :].split("</form>")[0]
    fields = dict(re.findall(r'<input id="f-[^"]+" name="([^"]+)" value="([^"]*)"', form))
    fields |= {name: said[1:] for name, said in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>([^<]*)</text', form)}
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    for name, rest in re.findall(r'<input type="checkbox" [^>]*name="([^"]+)" value="true"([^>]*)>', form):
        fields |= {name: "true"} if "checked" in rest else {}
    hidden = {
        "at": re.search(r'name="at" value="([^"]*)"', form),
        "seen": re.search(r'name="seen" value="(\d+)"', form),
    }
    fields |= {name: found[1] for name, found in hidden.items() if found}
    return {name: html.unescape(value) for name, value in fields.items()}


def lines(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_the_customers_sight_stands_beside_the_tree(owner: Client) -> None:
    said = text(owner.get(EDIT))
    assert "What the customer sees My lost card is blocked and I get a new one" in said
    assert "They start it themselves, and are asked The last four digits on the card" in said
    places = [said.index(words) for words in ("The card is blocked", "Block the card now", "Confirm the block")]
    assert places == sorted(places)
    assert "Tell us when your card is there Has it arrived?" in said


@pytest.mark.parametrize(
    "path",
    [(), ("goals", "blocked"), ("goals", "blocked", "options", "block it"), ("tasks", "block the card"),
     ("tasks", "tell it"), ("facts", "card status"), ("letters", "blocked")],
)  # fmt: skip
def test_a_form_sent_back_as_it_came_changes_nothing(owner: Client, path: tuple[str, ...]) -> None:
    form = shown(owner.get(EDIT, {"at": at(*path)}))
    assert form["at"] == json.dumps(path, separators=(",", ":"))
    assert owner.post(CHANGE, form).status_code == 302
    assert the_draft().text == GOAL
    assert not the_draft().changed


def test_a_form_changes_its_lines_and_no_others(owner: Client) -> None:
    form = shown(owner.get(EDIT, {"at": at("goals", "blocked", "options", "block it")}))
    form |= {"f/title": "Block it at once", "f/tasks": "block the card", "f/for customer": "true"}
    owner.post(CHANGE, form)
    gone, new = lines(GOAL, the_draft().text)
    assert gone == ["        title: Block the card now   # the usual one", "        tasks: [block the card, tell it]"]
    assert new == [
        "        title: Block it at once   # the usual one",
        "        tasks: [block the card]",
        "        for customer: true",
    ]


def test_what_is_emptied_leaves_the_text(owner: Client) -> None:
    form = shown(owner.get(EDIT, {"at": at("goals", "new card")})) | {"f/clock/within": "", "f/perception": ""}
    owner.post(CHANGE, form)
    assert lines(GOAL, the_draft().text) == (
        ["    clock: {within: 6 business days}", "    perception: How well did we help you?"], []
    )  # fmt: skip


def test_parts_are_added_where_they_belong_and_taken_out(owner: Client) -> None:
    owner.post(CHANGE, {"do": "add", "section": "goals", "title": "The customer is content"})
    owner.post(CHANGE, {"do": "add", "section": "option", "title": "By phone", "at": at("goals", "blocked")})
    there = at("goals", "blocked", "options", "by phone")
    answer = owner.post(CHANGE, {"do": "add", "section": "task", "title": "Call them: now", "at": there})
    assert unquote(answer.headers["Location"]).endswith('?at=["tasks","call them now"]')
    owner.post(CHANGE, {"do": "add", "section": "facts", "title": "Number"})
    draft = the_draft()
    _gone, new = lines(GOAL, draft.text)
    assert new == [
        "  number: {label: Number, type: text}",
        "      by phone: {title: By phone, tasks: [call them now]}",
        "  the customer is content: {title: The customer is content}",
        "  call them now: {title: 'Call them: now'}",
    ]
    owner.post(CHANGE, {"do": "drop", "at": at("tasks", "call them now")})
    owner.post(CHANGE, {"do": "drop", "at": at("goals", "the customer is content")})
    assert lines(GOAL, the_draft().text)[1] == [
        "  number: {label: Number, type: text}",
        "      by phone: {title: By phone, tasks: []}",
    ]


def test_a_faulty_text_is_kept_and_its_faults_have_lines(owner: Client) -> None:
    wrong = GOAL.replace("arrived = true", "arivd = true").replace("[order the card, card", "[order it, card")
    told = owner.post(SAVE, {"text": wrong, "seen": the_draft().seen}, headers={"HX-Request": "true"}).json()
    faults = {fault["line"]: fault["message"] for fault in told["faults"]}
    assert [wrong.splitlines()[line - 1].strip()[:13] for line in faults] == ["reached when:", "by mail: {tit"]
    assert the_draft().text == wrong
    page = text(owner.get(EDIT, {"at": at("goals", "new card")}))
    assert page.count("did you mean “arrived”?") == 2
    assert "order it is not there" in page


def test_a_text_that_is_no_yaml_is_kept_too(owner: Client) -> None:
    broken = GOAL.replace("title: Lost card", "title: [Lost card")
    told = owner.post(SAVE, {"text": broken, "seen": the_draft().seen}, headers={"HX-Request": "true"}).json()
    assert "this is no YAML" in told["faults"][0]["message"]
    assert the_draft().text == broken
    assert "The forms come back as soon as the text is YAML again" in text(owner.get(EDIT))
    refused = owner.post(CHANGE, {"do": "add", "section": "goals", "title": "More"})
    assert refused.status_code == 422 and the_draft().text == broken


def test_a_definition_keeps_its_key(owner: Client) -> None:
    other = GOAL.replace("service goal: lost card", "service goal: found card")
    told = owner.post(SAVE, {"text": other, "seen": the_draft().seen}, headers={"HX-Request": "true"}).json()
    assert [fault["line"] for fault in told["faults"]] == [2]
    assert "its key does not change" in told["faults"][0]["message"]


def test_a_form_takes_what_was_typed_in_the_text_with_it(owner: Client) -> None:
    form = shown(owner.get(EDIT, {"at": at("tasks", "block the card")})) | {"f/title": "Block it"}
    typed = GOAL.replace("title: Lost card", "title: Lost or stolen")
    owner.post(CHANGE, form | {"text": typed})
    assert lines(GOAL, the_draft().text)[1] == ["title: Lost or stolen", "    title: Block it"]


def test_two_who_change_different_parts_both_have_them(owner: Client) -> None:
    mine = shown(owner.get(EDIT, {"at": at("goals", "blocked")})) | {"f/title": "It is blocked"}
    draft = the_draft()
    save_draft(PROGRAM, draft, draft.text.replace("title: The customer holds", "title: She holds"), draft.seen)
    assert owner.post(CHANGE, mine).status_code == 302
    assert lines(GOAL, the_draft().text)[1] == ["    title: It is blocked", "    title: She holds a new card"]


def test_two_who_change_the_same_are_told(owner: Client) -> None:
    mine = shown(owner.get(EDIT, {"at": at("goals", "blocked")})) | {"f/title": "It is blocked"}
    draft = the_draft()
    theirs = draft.text.replace("title: The card is blocked", "title: Blocked")
    save_draft(PROGRAM, draft, theirs, draft.seen)
    refused = owner.post(CHANGE, mine)
    assert refused.status_code == 409
    assert "Caseloom changed what you were changing" in text(refused)
    assert the_draft().text == theirs
    kept = re.search(r'data-seen="(\d+)"', refused.content.decode())
    assert kept is not None
    owner.post(CHANGE, mine | {"seen": kept[1]})
    assert lines(theirs, the_draft().text)[1] == ["    title: It is blocked"]


def test_a_text_that_somebody_overtook_is_not_saved(owner: Client) -> None:
    draft = the_draft()
    save_draft(PROGRAM, draft, draft.text + "# theirs\n", draft.seen)
    answer = owner.post(SAVE, {"text": draft.text + "# mine\n", "seen": draft.seen}, headers={"HX-Request": "true"})
    assert answer.status_code == 409
    told = answer.json()
    assert told["stale"] and told["text"].endswith("# theirs\n") and "Caseloom" in told["says"]
    assert the_draft().text.endswith("# theirs\n")


@pytest.mark.parametrize(
    "form",
    [{"do": "drop", "at": at("goals", "none")}, {"do": "drop", "at": "[]"}, {"do": "add", "section": "x", "title": "y"},
     {"at": at("rules"), "f/title": "x"}, {"do": "add", "section": "goals", "title": " "}, {"at": "no json"},
     {"at": at("goals", "blocked"), "f/title": "a\x00b"}],
)  # fmt: skip
def test_what_makes_no_sense_changes_nothing(owner: Client, form: dict[str, str]) -> None:
    assert owner.post(CHANGE, form).status_code in (302, 422)
    assert the_draft().text == GOAL


def test_an_agent_reads_and_cannot_change(owner: Client) -> None:
    agent = signed_in(a_user("agent", name="ada"))
    page = agent.get(EDIT, {"at": at("goals", "blocked")})
    assert page.status_code == 200
    assert "Save this part" not in text(page) and "Add a goal" not in text(page)
    assert agent.post(CHANGE, {"do": "drop", "at": at("goals", "blocked")}).status_code == 403
    assert agent.post(SAVE, {"text": "", "seen": 1}).status_code == 403


# --- new ones ---------------------------------------------------------------------------------------------------------


def test_an_empty_sheet_is_sound(owner: Client) -> None:
    owner.post("/studio/new/", {"kind": "service goal", "title": "Change: my address"})
    owner.post("/studio/new/", {"kind": "flow model", "title": "Pay it & back"})
    owner.post("/studio/new/", {"kind": "decision model", "title": "Who pays"})
    for key in ("change my address", "pay_it_back", "Who pays"):
        answer = owner.get(f"/studio/{key}/faults/").json()
        assert answer["faults"] == [], key
    assert the_draft("change my address").version == 0
    again = owner.post("/studio/new/", {"kind": "service goal", "title": "Change my address"})
    assert again.status_code == 422 and "already" in text(again)


def test_one_begins_like_another(owner: Client) -> None:
    owner.post("/studio/new/", {"kind": "like", "title": "Found card", "like": "lost card"})
    assert lines(GOAL, the_draft("found card").text)[1] == ["service goal: found card", "title: Found card"]


def test_files_become_drafts(owner: Client, tmp_path: Any) -> None:
    for name, data in (
        ("goal.yaml", GOAL.replace("goal: lost card", "goal: card 2").encode()),
        ("x.dmn", DMN.read_bytes()),
    ):
        file = tmp_path / name
        file.write_bytes(data)
        with file.open("rb") as opened:
            assert owner.post("/studio/new/", {"file": opened}).status_code == 302
    assert the_draft("card 2").kind == "service goal"
    assert the_draft("refund limits").kind == "decision model"
    assert latest("card 2") == 0


def test_a_flow_that_is_uploaded_tells_what_has_no_effect(owner: Client, tmp_path: Any) -> None:
    from tests.library.flows import BPMN

    file = tmp_path / "a.bpmn"
    file.write_text(BPMN.replace('id="transfer" ', 'id="transfer" camunda:followUpDate="x" camunda:foo="1" '))
    with file.open("rb") as opened:
        page = owner.post("/studio/new/", {"file": opened})
    assert "its draft now, the version in force is untouched" in text(page)
    assert "findings" in text(page) or "finding" in text(page)
    assert the_draft("refunds").changed and the_draft("refunds").version == 1


@pytest.mark.parametrize("data", [b"", b"<html/>", b"title: x", b"\xff\xfe\x00", b"a: [", b"<!DOCTYPE x><x/>"])
def test_what_is_no_definition_is_refused(owner: Client, tmp_path: Any, data: bytes) -> None:
    file = tmp_path / "x"
    file.write_bytes(data)
    with file.open("rb") as opened:
        page = owner.post("/studio/new/", {"file": opened})
    assert page.status_code == 422
    assert "cannot be taken yet" in text(page)


# --- publishing and versions ------------------------------------------------------------------------------------------


def test_a_draft_is_lived_published_and_withdrawn(owner: Client) -> None:
    draft = the_draft()
    save_draft(PROGRAM, draft, draft.text.replace("title: Lost card", "title: Lost or stolen card"), draft.seen)
    said = text(owner.get("/studio/lost%20card/release/"))
    assert "the whole : Title Lost card → Lost or stolen card" in said
    assert owner.get("/studio/lost%20card/release/living/").status_code == 200
    stale = owner.post("/studio/lost%20card/release/publish/", {"seen": 1})
    assert stale.status_code == 409
    answer = owner.post("/studio/lost%20card/release/publish/", {"seen": the_draft().seen}, follow=True)
    assert "Version 2 is in force" in text(answer)
    assert latest("lost card") == 2
    assert "Lost or stolen card" in text(signed_in(a_user("agent", name="ada")).get("/desk/new/"))
    gone = owner.post("/studio/lost%20card/release/withdraw/", follow=True)
    assert "It is withdrawn" in text(gone)
    assert latest("lost card") == 0
    owner.post("/studio/lost%20card/release/publish/", {"seen": the_draft().seen})
    assert latest("lost card") == 3


def test_a_drafts_new_rules_are_tried_on_past_cases(owner: Client) -> None:
    for amount in ("5 EUR", "15 EUR"):
        case = a_case(a_customer(f"Maria {amount}"), "lost card", house_version=1)
        send("case", case, c.SetFacts(facts={"fee": amount}))
    draft = the_draft()
    save_draft(PROGRAM, draft, draft.text.replace("at most 20 EUR", "at most 10 EUR"), draft.seen)
    said = text(owner.post("/studio/lost%20card/release/try/", {"most": "all"}))
    assert "Looked at all 2 cases: 1 touched." in said


def test_a_faulty_draft_is_not_published(owner: Client) -> None:
    draft = the_draft()
    save_draft(PROGRAM, draft, draft.text.replace("arrived = true", "arivd = true"), draft.seen)
    page = owner.post("/studio/lost%20card/release/publish/", {"seen": the_draft().seen})
    assert page.status_code == 422
    assert VersionRow.objects.filter(key="lost card").count() == 1


def test_what_living_refuses_is_told_and_not_published(owner: Client) -> None:
    draft = the_draft()
    never = draft.text.replace('reached when: card status = "blocked"', 'reached when: card status = "lost"')
    save_draft(PROGRAM, draft, never, draft.seen)
    page = owner.get("/studio/lost%20card/release/living/")
    assert "can never be reached" in text(page)
    refused = owner.post("/studio/lost%20card/release/publish/", {"seen": the_draft().seen})
    assert refused.status_code == 422 and "can never be reached" in text(refused)
    assert latest("lost card") == 1


def test_two_versions_stand_beside_each_other(owner: Client) -> None:
    published(GOAL.replace("By mail", "By post"))
    said = text(owner.get("/studio/lost%20card/versions/"))
    assert "changed the way “By post” : Title By mail → By post" in said
    flow = the_draft("refunds")
    save_draft(PROGRAM, flow, flow.text.replace('name="Check the claim"', 'name="Look at it"'), flow.seen)
    page = owner.get("/studio/refunds/versions/")
    assert "changed userTask “Look at it”" in text(page)
    assert '"changed": ["check"]' in page.content.decode()


def test_the_list_shows_states_and_finds(owner: Client) -> None:
    owner.post("/studio/new/", {"kind": "service goal", "title": "Something new"})
    said = text(owner.get("/studio/"))
    assert "something new draft" in said
    assert "Flow models 1 refunds version 1" in said
    found = text(owner.get("/studio/", {"q": "LOST"}))
    assert "Lost card" in found and "refunds" not in found
    assert "Nothing is called so" in text(owner.get("/studio/", {"q": "zzz"}))
    assert find_draft("nothing") is None
