"""The demo's data on a real database: a small company with a past, laid in once, also when it was cut off."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from caseloom.cases.models import CaseRow, NoticeRow, PerceptionRow
from caseloom.cli.demo import drifting, habits, past, seeding
from caseloom.cli.demo.company import EMPLOYEES
from caseloom.cli.golden import golden, replayed
from caseloom.cli.replaying import compare_portion, replay_all
from caseloom.customers.models import CustomerRow
from caseloom.learning.proposals import proposals_of
from caseloom.learning.proposals_found import refresh
from caseloom.sdk.access import program
from caseloom.sdk.stream import Order
from caseloom.staff.models import User
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.handle import Verdict

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC).replace(microsecond=0)
CASES = 40


def lay_in(cases: int = CASES) -> seeding.Laid:
    return seeding.seed(cases, "a long password", NOW, lambda line: None, customers=60)


def counted(statement: str) -> int:
    row = store.raw_connection().execute(statement).fetchone()
    return int(row[0]) if row else 0


def histories() -> list[tuple[str, ...]]:
    """What happened in each case, without the numbers that a sequence gives."""
    rows = store.raw_connection().execute(
        "select string_agg(e.type || ' ' || e.at, ',' order by e.version) from event e join stream s on s.id = e.stream"
        " where s.kind = 1 group by e.stream order by min(e.at), 1"
    )
    return list(rows.fetchall())


def test_a_small_company_has_staff_customers_and_a_past() -> None:
    laid = lay_in()
    assert laid.fresh
    assert User.objects.count() == len(EMPLOYEES)
    assert CustomerRow.objects.count() == 60
    assert CaseRow.objects.count() == laid.lives >= CASES + seeding.open_cases(CASES)
    states = Counter(CaseRow.objects.values_list("status", flat=True))
    assert states["completed"] > states["active"] > 0
    assert not CaseRow.objects.filter(opened_at__gt=NOW).exists()
    assert CaseRow.objects.filter(opened_at__lt=NOW - timedelta(days=200)).exists()
    assert set(PerceptionRow.objects.values_list("score", flat=True)) <= {1, 2, 3, 4, 5}
    assert NoticeRow.objects.exists()
    assert CaseRow.objects.filter(late=True).exists()
    assert counted("select count(*) from timer where due < now() - interval '1 hour'") == 0


def test_disputed_fees_are_decided_by_the_model() -> None:
    lay_in()
    assert counted("select count(*) from event where type = 'decision_made.1'") > 0
    assert counted("select count(*) from task_row where status = 'failed'") == 0


def test_the_past_sends_nothing() -> None:
    lay_in(10)
    assert counted("select count(*) from event where type = 'message_requested.1'") > 0
    assert counted("select count(*) from procrastinate_jobs") == 0


def test_the_past_replays_and_a_second_start_adds_nothing() -> None:
    lay_in()
    result = replay_all(1, lambda line: None)
    assert result.differences == ()
    assert result.streams > CASES
    before = histories()
    assert not lay_in().fresh
    assert histories() == before


class Killed(Exception):
    pass


def test_a_run_that_was_killed_is_taken_up_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = 0
    whole = past.PastDoor.handle_many

    def killed(self: past.PastDoor, orders: list[Order]) -> list[Verdict]:
        nonlocal batches
        batches += 1
        if batches > 12:
            raise Killed
        return whole(self, orders)

    monkeypatch.setattr(past.PastDoor, "handle_many", killed)
    with pytest.raises(Killed):
        lay_in()
    left = CaseRow.objects.count()
    assert left > 0
    monkeypatch.undo()
    laid = lay_in()
    assert laid.fresh
    assert CaseRow.objects.count() == laid.lives
    assert CustomerRow.objects.count() == 60
    assert replay_all(1, lambda line: None).differences == ()


def test_replay_finds_what_was_changed_behind_its_back() -> None:
    lay_in(10)
    case = CaseRow.objects.order_by("id").values_list("id", flat=True)[0]
    store.raw_connection().execute("update case_row set hand_overs = hand_overs + 1 where id = %s", (case,))
    [found] = compare_portion(("case", [case]))
    assert found.stream == case
    assert "case_row" in found.place


def test_a_golden_history_leads_to_what_is_recorded() -> None:
    lay_in(10)
    case = CaseRow.objects.filter(status="completed").order_by("id").values_list("id", flat=True)[0]
    recorded = golden(case)
    assert recorded.definitions[0].startswith("house rules")
    assert replayed(recorded.events) == (recorded.state, recorded.rows)


def test_the_company_drifts_and_its_owner_gets_a_proposal(monkeypatch: pytest.MonkeyPatch) -> None:
    rare = {goal: (0.01, mood) for goal, (_often, mood) in habits.WANTS.items()}
    monkeypatch.setattr(habits, "WANTS", {**rare, "fault": (100, habits.WANTS["fault"][1])})
    lay_in(150)
    refresh(the_door(), "fault")
    added = [one for one in proposals_of(program("test"), "fault") if one.finding.kind == "adds"]
    assert [list(one.titles.values()) for one in added] == [[drifting.STEPS["fault"][0]]]
    assert added[0].state == "new" and added[0].finding.people > 1
