"""A refusal at the desk: who may override the rule does so with a reason; all others are told who may."""

import re
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from caseloom.cases.queries import read_case
from caseloom.engine.case import commands as c
from caseloom.staff.models import User
from tests.streams.kit import PROGRAM, a_case, a_customer, a_service_goal, send
from tests.web.browser import Desk, chromium, desk, violations
from tests.web.desk.kit import a_person

__all__ = ["chromium", "desk"]
pytestmark = pytest.mark.django_db(transaction=True)
HOUSE = """
house rules: house
title: The house
roles: {team lead: A team lead, supervisor: A supervisor}
teams: {service: Service}
"""
GOAL = """
service goal: card
title: The new card works
customer title: My card works
owner: process owner
team: service
facts:
  name: {personal: true, from customer: name}
  refund: {type: money}
  remark: {type: text}
goals:
  settled: {title: It is settled}
tasks:
  pay the refund: {title: Pay the refund, form: [refund, remark]}
rules:
  - A refund above 500 EUR must be paid by a team lead unless overridden by a supervisor.
"""
RULE = "A refund above 500 EUR must be paid by a team lead"
SIXTY = "The customer is ill and waits for sixty days"


@pytest.fixture
def case() -> int:
    a_service_goal(HOUSE, "house")
    a_service_goal(GOAL, "card")
    number = a_case(a_customer(), "card", house_version=1)
    send("case", number, c.CreateTask(key="pay the refund"))
    return number


def task(case: int) -> int:
    view = read_case(PROGRAM, case)
    assert view is not None
    return next(item.id for item in view.state.items.values() if item.key == "pay the refund")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def pay(client: Client, case: int, htmx: bool = True, **fields: str) -> Any:
    form = {"item": str(task(case)), "form": f"t{task(case)}", "fact.refund": "501 EUR", "fact.remark": "Long wait"}
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(f"/desk/cases/{case}/do/CompleteTask/", form | fields, headers=headers)


@pytest.mark.parametrize("htmx", [True, False], ids=["in place", "as a page"])
def test_who_may_override_is_asked_for_a_reason(case: int, htmx: bool) -> None:
    client = signed_in(a_person("sue", ("agent", "supervisor")))
    form = re.findall(
        rf'<form id="([^"]+)"[^>]*action="/desk/cases/{case}/do/CompleteTask/"',
        client.get(f"/desk/cases/{case}/").content.decode(),
    )[0]
    refused = pay(client, case, htmx, form=form)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert RULE in page
    assert f'name="override" form="{form}"' in page
    assert "501.00 EUR" in page
    assert "(supervisor)" not in page
    blank = pay(client, case, htmx, form=form, override="   ")
    assert blank.status_code == 422
    done = pay(client, case, htmx, form=form, override=SIXTY)
    assert done.status_code == (200 if htmx else 302)
    story = client.get(f"/desk/cases/{case}/").content.decode()
    assert "overrode the rule: A refund above 500 EUR" in story
    assert SIXTY in story


@pytest.mark.parametrize("htmx", [True, False], ids=["in place", "as a page"])
def test_who_may_not_is_told_who_may(case: int, htmx: bool) -> None:
    client = signed_in(a_person("ada"))
    page = pay(client, case, htmx).content.decode()
    if htmx:
        assert "Override the rule with a reason (supervisor)" in page
    assert 'name="override"' not in page
    forced = pay(client, case, htmx, override=SIXTY)
    assert forced.status_code == 422
    assert "overrode the rule" not in client.get(f"/desk/cases/{case}/").content.decode()


@pytest.mark.browser
def test_what_was_typed_is_sent_again_with_the_reason(desk: Desk, case: int) -> None:
    page = desk.sign_in(a_person("sue", ("agent", "supervisor")))
    page.goto(f"/desk/cases/{case}/")
    article = page.locator("article.task")
    article.get_by_label("refund").fill("900 EUR")
    article.get_by_label("remark").fill("Long wait")
    article.get_by_role("button", name="Done").click()
    why = page.get_by_label("Override the rule with a reason")
    expect(why).to_be_visible()
    expect(article.get_by_label("remark")).to_have_value("Long wait")
    assert violations(page) == []
    page.get_by_role("button", name="Override the rule").click()
    expect(why).to_be_focused()
    expect(page.locator(".refused")).to_contain_text(RULE)
    why.fill(SIXTY)
    page.get_by_role("button", name="Override the rule").click()
    expect(page.locator("main.case")).to_contain_text(SIXTY)
    view = read_case(PROGRAM, case)
    assert view is not None
    assert view.state.facts["remark"].value == "Long wait"
    assert desk.errors == []
