"""How rules bind where things come together: the same rule twice, many objects, late clocks, other definitions."""

from datetime import timedelta

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.actor import PROGRAM, Actor
from caseloom.engine.case.boundaries import timer_name
from caseloom.engine.case.checking import check
from caseloom.engine.case.clocks import timers
from caseloom.engine.case.trial import Finding, Step, trial
from caseloom.engine.case.turn import Moment
from caseloom.engine.rules.order import Memory
from tests.engine.case.kit import AGENT, LEAD, MARIA, MONDAY, OFFICE, Case

HOUSE = """
house rules: house
title: The house
roles: {team lead: A team lead}
teams: {service: Service}
facts:
  claims: {type: list of object}
  refund: {type: number}
words: {claims: {name: claim}}
tasks:
  pay: {}
  check: {}
  pay a claim: {about: claims}
  check a claim: {about: claims}
"""
GOAL = "goals: {done: {title: Done}}\n"


def said(*sentences: str) -> str:
    return "rules:\n" + "".join(f"  - {sentence}\n" for sentence in sentences)


def under(sentence: str) -> Case:
    """A case of a house with this rule."""
    return Case(GOAL, HOUSE + said(sentence)).open()


def do(case: Case, key: str, actor: Actor = AGENT, about: str = "") -> int:
    case.accept(c.CreateTask(key=key, about=about))
    number = case.task(key).id
    case.complete(key, actor)
    return number


# --- what counts ------------------------------------------------------------------------------------------------------


def test_a_sentence_of_house_and_service_goal_is_one_rule() -> None:
    twice = said('The task "pay" must be done at most twice.')
    case = Case(GOAL + twice, HOUSE + twice).open()
    do(case, "pay")
    do(case, "pay")
    assert not case.told(e.RuleBroken)
    case.accept(c.CreateTask(key="pay"))
    case.refuse(c.CompleteTask(item=case.task("pay").id))


def test_of_two_open_tasks_the_second_holds_the_case_when_the_first_is_done() -> None:
    case = under('The case must not be closed while the task "pay" is open.')
    case.accept(c.CreateTask(key="pay"))
    do(case, "pay")
    case.refuse(c.TerminateCase(reason="enough"))
    case.complete("pay")
    case.accept(c.TerminateCase(reason="enough"))


def test_a_task_that_is_reset_and_done_again_is_open_once() -> None:
    case = under('The case must not be closed while the task "pay" is open.')
    case.accept(c.CreateTask(key="pay"))
    case.accept(c.ResetTask(item=case.task("pay").id))
    number = case.task("pay").id
    case.complete("pay")
    case.accept(c.ResetTask(item=number))
    case.refuse(c.TerminateCase(reason="enough"))
    case.complete("pay")
    case.accept(c.TerminateCase(reason="enough"))


def test_a_finished_task_that_is_reset_is_about_its_own_object() -> None:
    rule = """
boundary rules:
  - says: No small ones.
    require: claim.amount > 5
    guards: [reset check a claim]
    subject: claims
    each: claim
"""
    case = Case(GOAL + rule, HOUSE).open()
    case.accept(c.SetFacts(facts={"claims": [{"id": "1", "amount": 9}, {"id": "2", "amount": 1}]}))
    large, small = do(case, "check a claim", about="1"), do(case, "check a claim", about="2")
    case.accept(c.ResetTask(item=large))
    case.refuse(c.ResetTask(item=small))


def test_the_reset_of_one_object_counts_for_no_other() -> None:
    case = under('The task "check a claim" must be reset at most once.')
    case.accept(c.SetFacts(facts={"claims": [{"id": "1"}, {"id": "2"}]}))
    one, other = do(case, "check a claim", about="1"), do(case, "check a claim", about="2")
    case.accept(c.ResetTask(item=one))
    case.refuse(c.ResetTask(item=one))
    case.accept(c.ResetTask(item=other))


def test_a_customer_who_writes_after_we_wrote_has_answered() -> None:
    case = under("The case must not be closed before the customer has answered.")
    case.accept(c.LinkContact(contact=1, channel="phone", direction="out", at=case.now, customer=7))
    case.refuse(c.TerminateCase(reason="enough"))
    case.accept(c.LinkContact(contact=2, channel="mail", at=case.now, customer=7), MARIA)
    case.accept(c.TerminateCase(reason="enough"))


