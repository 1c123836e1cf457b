"""Random cases under random rules: whatever is proposed, what is shown can be done."""

import copy
import random
from typing import Any

import msgspec
import pytest

from caseloom.cases.queries import CaseView
from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.refusal import Refused
from caseloom.learning.advised import Advice, Advised
from caseloom.web.desk.advice import AdviceLine, legal_lines
from tests.engine.case.kit import AGENT, LEAD, Case

DEFINITION = """
facts:
  amount: {type: number, initial: 0}
  checked: {type: boolean}
goals:
  known:
    title: Known
    reached when: checked = true
    options: {ask: {title: Ask, tasks: [ask]}, call: {title: Call, tasks: [call, note], when: amount < 500}}
  paid:
    title: Paid
    after: [known]
    options: {pay: {title: Pay, tasks: [pay]}, slow: {title: Slowly, tasks: [note, pay]}}
  extra: {title: Extra, added only: true}
tasks:
  ask: {form: [checked], must: [checked]}
  call: {title: Call}
  note: {title: Note}
  pay: {form: [amount], role: team lead}
letters: {thanks: {title: Thanks, subject: Thanks, text: Thank you}}
"""
RULES = (
    "The task \"pay\" must be done at most twice.",
    "The task \"note\" must not be done before the task \"call\" is done.",
    "The same person must not both do the task \"call\" and do the task \"pay\".",
    "Only a team lead may do the task \"note\".",
    "The amount must be at most 400.",
    "The goal \"paid\" must not be reached before the task \"pay\" is done.",
)  # fmt: skip
GUARDS = (
    ("choose call", 'checked = true'), ("create note", "amount > 100"), ("add extra", "amount > 200"),
    ("complete call", "amount <= 300"), ("choose slow", 'list contains(actor.roles, "team lead")'),
    ("reach known", "false"),
)  # fmt: skip
ACTIONS = (
    "complete ask", "complete call", "complete note", "complete pay", "choose ask", "choose call", "choose pay",
    "choose slow", "create call", "create note", "create pay", "send thanks", "reach known", "reach paid", "add extra",
    "add paid", "hand over to back", "waive known", "customer writes", "nonsense", "complete", "choose nothing",
)  # fmt: skip
NOTHING = Advised("test")


def _text(rng: random.Random) -> str:
    chosen = [rule for rule in RULES if rng.random() < 0.4]
    guards = [guard for guard in GUARDS if rng.random() < 0.4]
    text = DEFINITION
    if chosen:
        text += "rules:\n" + "".join(f"  - {rule}\n" for rule in chosen)
    if guards:
        text += "boundary rules:\n" + "".join(
            f"  - {{says: Guard {number}., require: '{require}', guards: [{act}]}}\n"
            for number, (act, require) in enumerate(guards)
        )
    return text


def _moves(rng: random.Random, case: Case) -> c.Command:
    items, goals = list(case.state.items), list(case.state.goals)
    return rng.choice(
        (
            lambda: c.SetFacts(facts={"amount": rng.choice((0, 150, 250, 450))}),
            lambda: c.SetFacts(facts={"checked": rng.random() < 0.5}),
            lambda: c.CreateTask(key=rng.choice(("call", "note", "pay"))),
            lambda: c.CompleteTask(item=rng.choice(items or [1])),
            lambda: c.ChooseOption(goal=rng.choice(goals or [1]), option=rng.choice(("ask", "call", "pay", "slow"))),
            lambda: c.AddGoal(key="extra"),
            lambda: c.SuspendCase(reason="x"),
            lambda: c.ResumeCase(),
            lambda: c.AnswerAdvice(action=rng.choice(ACTIONS), answer="declined", reason="no"),
        )
    )()


def _view(case: Case) -> CaseView:
    return CaseView(case.state, 1, case.plans[case.key])


def _would(case: Case, command: c.Command, actor: Actor) -> Refused | None:
    twin = copy.copy(case)
    twin.history = [*case.history]
    outcome = twin.do(command, actor)
    return outcome if isinstance(outcome, Refused) else None


def _built(line: AdviceLine) -> c.Command:
    """What the desk would send for a line."""
    kind = getattr(c, line.command)
    built: c.Command = msgspec.convert(dict(line.fields), kind, strict=False)
    return built


def _tried(seed: int) -> int:
    """One random case; how many proposals were shown."""
    rng = random.Random(seed)
    case = Case(_text(rng)).open()
    actor: Any = rng.choice((AGENT, LEAD))
    for _ in range(rng.randrange(8)):
        case.do(_moves(rng, case), rng.choice((AGENT, LEAD)))
    actions = rng.sample(ACTIONS, len(ACTIONS))
    advised = msgspec.structs.replace(NOTHING, next=tuple(Advice(action, 0.5) for action in actions))
    shown = list(legal_lines(_view(case), advised, case.now, lambda command: _would(case, command, actor)))
    for line in shown:
        assert line.action not in [one for one, (said, _at) in case.state.advice.items() if said == "declined"]
        if line.command:
            assert _would(case, _built(line), actor) is None, (seed, line)
        else:
            assert line.action.startswith(("complete", "send")), (seed, line)
    return len(shown)


def test_what_is_shown_can_be_done() -> None:
    assert sum(_tried(seed) for seed in range(400)) > 400


@pytest.mark.nightly
def test_what_is_shown_can_be_done_in_ten_thousand_cases() -> None:
    assert sum(_tried(seed) for seed in range(1_000, 11_000)) > 10_000
