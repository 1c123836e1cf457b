"""Published decision models over the API."""

import json
from typing import Any

import pytest

from caseloom.library.publishing import publish
from caseloom.sdk.stream import Answer
from tests.engine.case.test_decision_tasks import LIMITS
from tests.streams.kit import PROGRAM, empty_streams
from tests.web.api.kit import Caller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def caller() -> Caller:
    empty_streams()
    assert isinstance(publish(PROGRAM, LIMITS), Answer)
    return Caller("agent")


def evaluated(caller: Caller, decision: str, version: int | None = None, **inputs: Any) -> Any:
    more = {} if version is None else {"version": version}
    return caller.post("/decisions/limits/evaluate", {"decision": decision, "inputs": inputs, **more})


def test_the_list_names_decisions_and_their_inputs(caller: Caller) -> None:
    amount, segment = {"name": "amount", "type": "number"}, {"name": "segment", "type": "string"}
    assert caller.get("/decisions").json() == [
        {
            "key": "limits",
            "version": 1,
            "decisions": [
                {"name": "who decides", "inputs": [amount, segment]},
                {"name": "ratio", "inputs": [amount]},
            ],
        }
    ]


def test_a_decision_is_made(caller: Caller) -> None:
    answer = evaluated(caller, "who decides", amount=70.5, segment="plain")
    assert answer.status_code == 200
    assert answer.json() == {
        "key": "limits", "version": 1, "decision": "who decides", "result": "team lead", "notes": [],
    }  # fmt: skip


def test_numbers_stay_exact(caller: Caller) -> None:
    answer = evaluated(caller, "ratio", amount=3)
    assert b'"result":33.33333333333333333333333333333333,' in answer.content


def test_what_is_null_says_where_and_why(caller: Caller) -> None:
    told = evaluated(caller, "ratio", amount=0).json()
    assert told["result"] is None
    (note,) = told["notes"]
    assert note["where"] == "decision 'ratio'"
    assert (note["line"], note["column"]) == (1, 5)
    assert note["message"]


def test_another_version_is_asked_for_by_its_number(caller: Caller) -> None:
    assert isinstance(publish(PROGRAM, LIMITS.replace('"team lead"</text>', '"agent"</text>')), Answer)
    said = [evaluated(caller, "who decides", version, amount=70, segment="plain").json() for version in (1, 2, None)]
    assert [one["result"] for one in said] == ["team lead", "agent", "agent"]
    assert [one["version"] for one in said] == [1, 2, 2]


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("limit", {"decision": "ratio"}, 404, "no published decision model “limit”. Did you mean “limits”?"),
        ("limits", {"decision": "ratios"}, 404, "no decision “ratios”. Did you mean “ratio”?"),
        ("limits", {"decision": "ratio", "version": 7}, 404, "no version 7 of the decision model “limits”"),
        ("limits", {"decision": "ratio", "inputs": {"amont": 1}}, 422, "called “amont”. Did you mean “amount”?"),
        ("limits", {"decision": "ratio", "inputs": {"segment": "x"}}, 422, "called “segment”. Known are: amount."),
        ("limits", {"inputs": {}}, 422, "Some values do not fit"),
        ("limits", {"decision": "ratio", "version": 10**12}, 422, "Some values do not fit"),
        ("limits", {"decision": "ra\u0000tio"}, 422, "decision"),
    ],
)
def test_what_does_not_fit_is_a_problem(
    caller: Caller, path: str, body: dict[str, Any], status: int, says: str
) -> None:
    answer = caller.post(f"/decisions/{path}/evaluate", body)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert says in json.loads(answer.content)["detail"]


def test_the_text_of_a_model_is_xml(caller: Caller) -> None:
    answer = caller.get("/definitions/limits/1")
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    assert answer.content.decode() == LIMITS


def test_a_model_is_checked_and_published_over_the_api() -> None:
    empty_streams()
    owner = Caller("process owner")
    broken = LIMITS.replace("100 / amount", "100 /")
    checked = owner.post("/definitions/check", {"text": broken}).json()
    assert not checked["sound"]
    assert checked["places"][0]["line"] == 23
    assert owner.post("/definitions", {"text": LIMITS}).status_code == 201
    assert [one["key"] for one in owner.get("/decisions").json()] == ["limits"]
