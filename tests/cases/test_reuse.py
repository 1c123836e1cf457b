"""An earlier case's work is read with the actor's access and brought over; rows follow undo and delete."""

from uuid import uuid4

import pytest
from django.db import connection

from caseloom.cases.kind import CASES, load_finished
from caseloom.cases.queries import read_case
from caseloom.cases.reuse import task_of, way_of
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.sdk.access import program
from caseloom.sdk.stream import Answer, Order
from caseloom.staff.access import of_customer
from caseloom.streams.door import the_door
from caseloom.streams.replay import compare
from tests.streams.kit import a_case, a_customer, a_service_goal, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)
GOAL = """
service goal: test
title: A test
customer title: My test
owner: process owner
team: service
facts: {note: {}}
goals: {answered: {title: Answered}, calm: {title: Calm, need: optional}}
tasks: {call: {title: Call, form: [note]}}
rules:
  - The task "call" must be done at most twice.
"""
ME = program("test")


@pytest.fixture(autouse=True)
def store() -> None:
    empty_streams()
    a_service_goal(GOAL)


def state(case: int) -> CaseState:
    view = read_case(ME, case)
    assert view is not None
    return view.state


def row(case: int, item: int) -> str | None:
    """The status of a task's row; None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute("select status from task_row where case_id = %s and item = %s", (case, item))
        found = cursor.fetchone()
    return found[0] if found else None


def a_done_case() -> int:
    case = a_case(a_customer())
    send("case", case, c.CreateTask(key="call", goal=1))
    send("case", case, c.CreateTask(title="Ask Ben", goal=1, form=("note",)))
    send("case", case, c.CreateTask(title="By mistake", goal=1))
    send("case", case, c.DeleteTask(item=state(case).last, reason="it was"))
    for item in list(state(case).items.values()):
        send("case", case, c.CompleteTask(item=item.id))
    send("case", case, c.ReachGoal(goal=1))
    return case


def test_the_way_of_an_earlier_case_is_brought_over() -> None:
    earlier, case = a_done_case(), a_case(a_customer())
    command = way_of(ME, 1, earlier)
    assert isinstance(command, c.ReuseWay), command
    assert [(step.key, step.title, step.form) for step in command.steps] == [
        ("call", "Call", ("note",)), ("", "Ask Ben", ("note",)),
    ]  # fmt: skip
    send("case", case, command)
    assert {item.title or item.key for item in state(case).items.values() if item.kind == "task"} == {"call", "Ask Ben"}
    task = task_of(ME, earlier, "Ask Ben", goal=2)
    assert isinstance(task, c.ReuseTask)
    send("case", case, task)
    assert compare(the_door(), CASES, case) == []


def test_a_case_that_one_does_not_see_gives_nothing() -> None:
    earlier = a_done_case()
    other = of_customer(a_customer("Ben"))
    for command in (way_of(other, 1, earlier), task_of(other, earlier, "Ask Ben"), way_of(ME, 1, earlier + 10**9)):
        assert isinstance(command, Refused) and command.code == "not found"
    refused = task_of(ME, earlier, "nothing")
    assert isinstance(refused, Refused) and "Call, Ask Ben" in refused.message
    assert isinstance(way_of(ME, 1, earlier, 99), Refused)
    assert isinstance(way_of(ME, 1, a_case(a_customer())), Refused)


def test_rows_follow_what_is_undone_and_deleted() -> None:
    case = a_case(a_customer())
    send("case", case, c.CreateTask(title="Ask Ben", team="field", due=the_door().clock().replace(year=2999)))
    item = state(case).last
    send("case", case, c.UndoWork())
    assert row(case, item) is None
    send("case", case, c.CreateTask(key="call"))
    item = state(case).last
    send("case", case, c.CancelTask(item=item))
    assert row(case, item) == "terminated"
    send("case", case, c.UndoWork())
    assert (row(case, item), load_finished(case, (item,))) == ("active", {})
    send("case", case, c.AddGoal(title="Mine", need="optional"))
    send("case", case, c.DeleteGoal(goal=state(case).last, reason="it was"))
    send("case", case, c.ModifyGoal(goal=1, reason="so", due=the_door().clock().replace(year=2999)))
    send("case", case, c.UndoWork())
    send("case", case, c.CreateOption(goal=1, title="A way", steps=("call", "Ask Ben")))
    send("case", case, c.ChooseOption(goal=1, option=state(case).goals[1].ways[0].key))
    send("case", case, c.UndoWork())
    assert compare(the_door(), CASES, case) == []


def test_a_finished_task_is_not_deleted() -> None:
    case = a_case(a_customer())
    send("case", case, c.CreateTask(title="Ask Ben"))
    item = state(case).last
    send("case", case, c.CompleteTask(item=item))
    refused = the_door().handle(Order("case", case, c.DeleteTask(item=item, reason="it was"), uuid4(), ME))
    assert isinstance(refused, Refused) and "what was done is not deleted" in refused.message
    assert not isinstance(refused, Answer)
