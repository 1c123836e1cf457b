"""Design by doing: what was done becomes a definition that compiles, runs, and does the same."""

import pytest

from caseloom.cases.drafting import NothingCommon, draft_option, draft_service_goal, key_of
from caseloom.cases.past import PastCase, told
from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import PROGRAM
from caseloom.engine.case.refusal import Refused
from caseloom.interchange.yaml_text import read_service_goal
from caseloom.interchange.yaml_writer import write_definition
from tests.engine.case.kit import Case
from tests.library.kit import ADA, DEFINITIONS, Matter


def past(case: Case, number: int = 1) -> PastCase:
    return told(number, case.plans[case.key], case.state, [event for event, _ in case.history])


def refunded(first: str = "Ask the branch") -> Matter:
    case = Matter("dispute fee")
    case.accept(c.CreateTask(title=first, goal=case.goal("fee settled").id, form=("finding",)))
    case.accept(c.CreateTask(title="By mistake", goal=case.goal("fee settled").id))
    case.accept(c.DeleteTask(item=case.task("By mistake").id, reason="it was"))
    case.complete(first)
    case.complete("check the fee", ADA, disputed_amount="12 EUR", kind_of_fee="account", finding="our mistake")
    case.choose("fee settled", "refund at once")
    case.complete("propose the refund", refund="12 EUR", reason_for_the_customer="It was booked twice.")
    case.complete("pay the refund")
    case.write("tell about the refund")
    case.confirm()
    return case


def test_a_finished_case_becomes_a_service_goal_that_does_the_same() -> None:
    text = draft_service_goal([past(refunded())], "Refund of a fee", "A fee is refunded")
    drafted = read_service_goal(text)
    assert (drafted.service_goal, drafted.title) == ("refund of a fee", "A fee is refunded")
    case = Case(text, (DEFINITIONS / "house.yaml").read_text()).open()
    done: list[str] = []
    while case.status() == "active" and len(done) < 20:
        item = next(item for item in case.state.items.values() if item.kind == "task" and item.status == "active")
        spec = drafted.tasks[item.key]
        if spec.kind == "letter":
            words = c.SendMessage(
                contact=70, to="m@example.org", subject="s", text="t", letter=spec.letter, item=item.id
            )
            case.accept(words, ADA)
            case.accept(c.SettleMessage(contact=70, status="accepted"), PROGRAM)
        else:
            answers = {"disputed amount": "12 EUR", "kind of fee": "account", "finding": "our mistake"}
            answers |= {"refund": "12 EUR", "reason for the customer": "Twice."}
            asked = {name: value for name, value in answers.items() if name in item.form}
            case.accept(c.CompleteTask(item=item.id, facts=asked), ADA)
        done.append(item.key)
    assert case.status() == "completed"
    order = [done.index(key) for key in ("ask the branch", "propose the refund", "pay the refund")]
    assert order == sorted(order), "in the order in which it was done"
    assert "by mistake" not in drafted.tasks


def test_of_several_cases_the_common_part_is_drafted() -> None:
    one, other = refunded(), refunded("Ask the shop")
    drafted = read_service_goal(draft_service_goal([past(one, 1), past(other, 2)], "refund", "A refund"))
    assert "ask the branch" not in drafted.tasks and "ask the shop" not in drafted.tasks
    assert {"check the fee", "propose the refund", "pay the refund"} <= set(drafted.tasks)
    assert drafted.tasks["pay the refund"].after == ("propose the refund",)


def test_order_is_said_only_where_all_cases_agree() -> None:
    text = """
goals: {answered: {title: Answered}}
tasks: {call: {title: Call}, look: {title: Look}, tell: {title: Tell}}
"""

    def done(*keys: str) -> PastCase:
        case = Case(text).open()
        goal = case.goal("answered").id
        for key in keys:
            case.accept(c.CreateTask(key=key, goal=goal))
        for key in keys:
            case.complete(key)
        case.accept(c.ReachGoal(goal=goal))
        return past(case)

    drafted = read_service_goal(
        draft_service_goal([done("call", "look", "tell"), done("look", "call", "tell")], "answer", "Answer")
    )
    assert drafted.goals["answered"].options["usual way"].tasks == ("call", "look", "tell")
    assert {key: task.after for key, task in drafted.tasks.items()} == {
        "call": (), "look": (), "tell": ("call", "look"),
    }  # fmt: skip


def test_what_was_done_becomes_an_option_of_the_definition() -> None:
    text = (DEFINITIONS / "dispute-fee.yaml").read_text()
    drafted = draft_option(text, "fee settled", "As for Maria", [past(refunded())])
    definition = read_service_goal(drafted)
    before = read_service_goal(text)
    option = definition.goals["fee settled"].options["as for maria"]
    assert option.tasks[0] == "ask the branch"
    assert {"propose the refund", "pay the refund"} <= set(option.tasks)
    assert set(definition.tasks) - set(before.tasks) == {"ask the branch"}
    assert definition.tasks["pay the refund"] == before.tasks["pay the refund"], "what was there stays as it is"
    assert definition.rules == before.rules


def test_cases_that_did_nothing_in_common_make_no_draft() -> None:
    with pytest.raises(NothingCommon):
        draft_service_goal([past(Case().open())], "x", "X")
    with pytest.raises(NothingCommon):
        draft_option((DEFINITIONS / "fault.yaml").read_text(), "works again", "X", [past(refunded())])


def test_a_task_done_and_undone_was_not_done() -> None:
    text = "goals: {answered: {title: Answered}}\ntasks: {call: {title: Call}}\n"
    case = Case(text).open()
    case.accept(c.CreateTask(key="call"))
    outcome = case.do(c.UndoWork())
    assert not isinstance(outcome, Refused)
    assert past(case).tasks == ()


@pytest.mark.parametrize("file", sorted(DEFINITIONS.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_definition_is_written_as_it_is_read(file: object) -> None:
    text = file.read_text()  # type: ignore[attr-defined]
    if text.lstrip().startswith("house rules"):
        return
    definition = read_service_goal(text)
    assert read_service_goal(write_definition(definition)) == definition


def test_keys_are_sound() -> None:
    assert key_of("  A: title [with] {all}. #1\n") == "a title with all 1"
    assert key_of("...") == "draft"
    assert len(key_of("x" * 200)) == 80
