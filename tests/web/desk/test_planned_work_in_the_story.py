"""What people planned stands in the story in words; a way that was made up is offered beside the others."""

import pytest
from django.utils.translation import override

from caseloom.cases.queries import read_case, story_of
from caseloom.engine.case import commands as c
from caseloom.engine.case.planned import PLANNED, ClockMoved, UndoKept
from caseloom.engine.case.scope import CaseScope
from caseloom.sdk.access import program
from caseloom.streams.door import the_door
from caseloom.web.desk.commands import DONE
from caseloom.web.desk.goals import goal_ways
from caseloom.web.desk.story import _STEPS, story
from tests.streams.kit import a_case, a_customer, a_service_goal, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)
ME = program("test")


def test_every_planned_event_has_a_sentence() -> None:
    assert set(PLANNED) - set(_STEPS) == {UndoKept}, "what is kept for an undo is no step"


def test_every_verb_has_an_answer() -> None:
    brought = (c.ReuseTask, c.ReuseWay)
    assert [verb for verb in (*c.VERBS, c.UndoWork, c.ShareGoal) if verb not in DONE and verb not in brought] == []


def test_planned_work_is_told_in_words() -> None:
    empty_streams()
    a_service_goal()
    case = a_case(a_customer())
    send("case", case, c.CreateStage(title="Ask around"))
    send("case", case, c.ModifyStage(item=2, title="Ask all", reason="they know"))
    send("case", case, c.ModifyGoal(goal=1, reason="so", due=the_door().clock().replace(year=2999)))
    send("case", case, c.CreateOption(goal=1, title="By foot", steps=("Walk",)))
    send("case", case, c.ChooseOption(goal=1, option="way 3"))
    send("case", case, c.CancelOption(goal=1, reason="it rains"))
    send("case", case, c.DeleteStage(item=2, reason="by mistake"))
    send("case", case, c.UndoWork())
    view = read_case(ME, case)
    assert view is not None
    with override("en"):
        entries = story(view, story_of(view), "Maria", {})
        told = [one for entry in entries for one in (entry.folded or (entry,))]
        says = {entry.says for entry in told}
        assert {
            "changed “Ask all”", "changed the goal “Counted”", "moved the deadline of “Counted”",
            "made up “By foot” for “Counted”", "chose “By foot” for “Counted”", "gave up “By foot”",
            "undid: a stage was deleted",
        } <= says  # fmt: skip
        assert "it rains" in {entry.text for entry in told}
        [ways] = goal_ways(view, CaseScope(view.state, view.plan.names, ME.actor, the_door().clock()))
        assert [option.title for option in ways.options] == ["By foot"]
    assert ClockMoved in _STEPS
