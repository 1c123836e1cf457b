"""Decision tasks: a published model decides by itself, and what it cannot decide waits for a person."""

from typing import Any

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.checking import check
from caseloom.engine.case.trial import Step, trial
from caseloom.engine.case.turn import Moment
from caseloom.engine.decision.graph import compile_model
from caseloom.engine.decision.published import Models, PublishedModel
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.engine.spec.values import from_wire
from caseloom.interchange.dmn_reader import read_dmn
from caseloom.interchange.yaml_text import read_house_rules, read_service_goal
from tests.engine.case.kit import AGENT, HEAD, HOUSE, LEAD, MONDAY, OFFICE, Case

LIMITS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="limits" name="limits" namespace="test">
  <inputData id="a" name="amount"><variable name="amount" typeRef="number"/></inputData>
  <inputData id="s" name="segment"><variable name="segment" typeRef="string"/></inputData>
  <decision id="w" name="who decides">
    <variable name="who decides" typeRef="string"/>
    <informationRequirement><requiredInput href="#a"/></informationRequirement>
    <informationRequirement><requiredInput href="#s"/></informationRequirement>
    <decisionTable hitPolicy="UNIQUE">
      <input><inputExpression typeRef="number"><text>amount</text></inputExpression></input>
      <input><inputExpression typeRef="string"><text>segment</text></inputExpression></input>
      <output typeRef="string"/>
      <rule><inputEntry><text>&lt;= 50</text></inputEntry><inputEntry><text>-</text></inputEntry>
        <outputEntry><text>"agent"</text></outputEntry></rule>
      <rule><inputEntry><text>(50..500]</text></inputEntry><inputEntry><text>"gold"</text></inputEntry>
        <outputEntry><text>"agent"</text></outputEntry></rule>
      <rule><inputEntry><text>&gt; 50</text></inputEntry><inputEntry><text>not("gold")</text></inputEntry>
        <outputEntry><text>"team lead"</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <decision id="r" name="ratio">
    <informationRequirement><requiredInput href="#a"/></informationRequirement>
    <literalExpression><text>100 / amount</text></literalExpression>
  </decision>
</definitions>"""
GOAL = """
facts:
  amount: {type: number}
  segment: {type: choice, choices: [gold, plain]}
  who decides: {type: choice, choices: [agent, team lead]}
goals:
  settled:
    title: Settled
    reached when: who decides != null
    options:
      find out: {title: Find out, tasks: [ask the limits]}
tasks:
  ask the limits: {kind: decision, title: Who decides, model: limits, decision: who decides}
  say it: {title: Say it, after: [ask the limits]}
