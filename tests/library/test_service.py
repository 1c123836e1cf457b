"""Address, internet, faults, questions, and customers who are unhappy."""

from datetime import timedelta
from typing import Any

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from tests.library.kit import ADA, MARIA, PAULA, TECHNICIAN, Matter

NEW_HOME: dict[str, Any] = {"new_street": "Amselweg 3", "new_postcode": "20253", "new_city": "Hamburg"}


def test_an_address_that_came_by_mail_is_entered_by_an_agent() -> None:
    case = Matter("change address", internet_contract=True)
    case.choose("address known everywhere", "by an agent")
    case.complete("make sure it is them", sure_of_it=True)
    case.complete("enter the address", **NEW_HOME)
    case.taken()
    assert case.status() == "active"
    case.complete("move the line")
    assert case.status() == "completed"


def test_a_customer_changes_the_address_alone() -> None:
    case = Matter("change address", "web form", alone=True, internet_contract=False)
    case.complete("confirm the address", MARIA, **NEW_HOME)
    case.taken()
    assert case.status() == "completed"


def test_what_is_missing_in_an_address_is_asked_for() -> None:
    case = Matter("change address")
    case.choose("address known everywhere", "ask for the rest")
    case.write("ask what is missing")
    assert case.waits_for() == "customer"
    case.accept(c.LinkContact(contact=901, channel="mail", at=case.now, customer=7), MARIA)
    case.complete("enter the address", **NEW_HOME)
    case.taken()
    assert case.goal("address known everywhere").status == "reached"


def test_an_address_is_not_taken_from_somebody_unknown() -> None:
    case = Matter("change address")
    case.choose("address known everywhere", "by an agent")
    case.complete("make sure it is them", sure_of_it=False)
    facts = {name.replace("_", " "): value for name, value in NEW_HOME.items()}
    refused = case.refuse(c.CompleteTask(item=case.task("enter the address").id, facts=facts))
    assert refused.rule == "An address that an agent enters must be known to come from the customer."
    assert case.refuse(c.SetFacts(facts={"new postcode": "12"})).code == "data"
    case.pass_time(timedelta(days=5))
    assert "team lead" in case.told_whom()


def _order(verdict: str) -> Matter:
    case = Matter("order internet")
    case.choose("line checked", "check the line")
    case.complete("take the wish", address_of_the_line="Amselweg 3", product_wanted="net 100")
    case.complete("check the line", TECHNICIAN, line_verdict=verdict)
    return case


def test_an_order_goes_over_five_teams_to_the_first_invoice() -> None:
    case = _order("possible")
    case.choose("order signed", "send the terms")
    case.write("send the terms")
    case.complete("sign the order", MARIA, order_accepted=True)
    case.choose("line works", "with a technician")
    case.complete("agree on a day", MARIA, visit_on="2026-03-10")
    assert "visit" not in case.open_tasks()
    case.complete("switch the line")
    case.complete("visit", TECHNICIAN, modem_online=True)
    case.complete("write the invoice", first_invoice="34.90 EUR")
    case.taken()
    assert case.goal("online").status == "reached"
    case.confirm()
    assert case.status() == "completed"
    assert set(case.state.teams) == {"contact centre", "line check", "provisioning", "field service", "billing"}


def test_an_order_by_phone_is_plugged_in_by_the_customer() -> None:
    case = _order("possible")
    case.choose("order signed", "on the phone")
    case.complete("note the order", order_accepted=True)
    case.choose("line works", "plug and play")
    case.complete("switch the line")
    case.taken()
    case.complete("plug in", MARIA, modem_online=True)
    assert case.open_tasks() == {"write the invoice"}


def test_where_no_line_is_possible_the_customer_is_told_why() -> None:
    case = _order("impossible")
    case.write("explain the refusal")
    assert {goal.key: goal.status for goal in case.state.goals.values()}["online"] == "cancelled"
    case.confirm()
    assert case.status() == "completed"


def test_no_line_is_switched_and_nothing_invoiced_too_early() -> None:
    case = _order("possible")
    case.accept(c.CreateTask(key="switch the line"))
    refused = case.refuse(c.CompleteTask(item=case.task("switch the line").id))
    assert refused.rule == 'The line must not be switched before the goal "order signed" is reached.'
    case.accept(c.CreateTask(key="write the invoice"))
    bill = c.CompleteTask(item=case.task("write the invoice").id, facts={"first invoice": "30 EUR"})
    assert case.refuse(bill).rule == 'The invoice must not be written before the goal "line works" is reached.'


