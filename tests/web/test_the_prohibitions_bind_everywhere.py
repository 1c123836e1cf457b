"""The five prohibitions of DESIGN §5 by screen, API, batch, import and reaction: refused each time."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from caseloom.cases.queries import read_case
from caseloom.cli.demo.past import PastDoor, PastOrder
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.clock import now
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Order
from caseloom.staff.access import of_user
from caseloom.staff.models import User
from caseloom.streams.door import the_door
from tests.engine.case.test_the_nine_sentences import GOAL, HOUSE
from tests.streams.kit import PROGRAM, a_customer, a_service_goal, send
from tests.web.api.kit import Caller, a_user

pytestmark = pytest.mark.django_db(transaction=True)

RUNAWAY = """
  - When the perception is below 2, set the refund to 6000 EUR.
  - When the perception is above 4, add the task "decide a credit limit".
"""


class Act:
    """A command that a sentence forbids: what leads up to it, and the sentence."""

    def __init__(self, says: str, before: Callable[[int], None], act: Callable[[int], c.Command]) -> None:
        self.says, self.before, self.act = says, before, act


def item(case: int, key: str) -> int:
    view = read_case(PROGRAM, case)
    assert view is not None
    return next(i.id for i in view.state.items.values() if i.key == key)


def chosen(case: int) -> None:
    view = read_case(PROGRAM, case)
    assert view is not None
    goal = view.state.goal_by_key("card works")
    assert goal is not None
    send("case", case, c.ChooseOption(goal=goal.id, option="refund"))


def high_refund(case: int) -> None:
    chosen(case)
    send("case", case, c.SetFacts(facts={"refund": "501 EUR"}))


def approved_by_the_agent(case: int) -> None:
    chosen(case)
    send("case", case, c.SetFacts(facts={"refund": "100 EUR"}))
    access = of_user(User.objects.get(username="ada"))
    done = c.CompleteTask(item=item(case, "approve a refund"))
    assert not isinstance(the_door().handle(Order("case", case, done, uuid4(), access)), Refused)


def limit_to_decide(case: int) -> None:
    send("case", case, c.CreateTask(key="decide a credit limit"))


ACTS: Mapping[str, Act] = {
    "limit": Act("at most 5000 EUR", lambda case: None, lambda case: c.SetFacts(facts={"refund": "5001 EUR"})),
    "approval": Act(
        "approved by a team lead", high_refund, lambda case: c.CompleteTask(item=item(case, "pay a refund"))
    ),
    "two persons": Act(
        "same person", approved_by_the_agent, lambda case: c.CompleteTask(item=item(case, "pay a refund"))
    ),
    "answered": Act(
        "before the customer has answered", lambda case: None, lambda case: c.TerminateCase(reason="enough")
    ),
    "skill": Act(
        'skill "credit"', limit_to_decide, lambda case: c.CompleteTask(item=item(case, "decide a credit limit"))
    ),
}


@pytest.fixture
def access() -> Access:
    a_service_goal(HOUSE, "house")
    a_service_goal(GOAL.rstrip() + RUNAWAY, "card")
    return of_user(a_user("agent", "supervisor", name="ada"))


@pytest.fixture
def case(access: Access) -> int:
    number = next(the_door().ids)
    opened = c.OpenCase(case=number, customer=a_customer(), service_goal="card", version=1, house_version=1)
    send("case", number, opened)
    return number


def unchanged(case: int, version: int) -> bool:
    view = read_case(PROGRAM, case)
    return view is not None and view.version == version


def version(case: int) -> int:
    view = read_case(PROGRAM, case)
    assert view is not None
    return view.version


@pytest.mark.parametrize("name", ACTS)
def test_in_a_batch_and_by_import(name: str, case: int, access: Access) -> None:
    forbidden = ACTS[name]
    forbidden.before(case)
    seen, command = version(case), forbidden.act(case)
    [batch] = the_door().handle_many([Order("case", case, command, uuid4(), access)])
    imported = PastOrder("case", case, command, uuid4(), access, at=now())
    [history] = PastDoor(the_door()).handle_many([imported])
    for refused in (batch, history):
        assert isinstance(refused, Refused)
        assert forbidden.says in (refused.rule or "")
    assert unchanged(case, seen)


@pytest.mark.parametrize("name", ACTS)
def test_over_the_api(name: str, case: int, access: Access) -> None:
    forbidden = ACTS[name]
    forbidden.before(case)
    seen, command = version(case), forbidden.act(case)
    caller = Caller("agent", "supervisor", name="eve") if name != "two persons" else caller_of("ada")
    bodies: dict[type[c.Command], dict[str, Any]] = {
        c.SetFacts: {"facts": {"refund": "5001 EUR"}},
        c.CompleteTask: {"item": getattr(command, "item", 0)},
        c.TerminateCase: {"reason": "enough"},
    }
    path = {c.SetFacts: "set-facts", c.CompleteTask: "complete-task", c.TerminateCase: "terminate-case"}[type(command)]
    answer = caller.post(f"/cases/{case}/{path}", bodies[type(command)])
    assert answer.status_code == 422, answer.content
    assert forbidden.says in answer.json()["rule"]
    assert unchanged(case, seen)


def caller_of(name: str) -> Caller:
    caller = Caller("agent", name=f"{name} twin")
    from caseloom.staff.tokens import make_token

    _, caller.token = make_token(User.objects.get(username=name), "test", False)
    return caller


@pytest.mark.parametrize("name", ACTS)
def test_at_the_desk(name: str, case: int, access: Access) -> None:
    forbidden = ACTS[name]
    forbidden.before(case)
    seen, command = version(case), forbidden.act(case)
    client = Client()
    client.force_login(User.objects.get(username="ada"))
    fields: dict[str, str] = {
        c.SetFacts: lambda: {"fact.refund": "5001 EUR"},
        c.CompleteTask: lambda: {"item": str(getattr(command, "item", 0))},
        c.TerminateCase: lambda: {"reason": "enough"},
    }[type(command)]()
    page = client.post(f"/desk/cases/{case}/do/{type(command).__name__}/", fields, headers={"HX-Request": "true"})
    assert page.status_code == 422, page.content
    assert forbidden.says.replace('"', "&quot;") in page.content.decode()
    assert unchanged(case, seen)


def test_a_reaction_does_not_cross_either(case: int) -> None:
    seen = version(case)
    refused = the_door().handle(Order("case", case, c.RecordPerception(score=1), uuid4(), PROGRAM))
    assert isinstance(refused, Refused)
    assert "at most 5000 EUR" in (refused.rule or "")
    assert unchanged(case, seen)
