"""Two agents on one case, over HTTP: what an old page sends is kept beside the other's edit, or refused in words."""

import re

import pytest

from tests.e2e.inside import PASSWORD
from tests.e2e.product import Answered, Api, Browser, Product

NUMBER, STREET, TAKE = 'id="fact-number"', 'id="fact-street"', 'id="take"'
"""The forms of a case's page."""


@pytest.fixture
def case(product: Product) -> int:
    agent = Api(product, "amy")
    customer = agent.post("/customers", {"name": "Ole Holm", "identities": []})["id"]
    return int(agent.post("/cases", {"customer": customer, "service_goal": "parcel", "channel": "phone"})["id"])


def refusal(browser: Browser, page: str, action: str, mark: str = "", **fields: str) -> str:
    """The page that refuses a form."""
    with pytest.raises(Answered) as answered:
        browser.send(page, action, mark, **fields)
    assert answered.value.status == 422
    return answered.value.body


def facts(product: Product, case: int) -> dict[str, object]:
    known = Api(product, "amy").get(f"/cases/{case}")["facts"]
    return {name: fact["value"] for name, fact in known.items()}


def test_edits_of_different_facts_from_old_pages_are_both_kept(product: Product, case: int) -> None:
    amy, ben = Browser(product).sign_in("amy", PASSWORD), Browser(product).sign_in("ben", PASSWORD)
    pages = amy.get(f"/desk/cases/{case}/"), ben.get(f"/desk/cases/{case}/")
    action = f"/desk/cases/{case}/do/SetFacts/"
    amy.send(pages[0], action, NUMBER, **{"fact.number": "4711"})
    ben.send(pages[1], action, STREET, **{"fact.street": "Lindenweg 3"})
    known = facts(product, case)
    assert (known["number"], known["street"]) == ("4711", "Lindenweg 3")


def test_an_edit_of_a_fact_that_another_has_changed_is_refused_with_both_values(product: Product, case: int) -> None:
    amy, ben = Browser(product).sign_in("amy", PASSWORD), Browser(product).sign_in("ben", PASSWORD)
    pages = amy.get(f"/desk/cases/{case}/"), ben.get(f"/desk/cases/{case}/")
    action = f"/desk/cases/{case}/do/SetFacts/"
    amy.send(pages[0], action, NUMBER, **{"fact.number": "4711"})
    told = refusal(ben, pages[1], action, NUMBER, **{"fact.number": "0815"})
    assert "4711" in told
    assert "Amy Ott" in told
    assert facts(product, case)["number"] == "4711"


def test_a_case_that_another_has_taken_is_not_taken_away_by_an_old_page(product: Product, case: int) -> None:
    amy, ben = Browser(product).sign_in("amy", PASSWORD), Browser(product).sign_in("ben", PASSWORD)
    pages = amy.get(f"/desk/cases/{case}/"), ben.get(f"/desk/cases/{case}/")
    action = f"/desk/cases/{case}/do/HandOver/"
    amy.send(pages[0], action, TAKE, owner="me")
    told = refusal(ben, pages[1], action, TAKE, owner="me")
    assert re.search(r'class="sentence">[^<]{10,}', told)
    owner = Api(product, "amy").get(f"/cases/{case}")["owner"]
    assert owner == Api(product, "amy").get("/me")["actor"]


def test_an_etag_that_is_old_refuses_a_call_over_the_api(product: Product, case: int) -> None:
    amy, ben = Api(product, "amy"), Api(product, "ben")
    seen = f'"{amy.get(f"/cases/{case}")["version"]}"'
    amy.post(f"/cases/{case}/add-note", {"text": "first"}, If_Match=seen)
    with pytest.raises(Answered) as answered:
        ben.post(f"/cases/{case}/add-note", {"text": "second"}, If_Match=seen)
    assert (answered.value.status, '"code":"stale"' in answered.value.body) == (412, True)
    ben.post(f"/cases/{case}/add-note", {"text": "second"})
    notes = [event for event in amy.get(f"/cases/{case}/history")["events"] if event["type"] == "note_added.1"]
    assert [note["data"]["text"] for note in notes] == ["first", "second"]
