"""Part (c) of `caseloom bench rules`: what a command costs in a case under 200 rules of which it touches three."""

import time
from datetime import UTC, datetime
from itertools import count
from statistics import median
from typing import Final

import msgspec

from caseloom.engine.calendar import ALWAYS_OPEN
from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.decide import decide
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.engine.case.turn import Moment
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.service_goal import FactSpec, GoalSpec, HouseRules, OptionSpec, ServiceGoal, TaskSpec

RULES: Final = 200
ROUNDS: Final = 2_000
AGENT: Final = Actor("agent:1", "agent", "Ada", frozenset(("agent",)))
NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOUCHED: Final = (
    "The amount must be at most 5000 EUR.",
    "An amount above 500 EUR must be approved by a team lead before the amount is paid.",
    "The same person must not both approve and pay the amount.",
)


def _plan(others: int) -> Plan:
    """A plan of the three touched rules and so many others, a third of them on facts, on acts and on order each."""
    numbers = range(others // 3 + 1)
    facts = {"amount": FactSpec(type="money"), **{f"figure {n}": FactSpec(type="number") for n in numbers}}
    tasks = {"approve the amount": TaskSpec(), "pay the amount": TaskSpec(form=("amount",), repeat="true")}
    tasks |= {f"{verb} the paper {n}": TaskSpec() for n in numbers for verb in ("check", "send")}
    rules = [
        rule
        for n in numbers
        for rule in (
            f'The fact "figure {n}" must be at most {n + 10}.',
            f'The paper {n} must only be sent if the fact "figure {n}" is above 3.',
            f"The paper {n} must be checked before the paper {n} is sent.",
        )
    ][:others]
    goal = ServiceGoal(
        service_goal="bench",
        title="Bench",
        customer_title="Bench",
        owner="team lead",
        team="",
        facts=facts,
        tasks=tasks,
        rules=(*TOUCHED, *rules),
        goals={"paid": GoalSpec(title="Paid", options={"pay": OptionSpec(title="Pay", tasks=("pay the amount",))})},
    )
    return compile_plan(goal, HouseRules(house_rules="house", title="House", roles={"team lead": "Leads"}))


def _seconds(plan: Plan) -> float:
    """The median time of one command: a task is done, with a value in its form."""
    moment = Moment(NOW, AGENT, lambda *_: plan, ALWAYS_OPEN, count(1_000))
    state = CaseState()
    for first in (
        c.OpenCase(case=1, customer=1, service_goal="bench", version=1),
        c.ChooseOption(goal=1, option="pay"),
    ):
        assert not isinstance(decide(state, first, moment), Refused)  # noqa: S101 - a broken bench says nothing
        state.rest()
    item = next(item.id for item in state.items.values() if item.key == "pay the amount")
    stored = msgspec.msgpack.encode(state)
    read = msgspec.msgpack.Decoder(CaseState).decode
    times = []
    for number in range(ROUNDS):
        fresh = read(stored)
        command = c.CompleteTask(item=item, facts={"amount": f"{number % 400 + 1} EUR"})
        began = time.perf_counter()
        outcome = decide(fresh, command, moment)
        times.append(time.perf_counter() - began)
        assert not isinstance(outcome, Refused), outcome  # noqa: S101
    return median(times)


def measure() -> dict[str, float]:
    """Seconds of a command under the three rules alone, and under all."""
    few, many = _plan(0), _plan(RULES - len(TOUCHED))
    rounds = [(_seconds(few), _seconds(many)) for _ in range(3)]
    return {"few": min(one for one, _ in rounds), "many": min(other for _, other in rounds)}
