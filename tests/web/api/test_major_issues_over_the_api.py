"""One cause, many customers: their cases join, hear one message, and go on when the one repair is done."""

import pytest
from django.db import connection

from caseloom.cases.kind import CASES
from caseloom.cases.mirroring import ASK, TELL, AskingOwner, TellingMirrors
from caseloom.engine.case import commands as c
from caseloom.engine.case.events import MessageRequested
from caseloom.streams.door import the_door
from caseloom.streams.effects import Attempt, Done, Performer
from caseloom.streams.replay import read_history, read_state
from tests.streams.kit import a_case, a_customer, a_service_goal, empty_streams, send
from tests.web.api.kit import Caller

pytestmark = pytest.mark.django_db(transaction=True)
GOAL = """
service goal: test
title: A test
customer title: My test
owner: process owner
team: service
goals: {repaired: {title: The mast is repaired}}
"""


@pytest.fixture
def caller() -> Caller:
    empty_streams()
    a_service_goal(GOAL)
    return Caller("agent")


def _perform(kind: str) -> None:
    performers: dict[str, Performer] = {
        TELL: TellingMirrors(the_door(), CASES, 100),
        ASK: AskingOwner(the_door(), CASES),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from procrastinate_jobs where args->>'kind' = %s returning (args->>'stream')::bigint, "
            "(args->>'version')::integer",
            (kind,),
        )
        jobs = cursor.fetchall()
    for stream, version in sorted(set(jobs)):
        assert performers[kind](Attempt(kind, stream, version)) == Done()


def _letters(case: int) -> list[str]:
    door = the_door()
    history = read_history(door, door.kinds["case"], case)
    return [one.event.private.subject for one in history if isinstance(one.event, MessageRequested)]


def test_cases_join_hear_one_message_and_are_reached_together(caller: Caller) -> None:
    parent = a_case(a_customer())
    cases = [a_case(a_customer(f"Customer {number}")) for number in range(3)]
    body = {"goal": 1, "cases": [*cases, parent]}
    assert caller.post(f"/cases/{parent}/affected", body).json() == [{"case": one, "refused": ""} for one in cases]
    assert caller.post(f"/cases/{parent}/affected", body).json() == [], "they are in it already"
    _perform(ASK)
    assert caller.get(f"/cases/{parent}/affected").json() == cases

    words = {"subject": "The mast is down", "text": "We are on it."}
    told = [caller.post(f"/cases/{parent}/message-all", words, Idempotency_Key="m1").json() for _ in range(2)]
    assert told[0] == told[1] == [{"case": one, "refused": ""} for one in cases]
    assert [_letters(case) for case in cases] == [["The mast is down"]] * 3, "nobody gets it twice"

    for case in cases:
        send("case", case, c.ReachGoal(goal=1))
    send("case", parent, c.ReachGoal(goal=1))
    _perform(TELL)
    states = [read_state(the_door(), CASES, case) for case in cases]
    assert [found[0].status for found in states if found is not None] == ["completed"] * 3


def test_what_is_not_there_is_told(caller: Caller) -> None:
    parent = a_case(a_customer())
    assert caller.post(f"/cases/{parent}/affected", {"goal": 9, "cases": [parent]}).status_code == 404
    assert caller.get("/cases/1/affected").status_code == 404
    assert caller.post(f"/cases/{parent}/message-all", {"subject": "", "text": "x"}).status_code == 422
