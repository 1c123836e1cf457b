"""A task that another case does: opened once, its end told, ended with the task that asked for it."""

from collections.abc import Iterator

import pytest
from django.db import connection

from caseloom.cases.kind import CASES
from caseloom.cases.subcases import END, OPEN, TELL, EndingSubCases, OpeningSubCases, TellingParents
from caseloom.engine.case import commands as c
from caseloom.engine.case.state import CaseState
from caseloom.library.publishing import publish
from caseloom.sdk.stream import Answer
from caseloom.streams.door import the_door
from caseloom.streams.effects import Attempt, Done, Performer
from caseloom.streams.replay import compare, read_state
from tests.streams.kit import PROGRAM, a_case, a_customer, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "customer title: Mine\nowner: process owner\nteam: service\n"
REPAIR = f"""service goal: repair
title: Repair
{HEAD}facts:
  device: {{type: text}}
  mended: {{type: boolean}}
goals:
  done: {{title: Done, reached when: mended = true}}
"""
MOVE = f"""service goal: claim
title: Claim
{HEAD}facts:
  thing: {{type: text, initial: phone}}
  all well: {{type: boolean}}
goals:
  settled:
    title: Settled
    reached when: all well = true
    options:
      mend: {{title: Mend it, tasks: [mend], automatic: true}}
tasks:
  mend: {{title: Mend it, kind: case, calls: repair, inputs: {{device: thing}}, sets: {{all well: result.mended}}}}
"""


@pytest.fixture(autouse=True)
def _library() -> Iterator[None]:
    empty_streams()
    for text in ("house rules: house\ntitle: House\nteams: {service: Service}\n", REPAIR, MOVE):
        assert isinstance(publish(PROGRAM, text, thorough=False), Answer)
    yield


def perform(kind: str, times: int = 1) -> None:
    """Run the jobs of this kind that were deferred, each so many times."""
    door = the_door()
    performers: dict[str, Performer] = {
        OPEN: OpeningSubCases(door, CASES),
        TELL: TellingParents(door, CASES),
        END: EndingSubCases(door, CASES),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from procrastinate_jobs where args->>'kind' = %s returning (args->>'stream')::bigint, "
            "(args->>'version')::integer",
            (kind,),
        )
        jobs = cursor.fetchall()
    for stream, version in jobs * times:
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into effect (stream, version, attempt, state, at) values (%s, %s, 1, 'begun', now())"
                " on conflict do nothing",
                (stream, version),
            )
        assert performers[kind](Attempt(kind, stream, version)) == Done()


def state(case: int) -> CaseState:
    found = read_state(the_door(), CASES, case)
    assert found is not None
    told: CaseState = found[0]
    return told


def asked(case: int) -> int:
    return next(item.sub_case for item in state(case).items.values() if item.sub_case)


def test_a_sub_case_is_opened_once_and_its_end_completes_the_task() -> None:
    case = a_case(a_customer(), "claim", house_version=1)
    perform(OPEN, times=2)
    child = asked(case)
    assert state(child).facts["device"].value == "phone" and state(child).parent == case
    send("case", child, c.SetFacts(facts={"mended": True}))
    assert state(child).status == "completed"
    perform(TELL, times=2)
    assert state(case).status == "completed" and state(case).facts["all well"].value is True
    door = the_door()
    assert [list(compare(door, door.kinds["case"], one)) for one in (case, child)] == [[], []]


def test_a_sub_case_that_was_ended_leaves_the_task_failed() -> None:
    case = a_case(a_customer(), "claim", house_version=1)
    perform(OPEN)
    send("case", asked(case), c.TerminateCase(reason="no such device"))
    perform(TELL)
    assert next(item for item in state(case).items.values() if item.key == "mend").status == "failed"


def test_a_task_that_is_cancelled_ends_its_case() -> None:
    case = a_case(a_customer(), "claim", house_version=1)
    perform(OPEN)
    child = asked(case)
    item = next(item.id for item in state(case).items.values() if item.key == "mend")
    send("case", case, c.CancelTask(item=item, reason="thrown away"))
    perform(END)
    assert state(child).status == "terminated"


def test_a_service_goal_that_is_not_offered_fails_the_task() -> None:
    assert isinstance(publish(PROGRAM, MOVE.replace("calls: repair", "calls: replace"), thorough=False), Answer)
    case = a_case(a_customer(), "claim", version=2, house_version=1)
    perform(OPEN)
    assert next(item for item in state(case).items.values() if item.key == "mend").status == "failed"
