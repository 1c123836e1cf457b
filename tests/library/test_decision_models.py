"""Decision models in the library: checked, published in versions, pinned by what decides by them."""

from collections.abc import Iterator
from typing import Any

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.library.decisions import latest_models, the_models
from caseloom.library.models import DefinitionRow
from caseloom.library.plans import latest, latest_versions, offered_goals, the_plans
from caseloom.library.publishing import check, publish
from caseloom.library.used import pinned_models
from caseloom.sdk.stream import Answer
from caseloom.streams.door import the_door
from caseloom.streams.replay import compare, read_state
from tests.engine.case.test_decision_tasks import GOAL, LIMITS
from tests.streams.kit import PROGRAM, a_case, a_customer, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)
HOUSE = "house rules: house\ntitle: House\nteams: {service: Service}\n"
USER = """
service goal: limits user
title: It uses the limits
customer title: Mine
owner: process owner
team: service
""" + GOAL.replace("{type: number}", "{type: number, initial: 70}").replace("plain]}", "plain], initial: plain}")
STRICTER = LIMITS.replace('"team lead"</text>', '"agent"</text>')


@pytest.fixture(autouse=True)
def _library() -> Iterator[None]:
    empty_streams()
    published(HOUSE)
    yield


def published(text: str) -> Answer:
    answer = publish(PROGRAM, text)
    assert isinstance(answer, Answer), answer
    return answer


def _decided(case: int) -> Any:
    door = the_door()
    found = read_state(door, door.kinds["case"], case)
    assert found is not None
    return found[0].facts["who decides"].value


def test_a_model_is_published_in_versions_and_the_same_text_is_one() -> None:
    first = published(LIMITS)
    assert published(LIMITS).repeated
    assert (first.repeated, latest_models()) == (False, {"limits": 1})
    published(STRICTER)
    assert latest_models() == {"limits": 2}
    old, new = the_models("limits", 1).model, the_models("limits", 2).model
    given = {"amount": 70, "segment": "plain"}
    assert (old.evaluate("who decides", given), new.evaluate("who decides", given)) != ("agent", "agent")


def test_no_case_is_opened_from_a_model() -> None:
    published(LIMITS)
    assert (latest("limits"), offered_goals(), "limits" in latest_versions()) == (0, [], False)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("<a><b></a>", 1, "The file is no XML"),
        ('<!DOCTYPE x [<!ENTITY e "e">]>\n' + LIMITS.partition("\n")[2], 1, "DOCTYPE"),
        (LIMITS.replace("<text>100 / amount</text>", "<text>100 /</text>"), 23, "decision 'ratio'"),
        (LIMITS.replace('<requiredInput href="#s"/>', '<requiredInput href="#x"/>'), 8, "'#x', which is not there"),
        (LIMITS.replace('name="limits"', 'name="a.b"'), 2, "needs a name"),
        ("<definitions/>", 1, "is no <definitions> of DMN"),
    ],
)
def test_what_is_wrong_with_a_model_is_told_with_its_line(text: str, line: int, says: str) -> None:
    definition, places = check(text)
    assert definition is None
    assert [place for place in places if place.line == line and says in str(place)], places
    assert isinstance(publish(PROGRAM, text), Refused)


def test_a_model_does_not_take_the_place_of_another_definition() -> None:
    refused = publish(PROGRAM, LIMITS.replace('name="limits"', 'name="house"'))
    assert isinstance(refused, Refused)
    assert refused.message == "“house” is a house rules; it becomes no decision model."


def test_a_published_service_goal_decides_by_the_version_that_it_was_published_with() -> None:
    published(LIMITS)
    published(USER)
    published(STRICTER)
    plan = the_plans("limits user", 1, 1)
    decision = plan.items["ask the limits"].decision
    assert decision is not None
    assert decision.published.version == 1
    assert {key: one.version for key, one in pinned_models("limits user", 1).items()} == {"limits": 1}
    the_plans.forget()
    case = a_case(a_customer(), "limits user")
    send("case", case, c.CreateTask(key="ask the limits"))
    assert _decided(case) == "team lead"


def test_the_same_text_published_again_decides_by_the_newer_version() -> None:
    published(LIMITS)
    published(USER)
    assert published(USER).repeated
    published(STRICTER)
    assert not published(USER).repeated
    assert latest("limits user") == 2
    case = a_case(a_customer(), "limits user", version=2)
    send("case", case, c.CreateTask(key="ask the limits"))
    assert _decided(case) == "agent"


def test_a_service_goal_that_names_no_published_model_is_refused() -> None:
    published(LIMITS)
    refused = publish(PROGRAM, USER.replace("model: limits", "model: limit"))
    assert isinstance(refused, Refused)
    assert "there is no published decision model “limit”; did you mean “limits”?" in refused.message


def test_the_houses_tasks_decide_by_the_version_that_the_house_was_published_with() -> None:
    published(LIMITS)
    published(HOUSE + GOAL)
    published(STRICTER)
    decision = the_plans("", 0, 2).items["ask the limits"].decision
    assert decision is not None
    assert decision.published.version == 1


def test_the_events_alone_rebuild_case_and_definitions() -> None:
    published(LIMITS)
    model_user = published(USER)
    case = a_case(a_customer(), "limits user")
    send("case", case, c.CreateTask(key="ask the limits"))
    number = DefinitionRow.objects.get(key="limits").id
    door = the_door()
    for kind, stream in (("case", case), ("definition", number), ("definition", model_user.stream)):
        assert compare(door, door.kinds[kind], stream) == []
