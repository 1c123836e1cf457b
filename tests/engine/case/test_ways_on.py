"""The way on that a refusal names is legal, and no shorter one exists."""

import random
from itertools import product
from typing import Any

import msgspec
import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.decide import decide
from caseloom.engine.case.moves import hands_of, moves, values_of
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.engine.case.turn import Moment
from caseloom.engine.case.ways import named, shortest_way
from tests.engine.case.kit import AGENT, HOUSE, LEAD, OFFICE, Case

TEXT = """
facts:
  checked: {type: boolean}
  amount: {type: money}
goals:
  paid: {title: Paid, options: {pay: {title: Pay, tasks: [check, approve, pay, note], automatic: true}}}
tasks:
  check: {form: [checked], must: [checked]}
  approve: {}
  pay: {}
  note: {}
"""
SENTENCES = (
    'The task "approve" must be done by a team lead before the task "pay" is done.',
    'The same person must not both do the task "approve" and do the task "pay".',
    'The task "pay" must not be done until the task "note" is done.',
    'The task "note" must be done by 2 different persons before the task "pay" is done.',
    'The task "check" must not be done after the task "note" is done.',
)
BOUNDARIES = (
    "{says: Checked first., require: checked = true, guards: [complete pay]}",
    "{says: At most 500., require: 'amount <= money(500, \"EUR\")'}",
    "{says: A lead pays., require: 'list contains(actor.roles, \"team lead\")', guards: [complete pay]}",
    "{says: Known., require: amount != null, guards: [complete approve, complete pay]}",
    "{says: Credit only., require: 'list contains(actor.skills, \"credit\")', guards: [complete approve]}",
    "{says: Small or checked., require: 'amount <= money(50, \"EUR\") or checked = true', guards: [complete approve]}",
)
TRIED = 20_000


def a_definition(chance: random.Random) -> str:
    rules = chance.sample(BOUNDARIES, chance.randint(0, 3))
    said = chance.sample(SENTENCES, chance.randint(0 if rules else 1, 2))
    body = "boundary rules:\n" + "".join(f"  - {rule}\n" for rule in rules) if rules else ""
    return TEXT + body + ("rules:\n" + "".join(f"  - {rule}\n" for rule in said) if said else "")


def a_refusal(chance: random.Random) -> tuple[Case, c.Command, Actor, Refused] | None:
    """A case somewhere in its life, and a command that a boundary refuses there."""
    case = Case(a_definition(chance), HOUSE).open()
    for _ in range(12):
        keys = [item.key for item in case.state.items.values() if item.kind == "task"]
        if not keys:
            return None
        key, actor = chance.choice(keys), chance.choice([AGENT, LEAD])
        facts: dict[str, Any] = {"checked": chance.random() < 0.5} if key == "check" else {}
        amount = {"amount": f"{chance.choice([10, 60, 600])} EUR"}
        given: c.Command = (
            c.SetFacts(facts=amount) if chance.random() < 0.3 else c.CompleteTask(item=case.task(key).id, facts=facts)
        )
        outcome = case.do(given, actor)
        if isinstance(outcome, Refused) and outcome.code == "boundary":
            return case, given, actor, outcome
    return None


def moment(case: Case, actor: Actor) -> Moment:
    return Moment(case.now, actor, lambda key, version, house: case.plans[key], OFFICE, iter(range(9000, 10**6)))


def after(case: Case, state: CaseState, command: c.Command, actor: Actor) -> CaseState | None:
    copy = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=CaseState)
    outcome = decide(copy, command, moment(case, actor))
    copy.rest()
    return None if isinstance(outcome, Refused) else copy


def brute_force(case: Case, command: c.Command, actor: Actor, longest: int) -> int | None:
    """The length of the shortest way, by trying everything that anybody could do, in order of length."""
    plan = case.plans[case.key]
    hands, values = hands_of(plan, actor), values_of(plan)
    states = [case.replay()]
    facts = getattr(command, "facts", {})
    variants = [command] + [
        msgspec.structs.replace(command, facts={**facts, name: value}) for name in facts for value in values[name]
    ]
    for length in range(1, longest + 1):
        for state, variant, hand in product(states, variants, hands):
            if after(case, state, variant, hand.actor) is not None:
                return length
        further = (after(case, s, m.command, m.hand.actor) for s in states for m in moves(s, plan, hands, values))
        unique = {msgspec.msgpack.encode(state): state for state in further if state is not None}
        states = list(unique.values())
    return None


def check(seeds: range, longest: int) -> int:
    """How many refusals had a way. Each is lived; of what is shorter, everything that anybody could do is tried."""
    met = 0
    for seed in seeds:
        found = a_refusal(random.Random(seed))
        if found is None:
            continue
        case, command, actor, refused = found
        way = shortest_way(case.replay(), command, moment(case, actor), longest, TRIED)
        shorter = len(way) - 1 if way is not None else min(longest, 2)
        assert brute_force(case, command, actor, shorter) is None, (seed, refused, way)
        state: CaseState | None = case.replay()
        for move in way or ():
            assert state is not None
            state = after(case, state, move.command, move.hand.actor)
        assert state is not None, (seed, "the way that is named is refused")
        met += way is not None
    return met


def test_the_way_that_is_named_is_legal_and_the_shortest() -> None:
    assert check(range(90), 2) > 30


@pytest.mark.nightly
def test_a_thousand_ways_are_legal_and_the_shortest_of_up_to_four() -> None:
    assert check(range(60, 1400), 4) >= 1000


def test_a_refusal_names_who_may_do_it() -> None:
    case = Case(TEXT + "boundary rules:\n  - " + BOUNDARIES[2] + "\n", HOUSE).open()
    pay = c.CompleteTask(item=case.task("pay").id)
    refused = case.refuse(pay, AGENT)
    told = named(refused, shortest_way(case.replay(), pay, moment(case, AGENT)))
    assert (told.next[0].label, told.next[0].who) == ("Let a team lead do it", "team lead")
