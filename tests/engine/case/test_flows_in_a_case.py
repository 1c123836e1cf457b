"""A flow inside a case: what people do in it are tasks like any other, and its end completes the task that ran it."""

from datetime import timedelta

from caseloom.engine.case import commands as c
from caseloom.engine.case import flow_commands as f
from caseloom.engine.spec.flow import EventDefinition, FieldSpec, TimerSpec
from tests.engine.case.kit import LEAD, Case
from tests.engine.flow.kit import el, process

GOAL = """
facts:
  amount: {type: number}
  approved: {type: boolean}
  paid: {type: boolean}
goals:
  money back:
    title: The money is back
    reached when: paid = true
    options:
      by the book: {title: By the book, tasks: [refund], automatic: true}
tasks:
  refund: {title: Refund by the book, kind: flow, model: flows, flow: refund}
  pay: {title: Pay the refund, form: [paid], must: [paid]}
"""
REFUND = process(
    el("start", "startEvent"),
    el("check", "userTask", name="Check the claim", form=(FieldSpec(name="approved", required=True),)),
    el("ok", "exclusiveGateway"),
    el("pay", "userTask", task="pay"),
    el("no", "endEvent"),
    el("end", "endEvent"),
    flows="start > check > ok; ok > pay [approved]; ok >> no; pay > end",
    id="refund",
)


def test_a_flow_task_runs_its_process_and_is_done_with_it() -> None:
    case = Case(GOAL, flows=[REFUND]).open(facts={"amount": 20})
    assert case.task("refund").status == "active"
    check = case.task("check the claim")
    assert check.form == ("approved",)
    assert case.refuse(c.CompleteTask(item=check.id)).code == "data"
    case.accept(c.CompleteTask(item=check.id, facts={"approved": True}))
    case.accept(c.CompleteTask(item=case.task("pay").id, facts={"paid": True}))
    assert not case.state.flows and case.status() == "completed"


def test_a_step_that_is_cancelled_is_left_out() -> None:
    case = Case(GOAL, flows=[REFUND]).open()
    case.accept(c.CancelTask(item=case.task("check the claim").id, reason="known already"))
    assert not case.state.flows, "nobody approved: the flow takes its other way"
    assert case.goal("money back").status == "active", "no flow finishes a case: its goals do"


def test_cancelling_the_flow_task_ends_the_flow_and_its_tasks() -> None:
    case = Case(GOAL, flows=[REFUND]).open()
    case.accept(c.CancelTask(item=case.task("refund").id, reason="another way"))
    assert not case.state.flows and not case.state.items


def test_another_option_ends_the_flow_of_the_first() -> None:
    two = GOAL.replace("automatic: true}", "automatic: true}\n      by hand: {title: By hand, tasks: [pay]}")
    case = Case(two, flows=[REFUND]).open()
    case.accept(c.ChooseOption(goal=case.goal("money back").id, option="by hand"))
    assert not case.state.flows
    assert case.task("pay").node == 0


def test_a_boundary_rule_binds_what_a_flow_does() -> None:
    ruled = GOAL + "boundary rules: [{says: Nothing is paid unseen, require: approved = true, guards: [set paid]}]\n"
    paying = process(
        el("start", "startEvent"),
        el("pay", "scriptTask", script="true", result="paid"),
        el("end", "endEvent"),
        flows="start > pay > end",
        id="refund",
    )
    case = Case(ruled, flows=[paying]).open()
    (flow,) = case.state.flows.values()
    (node,) = [node for node in flow.nodes.values() if node.id]
    assert node.status == "failed", "the flow waits with an incident that names the rule"
    case.accept(f.RetryStep(flow=flow.id, node=node.id, values={"approved": True}, reason="seen"))
    assert case.status() == "completed"


def test_a_timer_of_a_flow_comes_at_its_minute() -> None:
    late = process(
        el("start", "startEvent"),
        el("check", "userTask", name="Check the claim"),
        el(
            "late",
            "boundaryEvent",
            attached_to="check",
            definitions=(EventDefinition(kind="timer", timer=TimerSpec(kind="duration", value='"4 business hours"')),),
        ),
        el("chase", "userTask", name="Chase it"),
        flows="start > check; late > chase",
        id="refund",
    )
    case = Case(GOAL, flows=[late]).open()
    case.pass_time(timedelta(hours=4, minutes=-1))
    assert case.task("check the claim").status == "active"
    case.pass_time(timedelta(minutes=1))
    assert case.task("chase it").status == "active"


def test_a_lane_is_the_role_of_what_stands_in_it() -> None:
    led = process(
        el("start", "startEvent"),
        el("sign", "userTask", name="Sign it", lane="team lead"),
        el("end", "endEvent"),
        flows="start > sign > end",
        id="refund",
    )
    case = Case(GOAL, flows=[led]).open()
    item = case.task("sign it").id
    assert case.refuse(c.CompleteTask(item=item)).code == "role"
    case.accept(c.CompleteTask(item=item), LEAD)


def test_a_candidate_group_that_the_house_knows_gets_the_task() -> None:
    grouped = process(
        el("start", "startEvent"),
        el("sign", "userTask", name="Sign it", candidate_groups='"strangers, field"'),
        flows="start > sign",
        id="refund",
    )
    assert Case(GOAL, flows=[grouped]).open().task("sign it").team == "field"