def test_an_order_that_takes_too_long_is_told_to_the_owners_team() -> None:
    case = _order("possible with works")
    assert case.told(e.PromiseMade)
    case.pass_time(timedelta(days=25))
    assert case.goal("online").late
    assert case.told_whom() >= {"contact centre", "supervisor"}


@pytest.mark.parametrize(
    ("option", "task"), [("with the customer", "restart together"), ("from afar", "reset the line")]
)
def test_a_fault_is_mended_without_a_visit(option: str, task: str) -> None:
    case = Matter("fault", "phone")
    case.choose("line works again", option)
    case.complete("test the line", line_test="weak")
    case.complete(task, cause="modem", line_restored=True)
    case.taken()
    case.confirm()
    assert case.status() == "completed"


def test_a_fault_that_stays_gets_a_technician_and_is_credited_when_late() -> None:
    case = Matter("fault", "phone")
    technician = c.ChooseOption(goal=case.goal("line works again").id, option="technician")
    assert case.refuse(technician).code == "wrong state"
    case.choose("line works again", "with the customer")
    case.complete("test the line", line_test="dead")
    case.complete("restart together", cause="our net", line_restored=False)
    case.pass_time(timedelta(days=3))
    assert "credit the outage" in case.open_tasks()
    assert "team lead" in case.told_whom()
    case.accept(technician)
    case.taken()
    case.complete("choose a day", MARIA, visit_on="2026-03-09")
    case.complete("repair on site", TECHNICIAN, cause="our net", line_restored=True)
    case.taken()
    refused = case.refuse(
        c.CompleteTask(item=case.task("credit the outage").id, facts={"credit for the outage": "90 EUR"})
    )
    assert refused.rule == "The credit for the outage must be at most 80 EUR."
    case.confirm()
    assert case.status() == "completed"


def test_a_question_is_answered_in_writing() -> None:
    case = Matter("general enquiry", internet_contract=True)
    case.choose("question answered", "answer in writing")
    case.complete("sort the question", topic="internet")
    case.write("write the answer")
    assert case.goal("we have answered").status == "reached"
    assert case.state.offers == {"faster line": "made"}
    assert case.status() == "completed"


def test_a_question_is_asked_back_and_not_given_up() -> None:
    case = Matter("general enquiry")
    assert case.refuse(c.WaiveGoal(goal=case.goal("question answered").id, reason="unclear")).code == "boundary"
    case.choose("question answered", "ask back")
    case.write("ask the customer back")
    case.accept(c.LinkContact(contact=902, channel="mail", at=case.now, customer=7), MARIA)
    case.write("write the answer")
    assert case.status() == "completed"


def test_a_question_that_waits_too_long_is_told() -> None:
    case = Matter("general enquiry")
    case.pass_time(timedelta(days=3))
    assert {event.key for event in case.told(e.GoalBreached)} == {"we have answered", "question answered"}
    assert case.told_whom() == {"team lead"}


def test_an_unhappy_customer_is_won_back_before_the_case_ends() -> None:
    case = Matter("fault", "phone")
    case.choose("line works again", "from afar")
    case.complete("test the line", line_test="good")
    case.complete("reset the line", cause="modem", line_restored=True)
    case.taken()
    case.accept(c.RecordPerception(score=2, goal=case.goal("line works again").id), MARIA)
    assert "supervisor" in case.told_whom()
    case.choose("win the customer back", "goodwill", PAULA)
    credit = c.CompleteTask(
        item=case.task("credit goodwill").id, facts={"goodwill": "60 EUR", "what went wrong": "It took long."}
    )
    assert case.refuse(credit, ADA).rule == "A goodwill credit above 25 EUR must be credited by a supervisor."
    case.accept(credit, PAULA)
    case.write("apologise", PAULA)
    assert case.goal("win the customer back").status == "reached"
    case.confirm()
    assert case.status() == "completed"


def test_a_low_mark_after_the_end_opens_the_case_again() -> None:
    case = Matter("general enquiry", "phone")
    case.choose("question answered", "answer by phone")
    case.complete("call with the answer", topic="card")
    assert case.status() == "completed"
    case.accept(c.RecordPerception(score=1, goal=case.goal("question answered").id), MARIA)
    assert case.status() == "active"
    case.choose("win the customer back", "call and listen", PAULA)
    case.complete("call the unhappy customer", PAULA, what_went_wrong="Nobody listened.")
    assert case.status() == "completed"
