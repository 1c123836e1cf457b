"""The verbs at the desk: each form does what it says, and a refusal says why and what to do."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from caseloom.cases.queries import CaseView
from caseloom.engine.case import commands as c
from caseloom.engine.case.state import Goal, Item
from caseloom.library.drafts import find_draft
from caseloom.sdk.access import Access
from caseloom.staff.access import of_user
from tests.streams.kit import empty_streams
from tests.web.desk.kit import a_person, do
from tests.web.desk.planning_kit import a_planning_house, a_refund, goal_of, item_of, look

pytestmark = pytest.mark.django_db(transaction=True)


class Agent:
    """Somebody at a case, by the forms of the desk."""

    def __init__(self, *roles: str) -> None:
        user = a_person("ada", roles or ("agent", "supervisor", "process owner"), ("money",))
        self.access: Access = of_user(user)
        self.browser = Client(raise_request_exception=True)
        self.browser.force_login(user)
        self.case = a_refund()

    @property
    def view(self) -> CaseView:
        return look(self.access, self.case)

    def goal(self, key: str = "returned") -> Goal:
        return self.view.state.goals[goal_of(self.view, key)]

    def item(self, title: str) -> Item:
        return item_of(self.view, title)

    def sends(self, command: str, **fields: Any) -> HttpResponse:
        address = f"/desk/cases/{self.case}/do/{command}/"
        answer = self.browser.post(address, {"form": "f", **fields}, headers={"HX-Request": "true"})
        assert isinstance(answer, HttpResponse)
        return answer

    def does(self, command: str, **fields: Any) -> dict[str, Any]:
        """What is said when it is done."""
        answer = self.sends(command, **fields)
        assert answer.status_code == 200, answer.content.decode()
        told: dict[str, Any] = json.loads(answer.headers["HX-Trigger"])["caseloom:done"]
        return told

    def refused(self, command: str, **fields: Any) -> str:
        answer = self.sends(command, **fields)
        assert answer.status_code == 422, answer.content.decode()
        return answer.content.decode()

    def sees(self, path: str = "") -> str:
        answer = self.browser.get(f"/desk/cases/{self.case}/{path}", headers={"HX-Request": "true"})
        assert answer.status_code == 200, path
        return answer.content.decode()


@pytest.fixture
def ada() -> Iterator[Agent]:
    empty_streams()
    a_planning_house()
    yield Agent()


def tomorrow(days: int = 1) -> datetime:
    return (timezone.localtime() + timedelta(days=days)).replace(second=0, microsecond=0)


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


# --- goals ------------------------------------------------------------------------------------------------------------


def test_a_goal_is_changed_in_what_the_form_changes_alone(ada: Agent) -> None:
    goal, due = ada.goal(), tomorrow()
    shown = ada.sees(f"sheet/goal/{goal.id}/")
    assert 'value="The money is back"' in shown
    fields = {"title": "The money is back", "need": "required", "priority": "urgent", "due": written(due)}
    assert ada.does("ModifyGoal", goal=goal.id, reason="She travels", **fields)["undo"] == "Undo"
    changed = ada.goal()
    assert (changed.title, changed.need, changed.priority) == ("", "required", "urgent")
    assert changed.clock is not None and changed.clock.due == due
    assert "urgent" in ada.sees()
    page = ada.browser.get("/desk/?view=all").content.decode()
    assert '<b class="priority">urgent</b>' in page


def test_a_goal_loses_its_deadline_where_the_input_is_emptied(ada: Agent) -> None:
    ada.does("AddGoal", title="The neighbour is asked", due=written(tomorrow()))
    [added] = [goal for goal in ada.view.state.goals.values() if goal.by_hand]
    ada.does("ModifyGoal", goal=added.id, reason="no hurry", title="The neighbour is asked", due="")
    assert ada.view.state.goals[added.id].clock is None
    said = ada.refused("ModifyGoal", goal=ada.goal().id, reason="no hurry", title="The money is back", due="")
    assert "has its deadline by definition" in said


def test_a_goal_is_not_changed_without_a_reason(ada: Agent) -> None:
    assert "say why" in ada.refused("ModifyGoal", goal=ada.goal().id, reason=" ", title="Else")


def test_a_sub_goal_is_added_and_deleted_again(ada: Agent) -> None:
    ada.does("AddGoal", parent=ada.goal().id, title="The neighbour is asked", need="optional")
    [added] = [goal for goal in ada.view.state.goals.values() if goal.by_hand]
    assert (added.parent, added.need) == (ada.goal().id, "optional")
    assert "Delete it: it was added by mistake" in ada.sees(f"sheet/goal/{added.id}/")
    ada.does("DeleteGoal", goal=added.id, reason="twice")
    assert added.id not in ada.view.state.goals
    assert "was not added by hand" in ada.refused("DeleteGoal", goal=ada.goal().id, reason="x")


def test_a_goal_is_cancelled_and_worked_for_again(ada: Agent) -> None:
    told = ada.goal("told").id
    ada.does("CancelGoal", goal=told, reason="she knows")
    assert ada.view.state.goals[told].status == "cancelled"
    assert "Work for it again" in ada.sees("sheet/case/0/")
    ada.does("ResetGoal", goal=told, reason="she asks again")
    assert ada.view.state.goals[told].status == "active"


def test_waiving_a_goal_takes_a_supervisor(ada: Agent) -> None:
    assert "Waive it" in ada.sees(f"sheet/goal/{ada.goal().id}/")
    eve = Client()
    eve.force_login(a_person("eve", ("agent",), ("money",)))
    assert "Waive it" not in eve.get(f"/desk/cases/{ada.case}/sheet/goal/{ada.goal().id}/").content.decode()
    refused = eve.post(f"/desk/cases/{ada.case}/do/WaiveGoal/", {"goal": ada.goal().id, "reason": "x"})
    assert refused.status_code == 422
    ada.does("WaiveGoal", goal=ada.goal("told").id, reason="she knows")
    assert ada.goal("told").status == "waived"


# --- options ----------------------------------------------------------------------------------------------------------


def test_a_way_of_ones_own_is_made_up_of_known_tasks_and_new_ones(ada: Agent) -> None:
    goal = ada.goal().id
    ada.does("CreateOption", goal=goal, title="By courier", steps=["pay it back", "", "Call a courier"])
    [way] = ada.goal().ways
    assert [(step.key, step.title) for step in way.steps] == [("pay back", ""), ("", "Call a courier")]
    ada.does("ChooseOption", goal=goal, option=way.key)
    assert ada.item("Call a courier").status == "active" and ada.item("Pay it back").status == "active"
    shown = ada.sees(f"sheet/goal/{goal}/")
    assert "Give up “By courier”" in shown and "Begin “By courier” anew" in shown
    ada.does("ResetOption", goal=goal, reason="from the start")
    ada.does("CancelOption", goal=goal, reason="too dear")
    assert ada.goal().option is None
    assert "stays in the list" in ada.refused("DeleteOption", goal=goal, option=way.key, reason="x")


def test_a_way_that_nobody_took_is_deleted(ada: Agent) -> None:
    goal = ada.goal().id
    ada.does("CreateOption", goal=goal, title="By courier", steps=["Call a courier"])
    [way] = ada.goal().ways
    assert "Delete the way “By courier”" in ada.sees(f"sheet/goal/{goal}/")
    ada.does("DeleteOption", goal=goal, option=way.key, reason="nonsense")
    assert ada.goal().ways == ()
    assert "A way needs a step" in ada.refused("CreateOption", goal=goal, title="Empty", steps=[""])


def test_giving_up_a_way_that_was_not_chosen_names_the_way_on(ada: Agent) -> None:
    said = ada.refused("CancelOption", goal=ada.goal().id, reason="x")
    assert "was chosen yet" in said and "By the book" in said and "ChooseOption" in said


# --- tasks ------------------------------------------------------------------------------------------------------------


def test_a_task_is_added_changed_and_deleted(ada: Agent) -> None:
    ada.does("CreateTask", title="Ask the neighbour")
    item, due = ada.item("Ask the neighbour"), tomorrow(2)
    assert item.form == ()
    shown = ada.sees(f"sheet/task/{item.id}/")
    assert "Delete it: it was added by mistake" in shown and 'name="ask" value="amount"' in shown
    ada.does(
        "ModifyTask", item=item.id, reason="clearer", title="Ask both neighbours", due=written(due), team="back",
        assignee="me", asks="1", ask=["amount", "reference"],
    )  # fmt: skip
    item = ada.item("Ask both neighbours")
    assert (set(item.form), item.team, item.assignee) == ({"amount", "reference"}, "back", ada.access.actor.id)
    assert item.clock is not None and item.clock.due == due
    ada.does("ModifyTask", item=item.id, reason="mine no more", title=item.title, assignee="nobody", due="")
    item = ada.item("Ask both neighbours")
    assert (item.assignee, item.clock, item.form) == ("", None, item.form)
    ada.does("DeleteTask", item=item.id, reason="twice")
    assert item.id not in ada.view.state.items


def test_a_task_of_the_definition_is_cancelled_and_not_deleted(ada: Agent) -> None:
    item = ada.item("Look into it").id
    assert "Delete it" not in ada.sees(f"sheet/task/{item}/")
    said = ada.refused("DeleteTask", item=item, reason="x")
    assert "was not added by hand" in said and "Cancel it with a reason" in said and "CancelTask" in said
    ada.does("CancelTask", item=item, reason="not needed")
    assert item not in ada.view.state.items


def test_a_done_task_is_begun_anew_from_the_story(ada: Agent) -> None:
    item = ada.item("Look into it").id
    ada.does("CompleteTask", item=item)
    assert f'href="/desk/cases/{ada.case}/sheet/task/{item}/"' in ada.sees()
    assert "Begin the task anew" in ada.sees(f"sheet/task/{item}/")
    ada.does("ResetTask", item=item, reason="something was missing")
    assert ada.item("Look into it").id != item


# --- stages, planning tables, events ----------------------------------------------------------------------------------


def test_a_stage_is_added_filled_renamed_begun_anew_and_cancelled(ada: Agent) -> None:
    assert "Add a stage" in ada.sees("sheet/case/0/")
    ada.does("CreateStage", title="A second look", goal=ada.goal().id)
    stage = ada.item("A second look").id
    ada.does("CreateTask", title="Compare the papers", stage=stage)
    assert ada.item("Compare the papers").parent == stage
    assert "Compare the papers" in ada.sees(f"sheet/part/{stage}/")
    ada.does("ModifyStage", item=stage, title="Another look", reason="its name")
    ada.does("ResetStage", item=stage, reason="from the start")
    ada.does("CancelStage", item=stage, reason="not needed")
    assert stage not in ada.view.state.items
    assert "no open stage" in ada.refused("DeleteStage", item=stage, reason="x")


def test_what_is_foreseen_is_planned_when_somebody_sees_fit(ada: Agent) -> None:
    page, stage = ada.sees(), ada.item("Inquiry").id
    assert "Foreseen, for when you see fit" in page and "Ask an expert" in page
    ada.does("PlanItem", key="ask an expert", into=stage)
    assert ada.item("Ask an expert").parent == stage
    assert "is not in this planning table" in ada.refused("PlanItem", key="pay back", into=stage)


def test_a_task_that_may_be_begun_is_put_aside_and_offered_again(ada: Agent) -> None:
    ada.does("PlanItem", key="ask an expert", into=ada.item("Inquiry").id)
    task = ada.item("Ask an expert").id
    assert "Put it aside" in ada.sees(f"sheet/task/{task}/")
    ada.does("TransitItem", item=task, transition="disable")
    assert "It was put aside." in ada.sees()
    ada.does("TransitItem", item=task, transition="reenable")
    assert ada.item("Ask an expert").status == "enabled"


def test_a_goal_that_another_case_works_for_leads_there(ada: Agent) -> None:
    other = a_refund("Jens Ott")
    do(ada.access, other, c.ShareGoal(goal=goal_of(look(ada.access, other))))
    do(ada.access, ada.case, c.MirrorGoal(case=other, goal=goal_of(look(ada.access, other)), title="Their money"))
    page = ada.sees()
    assert f'<a href="/desk/cases/{other}/">worked for in case {other}</a>' in page


def test_a_stage_is_suspended_resumed_and_completed_by_hand(ada: Agent) -> None:
    stage = ada.item("Inquiry").id
    assert ada.does("TransitItem", item=stage, transition="suspend")["says"] == "Suspended."
    assert ada.item("Inquiry").status == "suspended"
    assert "Resume it" in ada.sees(f"sheet/part/{stage}/")
    ada.does("TransitItem", item=stage, transition="resume")
    assert "is complete when these have ended: Look into it" in ada.refused(
        "TransitItem", item=stage, transition="complete"
    )
    ada.does("CompleteTask", item=ada.item("Look into it").id)
    ada.does("TransitItem", item=stage, transition="complete")
    assert stage not in ada.view.state.items


def test_an_event_that_people_raise_is_a_button(ada: Agent) -> None:
    assert "It happened: The receipt came" in ada.sees()
    event = ada.item("The receipt came").id
    assert ada.does("TransitItem", item=event, transition="occur")["says"] == "Noted that it happened."
    assert "It happened: The receipt came" not in ada.sees()


def test_a_case_that_cannot_go_on_is_reopened_or_closed_for_good(ada: Agent) -> None:
    assert "say why" in ada.refused("FailCase", reason=" ")
    ada.does("FailCase", reason="The bank is gone")
    assert "cannot go on" in ada.sees() and "Close it for good" in ada.sees("sheet/case/0/")
    ada.does("ReopenCase")
    ada.does("FailCase", reason="The bank is gone")
    ada.does("CloseCase", reason="for ever")
    assert ada.view.state.status == "closed"


# --- undo -------------------------------------------------------------------------------------------------------------


def test_the_last_plan_is_undone_and_the_list_says_what_can_be(ada: Agent) -> None:
    assert "Nothing was planned in this case yet" in ada.sees("sheet/case/0/")
    ada.does("CreateTask", title="Ask the neighbour")
    ada.does("CancelTask", item=ada.item("Look into it").id, reason="not needed")
    assert 'data-key="z"' in ada.sees()
    listed = ada.sees("sheet/case/0/")
    assert listed.index("a task was cancelled") < listed.index("a task was added")
    assert "Ask the neighbour" in listed
    assert ada.does("UndoWork", number=2)["says"] == "Undone."
    assert ada.item("Look into it").status == "active"
    ada.does("CompleteTask", item=ada.item("Ask the neighbour").id)
    assert "has moved on since" in ada.sees("sheet/case/0/")
    said = ada.refused("UndoWork", number=1)
    assert "cannot be undone any more" in said and "Cancel the task" in said


# --- reuse ------------------------------------------------------------------------------------------------------------


def an_earlier_case(ada: Agent) -> int:
    """A case of the same kind that was done by hand, with a step of its own."""
    number = a_refund("Jens Ott")
    do(ada.access, number, c.ChooseOption(goal=goal_of(look(ada.access, number)), option="by hand"))
    do(ada.access, number, c.CreateTask(title="Call a courier", goal=goal_of(look(ada.access, number))))
    for title in ("Tell the bank", "Call a courier"):
        do(ada.access, number, c.CompleteTask(item=item_of(look(ada.access, number), title).id))
    pay = item_of(look(ada.access, number), "Pay it back").id
    do(ada.access, number, c.CompleteTask(item=pay, facts={"reference": "A7"}))
    return number


def bring(ada: Agent, **fields: Any) -> HttpResponse:
    answer = ada.browser.post(f"/desk/cases/{ada.case}/bring/", {"form": "f", **fields}, headers={"HX-Request": "true"})
    assert isinstance(answer, HttpResponse)
    return answer


def test_an_earlier_case_is_found_looked_at_and_its_way_taken(ada: Agent) -> None:
    goal = ada.goal().id
    assert "There is no other case of this kind yet" in ada.sees(f"earlier-cases/{goal}/")
    past = an_earlier_case(ada)
    assert "Jens Ott" in ada.sees(f"earlier-cases/{goal}/")
    assert "Jens Ott" in ada.sees(f"earlier-cases/{goal}/?q={past}")
    assert f"#{past}" in ada.sees(f"earlier-cases/{goal}/?q=jens"), "the customer's name finds their cases"
    assert "No case is called so" in ada.sees(f"earlier-cases/{goal}/?q=nobody")
    shown = ada.sees(f"earlier-cases/{goal}/{past}/")
    assert shown.index("Tell the bank") < shown.index("Call a courier") < shown.index("Pay it back")
    answer = bring(ada, from_case=past, goal=goal, from_goal=goal_of(look(ada.access, past)))
    assert answer.status_code == 200 and "way is brought over" in answer.headers["HX-Trigger"]
    assert ada.item("Call a courier").status == "active"
    [way] = ada.goal().ways
    assert (way.from_case, ada.goal().option) == (past, way.key)
    ada.does("UndoWork", number=1)
    assert ada.goal().option is None


def test_one_task_of_an_earlier_case_is_brought_over(ada: Agent) -> None:
    past = an_earlier_case(ada)
    assert bring(ada, from_case=past, goal=ada.goal().id, task="call a courier").status_code == 200
    assert ada.item("Call a courier").goal == ada.goal().id
    refused = bring(ada, from_case=past, goal=ada.goal().id, task="fly to the moon")
    assert refused.status_code == 422 and "did no task" in refused.content.decode()
    assert bring(ada, from_case="x", goal=1).status_code == 422
    assert bring(ada, from_case=10**17, goal=1).status_code == 422


def test_a_finished_case_becomes_a_draft_service_goal(ada: Agent) -> None:
    past = an_earlier_case(ada)
    page = ada.browser.get(f"/desk/cases/{past}/").content.decode()
    assert "Make a service goal of it" in page
    first, second = (ada.browser.post(f"/desk/cases/{past}/draft/") for _ in range(2))
    key = f"the money is back as in {past}"
    assert first.status_code == 302 and first.headers["Location"].startswith("/studio/")
    assert first.headers["Location"] != second.headers["Location"]
    draft = find_draft(key)
    assert draft is not None and "Call a courier" in draft.text
    empty = ada.browser.post(f"/desk/cases/{ada.case}/draft/")
    assert empty.status_code == 422 and "Nothing was done" in empty.content.decode()


# --- what is not there ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "sheet/goal/99/", "sheet/task/99/", "sheet/part/1/", "sheet/moon/1/", "steps/9/1/", "flows/9/drawing/",
        "earlier-cases/99/", "earlier-cases/1/999999/",
    ],
)  # fmt: skip
def test_a_sheet_of_nothing_is_not_found(ada: Agent, path: str) -> None:
    assert ada.browser.get(f"/desk/cases/{ada.case}/{path}").status_code == 404


def test_without_a_script_a_sheet_is_a_page_and_its_form_leads_back(ada: Agent) -> None:
    page = ada.browser.get(f"/desk/cases/{ada.case}/sheet/goal/{ada.goal().id}/").content.decode()
    assert "<!doctype html>" in page and "Change the goal" in page
    answer = ada.browser.post(f"/desk/cases/{ada.case}/do/CreateTask/", {"title": "Ask the neighbour"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/cases/{ada.case}/")


# --- what a thing stands in, and a way on with a reason ---------------------------------------------------------------


def test_a_task_comes_to_another_goal_and_stage_and_leaves_them(ada: Agent) -> None:
    ada.does("CreateTask", title="Ask the neighbour", goal=ada.goal("told").id, role="team lead", required="true")
    item = ada.item("Ask the neighbour")
    assert (item.goal, item.role, item.required) == (ada.goal("told").id, "team lead", True)
    stage, same = ada.item("Inquiry").id, {"title": "Ask the neighbour", "role": "team lead", "required": "true"}
    shown = ada.sees(f"sheet/task/{item.id}/")
    assert f'<option value="{item.goal}" selected>The customer knows</option>' in shown
    assert f'<option value="{stage}">Inquiry</option>' in shown
    assert '<option value="team lead" selected>A team lead</option>' in shown
    goal = ada.goal().id
    ada.does("ModifyTask", item=item.id, reason="it helps there", **same, goal=goal, stage=stage)
    item = ada.item("Ask the neighbour")
    assert (item.goal, item.parent, item.role, item.required) == (goal, stage, "team lead", True)
    ada.does("ModifyTask", item=item.id, reason="for nothing now", title=item.title, goal="", stage="", role="",
             required="false", due="")  # fmt: skip
    item = ada.item("Ask the neighbour")
    assert (item.goal, item.parent, item.role, item.required) == (None, None, "", False)


def test_a_form_that_is_left_alone_moves_nothing(ada: Agent) -> None:
    stage = ada.item("Inquiry").id
    item = ada.item("Look into it")
    assert item.parent == stage
    ada.does("ModifyTask", item=item.id, reason="clearer", title="Look well", goal=item.goal or "", stage=stage,
             role=item.role, required="false")  # fmt: skip
    moved = ada.item("Look well")
    assert (moved.parent, moved.goal, moved.required) == (stage, item.goal, item.required)


def test_a_goal_comes_under_another_one_and_leaves_it(ada: Agent) -> None:
    ada.does("AddGoal", title="The neighbour is asked")
    [added] = [goal for goal in ada.view.state.goals.values() if goal.by_hand]
    over = ada.goal()
    assert f'<option value="{over.id}">The money is back</option>' in ada.sees(f"sheet/goal/{added.id}/")
    same = {"goal": added.id, "title": "The neighbour is asked", "need": "required", "priority": "normal"}
    ada.does("ModifyGoal", **same, reason="it serves that", parent=over.id)
    assert ada.view.state.goals[added.id].parent == over.id
    assert f'<option value="{over.id}" selected>' in ada.sees(f"sheet/goal/{added.id}/")
    ada.does("ModifyGoal", **same, reason="it does not", parent="")
    assert ada.view.state.goals[added.id].parent is None


def test_a_way_on_that_needs_a_reason_has_a_field_for_it(ada: Agent) -> None:
    other = a_refund("Jens Ott")
    do(ada.access, ada.case, c.MirrorGoal(case=other, goal=goal_of(look(ada.access, other)), title="Their money"))
    [mirror] = [goal for goal in ada.view.state.goals.values() if goal.mirror is not None]
    said = ada.refused("ReachGoal", goal=mirror.id)
    way = said.split("Waive the goal with a reason")[0]
    assert "data-way" in way and "do/WaiveGoal/" in way, "a button with a field beside it"
    assert f"goal={mirror.id}&amp;" in way
    ada.does("WaiveGoal", goal=mirror.id, reason="they moved away", way="1")
    assert ada.view.state.goals[mirror.id].status == "waived"


def test_a_way_on_that_takes_a_supervisor_is_words_for_others() -> None:
    empty_streams()
    a_planning_house()
    agent = Agent("agent")
    other = a_refund("Jens Ott")
    do(agent.access, agent.case, c.MirrorGoal(case=other, goal=goal_of(look(agent.access, other)), title="Their money"))
    [mirror] = [goal for goal in agent.view.state.goals.values() if goal.mirror is not None]
    said = agent.refused("ReachGoal", goal=mirror.id)
    assert "Waive the goal with a reason (a supervisor)" in said and "do/WaiveGoal/" not in said
