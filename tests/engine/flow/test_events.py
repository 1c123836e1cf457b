"""Start, catch, throw, boundary and end events (BPMN 2.0.2 §13.4 and §13.5)."""

from collections.abc import Callable

import pytest

from caseloom.engine.spec.flow import EventDefinition
from tests.engine.flow.kit import World, el, process
from tests.engine.flow.parts import E, S, catch, definition, end, on, start, throw, timer, users, when

# --- start events (§13.5.1) -------------------------------------------------------------------------------------------


def test_13_5_1_a_none_start_event_begins_at_once() -> None:
    assert World(process(S, *users("a"), flows="start > a")).begin().open == ["a"]


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_13_5_1_a_process_may_wait_for_the_event_that_starts_it(kind: str) -> None:
    world = World(process(start("go", definition(kind, "go")), *users("a"), flows="go > a"), facts={"n": 0}).begin()
    assert world.open == [] and world.flows
    assert world.message("go", n=3) if kind == "message" else world.signal("go", n=3)
    assert world.open == ["a"] and world.facts["n"] == 3


def test_13_5_1_a_timer_and_a_condition_may_start_it() -> None:
    by_clock = World(process(start("go", timer("PT1H")), *users("a"), flows="go > a")).begin()
    assert by_clock.turn_clock(minutes=59).open == []
    assert by_clock.turn_clock(minutes=1).open == ["a"]
    by_fact = World(process(start("go", when("n > 2")), *users("a"), flows="go > a"), facts={"n": 0}).begin()
    assert by_fact.set(n=2).open == []
    assert by_fact.set(n=3).open == ["a"]


def test_10_5_6_a_parallel_multiple_start_event_wants_all_of_its_triggers() -> None:
    go = start("go", definition("message", "a"), definition("message", "b"), parallel_multiple=True)
    world = World(process(go, *users("x"), flows="go > x")).begin()
    assert world.message("a") and world.open == []
    assert world.message("b") and world.open == ["x"]


def test_13_2_what_has_no_incoming_flow_begins_where_no_start_event_stands() -> None:
    assert World(process(*users("a", "b"), flows="a > b")).begin().open == ["a"]


# --- catch events (§13.4.2) -------------------------------------------------------------------------------------------


def test_13_4_2_a_message_is_caught_by_name_and_key() -> None:
    wait = catch("wait", definition("message", "paid", correlation="order"))
    world = World(process(S, wait, *users("a"), flows="start > wait > a"), facts={"order": "A7", "sum": None}).begin()
    assert not world.message("paid", key="B1")
    assert not world.message("lost", key="A7")
    assert world.message("paid", key="A7", sum=12)
    assert world.open == ["a"] and world.facts["sum"] == 12


def test_13_4_2_a_signal_reaches_all_who_wait_for_it() -> None:
    parts = (
        el("fork", "parallelGateway"),
        catch("s1", definition("signal", "s")),
        catch("s2", definition("signal", "s")),
    )
    world = World(process(S, *parts, *users("a", "b"), flows="start > fork > s1 > a; fork > s2 > b")).begin()
    assert world.signal("s") == 2
    assert world.open == ["a", "b"]


def test_13_4_2_a_timer_comes_at_a_date_after_a_duration_or_again_and_again() -> None:
    at = World(
        process(S, catch("t", timer("2026-03-02T10:00:00Z", "date")), *users("a"), flows="start > t > a")
    ).begin()
    assert at.turn_clock(minutes=59).open == []
    assert at.turn_clock(minutes=1).open == ["a"]
    month = World(process(S, catch("t", timer("P1M")), *users("a"), flows="start > t > a")).begin()
    assert month.turn_clock(days=30).open == [] and month.turn_clock(days=1).open == ["a"]


def test_13_4_2_a_timer_that_says_no_time_is_an_incident_that_names_it() -> None:
    world = World(process(S, catch("t", timer("soon")), *users("a"), flows="start > t > a")).begin()
    assert world.failed == ["t"]
    assert "soon" in world.node("t").note


