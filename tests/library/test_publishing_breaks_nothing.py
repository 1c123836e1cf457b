"""Publishing a definition never breaks what is published already."""

from uuid import uuid4

import pytest

from caseloom.engine.case.refusal import Refused
from caseloom.library.definition import DraftDefinition, WithdrawDefinition
from caseloom.library.models import DefinitionRow, VersionRow
from caseloom.library.plans import house_version, latest, offered_goals, the_plans
from caseloom.library.publishing import publish
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door
from tests.streams.kit import GOAL, PROGRAM, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)

HOUSE = "house rules: house\ntitle: House\nteams: {service: Service}\n"
WORK = GOAL + "tasks: {work: {title: Work, team: service}}\n"


@pytest.fixture(autouse=True)
def _house() -> None:
    empty_streams()
    assert isinstance(publish(PROGRAM, HOUSE), Answer)
    assert isinstance(publish(PROGRAM, WORK), Answer)


def test_house_rules_that_a_service_goal_does_not_fit_are_refused() -> None:
    refused = publish(PROGRAM, "house rules: house\ntitle: House\nteams: {other: Other}\n")
    assert isinstance(refused, Refused)
    assert "test" in refused.message
    assert [goal.service_goal for goal in offered_goals()] == ["test"]


def test_a_service_goal_does_not_take_the_place_of_the_house_rules() -> None:
    assert isinstance(publish(PROGRAM, WORK.replace("service goal: test", "service goal: house")), Refused)
    assert the_plans("", 0, house_version()).house.title == "House"


def test_house_rules_of_another_name_would_never_be_in_force_and_are_refused() -> None:
    assert isinstance(publish(PROGRAM, HOUSE.replace("rules: house", "rules: mine")), Refused)


def test_no_case_is_opened_from_the_house_rules() -> None:
    assert latest("house") == 0
    assert house_version() == 1


def test_a_text_that_was_drafted_alone_is_published_when_it_is_sent_again() -> None:
    better = WORK.replace("title: A test", "title: A better test")
    number = DefinitionRow.objects.get(key="test").id
    send("definition", number, DraftDefinition(definition=number, key="test", kind="service goal", text=better))
    assert isinstance(publish(PROGRAM, better), Answer)
    assert VersionRow.objects.get(key="test", version=2).text == better


def test_the_same_text_twice_is_one_version() -> None:
    again = publish(PROGRAM, WORK)
    assert isinstance(again, Answer) and again.repeated
    assert VersionRow.objects.filter(key="test").count() == 1


def test_a_withdrawn_definition_is_offered_again_when_it_is_published_again() -> None:
    send("definition", DefinitionRow.objects.get(key="test").id, WithdrawDefinition())
    assert isinstance(publish(PROGRAM, WORK), Answer)
    assert latest("test") == 2


def test_the_kind_of_a_definition_does_not_change() -> None:
    number = DefinitionRow.objects.get(key="test").id
    draft = DraftDefinition(definition=number, key="test", kind="house rules", text=HOUSE)
    assert isinstance(the_door().handle(Order("definition", number, draft, uuid4(), PROGRAM)), Refused)
