"""Running cases come to another version of their service goal: tried on all of them, done, and brought back."""

import time
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from caseloom.cases.migration import Mapping, migrate, revert, running_cases, try_migration
from caseloom.cli.migrating import read_plan
from caseloom.engine.case import commands as c
from caseloom.engine.case.state import CaseState
from caseloom.library.plans import latest_versions
from caseloom.library.publishing import publish
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door
from caseloom.streams.replay import compare, read_state
from tests.streams.kit import PROGRAM, a_case, a_customer, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)
OLD = """
service goal: moving
title: Moving
customer title: Moving
owner: process owner
team: service
facts:
  name: {personal: true, from customer: name}
goals:
  answered:
    title: Answered
    options:
      plain: {title: Plain, tasks: [read, write], automatic: true}
tasks:
  read: {title: Read it}
  write: {title: Write back}
"""
NEW = OLD.replace("[read, write]", "[read, reply, sign]").replace(
    "  write: {title: Write back}", "  reply: {title: Reply}\n  sign: {title: Sign it}"
)
PLAN = Mapping(items={"write": "reply"})


def _published(*texts: str) -> None:
    for text in texts:
        assert isinstance(publish(PROGRAM, text, thorough=False), Answer)
    latest_versions.forget()  # type: ignore[attr-defined]


def _state(case: int) -> CaseState:
    found = read_state(the_door(), the_door().kinds["case"], case)
    assert found is not None
    state: CaseState = found[0]
    return msgspec.structs.replace(state, last=0, planned=0)


@pytest.fixture(autouse=True)
def _library() -> None:
    empty_streams()
    _published(OLD)


def test_a_dry_run_says_what_would_come_and_does_nothing() -> None:
    cases = [a_case(a_customer(), "moving") for _ in range(3)]
    send("case", cases[2], c.CompleteTask(item=4))
    _published(NEW)
    before = [_state(case) for case in cases]
    assert running_cases("moving", 2) == cases
    bare = list(try_migration(PROGRAM, cases, 2, Mapping()))
    assert [verdict.refused is None for verdict in bare] == [False, False, True], "only where “write” is done already"
    planned = list(try_migration(PROGRAM, cases, 2, PLAN))
    assert all(verdict.refused is None for verdict in planned)
    assert planned[0].says == "a task or stage comes in"
    assert [_state(case) for case in cases] == before


def test_cases_go_over_and_back_and_nothing_is_lost() -> None:
    cases = [a_case(a_customer(), "moving") for _ in range(5)]
    _published(NEW)
    before = [_state(case) for case in cases]
    assert all(verdict.refused is None for verdict in migrate(PROGRAM, cases, 2, PLAN))
    assert running_cases("moving", 2) == []
    assert {item.key for item in _state(cases[0]).items.values()} == {"answered/plain", "read", "reply", "sign"}
    door = the_door()
    assert all(list(compare(door, door.kinds["case"], case)) == [] for case in cases)
    send("case", cases[4], c.CompleteTask(item=3))
    back = list(revert(PROGRAM, running_cases("moving", 0, 2)))
    assert [verdict.refused is None for verdict in back] == [True] * 5, "what it had before may have been done since"
    assert [_state(case) for case in cases[:4]] == before[:4]
    assert all(list(compare(door, door.kinds["case"], case)) == [] for case in cases)


def test_a_plan_is_read_from_a_file_and_its_faults_are_told(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text("items: {write: reply}\n")
    assert read_plan(file) == PLAN
    assert PLAN.reversed() == Mapping(items={"reply": "write"})
    file.write_text("tasks: {write: reply}\n")
    with pytest.raises(ValueError, match="unknown field `tasks`"):
        read_plan(file)


@pytest.mark.nightly
def test_ten_thousand_running_cases() -> None:
    door, customer = the_door(), a_customer()
    cases = [next(door.ids) for _ in range(10_000)]
    opened = {"customer": customer, "service_goal": "moving", "version": 1, "customer_facts": {"name": "Maria Keller"}}
    for start in range(0, len(cases), 200):
        part = cases[start : start + 200]
        door.handle_many([Order("case", case, c.OpenCase(case=case, **opened), uuid4(), PROGRAM) for case in part])  # type: ignore[arg-type]
    _published(NEW)
    before = [_state(case) for case in cases]
    began = time.perf_counter()
    assert all(verdict.refused is None for verdict in try_migration(PROGRAM, cases, 2, PLAN))
    dry = time.perf_counter() - began
    assert all(verdict.refused is None for verdict in migrate(PROGRAM, cases, 2, PLAN))
    real = time.perf_counter() - began - dry
    assert all(verdict.refused is None for verdict in revert(PROGRAM, cases))
    print(f"dry run: {dry:.1f} s; migrated: {real:.1f} s; reverted: {time.perf_counter() - began - dry - real:.1f} s")
    assert [_state(case) for case in cases] == before
    assert dry < 60