def test_a_task_that_nothing_holds_back_is_started_as_it_comes() -> None:
    case = under('Only a team lead may start the task "pay".')
    case.refuse(c.CreateTask(key="pay"))
    case.accept(c.CreateTask(key="pay"), LEAD)


# --- other definitions ------------------------------------------------------------------------------------------------


def test_classified_a_case_obeys_what_the_service_goal_says_of_its_facts() -> None:
    case = Case(GOAL + said("The refund must be at most 5."), HOUSE).open(service_goal="", version=0)
    case.accept(c.SetFacts(facts={"refund": 9}))
    assert case.refuse(c.ClassifyCase(service_goal="test", version=1)).rule == "The refund must be at most 5."
    case.accept(c.SetFacts(facts={"refund": 5}))
    case.accept(c.ClassifyCase(service_goal="test", version=1))


def test_classified_a_case_meets_the_terms_that_run_from_its_opening() -> None:
    sentence = 'The task "check" must be done within 2 days of the opening.'
    case = Case(GOAL + said(sentence), HOUSE).open(service_goal="", version=0)
    case.pass_time(timedelta(days=1))
    case.accept(c.ClassifyCase(service_goal="test", version=1))
    assert timers(case.state)[timer_name(sentence, "")] == MONDAY + timedelta(days=2)
    case.refuse(c.TerminateCase(reason="enough"))
    do(case, "check")
    case.accept(c.TerminateCase(reason="enough"))


def test_the_service_goal_that_a_case_leaves_may_forbid_it() -> None:
    case = Case(GOAL + said("Only a team lead may classify the case."), HOUSE).open()
    assert case.refuse(c.ClassifyCase(service_goal="", version=0)).code == "boundary"
    case.accept(c.ClassifyCase(service_goal="", version=0), LEAD)


def test_a_rule_that_comes_back_knows_what_happened_without_it() -> None:
    rule = said('The task "pay" must be done at most twice.')
    case = Case(GOAL, HOUSE + rule).open()
    ruled, free = case.plans["test"], Case(GOAL, HOUSE).plans["test"]
    do(case, "pay")
    case.plans["test"] = free
    case.accept(c.SwitchHouseRules(house_version=2), PROGRAM)
    do(case, "pay")
    case.plans["test"] = ruled
    [sentence] = ruled.sentences
    case.accept(c.SwitchHouseRules(house_version=3, orders={sentence: {"": Memory(2)}}), PROGRAM)
    case.accept(c.CreateTask(key="pay"))
    case.refuse(c.CompleteTask(item=case.task("pay").id))


# --- clocks -----------------------------------------------------------------------------------------------------------

FOLLOWED = 'Each time the task "pay" is done, the task "check" must be done within 2 days.'


def test_what_is_done_late_is_late_though_no_clock_has_rung_yet() -> None:
    case = under(FOLLOWED)
    do(case, "pay")
    due = case.now + timedelta(days=2)
    case.now += timedelta(days=3)
    do(case, "check")
    assert [broken.due for broken in case.told(e.RuleBroken)] == [due]
    assert timers(case.state) == {}


def test_a_clock_that_rings_at_the_very_moment_breaks_the_rule() -> None:
    case = under(FOLLOWED)
    do(case, "pay")
    case.now += timedelta(days=2)
    case.accept(c.TimerDue(timer=timer_name(FOLLOWED, "")), PROGRAM)
    assert [broken.due for broken in case.told(e.RuleBroken)] == [case.now]
    assert timers(case.state) == {}


def test_what_is_done_in_time_is_not_late() -> None:
    case = under(FOLLOWED)
    do(case, "pay")
    case.now += timedelta(days=2)
    do(case, "check")
    assert not case.told(e.RuleBroken)


def test_the_name_of_a_timer_fits_an_index_and_tells_rules_and_objects_apart() -> None:
    names = {timer_name("ü" * 2000, "1"), timer_name("ü" * 1999, "1"), timer_name("ü" * 2000, "2" * 9000)}
    assert len(names) == 3
    assert max(len(name.encode()) for name in names) < 2000
    assert timer_name("A rule.", "1") == "rule of 1: A rule."


# --- what is told -----------------------------------------------------------------------------------------------------


