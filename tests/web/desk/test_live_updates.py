"""What changed reaches those who may know of it, within a moment, and without a database connection held."""

import threading
import time
from collections.abc import Iterator

import pytest
from django.test import Client

from caseloom.engine.case import commands as c
from caseloom.staff.access import of_user
from caseloom.staff.models import Team
from caseloom.web.live.listen import LookAgain, the_listener
from caseloom.web.live.views import BUDGET, _budget, stream_lines
from tests.web.desk.kit import a_card_case, a_house, a_person, do

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _ear() -> Iterator[None]:
    yield
    the_listener.let_go()


PATIENCE = 60.0
"""Seconds until a test gives up. What it waits for comes at once; on a loaded machine not even that is soon."""
BEAT = ": beat\n\n"


def heard(lines: Iterator[str], wanted: str) -> list[str]:
    """The lines until one holds `wanted`."""
    until, found = time.monotonic() + PATIENCE, []
    for line in lines:
        found.append(line)
        if wanted in line or time.monotonic() > until:
            return found
    return found


def listening(username: str, *teams: str) -> Iterator[str]:
    client = the_listener.join()
    assert isinstance(client.get(PATIENCE), LookAgain)
    return stream_lines(of_user(a_person(username, teams=teams)), client)


def test_a_changed_case_is_heard_of() -> None:
    a_house()
    case = a_card_case()
    lines = listening("ada", "cards")
    do(of_user(a_person("eve")), case, c.AddNote(text="Hello"))
    told = heard(lines, f"data: {case}\n")
    assert f"event: case\ndata: {case}\n\n" in told
    assert BEAT not in told, "it was told when it happened, and not found when the stream looked about"


def test_the_stream_never_says_more_than_the_number() -> None:
    a_house()
    case = a_card_case()
    lines = listening("ada", "cards")
    do(of_user(a_person("eve")), case, c.AddNote(text="A secret word"))
    assert "secret" not in "".join(heard(lines, f"data: {case}\n"))


def test_a_case_of_a_confidential_team_is_not_heard_of_by_others() -> None:
    a_house()
    Team.objects.filter(key="cards").update(confidential=True)
    hidden, seen = a_card_case(), a_card_case(team="back")
    lines = listening("ada", "back")
    leo = of_user(a_person("leo", teams=("cards", "back")))
    do(leo, hidden, c.AddNote(text="Hello"))
    do(leo, seen, c.AddNote(text="Hello"))
    assert not any(f"data: {hidden}\n" in line for line in heard(lines, f"data: {seen}\n"))


def test_a_full_node_says_when_to_come_again() -> None:
    a_house()
    client = Client()
    client.force_login(a_person("ada"))
    for _ in range(BUDGET):
        # A stream that a browser has just left gives its place back at its next heartbeat.
        assert _budget.acquire(timeout=PATIENCE)
    try:
        answer = client.get("/live/")
    finally:
        for _ in range(BUDGET):
            _budget.release()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "20")


def test_a_closed_stream_gives_its_place_back() -> None:
    a_house()
    client = Client()
    client.force_login(a_person("ada"))
    for _ in range(BUDGET + 3):
        answer = client.get("/live/")
        assert answer.status_code == 200
        answer.close()
    assert the_listener.clients() == 0


def test_the_ear_stops_when_nobody_listens() -> None:
    a_house()
    client = the_listener.join()
    assert isinstance(client.get(PATIENCE), LookAgain)
    the_listener.let_go()
    assert not any(thread.name == "listener" for thread in threading.enumerate())