def test_13_4_2_a_condition_that_holds_already_is_passed() -> None:
    model = process(S, catch("c", when("n > 2")), *users("a"), flows="start > c > a")
    assert World(model, facts={"n": 3}).begin().open == ["a"]
    world = World(model, facts={"n": 0}).begin()
    assert world.open == [] and world.set(n=3).open == ["a"]


def test_10_5_5_a_link_goes_on_at_the_catch_event_of_its_name() -> None:
    parts = (throw("off", definition("link", "page 2")), catch("on", definition("link", "page 2")))
    assert World(process(S, *parts, *users("a"), flows="start > off; on > a")).begin().open == ["a"]


def test_13_3_7_a_receive_task_waits_for_its_message() -> None:
    receive = el("get", "receiveTask", definitions=(definition("message", "m"),))
    world = World(process(S, receive, *users("a"), flows="start > get > a"), facts={"n": 0}).begin()
    assert world.message("m", n=5) and world.open == ["a"] and world.facts["n"] == 5


# --- throw events (§13.4.3) -------------------------------------------------------------------------------------------


def test_13_4_3_a_thrown_message_is_caught_by_one_who_waits_in_the_same_case() -> None:
    other = process(
        S, catch("w", definition("message", "m", correlation="k")), *users("b"), flows="start > w > b", id="o"
    )
    say = throw("say", definition("message", "m", correlation='"1"'))
    mine = process(S, say, *users("a"), flows="start > say > a")
    world = World(mine, other, facts={"k": "1"}).begin("o").begin("p")
    assert world.open == ["a", "b"]


def test_13_4_3_a_thrown_signal_reaches_its_own_flow_too() -> None:
    parts = (
        el("fork", "parallelGateway"),
        catch("w", definition("signal", "s")),
        throw("say", definition("signal", "s")),
    )
    world = World(process(S, *parts, *users("a", "b"), flows="start > fork > w > a; fork > say > b")).begin()
    assert world.open == ["a", "b"]


def test_13_4_3_an_escalation_that_nobody_catches_lets_its_token_go_on() -> None:
    say = throw("say", definition("escalation", "e"))
    assert World(process(S, say, *users("a"), flows="start > say > a")).begin().open == ["a"]


# --- boundary events (§13.4.4) ----------------------------------------------------------------------------------------

TRIGGERS: dict[str, tuple[EventDefinition, Callable[[World], object]]] = {
    "message": (definition("message", "x"), lambda world: world.message("x")),
    "signal": (definition("signal", "x"), lambda world: world.signal("x")),
    "timer": (timer("PT2H"), lambda world: world.turn_clock(hours=2)),
    "conditional": (when("n > 2"), lambda world: world.set(n=3)),
}


@pytest.mark.parametrize("kind", TRIGGERS)
@pytest.mark.parametrize("interrupting", [True, False])
def test_13_4_4_a_boundary_event_takes_the_activity_away_or_goes_beside_it(kind: str, interrupting: bool) -> None:
    what, happen = TRIGGERS[kind]
    model = process(
        S,
        *users("a", "b", "c"),
        on("a", "x", what, interrupting=interrupting),
        E,
        flows="start > a > c > end; x > b > end",
    )
    world = World(model, facts={"n": 0}).begin()
    happen(world)
    assert world.open == (["b"] if interrupting else ["a", "b"])


@pytest.mark.parametrize("kind", TRIGGERS)
def test_13_4_4_a_boundary_event_is_heard_no_more_when_its_activity_is_done(kind: str) -> None:
    what, happen = TRIGGERS[kind]
    model = process(S, *users("a", "b", "c"), on("a", "x", what), E, flows="start > a > c > end; x > b > end")
    world = World(model, facts={"n": 0}).begin().do("a")
    happen(world)
    assert world.open == ["c"]


def test_13_4_4_a_cycle_comes_as_often_as_it_says() -> None:
    again = on("a", "x", timer("R3/PT1H", "cycle"), interrupting=False)
    world = World(process(S, *users("a", "b"), again, flows="start > a; x > b")).begin().turn_clock(hours=10)
    assert world.open == ["a", "b", "b", "b"]


def test_13_4_4_a_non_interrupting_message_comes_as_often_as_it_is_sent() -> None:
    model = process(
        S, *users("a", "b"), on("a", "x", definition("message", "m"), interrupting=False), flows="start > a; x > b"
    )
    world = World(model).begin()
    assert world.message("m") and world.message("m")
    assert world.open == ["a", "b", "b"]


