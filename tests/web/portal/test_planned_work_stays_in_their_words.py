"""What staff plan in a case, and what its process does, reaches the customer in their own words or not at all."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from caseloom.cases.queries import CaseView, read_case
from caseloom.channels.links import make_link_token
from caseloom.engine.case import commands as c
from caseloom.library.plans import the_plans
from caseloom.library.publishing import publish
from caseloom.sdk.stream import Answer
from tests.library.flows import BPMN, GOAL, HOUSE
from tests.streams.kit import PROGRAM, a_case, a_customer, send

pytestmark = pytest.mark.django_db(transaction=True)

SETTLED = "  settled: {title: Settled, customer title: It is settled, added only: true, reached when: amount > 10}\n"
THEIRS = (
    GOAL.replace(
        "    title: The money is back\n", "    title: The money is back\n    customer title: You get it back\n"
    )
    .replace(
        "  reference: {type: text}\n", "  reference: {type: text}\n  approved: {type: boolean, label: 'Is it so?'}\n"
    )
    .replace("      by the book:", "      by hand: {title: Pay it from the till, tasks: [pay]}\n      by the book:")
    .replace("tasks:\n  refund", f"{SETTLED}tasks:\n  refund")
    + """  pay: {title: Pay from the till}
  check the claim:
    title: Have them sign it off
    customer title: Tell us whether the claim is right
    by customer: true
    form: [approved]
    must: [approved]
"""
)
OURS = (
    "Have them sign it off", "Refund by the book", "By the book", "Transfer the money", "bank", "Pay from the till",
    "Pay it from the till", "Ask the fraud team", "No fraud", "Fraud check", "another way",
)  # fmt: skip


class Customer:
    """A customer at the page of their matter."""

    def __init__(self) -> None:
        the_plans.forget()
        for text in (HOUSE, BPMN, THEIRS):
            answer = publish(PROGRAM, text)
            assert isinstance(answer, Answer), answer
        customer = a_customer("Maria Keller")
        self.case = a_case(customer, "money back", house_version=1)
        self.browser = Client(raise_request_exception=True)
        self.address = f"/portal/link/{make_link_token(customer, self.case, datetime.now(UTC))}/"

    @property
    def view(self) -> CaseView:
        view = read_case(PROGRAM, self.case)
        assert view is not None
        return view

    def goal(self) -> int:
        found = self.view.state.goal_by_key("returned")
        assert found is not None
        return found.id

    def staff(self, command: c.Command) -> None:
        send("case", self.case, command)

    def sees(self) -> str:
        answer = self.browser.get(self.address, follow=True)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert [words for words in OURS if words in page] == []
        return page


@pytest.fixture
def maria() -> Customer:
    return Customer()


def test_their_part_of_a_process_is_theirs_to_do(maria: Customer) -> None:
    page = maria.sees()
    assert "Tell us whether the claim is right" in page and "You get it back" in page
    [task] = [item for item in maria.view.state.items.values() if item.key == "check the claim"]
    form = maria.browser.get(f"{maria.address}task/{task.id}/", follow=True).content.decode()
    assert "Is it so?" in form
    answer = maria.browser.post(f"{maria.address}do/complete/", {"item": task.id, "fact.approved": "true"})
    assert answer.status_code == 302
    [flow] = maria.view.state.flows.values()
    assert "transfer" in {node.element for node in flow.nodes.values()}
    page = maria.sees()
    assert "Tell us whether the claim is right" in page, "done, it stands in the story"
    assert "It is our turn" in page


def test_what_staff_make_up_and_change_is_not_told(maria: Customer) -> None:
    maria.staff(c.CreateTask(title="Ask the fraud team"))
    maria.staff(c.CreateStage(title="Fraud check"))
    maria.staff(c.AddGoal(title="No fraud", need="optional"))
    maria.staff(c.CreateOption(goal=maria.goal(), title="Pay it from the till", steps=("pay",)))
    maria.staff(c.ChooseOption(goal=maria.goal(), option="by hand"))
    assert "Tell us whether the claim is right" not in maria.sees()
    maria.staff(c.CancelOption(goal=maria.goal(), reason="another way"))
    assert "You get it back" in maria.sees()


def test_a_goal_that_was_reached_at_once_and_undone_leaves_the_page_whole(maria: Customer) -> None:
    maria.staff(c.AddGoal(key="settled"))
    assert [goal.status for goal in maria.view.state.goals.values() if goal.key == "settled"] == ["reached"]
    assert "It is settled" in maria.sees()
    maria.staff(c.UndoWork())
    assert "It is settled" not in maria.sees()


def test_a_case_that_cannot_go_on_does_not_say_why(maria: Customer) -> None:
    maria.staff(c.FailCase(reason="another way"))
    maria.sees()
