"""Fees, complaints, farewells."""

from datetime import timedelta
from typing import Any

import pytest

from caseloom.engine.case import commands as c
from tests.library.kit import ADA, BEN, LEAD, MARIA, PAULA, Matter


def _checked(amount: str, finding: str = "our mistake", kind: str = "account") -> Matter:
    case = Matter("dispute fee")
    case.complete("check the fee", ADA, disputed_amount=amount, kind_of_fee=kind, finding=finding)
    return case


def test_a_small_fee_is_refunded_at_once() -> None:
    case = _checked("12.50 EUR")
    case.choose("fee settled", "refund at once")
    case.complete("propose the refund", refund="12.50 EUR", reason_for_the_customer="It was booked twice.")
    case.complete("pay the refund")
    case.write("tell about the refund")
    assert case.goal("fee settled").status == "reached"
    case.confirm()
    assert case.status() == "completed"


def test_a_large_fee_is_refunded_after_a_team_lead_has_approved_it() -> None:
    case = _checked("300 EUR")
    assert case.refuse(c.ChooseOption(goal=case.goal("fee settled").id, option="refund at once")).code == "wrong state"
    case.choose("fee settled", "refund with approval")
    case.complete("propose the refund", BEN, refund="300 EUR")
    assert "pay the refund" not in case.open_tasks()
    assert (
        case.refuse(c.CompleteTask(item=case.task("approve the refund").id, facts={"approved": True}), ADA).code
        == "role"
    )
    case.complete("approve the refund", LEAD, approved=True)
    case.complete("pay the refund")
    case.write("tell about the refund")
    assert case.goal("fee settled").status == "reached"


@pytest.mark.parametrize(
    ("amount", "kind", "who"),
    [
        ("50 EUR", "account", "agent"),
        ("25.01 EUR", "cash machine", "team lead"),
        ("20 EUR", "late payment", "agent"),
        ("1000.01 EUR", "overdraft", "management"),
        ("5000 EUR", "card abroad", "team lead"),
        ("5001 EUR", "account", "management"),
    ],
)
def test_who_may_refund_is_decided_by_amount_and_kind_of_fee(amount: str, kind: str, who: str) -> None:
    case = _checked(amount, kind=kind)
    assert case.state.facts["who may refund"].value == who
    assert case.state.facts["who may refund"].source == "decision who may refund"
    assert case.goal("fee checked").status == "reached"


def test_a_small_fee_of_a_cash_machine_is_refunded_after_approval() -> None:
    case = _checked("30 EUR", kind="cash machine")
    assert case.refuse(c.ChooseOption(goal=case.goal("fee settled").id, option="refund at once")).code == "wrong state"
    case.choose("fee settled", "refund with approval")
    case.complete("propose the refund", BEN, refund="30 EUR")
    assert "pay the refund" not in case.open_tasks()
    case.complete("approve the refund", LEAD, approved=True)
    case.complete("pay the refund")


def test_a_right_fee_is_explained() -> None:
    case = _checked("40 EUR", "right")
    case.choose("fee settled", "explain")
    case.write("explain the fee")
    case.confirm()
    assert case.status() == "completed"


def test_refunds_have_limits_and_four_eyes() -> None:
    case = _checked("6000 EUR")
    case.choose("fee settled", "refund with approval")
    item = case.task("propose the refund").id
    refused = case.refuse(c.CompleteTask(item=item, facts={"refund": "5500 EUR"}), LEAD)
    assert refused.rule == "The refund must be at most 5000 EUR."
    case = _checked("100 EUR")
    case.choose("fee settled", "refund with approval")
    item = case.task("propose the refund").id
    assert "at most the disputed amount" in case.refuse(c.CompleteTask(item=item, facts={"refund": "101 EUR"})).message
    case.complete("propose the refund", LEAD, refund="100 EUR")
    refused = case.refuse(c.CompleteTask(item=case.task("approve the refund").id, facts={"approved": True}), LEAD)
    assert refused.rule == "The same person must not both propose and approve the refund."


def test_a_fee_that_is_settled_late_is_told_to_the_team_lead() -> None:
    case = _checked("12 EUR")
    case.pass_time(timedelta(days=9))
    assert case.goal("fee settled").late
    assert "team lead" in case.told_whom()


