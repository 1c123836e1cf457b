"""What an earlier case did is brought over: a task, an option, the whole way."""

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.state import WayStep
from tests.engine.case.kit import MARIA, Case

TEXT = """
facts: {note: {}}
goals: {answered: {title: Answered}}
tasks:
  call: {title: Call, form: [note]}
  pay: {title: Pay, about: bills}
rules:
  - Only a team lead may create an ad-hoc option.
"""
STEPS = (WayStep(key="call"), WayStep(title="Ask Ben", form=("note",), role="team lead"))


def plain() -> Case:
    return Case(TEXT.replace("about: bills", "form: [note]").partition("rules:")[0]).open()


def test_the_whole_way_of_an_earlier_case_is_taken() -> None:
    case = plain()
    goal = case.goal("answered").id
    case.accept(c.ReuseWay(goal=goal, from_case=42, title="As for Ben", steps=STEPS))
    [way] = case.goal("answered").ways
    assert (way.title, way.from_case, case.goal("answered").option) == ("As for Ben", 42, way.key)
    assert case.task("Ask Ben").role == "team lead"
    assert case.task("call").form == ("note",)
    [made] = case.told(p.OptionCreated)
    assert made.from_case == 42


def test_a_task_is_brought_over_with_where_it_came_from() -> None:
    case = plain()
    case.accept(c.ReuseTask(from_case=42, step=STEPS[1], goal=case.goal("answered").id))
    [created] = [event for event in case.told(e.ItemCreated) if event.kind == "task"]
    assert (created.from_case, created.by_hand, created.goal) == (42, True, case.goal("answered").id)
    case.accept(c.DeleteTask(item=created.item, reason="not after all"))


def test_a_step_that_is_unknown_here_comes_by_its_title_and_asks_what_is_known() -> None:
    case = plain()
    step = WayStep(key="check the meter", title="Check the meter", form=("note", "meter"))
    case.accept(c.ReuseWay(goal=case.goal("answered").id, from_case=42, title="So", steps=(step,)))
    assert (case.task("Check the meter").key, case.task("Check the meter").form) == ("", ("note",))


def test_a_way_without_steps_or_to_a_goal_that_ended_is_refused() -> None:
    case = plain()
    goal = case.goal("answered").id
    assert "needs a step" in case.refuse(c.ReuseWay(goal=goal, from_case=42, title="So", steps=())).message
    case.accept(c.AddGoal(title="Keeps it open"))
    case.accept(c.ReachGoal(goal=goal))
    refused = case.refuse(c.ReuseWay(goal=goal, from_case=42, title="So", steps=STEPS))
    assert refused.next[0].command == "ResetGoal"


def test_rules_bind_what_is_brought_over() -> None:
    case = Case(TEXT.replace("about: bills", "form: [note]")).open()
    way = c.ReuseWay(goal=case.goal("answered").id, from_case=42, title="So", steps=STEPS)
    assert case.refuse(way).code == "boundary"
    assert case.refuse(way, MARIA).code == "rights"


def test_what_was_brought_over_is_undone() -> None:
    case = plain()
    goals = dict(case.state.goals)
    case.accept(c.ReuseWay(goal=case.goal("answered").id, from_case=42, title="So", steps=STEPS))
    case.accept(c.UndoWork())
    assert (case.state.goals, case.state.items) == (goals, {})
