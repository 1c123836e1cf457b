"""Create, modify, cancel, reset, reuse and delete, on tasks, stages, goals and options of a running case."""

from datetime import timedelta

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import WayStep
from tests.engine.case.kit import AGENT, LEAD, MARIA, Case

TEXT = """
facts:
  done: {type: boolean}
  note: {}
goals:
  card works:
    title: The card works
    reached when: done = true
    clock: {within: 4 business hours, warn: 1 business hour}
    options:
      post: {title: By post, tasks: [write, call]}
      counter: {title: At the counter, tasks: [call]}
      search: {title: Search, tasks: [look into it]}
  customer calm: {title: The customer is calm, need: optional}
tasks:
  write: {title: Write, form: [note], must: [note], required: true}
  call: {title: Call, role: team lead}
stages:
  look into it: {title: Look into it, tasks: [write]}
rules:
  - Only a team lead may modify the task "call".
  - Only a team lead may delete the task "call".
  - Only a team lead may reset the goal "customer calm".
  - Only a team lead may drop the option "counter".
  - Only a team lead may create an ad-hoc goal.
"""
WHY = "it fits better"


@pytest.fixture
def case() -> Case:
    return Case(TEXT).open()


def last(case: Case) -> int:
    return case.state.last


# --- tasks ------------------------------------------------------------------------------------------------------------


def test_a_task_made_up_stands_in_its_stage_with_its_role(case: Case) -> None:
    case.accept(c.CreateStage(title="Ask around"))
    stage = last(case)
    case.accept(c.CreateTask(title="Ask Ben", stage=stage, role="team lead", required=True, form=("note",)))
    item = case.task("Ask Ben")
    assert (item.parent, item.role, item.required, item.by_hand) == (stage, "team lead", True, True)
    assert case.refuse(c.CompleteTask(item=item.id)).code == "role"
    case.accept(c.CompleteTask(item=item.id), LEAD)
    assert case.state.items.get(stage) is None, "a stage is done with its parts"


def test_a_task_is_changed_in_everything_that_the_definition_leaves_open(case: Case) -> None:
    case.accept(c.CreateTask(title="Ask Ben"))
    number = last(case)
    due = case.now + timedelta(days=2)
    goal = case.goal("card works").id
    change = c.ModifyTask(
        item=number, reason=WHY, title="Ask Eve", form=("note",), due=due, team="field", role="team lead",
        assignee="agent:2", goal=goal, required=True,
    )  # fmt: skip
    case.accept(change)
    item = case.state.items[number]
    assert (item.title, item.form, item.team, item.role, item.assignee) == (
        "Ask Eve", ("note",), "field", "team lead", "agent:2",
    )  # fmt: skip
    assert (item.goal, item.required) == (goal, True)
    assert item.clock is not None and item.clock.due == due
    case.pass_time(timedelta(days=2))
    assert case.state.items[number].late


def test_a_task_loses_its_deadline_and_its_place(case: Case) -> None:
    goal = case.goal("card works").id
    case.accept(c.CreateTask(title="Ask Ben", goal=goal, due=case.now + timedelta(hours=1)))
    case.accept(c.ModifyTask(item=last(case), reason=WHY, without=("due", "goal")))
    item = case.task("Ask Ben")
    assert (item.clock, item.goal) == (None, None)
    case.pass_time(timedelta(days=1))
    assert not case.state.items[item.id].late


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        (c.ModifyTask(item=0, reason=""), "invalid", "say why"),
        (c.ModifyTask(item=0, reason=WHY, title=" "), "invalid", "needs a title"),
        (c.ModifyTask(item=0, reason=WHY, form=("nothing",)), "invalid", "no fact “nothing”"),
        (c.ModifyTask(item=0, reason=WHY, form=()), "data", "has to ask for: note"),
        (c.ModifyTask(item=0, reason=WHY, required=False), "wrong state", "required by the definition"),
        (c.ModifyTask(item=0, reason=WHY, goal=99), "not found", "no goal 99"),
        (c.ModifyTask(item=0, reason=WHY, stage=99), "not found", "no open stage 99"),
    ],
)
def test_a_change_of_a_task_is_refused_with_the_reason(case: Case, change: c.ModifyTask, code: str, words: str) -> None:
    case.accept(c.ChooseOption(goal=case.goal("card works").id, option="post"))
    import msgspec

    refused = case.refuse(msgspec.structs.replace(change, item=case.task("write").id))
    assert (refused.code, words in refused.message) == (code, True), refused.message


