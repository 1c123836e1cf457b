"""Activities, sub-processes, calls, loops and compensation (BPMN 2.0.2 §13.2, §13.4.5)."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from caseloom.engine.decision.published import PublishedModel
from caseloom.engine.flow import steps
from caseloom.engine.flow.compiler import FlowFaulty
from caseloom.engine.spec.flow import DataSpec, DecisionCall, ElementSpec, LoopSpec, Mapping
from caseloom.library.decisions import read_model
from tests.engine.case.test_decision_tasks import LIMITS
from tests.engine.flow.kit import World, el, process
from tests.engine.flow.parts import E, S, definition, end, on, start, throw, users


def m(target: str, source: str) -> Mapping:
    return Mapping(target=target, source=source)


# --- tasks (§13.3 of activities) --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["task", "manualTask"])
def test_13_2_2_nobody_is_waited_for_at_an_abstract_or_manual_task(kind: str) -> None:
    world = World(process(S, el("x", kind), *users("a"), flows="start > x > a")).begin()
    assert world.open == ["a"] and world.trace == ["start", "x"]


def test_13_2_2_a_script_task_keeps_its_result() -> None:
    model = process(S, el("x", "scriptTask", script="n * 2", result="double"), *users("a"), flows="start > x > a")
    assert World(model, facts={"n": 4}).begin().variables == {"double": Decimal(8)}
    assert World(model, facts={"n": 4, "double": None}).begin().facts["double"] == 8


def test_13_2_2_a_script_that_sets_what_a_rule_forbids_is_an_incident() -> None:
    model = process(S, el("x", "scriptTask", script="1", result="n"), *users("a"), flows="start > x > a")
    world = World(model, facts={"n": 0})
    world.forbidden.add("n")
    assert world.begin().failed == ["x"]
    world.forbidden.clear()
    world.act(lambda run: steps.retry(run, 1, world.node("x").id, ""))
    assert world.open == ["a"] and world.facts["n"] == 1


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask", "businessRuleTask", "scriptTask"])
def test_13_2_2_what_is_done_outside_waits_for_a_worker(kind: str) -> None:
    world = World(process(S, el("x", kind, topic="t", result="r"), *users("a"), flows="start > x > a")).begin()
    assert world.open == [] and world.node("x").work is not None
    world.work("x", r=5)
    assert world.open == ["a"] and world.variables == {"r": Decimal(5)}


def test_a_worker_locks_fails_and_gives_up() -> None:
    world = World(
        process(S, el("x", "serviceTask", topic="t", retries='"2"'), *users("a"), flows="start > x > a")
    ).begin()
    flow, node = world.flow_of("x").id, world.node("x").id
    later = world.now.replace(hour=10)
    world.act(lambda run: steps.lock_work(run, flow, node, "w1", later))
    with pytest.raises(steps.StepRefused, match="w1"):
        world.act(lambda run: steps.lock_work(run, flow, node, "w2", later))
    with pytest.raises(steps.StepRefused, match="no lock"):
        world.act(lambda run: steps.complete_work(run, flow, node, "w2", {}))
    world.act(lambda run: steps.fail_work(run, flow, node, "w1", "no route", None, None))
    assert world.failed == []
    world.act(lambda run: steps.lock_work(run, flow, node, "w2", later))
    world.act(lambda run: steps.fail_work(run, flow, node, "w2", "no route", None, None))
    assert world.failed == ["x"] and world.node("x").note == "no route"
    world.act(lambda run: steps.retry(run, flow, node, "the line is up"))
    world.act(lambda run: steps.lock_work(run, flow, node, "w3", later))
    world.act(lambda run: steps.complete_work(run, flow, node, "w3", {}))
    assert world.open == ["a"]


def test_10_4_2_inputs_are_the_activitys_own_and_outputs_go_around_it() -> None:
    model = process(
        S,
        el("x", "serviceTask", topic="t", inputs=(m("half", "n / 2"),), outputs=(m("sum", "got + half"),)),
        *users("a"),
        flows="start > x > a",
    )
    world = World(model, facts={"n": 8}).begin()
    assert world.node("x").variables == {"half": ["number", "4"]}
    world.work("x", got=10)
    assert world.variables == {"sum": Decimal(14)}


def test_8_4_13_conditions_on_the_ways_behind_an_activity_open_several_and_the_default_alone() -> None:
    ways = "start > x; x > a [n > 1]; x > b [n > 2]; x >> c"
    model = process(S, el("x", "task"), *users("a", "b", "c"), flows=ways)
    assert World(model, facts={"n": 3}).begin().open == ["a", "b"]
    assert World(model, facts={"n": 0}).begin().open == ["c"]


# --- sub-processes ----------------------------------------------------------------------------------------------------


def test_13_2_4_a_sub_process_is_done_when_no_token_is_left_in_it() -> None:
    model = process(
        S,
        el("sub", "subProcess"),
        start("s2", parent="sub"),
        el("f", "parallelGateway", parent="sub"),
        *users("a", "b", parent="sub"),
        *users("c"),
        flows="start > sub > c; s2 > f > a; f > b",
    )
    world = World(model).begin().do("a")
    assert world.open == ["b"]
    assert world.do("b").open == ["c"]


def test_13_2_4_boundary_events_of_a_sub_process_end_all_that_is_in_it() -> None:
    model = process(
        S,
        el("sub", "subProcess"),
        start("s2", parent="sub"),
        *users("a", parent="sub"),
        on("sub", "x", definition("message", "stop")),
        *users("b"),
        flows="start > sub; s2 > a; x > b",
    )
    world = World(model).begin()
    assert world.message("stop") and world.open == ["b"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_13_5_4_an_event_sub_process_takes_its_scope_over_or_runs_beside(interrupting: bool) -> None:
    model = process(
        S,
        *users("a", "b"),
        el("sub", "subProcess", triggered_by_event=True),
        start("s2", definition("message", "m"), parent="sub", interrupting=interrupting),
        *users("c", parent="sub"),
        flows="start > a > b; s2 > c",
    )
    world = World(model, facts={"n": 0}).begin()
    assert world.message("m", n=4) and world.facts["n"] == 4
    assert world.open == (["c"] if interrupting else ["a", "c"])
    if interrupting:
        assert not world.message("m")
        assert world.do("c").done
    else:
        assert world.message("m") and world.open == ["a", "c", "c"]
        assert world.do("c", "c", "a", "b").done


def test_13_5_4_an_error_event_sub_process_catches_before_the_boundary() -> None:
    model = process(
        S,
        el("sub", "subProcess"),
        start("s2", parent="sub"),
        *users("a", parent="sub"),
        end("bad", definition("error", "E"), parent="sub"),
        el("rescue", "subProcess", triggered_by_event=True, parent="sub"),
        start("s3", definition("error", "E"), parent="rescue"),
        *users("mend", parent="rescue"),
        on("sub", "out", definition("error", "E")),
        *users("c", "d"),
        flows="start > sub > c; s2 > a > bad; s3 > mend; out > d",
    )
    world = World(model).begin().do("a")
    assert world.open == ["mend"]
    assert world.do("mend").open == ["c"]


def test_10_3_5_in_an_ad_hoc_sub_process_people_begin_what_they_see_fit() -> None:
    model = process(
        S, el("pool", "adHocSubProcess"), *users("a", "b", parent="pool"), *users("c"), flows="start > pool > c"
    )
    world = World(model).begin()
    assert world.open == []
    flow, node = world.flow_of("pool").id, world.node("pool").id
    world.act(lambda run: steps.start_ad_hoc(run, flow, node, "b"))
    world.act(lambda run: steps.start_ad_hoc(run, flow, node, "b"))
    assert world.do("b", "b").resting == ["pool"]
    world.act(lambda run: steps.finish_ad_hoc(run, flow, node))
    assert world.open == ["c"]


def test_10_3_5_an_ad_hoc_sub_process_is_done_by_its_condition_and_may_be_one_at_a_time() -> None:
    pool = el("pool", "adHocSubProcess", ordering="sequential", completion_condition="n > 2")
    world = World(
        process(S, pool, *users("a", "b", parent="pool"), *users("c"), flows="start > pool > c"), facts={"n": 0}
    )
    world.begin()
    flow, node = world.flow_of("pool").id, world.node("pool").id
    world.act(lambda run: steps.start_ad_hoc(run, flow, node, "a"))
    with pytest.raises(steps.StepRefused):
        world.act(lambda run: steps.start_ad_hoc(run, flow, node, "b"))
    world.facts["n"] = Decimal(3)
    assert world.do("a").open == ["c"]


# --- calls ------------------------------------------------------------------------------------------------------------

CALLED = process(S, *users("b"), E, flows="start > b > end", id="q")


def test_13_2_3_a_call_activity_runs_another_process_and_takes_its_results() -> None:
    call = el("call", "callActivity", called='"q"', inputs=(m("given", "n + 1"),), outputs=(m("got", "given * 10"),))
    world = World(process(S, call, *users("a"), flows="start > call > a"), CALLED, facts={"n": 1}).begin()
    assert world.open == ["b"] and len(world.flows) == 2
    world.do("b")
    assert world.open == ["a"] and world.variables == {"got": Decimal(20)}


def test_13_2_3_an_error_of_the_called_process_rises_to_the_caller() -> None:
    bad = process(S, *users("b"), end("bad", definition("error", "E")), flows="start > b > bad", id="q")
    call = el("call", "callActivity", called='"q"')
    model = process(
        S, call, on("call", "x", definition("error", "E")), *users("a", "c"), flows="start > call > a; x > c"
    )
    world = World(model, bad).begin().do("b")
    assert world.open == ["c"] and len(world.flows) == 1


def test_13_2_3_when_the_call_is_taken_away_the_called_process_ends() -> None:
    call = el("call", "callActivity", called='"q"')
    stop = on("call", "x", definition("message", "stop"))
    world = World(process(S, call, stop, *users("a"), flows="start > call; x > a"), CALLED).begin()
    assert world.message("stop") and world.open == ["a"] and len(world.flows) == 1


def test_a_process_that_calls_itself_without_end_is_held() -> None:
    world = World(process(S, el("again", "callActivity", called='"p"'), E, flows="start > again > end")).begin()
    assert world.failed == ["again"]


def test_a_missing_call_target_is_found_when_it_is_compiled() -> None:
    with pytest.raises(FlowFaulty, match="“r”, which is not there"):
        World(process(S, el("call", "callActivity", called='"r"'), flows="start > call"))


# --- loops ------------------------------------------------------------------------------------------------------------


def loop(kind: str, **more: object) -> LoopSpec:
    return LoopSpec(kind=kind, **more)  # type: ignore[arg-type]


def test_13_2_5_a_standard_loop_goes_round_while_its_condition_holds() -> None:
    (a,) = users("a", loop=loop("standard", condition="n < 3"))
    world = World(process(S, a, *users("z"), flows="start > a > z"), facts={"n": 0}).begin()
    world.do("a", n=1)
    assert world.open == ["a"]
    world.do("a", n=3)
    assert world.open == ["z"]


def test_13_2_5_a_standard_loop_may_test_before_and_ends_at_its_maximum() -> None:
    (none,) = users("a", loop=loop("standard", condition="n > 5", test_before=True))
    assert World(process(S, none, *users("z"), flows="start > a > z"), facts={"n": 0}).begin().open == ["z"]
    (twice,) = users("a", loop=loop("standard", maximum=2))
    assert World(process(S, twice, *users("z"), flows="start > a > z")).begin().do("a", "a").open == ["z"]


def test_13_2_6_parallel_instances_all_begin_and_the_last_one_ends_the_activity() -> None:
    (a,) = users("a", loop=loop("parallel", collection="names", element="name"))
    world = World(process(S, a, *users("z"), flows="start > a > z"), facts={"names": ["x", "y", "w"]}).begin()
    assert world.open == ["a", "a", "a"]
    assert [n.variables["name"] for n in world.flow_of("a").nodes.values() if n.index] == ["x", "y", "w"]
    assert world.do("a", "a").open == ["a"]
    assert world.do("a").open == ["z"]


def test_13_2_6_sequential_instances_come_one_after_another() -> None:
    (a,) = users("a", loop=loop("sequential", cardinality="3"))
    world = World(process(S, a, *users("z"), flows="start > a > z")).begin()
    for _ in range(3):
        assert world.open == ["a"]
        world.do("a")
    assert world.open == ["z"]


def test_13_2_6_no_member_means_no_instance() -> None:
    (a,) = users("a", loop=loop("parallel", collection="names", element="name"))
    assert World(process(S, a, *users("z"), flows="start > a > z"), facts={"names": []}).begin().open == ["z"]


def test_13_2_6_the_completion_condition_takes_the_others_away() -> None:
    many = loop("parallel", cardinality="5", completion="numberOfCompletedInstances / numberOfInstances >= 0.4")
    (a,) = users("a", loop=many)
    world = World(process(S, a, *users("z"), flows="start > a > z")).begin()
    assert world.do("a").open == ["a"] * 4
    assert world.do("a").open == ["z"]


def test_13_2_6_what_instances_give_is_collected() -> None:
    gather = loop(
        "sequential", collection="[1, 2, 3]", element="k", output_collection="squares", output_element="k * k"
    )
    world = World(process(S, el("a", "task", loop=gather), *users("z"), flows="start > a > z")).begin()
    assert world.variables["squares"] == [Decimal(1), Decimal(4), Decimal(9)]


def test_13_2_6_a_boundary_event_ends_all_instances() -> None:
    (a,) = users("a", loop=loop("parallel", cardinality="3"))
    model = process(S, a, on("a", "x", definition("message", "stop")), *users("b"), flows="start > a; x > b")
    world = World(model).begin()
    assert world.message("stop") and world.open == ["b"]


def test_a_loop_over_what_is_no_list_is_an_incident() -> None:
    (a,) = users("a", loop=loop("parallel", collection="names"))
    world = World(process(S, a, flows="start > a"), facts={"names": 3}).begin()
    assert world.failed == ["a"] and "names" in world.node("a").note


# --- compensation (§13.4.5) -------------------------------------------------------------------------------------------


def undoable(id: str, **more: Any) -> list[ElementSpec]:
    return [
        *users(id, **more),
        on(id, f"c-{id}", definition("compensation"), handler=f"undo-{id}", **more),
        *users(f"undo-{id}", is_for_compensation=True, **more),
    ]


def test_13_4_5_compensation_undoes_what_is_done_the_last_first() -> None:
    model = process(
        S,
        *undoable("a"),
        *undoable("b"),
        throw("back", definition("compensation")),
        *users("z"),
        flows="start > a > b > back > z",
    )
    world = World(model).begin().do("a", "b")
    assert world.open == ["undo-b"]
    assert world.do("undo-b").open == ["undo-a"]
    assert world.do("undo-a").open == ["z"]


def test_13_4_5_compensation_of_one_activity_undoes_that_alone_and_once() -> None:
    one = definition("compensation", activity="a")
    model = process(
        S,
        *undoable("a"),
        *undoable("b"),
        throw("back", one),
        throw("twice", one),
        *users("z"),
        flows="start > a > b > back > twice > z",
    )
    world = World(model).begin().do("a", "b")
    assert world.open == ["undo-a"]
    assert world.do("undo-a").open == ["z"]


def test_13_4_5_what_was_not_done_is_not_undone() -> None:
    model = process(
        S,
        el("x", "exclusiveGateway"),
        *undoable("a"),
        *undoable("b"),
        throw("back", definition("compensation")),
        *users("z"),
        flows="start > x; x > a [n = 1]; x >> b; a > back; b > back; back > z",
    )
    world = World(model, facts={"n": 1}).begin().do("a")
    assert world.open == ["undo-a"]


def test_13_4_5_a_sub_process_that_is_done_is_undone_from_inside() -> None:
    model = process(
        S,
        el("sub", "subProcess"),
        start("s2", parent="sub"),
        *undoable("a", parent="sub"),
        *undoable("b", parent="sub"),
        throw("back", definition("compensation")),
        *users("z"),
        flows="start > sub > back > z; s2 > a > b",
    )
    world = World(model).begin().do("a", "b")
    assert world.open == ["undo-b"]
    assert world.do("undo-b", "undo-a").open == ["z"]


def test_13_4_5_a_compensation_event_sub_process_undoes_its_sub_process() -> None:
    model = process(
        S,
        el("sub", "subProcess"),
        start("s2", parent="sub"),
        *users("a", parent="sub"),
        el("undo", "subProcess", triggered_by_event=True, parent="sub"),
        start("s3", definition("compensation"), parent="undo"),
        *users("mend", parent="undo"),
        throw("back", definition("compensation")),
        *users("z"),
        flows="start > sub > back > z; s2 > a; s3 > mend",
    )
    world = World(model).begin().do("a")
    assert world.open == ["mend"]
    assert world.do("mend").open == ["z"]


def test_10_3_5_a_cancelled_transaction_is_undone_and_left_by_its_cancel_event() -> None:
    model = process(
        S,
        el("t", "transaction"),
        start("s2", parent="t"),
        *undoable("a", parent="t"),
        *users("b", parent="t"),
        end("no", definition("cancel"), parent="t"),
        on("t", "off", definition("cancel")),
        *users("y", "z"),
        flows="start > t > y; s2 > a > b > no; off > z",
    )
    world = World(model).begin().do("a", "b")
    assert world.open == ["undo-a"]
    assert world.do("undo-a").open == ["z"]


# --- people -----------------------------------------------------------------------------------------------------------

PLAIN = process(S, *users("a", "b", "c"), E, flows="start > a > b > c > end")


def test_people_skip_move_and_repeat_steps() -> None:
    world = World(PLAIN).begin()
    world.act(lambda run: steps.skip(run, 1, world.node("a").id))
    assert world.open == ["b"]
    world.act(lambda run: steps.move(run, 1, world.node("b").id, "c"))
    assert world.open == ["c"]
    world.act(lambda run: steps.repeat(run, 1, "a"))
    assert world.open == ["a", "c"]
    with pytest.raises(steps.StepRefused, match="It can on: start, a, b, c, end"):
        world.act(lambda run: steps.repeat(run, 1, "nowhere"))


# --- rest -------------------------------------------------------------------------------------------------------------


def test_a_ring_of_steps_without_a_way_out_is_found_when_it_is_compiled() -> None:
    ring = process(S, el("x", "exclusiveGateway"), el("t", "task"), flows="start > x > t > x")
    with pytest.raises(FlowFaulty, match="round without end"):
        World(ring)


def test_a_ring_that_its_data_keep_going_is_held_with_an_incident() -> None:
    ring = process(
        S, el("x", "exclusiveGateway"), el("t", "task"), E, flows="start > x; x > t [n = 1]; t > x; x >> end"
    )
    world = World(ring, facts={"n": 1}).begin()
    assert len(world.failed) == 1
    world.facts["n"] = Decimal(2)
    world.act(lambda run: steps.retry(run, 1, world.node(world.failed[0]).id, "mended"))
    assert world.done


# --- who does it, and what decides ------------------------------------------------------------------------------------


def test_13_2_2_a_business_rule_task_decides_by_a_published_model() -> None:
    limits = PublishedModel(1, read_model(LIMITS))
    task = el("x", "businessRuleTask", decision=DecisionCall(decision="who decides"), result="who")
    world = World(
        process(S, task, *users("a"), flows="start > x > a"), facts={"amount": 70, "segment": "plain"}, limits=limits
    )
    assert world.begin().variables == {"who": "team lead"}


def test_13_2_2_a_send_task_says_its_message_to_who_waits_for_it() -> None:
    waiting = process(
        S,
        el("get", "receiveTask", definitions=(definition("message", "m"),)),
        *users("b"),
        flows="start > get > b",
        id="o",
    )
    send = el("say", "sendTask", definitions=(definition("message", "m"),), inputs=(m("n", "2"),))
    world = World(process(S, send, *users("a"), flows="start > say > a"), waiting, facts={"n": 0}).begin("o").begin("p")
    assert world.open == ["a", "b"] and world.facts["n"] == 2


def test_10_3_4_a_user_task_says_who_may_do_it_and_by_when() -> None:
    (task,) = users("a", assignee='"agent:7"', candidate_groups='["clerks", who]', due='"PT2H"')
    world = World(process(S, task, flows="start > a"), facts={"who": "leads"}).begin()
    ((_, _, _, given),) = world.tasks.values()
    assert (given.assignee, given.groups) == ("agent:7", ("clerks", "leads"))
    assert given.due == world.now.replace(hour=11)


def test_10_4_1_a_data_object_begins_with_its_value() -> None:
    model = process(S, *users("a"), flows="start > a")
    data = (DataSpec(id="d", name="tries", initial="3"),)
    assert World(msgspec.structs.replace(model, data=data)).begin().variables == {"tries": Decimal(3)}


def test_10_3_8_instances_read_their_number_and_how_many_there_are() -> None:
    gather = loop("sequential", cardinality="2", output_collection="seen", output_element="loopCounter")
    world = World(process(S, el("a", "task", loop=gather), *users("z"), flows="start > a > z")).begin()
    assert world.variables["seen"] == [Decimal(1), Decimal(2)]
