"""The address of the house leads everybody to the room that is theirs."""

import pytest
from django.test import Client

from tests.web.api.kit import a_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("roles", "room"),
    [
        (("agent",), "/desk/"),
        (("supervisor",), "/desk/"),
        (("process owner",), "/board/"),
        (("administrator",), "/admin/"),
        ((), "/desk/"),
    ],
)
def test_staff_come_to_their_room(roles: tuple[str, ...], room: str) -> None:
    browser = Client()
    browser.force_login(a_user(*roles), "django.contrib.auth.backends.ModelBackend")
    assert browser.get("/")["Location"] == room


def test_customers_come_to_the_portal() -> None:
    assert Client().get("/")["Location"] == "/portal/"
