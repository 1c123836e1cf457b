"""Administration by those who may, each change in the record, a token told once."""

import re

import pytest
from django.test import Client

from caseloom.staff.models import ApiToken, Change, Team, User
from tests.web.api.kit import a_user

pytestmark = pytest.mark.django_db(transaction=True)


def browser(*roles: str) -> Client:
    client = Client()
    client.force_login(a_user(*roles), "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("role", ["agent", "supervisor", "process owner"])
def test_only_administrators_come_in(role: str) -> None:
    assert browser(role).get("/admin/").status_code == 302
    assert browser(role, "administrator").get("/admin/").status_code == 200


def test_a_change_of_rights_is_in_the_record() -> None:
    administrator = browser("administrator")
    agent = a_user("agent", name="ada")
    form = {"username": "ada", "is_active": "on", "roles": "agent,supervisor", "teams": "service", "skills": "credit"}
    saved = administrator.post(f"/admin/staff/user/{agent.pk}/change/", form)
    assert saved.status_code == 302, saved.content
    assert User.objects.get(pk=agent.pk).roles == ["agent", "supervisor"]
    change = Change.objects.filter(record=f"user {agent.pk}", field="roles").first()
    assert change is not None
    assert change.actor.startswith("agent:")
    assert "supervisor" in change.after


def test_a_token_is_shown_once_and_works() -> None:
    administrator = browser("administrator")
    agent = a_user("agent", name="ada")
    page = administrator.post("/admin/staff/apitoken/add/", {"title": "CRM", "user": agent.pk}, follow=True)
    [text] = re.findall(r"clm_[\w-]+", page.content.decode())
    assert text not in ApiToken.objects.get().digest
    answer = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {text}"})
    assert answer.json()["actor"] == agent.actor_id


def test_every_page_of_the_administration_opens() -> None:
    administrator = browser("administrator")
    Team(key="service", title="Service").save()
    for page in (
        "user/",
        "user/add/",
        "team/",
        "team/service/change/",
        "calendar/",
        "calendar/add/",
        "apitoken/",
        "change/",
    ):
        assert administrator.get(f"/admin/staff/{page}").status_code == 200, page