def test_a_rule_keeps_people_from_changing_and_deleting_a_task(case: Case) -> None:
    case.accept(c.CreateTask(key="call"))
    item = case.task("call").id
    for command in (c.ModifyTask(item=item, reason=WHY, title="Ring"), c.DeleteTask(item=item, reason=WHY)):
        assert case.refuse(command).code == "boundary"
    case.accept(c.ModifyTask(item=item, reason=WHY, title="Ring"), LEAD)
    assert case.task("Ring").id == item
    case.accept(c.DeleteTask(item=item, reason=WHY), LEAD)
    assert item not in case.state.items


def test_partners_and_programs_are_bound_as_agents_are(case: Case) -> None:
    partner = Actor("partner:3", "partner", "Pia")
    robot = Actor("program:robot", "program", "Robot")
    case.accept(c.CreateTask(key="call"))
    item = case.task("call").id
    for actor in (partner, robot, AGENT):
        assert case.refuse(c.ModifyTask(item=item, reason=WHY, title="Ring"), actor).code == "boundary"
        assert case.refuse(c.CompleteTask(item=item), actor).code == "role"
        assert case.refuse(c.AddGoal(title="More"), actor).code == "boundary"
    chief = Actor("partner:4", "partner", "Pam", frozenset(("team lead",)))
    case.accept(c.ModifyTask(item=item, reason=WHY, title="Ring"), chief)
    case.accept(c.CompleteTask(item=item), chief)


def test_a_customer_plans_nothing(case: Case) -> None:
    case.accept(c.CreateTask(title="Ask Ben"))
    for command in (
        c.DeleteTask(item=last(case), reason=WHY),
        c.UndoWork(),
        c.CreateStage(title="Mine"),
        c.ModifyGoal(goal=1, reason=WHY, title="Mine"),
    ):
        assert case.refuse(command, MARIA).code == "rights"


def test_a_task_added_by_mistake_is_deleted_as_if_it_had_not_been(case: Case) -> None:
    counters, goals = dict(case.state.counters), dict(case.state.goals)
    case.accept(c.CreateTask(title="Ask Ben"))
    told = case.accept(c.DeleteTask(item=last(case), reason="the wrong case"))
    assert (case.state.items, case.state.counters, case.state.goals) == ({}, counters, goals)
    [deleted] = [event for event in told if isinstance(event, p.ItemDeleted)]
    assert deleted.private.reason == "the wrong case"


def test_what_the_definition_brought_or_what_is_done_is_not_deleted(case: Case) -> None:
    case.accept(c.ChooseOption(goal=case.goal("card works").id, option="post"))
    refused = case.refuse(c.DeleteTask(item=case.task("write").id, reason=WHY))
    assert [step.command for step in refused.next] == ["CancelTask"]
    case.accept(c.CreateTask(title="Ask Ben"))
    number = last(case)
    case.complete("Ask Ben")
    refused = case.refuse(c.DeleteTask(item=number, reason=WHY))
    assert "what was done is not deleted" in refused.message
    assert [step.command for step in refused.next] == ["ResetTask", "UndoWork"]
    assert case.refuse(c.DeleteTask(item=999, reason=WHY)).code == "not found"


# --- stages -----------------------------------------------------------------------------------------------------------


def test_a_stage_of_the_definition_is_added_changed_begun_anew_and_ended(case: Case) -> None:
    goal = case.goal("card works").id
    case.accept(c.CreateStage(key="look into it", goal=goal))
    stage = case.task("look into it").id
    inside = case.task("write").id
    case.accept(c.ModifyStage(item=stage, title="Look closer", reason=WHY))
    assert case.state.items[stage].title == "Look closer"
    assert "say why" in case.refuse(c.ResetStage(item=stage, reason="")).message
    case.accept(c.ResetStage(item=stage, reason=WHY))
    assert inside not in case.state.items
    assert case.task("write").parent == stage
    case.accept(c.CancelStage(item=stage, reason=WHY))
    assert case.state.items == {}


def test_a_stage_made_up_is_begun_anew_with_what_is_open_in_it(case: Case) -> None:
    case.accept(c.CreateStage(title="Ask around"))
    stage = last(case)
    case.accept(c.CreateTask(title="Ask Ben", stage=stage, form=("note",)))
    before = case.task("Ask Ben").id
    case.accept(c.ResetStage(item=stage, reason=WHY))
    again = case.task("Ask Ben")
    assert again.id != before and (again.parent, again.form) == (stage, ("note",))


