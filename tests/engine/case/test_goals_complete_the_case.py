"""A case closes when its required goals are reached or waived, never because work ended (DESIGN §4)."""

from datetime import timedelta

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from tests.engine.case.kit import AGENT, LEAD, MARIA, Case

CARD = """
facts:
  identity checked: {type: boolean}
  card status: {type: choice, choices: [inactive, active], initial: inactive}
goals:
  identity known:
    title: We know who it is
    reached when: identity checked = true
    clock: {within: 4 business hours, since: contact, warn: 1 business hour}
    options:
      by phone: {title: Ask three questions, tasks: [ask questions]}
  card works:
    title: The card works
    after: [identity known]
    reached when: card status = "active"
    perception: Does your card work now?
    options:
      switch on: {title: Switch it on, tasks: [switch card on, tell customer]}
      new pin: {title: New PIN letter, tasks: [order pin, wait for customer]}
tasks:
  ask questions: {title: Ask three questions, form: [identity checked], must: [identity checked]}
  switch card on: {title: Switch the card on, sets: {card status: '"active"'}}
  tell customer: {title: Tell the customer, after: [switch card on]}
  order pin: {title: Order a PIN letter}
  wait for customer: {kind: wait, after: [order pin]}
"""


def test_a_case_is_completed_by_its_last_required_goal() -> None:
    case = Case(CARD).open()
    case.accept(c.ChooseOption(goal=case.goal("identity known").id, option="by phone"))
    assert case.goal("card works").status == "available"
    case.complete("ask questions", identity_checked=True)
    assert case.goal("identity known").status == "reached"
    assert case.goal("card works").status == "active"
    case.accept(c.ChooseOption(goal=case.goal("card works").id, option="switch on"))
    case.complete("switch card on")
    assert case.goal("card works").status == "reached"
    assert case.status() == "completed"
    assert case.state.items == {}


def test_work_that_ends_without_the_goal_leaves_the_case_open() -> None:
    case = Case(CARD).open(facts={"identity checked": "true"})
    case.accept(c.ChooseOption(goal=case.goal("card works").id, option="new pin"))
    case.complete("order pin")
    case.accept(c.CancelTask(item=case.task("wait for customer").id))
    assert case.goal("card works").status == "active"
    assert case.status() == "active"


def test_a_goal_that_is_reached_at_opening_needs_no_work() -> None:
    case = Case(CARD).open(facts={"identity checked": True, "card status": "active"})
    assert case.status() == "completed"


def test_a_waived_goal_counts_and_needs_a_reason() -> None:
    case = Case(CARD).open(facts={"identity checked": True})
    goal = case.goal("card works").id
    assert case.refuse(c.WaiveGoal(goal=goal, reason=" ")).code == "invalid"
    case.accept(c.WaiveGoal(goal=goal, reason="the customer takes another card"), LEAD)
    assert case.status() == "completed"


def test_a_required_goal_is_not_cancelled_but_waived() -> None:
    case = Case(CARD).open()
    refused = case.refuse(c.CancelGoal(goal=case.goal("card works").id, reason="x"))
    assert refused.code == "wrong state"
    assert refused.next[0].command == "WaiveGoal"


def test_another_option_ends_the_open_work_of_the_first() -> None:
    case = Case(CARD).open(facts={"identity checked": True})
    goal = case.goal("card works").id
    case.accept(c.ChooseOption(goal=goal, option="switch on"))
    case.accept(c.ChooseOption(goal=goal, option="new pin"))
    assert {item.key for item in case.state.items.values() if item.kind == "task"} == {
        "order pin",
        "wait for customer",
    }
    assert case.told(e.OptionChosen)[-1].instead_of == "switch on"


