"""What a form, a guard or a role forbids one way is not to be had another way."""

from datetime import timedelta

import pytest

from caseloom.engine.case import commands as c
from tests.engine.case.kit import LEAD, MARIA, MONDAY, Case

REFUND = """
self service: true
start form: [wish]
facts:
  wish: {}
  refund: {type: number}
goals:
  paid: {title: Paid}
tasks:
  pay: {title: Pay, form: [refund], role: team lead}
  letter: {title: Tell them, kind: letter, letter: told, role: team lead}
letters:
  told: {subject: Told, text: We told you.}
boundary rules:
  - says: The refund is set by a team lead.
    require: list contains(actor.roles, "team lead")
    guards: [set refund]
"""


def test_a_guarded_fact_is_not_set_by_completing_some_task() -> None:
    case = Case(REFUND).open()
    case.accept(c.CreateTask(title="Anything"))
    assert case.refuse(c.CompleteTask(item=case.task("Anything").id, facts={"refund": 90})).code == "boundary"
    case.accept(c.CompleteTask(item=case.task("Anything").id, facts={"refund": 90}), LEAD)


def test_a_guarded_fact_is_not_set_by_opening_the_case() -> None:
    case = Case(REFUND)
    opening = c.OpenCase(case=100, customer=7, service_goal="test", version=1, facts={"refund": 90})
    assert case.refuse(opening).code == "boundary"
    case.accept(opening, LEAD)


def test_a_customer_who_starts_alone_says_no_more_than_the_start_form_asks() -> None:
    case = Case(REFUND)
    asked = {"case": 100, "customer": 7, "service_goal": "test", "version": 1}
    assert case.refuse(c.OpenCase(**asked, facts={"refund": 90}), MARIA).code == "rights"  # type: ignore[arg-type]
    case.accept(c.OpenCase(**asked, facts={"wish": "my money"}), MARIA)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "field",
    [
        {"team": "field"},
        {"owner": "agent:1"},
        {"title": "Urgent"},
        {"contact": 5},
        {"automatic": True},
    ],
)
def test_a_customer_who_starts_alone_decides_nothing_that_is_ours(field: dict[str, object]) -> None:
    opening = c.OpenCase(case=100, customer=7, service_goal="test", version=1, **field)  # type: ignore[arg-type]
    assert Case(REFUND).refuse(opening, MARIA).code == "rights"


def test_sending_a_letter_does_not_complete_a_task_that_is_no_letter() -> None:
    case = Case(REFUND).open()
    case.accept(c.CreateTask(key="pay"))
    mail = c.SendMessage(contact=9, to="a@example.org", subject="x", text="x", item=case.task("pay").id)
    assert case.refuse(mail, LEAD).code == "wrong state"


def test_a_letter_is_sent_by_those_whose_task_it_is() -> None:
    case = Case(REFUND).open()
    case.accept(c.CreateTask(key="letter"))
    mail = c.SendMessage(contact=9, to="a@example.org", subject="x", text="x", item=case.task("letter").id)
    assert case.refuse(mail).code == "role"
    case.accept(mail, LEAD)


def test_people_do_not_ring_timers_nor_settle_messages() -> None:
    case = Case(REFUND.replace("paid: {title: Paid}", "paid: {title: Paid, clock: {within: 1 hour}}")).open()
    case.now += timedelta(hours=2)
    number = case.goal("paid").id
    assert case.refuse(c.TimerDue(timer=f"goal {number} due")).code == "rights"
    assert case.refuse(c.SettleMessage(contact=9, status="accepted")).code == "rights"


def test_a_contact_is_not_made_in_the_future() -> None:
    opening = c.OpenCase(case=100, customer=7, contact_at=MONDAY + timedelta(days=2), service_goal="test", version=1)
    assert Case(REFUND).refuse(opening).code == "invalid"


def test_a_customer_who_starts_alone_starts_now() -> None:
    opening = c.OpenCase(case=100, customer=7, contact_at=MONDAY - timedelta(days=9), service_goal="test", version=1)
    assert Case(REFUND).refuse(opening, MARIA).code == "invalid"


def test_a_customer_does_not_replace_a_way_that_the_house_has_chosen() -> None:
    ways = "alone: {title: Alone, tasks: [pay], for customer: true}, together: {title: Together, tasks: [pay]}"
    case = Case(REFUND.replace("paid: {title: Paid}", f"paid: {{title: Paid, options: {{{ways}}}}}")).open()
    goal = case.goal("paid").id
    case.accept(c.ChooseOption(goal=goal, option="together"))
    assert case.refuse(c.ChooseOption(goal=goal, option="alone"), MARIA).code == "rights"
    assert case.goal("paid").option == "together"
