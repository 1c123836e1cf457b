"""What comes to a stream of an erased person later, or at the same moment, does not bring anything of theirs back."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection

from caseloom.cases.kind import CASES
from caseloom.cases.models import CaseRow
from caseloom.engine.case import commands as c
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door
from caseloom.streams.handle import Door
from caseloom.streams.replay import compare, erase_person
from tests.streams.kit import PROGRAM, a_case, a_customer, a_service_goal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer() -> int:
    a_service_goal()
    return a_customer()


def _while_deciding(happens: Callable[[], object]) -> Door:
    """A door during whose first decision something else happens."""
    door, waiting = the_door(), [happens]

    def clock() -> datetime:
        if waiting:
            waiting.pop()()
        return door.clock()

    return Door(tuple(door.kinds.values()), door.keyring, clock, door.ids)


def _stands_in_clear(word: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from stream where position(%s in snapshot) > 0) "
            "or exists (select from promise_row where text like %s) "
            "or exists (select from case_row where title like %s)",
            (word.encode(), f"%{word}%", f"%{word}%"),
        )
        found = cursor.fetchone()
    return bool(found and found[0])


def _is_sound(case: int) -> bool:
    return compare(the_door(), CASES, case) == [] and not _stands_in_clear("Unverwechselbar")


def test_a_command_to_a_case_of_an_erased_customer_keeps_nothing_personal(customer: int) -> None:
    case = a_case(customer)
    erase_person(the_door(), customer)
    for command in (c.SetFacts(facts={"name": "Unverwechselbar"}), c.CreateTask(title="Unverwechselbar")):
        assert isinstance(the_door().handle(Order("case", case, command, uuid4(), PROGRAM)), Answer)
    assert _is_sound(case)


def test_a_customer_who_is_erased_while_a_command_runs_stays_erased(customer: int) -> None:
    case = a_case(customer)
    door = _while_deciding(lambda: erase_person(the_door(), customer))
    command = c.MakePromise(text="Unverwechselbar", due=the_door().clock().replace(year=2400))
    assert isinstance(door.handle(Order("case", case, command, uuid4(), PROGRAM)), Answer)
    assert _is_sound(case)


def test_a_case_that_is_opened_while_its_customer_is_erased_keeps_nothing_personal(customer: int) -> None:
    case = next(the_door().ids)
    door = _while_deciding(lambda: erase_person(the_door(), customer))
    opening = c.OpenCase(case=case, customer=customer, title="Unverwechselbar")
    assert isinstance(door.handle(Order("case", case, opening, uuid4(), PROGRAM)), Answer)
    assert CaseRow.objects.get(pk=case).title == ""
    assert _is_sound(case)


def test_two_streams_of_one_batch_keep_nothing_of_a_customer_who_is_erased_meanwhile(customer: int) -> None:
    case, other = a_case(customer), a_case(customer)
    door = _while_deciding(lambda: None)
    erase_person(the_door(), customer)
    orders = [Order("case", of, c.CreateTask(title="Unverwechselbar"), uuid4(), PROGRAM) for of in (case, other, case)]
    assert all(isinstance(verdict, Answer) for verdict in door.handle_many(orders))
    assert _is_sound(case) and _is_sound(other)
