"""What is next is learned from what happened, and can be forgotten."""

import time
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.learning.steps.contexts import Contexts
from caseloom.learning.steps.learner import FACTS_AT_MOST, History, Learner, Settings
from caseloom.learning.steps.state import StateFaulty, dump, load
from caseloom.learning.steps.step import END, Outcome, Step
from tests.learning.steps.kit import BEGAN, SETTINGS, counts, histories, step, told


@pytest.fixture(scope="module")
def learner() -> Learner:
    return told(Learner(SETTINGS), histories(400))


def at_check(learner: Learner, product: str, case: int = 9001) -> int:
    learner.open.pop(case, None)
    for place, action in enumerate(("Open", "Check")):
        learner.happened(case, step(action, 30_000.0 + 300 * place, product=product), learn=False)
    return case


def test_the_fact_tells_what_is_next(learner: Learner) -> None:
    card, loan = at_check(learner, "card", 9001), at_check(learner, "loan", 9002)
    best_of_card, best_of_loan = learner.next(card).best, learner.next(loan).best
    assert best_of_card is not None
    assert best_of_loan is not None
    assert (best_of_card.action, best_of_loan.action) == ("Send", "Weigh")
    assert best_of_card.probability > 0.9


def test_the_end_is_told(learner: Learner) -> None:
    case = at_check(learner, "card", 9003)
    learner.happened(case, step("Send", 31_000.0), learn=False)
    best = learner.next(case).best
    assert best is not None
    assert best.action == END


def test_probabilities_sum_to_one(learner: Learner) -> None:
    ranking = learner.next(at_check(learner, "loan", 9004))
    assert sum(each.probability for each in ranking.proposals) == pytest.approx(1.0)


def test_nothing_is_advised_where_nothing_was_learned() -> None:
    fresh = Learner(SETTINGS)
    assert not fresh.next(1).proposals
    fresh.happened(1, step("Open", 0))
    assert not fresh.next(1).proposals
    assert fresh.remaining(1) is None
    assert not fresh.foresight(1)
    assert not fresh.worths(1)


def test_what_is_forbidden_is_not_shown(learner: Learner) -> None:
    case = at_check(learner, "card", 9005)
    shown = learner.next(case, allowed=lambda action: action != "Send").proposals
    assert shown
    assert all(each.action != "Send" for each in shown)


def test_an_activity_never_seen_is_learned_and_breaks_nothing() -> None:
    learner = told(Learner(SETTINGS), histories(30))
    learner.happened(500, step("Open", 9000))
    learner.happened(500, step("Something new", 9001))
    assert learner.next(500).proposals
    learner.happened(500, step("Check", 9002))
    learner.ended(500)
    learner.happened(501, step("Open", 9003))
    assert "Something new" in {each.action for each in learner.next(501).proposals}


def test_the_remaining_time_differs_by_product(learner: Learner) -> None:
    card, loan = (learner.remaining(at_check(learner, product, 9006)) for product in ("card", "loan"))
    assert card is not None
    assert loan is not None
    assert card.median == pytest.approx(300 * 60, rel=0.05)
    assert loan.median == pytest.approx(6000 * 60, rel=0.05)
    assert loan.least <= loan.median <= loan.most


def test_foresight_knows_that_loans_are_refused(learner: Learner) -> None:
    card, loan = (learner.foresight(at_check(learner, product, 9007)) for product in ("card", "loan"))
    assert card["reached"].probability > 0.9
    assert 0.3 < loan["reached"].probability < 0.7
    assert "rated_well" not in card  # nobody rated


def test_worth_of_actions_comes_with_an_interval(learner: Learner) -> None:
    worths = learner.worths(at_check(learner, "card", 9008))
    assert worths["Send"].mean == 1.0
    assert worths["Send"].low > 0.9
    assert worths["Send"].cases > 100


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sets(st.integers(0, 39), min_size=1, max_size=10))
def test_forgetting_cases_leaves_the_counters_of_a_world_without_them(seed: int, gone: set[int]) -> None:
    cases = histories(40, seed)
    whole = told(Learner(SETTINGS), cases)
    for place in gone:
        whole.forget(cases[place])
    without = told(Learner(SETTINGS), [case for place, case in enumerate(cases) if place not in gone])
    assert counts(whole) == counts(without)
    erased = {cases[place].case for place in gone}
    assert not erased & {case for links in whole.evidence.table.values() for case in links}


