"""The nine sentences of DESIGN §5, end to end in the engine: five prohibitions and four others."""

from datetime import timedelta

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.refusal import Refused
from tests.engine.case.kit import AGENT, LEAD, MARIA, Case

HOUSE = """
house rules: house
title: The house
roles: {team lead: A team lead, supervisor: A supervisor}
teams: {service: Service}
skills: {credit: May decide on credit}
words:
  case: {name: complaint}
facts:
  refund: {type: money}
  travel insurance: {type: boolean}
rules:
  - The refund must be at most 5000 EUR.
  - Only a person with the skill "credit" may decide a credit limit.
  - A complaint must not be closed before the customer has answered.
goals:
  win the customer back: {title: Content again, added only: true}
tasks:
  decide a credit limit: {}
"""
GOAL = """
service goal: card
title: Card
customer title: My card works
owner: process owner
team: service
facts:
  card status: {type: choice, choices: [new, active]}
goals:
  card works:
    title: The card works
    options: {refund: {title: Refund, tasks: [approve a refund, pay a refund]}}
  first answer: {title: The customer has an answer, need: optional}
tasks:
  approve a refund: {}
  pay a refund: {}
offers: {travel insurance: {title: Travel insurance}}
rules:
  - A refund above 500 EUR must be approved by a team lead before the refund is paid.
  - The same person must not both approve and pay a refund.
  - The goal "card works" is reached when the card status is "active" and the customer has confirmed.
  - The goal "first answer" must be reached within 4 business hours of the contact.
  - When the perception is below 3, add the goal "win the customer back" and tell the team lead.
  - When the goal is reached and the customer has no travel insurance, offer "travel insurance".
"""


def a_case() -> Case:
    return Case(GOAL, HOUSE).open()


def with_options() -> Case:
    case = a_case()
    case.accept(c.ChooseOption(goal=case.goal("card works").id, option="refund"))
    return case


def test_the_refund_is_at_most_5000() -> None:
    case = a_case()
    refused = case.refuse(c.SetFacts(facts={"refund": "5001 EUR"}))
    assert refused.rule == "The refund must be at most 5000 EUR."
    case.accept(c.SetFacts(facts={"refund": "5000 EUR"}))


def test_a_high_refund_is_approved_by_a_lead_before_it_is_paid() -> None:
    case = with_options()
    case.accept(c.SetFacts(facts={"refund": "501 EUR"}))
    refused = case.refuse(c.CompleteTask(item=case.task("pay a refund").id), AGENT)
    assert refused.code == "boundary"
    assert "before the refund is paid" in (refused.rule or "")
    case.accept(c.CompleteTask(item=case.task("approve a refund").id), LEAD)
    case.accept(c.CompleteTask(item=case.task("pay a refund").id), AGENT)


def test_a_small_refund_needs_no_lead() -> None:
    case = with_options()
    case.accept(c.SetFacts(facts={"refund": "500 EUR"}))
    case.accept(c.CompleteTask(item=case.task("pay a refund").id), AGENT)


def test_the_same_person_does_not_both_approve_and_pay() -> None:
    case = with_options()
    case.accept(c.CompleteTask(item=case.task("approve a refund").id), LEAD)
    refused = case.refuse(c.CompleteTask(item=case.task("pay a refund").id), LEAD)
    assert refused.facts["done before by"] == LEAD.id
    case.accept(c.CompleteTask(item=case.task("pay a refund").id), AGENT)


def test_a_complaint_is_not_closed_before_the_customer_has_answered() -> None:
    case = a_case()
    assert isinstance(case.do(c.TerminateCase(reason="enough"), LEAD), Refused)
    case.accept(c.LinkContact(contact=1, channel="mail", at=case.now, customer=7), MARIA)
    assert isinstance(case.do(c.TerminateCase(reason="enough"), LEAD), Refused), "the first contact is no answer"
    case.accept(c.LinkContact(contact=2, channel="mail", at=case.now, customer=7), MARIA)
    case.accept(c.TerminateCase(reason="enough"), LEAD)


def test_only_the_skilled_decide_a_credit_limit() -> None:
    case = a_case()
    case.accept(c.CreateTask(key="decide a credit limit"))
    refused = case.refuse(c.CompleteTask(item=case.task("decide a credit limit").id), AGENT)
    assert "credit" in (refused.rule or "")
    case.accept(c.CompleteTask(item=case.task("decide a credit limit").id), LEAD)


def test_the_goal_is_reached_exactly_when_its_sentence_is_true() -> None:
    case = a_case()
    case.accept(c.SetFacts(facts={"card status": "active"}))
    assert case.goal("card works").status == "active"
    case.accept(c.ConfirmOutcome(), MARIA)
    assert case.goal("card works").status == "reached"


def test_the_term_of_the_goal_runs_in_business_time_and_is_breached_at_the_minute() -> None:
    case = a_case()
    case.pass_time(timedelta(hours=3, minutes=59))
    assert not case.told(e.GoalBreached)
    case.pass_time(timedelta(minutes=1))
    [breach] = case.told(e.GoalBreached)
    assert breach.due - case.history[0][1].at == timedelta(hours=4)


def test_a_low_perception_adds_the_goal_and_tells_the_lead_once() -> None:
    case = a_case()
    for score in (2, 1):
        case.accept(c.RecordPerception(score=score), MARIA)
    assert [told.whom for told in case.told(e.Told)] == ["team lead"]
    assert [added.key for added in case.told(e.GoalAdded)].count("win the customer back") == 1


def test_the_offer_is_made_when_the_goal_is_reached_and_its_outcome_is_kept() -> None:
    case = a_case()
    case.accept(c.SetFacts(facts={"card status": "active", "travel insurance": False}))
    case.accept(c.ConfirmOutcome(), MARIA)
    assert [made.offer for made in case.told(e.OfferMade)] == ["travel insurance"]
    case.accept(c.AnswerOffer(offer="travel insurance", outcome="accepted"))
    assert case.state.offers == {"travel insurance": "accepted"}


def test_a_task_that_leaves_with_its_stage_holds_nothing_back() -> None:
    rule = '  - A complaint must not be closed while the task "pay a refund" is open.\n'
    case = Case(
        GOAL + rule, HOUSE.replace("  - A complaint must not be closed before the customer has answered.\n", "")
    ).open()
    case.accept(c.ChooseOption(goal=case.goal("card works").id, option="refund"))
    assert isinstance(case.do(c.TerminateCase(reason="enough"), LEAD), Refused)
    case.accept(c.WaiveGoal(goal=case.goal("card works").id, reason="not needed"))
    assert case.status() == "completed"


def test_the_time_of_day_is_that_of_the_house() -> None:
    case = Case(GOAL + "  - The refund must only be paid between 08:00 and 18:00.\n", HOUSE).open()
    case.accept(c.ChooseOption(goal=case.goal("card works").id, option="refund"))
    case.accept(c.SetFacts(facts={"refund": "10 EUR"}))
    case.now += timedelta(hours=10)
    assert isinstance(case.do(c.CompleteTask(item=case.task("pay a refund").id)), Refused)
    case.now += timedelta(hours=14)
    case.accept(c.CompleteTask(item=case.task("pay a refund").id))


def test_a_warning_of_a_clock_is_reacted_to() -> None:
    text = """
goals:
  first answer: {title: First answer, clock: {within: 4 hours, warn: 1 hour}}
rules:
  - When the goal "first answer" is nearly late, tell the supervisor.
"""
    case = Case(text).open()
    case.pass_time(timedelta(hours=3, minutes=1))
    assert [event.whom for event in case.told(e.Told)] == ["supervisor"]
