"""Bodies that mean nothing, or more than the caller may say, are answered with a problem and change nothing."""

from typing import Any

import pytest

from caseloom.cases.models import CaseRow
from caseloom.staff.models import Team
from tests.streams.kit import a_case, a_customer, a_service_goal
from tests.web.api.kit import Caller, a_user

pytestmark = pytest.mark.django_db(transaction=True)

HOUSE = "house rules: house\ntitle: House\n"


@pytest.fixture
def agent() -> Caller:
    return Caller("agent")


@pytest.fixture
def case() -> int:
    a_service_goal()
    Team.objects.get_or_create(key="service", defaults={"title": "Service"})
    return a_case(a_customer())


DEEP: Any = 1
for _ in range(400):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("command", "body"),
    [
        ("make-promise", {"text": "Soon", "due": "2400-01-01T10:00:00"}),
        ("make-promise", {"text": "Soon", "due": "9999-12-31T23:59:59-14:00"}),
        ("make-promise", {"text": "Soon", "due": "0001-01-01T00:00:00+14:00"}),
        ("create-task", {"title": "Task", "due": "2400-01-01T10:00:00"}),
        ("create-task", {"title": "Task", "due": "9999-12-31T23:59:59-14:00"}),
        ("set-facts", {"facts": {"count": DEEP}}),
        ("classify-case", {"service_goal": "house"}),
        ("hand-over", {"owner": "agent:99999999"}),
        ("hand-over", {"owner": "nobody at all"}),
        ("hand-over", {"team": "no such team"}),
        ("record-perception", {"score": 3, "goal": 2**62}),
    ],
)
def test_a_command_that_cannot_be_is_a_problem(agent: Caller, case: int, command: str, body: dict[str, Any]) -> None:
    a_service_goal(HOUSE, "house")
    before = agent.get(f"/cases/{case}").json()["version"]
    answer = agent.post(f"/cases/{case}/{command}", body)
    assert 400 <= answer.status_code < 500, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert agent.get(f"/cases/{case}").json()["version"] == before


@pytest.mark.parametrize(
    "body",
    [
        {"service_goal": "house"},
        {"contact_at": "2026-01-01T10:00:00"},
        {"contact_at": "9000-01-01T10:00:00+00:00"},
        {"owner": "agent:99999999"},
    ],
)
def test_a_case_that_cannot_be_is_not_opened(agent: Caller, case: int, body: dict[str, Any]) -> None:
    a_service_goal(HOUSE, "house")
    answer = agent.post("/cases", {"customer": a_customer(), **body})
    assert 400 <= answer.status_code < 500, answer.content
    assert CaseRow.objects.count() == 1


def test_work_is_given_to_colleagues(agent: Caller, case: int) -> None:
    colleague = a_user("agent", name="colleague").actor_id
    assert agent.post(f"/cases/{case}/hand-over", {"owner": colleague, "team": "service"}).status_code == 200
    item = agent.post(f"/cases/{case}/create-task", {"title": "Call"}).json()["events"][0]["item"]
    assert agent.post(f"/cases/{case}/claim-task", {"item": item, "assignee": "agent:99999999"}).status_code == 404
    assert agent.post(f"/cases/{case}/claim-task", {"item": item, "assignee": colleague}).status_code == 200


def test_a_case_that_moved_to_a_confidential_team_is_not_found_by_others(agent: Caller, case: int) -> None:
    Team.objects.create(key="fraud", title="Fraud", confidential=True)
    assert [hit["id"] for hit in agent.get(f"/search?q={case}").json()] == [case]
    assert agent.post(f"/cases/{case}/hand-over", {"team": "fraud"}).status_code == 200
    assert agent.get(f"/search?q={case}").json() == []
