"""Cards: activate one, lose one."""

from datetime import timedelta

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from tests.library.kit import ADA, MARIA, NOVICE, Matter


def test_a_card_is_switched_on_by_an_agent_who_knows_the_customer() -> None:
    case = Matter("activate card")
    case.choose("card works", "switch it on")
    assert case.open_tasks() == {"check identity"}
    case.complete("check identity", ADA, identity_checked=True)
    case.complete("switch the card on")
    case.write("tell that it works")
    assert case.goal("card works").status == "reached"
    assert case.status() == "completed"
    assert case.state.offers == {"travel insurance": "made"}


def test_a_customer_activates_the_card_alone() -> None:
    case = Matter("activate card", "web form", alone=True)
    assert case.goal("card works").option == "alone at once"
    refused = case.refuse(c.CompleteTask(item=case.task("enter the code").id, facts={"activation code": "12"}), MARIA)
    assert "6 digits" in refused.message
    case.complete("enter the code", MARIA, activation_code="123456")
    assert case.status() == "completed"
    assert [event.letter for event in case.told(e.MessageRequested)] == ["card works now"]


def test_a_customer_who_wrote_gets_the_link_and_does_the_rest() -> None:
    case = Matter("activate card")
    case.choose("card works", "ask the customer")
    case.write("send the link")
    assert case.waits_for() == "customer"
    case.complete("enter the code", MARIA, activation_code="654321")
    assert case.status() == "completed"


def test_no_card_is_switched_on_for_a_stranger_or_by_a_novice() -> None:
    case = Matter("activate card")
    case.choose("card works", "switch it on")
    case.complete("check identity", ADA, identity_checked=False)
    assert "switch the card on" not in case.open_tasks()
    case = Matter("activate card")
    case.choose("card works", "switch it on")
    case.complete("check identity", ADA, identity_checked=True)
    assert case.refuse(c.CompleteTask(item=case.task("switch the card on").id), NOVICE).code == "role"
    case.accept(c.SetFacts(facts={"identity checked": False}))
    refused = case.refuse(c.CompleteTask(item=case.task("switch the card on").id))
    assert refused.rule == "A card must not be switched on before we know who the customer is."


def test_a_slow_card_is_told_to_the_team() -> None:
    case = Matter("activate card")
    case.pass_time(timedelta(days=2))
    assert case.goal("card works").late
    assert case.told_whom() >= {"cards", "team lead"}


def _blocked() -> Matter:
    case = Matter("lost card", "phone")
    case.choose("card is blocked", "block it")
    case.complete("block the card", strange_payments=True)
    case.taken()
    return case


def test_a_lost_card_is_blocked_replaced_and_confirmed() -> None:
    case = _blocked()
    assert "report to the fraud desk" in case.open_tasks()
    case.choose("new card in hand", "by mail")
    case.complete("order the new card")
    case.write("new card is coming")
    case.complete("card has arrived", MARIA, new_card_arrived=True)
    assert case.state.awaits_confirmation
    case.confirm()
    assert case.status() == "completed"


def test_a_customer_blocks_alone_and_takes_express() -> None:
    case = Matter("lost card", "web form", alone=True, segment="premium")
    case.complete("block it myself", MARIA, strange_payments=False)
    case.taken()
    case.choose("new card in hand", "express")
    case.complete("order express")
    case.write("new card is coming")
    case.complete("card has arrived", MARIA, new_card_arrived=True)
    case.pass_time(timedelta(days=15))
    assert case.told(e.OutcomeConfirmed)[-1].by_silence
    assert case.status() == "completed"


def test_a_lost_card_is_not_given_up_before_it_is_blocked() -> None:
    case = Matter("lost card", "phone")
    refused = case.refuse(c.TerminateCase(reason="hung up"))
    assert refused.rule == "A lost card must not be given up before it is blocked."
    assert case.refuse(c.WaiveGoal(goal=case.goal("card is blocked").id, reason="found")).code == "boundary"
    case = _blocked()
    refused = case.refuse(c.ChooseOption(goal=case.goal("new card in hand").id, option="express"))
    assert refused.code == "wrong state"


def test_a_lost_card_that_waits_an_hour_is_told_to_lead_and_supervisor() -> None:
    case = Matter("lost card", "phone")
    case.pass_time(timedelta(hours=2))
    assert case.goal("card is blocked").late
    assert case.told_whom() >= {"team lead", "supervisor"}
