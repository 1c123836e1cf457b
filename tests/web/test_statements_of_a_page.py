"""How many statements each page sends to PostgreSQL, by libpq's own trace: the ORM's and the plain ones alike.

A page whose number changes changes this table with it; a number that grows with what there is fails.
"""

import tempfile
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from caseloom.engine.case import commands as c
from tests.streams.kit import a_case, a_customer, a_service_goal, send
from tests.web.api.kit import a_user

pytestmark = pytest.mark.django_db(transaction=True)

PINNED = {
    "worklist": 6,
    "search": 7,
    "case": 11,
    "customer": 10,
    "board": 38,
}


def statements(act: Callable[[], object]) -> int:
    """What `act` sends: simple queries and executions of prepared ones."""
    connection.ensure_connection()
    wire = connection.connection.pgconn
    with tempfile.TemporaryFile("w+") as trace:
        wire.trace(trace.fileno())
        try:
            act()
        finally:
            wire.untrace()
        trace.seek(0)
        return sum(1 for line in trace if "\tF\t" in line and ("\tQuery\t" in line or "\tExecute\t" in line))


def a_house(cases: int) -> tuple[int, int]:
    customer = a_customer()
    numbers = [a_case(customer, contact=None) for _ in range(cases)]
    for number in numbers:
        send("case", number, c.RecordPerception(score=3))
    return customer, numbers[0]


@pytest.mark.parametrize("cases", [2, 12])
def test_the_number_is_what_it_was(cases: int) -> None:
    a_service_goal()
    customer, case = a_house(cases)
    browser = Client()
    browser.force_login(a_user("agent", "process owner"), "django.contrib.auth.backends.ModelBackend")
    pages = {
        "worklist": "/desk/?view=all",
        "search": "/desk/search/?q=maria",
        "case": f"/desk/cases/{case}/",
        "customer": f"/desk/customers/{customer}/",
        "board": "/board/",
    }

    def get(path: str) -> None:
        assert browser.get(path).status_code == 200

    for path in pages.values():
        get(path)
    assert {name: statements(lambda path=path: get(path)) for name, path in pages.items()} == PINNED  # type: ignore[misc]