def test_an_open_case_is_forgotten_too() -> None:
    cases = histories(10)
    whole, without = told(Learner(SETTINGS), cases), told(Learner(SETTINGS), cases)
    history = History("x", [step("Open", 9000), step("Check", 9001)], open=True)
    for one in history.steps:
        whole.happened("x", one)
    whole.forget(history)
    assert counts(whole) == counts(without)
    assert "x" not in whole.open


def test_a_stored_learner_goes_on_as_if_it_had_never_stopped() -> None:
    cases = histories(80)
    learner = told(Learner(SETTINGS), cases[:60])
    learner.happened(700, step("Open", 9000))
    learner.answered(700, "Check", "bob", taken=False)
    again = load(dump(learner))
    assert dump(again) == dump(learner)
    for each in (learner, again):
        told(each, cases[60:])
    assert again.next(700) == learner.next(700)
    assert dump(again) == dump(learner)


@pytest.mark.parametrize("data", [b"", b"\x00", b"nonsense", b"\x80"])
def test_what_is_no_state_is_refused(data: bytes) -> None:
    with pytest.raises(StateFaulty, match="Learn anew"):
        load(data)


def test_one_person_who_declines_everything_moves_little(learner: Learner) -> None:
    learner = load(dump(learner))
    case = at_check(learner, "card", 9009)
    before = learner.next(case).best
    for _ in range(1000):
        learner.answered(case, "Send", "mallory", taken=False)
    after = learner.next(case).best
    assert before is not None
    assert after is not None
    assert (after.action, after.probability) == (before.action, before.probability)
    assert after.worth >= 4 / 7 - 1e-9
    for person in range(20):
        learner.answered(case, "Send", f"agent {person}", taken=False)
    worth = next(each.worth for each in learner.next(case).proposals if each.action == "Send")
    assert worth < 0.25  # many people are believed


def test_a_step_of_a_long_case_costs_no_more_than_one_of_a_short_case() -> None:
    learner = Learner(SETTINGS)
    spent = []
    actions = ("Call", "Wait", "Write")
    for part in range(4):
        began = time.process_time()
        for number in range(part * 1500, part * 1500 + 1500):
            learner.happened(1, step(actions[number % 3], number))
        spent.append(time.process_time() - began)
    assert spent[-1] < spent[1] * 3
    assert len(learner.open[1].kept) < 64 * 10
    learner.ended(1)


def test_memory_is_bounded() -> None:
    learner = Learner(Settings(origin=BEGAN.timestamp(), situations=3000))
    for number in range(2000):
        learner.happened(number, step(f"A{number}", number))
        learner.happened(number, step(f"B{number % 7}", number + 1))
        learner.ended(number, Outcome(reached=number % 2 > 0))
    assert len(learner.counters.table) <= 3000 + 20
    assert len(learner.endings["reached"].table) <= 1000 + 40
    assert len(learner.choices.table) <= 1000 + 1
    assert len(learner.recent.table) <= 1000 + 5
    assert len(learner.time.table) <= 1000 + 40


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        Learner(SETTINGS).happened(1, Step("Open", datetime(2026, 1, 1)))  # noqa: DTZ001 - that is the point


def test_too_many_facts_are_refused() -> None:
    with pytest.raises(ValueError, match="At most"):
        Learner(Settings(facts=tuple(f"fact {n}" for n in range(FACTS_AT_MOST + 1))))


def test_every_situation_has_a_key_and_a_name() -> None:
    for facts in ((), ("product",), ("product", "channel")):
        learner = Learner(Settings(facts=facts))
        learner.happened(1, Step("Open", BEGAN, "ann", dict.fromkeys(facts, "x")))
        keys = learner.open[1].keys
        assert len(keys) == len(Contexts(facts).all)
        assert len(set(keys)) == len(keys)


def test_what_is_recent_weighs_more() -> None:
    learner = Learner(SETTINGS)
    day = 1440.0
    for number in range(200):
        learner.happened(number, step("Open", number))
        learner.happened(number, step("Old way", number + 1))
        learner.ended(number)
    for number in range(200, 230):
        learner.happened(number, step("Open", 200 * day + number))
        learner.happened(number, step("New way", 200 * day + number + 1))
        learner.ended(number)
    learner.happened(999, step("Open", 201 * day))
    best = learner.next(999).best
    assert best is not None
    assert best.action == "New way"


def test_an_outcome_that_is_not_known_teaches_nothing() -> None:
    learner = Learner(SETTINGS)
    learner.happened(1, step("Open", 0))
    learner.ended(1, Outcome())
    assert not any(each.table for each in learner.endings.values())