def _answered() -> Matter:
    case = Matter("complaint")
    case.choose("complaint confirmed", "confirm it")
    case.write("confirm the complaint")
    case.choose("complaint answered", "answer it")
    found: dict[str, Any] = {
        "subject_of_the_complaint": "waiting time",
        "our_share": "our mistake",
        "what_we_found": "It lay.",
    }
    case.complete("look into it", **found)
    case.write("answer the complaint")
    return case


def test_a_complaint_ends_with_the_customers_word() -> None:
    case = _answered()
    assert case.waits_for() == "customer"
    case.complete("say whether it is settled", MARIA, customer_verdict="settled")
    case.confirm()
    assert case.status() == "completed"
    assert "supervisor" in case.told_whom()


def test_a_complaint_that_is_not_settled_gets_a_second_look() -> None:
    case = _answered()
    case.complete("say whether it is settled", MARIA, customer_verdict="not settled")
    assert case.status() == "active"
    case.choose("customer at peace", "second look")
    assert (
        case.refuse(c.CompleteTask(item=case.task("second look").id, facts={"what we found": "x"}), ADA).code == "role"
    )
    case.complete("second look", PAULA, what_we_found="We were wrong.")
    case.write("second answer", PAULA)
    case.complete("say it once more", MARIA, customer_verdict="settled")
    case.confirm()
    assert case.status() == "completed"


def test_a_complaint_is_not_closed_before_the_customer_has_answered() -> None:
    case = _answered()
    sentence = "A complaint must not be closed before the customer has answered."
    assert case.refuse(c.TerminateCase(reason="enough"), PAULA).rule == sentence
    waive = c.WaiveGoal(goal=case.goal("customer at peace").id, reason="enough")
    assert case.refuse(waive, PAULA).rule == sentence


def test_a_complaint_that_is_answered_late_is_told_above() -> None:
    case = Matter("complaint")
    case.pass_time(timedelta(days=15))
    assert case.goal("complaint answered").late
    assert case.told_whom() >= {"supervisor", "process owner"}


def _understood(balance: str = "500 EUR") -> Matter:
    case = Matter("close account", balance=balance)
    case.choose("wish understood", "take note")
    case.complete("note the reason", reason_for_leaving="price")
    return case


def test_an_account_is_closed_after_its_balance_is_paid_out() -> None:
    case = _understood()
    case.choose("account wound up", "pay out")
    case.complete("tell us where", MARIA, payout_account="DE00 1")
    case.complete("prepare the payout", ADA, balance="500 EUR")
    case.complete("release the payout", BEN)
    case.complete("close the account", BEN)
    case.write("farewell", BEN)
    case.confirm()
    assert case.status() == "completed"
    plan = case.plans[case.key].service_goal
    assert plan is not None
    assert plan.ends_relation


def test_a_customer_who_leaves_after_a_talk_is_paid_to_a_known_account() -> None:
    case = Matter("close account", "phone")
    case.choose("wish understood", "talk first")
    case.complete("talk about leaving", PAULA, reason_for_leaving="service", talk_held=True)
    assert "supervisor" in case.told_whom()
    case.accept(c.SetFacts(facts={"payout account": "DE00 2"}))
    case.choose("account wound up", "known account")
    case.complete("prepare the payout", ADA, balance="10 EUR")
    case.complete("release the payout", LEAD)
    assert case.goal("account wound up").status == "reached"


def test_a_payout_has_four_eyes_and_a_large_one_a_team_lead() -> None:
    case = _understood()
    case.accept(c.SetFacts(facts={"payout account": "DE00 2"}))
    case.choose("account wound up", "known account")
    case.complete("prepare the payout", ADA, balance="20000 EUR")
    release = c.CompleteTask(item=case.task("release the payout").id)
    assert case.refuse(release, BEN).rule == "A payout above 10000 EUR must be released by a team lead."
    case.accept(release, LEAD)


def test_a_small_payout_has_four_eyes_too() -> None:
    case = _understood()
    case.accept(c.SetFacts(facts={"payout account": "DE00 2"}))
    case.choose("account wound up", "known account")
    case.complete("prepare the payout", ADA, balance="20 EUR")
    release = c.CompleteTask(item=case.task("release the payout").id)
    assert case.refuse(release, ADA).rule == "The same person must not both prepare and release the payout."
    case.accept(release, BEN)


def test_winding_up_late_is_told_to_the_team_lead() -> None:
    case = _understood()
    case.pass_time(timedelta(days=10))
    assert case.goal("account wound up").late
    assert "team lead" in case.told_whom()
