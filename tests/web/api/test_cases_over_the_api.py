"""A case's life over the API: opened, worked, refused, read with ETags, repeated without harm."""

from typing import Any

import pytest

from tests.streams.kit import a_case, a_customer, a_service_goal
from tests.web.api.kit import Caller

pytestmark = pytest.mark.django_db(transaction=True)

GOAL = """
service goal: refund
title: A refund
customer title: My money back
owner: process owner
team: service
facts:
  name: {personal: true, from customer: name}
  refund: {type: number}
goals:
  paid:
    title: Refund paid
    options: {pay: {title: Pay it, tasks: [pay refund]}}
tasks:
  pay refund: {title: Pay the refund, form: [refund], must: [refund]}
boundary rules:
  - says: The refund must be at most 500.
    require: refund <= 500
    way on: Ask a team lead for more
"""


@pytest.fixture
def agent() -> Caller:
    return Caller("agent")


@pytest.fixture
def case(agent: Caller) -> int:
    a_service_goal(GOAL, "refund")
    answer = agent.post("/cases", {"customer": a_customer(), "service_goal": "refund", "channel": "phone"})
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


def test_a_case_is_opened_worked_and_completed(agent: Caller, case: int) -> None:
    opened = agent.get(f"/cases/{case}").json()
    assert opened["want"] == "A refund"
    assert opened["facts"]["name"]["value"] == "Maria Keller"
    chosen = agent.post(f"/cases/{case}/choose-option", {"goal": opened["goals"][0]["id"], "option": "pay"})
    assert chosen.status_code == 200, chosen.content
    task = agent.get(f"/cases/{case}").json()["tasks"][0]
    done = agent.post(f"/cases/{case}/complete-task", {"item": task["id"], "facts": {"refund": 120}})
    assert done.status_code == 200, done.content
    assert agent.get(f"/cases/{case}").json()["status"] == "completed"
    types = [event["type"] for event in agent.get(f"/cases/{case}/history").json()["events"]]
    assert types[0] == "case_opened.1"
    assert types[-1] == "case_completed.1"


def test_a_refusal_is_a_problem_with_rule_facts_and_way_on(agent: Caller, case: int) -> None:
    refused = agent.post(f"/cases/{case}/set-facts", {"facts": {"refund": 501}})
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    problem = refused.json()
    assert problem["rule"] == "The refund must be at most 500."
    assert problem["facts"] == {"refund": "501"}
    assert problem["next"][0]["label"] == "Ask a team lead for more"


def test_an_idempotency_key_makes_a_repeated_call_harmless(agent: Caller) -> None:
    a_service_goal(GOAL, "refund")
    body = {"customer": a_customer(), "service_goal": "refund"}
    first = agent.post("/cases", body, Idempotency_Key="k1").json()
    second = agent.post("/cases", body, Idempotency_Key="k1").json()
    assert second["id"] == first["id"]
    assert second["repeated"]
    assert agent.post("/cases", body, Idempotency_Key="k2").json()["id"] != first["id"]


def test_an_idempotency_key_with_another_body_is_refused_and_nothing_happens(agent: Caller, case: int) -> None:
    assert agent.post(f"/cases/{case}/add-note", {"text": "one"}, Idempotency_Key="k").status_code == 200
    other = agent.post(f"/cases/{case}/add-note", {"text": "two"}, Idempotency_Key="k")
    assert (other.status_code, other.json()["code"]) == (422, "invalid")
    assert "Idempotency-Key" in other.json()["next"][0]["label"]
    again = agent.post(f"/cases/{case}/add-note", {"text": "one"}, Idempotency_Key="k").json()
    assert again["repeated"]


def test_etags_save_reading_and_stop_stale_commands(agent: Caller, case: int) -> None:
    read = agent.get(f"/cases/{case}")
    assert agent.get(f"/cases/{case}", If_None_Match=read["ETag"]).status_code == 304
    assert agent.post(f"/cases/{case}/add-note", {"text": "one"}, If_Match=read["ETag"]).status_code == 200
    stale = agent.post(f"/cases/{case}/add-note", {"text": "two"}, If_Match=read["ETag"])
    assert stale.status_code == 412
    assert stale.json()["code"] == "stale"


def test_pages_of_the_worklist_follow_each_other_without_gap_or_double(agent: Caller) -> None:
    a_service_goal()
    customer = a_customer()
    opened = {a_case(customer, team="service") for _ in range(7)}
    seen: list[int] = []
    after = ""
    while True:
        page = agent.get(f"/cases?limit=3&after={after}").json()
        seen += [line["case"] for line in page["cases"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert sorted(seen) == sorted(opened)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"text": "a\x00b"}, "text"),
        ('{"text": "\\ud800"}', "text"),
        ({"text": 5}, "text"),
        ({}, "text"),
        ("{", ""),
        ("[]", ""),
        ('"\\u0000"', ""),
    ],
)
def test_bad_bodies_are_told_their_place(agent: Caller, case: int, body: Any, place: str) -> None:
    answer = agent.post(f"/cases/{case}/add-note", body)
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"
    assert place in answer.content.decode()


@pytest.mark.parametrize(
    "path", ["/cases/999999999999", "/cases/1", "/customers/999", "/customers?kind=mail&value=a%00b"]
)
def test_unknown_things_are_problems(agent: Caller, path: str) -> None:
    answer = agent.get(path)
    assert answer.status_code in (404, 422)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("number", [2**63, 2**70])
def test_ids_beyond_the_databases_are_not_found(agent: Caller, number: int) -> None:
    assert agent.get(f"/cases/{number}").status_code in (404, 422)
    assert agent.post(f"/customers/{number}/rename", {"name": "x"}).status_code in (404, 422)


def test_a_read_only_token_changes_nothing(case: int) -> None:
    reader = Caller("agent", name="reader", read_only=True)
    assert reader.get(f"/cases/{case}").status_code == 200
    assert reader.post(f"/cases/{case}/add-note", {"text": "x"}).status_code == 403


def test_a_definition_is_checked_with_lines(agent: Caller) -> None:
    answer = agent.post(
        "/definitions/check", {"text": "service goal: x\ntitle: X\ncustomer titel: Y\nowner: o\nteam: t\n"}
    )
    places = answer.json()["places"]
    assert (places[0]["line"], "customer title" in places[0]["message"]) == (3, True)
