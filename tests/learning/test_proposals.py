"""What people do differently stands as proposals for the owner: found in histories, kept, decided, fit to publish."""

from datetime import timedelta

import pytest

from caseloom.customers.customer import EraseCustomer
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.clock import now
from caseloom.interchange.yaml_text import text_of
from caseloom.learning import proposals_found
from caseloom.learning.models import ProposalRow
from caseloom.learning.proposals import Proposal, decide, find_proposal, new_proposals, proposals_of
from caseloom.learning.proposals_draft import NoPlace, changed
from caseloom.learning.proposals_found import Proposals, refresh
from caseloom.learning.ways_finding import own_name
from caseloom.library.models import VersionRow
from caseloom.library.publishing import check
from caseloom.streams.door import the_door
from caseloom.streams.tail import Place, follow
from tests.learning.proposal_kit import BEN, CALL, CLEO, DORA, REPAIR, a_repair, a_repair_shop, drifted
from tests.streams.kit import PROGRAM, a_customer, can_be_followed, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _house() -> None:
    empty_streams()
    ProposalRow.objects.all().delete()
    a_repair_shop()


def proposed() -> list[Proposal]:
    refresh(the_door(), "repair")
    return proposals_of(PROGRAM, "repair")


def only() -> Proposal:
    [found] = proposed()
    return found


def text() -> str:
    return VersionRow.objects.order_by("-version").values_list("text", flat=True)[0]


def test_a_step_that_several_people_add_is_proposed_with_its_cases() -> None:
    cases = drifted()
    found = only()
    finding = found.finding
    assert (found.state, finding.kind, finding.goal, finding.options) == ("new", "adds", "works", ("mend it",))
    assert (finding.cases, finding.of, finding.people, finding.after) == (12, 36, 3, "look")
    assert set(finding.examples) <= set(cases) and len(finding.examples) == 5
    assert found.titles == {own_name(CALL): CALL}
    assert finding.effects["rated_well"].good == 1.0 and finding.effects["rated_well"].difference > 0.2
    assert new_proposals(PROGRAM) == {"repair": 1}


def test_the_draft_changes_the_option_and_leaves_all_else_as_it_was_written() -> None:
    drifted()
    found = only()
    after, place = changed(text(), found.finding, found.titles)
    value = text_of(after).value
    assert value["goals"]["works"]["options"]["mend it"]["tasks"] == ["look", "call back the next day", "mend"]
    assert value["tasks"]["call back the next day"] == {"title": CALL, "after": ["look"]}
    assert place == ("goals", "works", "options", "mend it")
    assert "# Repairs, as the board wants them." in after and "# the usual one" in after
    assert check(after)[1] == ()
    with pytest.raises(NoPlace, match="has the step already"):
        changed(after, found.finding, found.titles)
    with pytest.raises(NoPlace, match="no option “mend it”"):
        changed(text().replace("mend it:", "repair it:"), found.finding, found.titles)


def test_what_is_published_is_proposed_no_more() -> None:
    drifted()
    found = only()
    decide(PROGRAM, found, "drafted")
    a_repair_shop(changed(text(), found.finding, found.titles)[0])
    assert proposed() == []


def test_words_that_few_customers_cases_share_are_told_nobody() -> None:
    one, other = a_customer(), a_customer()
    for number in range(12):
        a_repair((BEN, CLEO, DORA)[number % 3], "Ask Mrs Keller's son", customer=(one, other)[number % 2])
    assert proposed() == []
    shared = ("Call him", "call him", "CALL HIM", "Call him.")
    for number in range(12):
        a_repair((BEN, CLEO, DORA)[number % 3], shared[number % 4], customer=a_customer())
    assert [dict(found.titles) for found in proposed()] == [{own_name("call him"): "CALL HIM"}]
    assert "Keller" not in "".join(ProposalRow.objects.values_list("body", flat=True))


def test_a_step_that_people_leave_out_is_proposed_and_the_draft_leaves_it_out() -> None:
    for number in range(24):
        a_repair((BEN, CLEO, DORA)[number % 3], without=("look",) if number % 3 != 1 or number > 12 else ())
    found = only()
    assert (found.finding.kind, found.finding.steps) == ("leaves out", ("look",))
    after, _place = changed(text(), found.finding, found.titles)
    assert text_of(after).value["goals"]["works"]["options"]["mend it"]["tasks"] == ["mend"]


def test_what_fewer_than_half_leave_out_comes_when_somebody_starts_it() -> None:
    for number in range(30):
        a_repair((BEN, CLEO, DORA)[number % 3], without=("look",) if number < 10 else ())
    after, place = changed(text(), only().finding, {})
    assert text_of(after).value["tasks"]["look"]["manual"] is True and place == ("tasks", "look")
    assert text_of(after).value["goals"]["works"]["options"]["mend it"]["tasks"] == ["look", "mend"]


