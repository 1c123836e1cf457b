"""A plan is taken back while nothing that it touched has moved on; what has left the house is corrected."""

from datetime import timedelta

import msgspec
import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.actor import PROGRAM
from caseloom.engine.case.evolve import Stamp, evolve
from caseloom.engine.case.evolve_planned import KEPT
from caseloom.engine.case.state import CaseState
from caseloom.engine.rules.fault import DefinitionFaulty
from tests.engine.case.kit import AGENT, LEAD, Case

TEXT = """
facts:
  done: {type: boolean}
  name: {personal: true, initial: Maria}
goals:
  card works:
    title: The card works
    reached when: done = true
    clock: {within: 4 business hours, pause: [customer]}
    options:
      post: {title: By post, tasks: [tell, call]}
      counter: {title: At the counter, tasks: [call]}
      wait: {title: Wait, tasks: [wait]}
  calm: {title: Calm, need: optional}
tasks:
  tell: {title: Tell, kind: letter, letter: note, automatic: true}
  call: {title: Call}
  wait: {title: Wait for them, kind: wait}
letters:
  note: {title: The note, subject: A card, text: 'Dear {{ name }}', corrected by: sorry}
  sorry: {title: An excuse, subject: Sorry, text: 'Dear {{ name }}'}
rules:
  - Only a team lead may cancel the task "call".
"""
WHY = "by mistake"


@pytest.fixture
def case() -> Case:
    return Case(TEXT).open()


def choose(case: Case, option: str) -> None:
    case.accept(c.ChooseOption(goal=case.goal("card works").id, option=option))


def as_before(case: Case, before: CaseState) -> bool:
    left = {"undo", "planned", "last", "teams", "messages"}
    return all(
        getattr(case.state, field) == getattr(before, field)
        for field in CaseState.__struct_fields__
        if field not in left
    )


def test_the_last_plan_is_undone_and_then_the_one_before_it(case: Case) -> None:
    first = case.replay()
    choose(case, "counter")
    second = case.replay()
    case.accept(c.CancelTask(item=case.task("call").id, reason=WHY), LEAD)
    case.accept(c.UndoWork(reason="it was the wrong one"), LEAD)
    assert as_before(case, second)
    case.accept(c.UndoWork())
    assert as_before(case, first)
    assert case.refuse(c.UndoWork()).code == "not found"
    [why] = [event.private.reason for event in case.told(p.WorkUndone) if event.private.reason]
    assert why == "it was the wrong one"


def test_a_named_plan_is_undone_where_the_later_ones_leave_it_alone(case: Case) -> None:
    case.accept(c.CreateTask(title="One"))
    case.accept(c.CreateTask(title="Two"))
    case.accept(c.UndoWork(number=1))
    assert [item.title for item in case.state.items.values()] == ["Two"]
    refused = case.refuse(c.UndoWork(number=1))
    assert "2 (CreateTask)" in refused.message


def test_a_later_plan_about_the_same_is_undone_first(case: Case) -> None:
    case.accept(c.CreateTask(title="One"))
    case.accept(c.ModifyTask(item=case.task("One").id, title="Uno", reason=WHY))
    refused = case.refuse(c.UndoWork(number=1))
    assert refused.next[0] == msgspec.structs.replace(refused.next[0], command="UndoWork", arguments={"number": 2})
    case.accept(c.UndoWork())
    case.accept(c.UndoWork())
    assert case.state.items == {}


def test_a_task_begun_anew_holds_the_cancelling_before_it(case: Case) -> None:
    case.accept(c.CreateTask(title="One"))
    number = case.task("One").id
    case.accept(c.CancelTask(item=number, reason=WHY))
    case.accept(c.ResetTask(item=number, reason=WHY))
    assert case.refuse(c.UndoWork(number=2)).next[0].arguments == {"number": 3}


def test_what_has_moved_on_is_not_undone_and_the_refusal_says_what_to_do(case: Case) -> None:
    choose(case, "counter")
    case.complete("call")
    refused = case.refuse(c.UndoWork())
    assert "“Call” has moved on" in refused.message or "moved on since" in refused.message
    assert refused.next[-1].command == "CancelOption"
    other = Case(TEXT).open()
    other.accept(c.CreateTask(title="One"))
    other.accept(c.ClaimTask(item=other.task("One").id, assignee="agent:1"))
    refused = other.refuse(c.UndoWork())
    assert "“One” has moved on" in refused.message
    assert refused.next[-1].command == "CancelTask"


def test_what_came_into_a_stage_since_holds_it(case: Case) -> None:
    case.accept(c.CreateStage(title="Ask around"))
    stage = case.state.last
    case.accept(c.CreateTask(title="Ask Ben", stage=stage))
    case.accept(c.AddNote(text="hm"))
    assert "“Ask Ben” has moved on" in case.refuse(c.UndoWork(number=1)).message


def test_who_may_not_do_it_may_not_undo_it(case: Case) -> None:
    choose(case, "counter")
    case.accept(c.CancelTask(item=case.task("call").id, reason=WHY), LEAD)
    assert case.refuse(c.UndoWork(), AGENT).code == "boundary"
    case.accept(c.UndoWork(), LEAD)
    assert case.task("call").status == "active"


def test_clocks_stand_as_they_stood(case: Case) -> None:
    case.pass_time(timedelta(hours=1))
    before = case.replay()
    assert before.waits_for == "us"
    choose(case, "wait")
    assert case.waits_for() == "customer"
    case.pass_time(timedelta(hours=2))
    case.accept(c.UndoWork())
    assert as_before(case, before)