def test_a_stage_is_deleted_with_what_is_inside_but_not_what_was_done(case: Case) -> None:
    counters = dict(case.state.counters)
    case.accept(c.CreateStage(title="Ask around"))
    stage = last(case)
    case.accept(c.CreateTask(title="Ask Ben", stage=stage))
    case.accept(c.CreateStage(title="And deeper", stage=stage))
    case.accept(c.CreateTask(title="Ask Eve", stage=last(case)))
    case.accept(c.DeleteStage(item=stage, reason=WHY))
    assert (case.state.items, case.state.counters) == ({}, counters)
    case.accept(c.CreateStage(title="Ask around"))
    stage = last(case)
    case.accept(c.CreateTask(title="Ask Ben", stage=stage))
    case.accept(c.CreateTask(title="Ask Eve", stage=stage))
    case.complete("Ask Ben")
    refused = case.refuse(c.DeleteStage(item=stage, reason=WHY))
    assert [step.command for step in refused.next] == ["CancelStage"]


def test_a_way_that_was_chosen_is_no_stage_to_end_by_hand(case: Case) -> None:
    case.accept(c.ChooseOption(goal=case.goal("card works").id, option="post"))
    stage = case.goal("card works").option_item or 0
    for command, way_on in (
        (c.CancelStage(item=stage, reason=WHY), "CancelOption"),
        (c.ResetStage(item=stage, reason=WHY), "ResetOption"),
    ):
        assert case.refuse(command).next[0].command == way_on
    assert case.refuse(c.ModifyStage(item=stage, title="x", reason=WHY)).code == "wrong state"


# --- goals ------------------------------------------------------------------------------------------------------------


def test_a_goal_stands_under_another_and_holds_it(case: Case) -> None:
    case.accept(c.AddGoal(title="All well"), LEAD)
    top = last(case)
    case.accept(c.AddGoal(title="The fee is back", parent=top, priority="high"), LEAD)
    below = last(case)
    case.accept(c.AddGoal(title="A smile", parent=top, need="optional"), LEAD)
    assert case.state.goals[below].priority == "high"
    case.accept(c.ReachGoal(goal=below))
    assert case.state.goals[top].status == "reached", "its required sub-goals are reached"
    assert case.state.goals[below + 1].status == "cancelled", "the optional one is no longer needed"


def test_what_a_goal_needs_counts_at_its_own_level(case: Case) -> None:
    case.accept(c.AddGoal(title="Nice to have", need="optional"), LEAD)
    case.accept(c.AddGoal(title="Needed for that", parent=last(case)), LEAD)
    case.accept(c.SetFacts(facts={"done": True}))
    assert case.status() == "completed", "an optional goal's parts hold no case open"


def test_a_goal_is_changed_and_its_deadline_respects_the_pause(case: Case) -> None:
    goal = case.goal("card works")
    later = case.now + timedelta(hours=6)
    case.accept(c.ModifyGoal(goal=goal.id, reason=WHY, title="It works", priority="urgent", due=later))
    goal = case.goal("card works")
    assert (goal.title, goal.priority) == ("It works", "urgent")
    assert goal.clock is not None and goal.clock.due == later
    assert goal.clock.warn == later - timedelta(hours=1), "it warns as long before as it did"
    case.accept(c.CreateTask(title="Call us back"))
    case.accept(c.CancelTask(item=last(case)))
    case.accept(c.SuspendCase(reason="a strike"))
    case.pass_time(timedelta(hours=2))
    case.accept(c.ResumeCase())
    clock = case.goal("card works").clock
    assert clock is not None and clock.due == later + timedelta(hours=2), "suspended time is given back"


def test_a_deadline_given_while_the_clock_stands_is_what_is_left_of_it() -> None:
    text = """
goals: {answered: {title: Answered, clock: {within: 8 hours, pause: [customer]}}}
tasks: {wait: {kind: wait}}
"""
    case = Case(text).open()
    case.accept(c.CreateTask(key="wait"))
    assert case.waits_for() == "customer"
    case.accept(c.ModifyGoal(goal=case.goal("answered").id, reason=WHY, due=case.now + timedelta(hours=3)))
    case.pass_time(timedelta(hours=5))
    assert not case.goal("answered").late
    case.accept(c.LinkContact(contact=1, channel="mail", at=case.now, customer=7), MARIA)
    clock = case.goal("answered").clock
    assert clock is not None and clock.due == case.now + timedelta(hours=3)


def test_a_goal_that_the_definition_requires_stays_required(case: Case) -> None:
    goal = case.goal("card works").id
    assert case.refuse(c.ModifyGoal(goal=goal, reason=WHY, need="optional")).next[0].command == "WaiveGoal"
    assert case.refuse(c.ModifyGoal(goal=goal, reason=WHY, without=("due",))).code == "wrong state"
    assert case.refuse(c.ModifyGoal(goal=goal, reason=WHY, due=case.now)).code == "invalid"
    case.accept(c.AddGoal(title="Mine"), LEAD)
    mine = last(case)
    case.accept(c.ModifyGoal(goal=mine, reason=WHY, need="optional", parent=goal))
    assert (case.state.goals[mine].need, case.state.goals[mine].parent) == ("optional", goal)
    assert "under itself" in case.refuse(c.ModifyGoal(goal=mine, reason=WHY, parent=mine)).message


