"""Events are followed as they come: each once, in order, and none is missed that commits late."""

import pytest
from django.db import connection

from caseloom.engine.case import commands as c
from caseloom.streams.door import the_door
from caseloom.streams.notify import own_connection
from caseloom.streams.tail import Place, follow, last_place
from tests.streams.kit import a_case, a_customer, a_service_goal, can_be_followed, empty_streams, send

START = Place()
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty() -> None:
    empty_streams()


def _all(after: Place = START, limit: int = 3) -> tuple[list[tuple[int, int]], Place]:
    found: list[tuple[int, int]] = []
    while True:
        events, place = follow(the_door(), after, limit=limit)
        found += [(one.recorded.stream, one.recorded.version) for one in events]
        if place == after:
            return found, place
        after = place


def test_every_event_comes_once_and_in_order() -> None:
    a_service_goal()
    case = a_case(a_customer())
    can_be_followed()
    found, place = _all()
    with connection.cursor() as cursor:
        cursor.execute("select stream, version from event order by position")
        assert found == cursor.fetchall()
    send("case", case, c.AddNote(text="once more"))
    can_be_followed()
    more, _ = _all(place)
    assert [stream for stream, _ in more] == [case]


def test_what_is_personal_does_not_come_along() -> None:
    a_service_goal()
    case = a_case(a_customer(), title="Unverwechselbar")
    can_be_followed()
    events, _ = follow(the_door(), Place())
    [opened] = [one.recorded.event for one in events if one.recorded.stream == case and one.recorded.version == 1]
    assert opened.private.title == ""


def test_a_place_moves_on_over_events_of_other_types() -> None:
    a_service_goal()
    case = a_case(a_customer())
    send("case", case, c.AddNote(text="x"))
    can_be_followed()
    events, place = follow(the_door(), Place(), types=("note_added.1",))
    assert [one.recorded.stream for one in events] == [case]
    assert place == last_place()


def test_a_transaction_that_commits_late_is_not_missed() -> None:
    a_service_goal()
    customer = a_customer()
    can_be_followed()
    _, before = _all()
    with own_connection() as other, other.transaction(), other.cursor() as cursor:
        # It has begun, and written with a number of its own, before the case below is opened.
        cursor.execute("select pg_current_xact_id()")
        case = a_case(customer)
        seen, place = _all(before)
        assert seen == []
    can_be_followed()
    later, _ = _all(place)
    assert {stream for stream, _ in later} == {case}
