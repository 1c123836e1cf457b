"""Any life of a case, through the door on PostgreSQL, with its connection killed in between: nothing is lost, nothing
happens twice, and what stands there is what the events tell.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from caseloom.cases.kind import CASES
from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.evolve import Stamp
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.history import Event
from caseloom.library.plans import the_plans
from caseloom.sdk.access import Access, program
from caseloom.sdk.stream import Order
from caseloom.staff.access import of_customer
from caseloom.streams.door import the_door
from caseloom.streams.handle import Door
from caseloom.streams.replay import compare, fold, read_history, read_state
from tests.engine.case.kit import AGENT, HEAD, HOUSE, MONDAY, Case
from tests.engine.case.test_any_life_of_a_case import TEXT, AnyLife
from tests.streams.kit import a_customer, a_service_goal, empty_streams

pytestmark = pytest.mark.django_db(transaction=True)


class Stored(Case):
    """A case that lives in the database; `kill` ends the connection under the next command."""

    def __init__(self) -> None:
        door = the_door()
        self.now = MONDAY
        self.door = Door(tuple(door.kinds.values()), door.keyring, lambda: self.now, door.ids)
        self.customer, self.number = a_customer(), next(door.ids)
        self.finished = {}
        self.kill = False
        self.state = CaseState()

    def do(self, command: c.Command, actor: Actor = AGENT) -> tuple[Event, ...] | Refused:
        order = Order("case", self.number, command, uuid4(), self._access(actor))
        if self.kill:
            self.kill = False
            _end_connection()
        try:
            verdict = self.door.handle(order)
        except psycopg.DatabaseError:
            # The next one is made anew; the same order happens once.
            connection.close()
            verdict = self.door.handle(order)
        found = read_state(self.door, CASES, self.number)
        if found is not None:
            self.state = found[0]
        return verdict if isinstance(verdict, Refused) else verdict.events

    def _access(self, actor: Actor) -> Access:
        if actor.kind == "customer":
            return of_customer(self.customer)
        return Access(actor, program("test").rights)

    def replay(self) -> CaseState:
        state: CaseState = fold(self.door, CASES, self.number)[0]
        return state

    @property
    def history(self) -> list[tuple[Event, Stamp]]:  # type: ignore[override]
        told = read_history(self.door, CASES, self.number)
        return [(one.event, Stamp(one.at, one.actor)) for one in told]


def _end_connection() -> None:
    """As when the network or the server goes: another connection ends ours."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        [pid] = cursor.fetchone()
    other = connection.copy("other")
    with other.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s, 2000)", (pid,))
    other.close()


class StoredLife(AnyLife):
    """The commands of any life, one by one through the door."""

    @initialize(facts=st.sampled_from([{}, {"identity checked": True}, {"amount": 150}]))
    def open(self, facts: dict[str, Any]) -> None:
        self.case = self.stored = Stored()
        self.contact = 900
        number, customer = self.stored.number, self.stored.customer
        opening = c.OpenCase(
            case=number, customer=customer, service_goal="test", version=1, house_version=1, facts=facts
        )
        self.case.accept(opening)

    def send(self, command: c.Command, actor: Actor = AGENT) -> None:
        self.case.do(command, actor)

    def plan(self) -> Plan:
        return the_plans("test", 1, 1)

    @rule()
    def crash(self) -> None:
        self.stored.kill = True

    @rule(hours=st.sampled_from([1, 30]))
    def wait(self, hours: int) -> None:
        self.case.pass_time(timedelta(hours=hours))

    @invariant()
    def the_events_rebuild_the_state(self) -> None:
        assert compare(self.stored.door, CASES, self.stored.number) == []


def test_fifty_lives_with_killed_connections() -> None:
    empty_streams()
    a_service_goal(HOUSE, "house")
    a_service_goal(HEAD + TEXT)
    the_plans.forget()
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        StoredLife,
        settings=settings(max_examples=50, stateful_step_count=30, deadline=None, suppress_health_check=quiet),
    )
