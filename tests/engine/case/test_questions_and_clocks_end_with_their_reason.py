"""A question or a clock does not outlive what it was for."""

from datetime import timedelta

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.clocks import timers
from caseloom.engine.rules.compiler import compile_plan
from caseloom.interchange.yaml_text import read_house_rules, read_service_goal
from tests.engine.case.kit import HOUSE, LEAD, MARIA, MONDAY, Case

ASKS = """
confirm within: 3 days
goals: {done: {title: Done, clock: {within: 2 days, since: contact}}}
tasks: {more: {title: More}}
"""
OTHER = """
service goal: other
title: Other
customer title: Other
owner: process owner
team: service
goals: {else: {title: Else}}
"""


def _asked() -> Case:
    case = Case(ASKS).open()
    case.accept(c.ReachGoal(goal=case.goal("done").id))
    assert "confirm due" in timers(case.state)
    return case


def test_another_service_goal_takes_the_question_back() -> None:
    case = _asked()
    case.plans["other"] = compile_plan(read_service_goal(OTHER), read_house_rules(HOUSE))
    case.accept(c.ClassifyCase(service_goal="other", version=1))
    assert "confirm due" not in timers(case.state) and not case.state.awaits_confirmation
    assert case.state.waits_for == "us"


def test_new_work_takes_the_question_back_and_its_end_asks_again() -> None:
    case = _asked()
    case.accept(c.AddGoal(title="One more thing"))
    assert "confirm due" not in timers(case.state)
    case.pass_time(timedelta(days=4))
    assert case.status() == "active" and not case.state.confirmed
    case.accept(c.ReachGoal(goal=max(case.state.goals)))
    assert "confirm due" in timers(case.state)


def test_a_confirmation_outlives_a_suspension() -> None:
    case = Case(ASKS).open()
    case.accept(c.ConfirmOutcome(), MARIA)
    case.accept(c.SuspendCase(reason="a strike"))
    case.accept(c.ResumeCase())
    assert case.state.confirmed


def test_a_goal_that_is_opened_again_has_its_whole_term() -> None:
    case = _asked()
    case.now = MONDAY + timedelta(days=10)
    case.accept(c.ConfirmOutcome(reached=False), MARIA)
    clock = case.goal("done").clock
    assert clock is not None and clock.due == case.now + timedelta(days=2)


def test_a_customer_who_writes_to_an_ended_case_finds_it_open() -> None:
    case = Case("goals: {done: {title: Done}}").open()
    case.accept(c.ReachGoal(goal=case.goal("done").id))
    assert case.status() == "completed"
    case.accept(c.LinkContact(contact=77, channel="mail", at=case.now, customer=7), MARIA)
    assert case.status() == "active" and case.state.unanswered == (77,)


def test_a_task_that_is_begun_anew_has_its_clock_again() -> None:
    case = Case("goals: {g: {title: G}}\ntasks: {t: {title: T, due: {within: 1 day}}}").open()
    case.accept(c.CreateTask(key="t"))
    case.pass_time(timedelta(days=2))
    assert case.told(e.TaskLate)
    item = case.task("t").id
    case.complete("t")
    case.accept(c.ResetTask(item=item), LEAD)
    assert case.task("t").clock is not None
