"""The story at the desk says what a model decided, and what it could not; a person then decides there."""

import pytest
from django.test import Client
from django.utils.html import strip_tags

from caseloom.engine.case import commands as c
from caseloom.library.publishing import publish
from caseloom.sdk.stream import Answer
from tests.engine.case.test_decision_tasks import GOAL, LIMITS
from tests.streams.kit import PROGRAM, a_case, a_customer, empty_streams, send
from tests.web.api.kit import a_user

pytestmark = pytest.mark.django_db(transaction=True)
HOUSE = "house rules: house\ntitle: House\nteams: {service: Service}\n"
USER = f"service goal: test\ntitle: A test\ncustomer title: Mine\nowner: process owner\nteam: service\n{GOAL}"


@pytest.fixture
def case() -> int:
    empty_streams()
    for text in (HOUSE, LIMITS, USER):
        assert isinstance(publish(PROGRAM, text, thorough=False), Answer)
    return a_case(a_customer(), "test", house_version=1)


def page(case: int) -> str:
    browser = Client()
    browser.force_login(a_user("agent"), "django.contrib.auth.backends.ModelBackend")
    return strip_tags(browser.get(f"/desk/cases/{case}/").content.decode())


def test_what_was_decided_is_told_with_its_inputs(case: int) -> None:
    send("case", case, c.SetFacts(facts={"amount": "1200.50", "segment": "plain"}))
    send("case", case, c.CreateTask(key="ask the limits"))
    assert "decided “who decides”: team lead (amount: 1200.50, segment: plain)" in page(case)


def test_what_could_not_be_decided_is_told_and_stands_as_a_task_with_its_form(case: int) -> None:
    send("case", case, c.SetFacts(facts={"segment": "plain"}))
    send("case", case, c.CreateTask(key="ask the limits"))
    shown = page(case)
    assert "could not do “Who decides”" in shown
    assert "“who decides” could not be decided" in shown
    assert "team lead" in shown
