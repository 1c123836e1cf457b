"""Try it: a case in a sandbox, with a clock to turn; nothing of it is stored or leaves."""

from typing import Any

import pytest
from django.test import Client

from caseloom.cases.models import CaseRow
from caseloom.channels.models import ContactRow
from caseloom.library.drafts import save_draft
from tests.streams.kit import PROGRAM
from tests.web.api.kit import a_user
from tests.web.studio.kit import WITH_FLOW, a_house, an_owner, published, signed_in, the_draft
from tests.web.studio.test_the_workbench import text

pytestmark = pytest.mark.django_db(transaction=True)
PLAY = "/studio/lost%20card/play/"
DO = "/studio/lost%20card/play/do/"


@pytest.fixture
def owner() -> Client:
    a_house()
    return signed_in(an_owner())


def do(client: Client, does: str, where: str = DO, **fields: Any) -> Any:
    return client.post(where, {"do": does, **fields}, follow=True)


def item(page: Any, title: str) -> int:
    """The number of the task with this title on a page."""
    tasks = page.context["tasks"] + page.context["theirs"]
    return int(next(task.id for task in tasks if task.title == title))


def begun(owner: Client, **fields: str) -> Any:
    return do(owner, "begin", channel="phone", **fields)


def test_a_case_is_played_to_its_end_and_nothing_is_stored(owner: Client) -> None:
    page = begun(owner)
    [blocked, card] = [goal for goal in page.context["goals"] if goal.status != "cancelled"]
    page = do(owner, "ChooseOption", goal=blocked.id, option="block it")
    page = do(owner, "CompleteTask", item=item(page, "Block the card"), **{"fact.card ending": "1234"})
    assert [letter.subject for letter in page.context["letters"]] == ["Your card is blocked"]
    assert "Dear Maria Keller" in text(page) and "shown, not sent" in text(page)
    page = do(owner, "ChooseOption", goal=card.id, option="by mail")
    page = do(owner, "CompleteTask", item=item(page, "Order the new card"))
    page = do(owner, "CompleteTask", item=item(page, "The customer says that it has arrived"), hand="customer:1",
              **{"fact.arrived": "true"})  # fmt: skip
    assert page.context["state"].awaits_confirmation
    page = do(owner, "RecordPerception", score="5", hand="customer:1")
    page = do(owner, "ConfirmOutcome", reached="true", hand="customer:1")
    assert page.context["state"].status == "completed"
    assert page.context["count"] == 7
    assert not CaseRow.objects.exists()
    assert not ContactRow.objects.exists()


def test_the_clock_is_turned_to_the_next_deadline(owner: Client) -> None:
    page = begun(owner)
    begin = page.context["told"].now
    assert begin.strftime("%a %H:%M") == "Mon 09:00"
    page = do(owner, "turn", how="next")
    assert page.context["told"].now > begin
    assert page.context["goals"][0].late
    later = page.context["told"].now
    page = do(owner, "turn", how="business day")
    assert 0 < (page.context["told"].now - later).days <= 3
    page = do(owner, "back")
    assert page.context["told"].now == later


def test_a_rule_refuses_and_names_the_way_on(owner: Client) -> None:
    page = begun(owner)
    refused = do(owner, "SetFacts", **{"fact.fee": "30 EUR"})
    assert refused.status_code == 422
    said = text(refused)
    assert "The fee must be at most 20 EUR." in said and "Take a smaller fee" in said
    assert owner.get(PLAY).context["count"] == 0
    page = do(owner, "SetFacts", **{"fact.fee": "15 EUR"})
    assert page.context["count"] == 1
    assert "15" in text(page)


