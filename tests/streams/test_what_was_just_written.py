"""A process goes on with the stream that it has just written, and only with how that stands."""

from uuid import uuid4

import pytest
from django.db import transaction

from caseloom.cases.kind import CASES
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.sdk.stream import Answer, Order
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.handle import Door, Verdict
from caseloom.streams.replay import compare, erase_person
from tests.streams.kit import PROGRAM, a_case, a_customer, a_service_goal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer() -> int:
    a_service_goal()
    return a_customer()


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The streams that are read, as it happens."""
    read: list[int] = []
    load = store.load

    def told(*given: object) -> object:
        read.extend(given[1])  # type: ignore[arg-type]
        return load(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "load", told)
    return read


def _another() -> Door:
    """The door as another process has it."""
    door = the_door()
    return Door(tuple(door.kinds.values()), door.keyring, door.clock, door.ids)


def _send(door: Door, case: int, command: c.Command) -> Verdict:
    return door.handle(Order("case", case, command, uuid4(), PROGRAM))


def _task(verdict: Verdict) -> int:
    assert isinstance(verdict, Answer)
    return next(int(event.item) for event in verdict.events if event.stored == "item_created.1")


def test_the_next_command_needs_no_look(customer: int, loads: list[int]) -> None:
    door, case = _another(), a_case(customer)
    task = _task(_send(door, case, c.CreateTask(title="Look")))
    loads.clear()
    assert isinstance(_send(door, case, c.CompleteTask(item=task)), Answer)
    assert loads == []
    assert compare(door, CASES, case) == []


def test_what_another_process_has_done_since_counts(customer: int) -> None:
    ours, theirs, case = _another(), _another(), a_case(customer)
    task = _task(_send(ours, case, c.CreateTask(title="Look")))
    assert isinstance(_send(theirs, case, c.CompleteTask(item=task)), Answer)
    assert isinstance(_send(ours, case, c.CompleteTask(item=task)), Refused)
    assert isinstance(_send(ours, case, c.CreateTask(title="Look again")), Answer)
    assert compare(ours, CASES, case) == []


def test_nothing_is_refused_by_how_it_stood(customer: int) -> None:
    ours, theirs, case = _another(), _another(), a_case(customer)
    task = _task(_send(ours, case, c.CreateTask(title="Look")))
    assert isinstance(_send(ours, case, c.CompleteTask(item=task)), Answer)
    fresh = _task(_send(theirs, case, c.CreateTask(title="Look again")))
    assert isinstance(_send(ours, case, c.CompleteTask(item=fresh)), Answer)


def test_a_command_that_comes_again_gets_its_first_answer(customer: int) -> None:
    door, case = _another(), a_case(customer)
    order = Order("case", case, c.CreateTask(title="Look"), uuid4(), PROGRAM)
    first, again = door.handle(order), door.handle(order)
    assert isinstance(first, Answer) and isinstance(again, Answer)
    assert again.repeated and again.version == first.version


def test_what_a_transaction_takes_back_is_not_gone_on_with(customer: int) -> None:
    door, case = _another(), a_case(customer)
    _send(door, case, c.CreateTask(title="Look"))
    with transaction.atomic():
        gone = _task(_send(door, case, c.CreateTask(title="Never")))
        transaction.set_rollback(True)
    assert isinstance(_send(door, case, c.CompleteTask(item=gone)), Refused)
    _send(door, case, c.CreateTask(title="Look again"))
    assert compare(door, CASES, case) == []


def test_a_customer_who_is_erased_in_between_stays_erased(customer: int) -> None:
    door, case = _another(), a_case(customer)
    _send(door, case, c.CreateTask(title="Unverwechselbar"))
    erase_person(the_door(), customer)
    assert isinstance(_send(door, case, c.CreateTask(title="Unverwechselbar")), Answer)
    assert compare(door, CASES, case) == []
