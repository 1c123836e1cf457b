"""Contacts over the API: recorded by hand, joined to a case, read whole."""

import pytest

from tests.streams.kit import a_case, a_customer, a_service_goal
from tests.web.api.kit import Caller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agent() -> Caller:
    return Caller("agent")


@pytest.fixture
def case() -> int:
    a_service_goal()
    return a_case(a_customer(), team="service")


def test_a_call_is_recorded_and_joins_its_case_at_once(agent: Caller, case: int) -> None:
    said = {"channel": "phone", "text": "She asks how far it is.", "subject": "A call", "case": case}
    done = agent.post("/contacts", said)
    assert done.status_code == 201, done.content
    contact = agent.get(f"/contacts/{done.json()['id']}").json()
    assert (contact["text"], contact["channel"], contact["cases"]) == ("She asks how far it is.", "phone", [case])
    assert contact["customer"] == agent.get(f"/cases/{case}").json()["customer"]
    [line] = agent.get(f"/cases/{case}/contacts").json()["contacts"]
    assert (line["id"], line["direction"], line["snippet"]) == (contact["id"], "in", "She asks how far it is.")
    assert agent.get(f"/cases/{case}").json()["unanswered"] == [contact["id"]]


def test_a_call_that_was_made_waits_for_no_answer(agent: Caller, case: int) -> None:
    said = {"channel": "phone", "text": "I told her that it works.", "direction": "out", "case": case}
    done = agent.post("/contacts", said).json()
    assert agent.get(f"/contacts/{done['id']}").json()["status"] == "accepted"
    assert agent.get(f"/cases/{case}").json()["unanswered"] == []


def test_the_same_key_records_a_contact_once(agent: Caller, case: int) -> None:
    said = {"channel": "counter", "text": "He was here.", "case": case}
    first = agent.post("/contacts", said, Idempotency_Key="k").json()
    again = agent.post("/contacts", said, Idempotency_Key="k").json()
    assert (again["id"], again["repeated"]) == (first["id"], True)
    assert len(agent.get(f"/cases/{case}/contacts").json()["contacts"]) == 1


def test_a_contact_that_its_case_refuses_is_not_recorded(agent: Caller, case: int) -> None:
    said = {"channel": "phone", "text": "Unheard.", "case": case}
    refused = agent.post("/contacts", said, If_Match='"7"')
    assert refused.status_code == 412, refused.content
    assert agent.get("/search?q=unheard").json() == []


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"channel": "phone", "text": "a\x00b"}, 422),
        ({"channel": "mail", "text": "x"}, 422),
        ({"channel": "phone"}, 422),
        ({"channel": "phone", "text": "x", "case": 999}, 404),
        ({"channel": "phone", "text": "x", "customer": 999}, 404),
        ({"channel": "phone", "text": "x", "customer": 2**70}, 422),
        ({"channel": "phone", "text": "x", "at": "2026-03-02T09:00:00"}, 422),
    ],
)
def test_what_cannot_be_recorded_is_a_problem(agent: Caller, said: dict[str, object], status: int) -> None:
    answer = agent.post("/contacts", said)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"


def test_pages_of_contacts_follow_each_other(agent: Caller, case: int) -> None:
    made = [agent.post("/contacts", {"channel": "sms", "text": f"{n}", "case": case}).json()["id"] for n in range(5)]
    seen: list[int] = []
    before = ""
    while True:
        page = agent.get(f"/cases/{case}/contacts?limit=2{before}").json()
        seen += [line["id"] for line in page["contacts"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert seen == made[::-1]
