"""What tokens do at gateways (BPMN 2.0.2 §13.3)."""

import pytest

from caseloom.engine.flow import steps
from tests.engine.flow.kit import World, el, process
from tests.engine.flow.parts import E, S, catch, definition, timer, users


def test_13_3_1_a_parallel_gateway_splits_and_waits_for_all() -> None:
    fork, join = el("fork", "parallelGateway"), el("join", "parallelGateway")
    model = process(S, fork, *users("a", "b"), join, E, flows="start > fork > a > join > end; fork > b > join")
    world = World(model).begin()
    assert world.open == ["a", "b"]
    world.do("a")
    assert world.open == ["b"] and world.resting == ["b", "join"]
    world.do("b")
    assert world.done and world.over == [(1, "completed")]


def test_13_3_1_what_comes_twice_by_one_way_waits_for_the_next_round() -> None:
    parts = (el("fork", "parallelGateway"), el("merge", "exclusiveGateway"), el("join", "parallelGateway"))
    ways = "start > fork > a > merge > join > end; fork > b > merge; fork > c > join"
    world = World(process(S, *parts, *users("a", "b", "c"), E, flows=ways)).begin()
    world.do("a", "b")
    assert world.resting == ["c", "join"]
    world.do("c")
    assert world.failed == ["join"], "one token is left, and nothing can bring the other"


def test_13_3_2_an_exclusive_gateway_takes_the_first_way_that_is_open() -> None:
    ways = "start > x; x > a [n > 10]; x > b [n > 5]; x >> c; a > end; b > end; c > end"
    model = process(S, el("x", "exclusiveGateway"), *users("a", "b", "c"), E, flows=ways)
    for n, taken in ((20, "a"), (7, "b"), (1, "c"), (None, "c")):
        assert World(model, facts={"n": n}).begin().open == [taken]


def test_13_3_2_without_a_way_that_is_open_there_is_an_incident_that_can_be_repaired() -> None:
    model = process(S, el("x", "exclusiveGateway"), *users("a"), E, flows="start > x; x > a [n > 10]; a > end")
    world = World(model, facts={"n": 1}).begin()
    assert world.failed == ["x"]
    world.facts["n"] = world.facts["n"] + 20
    world.act(lambda run: steps.retry(run, 1, world.node("x").id, "mended"))
    assert world.open == ["a"]


def test_13_3_2_as_a_join_it_lets_every_token_through() -> None:
    model = process(
        S,
        el("fork", "parallelGateway"),
        *users("a", "b", "z"),
        el("x", "exclusiveGateway"),
        E,
        flows="start > fork > a > x > z > end; fork > b > x",
    )
    world = World(model).begin().do("a", "b")
    assert world.open == ["z", "z"]


INCLUSIVE = process(
    S,
    el("fork", "inclusiveGateway"),
    *users("a", "b", "c", "z"),
    el("join", "inclusiveGateway"),
    E,
    flows="start > fork; fork > a [p]; fork > b [q]; fork >> c; a > join; b > join; c > join; join > z > end",
)


@pytest.mark.parametrize(
    ("p", "q", "open"), [(True, True, ["a", "b"]), (True, False, ["a"]), (False, False, ["c"]), (None, True, ["b"])]
)
def test_13_3_3_an_inclusive_gateway_waits_for_just_the_tokens_it_has_sent(
    p: object, q: object, open: list[str]
) -> None:
    world = World(INCLUSIVE, facts={"p": p, "q": q}).begin()
    assert world.open == open
    for task in open[:-1]:
        world.do(task)
        assert "z" not in world.open
    assert world.do(open[-1]).open == ["z"]


def test_13_3_3_an_inclusive_join_waits_for_a_token_that_may_come_by_a_loop() -> None:
    ways = "start > fork > a > join > z > end; fork > b > again; again > b [n < 1]; again >> join"
    model = process(
        S,
        el("fork", "parallelGateway"),
        *users("a", "b", "z"),
        el("again", "exclusiveGateway"),
        el("join", "inclusiveGateway"),
        E,
        flows=ways,
    )
    world = World(model, facts={"n": 0}).begin().do("a")
    assert world.do("b").open == ["b"]
    world.facts["n"] = world.facts["n"] + 1
    assert world.do("b").open == ["z"]


def test_13_3_3_an_inclusive_join_goes_on_when_the_other_way_ends_elsewhere() -> None:
    ways = "start > fork > a > join > z > end; fork > b > x; x > join [n = 1]; x >> gone"
    model = process(
        S,
        el("fork", "parallelGateway"),
        *users("a", "b", "z"),
        el("x", "exclusiveGateway"),
        el("join", "inclusiveGateway"),
        el("gone", "endEvent"),
        E,
        flows=ways,
    )
    world = World(model, facts={"n": 0}).begin().do("a")
    assert world.open == ["b"]
    assert world.do("b").open == ["z"]


EVENTS = process(
    S,
    el("which", "eventBasedGateway"),
    catch("letter", definition("message", "answer")),
    catch("late", timer("P1D")),
    *users("read", "chase"),
    E,
    flows="start > which > letter > read > end; which > late > chase > end",
)


def test_13_3_4_an_event_based_gateway_takes_the_way_of_the_first_event() -> None:
    world = World(EVENTS).begin()
    assert world.resting == ["which"]
    assert world.message("answer")
    assert world.open == ["read"]
    assert not world.turn_clock(days=2).open.count("chase"), "the timer is heard no more"


def test_13_3_4_the_timer_behind_an_event_based_gateway_may_be_first() -> None:
    world = World(EVENTS).begin().turn_clock(days=1)
    assert world.open == ["chase"]
    assert not world.message("answer")


def test_10_6_6_an_event_based_gateway_may_start_the_process() -> None:
    parts = (catch("a", definition("message", "a")), catch("b", definition("message", "b")))
    gate = el("gate", "eventBasedGateway", instantiate=True)
    world = World(process(gate, *parts, *users("x", "y"), flows="gate > a > x; gate > b > y")).begin()
    assert world.resting == []
    assert world.message("b") and world.open == ["y"]
    assert not world.message("a")


def test_10_6_6_a_parallel_event_based_gateway_wants_all_its_events() -> None:
    parts = (catch("a", definition("message", "a")), catch("b", definition("message", "b")))
    gate = el("gate", "eventBasedGateway", instantiate=True, parallel_events=True)
    world = World(process(gate, *parts, *users("x", "y"), flows="gate > a > x; gate > b > y")).begin()
    assert world.message("b") and world.message("a")
    assert world.open == ["x", "y"]


def test_13_3_5_a_complex_gateway_fires_when_its_condition_holds_and_then_takes_in_the_rest() -> None:
    gate = el("two", "complexGateway", activation_condition="activationCount >= 2")
    ways = "start > fork > a > two > z > end; fork > b > two; fork > c > two"
    world = World(process(S, el("fork", "parallelGateway"), *users("a", "b", "c", "z"), gate, E, flows=ways)).begin()
    assert world.do("a").open == ["b", "c"]
    assert world.do("b").open == ["c", "z"]
    assert world.do("c").open == ["z"], "what comes later is taken in, and nothing goes out again"
    assert world.do("z").done