RULES = """
boundary rules:
  - says: Nothing is mended before it was looked at.
    require: looked = true
    guards: [complete mend]
"""


def test_what_a_boundary_rule_asks_about_is_never_left_out() -> None:
    for number in range(24):
        a_repair((BEN, CLEO, DORA)[number % 3], without=("mend",))
    assert [found.finding.steps for found in proposed()] == [("mend",)]
    a_repair_shop(REPAIR.replace("name: {personal: true}", "name: {personal: true}\n  looked: {type: boolean}") + RULES)
    assert proposed() == []


def test_a_whole_way_is_proposed_as_an_option_of_its_own() -> None:
    a_repair_shop(REPAIR + "  test: {title: Test it}\n")
    for number in range(12):
        a_repair((BEN, CLEO, DORA)[number % 3])
    for number in range(9):
        a_repair((BEN, CLEO, DORA)[number % 3], "Lend one", "Fetch it", without=("look", "mend"))
    kinds = {found.finding.kind: found for found in proposed()}
    assert "whole way" not in kinds, "its single steps are proposed: together they say the same"
    assert {found.finding.kind for found in kinds.values()} == {"adds", "leaves out"}


# --- decisions --------------------------------------------------------------------------------------------------------


def test_what_was_declined_stays_away_until_twice_as_many_do_it() -> None:
    drifted(30, 10)
    found = only()
    refused = decide(PROGRAM, found, "declined")
    assert isinstance(refused, Refused) and "Say why" in refused.message
    assert decide(PROGRAM, found, "declined", "We call on the same day.") is None
    again = only()
    assert (again.state, again.reason, again.decided_by) == ("declined", "We call on the same day.", PROGRAM.actor.id)
    assert new_proposals(PROGRAM) == {}
    for number in range(36):
        a_repair((BEN, CLEO, DORA)[number % 3], CALL)
    assert only().state == "new", "46 of 76 is more than twice 10 of 40"


def test_what_was_put_off_stays_for_later() -> None:
    drifted()
    decide(PROGRAM, only(), "later")
    assert only().state == "later" and new_proposals(PROGRAM) == {}


def test_only_who_may_publish_sees_and_decides() -> None:
    from caseloom.sdk.access import Access

    drifted()
    found = only()
    agent = Access(BEN.actor, frozenset(("read cases", "work cases", "read library")))
    assert proposals_of(agent, "repair") == [] and new_proposals(agent) == {}
    assert find_proposal(agent, "repair", found.id) is None
    assert isinstance(decide(agent, found, "later"), Refused)
    assert only().state == "new"


# --- the learner ------------------------------------------------------------------------------------------------------


def test_who_is_erased_has_no_part_in_it() -> None:
    drifted(12, 8)
    assert only().finding.cases == 8
    customer = a_customer()
    case = a_repair(BEN, CALL, customer=customer)
    assert case in only().finding.examples
    send("customer", customer, EraseCustomer())
    learner = Proposals(the_door())
    learner._first = False
    can_be_followed()
    learner.hear(follow(the_door(), Place())[0])
    assert learner.work()
    [found] = proposals_of(PROGRAM, "repair")
    assert found.finding.cases == 8 and case not in found.finding.examples


def test_it_looks_again_when_enough_cases_have_ended_and_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(proposals_found, "refresh", lambda _door, goal: looked.append(goal))
    clock = [1000.0]
    monkeypatch.setattr("caseloom.learning.proposals_found.time.monotonic", lambda: clock[0])
    learner = Proposals(the_door())
    assert learner.work() and looked == ["repair"], "the first look needs nothing to have ended"
    for _ in range(19):
        a_repair()
    can_be_followed()
    events, place = follow(the_door(), Place())
    learner.hear(events)
    clock[0] += 3600
    assert not learner.work()
    a_repair()
    can_be_followed()
    learner.hear(follow(the_door(), place)[0])
    assert learner.work() and looked == ["repair"] * 2
    for _ in range(30):
        learner.hear(events)
    assert not learner.work(), "ten minutes have to pass"
    clock[0] += 601
    assert not learner.work() or looked == ["repair"] * 3


def test_where_learning_is_off_nothing_is_looked_for() -> None:
    drifted()
    assert len(proposed()) == 1
    a_repair_shop(REPAIR + "learning: {advice: false}\n")
    assert proposed() == []


def test_months_and_since_are_those_of_the_cases() -> None:
    drifted()
    finding = only().finding
    assert sum(month.cases for month in finding.months) == 12 and finding.months[-1].begins.day == 1
    assert now() - finding.since < timedelta(hours=1)
