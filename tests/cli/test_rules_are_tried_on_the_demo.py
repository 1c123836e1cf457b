"""Rules tried on the demo's past: the commands that a trial names are those that the engine then refuses."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain, count
from typing import Any

import msgspec
import pytest

from caseloom.cases.kind import moment
from caseloom.cases.trial import Candidate, past_cases, try_rules
from caseloom.cli.demo import seeding
from caseloom.cli.demo.past import PastDoor, PastOrder
from caseloom.cli.rules import candidate_of
from caseloom.engine.case import events as e
from caseloom.engine.case.decide import decide
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState, Item
from caseloom.engine.rules.plan import Plan
from caseloom.library.plans import the_plans
from caseloom.sdk.access import program
from caseloom.sdk.stream import Answer, Context, Order
from caseloom.streams.handle import Verdict
from tests.streams.kit import empty_streams

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TRIED = {
    "": """
        The goodwill must be at most 15 EUR.
        The unhappy customer must be called by a team lead.
        # Every hand-over is a place to fail.
        The case must be handed over at most once.
        The case must not be handed over again within 2 days.
    """,
    "dispute fee": """
        The refund must be at most 20 EUR.
        The refund must only be proposed if the disputed amount is below 40 EUR.
        The same person must not both check the fee and propose the refund.
        The refund must be approved before the refund is paid.
    """,
    "activate card": """
        The card must not be switched on within 2 hours after the identity is checked.
        The card must be switched on by a person with the skill "cards".
    """,
}
Story = list[tuple[Order, Answer]]


@pytest.fixture
def stories(monkeypatch: pytest.MonkeyPatch) -> dict[int, Story]:
    """Case → the commands that the demo's lives sent to it, with their answers."""
    found: dict[int, Story] = defaultdict(list)
    carry_out = PastDoor.handle_many

    def listening(door: PastDoor, orders: Sequence[Order]) -> list[Verdict]:
        verdicts = carry_out(door, orders)
        for order, verdict in zip(orders, verdicts, strict=True):
            if order.kind == "case" and isinstance(verdict, Answer) and not verdict.repeated:
                found[verdict.stream].append((order, verdict))
        return verdicts

    monkeypatch.setattr(PastDoor, "handle_many", listening)
    return found


def really_refused(story: Story, candidate: Candidate, plans: dict[Any, Plan]) -> int:
    """The version at which the engine refuses the same commands under the tried rules; 0 where it takes them all."""
    state, finished = CaseState(), dict[int, Item]()

    def plan(*place: Any) -> Plan:
        if place not in plans:
            present = the_plans(*place)
            concerned = candidate.key in ("", place[0])
            plans[place] = candidate.plan(present) if concerned else present
        return plans[place]

    for order, answer in story:
        assert isinstance(order, PastOrder)
        fresh = [event.contact for event in answer.events if isinstance(event, e.MessageRequested)]
        context = Context(order.at, order.access, chain(fresh, count(10**9)), finished)
        around = msgspec.structs.replace(moment(state, order.command, context), plans=plan)
        outcome = decide(state, order.command, around)
        if isinstance(outcome, Refused):
            assert outcome.code in ("boundary", "data"), outcome
            return answer.version - len(answer.events) + 1
        finished |= state.ended
        state.rest()
    return 0


def check(stories: dict[int, Story], cases: int) -> int:
    empty_streams()
    seeding.seed(cases, "a long password", NOW, lambda line: None, customers=min(200, cases))
    met = 0
    for goal, text in TRIED.items():
        for candidate in [candidate_of(line, goal) for line in sentences(text)]:
            plans: dict[Any, Plan] = {}
            tried = {one.case: one.findings for one in try_rules(candidate, past_cases(program("test"), goal))}
            assert not any(found.outcome == "held" for findings in tried.values() for found in findings)
            predicted = {
                case: next(f.version for f in findings if f.outcome == "refused")
                for case, findings in tried.items()
                if any(f.outcome == "refused" for f in findings)
            }
            of_goal = [case for case, _ in past_cases(program("test"), goal)]
            refused = {case: at for case in of_goal if (at := really_refused(stories[case], candidate, plans))}
            assert predicted == refused, candidate.sentences
            met += bool(refused)
    return met


def sentences(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def test_the_predicted_commands_are_the_refused_ones(stories: dict[int, Story]) -> None:
    assert check(stories, 120) >= 4


@pytest.mark.nightly
def test_the_predicted_commands_are_the_refused_ones_in_ten_thousand_cases(stories: dict[int, Story]) -> None:
    assert check(stories, 10_000) >= 6
