"""Flow models in the library: checked, published in versions, pinned by what runs them, replayed."""

from collections.abc import Iterator

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case.flow_commands import BroadcastSignal, CompleteWork, CorrelateMessage
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.library.flows import latest_flows
from caseloom.library.plans import latest_versions, the_plans
from caseloom.library.publishing import check, publish
from caseloom.library.used import pinned_models
from caseloom.sdk.stream import Answer
from caseloom.streams.door import the_door
from caseloom.streams.replay import compare, read_state
from tests.library.flows import BPMN, GOAL, HOUSE
from tests.streams.kit import PROGRAM, a_case, a_customer, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _library() -> Iterator[None]:
    empty_streams()
    published(HOUSE)
    yield


def published(text: str) -> Answer:
    answer = publish(PROGRAM, text)
    assert isinstance(answer, Answer), answer
    return answer


def _state(case: int) -> CaseState:
    door = the_door()
    found = read_state(door, door.kinds["case"], case)
    assert found is not None
    state: CaseState = found[0]
    return state


def _task(case: int, title: str) -> int:
    return next(item.id for item in _state(case).items.values() if item.key == title)


def test_a_flow_is_published_pinned_and_run() -> None:
    published(BPMN)
    published(GOAL)
    published(BPMN.replace("Check the claim", "Look at the claim"))
    assert latest_flows() == {"refunds": 2} and "refunds" not in latest_versions()
    assert {key: one.version for key, one in pinned_models("money back", 1).items()} == {"refunds": 1}

    case = a_case(a_customer(), "money back", house_version=1)
    send("case", case, c.CompleteTask(item=_task(case, "check the claim"), facts={"approved": True}))
    (flow,) = _state(case).flows.values()
    (node,) = [node for node in flow.nodes.values() if node.work is not None]
    send("case", case, CompleteWork(flow=flow.id, node=node.id))
    send("case", case, CorrelateMessage(name="bank answered", values={"reference": "A7"}))
    assert _state(case).status == "completed" and not _state(case).flows
    door = the_door()
    assert list(compare(door, door.kinds["case"], case)) == []


def test_a_signal_from_outside_takes_the_other_way() -> None:
    published(BPMN)
    published(GOAL)
    case = a_case(a_customer(), "money back", house_version=1)
    send("case", case, c.CompleteTask(item=_task(case, "check the claim"), facts={"approved": True}))
    send("case", case, BroadcastSignal(name="stop all"))
    assert not _state(case).flows and _state(case).status == "active", "no flow finishes a case: its goals do"


def test_a_service_goal_names_a_flow_that_is_there() -> None:
    _, places = check(GOAL)
    assert [place for place in places if "no flow model “refunds”" in place.message]
    published(BPMN)
    _, places = check(GOAL.replace("flow: refund}", "flow: repair}"))
    assert [place for place in places if "has no process “repair”" in place.message]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (BPMN.replace('targetRef="answer"', 'targetRef="nowhere"'), 30, "nowhere"),
        (BPMN.replace("<startEvent", "<!DOCTYPE x>\n<startEvent"), 7, "DOCTYPE"),
    ],
)
def test_what_is_wrong_with_a_flow_is_told_with_its_line(text: str, line: int, says: str) -> None:
    definition, places = check(text)
    assert definition is None
    assert [place for place in places if says in place.message], places
    assert isinstance(publish(PROGRAM, text), Refused)


def test_plans_hold_the_flows_tasks_for_rules_to_speak_of() -> None:
    published(BPMN)
    rule = "rules: ['Only a team lead may check the claim.']\n"
    published(HOUSE.replace("teams:", "roles: {team lead: Leads}\nteams:"))
    published(GOAL + rule)
    assert "complete check the claim" in the_plans("money back", 1, 2).watched
