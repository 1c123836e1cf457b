"""What people do otherwise is found where it is frequent and nobody's alone; its effect is told like with like."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.learning.ways import LEAST, ONE_ALONE, SHARE, Done, Worked, effect_of, findings
from caseloom.learning.ways_finding import Finding, own_name

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
OPTIONS = {"works": {"plain": ("look", "mend"), "quick": ("swap",)}}
CALL = own_name("Call back the next day")


def row(number: int, *names: str, by: str = "", **fields: object) -> Worked:
    """A worked goal; names of made-up steps, and those that begin with +, were added by hand."""
    who = by or f"agent:{number % 4}"
    done = tuple(Done(name.lstrip("+"), who, name.startswith(("+", "own:"))) for name in names)
    plain = {"case": number, "customer": number, "goal": "works", "option": "plain", "actor": who, "like": ("mail",)}
    return Worked(at=START + timedelta(hours=6 * number), done=done, **(plain | fields))  # type: ignore[arg-type]


def usual(count: int, first: int = 0) -> list[Worked]:
    return [row(number, "look", "mend") for number in range(first, first + count)]


def only(found: tuple[Finding, ...]) -> Finding:
    [one] = found
    return one


def test_a_step_that_several_people_add_is_found_with_where_it_stands() -> None:
    rows = usual(40) + [row(number, "look", "mend", CALL) for number in range(40, 60)]
    found = only(findings(rows, OPTIONS))
    assert (found.kind, found.goal, found.options, found.steps) == ("adds", "works", ("plain",), (CALL,))
    assert (found.cases, found.of, found.ever, found.people, found.after) == (20, 60, 20, 4, "mend")
    assert found.grows and found.since == rows[40].at
    assert found.examples == (59, 58, 57, 56, 55)
    assert sum(month.cases for month in found.months) == 20


def test_what_one_person_alone_does_is_a_habit_of_theirs() -> None:
    rows = usual(40) + [row(number, "look", "mend", CALL, by="agent:9") for number in range(40, 70)]
    assert findings(rows, OPTIONS) == ()
    rows += [row(number, "look", "mend", CALL, by="agent:8") for number in range(70, 77)]
    assert findings(rows, OPTIONS) == (), "two, one of whom does nearly all of it"
    rows += [row(number, "look", "mend", CALL, by="agent:8") for number in range(77, 79)]
    assert len(findings(rows, OPTIONS)) == 1


def test_what_is_rare_or_done_for_few_customers_is_not_found() -> None:
    rare = usual(40) + [row(number, "look", "mend", CALL) for number in range(40, 40 + LEAST - 1)]
    assert findings(rare, OPTIONS) == ()
    share = usual(191) + [row(number, "look", "mend", CALL) for number in range(191, 200)]
    assert findings(share, OPTIONS) == (), "nine of 200 is less than one in twenty"
    for_two = usual(40) + [row(number, "look", "mend", CALL, customer=number % 2) for number in range(40, 60)]
    assert findings(for_two, OPTIONS) == ()


def test_a_step_of_another_option_that_is_added_is_found_one_of_its_own_is_not() -> None:
    rows = [row(number, "look", "mend", "+swap" if number % 3 == 0 else "+mend") for number in range(60)]
    assert only(findings(rows, OPTIONS)).steps == ("swap",)


def test_a_step_that_is_added_to_several_options_is_one_finding() -> None:
    rows = [
        row(number, "swap", CALL, option="quick") if number % 2 else row(number, "look", CALL) for number in range(12)
    ]
    rows += [row(number, "swap", option="quick") if number % 2 else row(number, "look") for number in range(12, 40)]
    found = only(findings(rows, OPTIONS))
    assert (found.kind, found.options, found.cases, found.of, found.after) == ("adds", ("plain", "quick"), 12, 40, "")


def test_a_step_that_is_left_out_is_found() -> None:
    rows = usual(30) + [row(number, "mend", left=("look",)) for number in range(30, 50)]
    found = only(findings(rows, OPTIONS))
    assert (found.kind, found.steps, found.cases, found.of) == ("leaves out", ("look",), 20, 50)


def test_a_whole_way_unlike_any_option_is_found_in_its_usual_order() -> None:
    mine = [row(number, "+send", "+test", option="") for number in range(50, 62)]
    mine += [row(number, "+test", "+send", option="") for number in range(62, 66)]
    found = only(findings(usual(50) + mine, OPTIONS))
    assert (found.kind, found.options, found.steps, found.cases, found.of) == (
        "whole way", (), ("send", "test"), 16, 66,
    )  # fmt: skip


def test_what_single_steps_say_already_is_no_whole_way() -> None:
    rows = usual(30) + [row(number, "look", "mend", CALL, "+swap") for number in range(30, 60)]
    assert {(one.kind, one.steps) for one in findings(rows, OPTIONS)} == {("adds", (CALL,)), ("adds", ("swap",))}


def test_without_options_a_step_that_is_added_is_found_for_the_goal() -> None:
    rows = [row(number, "+look", option="") for number in range(20)]
    found = only(findings(rows, {"works": {}}))
    assert (found.kind, found.goal, found.options) == ("adds", "works", ())


def test_what_was_done_long_ago_is_no_more_found() -> None:
    rows = [row(number, "look", "mend", CALL) for number in range(60)] + usual(200, 60)
    assert findings(rows, OPTIONS) == ()


NAMES = st.sampled_from(["look", "mend", "+swap", CALL, "own:b"])
ROWS = st.lists(
    st.tuples(st.lists(NAMES, max_size=4), st.integers(0, 3), st.booleans(), st.sampled_from([None, True, False])),
    max_size=80,
)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_every_finding_is_frequent_shared_and_the_same_in_any_order(
    drawn: list[tuple[list[str], int, bool, bool | None]], rng: random.Random
) -> None:
    rows = [
        row(number, *names, by=f"agent:{who}", option="plain" if chosen else "", rated_well=rated, in_time=chosen)
        for number, (names, who, chosen, rated) in enumerate(drawn)
    ]
    found = findings(rows, OPTIONS)
    mixed = list(rows)
    rng.shuffle(mixed)
    assert findings(mixed, OPTIONS) == found
    for one in found:
        assert one.cases >= max(LEAST, SHARE * one.of) and one.people > 1 and one.of <= 200
        assert set(one.examples) <= {each.case for each in rows}
        for effect in one.effects.values():
            assert -1 <= effect.low <= effect.difference <= effect.high <= 1
    assert len({one.key for one in found}) == len(found)
    assert msgspec.json.decode(msgspec.json.encode(found), type=tuple[Finding, ...]) == found


@settings(max_examples=40, deadline=None)
@given(ROWS, st.integers(0, 3))
def test_no_single_person_can_make_a_finding(
    drawn: list[tuple[list[str], int, bool, bool | None]], number: int
) -> None:
    """Poisoned feedback: one person who does the same in every case."""
    rows = [row(place, *names, by=f"agent:{who}") for place, (names, who, *_) in enumerate(drawn)]
    rows += [row(len(rows) + place, "look", "mend", "own:poison", by="agent:9") for place in range(50)]
    assert all("own:poison" not in one.steps for one in findings(rows, OPTIONS))
    assert ONE_ALONE < 1


# --- effect -----------------------------------------------------------------------------------------------------------

LIKING = {"agent:a": 0.7, "agent:b": 0.5, "agent:c": 0.3, "agent:d": 0.15, "agent:e": 0.1}
SKILL = {"agent:a": 0.7, "agent:b": 0.6, "agent:c": 0.5, "agent:d": 0.4, "agent:e": 0.35}


def a_house(cases: int, effect: float, seed: int) -> tuple[list[Worked], list[bool], list[bool]]:
    """Who is good at it anyway adds the step more often; on the phone both are likelier. The step's truth is known."""
    rng = random.Random(seed)
    rows, did, good = [], [], []
    for number in range(cases):
        actor, channel = rng.choice(list(LIKING)), rng.choices(["mail", "phone", "web"], [5, 3, 2])[0]
        more = 0.1 if channel == "phone" else 0.0
        taken = rng.random() < LIKING[actor] + more
        rows.append(row(number, actor=actor, like=(channel,)))
        did.append(taken)
        good.append(rng.random() < SKILL[actor] + more + effect * taken)
    return rows, did, good