def test_clocks_that_others_have_moved_since_follow_who_waits_now(case: Case) -> None:
    choose(case, "wait")
    case.accept(c.LinkContact(contact=1, channel="phone", at=case.now, customer=7))
    case.accept(c.CreateTask(title="Look", goal=case.goal("calm").id))
    assert case.waits_for() == "us"
    case.accept(c.UndoWork())
    clock = case.goal("card works").clock
    assert clock is not None and clock.due is not None


def test_a_goal_that_became_true_meanwhile_is_reached_when_it_comes_back(case: Case) -> None:
    case.accept(c.AddGoal(title="Keeps it open"))
    case.accept(c.WaiveGoal(goal=case.goal("card works").id, reason=WHY))
    case.now += timedelta(minutes=1)
    case.accept(c.SetFacts(facts={"done": True}))
    case.now += timedelta(minutes=1)
    case.accept(c.UndoWork())
    assert case.goal("card works").status == "reached"


def test_a_sent_letter_undone_proposes_its_correction(case: Case) -> None:
    choose(case, "post")
    [sent] = case.told(e.MessageRequested)
    case.accept(c.SettleMessage(contact=sent.contact, status="accepted"), PROGRAM)
    case.accept(c.UndoWork())
    assert case.goal("card works").option is None
    [task] = [item for item in case.state.items.values() if item.kind == "task"]
    assert (task.title, task.letter, task.goal) == ("Correct: The note", "sorry", case.goal("card works").id)
    assert case.state.counters["tell"].completed == 1, "the letter that was sent counts as sent"
    case.accept(c.SendMessage(contact=77, to="m@example.org", subject="s", text="t", letter="sorry", item=task.id))
    case.accept(c.SettleMessage(contact=77, status="accepted"), PROGRAM)
    assert case.state.items == {}


@pytest.mark.parametrize(("status", "corrections"), [("unknown", 1), ("rejected", 0), ("", 1)])
def test_a_letter_that_nobody_got_needs_no_correction(case: Case, status: str, corrections: int) -> None:
    choose(case, "post")
    [sent] = case.told(e.MessageRequested)
    if status:
        case.accept(c.SettleMessage(contact=sent.contact, status=status), PROGRAM)  # type: ignore[arg-type]
    case.accept(c.UndoWork())
    assert len([item for item in case.state.items.values() if item.title.startswith("Correct")]) == corrections


def test_a_letter_without_a_correction_of_its_own_is_corrected_by_hand() -> None:
    case = Case(TEXT.replace(", corrected by: sorry", "")).open()
    choose(case, "post")
    case.accept(c.UndoWork())
    assert case.task("Correct: The note").letter == ""


def test_what_closed_the_case_is_not_undone(case: Case) -> None:
    case.accept(c.WaiveGoal(goal=case.goal("card works").id, reason=WHY))
    assert case.status() == "completed"
    assert case.refuse(c.UndoWork()).next[0].command == "ReopenCase"
    case.accept(c.ReopenCase())
    assert case.refuse(c.UndoWork()).code == "not found"


def test_only_the_last_few_are_kept(case: Case) -> None:
    for number in range(KEPT + 2):
        case.accept(c.CreateTask(title=f"Task {number}"))
    assert [record.number for record in case.state.undo] == [3, 4, 5, 6, 7]


def test_titles_are_sealed_and_an_erased_person_leaves_the_same_shape(case: Case) -> None:
    case.accept(c.CreateTask(title="Call Maria"))
    case.accept(c.CreateOption(goal=case.goal("card works").id, title="Maria's way", steps=("Ask Maria",)))
    case.accept(c.CancelTask(item=case.task("Call Maria").id, reason=WHY))
    case.accept(c.CreateOption(goal=case.goal("card works").id, title="Other way", steps=("Ask Maria", "call")))
    bare = CaseState()
    for event, stamp in case.history:
        if isinstance(event, p.UndoKept | p.OptionCreated):
            public = msgspec.structs.replace(event, private=type(event.private)())
            assert b"Maria" not in msgspec.msgpack.encode(public)
        if hasattr(event, "private"):
            event = msgspec.structs.replace(event, private=type(event.private)())
        evolve(bare, event, Stamp(stamp.at, stamp.actor))
    bare.rest()
    assert [item.status for item in bare.items.values()] == [item.status for item in case.state.items.values()]
    case.accept(c.UndoWork())
    case.accept(c.UndoWork())
    assert case.task("Call Maria").status == "active"
    assert [way.title for way in case.goal("card works").ways] == ["Maria's way"]


def test_what_was_planned_under_another_definition_is_not_put_back() -> None:
    case = Case(TEXT).open(service_goal="", version=0)
    case.accept(c.CreateTask(title="One"))
    case.accept(c.ClassifyCase(service_goal="test", version=1))
    assert case.refuse(c.UndoWork()).code == "not found"


def test_a_task_does_not_come_back_for_a_goal_that_has_ended_since(case: Case) -> None:
    case.accept(c.AddGoal(title="Keeps it open"))
    case.accept(c.CreateTask(title="One", goal=case.goal("card works").id))
    case.accept(c.CancelTask(item=case.task("One").id, reason=WHY))
    case.now += timedelta(minutes=1)
    case.accept(c.SetFacts(facts={"done": True}))
    assert "the goal “The card works” has moved on" in case.refuse(c.UndoWork()).message


def test_a_correction_that_there_is_not_is_found_before_publishing() -> None:
    with pytest.raises(DefinitionFaulty, match="sory"):
        Case(TEXT.replace("corrected by: sorry", "corrected by: sory"))
