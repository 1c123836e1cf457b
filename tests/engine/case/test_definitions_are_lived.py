"""Forty faulty definitions and forty sound ones, lived before they are published."""

import msgspec
import pytest

from caseloom.engine.case.checking import Checked, Concern, check
from caseloom.engine.case.decide import decide
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.engine.case.turn import Moment
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.plan import Plan
from caseloom.interchange.yaml_text import read_house_rules, read_service_goal
from tests.engine.case.kit import MONDAY, OFFICE

HOUSE = """
house rules: house
title: The house
roles: {team lead: A team lead}
teams: {service: Service}
skills: {credit: May decide on credit}
"""
GOAL = """
service goal: test
title: A test
customer title: My test
owner: process owner
team: service
facts:
  refund: {type: money}
  score: {type: number}
  checked: {type: boolean}
  kind: {type: choice, choices: [small, large]}
  code: {type: text}
goals:
  paid:
    title: Paid
    reached when: REACHED
    options: {pay: {title: Pay, tasks: [approve the refund, pay the refund]}}
tasks:
  approve the refund: {}
  pay the refund: {sets: {checked: "true"}}
"""
REACHED = "checked = true"
Planted = tuple[str, list[str], str, str]
"""What `reached when` says, the sentences, the kind of concern, what it is about."""
PAY, APPROVE = "completing “pay the refund”", "completing “approve the refund”"
APPROVED_FIRST = "The refund must be approved before the refund is paid."

