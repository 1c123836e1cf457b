"""The service centre of examples/, lived by the guideline to its goal, and against it, refused by its sentence."""

from typing import Any

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from tests.library.examples import Example, identified, with_purchase

# --- refunds and returns ---------------------------------------------------------------------------------------------


def test_a_refund_goes_by_post_with_an_address() -> None:
    case = with_purchase("initiate refund")
    case.complete("record the wish", reason="too small", refund_method="paper check")
    case.choose("refund made", "by post")
    assert case.crossed("offer the refund", refund="89 USD").endswith("must be noted before the refund is offered.")
    case.complete("note the address", postal_address="7 Elm Road, San Mateo, CA 94401")
    case.complete("offer the refund", refund="89 USD")
    case.write("confirm the refund")
    assert case.closed()


def test_who_does_not_know_the_price_gets_the_usual_refund() -> None:
    case = with_purchase("initiate refund")
    case.complete("record the wish", reason="too small", refund_method="credit card")
    case.choose("refund made", "usual amount")
    case.complete("offer the usual refund")
    assert case.state.facts["refund"].value == ["50", "USD"]
    case.write("confirm the refund")
    assert case.closed()


def test_no_refund_without_a_purchase() -> None:
    case = Example("initiate refund")
    case.complete("open the account", account_id="FK 20")
    case.complete("validate the purchase", order_id="1", purchase="not valid")
    assert case.crossed("offer the refund", refund="89 USD").startswith("The refund must only be offered if the pur")


RETURNS: dict[str, tuple[str, dict[str, Any], str]] = {
    "gold, at any time": ("gold", {}, "allowed"),
    "silver, to the day six months ago": ("silver", {"bought_on": "2025-09-02"}, "allowed"),
    "silver, older": ("silver", {"bought_on": "2025-07-20"}, "refused"),
    "silver, older, in its packaging": ("silver", {"bought_on": "2025-07-20", "original_packaging": True}, "allowed"),
    "bronze, 90 days": ("bronze", {"bought_on": "2025-12-02"}, "allowed"),
    "bronze, 91 days": ("bronze", {"bought_on": "2025-12-01"}, "refused"),
    "bronze, older, with a receipt": ("bronze", {"bought_on": "2025-01-01", "receipt": True}, "allowed"),
    "guest, 30 days": ("guest", {"bought_on": "2026-01-31"}, "allowed"),
    "guest, 31 days": ("guest", {"bought_on": "2026-01-30"}, "refused"),
    "guest, older, in its packaging": ("guest", {"bought_on": "2026-01-01", "original_packaging": True}, "refused"),
    "guest, older, with a receipt": ("guest", {"bought_on": "2026-01-01", "receipt": True}, "allowed"),
    "guest, who does not remember": ("guest", {}, "refused"),
}


@pytest.mark.parametrize("name", RETURNS)
def test_the_membership_decides_on_a_return(name: str) -> None:
    level, answers, verdict = RETURNS[name]
    case = with_purchase("return an item")
    case.complete("ask about the purchase", reason="size", membership_level=level, **answers)
    assert case.state.facts["return verdict"].value == verdict
    if verdict == "refused":
        assert case.crossed("book the return", way_back="by mail").startswith("A return must only be booked if")
        case.choose("return settled", "say no")
        case.write("explain the refusal")
    else:
        case.choose("return settled", "take it back")
        assert case.crossed("book the return", way_back="by mail").startswith("The pickup address must be known")
        case.complete("note the address", pickup_address="7 Elm Road, San Mateo, CA 94401")
        case.complete("book the return", way_back="in store")
        case.write("send the label")
    assert case.closed()


# --- orders and shipping ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mistake", "level", "option"),
    [
        ("ours", "guest", "our mistake"),
        ("not ours", "gold", "trusted member"),
        ("not ours", "silver", "trusted member"),
    ],
)
def test_a_fee_is_removed_for_our_mistake_and_for_trusted_members(mistake: str, level: str, option: str) -> None:
    case = identified("mystery fee")
    case.complete("check the charge", mistake=mistake, membership_level=level)
    case.choose("charge settled", option)
    case.complete("remove the fee", charged_too_much="12 USD")
    case.write("tell about the fee")
    assert case.closed()


@pytest.mark.parametrize("level", ["bronze", "guest"])
def test_the_fee_of_a_bronze_member_or_guest_stays(level: str) -> None:
    case = identified("mystery fee")
    case.complete("check the charge", mistake="not ours", membership_level=level)
    assert case.crossed("remove the fee", charged_too_much="12 USD").startswith("The fee must only be removed if")
    case.choose("charge settled", "fee stays")
    case.write("explain the fee")
    assert case.closed()


@pytest.mark.parametrize(
    ("level", "option", "first", "fee"),
    [
        ("gold", "free for gold", ("waive the fee", {}), "0"),
        ("bronze", "for a fee", ("charge the fee", {"charge_agreed": True}), "20"),
    ],
)
def test_an_order_is_shipped_overnight(level: str, option: str, first: tuple[str, dict[str, Any]], fee: str) -> None:
    case = identified("upgrade shipping")
    case.complete("record the status", shipping_status="order received", membership_level=level)
    case.choose("delivery settled", option)
    case.complete(first[0], **first[1])
    assert case.state.facts["upgrade fee"].value == [fee, "USD"]
    case.complete("upgrade the shipping")
    case.write("confirm the date")
    assert case.closed()


