"""A case whose success means that the customer leaves ends the relation."""

import pytest

from caseloom.config.wiring import performers
from caseloom.customers.models import CustomerRow
from caseloom.engine.case import commands as c
from caseloom.streams.door import the_door
from caseloom.streams.effects import Effects
from tests.channels.kit import jobs
from tests.streams.kit import a_case, a_customer, a_service_goal, send

pytestmark = pytest.mark.django_db(transaction=True)

CLOSING = """
service goal: closing
title: Close an account
customer title: I want to leave
owner: process owner
team: service
ends relation: 'true'
facts:
  closed: {type: boolean, initial: false}
goals:
  closed: {title: Closed, reached when: closed}
"""


def test_the_relation_ends_once_the_case_is_completed() -> None:
    a_service_goal(CLOSING, "closing")
    customer = a_customer()
    case = a_case(customer, "closing", customer_facts={})
    assert jobs() == []
    send("case", case, c.SetFacts(facts={"closed": True}))
    [job] = jobs()
    assert job[0] == "end relation"
    run = Effects(performers(), the_door().clock)
    assert [run.perform(*job), run.perform(*job)] == [None, None]
    assert CustomerRow.objects.get(pk=customer).left_at is not None
