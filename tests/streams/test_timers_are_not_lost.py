"""A due timer leaves its table when it has done its work, and not before."""

import threading
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from caseloom.cases.kind import CASES
from caseloom.customers.customer import AddIdentity
from caseloom.engine.case import commands as c
from caseloom.engine.case.commands import TimerDue
from caseloom.engine.case.refusal import Refused
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door
from caseloom.streams.handle import Door
from caseloom.streams.store import lock, raw_connection
from caseloom.streams.timers import Sweeper
from tests.streams.kit import GOAL, PROGRAM, a_case, a_customer, a_service_goal, send

pytestmark = pytest.mark.django_db(transaction=True)

NEVER_LATE = (
    GOAL
    + "reactions: [{says: Late, after: [counted is late], do: [{set fact: count, to: '2'}]}]\n"
    + ("data rules: [{says: Never two, require: 'count != 2'}]\n")
)


def _timers(case: int) -> list[tuple[str, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute("select name, due from timer where stream = %s", (case,))
        return list(cursor.fetchall())


def _sweeper(after: timedelta) -> tuple[Sweeper, datetime]:
    door, moment = the_door(), the_door().clock() + after
    later = Door(tuple(door.kinds.values()), door.keyring, lambda: moment, door.ids)
    return Sweeper(later, {CASES.number: lambda name: TimerDue(timer=name)}), moment


def test_a_timer_whose_command_is_refused_comes_again_later() -> None:
    a_service_goal(NEVER_LATE)
    case = a_case(a_customer())
    sweeper, moment = _sweeper(timedelta(days=3))
    assert sweeper.sweep() == 1
    [(name, due)] = _timers(case)
    assert name.endswith("due") and due > moment
    assert sweeper.sweep() == 0


def test_a_timer_of_a_case_that_is_being_written_waits_without_holding_anybody_up() -> None:
    a_service_goal()
    case = a_case(a_customer())
    held, done = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with raw_connection().transaction():
                lock(raw_connection(), (case,))
                held.set()
                done.wait(20)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert held.wait(20)
    sweeper, _ = _sweeper(timedelta(days=3))
    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '2s'")
    try:
        assert sweeper.sweep() == 0
    finally:
        done.set()
        writer.join()
        with connection.cursor() as cursor:
            cursor.execute("reset lock_timeout")
    assert sweeper.sweep() == 1
    assert _timers(case) == []


def test_inside_a_transaction_a_clash_harms_no_other_command() -> None:
    a_service_goal()
    first, second = a_customer(mail="x@example.org"), a_customer()
    case = a_case(second)
    orders = [
        Order("customer", second, AddIdentity(kind="mail", value="x@example.org"), uuid4(), PROGRAM),
        Order("case", case, c.AddNote(text="kept"), uuid4(), PROGRAM),
    ]
    with raw_connection().transaction():
        verdicts = the_door().handle_many(orders)
    assert [type(verdict) for verdict in verdicts] == [Refused, Answer]
    send("customer", first, AddIdentity(kind="phone", value="0123"))