def test_an_upgrade_is_not_given_for_nothing_nor_too_late() -> None:
    case = identified("upgrade shipping")
    case.complete("record the status", shipping_status="order received", membership_level="silver")
    assert case.crossed("upgrade the shipping").startswith("The shipping must only be upgraded if the membership level")
    assert case.crossed("waive the fee") == 'The fee must only be waived if the membership level is "gold".'
    case.choose("delivery settled", "for a fee")
    case.complete("charge the fee", charge_agreed=False)
    case.choose("delivery settled", "keep the date")
    case.complete("keep the date")
    assert case.closed()
    late = identified("upgrade shipping")
    late.complete("record the status", shipping_status="in transit", membership_level="gold")
    assert late.crossed("upgrade the shipping").startswith("The shipping must only be upgraded if the shipping status")
    late.choose("delivery settled", "too late")
    late.write("explain the date")
    assert late.closed()


def test_an_item_that_does_not_come_is_sent_again_after_a_week() -> None:
    case = with_purchase("missing item")
    case.complete("record the wait", days_waited=8)
    case.choose("item settled", "send it again")
    assert case.crossed("ship the replacement", item="Guess jeans").startswith("The full address must be known")
    case.complete("note the address", full_address="7 Elm Road, San Mateo, CA 94401")
    case.complete("ship the replacement", item="Guess jeans")
    assert case.told(e.PromiseMade)
    case.write("confirm the replacement")
    assert case.closed()


def test_an_item_is_not_sent_again_within_a_week() -> None:
    case = with_purchase("missing item")
    case.complete("record the wait", days_waited=7)
    facts = {"full address": "7 Elm Road, San Mateo, CA 94401"}
    case.accept(c.SetFacts(facts=facts))
    assert case.crossed("ship the replacement", item="Guess jeans").startswith("The replacement must only be shipped")
    case.choose("item settled", "wait a little")
    case.write("ask for patience")
    assert case.closed()


# --- account, website, credit ----------------------------------------------------------------------------------------


def test_a_password_is_made_step_by_step() -> None:
    case = Example("recover password")
    steps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("find the username", {"username": "mkeller1"}),
        ("check the proof", {"proof": "pin", "proof_checked": "right"}),
        ("make the password", {}),
        ("tell the password", {}),
    )
    for task, facts in steps:
        assert case.open_tasks() - {"recover it by the book"} == {task}, "the order is strict"
        case.complete(task, **facts)
    assert not case.state.flows and case.closed()


def test_no_password_without_a_proof() -> None:
    case = Example("recover password")
    case.complete("find the username", username="mkeller1")
    assert case.crossed("make the password").startswith("The password must only be made if")
    case.accept(c.SetFacts(facts={"proof checked": "right"}))
    assert case.crossed("make the password") == "The proof must be checked before the password is made."
    case.complete("check the proof", proof="security question", proof_checked="wrong")
    assert case.crossed("make the password").startswith("The password must only be made if")
    assert case.crossed("tell the password") == "The password must only be told after the password is made."
    case.complete("refuse the password")
    assert case.goal("can sign in").status == "reached" and not case.state.flows


def test_a_slow_website_is_tried_in_any_order_until_something_helps() -> None:
    case = Example("website too slow")
    for option, task in (("less in the background", "close other programs"), ("sign in again", "sign in again")):
        case.choose("can shop", option)
        case.complete(task, site_works=False)
    case.choose("can shop", "tell the website team")
    case.complete("report the slowness")
    assert "website" in case.told_whom()
    case.choose("can shop", "order for the customer")
    case.complete("open the account", account_id="FK 20")
    old: dict[str, Any] = {"wanted_item": "Guess jeans", "card_valid_until": "2025-12-31"}
    assert case.crossed("order the item", **old) == "The end of the card must not be in the past."
    case.complete("order the item", **{**old, "card_valid_until": "2027-12-31"})
    assert case.closed()


def test_the_website_team_is_not_told_of_a_slow_connection() -> None:
    case = Example("website too slow")
    case.choose("can shop", "other websites")
    case.complete("try another website", other_sites="slow")
    assert case.crossed("report the slowness").startswith("The slowness must not be reported")
    case.complete("explain the connection")
    assert case.closed()


@pytest.mark.parametrize(
    ("option", "task", "facts"),
    [("give it anew", "issue the credit", {"credit": "25 USD"}), ("usual amount", "issue the usual credit", {})],
)
def test_a_missing_credit_is_given_anew(option: str, task: str, facts: dict[str, Any]) -> None:
    case = Example("credit missing")
    case.complete("open the account", account_id="FK 20")
    assert case.crossed("check the credit", finding="missing").startswith("The origin must be known before")
    case.complete("record the origin", origin="previous purchase")
    case.complete("check the credit", finding="missing")
    case.choose("credit settled", option)
    case.complete(task, code="XJ-40", **facts)
    case.write("send the code")
    assert case.closed()
    assert case.state.facts["credit"].value == ["25" if facts else "40", "USD"]


