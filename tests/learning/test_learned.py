"""What is learned is looked through and gone back on: versions, openings, how advice was followed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from caseloom.channels.models import ReadingRow
from caseloom.cli import learned as command
from caseloom.config.commands import COMMANDS
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.clock import now
from caseloom.learning import versions
from caseloom.learning.advisor import Advisor
from caseloom.learning.following import Following, Week, weeks
from caseloom.learning.learned import Opened, all_versions, opened_since, openings, roll_back
from caseloom.learning.service import LearningService
from caseloom.sdk.access import Access
from caseloom.staff.models import Change, Team
from caseloom.streams.door import the_door
from caseloom.streams.tail import Place
from tests.learning.proposal_kit import BEN, a_repair, a_repair_shop
from tests.streams.kit import PROGRAM, a_case, a_customer, a_service_goal, can_be_followed, empty_streams

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _house() -> Iterator[None]:
    empty_streams()
    for name in ("intake", "next step"):
        versions.forget_all(name)
    with connection.cursor() as cursor:
        cursor.execute("truncate advice_followed")
    yield
    for name in ("intake", "next step"):
        versions.forget_all(name)


def two_versions(name: str = "intake") -> None:
    versions.save(name, b"first", Place(), {"examples": 40})
    versions.save(name, b"second", Place(), {"examples": 60})


def test_a_version_is_gone_back_on_and_it_is_recorded_who_did_it() -> None:
    two_versions()
    assert [(one.number, one.in_force) for one in all_versions()] == [(2, True), (1, False)]
    answer = roll_back(PROGRAM, "intake")
    assert not isinstance(answer, Refused) and answer.number == 1
    states = [(one.number, one.in_force, one.rolled_back) for one in all_versions()]
    assert states == [(2, False, True), (1, True, False)]
    change = Change.objects.filter(record="learned intake").get()
    assert (change.actor, change.field, change.before, change.after) == (PROGRAM.actor.id, "version", "2", "1")
    newest = versions.newest("intake")
    assert newest is not None and newest.body == b"first"


def test_there_is_no_going_back_behind_the_first_and_not_for_everybody() -> None:
    two_versions()
    agent = Access(BEN.actor, frozenset(("read library",)))
    assert isinstance(roll_back(agent, "intake"), Refused)
    roll_back(PROGRAM, "intake")
    refused = roll_back(PROGRAM, "intake")
    assert isinstance(refused, Refused) and "No earlier version" in refused.message
    assert isinstance(roll_back(PROGRAM, "moon"), Refused)
    assert Change.objects.filter(record="learned intake").count() == 1


def test_the_learner_goes_on_from_the_version_that_was_gone_back_to() -> None:
    a_repair_shop()
    a_repair()
    service = LearningService(the_door(), lambda: None)
    can_be_followed()
    while service.work():
        pass
    service.advisor.save()
    first = service.advisor
    a_repair()
    can_be_followed()
    service.work()
    service.advisor.save()
    assert not service.advisor.is_rolled_back()
    roll_back(PROGRAM, "next step")
    assert first.is_rolled_back()
    service.work()
    assert service.advisor is not first and service.advisor.label == "next step 1"
    assert len(Advisor(the_door()).learners) == 1


def test_the_command_lists_and_goes_back(capsys: pytest.CaptureFixture[str]) -> None:
    import argparse

    assert any(one.name == "learned" for one in COMMANDS)
    parser = argparse.ArgumentParser()
    command.COMMANDS[0].add_arguments(parser)

    def run(*words: str) -> int:
        return command.COMMANDS[0].run(parser.parse_args(words))

    assert run("list") == 0 and "Nothing was learned yet" in capsys.readouterr().out
    two_versions("next step")
    assert run("roll-back", "next-step") == 0
    assert capsys.readouterr().out == "next step 1 is in force.\n"
    assert run("roll-back", "next-step") == 2
    assert "No earlier version of “next step” is kept" in capsys.readouterr().err
    assert run("list") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("next step 2: rolled back, made 2") and said[0].endswith("(examples 60)")
    assert said[1].startswith("next step 1: in force")


# --- openings ---------------------------------------------------------------------------------------------------------


def opened(goal: str, team: str = "", verdict: str = "opens", days: int = 0, now_is: str = "test") -> int:
    """A case that the intake opened as this goal, and that has another now."""
    case = a_case(a_customer(), now_is, **({"team": team} if team else {}))
    contact = next(the_door().ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into contact_reading values (%s, %s, %s, %s, 'intake 2', %s, 991)",
            (contact, case, now() - timedelta(days=days), verdict, goal),
        )
    return case


def test_every_opening_stands_there_with_whether_it_was_corrected() -> None:
    a_service_goal()
    right, wrong, old = opened("test"), opened("moving"), opened("test", days=40)
    opened("test", verdict="asks")
    assert [(one.case, one.corrected, one.permille) for one in openings(PROGRAM)] == [
        (old, False, 991), (wrong, True, 991), (right, False, 991),
    ]  # fmt: skip
    assert [one.case for one in openings(PROGRAM, corrected=True)] == [wrong]
    assert [one.case for one in openings(PROGRAM, "moving")] == [wrong]
    last = openings(PROGRAM)[0].contact
    assert [one.case for one in openings(PROGRAM, before=last)] == [wrong, right]
    assert opened_since(now() - timedelta(days=30)) == {"test": Opened(1, 0), "moving": Opened(1, 1)}
    assert ReadingRow.objects.count() == 4


def test_openings_of_a_confidential_team_are_seen_by_its_own_alone() -> None:
    a_service_goal()
    Team.objects.get_or_create(key="secret", defaults={"title": "Secret", "confidential": True})
    opened("test", team="secret")
    owner = Access(BEN.actor, frozenset(("publish library", "read cases")), hidden=frozenset(("secret",)))
    assert openings(owner) == [] and len(openings(PROGRAM)) == 1
    assert openings(Access(BEN.actor, frozenset())) == []


# --- following --------------------------------------------------------------------------------------------------------


def test_what_was_done_is_held_against_what_was_advised() -> None:
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    following = Following()
    following.advised(1, ("complete look", "complete mend"))
    following.done(1, "repair", "complete look", monday)
    following.done(1, "repair", "complete look", monday)
    following.advised(2, ("complete look", "complete mend"))
    following.done(2, "repair", "complete mend", monday + timedelta(days=6))
    following.advised(3, ("complete look",))
    following.done(3, "repair", "write", monday + timedelta(days=7))
    following.advised(4, ("complete look",))
    following.forget(4)
    following.done(4, "repair", "complete look", monday)
    following.save()
    following.save()
    assert weeks(date(2026, 1, 1)) == {
        "repair": [Week(date(2026, 3, 2), 2, 1, 2), Week(date(2026, 3, 9), 1, 0, 0)]
    }  # fmt: skip
    following.advised(1, ("complete look",))
    following.done(1, "repair", "complete look", monday)
    following.save()
    assert weeks(date(2026, 1, 1))["repair"][0] == Week(date(2026, 3, 2), 3, 2, 3)
    assert weeks(date(2026, 3, 9)) == {"repair": [Week(date(2026, 3, 9), 1, 0, 0)]}