def test_a_customer_is_not_told_what_the_house_knows() -> None:
    text = """
facts: {risk: {type: number, initial: 90}, wish: {}}
tasks: {form: {by customer: true, form: [wish]}}
boundary rules:
  - {says: Not at a high risk., require: risk < 5, guards: [set wish]}
"""
    case = Case(GOAL + text, HOUSE).open()
    case.accept(c.CreateTask(key="form"))
    command = c.CompleteTask(item=case.task("form").id, facts={"wish": "money"})
    refused = case.refuse(command, MARIA)
    assert refused.facts == {}
    assert [step.label for step in refused.next] == ["Write to us"]
    assert case.refuse(command, AGENT).facts == {"risk": "90"}


def test_a_rule_that_holds_a_milestone_back_matters() -> None:
    text = """
milestones: {settled: {after: [check]}}
boundary rules:
  - {says: Settled above five., require: refund > 5, guards: [complete settled]}
"""
    case = Case(GOAL + text, HOUSE)
    assert "Settled above five." not in {one.about for one in check(case.plans["test"], OFFICE, MONDAY).concerns}


# --- trials -----------------------------------------------------------------------------------------------------------


def tried(text: str, house: str, rule: str, until: timedelta, *commands: tuple[c.Command, Actor]) -> list[Finding]:
    """What the rule would have done in a case that went on without it."""
    case, steps = Case(text, house), list[Step]()
    opening = c.OpenCase(case=100, customer=7, service_goal="test", version=1)
    for command, actor in ((opening, AGENT), *commands):
        version = len(case.history) + 1
        steps.append(Step(version, actor, case.now, case.accept(command, actor)))
    plan = Case(text + said(rule), house).plans["test"]
    return trial(plan, {rule}, steps, Moment(case.now + until, PROGRAM, lambda *_: plan, OFFICE, iter(())))


def test_a_trial_sees_the_term_that_nobody_did_anything_about() -> None:
    paid = ((c.CreateTask(key="pay"), AGENT), (c.CompleteTask(item=2), AGENT))
    assert tried(GOAL, HOUSE, FOLLOWED, timedelta(days=1), *paid) == []
    [found] = tried(GOAL, HOUSE, FOLLOWED, timedelta(days=3), *paid)
    assert (found.outcome, found.at) == ("broken", MONDAY + timedelta(days=2))


def test_a_trial_tells_the_objects_of_finished_tasks_apart() -> None:
    rule = 'The task "check a claim" must be reset at most once.'
    commands: tuple[c.Command, ...] = (
        c.SetFacts(facts={"claims": [{"id": "1"}, {"id": "2"}]}),
        c.CreateTask(key="check a claim", about="1"),
        c.CompleteTask(item=2),
        c.CreateTask(key="check a claim", about="2"),
        c.CompleteTask(item=3),
        c.ResetTask(item=2),
        c.ResetTask(item=3),
    )
    assert tried(GOAL, HOUSE, rule, timedelta(), *((command, AGENT) for command in commands)) == []
    again = tried(GOAL, HOUSE, rule, timedelta(), *((command, AGENT) for command in (*commands, c.ResetTask(item=2))))
    assert [found.outcome for found in again] == ["refused"]


def test_a_trial_refuses_no_contact_for_what_the_awaited_task_sets() -> None:
    text = GOAL + 'tasks: {await: {kind: wait, sets: {refund: "90"}}}\n'
    rule = "Only a team lead may set the refund."
    written = c.LinkContact(contact=3, channel="mail", at=MONDAY, customer=7)
    assert tried(text, HOUSE, rule, timedelta(), (c.CreateTask(key="await"), AGENT), (written, MARIA)) == []


def test_who_sends_a_letter_has_done_its_task() -> None:
    text = """
tasks:
  write: {kind: letter, letter: note}
  approve: {}
letters: {note: {subject: A note, text: Words}}
rules:
  - 'The same person must not both do the task "write" and do the task "approve".'
"""
    case = Case("goals: {paid: {title: Paid}}\n" + text).open()
    for key in ("write", "approve"):
        case.accept(c.CreateTask(key=key))
    mail = c.SendMessage(
        contact=9, to="a@example.org", subject="x", text="x", item=case.task("write").id, letter="note"
    )
    case.accept(mail, LEAD)
    case.accept(c.SettleMessage(contact=9, status="accepted"), PROGRAM)
    refused = case.refuse(c.CompleteTask(item=case.task("approve").id), LEAD)
    assert refused.facts["done before by"] == LEAD.id
    case.accept(c.CompleteTask(item=case.task("approve").id), AGENT)
