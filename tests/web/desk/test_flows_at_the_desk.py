"""Flows at the desk: where they stand in words, and what people can do with their steps."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from caseloom.cases.queries import CaseView
from caseloom.engine.case import commands as c
from caseloom.engine.flow.state import Flow, Node
from caseloom.staff.access import of_user
from tests.streams.kit import empty_streams
from tests.web.desk.kit import a_person, do
from tests.web.desk.planning_kit import a_planning_house, a_refund, goal_of, item_of, look, step_of

pytestmark = pytest.mark.django_db(transaction=True)


class Running:
    """A case whose process runs, past its first step where `checked`."""

    def __init__(self) -> None:
        self.user = a_person("ada", ("agent",), ("money",))
        self.access = of_user(self.user)
        self.browser = Client(raise_request_exception=True)
        self.browser.force_login(self.user)
        self.case = a_refund()
        do(self.access, self.case, c.ChooseOption(goal=goal_of(self.view), option="by the book"))

    def check(self) -> "Running":
        do(self.access, self.case, c.CompleteTask(item=item_of(self.view, "Check the claim").id))
        return self

    @property
    def view(self) -> CaseView:
        return look(self.access, self.case)

    def step(self, element: str) -> tuple[Flow, Node]:
        return step_of(self.view, element)

    def active(self) -> set[str]:
        return {node.element for flow in self.view.state.flows.values() for node in flow.nodes.values() if node.id}

    def place(self, element: str) -> dict[str, int]:
        flow, node = self.step(element)
        return {"flow": flow.id, "node": node.id}

    def sends(self, command: str, **fields: Any) -> tuple[int, str]:
        address = f"/desk/cases/{self.case}/do/{command}/"
        answer = self.browser.post(address, {"form": "f", **fields}, headers={"HX-Request": "true"})
        return answer.status_code, answer.content.decode()

    def does(self, command: str, **fields: Any) -> None:
        status, said = self.sends(command, **fields)
        assert status == 200, said

    def sees(self, path: str = "") -> str:
        answer = self.browser.get(f"/desk/cases/{self.case}/{path}", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return answer.content.decode()

    def sheet(self, element: str) -> str:
        flow, node = self.step(element)
        return self.sees(f"steps/{flow.id}/{node.id}/")


@pytest.fixture
def ada() -> Iterator[Running]:
    empty_streams()
    a_planning_house()
    yield Running()


def test_the_page_says_who_and_what_each_step_waits_for(ada: Running) -> None:
    page = ada.sees()
    assert "Refund by the book" in page and "a task above" in page
    task = item_of(ada.view, "Check the claim").id
    assert f'href="#task-{task}-card"' in page
    assert "A step of “Refund by the book”." in ada.sees(f"sheet/task/{task}/")
    page = ada.check().sees()
    for words in (
        "Transfer the money", "waits for a program that does “bank”", "or until", "Care for the customer",
        "Can be begun: Call the customer, Write a card",
    ):  # fmt: skip
        assert words in page
    assert page.count("task-card") == 0 and "Refund by the book</h3></header>" not in page


def test_work_that_waits_for_a_program_is_done_by_hand_with_values(ada: Running) -> None:
    ada.check()
    assert "Do it by hand" in ada.sheet("transfer")
    ada.does("CompleteWork", **ada.place("transfer"), named=["amount", "paid", ""], value=["20", "true", "x"])
    assert "transfer" not in ada.active() and ada.view.state.facts["amount"].value == "20"
    assert "waits for the message “bank answered”" in ada.sees()


def test_a_message_that_came_another_way_is_told_with_its_values(ada: Running) -> None:
    ada.check()
    ada.does("CompleteWork", **ada.place("transfer"))
    assert "It came: bank answered" in ada.sheet("answer")
    ada.does("CorrelateMessage", name="bank answered", named="reference", value="A7")
    assert ada.view.state.status == "completed", "what the message brought has reached the goal"


def test_a_value_that_is_none_is_refused_and_nothing_happens(ada: Running) -> None:
    ada.check()
    status, said = ada.sends("CompleteWork", **ada.place("transfer"), named="amount", value="a lot")
    assert status == 422 and "no value" in said
    assert "transfer" in ada.active()


def test_an_incident_has_its_words_and_is_tried_again_with_a_value(ada: Running) -> None:
    ada.check()
    ada.does("CompleteWork", **ada.place("transfer"))
    ada.does("CorrelateMessage", name="bank answered")
    ada.does("FinishSteps", **ada.place("care"))
    page = ada.sees()
    assert "It cannot go on:" in page and "Is the sum known?" in page
    flow, node = ada.step("sum")
    assert node.status == "failed" and node.note
    assert "Values to mend first" in ada.sheet("sum")
    ada.does("RetryStep", flow=flow.id, node=node.id, named="amount", value="20", reason="she said so")
    assert not ada.view.state.flows


def test_a_step_is_left_out_with_a_reason(ada: Running) -> None:
    status, said = ada.sends("SkipStep", **ada.place("check"), reason="")
    assert status == 422 and "Say why" in said
    ada.does("SkipStep", **ada.place("check"), reason="seen at the counter")
    assert {"transfer", "care"} <= ada.active()
    assert "left “Check the claim” out" in ada.sees() and "seen at the counter" in ada.sees()


def test_a_flow_goes_on_elsewhere(ada: Running) -> None:
    ada.check()
    assert '<option value="chase">Chase the bank</option>' in ada.sheet("transfer")
    ada.does("MoveStep", **ada.place("transfer"), to="answer", reason="paid by phone")
    assert "answer" in ada.active() and "transfer" not in ada.active()
    status, said = ada.sends("MoveStep", **ada.place("answer"), to="moon", reason="x")
    assert status == 422 and "cannot be put on" in said


def test_a_step_is_done_once_more_beside_what_runs(ada: Running) -> None:
    flow = next(iter(ada.check().view.state.flows))
    assert "Do a step once more" in ada.sees(f"steps/{flow}/0/")
    ada.does("RepeatStep", flow=flow, element="check", reason="a second claim")
    assert {"check", "transfer", "care"} <= ada.active()


def test_what_can_be_begun_is_begun_and_the_part_is_ended(ada: Running) -> None:
    ada.check()
    shown = ada.sheet("care")
    assert "Call the customer" in shown and "This part is done" in shown
    ada.does("StartStep", **ada.place("care"), element="call")
    assert item_of(ada.view, "Call the customer").status == "active"
    status, said = ada.sends("StartStep", **ada.place("care"), element="moon")
    assert status == 422 and "cannot be begun here now" in said
    do(ada.access, ada.case, c.CompleteTask(item=item_of(ada.view, "Call the customer").id))
    ada.does("FinishSteps", **ada.place("care"))
    assert "care" not in ada.active()


def test_the_whole_process_is_cancelled(ada: Running) -> None:
    [flow] = ada.check().view.state.flows.values()
    assert "Cancel the process" in ada.sees(f"steps/{flow.id}/0/")
    ada.does("CancelTask", item=flow.item, reason="another way")
    assert not ada.view.state.flows


def test_the_drawing_is_the_model_that_the_flow_runs(ada: Running) -> None:
    [flow] = ada.view.state.flows
    answer = ada.browser.get(f"/desk/cases/{ada.case}/flows/{flow}/drawing/")
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert b'id="refunds"' in answer.content
    assert 'data-marks="check"' in ada.sees()