def test_a_goal_that_ended_is_worked_for_again(case: Case) -> None:
    calm = case.goal("customer calm").id
    case.accept(c.CancelGoal(goal=calm, reason=WHY))
    assert case.refuse(c.ResetGoal(goal=calm, reason=WHY)).code == "boundary"
    assert case.refuse(c.ResetGoal(goal=calm, reason=""), LEAD).code == "invalid"
    case.accept(c.ResetGoal(goal=calm, reason=WHY), LEAD)
    assert case.state.goals[calm].status == "active"
    assert case.refuse(c.ResetGoal(goal=calm, reason=WHY), LEAD).code == "wrong state"
    case.accept(c.SetFacts(facts={"done": True}))
    assert case.status() == "completed"
    refused = case.refuse(c.ResetGoal(goal=calm, reason=WHY), LEAD)
    assert (refused.code, refused.next[0].command) == ("closed", "ReopenCase")


def test_a_goal_below_one_that_ended_waits_for_it(case: Case) -> None:
    case.accept(c.AddGoal(title="Top", need="optional"), LEAD)
    top = last(case)
    case.accept(c.AddGoal(title="Below", parent=top), LEAD)
    case.accept(c.WaiveGoal(goal=top, reason=WHY))
    refused = case.refuse(c.ResetGoal(goal=top + 1, reason=WHY), LEAD)
    assert refused.next[0].arguments == {"goal": top}


def test_a_goal_added_by_mistake_is_deleted_with_what_stands_under_it(case: Case) -> None:
    before = case.replay()
    case.accept(c.AddGoal(title="Mine"), LEAD)
    mine = last(case)
    case.accept(c.AddGoal(title="And more", parent=mine), LEAD)
    case.accept(c.CreateTask(title="Ask Ben", goal=mine))
    case.accept(c.DeleteGoal(goal=mine, reason=WHY))
    now = case.state
    assert (now.goals, now.items, now.counters) == (before.goals, before.items, before.counters)
    assert case.refuse(c.DeleteGoal(goal=case.goal("card works").id, reason=WHY)).next[0].command == "WaiveGoal"


def test_a_goal_for_which_something_was_done_is_not_deleted(case: Case) -> None:
    case.accept(c.AddGoal(title="Mine"), LEAD)
    mine = last(case)
    case.accept(c.CreateTask(title="Ask Ben", goal=mine))
    case.complete("Ask Ben")
    assert case.refuse(c.DeleteGoal(goal=mine, reason=WHY)).next[0].command == "CancelGoal"


def test_deleting_the_last_goal_that_held_it_open_closes_the_case(case: Case) -> None:
    case.accept(c.AddGoal(title="Mine"), LEAD)
    mine = last(case)
    case.accept(c.SetFacts(facts={"done": True}))
    assert case.status() == "active"
    case.accept(c.DeleteGoal(goal=mine, reason=WHY))
    assert case.status() == "completed"


# --- options ----------------------------------------------------------------------------------------------------------


def test_a_way_made_up_is_chosen_done_and_begun_anew(case: Case) -> None:
    goal = case.goal("card works").id
    case.accept(c.CreateOption(goal=goal, title="By courier", steps=("write", "Call the courier")))
    way = case.goal("card works").ways[0]
    assert [(step.key, step.title) for step in way.steps] == [("write", ""), ("", "Call the courier")]
    case.accept(c.ChooseOption(goal=goal, option=way.key))
    assert {item.key or item.title for item in case.state.items.values() if item.kind == "task"} == {
        "write", "Call the courier",
    }  # fmt: skip
    assert case.refuse(c.DeleteOption(goal=goal, option=way.key, reason=WHY)).next[0].command == "CancelOption"
    first = case.task("write").id
    case.accept(c.ResetOption(goal=goal, reason=WHY))
    assert case.task("write").id != first
    assert sum(item.kind == "stage" for item in case.state.items.values()) == 1
    case.accept(c.CancelOption(goal=goal, reason=WHY))
    assert (case.goal("card works").option, case.state.items) == (None, {})
    refused = case.refuse(c.CancelOption(goal=goal, reason=WHY))
    assert [step.label for step in refused.next] == ["By post", "At the counter", "Search", "By courier"]