@pytest.mark.parametrize("truth", [0.0, 0.15])
def test_the_interval_covers_the_truth_although_the_able_do_it_more_often(truth: float) -> None:
    found = [effect_of(*a_house(300, truth, seed)) for seed in range(120)]
    known = [one for one in found if one is not None]
    assert len(known) > 110
    assert sum(one.low <= truth <= one.high for one in known) / len(known) >= 0.9
    assert abs(sum(one.difference for one in known) / len(known) - truth) < 0.03
    plain = sum(one.good - one.usual for one in known) / len(known)
    assert plain - truth > 0.08, "the plain difference is far from the truth"


def _by(rule: Callable[[int], bool]) -> tuple[list[Worked], list[bool], list[bool]]:
    rows = [row(number) for number in range(80)]
    return rows, [rule(number) for number in range(80)], [number % 3 > 0 for number in range(80)]


def test_where_some_always_do_it_and_others_never_nothing_is_said() -> None:
    assert effect_of(*_by(lambda number: number % 4 < 2)) is None
    assert effect_of(*_by(lambda number: number % 8 < 4)) is not None


def test_a_good_step_among_good_people_is_said_to_help() -> None:
    rows, did, good = a_house(400, 0.25, 7)
    told = [
        msgspec.structs.replace(
            one, rated_well=well, done=(Done("look", one.actor), *((Done(CALL, one.actor, True),) if taken else ()))
        )
        for one, taken, well in zip(rows, did, good, strict=True)
    ]
    found = only(findings(told, OPTIONS))
    assert found.helps and not found.harms
    assert found.effects["rated_well"].low > 0 and "in_time" not in found.effects