def test_13_4_4_an_error_of_a_worker_leaves_by_the_event_of_its_code() -> None:
    model = process(
        S,
        el("w", "serviceTask", topic="t"),
        on("w", "known", definition("error", "E1")),
        on("w", "any", definition("error")),
        *users("a", "b", "c"),
        flows="start > w > a; known > b; any > c",
    )
    assert World(model).begin().error("w", "E1").open == ["b"]
    assert World(model).begin().error("w", "E9").open == ["c"]
    assert World(model).begin().work("w").open == ["a"]


def test_13_4_4_an_escalation_may_leave_its_sub_process_running() -> None:
    inside = dict(parent="sub")
    model = process(
        S,
        el("sub", "subProcess"),
        start("s2", **inside),
        throw("esc", definition("escalation", "e"), **inside),
        el("a", "userTask", **inside),
        on("sub", "hear", definition("escalation", "e"), interrupting=False),
        *users("boss"),
        flows="start > sub; s2 > esc > a; hear > boss",
    )
    assert World(model).begin().open == ["a", "boss"]


# --- end events (§13.5.3) ---------------------------------------------------------------------------------------------


def test_13_5_3_a_none_end_event_ends_its_own_token_alone() -> None:
    model = process(
        S, el("fork", "parallelGateway"), *users("a", "b"), E, flows="start > fork > a > end; fork > b > end"
    )
    world = World(model).begin().do("a")
    assert world.open == ["b"] and not world.over


def test_13_5_3_a_terminate_end_event_ends_all() -> None:
    model = process(
        S,
        el("fork", "parallelGateway"),
        *users("a", "b"),
        end("stop", definition("terminate")),
        flows="start > fork > a > stop; fork > b",
    )
    world = World(model).begin().do("a")
    assert world.done and world.over == [(1, "completed")]


def test_13_5_3_a_terminate_end_event_in_a_sub_process_ends_that_alone() -> None:
    model = process(
        S,
        el("sub", "subProcess"),
        start("s2", parent="sub"),
        el("fork", "parallelGateway", parent="sub"),
        *users("a", "b", parent="sub"),
        end("stop", definition("terminate"), parent="sub"),
        *users("c"),
        flows="start > sub > c; s2 > fork > a > stop; fork > b",
    )
    assert World(model).begin().do("a").open == ["c"]


def test_13_5_3_an_error_end_event_leaves_its_sub_process() -> None:
    model = process(
        S,
        el("sub", "subProcess"),
        start("s2", parent="sub"),
        el("fork", "parallelGateway", parent="sub"),
        *users("a", "b", parent="sub"),
        end("bad", definition("error", "E"), parent="sub"),
        on("sub", "caught", definition("error", "E")),
        *users("c", "d"),
        flows="start > sub > c; s2 > fork > a > bad; fork > b; caught > d",
    )
    assert World(model).begin().do("a").open == ["d"]


def test_13_5_3_an_error_that_nobody_catches_ends_the_flow_as_failed() -> None:
    model = process(
        S,
        el("fork", "parallelGateway"),
        *users("a", "b"),
        end("bad", definition("error", "E")),
        flows="start > fork > a > bad; fork > b",
    )
    world = World(model).begin().do("a")
    assert world.done and world.over == [(1, "failed")]


def test_13_5_3_a_message_end_event_says_its_message() -> None:
    parts = (
        el("fork", "parallelGateway"),
        catch("w", definition("message", "m")),
        end("say", definition("message", "m")),
    )
    assert World(process(S, *parts, *users("a"), flows="start > fork > w > a; fork > say")).begin().open == ["a"]


def test_an_end_event_may_have_several_definitions() -> None:
    both = end("both", definition("signal", "s"), definition("message", "m"))
    parts = (
        el("fork", "parallelGateway"),
        catch("w1", definition("message", "m")),
        catch("w2", definition("signal", "s")),
    )
    model = process(S, *parts, both, *users("a", "b"), E, flows="start > fork > w1 > a; fork > w2 > b; fork > both")
    assert World(model).begin().open == ["a", "b"]