PLANTED: dict[str, Planted] = {
    # Sentences that leave no value.
    "over and under": (
        REACHED,
        ["The score must be at least 10.", "The score must be at most 5."],
        "contradiction",
        "score",
    ),
    "above and below": (
        REACHED,
        ["The score must be above 7.", "The score must be below 7."],
        "contradiction",
        "score",
    ),
    "between and above": (
        REACHED,
        ["The score must be between 1 and 5.", "The score must be above 9."],
        "contradiction",
        "score",
    ),
    "one of and none of": (REACHED, ["The score must be 3.", "The score must be 4."], "contradiction", "score"),
    "is and is not": (REACHED, ["The score must be 3.", "The score must not be 3."], "contradiction", "score"),
    "money over and under": (
        REACHED,
        ["The refund must be at least 100 EUR.", "The refund must be at most 50 EUR."],
        "contradiction",
        "refund",
    ),
    "money exact twice": (
        REACHED,
        ["The refund must be 10 EUR.", "The refund must be 20 EUR."],
        "contradiction",
        "refund",
    ),
    "neither choice": (
        REACHED,
        ['The kind must not be "small".', 'The kind must not be "large".'],
        "contradiction",
        "kind",
    ),
    "two choices at once": (
        REACHED,
        ['The kind must be "small".', 'The kind must be "large".'],
        "contradiction",
        "kind",
    ),
    "neither truth": (REACHED, ["The checked must be true.", "The checked must be false."], "contradiction", "checked"),
    # Sentences that leave nobody, or no moment, for an act.
    "only a lead and never a lead": (
        REACHED,
        ["The refund must be paid by a team lead.", "The refund must not be paid by a team lead."],
        "contradiction",
        PAY,
    ),
    "only the skilled and never an agent": (
        REACHED,
        ['The refund must be paid by a person with the skill "credit".', "The refund must never be paid."],
        "contradiction",
        PAY,
    ),
    "each before the other": (
        REACHED,
        [APPROVED_FIRST, "The refund must be paid before the refund is approved."],
        "contradiction",
        APPROVE,
    ),
    "never paid": (REACHED, ["The refund must never be paid."], "contradiction", PAY),
    "approved never": (REACHED, [APPROVED_FIRST, "The refund must never be approved."], "contradiction", PAY),
    "the same and another person": (
        REACHED,
        [
            "The same person must not both approve and pay the refund.",
            "The same person must both approve and pay the refund.",
            APPROVED_FIRST,
        ],
        "contradiction",
        PAY,
    ),
    "if small and if not small": (
        REACHED,
        ['The refund must only be paid if the kind is "small".', 'The refund must not be paid if the kind is "small".'],
        "contradiction",
        PAY,
    ),
    "when high and when low": (
        REACHED,
        [
            "The refund must only be paid if the score is above 5.",
            "The refund must only be paid if the score is below 5.",
        ],
        "contradiction",
        PAY,
    ),
    "a value that data forbid": (
        REACHED,
        ["The refund must only be paid if the score is above 5.", "The score must be at most 5."],
        "contradiction",
        PAY,
    ),
    "a choice that data forbid": (
        REACHED,
        ['The refund must only be paid if the kind is "large".', 'The kind must be "small".'],
        "contradiction",
        PAY,
    ),
    "a truth that data forbid": (
        REACHED,
        ["The refund must only be approved if the checked is true.", "The checked must be false."],
        "contradiction",
        APPROVE,
    ),
    "after what never is": (
        REACHED,
        [
            "The refund must only be paid after the refund is approved.",
            "The refund must not be approved until the refund is paid.",
        ],
        "contradiction",
        PAY,
    ),
    "by one who may not come first": (
        REACHED,
        [
            "Only the person who approved the refund may pay the refund.",
            "The same person must not both approve and pay the refund.",
            APPROVED_FIRST,
        ],
        "contradiction",
        PAY,
    ),
    "not within and not later": (
        REACHED,
        [
            APPROVED_FIRST,
            "The refund must not be paid within 3 days after the refund is approved.",
            "The refund must not be paid later than 1 day after the refund is approved.",
        ],
        "contradiction",
        PAY,
    ),
    # Goals that nothing reaches.
    "a number that is forbidden": ("score >= 10", ["The score must be below 10."], "unreachable goal", "paid"),
    "a sum that is forbidden": (
        'refund >= money(100, "EUR")',
        ["The refund must be at most 50 EUR."],
        "unreachable goal",
        "paid",
    ),
    "a choice that is forbidden": ('kind = "large"', ['The kind must be "small".'], "unreachable goal", "paid"),
    "a truth that is forbidden": (REACHED, ["The checked must be false."], "unreachable goal", "paid"),
    "a condition that contradicts itself": ("score > 5 and score < 3", [], "unreachable goal", "paid"),
    "two choices in one goal": ('kind = "small" and kind = "large"', [], "unreachable goal", "paid"),
    "a choice that there is not": ('kind = "huge"', [], "unreachable goal", "paid"),
    "a goal that waits for its own facts": ("checked = true and checked = false", [], "unreachable goal", "paid"),
    # Sentences that another one makes idle, or that nothing can touch.
    "masked limit": (
        REACHED,
        ["The score must be at most 5.", "The score must be at most 10."],
        "never matters",
        "at most 10.",
    ),
    "masked money": (
        REACHED,
        ["The refund must be at most 50 EUR.", "The refund must be at most 500 EUR."],
        "never matters",
        "500 EUR",
    ),
    "masked floor": (
        REACHED,
        ["The score must be at least 10.", "The score must be at least 5."],
        "never matters",
        "at least 5.",
    ),
    "masked by never": (
        REACHED,
        ["The refund must never be paid.", "The refund must be paid by a team lead."],
        "never matters",
        "by a team lead",
    ),
    "masked by never approved": (
        REACHED,
        ["The refund must never be approved.", "The same person must not both approve and pay the refund."],
        "never matters",
        "same person",
    ),
    "a reaction to a value that data forbid": (
        REACHED,
        ["The score must be at most 5.", "When the score is above 9, tell the team lead."],
        "never matters",
        "tell the team lead",
    ),
    "a reaction to a choice that data forbid": (
        REACHED,
        ['The kind must be "small".', 'When the kind is "large", tell the team lead.'],
        "never matters",
        "tell the team lead",
    ),
    "order of what never is": (
        REACHED,
        ["The refund must never be paid.", APPROVED_FIRST],
        "never matters",
        "approved before",
    ),
}

