"""One repair, many customers: one act reaches all who mirror its goal, none twice and none missed."""

from time import monotonic
from uuid import uuid4

import pytest
from django.db import connection

from caseloom.cases.kind import CASES
from caseloom.cases.mirroring import ASK, TELL, AskingOwner, TellingMirrors
from caseloom.cases.queries import read_case
from caseloom.engine.case import commands as c
from caseloom.engine.case import planned as p
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import Goal
from caseloom.sdk.access import Access, program
from caseloom.sdk.stream import Order
from caseloom.staff.access import of_customer
from caseloom.streams.door import the_door
from caseloom.streams.effects import Attempt, Done, Performer
from caseloom.streams.handle import Door, Verdict
from caseloom.streams.replay import compare, read_history
from tests.streams.kit import a_case, a_customer, a_service_goal, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)
GOAL = """
service goal: test
title: A test
customer title: My test
owner: process owner
team: service
goals: {repaired: {title: The mast is repaired}, calm: {title: Calm, need: optional}}
"""
ME = program("test")


@pytest.fixture(autouse=True)
def store() -> None:
    empty_streams()
    a_service_goal(GOAL)


def mirror_of(case: int) -> Goal:
    view = read_case(ME, case)
    assert view is not None
    return next(goal for goal in view.state.goals.values() if goal.title == "The mast")


def mirroring(owner: int, count: int) -> list[int]:
    """Cases whose own goal is done, and who wait for the owner's."""
    customer = a_customer()
    cases = [a_case(customer) for _ in range(count)]
    for case in cases:
        send("case", case, c.MirrorGoal(case=owner, goal=1, title="The mast"))
        send("case", case, c.ReachGoal(goal=1))
    perform(ASK)
    return cases


def perform(kind: str, door: Door | None = None) -> None:
    """Run the jobs of this kind that were deferred."""
    performers: dict[str, Performer] = {
        TELL: TellingMirrors(door or the_door(), CASES, 100),
        ASK: AskingOwner(the_door(), CASES),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from procrastinate_jobs where args->>'kind' = %s returning (args->>'stream')::bigint, "
            "(args->>'version')::integer",
            (kind,),
        )
        jobs = cursor.fetchall()
    for stream, version in sorted(set(jobs)):
        assert performers[kind](Attempt(kind, stream, version)) == Done()


def moves(case: int) -> int:
    return sum(isinstance(one.event, p.MirrorMoved) and one.event.status == "reached" for one in history(case))


def history(case: int) -> list:  # type: ignore[type-arg]
    return read_history(the_door(), CASES, case)


def test_one_act_reaches_all_who_wait() -> None:
    owner = a_case(a_customer())
    cases = mirroring(owner, 500)
    began = monotonic()
    send("case", owner, c.ReachGoal(goal=1))
    perform(TELL)
    took = monotonic() - began
    assert {mirror_of(case).status for case in cases} == {"reached"}
    assert [moves(case) for case in cases] == [1] * 500
    assert took < 5, f"it took {took:.1f} s"
    assert compare(the_door(), CASES, cases[0]) == []


class Dying(Door):
    """A door whose process is killed in the middle of the work."""

    left = 2

    def handle_many(self, orders: "list[Order]") -> list[Verdict]:  # type: ignore[override]
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return super().handle_many(orders)


def test_a_worker_killed_in_the_middle_leaves_none_out_and_none_twice() -> None:
    owner = a_case(a_customer())
    cases = mirroring(owner, 30)
    send("case", owner, c.ReachGoal(goal=1))
    door = the_door()
    dying = Dying(tuple(door.kinds.values()), door.keyring, door.clock, door.ids)
    view = read_case(ME, owner)
    assert view is not None
    with pytest.raises(KeyboardInterrupt):
        TellingMirrors(dying, CASES, 7)(Attempt(TELL, owner, view.version))
    reached = [moves(case) for case in cases]
    assert sum(reached) == 14
    perform(TELL)
    perform(TELL)
    assert [moves(case) for case in cases] == [1] * 30


def test_a_mirror_of_a_goal_that_is_reached_already_is_reached() -> None:
    owner = a_case(a_customer())
    send("case", owner, c.CreateTask(title="Keeps it open"))
    send("case", owner, c.AddGoal(title="And that"))
    send("case", owner, c.ReachGoal(goal=1))
    [case] = mirroring(owner, 1)
    assert mirror_of(case).status == "reached"
    send("case", owner, c.ResetGoal(goal=1, reason="it broke again"))
    perform(TELL)
    view = read_case(ME, case)
    assert view is not None and view.state.status == "completed", "a closed case stays closed"


def test_undoing_the_owners_move_is_told_too() -> None:
    owner = a_case(a_customer())
    [case] = mirroring(owner, 1)
    send("case", case, c.AddGoal(title="Keeps it open"))
    send("case", owner, c.AddGoal(title="Keeps it open"))
    send("case", owner, c.WaiveGoal(goal=1, reason="so"))
    perform(TELL)
    assert mirror_of(case).status == "waived"
    send("case", owner, c.UndoWork())
    perform(TELL)
    assert mirror_of(case).status == "active"


def test_a_goal_that_there_is_not_becomes_ones_own() -> None:
    owner = a_case(a_customer())
    case = a_case(a_customer())
    send("case", case, c.MirrorGoal(case=owner, goal=77, title="The mast"))
    perform(ASK)
    assert mirror_of(case).mirror is None
    send("case", case, c.ReachGoal(goal=mirror_of(case).id))


def test_nobody_mirrors_a_case_that_they_do_not_see() -> None:
    case, owner = a_case(a_customer()), a_case(a_customer())
    blind: Access = program("blind")
    blind = Access(blind.actor, blind.rights, hidden=frozenset(("service",)))
    for access, of in ((blind, owner), (ME, owner + 10**9), (of_customer(a_customer()), owner)):
        command = c.MirrorGoal(case=of, goal=1, title="The mast")
        verdict = the_door().handle(Order("case", case, command, uuid4(), access))
        assert isinstance(verdict, Refused) and verdict.code == "not found"
