"""The studio's pages: rules as sentences in two languages, an editor that reads, tries and publishes them."""

import html
import re
from typing import Any

import pytest
from django.test import Client

from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.library.decisions import latest_models
from caseloom.library.drafts import find_draft, save_draft
from caseloom.library.models import VersionRow
from caseloom.library.plans import house_version, latest
from caseloom.library.publishing import publish
from tests.engine.case.test_decision_tasks import LIMITS
from tests.streams.kit import PROGRAM, a_case, a_customer, a_service_goal, send
from tests.web.api.kit import a_user
from tests.web.desk.kit import a_person

pytestmark = pytest.mark.django_db(transaction=True)
HOUSE = """
house rules: house
title: The house
roles: {team lead: A team lead, supervisor: A supervisor, process owner: An owner}
teams: {service: Service}
words:
  refund: {de: {name: Erstattung, article: die}}
facts:
  refund: {type: money}
rules:
  - The refund must be at most 5000 EUR.   # as the board has decided
"""
GOAL = """
service goal: card
title: The new card works
customer title: My card works
owner: process owner
team: service
facts:
  name: {personal: true, from customer: name}
  card status: {type: choice, choices: [new, active], initial: new}
  cause: {type: text}
goals:
  card works: {title: The card works, reached when: card status = "active"}
tasks:
  pay the refund: {}
rules:
  - {rule: The refund must be paid by a team lead unless overridden by a supervisor., way on: Ask a team lead}
  - When the perception is below 3, tell the team lead.
boundary rules:
  - says: A cause has at most ten letters.
    require: string length(cause) <= 10
"""
NEW = "The refund must be at most 100 EUR."


@pytest.fixture
def owner() -> Client:
    a_service_goal(HOUSE, "house")
    a_service_goal(GOAL, "card")
    return signed_in(a_person("quentin", ("process owner",)))


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(page: Any) -> str:
    words = html.unescape(re.sub(r"<[^>]+>", " ", page.content.decode()))
    return " ".join(words.split())


def refunds(*amounts: int) -> list[int]:
    """Cases in which so much was refunded."""
    found = []
    for amount in amounts:
        case = a_case(a_customer(f"Maria Keller {amount}"), "card", house_version=1, title=f"Refund {amount}")
        send("case", case, c.SetFacts(facts={"refund": f"{amount} EUR"}))
        found.append(case)
    return found


def test_the_list_shows_the_house_first_and_counts_rules(owner: Client) -> None:
    said = text(owner.get("/studio/"))
    assert said.index("The house") < said.index("The new card works")
    assert "binds every case 1 rule" in said
    assert "4 rules version 1" in said