def test_after_a_change_of_the_draft_the_steps_are_played_again(owner: Client) -> None:
    begun(owner)
    do(owner, "SetFacts", **{"fact.fee": "15 EUR"})
    draft = the_draft()
    save_draft(PROGRAM, draft, draft.text.replace("at most 20 EUR", "at most 10 EUR"), draft.seen)
    page = owner.get(PLAY)
    assert "1 earlier step is not taken any more" in text(page)
    save_draft(PROGRAM, the_draft(), "service goal: lost card", the_draft().seen)
    assert "cannot be played yet" in text(owner.get(PLAY))
    save_draft(PROGRAM, the_draft(), draft.text, the_draft().seen)
    assert owner.get(PLAY).context["count"] == 1


def test_the_published_version_is_played_beside_its_draft(owner: Client) -> None:
    draft = the_draft()
    save_draft(PROGRAM, draft, draft.text.replace("at most 20 EUR", "at most 10 EUR"), draft.seen)
    begun(owner, of="published")
    assert do(owner, "SetFacts", **{"fact.fee": "15 EUR"}).status_code == 200


def test_a_newcomer_practises_with_a_task_and_hints(owner: Client) -> None:
    agent = signed_in(a_user("agent", name="ada"))
    page = begun(agent, practice="1")
    said = text(page)
    assert "Your task: bring “Lost card” to its end." in said
    assert "Choose how to reach “The card is blocked”." in said
    page = do(agent, "ChooseOption", goal=page.context["goals"][0].id, option="block it")
    assert "Do the task “Block the card”" in text(page)
    assert page.context["script"].version == 1


def test_a_flow_shows_where_it_stands(owner: Client) -> None:
    published(WITH_FLOW)
    where = "/studio/refund/play/do/"
    page = do(owner, "begin", where, channel="phone")
    [flow] = page.context["flows"]
    assert (flow.active, flow.passed) == (["check"], ["start"])
    page = do(owner, "CompleteTask", where, item=item(page, "Check the claim"), **{"fact.approved": "true"})
    [flow] = page.context["flows"]
    assert flow.active == ["transfer"] and flow.work[0][2] == "bank"
    page = do(owner, "CompleteWork", where, flow=flow.id, node=flow.work[0][0])
    [flow] = page.context["flows"]
    assert ("message", "bank answered", "bank answered") in flow.waits or flow.waits[0][:2] == (
        "message",
        "bank answered",
    )
    page = do(owner, "CorrelateMessage", where, name="bank answered")
    assert page.context["flows"] == []
    assert page.context["state"].status == "completed"


def test_drafts_of_flows_are_played_where_that_is_wanted(owner: Client) -> None:
    published(WITH_FLOW)
    flow = the_draft("refunds")
    save_draft(PROGRAM, flow, flow.text.replace('name="Check the claim"', 'name="Look twice"'), flow.seen)
    where = "/studio/refund/play/do/"
    assert "Look twice" in text(do(owner, "begin", where, channel="phone", drafts="1"))
    assert "Check the claim" in text(do(owner, "begin", where, channel="phone"))


@pytest.mark.parametrize(
    "fields",
    [{"do": "TerminateCase"}, {"do": "x"}, {"do": "CompleteTask", "item": "77"}, {"do": "CompleteTask"},
     {"do": "SetFacts", "way": "{"}, {"do": "ChooseOption", "goal": "1", "option": "none"}],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_and_the_trial_stays(owner: Client, fields: dict[str, str]) -> None:
    begun(owner)
    assert owner.post(DO, fields).status_code == 422
    assert owner.get(PLAY).context["count"] == 0


def test_a_trial_is_bounded(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caseloom.web.studio.playing.MOST", 2)
    begun(owner)
    for _ in range(2):
        do(owner, "turn", how="hour")
    full = owner.post(DO, {"do": "turn", "how": "hour"})
    assert full.status_code == 422 and "Begin anew" in text(full)
    for key in ("a", "b", "c"):
        owner.post("/studio/new/", {"kind": "service goal", "title": key})
        do(owner, "begin", f"/studio/{key}/play/do/", channel="phone")
    assert len(owner.session["trials"]) == 3
    assert "script" not in owner.get(PLAY).context
