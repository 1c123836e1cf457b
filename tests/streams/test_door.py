"""The door on real PostgreSQL: one command, once, whole, or a refusal."""

import threading
from uuid import uuid4

import pytest
from django.db import connection

from caseloom.cases.kind import CASES
from caseloom.cases.models import CaseRow
from caseloom.customers.customer import CreateCustomer, RenameCustomer
from caseloom.customers.models import CustomerRow
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door
from caseloom.streams.replay import compare, read_state, rebuild
from caseloom.streams.store import raw_connection
from tests.streams.kit import PROGRAM, a_case, a_customer, a_service_goal, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case() -> int:
    a_service_goal()
    return a_case(a_customer())


def test_a_command_writes_events_snapshot_and_projections(case: int) -> None:
    send("case", case, c.SetFacts(facts={"count": 2}))
    row = CaseRow.objects.get(pk=case)
    assert (row.status, row.service_goal, row.due_goal) == ("active", "test", "counted")
    found = read_state(the_door(), CASES, case)
    assert found is not None
    assert found[0].facts["count"].value == "2"
    assert found[0].facts["name"].value == "Maria Keller"
    assert compare(the_door(), CASES, case) == []


def test_an_accepted_command_id_gets_its_first_answer(case: int) -> None:
    order = Order("case", case, c.SetFacts(facts={"count": 1}), uuid4(), PROGRAM)
    first, second = the_door().handle(order), the_door().handle(order)
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert second.repeated
    assert (read_state(the_door(), CASES, case) or (None, 0))[1] == first.version


def test_a_refused_command_leaves_nothing_and_is_tried_anew(case: int) -> None:
    order = Order("case", case, c.KeepPromise(promise=2), uuid4(), PROGRAM)
    before = read_state(the_door(), CASES, case)
    assert isinstance(the_door().handle(order), Refused)
    assert read_state(the_door(), CASES, case) == before
    assert isinstance(the_door().handle(order), Refused)


def test_a_batch_keeps_the_order_of_a_case_and_a_refusal_leaves_the_others_standing(case: int) -> None:
    orders = [
        Order("case", case, c.SetFacts(facts={"count": 1}), uuid4(), PROGRAM),
        Order("case", case, c.SetFacts(facts={"no such": 1}), uuid4(), PROGRAM),
        Order("case", case, c.SetFacts(facts={"count": 3}), uuid4(), PROGRAM),
        Order("case", case, c.SetFacts(facts={"count": 4}), uuid4(), PROGRAM),
    ]
    verdicts = the_door().handle_many(orders)
    assert [type(verdict) for verdict in verdicts] == [Answer, Refused, Answer, Refused]
    assert CaseRow.objects.get(pk=case).status == "completed"
    assert compare(the_door(), CASES, case) == []


def test_many_writers_on_one_case_lose_nothing(case: int) -> None:
    refusals: list[Refused] = []

    def write() -> None:
        try:
            for _ in range(10):
                verdict = the_door().handle(Order("case", case, c.AddNote(text="hello"), uuid4(), PROGRAM))
                if isinstance(verdict, Refused):
                    refusals.append(verdict)
        finally:
            connection.close()

    before = (read_state(the_door(), CASES, case) or (None, 0))[1]
    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refusals == []
    assert (read_state(the_door(), CASES, case) or (None, 0))[1] == before + 60
    assert compare(the_door(), CASES, case) == []


def test_two_customers_cannot_share_an_identity() -> None:
    a_customer()
    first, second = next(the_door().ids), next(the_door().ids)
    send("customer", first, CreateCustomer(customer=first, identities=(("mail", "x@example.org"),)))
    order = Order(
        "customer",
        second,
        CreateCustomer(customer=second, identities=(("mail", "X@example.org"),)),
        uuid4(),
        PROGRAM,
    )
    refused = the_door().handle(order)
    assert isinstance(refused, Refused)
    assert refused.code == "duplicate"
    assert not CustomerRow.objects.filter(pk=second).exists()


def test_personal_fields_are_not_stored_in_clear(case: int) -> None:
    customer = CaseRow.objects.get(pk=case).customer
    send("customer", customer, RenameCustomer(name="Maria Unverwechselbar"))
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from event where position(%s in data) > 0 or position(%s in coalesce(sealed, '')) > 0",
            (b"Unverwechselbar", b"Unverwechselbar"),
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("select count(*) from stream where position(%s in snapshot) > 0", (b"Unverwechselbar",))
        assert cursor.fetchone() == (0,)


def test_the_hot_path_goes_on_after_a_rollback(case: int) -> None:
    # psycopg deallocates all statements of a connection at a rollback, where it has prepared any itself.
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), raw_connection().transaction():
            send("case", case, c.AddNote(text="lost"))
            raise ZeroDivisionError
        send("case", case, c.AddNote(text="kept"))


def test_the_hot_path_prepares_anew_what_somebody_deallocated(case: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("deallocate all")
    send("case", case, c.AddNote(text="kept"))


def test_a_rebuilt_stream_is_what_it_was(case: int) -> None:
    send("case", case, c.SetFacts(facts={"count": 1}))
    before = read_state(the_door(), CASES, case)
    rebuild(the_door(), CASES, case)
    assert read_state(the_door(), CASES, case) == before
    assert compare(the_door(), CASES, case) == []