SOUND: dict[str, tuple[str, list[str]]] = {
    "nothing said": (REACHED, []),
    "a limit": (REACHED, ["The score must be at most 5."]),
    "a floor": (REACHED, ["The score must be at least 5."]),
    "a range": (REACHED, ["The score must be at least 5.", "The score must be at most 10."]),
    "touching bounds": (REACHED, ["The score must be at least 7.", "The score must be at most 7."]),
    "between": (REACHED, ["The score must be between 1 and 5."]),
    "exactly": (REACHED, ["The score must be 3."]),
    "not one": (REACHED, ["The score must not be 3."]),
    "money": (REACHED, ["The refund must be at most 50 EUR."]),
    "money range": (REACHED, ["The refund must be at least 10 EUR.", "The refund must be at most 50 EUR."]),
    "not one choice": (REACHED, ['The kind must not be "small".']),
    "one choice": (REACHED, ['The kind must be "small".']),
    "two limits on two facts": (REACHED, ["The score must be at most 5.", "The refund must be at most 50 EUR."]),
    "a lead pays": (REACHED, ["The refund must be paid by a team lead."]),
    "no lead pays": (REACHED, ["The refund must not be paid by a team lead."]),
    "a lead approves": (REACHED, ["The refund must be approved by a team lead."]),
    "the skilled pay": (REACHED, ['The refund must be paid by a person with the skill "credit".']),
    "approved first": (REACHED, [APPROVED_FIRST]),
    "paid only after": (REACHED, ["The refund must only be paid after the refund is approved."]),
    "not until": (REACHED, ["The refund must not be paid until the refund is approved."]),
    "four eyes": (REACHED, ["The same person must not both approve and pay the refund."]),
    "two eyes": (REACHED, ["The same person must both approve and pay the refund."]),
    "four eyes in order": (REACHED, ["The same person must not both approve and pay the refund.", APPROVED_FIRST]),
    "a high one is approved": (
        REACHED,
        ["A refund above 500 EUR must be approved by a team lead before the refund is paid."],
    ),
    "a high one by a lead": (REACHED, ["A refund above 500 EUR must be paid by a team lead."]),
    "only if small": (REACHED, ['The refund must only be paid if the kind is "small".']),
    "not if large": (REACHED, ['The refund must not be paid if the kind is "large".']),
    "only if high": (REACHED, ["The refund must only be paid if the score is above 5."]),
    "only if within a limit": (
        REACHED,
        ["The refund must only be paid if the score is above 5.", "The score must be at most 10."],
    ),
    "at most once": (REACHED, ["The refund must be paid at most once."]),
    "not again after": (REACHED, ["The refund must not be approved after the refund is paid."]),
    "within days": (REACHED, ["The refund must not be paid within 2 days after the refund is approved."]),
    "at the latest": (REACHED, ["The refund must not be paid later than 2 days after the refund is approved."]),
    "a number to reach": ("score >= 10", ["The score must be at most 10."]),
    "a sum to reach": ('refund >= money(100, "EUR")', ["The refund must be at most 500 EUR."]),
    "a choice to reach": ('kind = "large"', ['The refund must only be paid if the kind is "large".']),
    "confirmed": ("customer has confirmed", ["The refund must be paid by a team lead."]),
    "a reaction to a value": (REACHED, ["When the score is above 9, tell the team lead."]),
    "a reaction to a perception": (REACHED, ["When the perception is below 3, tell the team lead."]),
    "a reaction to an act": (REACHED, ["When the refund is paid, tell the team lead."]),
}


def lived(reached: str, sentences: list[str]) -> tuple[Plan, Checked]:
    rules = "rules:\n" + "".join(f"  - {sentence!r}\n" for sentence in sentences) if sentences else ""
    goal = read_service_goal(GOAL.replace("REACHED", repr(reached)) + rules)
    plan = compile_plan(goal, read_house_rules(HOUSE))
    return plan, check(plan, OFFICE, MONDAY)


def replayed(plan: Plan, concern: Concern) -> None:
    """Live the counter-example: each step is taken or refused as it says."""
    state = CaseState()
    for step in concern.life:
        copy = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=CaseState)
        moment = Moment(step.at, step.move.hand.actor, lambda *_: plan, OFFICE, iter(range(10_000, 20_000)))
        outcome = decide(copy, step.move.command, moment)
        if step.refused:
            assert isinstance(outcome, Refused), step
            assert outcome.rule == step.refused
        else:
            assert not isinstance(outcome, Refused), outcome
            copy.rest()
            state = copy


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_is_found_with_a_counter_example(name: str) -> None:
    reached, sentences, kind, about = PLANTED[name]
    plan, checked = lived(reached, sentences)
    found = [concern for concern in checked.concerns if concern.kind == kind and about in concern.about]
    assert found, (checked.whole, checked.decisions, [str(concern) for concern in checked.concerns])
    assert found[0].life
    replayed(plan, found[0])


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_definition_raises_nothing(name: str) -> None:
    _, checked = lived(*SOUND[name])
    assert [str(concern) for concern in checked.concerns] == []


def test_there_are_forty_of_each() -> None:
    assert (len(PLANTED), len(SOUND)) == (40, 40)


@pytest.mark.parametrize("side", ["past", "future"])
def test_a_date_is_tried_on_either_side_of_today(side: str) -> None:
    text = GOAL.replace("REACHED", repr(REACHED)).replace("facts:\n", "facts:\n  due: {type: date}\n")
    text = text.replace("pay the refund: {sets", "pay the refund: {form: [due], must: [due], sets")
    goal = read_service_goal(f"{text}rules: [The due must not be in the {side}.]\n")
    checked = check(compile_plan(goal, read_house_rules(HOUSE)), OFFICE, MONDAY)
    assert [str(concern) for concern in checked.concerns] == []