"""


def _models(text: str = LIMITS, version: int = 3) -> Models:
    return {"limits": PublishedModel(version, compile_model(read_dmn(text.encode())))}


def _case(text: str = GOAL, **facts: Any) -> Case:
    case = Case(text, models=_models()).open()
    if facts:
        case.accept(c.SetFacts(facts=facts))
    return case


def _fact(case: Case, name: str) -> Any:
    found = case.state.facts.get(name)
    return found.value if found else None


def test_it_decides_as_soon_as_it_is_entered() -> None:
    case = _case(amount=70, segment="plain")
    case.accept(c.ChooseOption(goal=case.goal("settled").id, option="find out"))
    assert _fact(case, "who decides") == "team lead"
    assert case.state.facts["who decides"].source == "decision who decides"
    assert case.goal("settled").status == "reached"


def test_what_was_decided_stands_in_the_history_with_its_inputs_and_version() -> None:
    case = _case(amount="49.50", segment="plain")
    case.accept(c.CreateTask(key="ask the limits"))
    (made,) = case.told(e.DecisionMade)
    assert (made.model, made.version, made.decision) == ("limits", 3, "who decides")
    inputs = from_wire("object", made.private.inputs)
    assert {name: str(value) for name, value in inputs.items()} == {"amount": "49.50", "segment": "plain"}  # type: ignore[union-attr]
    assert made.private.result == "agent"
    assert not made.private.notes


def test_the_history_alone_gives_the_same_state() -> None:
    case = _case(amount=70, segment="gold")
    case.accept(c.CreateTask(key="ask the limits"))
    assert case.replay() == case.state


def test_what_comes_after_it_goes_on_in_the_same_step() -> None:
    text = GOAL.replace("tasks: [ask the limits]", "tasks: [ask the limits, say it]").replace(
        "who decides != null", "1 = 2"
    )
    case = _case(text, amount=70, segment="gold")
    case.accept(c.ChooseOption(goal=case.goal("settled").id, option="find out"))
    assert case.task("say it").status == "active"


def test_it_waits_for_its_entry_criteria() -> None:
    case = _case(GOAL.replace("decision: who decides}", "decision: who decides, when: amount != null}"))
    case.accept(c.CreateTask(key="ask the limits"))
    assert case.task("ask the limits").status == "available"
    case.accept(c.SetFacts(facts={"segment": "plain"}))
    assert not case.told(e.DecisionMade)
    case.accept(c.SetFacts(facts={"amount": 70}))
    assert _fact(case, "who decides") == "team lead"


def test_what_cannot_be_decided_fails_with_the_reasons() -> None:
    case = _case(segment="plain")
    case.accept(c.CreateTask(key="ask the limits"))
    item = case.task("ask the limits")
    assert item.status == "failed"
    assert case.state.waits_for == "us"
    fault = case.told(e.ItemTransitioned)[-1]
    assert fault.transition == "fault"
    assert fault.private.reason.startswith("“who decides” could not be decided: ")
    assert case.told(e.DecisionMade)[0].private.notes
    assert _fact(case, "who decides") is None


def test_a_failed_decision_is_made_again_when_it_is_reset() -> None:
    case = _case(segment="plain")
    case.accept(c.CreateTask(key="ask the limits"))
    case.accept(c.SetFacts(facts={"amount": 70}))
    case.accept(c.ResetTask(item=case.task("ask the limits").id, reason="The amount is known now."))
    assert _fact(case, "who decides") == "team lead"
    assert case.replay() == case.state


def test_a_decision_that_was_made_is_made_again_when_it_is_reset() -> None:
    case = _case(GOAL.replace("reached when: who decides != null", ""), amount=10, segment="plain")
    number = case.accept(c.CreateTask(key="ask the limits"))
    item = next(event.item for event in number if isinstance(event, e.ItemCreated))
    case.accept(c.SetFacts(facts={"amount": 70}))
    assert _fact(case, "who decides") == "agent"
    case.accept(c.ResetTask(item=item, reason="The amount was wrong."))
    assert _fact(case, "who decides") == "team lead"


def test_a_person_decides_what_the_model_could_not() -> None:
    case = _case(segment="plain")
    case.accept(c.CreateTask(key="ask the limits"))
    item = case.task("ask the limits")
    assert item.form == ("who decides",)
    assert case.refuse(c.CompleteTask(item=item.id)).message == "Please give first: who decides."
    case.complete("ask the limits", who_decides="team lead")
    assert _fact(case, "who decides") == "team lead"
    assert case.state.facts["who decides"].source == "agent:1"
    assert case.state.counters["ask the limits"].completed == 1


def test_a_failed_decision_holds_its_option() -> None:
    text = GOAL.replace("reached when: who decides != null", "")
    case = _case(text, segment="plain")
    case.accept(c.ChooseOption(goal=case.goal("settled").id, option="find out"))
    assert case.goal("settled").status == "active"
    case.complete("ask the limits", who_decides="agent")
    assert case.goal("settled").status == "reached"


def test_an_outcome_that_is_no_value_of_the_fact_fails() -> None:
    case = _case(GOAL.replace("choices: [agent, team lead]", "choices: [nobody]"), amount=10, segment="gold")
    case.accept(c.CreateTask(key="ask the limits"))
    reason = case.told(e.ItemTransitioned)[-1].private.reason
    assert reason == "“who decides” could not be set: agent is no choice of: nobody"
    assert case.task("ask the limits").status == "failed"


def test_inputs_and_outcomes_are_expressions_over_the_facts() -> None:
    text = """
facts:
  price: {type: money}
  approver: {}
  share: {type: number}
tasks:
  ask:
    kind: decision
    model: limits
    decision: who decides
    inputs: {amount: price.amount * 2, segment: '"plain"'}
    sets: {approver: 'upper case(result)', share: price.amount / 2}