def test_the_list_asks_the_database_as_often_for_ten_as_for_one(
    owner: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(9):
        a_service_goal(GOAL.replace("service goal: card", f"service goal: card {number}"), f"card {number}")
    owner.get("/studio/")
    with django_assert_max_num_queries(8):
        owner.get("/studio/")


def test_a_definition_shows_its_rules_by_group_and_who_may_override(owner: Client) -> None:
    said = text(owner.get("/studio/card/"))
    places = [said.index(words) for words in ("What must never be crossed", "Goals", "What follows")]
    assert places == sorted(places)
    assert "may be overridden by: supervisor · way on: Ask a team lead" in said
    assert "A cause has at most ten letters. written as an expression string length(cause) <= 10" in said
    assert "nobody may override it" in said
    assert "The rules of the house bind them, too." in said


def test_the_text_is_a_view_german_is_another(owner: Client) -> None:
    page = owner.get("/studio/house/?language=de")
    assert "Die Erstattung muss höchstens 5000 EUR sein." in text(page)
    assert '<p class="rule-says" lang="de">' in page.content.decode()
    assert "The refund must be at most 5000 EUR." in text(owner.get("/studio/house/?language=xx"))


def test_a_rule_is_taken_away_and_a_draft_beside_it_stays(owner: Client) -> None:
    draft = find_draft("card")
    assert draft is not None
    save_draft(PROGRAM, draft, draft.text.replace("title: The new card works", "title: The card"), draft.seen)
    sentence = "When the perception is below 3, tell the team lead."
    page = owner.post("/studio/card/take-away/", {"was": sentence})
    assert page.headers["Location"] == "/studio/card/?published=2"
    row = VersionRow.objects.get(key="card", version=2)
    assert sentence not in row.text and "title: The new card works" in row.text
    now = find_draft("card")
    assert now is not None and now.changed
    assert sentence not in now.text and "title: The card" in now.text
    gone = owner.post("/studio/card/take-away/", {"was": sentence})
    assert gone.status_code == 422 and "taken away the rule" in text(gone)


def test_an_agent_reads_and_does_not_write(owner: Client) -> None:
    agent = signed_in(a_person("ada"))
    page = agent.get("/studio/card/")
    assert page.status_code == 200
    assert "Add a rule" not in text(page)
    for path in ("write/", "complete/"):
        assert agent.get(f"/studio/card/{path}").status_code == 403
    for path in ("try/", "publish/"):
        assert agent.post(f"/studio/card/{path}", {"sentence": NEW}).status_code == 403
    assert latest("card") == 1


def test_a_decision_model_has_no_page_of_rules(owner: Client) -> None:
    assert not isinstance(publish(PROGRAM, LIMITS), Refused)
    [model] = latest_models()
    page = owner.get(f"/studio/{model}/", follow=True)
    assert page.redirect_chain[-1][0] == f"/studio/{model}/table/"
    assert f"Decision models 1 {model}" in text(owner.get("/studio/"))


@pytest.mark.parametrize("path", ["none/", "none/write/", "none/complete/", "card/write/?rule=Nothing"])
def test_what_is_not_there_is_said(owner: Client, path: str) -> None:
    assert owner.get(f"/studio/{path}").status_code == 404


def test_the_words_that_may_come_next(owner: Client) -> None:
    page = owner.get("/studio/card/complete/", {"before": "The refund must be at m", "text": "The refund must be at m"})
    assert re.findall(r'data-text="([^"]+)" data-start="(\d+)"', page.content.decode())[0] == ("at most", "19")


def test_a_fault_names_the_word_and_what_may_stand_there(owner: Client) -> None:
    page = owner.get("/studio/card/complete/", {"before": "x", "text": "The refund must be at wurst 5 EUR."})
    assert "<mark>at</mark>" in page.content.decode() or "<mark>wurst</mark>" in page.content.decode()
    assert "Here may stand:" in text(page)


def test_a_whole_sentence_is_told_with_its_group_and_in_german(owner: Client) -> None:
    page = owner.get("/studio/house/complete/", {"before": NEW, "text": NEW})
    assert "What data is valid The sentence is whole." in text(page)
    assert "Die Erstattung muss höchstens 100 EUR sein." in text(page)


def test_a_trial_says_in_which_cases_it_would_have_refused(owner: Client) -> None:
    low, high, _ = refunds(100, 101, 5000)
    page = owner.post("/studio/card/try/", {"sentence": NEW, "most": "100"}, headers={"HX-Request": "true"})
    assert page.status_code == 200, page.content
    assert "Looked at all 3 cases: 2 touched." in text(page)
    assert f'<a href="/desk/cases/{high}/">' in page.content.decode()
    assert f'<a href="/desk/cases/{low}/">' not in page.content.decode()
    assert re.search(r"would have been refused step \d+ · just now · refund: 101", text(page))


def test_a_trial_comes_in_portions_that_add_up(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    refunds(101, 102, 50, 103)
    monkeypatch.setattr("caseloom.web.studio.trying.PORTION", -1)
    fields: dict[str, str] = {"sentence": NEW, "most": "all"}
    cases, portions = [], 0
    while True:
        page = owner.post("/studio/card/try/", fields, headers={"HX-Request": "true"})
        body = page.content.decode()
        cases += re.findall(r"/desk/cases/(\d+)/", body)
        portions += 1
        if "trial-next" not in body:
            break
        fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', body))
    assert portions == 4
    assert len(cases) == len(set(cases)) == 3
    assert "Looked at all 4 cases: 3 touched." in text(page)


def test_a_trial_goes_on_without_scripts(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    refunds(101, 102)
    monkeypatch.setattr("caseloom.web.studio.trying.PORTION", -1)
    page = owner.post("/studio/card/try/", {"sentence": NEW, "most": "all"})
    assert "1 of 2 cases looked at" in text(page)
    assert "Look at more cases" in text(page)
    fields = dict(
        re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode().split("trial-next")[1])
    )
    last = owner.post("/studio/card/try/", fields)
    assert "Looked at all 2 cases: 2 touched." in text(last)
    assert f'value="{NEW}"' in last.content.decode()


def test_what_cannot_be_tried_is_told_and_kept(owner: Client) -> None:
    faulty = owner.post("/studio/card/try/", {"sentence": "The wurst"}, headers={"HX-Request": "true"})
    assert faulty.status_code == 422
    assert "I read “wurst”" in text(faulty)
    plain = owner.post("/studio/card/publish/", {"sentence": "The wurst", "way_on": "Ask Ada"})
    assert plain.status_code == 422
    assert 'value="The wurst"' in plain.content.decode()
    assert 'value="Ask Ada"' in plain.content.decode()
    assert "Write a sentence first" in text(owner.post("/studio/card/publish/"))
    assert "longer than 2000" in text(owner.post("/studio/card/publish/", {"sentence": "The " * 600}))
    assert latest("card") == 1


def test_a_rule_is_published_into_the_text_and_binds(owner: Client) -> None:
    answer = owner.post("/studio/house/publish/", {"sentence": f"  {NEW}", "way_on": "Take less"}, follow=True)
    assert "Version 2 is in force." in text(answer)
    assert f"{NEW} since version 2 · way on: Take less" in text(answer)
    assert "5000 EUR. since version 1" in text(answer)
    published = VersionRow.objects.get(key="house", version=2)
    line = "  - {rule: The refund must be at most 100 EUR., way on: Take less}\n"
    assert published.text == HOUSE + line
    assert published.published_by.startswith("agent:")


def test_a_rule_is_changed_where_it_stands(owner: Client) -> None:
    was = "The refund must be at most 5000 EUR."
    page = owner.get("/studio/house/write/", {"rule": was})
    assert f'value="{was}"' in page.content.decode()
    owner.post("/studio/house/publish/", {"sentence": NEW, "was": was})
    assert VersionRow.objects.get(key="house", version=2).text == HOUSE.replace(was, NEW)
    late = owner.post("/studio/house/publish/", {"sentence": "The refund must be known.", "was": was})
    assert late.status_code == 422
    assert "Somebody has changed or taken away the rule" in text(late)
    again = owner.post("/studio/house/publish/", {"sentence": NEW})
    assert "in force already" in text(again)
    assert house_version() == 2


def test_a_rule_that_does_not_fit_is_told_with_its_place(owner: Client) -> None:
    a_service_goal(GOAL.replace("service goal: card", "service goal: other"), "other")
    faulty = 'The goal "card works" is reached when the cause is known.'
    answer = owner.post("/studio/card/publish/", {"sentence": faulty})
    assert answer.status_code == 422
    assert re.search(r"line \d+: ", text(answer)), text(answer)
    assert latest("card") == 1


def test_the_keys_of_definitions_are_addresses(owner: Client) -> None:
    a_service_goal(GOAL.replace("service goal: card", "service goal: lost / stolen? 100%"), "lost / stolen? 100%")
    address = re.findall(r'href="(/studio/lost[^"]+)"', owner.get("/studio/").content.decode())[0]
    assert owner.get(address).status_code == 200
    assert owner.get(f"{address.removesuffix('edit/')}write/").status_code == 200


def test_nobody_without_a_role_sees_it(owner: Client) -> None:
    assert signed_in(a_user(name="nobody")).get("/studio/").status_code == 403