def test_a_credit_that_is_there_is_not_given_twice() -> None:
    case = Example("credit missing")
    case.complete("record the origin", origin="promotional package")
    case.complete("open the account", account_id="FK 20")
    case.complete("check the credit", finding="on the account")
    assert case.crossed("issue the credit", credit="25 USD", code="X").startswith("The credit must only be issued if")
    case.choose("credit settled", "it is there")
    case.complete("explain the account")
    assert case.closed()


# --- disputes and bills ----------------------------------------------------------------------------------------------


def test_a_member_gets_a_new_code_for_one_that_ran_out() -> None:
    case = Example("promo code")
    case.complete("open the account", account_id="FK 20")
    case.complete("check the code", days_since_issue=9, mistake="not ours", membership_level="bronze")
    assert case.state.facts["trouble"].value == "out of date"
    case.choose("code settled", "valued member")
    case.complete("generate the code", new_code="NEW-20")
    case.write("send the code")
    assert case.closed() and not case.state.offers


def test_a_guest_gets_a_new_code_only_for_our_mistake() -> None:
    case = Example("promo code")
    case.complete("open the account", account_id="FK 20")
    case.complete("check the code", days_since_issue=7, mistake="not ours", membership_level="guest")
    assert case.state.facts["trouble"].value == "invalid"
    assert case.crossed("generate the code", new_code="N").startswith("The code must not be generated if the mistake")
    case.choose("code settled", "guest")
    case.write("explain the code")
    assert case.closed()
    ours = Example("promo code")
    ours.complete("open the account", account_id="FK 20")
    ours.complete("check the code", days_since_issue=2, mistake="ours", membership_level="guest")
    ours.choose("code settled", "our mistake")
    ours.complete("generate the code", new_code="NEW-20")
    assert ours.state.offers == {"membership": "made"}


def disputed(level: str, amount: str, bill: str = "paid") -> Example:
    case = identified("dispute bill")
    case.complete("record the dispute", membership_level=level, amount_wrong=amount, bill=bill)
    return case


@pytest.mark.parametrize(
    ("level", "amount", "option", "verdict"),
    [
        ("gold", "300 USD", "refund a gold member", ""),
        ("silver", "9.99 USD", "refund a silver member", ""),
        ("guest", "40 USD", "ask the system", "wrong"),
    ],
)
def test_a_bill_is_refunded_as_the_membership_has_it(level: str, amount: str, option: str, verdict: str) -> None:
    case = disputed(level, amount)
    case.choose("bill settled", option)
    if verdict:
        case.complete("check the bill", system_verdict=verdict)
    assert case.crossed("pay the refund", refund="301 USD") == "The refund must be at most the amount wrong."
    case.complete("pay the refund", refund=amount)
    case.write("tell about the refund")
    assert case.closed()


@pytest.mark.parametrize(
    ("level", "amount", "bill", "sentence", "option"),
    [
        ("silver", "10 USD", "paid", "The refund must not be paid if the membership level is", "no refund"),
        ("bronze", "5 USD", "paid", "The refund must only be paid if the membership level is", "ask the system"),
        ("gold", "5 USD", "not paid", "The refund must only be paid if the bill is", "not paid yet"),
    ],
)
def test_a_bill_is_not_refunded_against_the_policy(
    level: str, amount: str, bill: str, sentence: str, option: str
) -> None:
    case = disputed(level, amount, bill)
    assert case.crossed("pay the refund", refund="5 USD").startswith(sentence)
    case.choose("bill settled", option)
    if option == "ask the system":
        case.complete("check the bill", system_verdict="right")
        assert case.crossed("pay the refund", refund="5 USD").startswith(sentence)
        case.choose("bill settled", "no refund")
    case.write("explain the bill")
    assert case.closed()


# --- questions -------------------------------------------------------------------------------------------------------


def test_a_question_about_boots_is_answered() -> None:
    case = Example("boots question")
    case.choose("question answered", "in the talk")
    case.complete("find the question", article="boots", question="waterproof")
    case.complete("give the answer")
    assert case.closed()


def test_a_question_about_jeans_is_not_answered_as_one_about_boots() -> None:
    case = Example("boots question")
    case.choose("question answered", "in the talk")
    case.complete("find the question", article="jeans")
    assert case.crossed("give the answer").startswith('The answer must only be given if the article is "boots"')


def test_a_question_about_membership_is_answered_by_itself_on_the_portal() -> None:
    case = Example("membership question", "guest", alone=True, question="levels")
    (sent,) = case.told(e.MessageRequested)
    assert "guest, bronze, silver and gold" in sent.private.text
    case.taken()
    assert case.closed() and case.state.offers == {"membership": "made"}


def test_a_membership_question_is_found_before_it_is_answered() -> None:
    case = Example("membership question")
    case.choose("question answered", "answer it")
    assert case.crossed("give the answer") == "The question must be known before the answer is given."
    case.complete("find the question", question="benefits")
    case.complete("give the answer")
    assert case.closed()