"""
    case = _case(text, price="30 EUR")
    case.accept(c.CreateTask(key="ask"))
    assert (_fact(case, "approver"), _fact(case, "share")) == ("TEAM LEAD", "15")


def test_an_input_that_faults_lets_it_fail() -> None:
    inputs = "inputs: {amount: '(price + other).amount'}"
    text = GOAL.replace("decision: who decides}", f"decision: who decides, {inputs}}}").replace(
        "facts:\n", "facts:\n  price: {type: money}\n  other: {type: money}\n"
    )
    case = _case(text, price="3 EUR", other="4 USD", segment="plain")
    case.accept(c.CreateTask(key="ask the limits"))
    assert "currencies" in case.told(e.ItemTransitioned)[-1].private.reason


def test_a_rule_that_forbids_what_follows_lets_it_fail() -> None:
    rule = """
boundary rules:
  - {says: Only a team lead asks., require: 'list contains(actor.roles, "team lead")', guards: [set who decides]}
"""
    case = _case(GOAL + rule, amount=10, segment="gold")
    case.accept(c.CreateTask(key="ask the limits"))
    assert "Only a team lead asks." in case.told(e.ItemTransitioned)[-1].private.reason
    assert _fact(case, "who decides") is None
    case.accept(c.ResetTask(item=case.task("ask the limits").id), LEAD)
    assert _fact(case, "who decides") == "agent"


@pytest.mark.parametrize("guard", ["set who decides", "complete ask the limits"])
def test_a_rule_tried_on_the_past_says_that_the_decision_would_have_been_held(guard: str) -> None:
    case = _case(amount=10, segment="gold")
    before = tuple(event for event, _ in case.history)
    decided = case.accept(c.CreateTask(key="ask the limits"))
    says = "Nobody decides."
    rule = f"boundary rules:\n  - {{says: {says}, require: '1 = 2', guards: [{guard}]}}\n"
    plan = compile_plan(read_service_goal(HEAD + GOAL + rule), read_house_rules(HOUSE), _models())
    steps = [Step(1, AGENT, MONDAY, before), Step(len(before) + 1, AGENT, MONDAY, decided)]
    moment = Moment(MONDAY, AGENT, lambda *_: plan, OFFICE, iter(range(10)))
    assert {(found.outcome, found.rule) for found in trial(plan, {says}, steps, moment)} == {("held", says)}


def test_a_rule_on_the_data_refuses_the_step_that_would_break_it() -> None:
    rule = """
data rules:
  - {says: Gold is never decided., require: 'not(segment = "gold" and who decides != null)'}
"""
    case = _case(GOAL + rule, amount=10, segment="gold")
    assert case.refuse(c.CreateTask(key="ask the limits")).rule == "Gold is never decided."


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ("model: limits", "model: limit", "there is no published decision model “limit”; did you mean “limits”?"),
        ("decision: who decides", "decision: who decide", "did you mean “who decides”?"),
        ("decision: who decides", "decision: who decides, inputs: {amont: '1'}", "did you mean “amount”?"),
        ("decision: who decides", "decision: ratio", "no fact is called “ratio”"),
        ("decision: who decides", "decision: who decides, sets: {who decide: result}", "did you mean “who decides”?"),
        ("decision: who decides", "decision: who decides, inputs: {amount: amont}", "did you mean “amount”?"),
        ("kind: decision, ", "", "are for tasks of the kind `decision`"),
        ("decision: who decides", "decision: who decides, repeat: 'true'", "take `by customer` and `repeat` out"),
        (
            "amount: {type: number}",
            "amount: {type: money}",
            "is a number, the fact “amount” a money; say what it is, such as `amount: amount.amount`",
        ),
        ("  segment: {", "  segments: {", "the decision reads “segment”, and no fact is called so; say what it is"),
    ],
)
def test_what_does_not_fit_is_told_with_advice(wrong: str, right: str, says: str) -> None:
    goal = read_service_goal(HEAD + GOAL.replace(wrong, right, 1))
    with pytest.raises(DefinitionFaulty) as caught:
        compile_plan(goal, read_house_rules(HOUSE), _models())
    assert any(says in fault.message for fault in caught.value.faults), caught.value.faults


def test_a_goal_that_a_decision_leads_to_is_reachable() -> None:
    text = GOAL.replace("reached when: who decides != null", 'reached when: who decides = "team lead"')
    plan = compile_plan(read_service_goal(HEAD + text), read_house_rules(HOUSE), _models())
    found = check(plan, OFFICE, MONDAY)
    assert not [concern for concern in found.concerns if concern.kind == "unreachable goal"]