def test_waiting_for_the_customer_stops_the_clock_and_a_contact_starts_it() -> None:
    case = Case(CARD.replace("perception:", "clock: {within: 2 business days}\n    perception:")).open(
        facts={"identity checked": True}
    )
    case.accept(c.ChooseOption(goal=case.goal("card works").id, option="new pin"))
    running = case.goal("card works").clock
    assert running is not None
    case.complete("order pin")
    assert case.waits_for() == "customer"
    paused = case.goal("card works").clock
    assert paused is not None
    assert paused.due is None
    case.pass_time(timedelta(days=7))
    case.accept(c.LinkContact(contact=900, channel="mail", at=case.now, customer=7), MARIA)
    assert case.waits_for() == "us"
    resumed = case.goal("card works").clock
    assert resumed is not None
    assert running.due is not None
    assert resumed.due is not None
    assert resumed.due > running.due
    assert not case.goal("card works").late


def test_a_late_goal_is_warned_then_breached_and_may_still_be_reached() -> None:
    case = Case(CARD).open(contact_at=None)
    case.pass_time(timedelta(hours=12))
    assert [event.key for event in case.told(e.GoalWarned)] == ["identity known"]
    assert [event.key for event in case.told(e.GoalBreached)] == ["identity known"]
    case.accept(c.SetFacts(facts={"identity checked": "yes"}))
    assert case.told(e.GoalReached)[0].late


def test_the_customer_confirms_or_silence_does() -> None:
    text = "confirm within: 3 days\n" + CARD
    case = Case(text).open(facts={"identity checked": True, "card status": "active"})
    assert case.state.awaits_confirmation
    assert case.waits_for() == "customer"
    case.pass_time(timedelta(days=4))
    assert case.told(e.OutcomeConfirmed)[0].by_silence
    assert case.status() == "completed"


def test_an_outcome_that_the_customer_denies_is_worked_on_again() -> None:
    case = Case("confirm within: 3 days\n" + CARD).open(facts={"identity checked": True, "card status": "active"})
    case.accept(c.ConfirmOutcome(reached=False, words="it does not"), MARIA)
    assert case.status() == "active"
    assert case.goal("card works").status == "active"
    assert case.waits_for() == "us"


def test_a_bad_rating_brings_a_recovery_goal_once_and_tells_the_supervisor() -> None:
    text = """
goals:
  done: {title: Done}
  won back: {title: Win the customer back, added only: true}
reactions:
  - says: When the perception is below 3, add the goal "won back" and tell the supervisor.
    when: perception < 3
    do: [{add goal: won back}, {tell: supervisor}]
"""
    case = Case(text).open()
    case.accept(c.RecordPerception(score=2, words="slow"), MARIA)
    assert case.goal("won back").status == "active"
    assert [event.whom for event in case.told(e.Told)] == ["supervisor"]
    case.accept(c.RecordPerception(score=1), MARIA)
    assert len(case.told(e.Told)) == 1
    case.accept(c.ReachGoal(goal=case.goal("done").id))
    assert case.status() == "active"
    case.accept(c.ReachGoal(goal=case.goal("won back").id))
    assert case.status() == "completed"


def test_rules_that_chase_each_other_are_refused_with_the_cycle_named() -> None:
    text = """
facts: {left: {type: number, initial: 0}, right: {type: number, initial: 0}}
goals: {done: {title: Done}}
reactions:
  - {says: Left runs ahead, when: "left > 0 and left = right", do: [{set fact: left, to: left + 1}]}
  - {says: Right catches up, when: left > right, do: [{set fact: right, to: left}]}
"""
    case = Case(text).open()
    refused = case.refuse(c.SetFacts(facts={"left": 1}))
    assert refused.code == "no rest"
    assert "runs ahead" in refused.message or "catches up" in refused.message
    assert case.state.facts["left"].value == "0"


def test_who_may_not_is_told_who_may() -> None:
    text = """
facts: {limit: {type: number}}
goals: {decided: {title: Decided, options: {decide: {title: Decide, tasks: [decide limit], automatic: true}}}}
tasks: {decide limit: {form: [limit], skill: credit}}
"""
    case = Case(text).open()
    refused = case.refuse(c.CompleteTask(item=case.task("decide limit").id, facts={"limit": 10}), AGENT)
    assert refused.code == "role"
    assert refused.next[0].who == "credit"
    case.complete("decide limit", LEAD, limit=10)
    assert case.status() == "completed"
