"""External workers, messages and signals over the API."""

import pytest

from caseloom.cases.throwing import Throwing
from caseloom.engine.case import commands as c
from caseloom.foundation.clock import now
from caseloom.library.publishing import publish
from caseloom.sdk.stream import Answer
from caseloom.streams.door import the_door
from caseloom.streams.effects import Effects
from caseloom.streams.replay import read_state
from tests.library.flows import BPMN, GOAL, HOUSE
from tests.streams.kit import PROGRAM, a_case, a_customer, empty_streams, send
from tests.web.api.kit import Caller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def caller() -> Caller:
    empty_streams()
    for text in (HOUSE, BPMN, GOAL):
        assert isinstance(publish(PROGRAM, text), Answer)
    return Caller("agent")


def _approved() -> int:
    case = a_case(a_customer(), "money back", house_version=1)
    door = the_door()
    found = read_state(door, door.kinds["case"], case)
    assert found is not None
    item = next(item.id for item in found[0].items.values() if item.key == "check the claim")
    send("case", case, c.CompleteTask(item=item, facts={"approved": True}))
    return case


def _fetch(caller: Caller, worker: str = "bank-1", topic: str = "bank") -> list[dict[str, object]]:
    answer = caller.post("/workers/fetch", {"topics": [topic], "worker": worker, "lock_seconds": 60})
    assert answer.status_code == 200, answer.content
    found: list[dict[str, object]] = answer.json()
    return found


def test_a_worker_fetches_locks_and_completes(caller: Caller) -> None:
    case = _approved()
    (work,) = _fetch(caller)
    assert (work["case"], work["topic"], work["title"], work["retries"]) == (case, "bank", "Transfer the money", 3)
    assert isinstance(work["values"], dict) and work["values"]["amount"] == 20
    assert _fetch(caller, "bank-2") == [], "it is locked"
    where = {"flow": work["flow"], "node": work["node"], "worker": "bank-2"}
    refused = caller.post(f"/cases/{case}/complete-work", where)
    assert refused.status_code == 409 and "bank-1" in refused.json()["detail"]
    assert caller.post(f"/cases/{case}/complete-work", {**where, "worker": "bank-1"}).status_code == 200
    assert _fetch(caller) == []


def test_a_worker_that_fails_gives_its_work_back_until_it_is_an_incident(caller: Caller) -> None:
    case = _approved()
    for _ in range(3):
        (work,) = _fetch(caller)
        body = {"flow": work["flow"], "node": work["node"], "worker": "bank-1", "message": "no line"}
        assert caller.post(f"/cases/{case}/fail-work", body).status_code == 200
    assert _fetch(caller) == []
    step = {"flow": work["flow"], "node": work["node"], "reason": "the line is up again"}
    assert caller.post(f"/cases/{case}/retry-step", step).status_code == 200
    assert len(_fetch(caller)) == 1


def test_a_message_finds_the_case_that_waits_for_it(caller: Caller) -> None:
    assert caller.post("/messages", {"name": "bank answered"}).status_code == 404
    case = _approved()
    (work,) = _fetch(caller)
    caller.post(f"/cases/{case}/complete-work", {k: work[k] for k in ("flow", "node")} | {"worker": "bank-1"})
    answer = caller.post("/messages", {"name": "bank answered", "values": {"reference": "A7"}})
    assert answer.status_code == 200 and answer.json()["id"] == case
    assert caller.get(f"/cases/{case}").json()["status"] == "completed"


def test_a_signal_reaches_every_case_that_waits_for_it(caller: Caller) -> None:
    cases = [_approved() for _ in range(3)]
    assert caller.post("/signals", {"name": "stop all"}).json() == {"cases": 3}
    assert caller.post("/signals", {"name": "stop all"}).json() == {"cases": 0}
    assert _fetch(caller) == [] and cases


THROWING = (
    BPMN.replace('id="refunds"', 'id="stopper"')
    .replace('id="refund" name', 'id="stop" name')
    .replace('<endEvent id="refused"/>', '<endEvent id="refused"><signalEventDefinition signalRef="s"/></endEvent>')
)


def test_a_signal_thrown_in_one_case_reaches_the_others_once(caller: Caller) -> None:
    goal = GOAL.replace("service goal: money back", "service goal: stopping").replace(
        "model: refunds, flow: refund", "model: stopper, flow: stop"
    )
    for text in (THROWING, goal):
        assert isinstance(publish(PROGRAM, text), Answer)
    waiting = _approved()
    thrower = a_case(a_customer(), "stopping", house_version=1)
    door = the_door()
    found = read_state(door, door.kinds["case"], thrower)
    assert found is not None
    item = next(item.id for item in found[0].items.values() if item.key == "check the claim")
    answer = send("case", thrower, c.CompleteTask(item=item, facts={"approved": False}))
    version = next(
        n
        for n, ev in enumerate(answer.events, answer.version - len(answer.events) + 1)
        if ev.stored == "signal_thrown.1"
    )
    effects = Effects({"throw signal": Throwing(PROGRAM)}, now)
    effects.perform("throw signal", thrower, version)
    effects.perform("throw signal", thrower, version)
    state = read_state(door, door.kinds["case"], waiting)
    assert state is not None and not state[0].flows
