"""What tests of the shell share: an empty store, a customer, a service goal, a case."""

import time
from uuid import uuid4

from django.db import connection

from caseloom.customers.customer import CreateCustomer
from caseloom.engine.case import commands as c
from caseloom.library.definition import DefinitionKind, DraftDefinition, PublishDefinition
from caseloom.library.plans import the_plans
from caseloom.sdk.access import program
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door
from caseloom.streams.tail import last_place

PROGRAM = program("test")
GOAL = """
service goal: test
title: A test
customer title: My test
owner: process owner
team: service
facts:
  name: {personal: true, from customer: name}
  count: {type: number, initial: 0}
goals:
  counted: {title: Counted, reached when: count >= 3, clock: {within: 2 days}}
"""


def empty_streams() -> None:
    """Drop all rows that the door wrote, the jobs that it asked for, and what was compiled from them."""
    tables = {table.name for kind in the_door().kinds.values() for table in kind.tables}
    names = sorted(tables | {"event", "stream", "person_key", "timer", "effect"})
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {', '.join(names)}")
        cursor.execute("delete from procrastinate_jobs")
    the_plans.forget()


def send(kind: str, stream: int, command: object) -> Answer:
    """Carry out a command that has to be accepted."""
    answer = the_door().handle(Order(kind, stream, command, uuid4(), PROGRAM))
    assert isinstance(answer, Answer), answer
    return answer


def a_customer(name: str = "Maria Keller", mail: str = "") -> int:
    number = next(the_door().ids)
    address = mail or f"maria{number}@example.org"
    send("customer", number, CreateCustomer(customer=number, name=name, identities=(("mail", address),)))
    return number


def a_service_goal(text: str = GOAL, key: str = "test") -> None:
    number = next(the_door().ids)
    kind: DefinitionKind = "house rules" if text.lstrip().startswith("house rules") else "service goal"
    send("definition", number, DraftDefinition(definition=number, key=key, kind=kind, text=text))
    send("definition", number, PublishDefinition(title=key))


def a_case(customer: int, key: str = "test", **fields: object) -> int:
    number = next(the_door().ids)
    opened = {"customer_facts": {"name": "Maria Keller"}, "service_goal": key, "version": 1, **fields}
    send("case", number, c.OpenCase(case=number, customer=customer, **opened))  # type: ignore[arg-type]
    return number


def can_be_followed() -> None:
    """Wait until all events can be followed: a transaction of anybody on the server, also in another test's database,
    keeps those that began after it back.
    """
    for _ in range(1_000):
        with connection.cursor() as cursor:
            cursor.execute("select coalesce(max(position), 0) from event")
            [newest] = cursor.fetchone()
        if last_place().position == newest:
            return
        time.sleep(0.02)
    raise TimeoutError("A transaction on the server does not end.")
