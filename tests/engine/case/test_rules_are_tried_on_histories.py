"""What a trial says of a history is what the engine does when the same commands come under the rule."""

import random
from typing import Any

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import PROGRAM, Actor
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.trial import Finding, Step, trial
from caseloom.engine.case.turn import Moment
from caseloom.engine.rules.compiler import compile_plan
from caseloom.interchange.yaml_text import read_house_rules, read_service_goal
from tests.engine.case.kit import AGENT, HEAD, HOUSE, LEAD, MARIA, OFFICE, Case

TEXT = """
facts:
  checked: {type: boolean}
  amount: {type: number}
goals:
  paid: {title: Paid, options: {pay: {title: Pay, tasks: [check, pay]}, skip: {title: Skip, tasks: [pay]}}}
  content: {title: Content, added only: true}
tasks:
  check: {form: [checked, amount]}
  pay: {form: [amount], repeat: "true"}
  wait: {kind: wait}
"""
BOUNDARIES = (
    ("amount <= 100", ""),
    ('amount <= 50 or list contains(actor.roles, "team lead")', "guards: [complete pay]"),
    ("checked = true", "guards: [complete pay, choose skip]"),
    ("checked = true", "guards: [close]"),
    ("amount != 60", "guards: [set amount]"),
    ("perception >= 3 or checked = true", ""),
)


def rules(number: int) -> str:
    require, guards = BOUNDARIES[number]
    guard = f", {guards}" if guards else ""
    return f"boundary rules:\n  - {{says: The rule., require: '{require}'{guard}}}\n"


def commands(case: Case, chance: random.Random) -> tuple[c.Command, Actor]:
    items = [item.id for item in case.state.items.values() if item.kind == "task"] or [1]
    item = chance.choice(items)
    facts: dict[str, Any] = {"amount": chance.choice([10, 60, 200])}
    if chance.random() < 0.5:
        facts["checked"] = chance.random() < 0.7
    known = case.state.items.get(item)
    form = {name: value for name, value in facts.items() if known and name in known.form}
    goal = chance.choice(list(case.state.goals) or [1])
    contact = 1000 + len(case.history)
    return chance.choice(
        [
            (c.SetFacts(facts=facts), chance.choice([AGENT, LEAD])),
            (c.CompleteTask(item=item, facts=form), chance.choice([AGENT, LEAD])),
            (c.CompleteTask(item=item, facts=form), AGENT),
            (c.ChooseOption(goal=goal, option=chance.choice(["pay", "skip"])), AGENT),
            (c.CreateTask(key=chance.choice(["pay", "wait"])), AGENT),
            (c.CancelTask(item=item), LEAD),
            (c.RecordPerception(score=chance.randint(1, 5)), MARIA),
            (c.LinkContact(contact=contact, channel="mail", at=case.now, customer=7), MARIA),
            (c.TerminateCase(reason="enough"), LEAD) if chance.random() < 0.2 else (c.AddNote(text="hm"), AGENT),
        ]
    )


def live(
    text: str, seed: int, script: list[tuple[c.Command, Actor]] | None = None
) -> tuple[list[Step], list[Any], int]:
    """A life: its steps, its accepted commands, and the version at which the script was refused (0: never)."""
    case, chance, steps, done = Case(text), random.Random(seed), list[Step](), list[tuple[c.Command, Actor]]()
    opening: tuple[c.Command, Actor] = (c.OpenCase(case=100, customer=7, service_goal="test", version=1), AGENT)
    for number in range(30):
        command, actor = script[number] if script else (opening if number == 0 else commands(case, chance))
        version = len(case.history) + 1
        outcome = case.do(command, actor)
        if isinstance(outcome, Refused):
            if script:
                return steps, done, version
            continue
        if outcome:
            steps.append(Step(version, actor, case.now, outcome))
            done.append((command, actor))
        if script and number + 1 == len(script):
            break
    return steps, done, 0


def tried(text: str, steps: list[Step]) -> list[Finding]:
    house = read_house_rules(HOUSE)
    plan = compile_plan(read_service_goal(HEAD + text), house)
    moment = Moment(steps[0].at, PROGRAM, lambda *_: plan, OFFICE, iter(()))
    return trial(plan, {"The rule."}, steps, moment)


@pytest.mark.parametrize("number", range(len(BOUNDARIES)))
def test_the_first_refusal_that_a_trial_predicts_is_the_engines(number: int) -> None:
    met = 0
    for seed in range(60):
        steps, script, _ = live(TEXT, seed)
        found = tried(TEXT + rules(number), steps)
        predicted = next((one.version for one in found if one.outcome == "refused"), 0)
        held = next((one.version for one in found if one.outcome == "held"), 0)
        _, _, refused = live(TEXT + rules(number), seed, script)
        # What is held back changes all that comes after it.
        if not held or 0 < predicted < held:
            assert refused == predicted, (seed, found)
            met += predicted > 0
    assert met > 2, "the lives hardly meet the rule"


def test_a_reaction_is_told_once_for_a_condition_and_each_time_for_what_happens() -> None:
    text = TEXT + "reactions:\n  - {says: The rule., when: perception < 3, do: [{add goal: content}]}\n"
    case = Case(TEXT).open()
    steps = []
    for score in (2, 1, 4, 2):
        version = len(case.history) + 1
        steps.append(Step(version, MARIA, case.now, case.accept(c.RecordPerception(score=score), MARIA)))
    opening = Step(1, AGENT, case.now, tuple(event for event, _ in case.history[: steps[0].version - 1]))
    found = tried(text, [opening, *steps])
    assert [(one.outcome, one.version) for one in found] == [
        ("fired", steps[0].version),
        ("fired", steps[3].version),
    ]