def test_a_way_made_up_for_a_goal_made_up_reaches_it(case: Case) -> None:
    case.accept(c.AddGoal(title="Mine", need="optional"), LEAD)
    mine = last(case)
    case.accept(c.CreateOption(goal=mine, title="Just do it", steps=("Do it",)))
    case.accept(c.ChooseOption(goal=mine, option=case.state.goals[mine].ways[0].key))
    case.complete("Do it")
    assert case.state.goals[mine].status == "reached"


def test_a_way_is_deleted_only_where_nobody_went_it(case: Case) -> None:
    goal = case.goal("card works").id
    case.accept(c.CreateOption(goal=goal, title="By courier", steps=("write",)))
    case.accept(c.CreateOption(goal=goal, title="By drone", steps=("write",)))
    courier, drone = (way.key for way in case.goal("card works").ways)
    case.accept(c.DeleteOption(goal=goal, option=drone, reason=WHY))
    case.accept(c.ChooseOption(goal=goal, option=courier))
    case.accept(c.CancelOption(goal=goal, reason=WHY))
    assert "gone already" in case.refuse(c.DeleteOption(goal=goal, option=courier, reason=WHY)).message
    assert [way.key for way in case.goal("card works").ways] == [courier]


@pytest.mark.parametrize(
    ("title", "steps", "words"),
    [
        ("", ("write",), "needs a title"),
        ("A way", (), "needs a step"),
        ("A way", (WayStep(key="nothing"),), "no task “nothing”"),
        ("A way", (WayStep(title=" "),), "needs a title"),
        ("A way", (WayStep(title="x", form=("nothing",)),), "no fact “nothing”"),
    ],
)
def test_a_way_that_cannot_be_gone_is_refused(
    case: Case, title: str, steps: tuple[str | WayStep, ...], words: str
) -> None:
    refused = case.refuse(c.CreateOption(goal=case.goal("card works").id, title=title, steps=steps))
    assert words in refused.message


def test_a_rule_says_who_may_give_a_way_up(case: Case) -> None:
    goal = case.goal("card works").id
    case.accept(c.ChooseOption(goal=goal, option="counter"))
    assert case.refuse(c.CancelOption(goal=goal, reason=WHY)).code == "boundary"
    case.accept(c.CancelOption(goal=goal, reason=WHY), LEAD)
    assert case.goal("card works").option is None


# --- who may plan -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "refuses"),
    [
        ('Only a person with the skill "credit" may create an ad-hoc task.', True),
        ("An ad-hoc task must not be created if the amount is above 500.", True),
        ("An ad-hoc task must not be created in cases that came by phone.", True),
        ("Only an agent may create an ad-hoc task.", False),
    ],
)
def test_who_may_plan_is_said_by_role_skill_amount_and_channel(rule: str, refuses: bool) -> None:
    text = f"""
facts: {{amount: {{type: number, initial: 600}}}}
goals: {{answered: {{title: Answered}}}}
rules:
  - '{rule}'
"""
    case = Case(text).open(channel="phone")
    outcome = case.do(c.CreateTask(title="Ask Ben"))
    assert isinstance(outcome, Refused) == refuses


def test_every_planned_event_says_why() -> None:
    for event in (p.ItemModified, p.GoalModified, p.GoalReset, p.StageReset, p.OptionDropped, p.OptionDeleted):
        assert "reason" in event.__annotations__ or "private" in event.__annotations__
    assert "private" in e.OptionChosen.__annotations__


def test_a_stage_made_up_waits_for_work_and_is_done_with_it(case: Case) -> None:
    case.accept(c.CreateStage(title="Ask around"))
    stage = last(case)
    case.accept(c.CreateTask(title="One", stage=stage))
    one = last(case)
    case.accept(c.DeleteTask(item=one, reason=WHY))
    assert stage in case.state.items, "nothing was done in it yet"
    case.accept(c.CreateTask(title="One", stage=stage))
    case.accept(c.CreateTask(title="Two", stage=stage))
    case.complete("One")
    case.accept(c.ModifyTask(item=case.task("Two").id, reason=WHY, without=("stage",)))
    assert stage not in case.state.items, "what was left of it stands elsewhere"


def test_priorities_come_with_the_definition() -> None:
    case = Case("goals: {a: {title: A, priority: urgent}, b: {title: B}}").open()
    assert (case.goal("a").priority, case.goal("b").priority) == ("urgent", "normal")
    assert isinstance(case.do(c.ModifyGoal(goal=case.goal("b").id, reason=WHY, priority="low")), tuple)
    assert case.goal("b").priority == "low"
