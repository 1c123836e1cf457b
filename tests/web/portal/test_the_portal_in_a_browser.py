"""The portal in a real browser, without a fault for those who cannot see it: by link, and signed in."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from caseloom.cases.queries import read_case
from caseloom.channels.links import make_link_token
from caseloom.engine.case import commands as c
from caseloom.web.portal.entrance import SESSION
from tests.streams.kit import PROGRAM, a_case, a_customer, a_service_goal, send
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.portal.test_the_customers_pages import CARD

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def a_matter() -> tuple[int, int, str]:
    """A customer, their case with a part for them to do, and the path of their signed link."""
    a_service_goal(CARD, "card")
    customer = a_customer("Maria Keller", "maria@example.org")
    case = a_case(customer, "card")
    send("case", case, c.AddNote(text="For colleagues only."))
    return customer, case, f"/portal/link/{make_link_token(customer, case, datetime.now(UTC))}/"


def a_task(case: int) -> int:
    view = read_case(PROGRAM, case)
    assert view is not None
    return next(item.id for item in view.state.items.values() if item.by_customer)


def as_customer(page: Page, desk: Desk, customer: int) -> None:
    """Signed in, as after a mailed code."""
    client = Client()
    session = client.session
    session[SESSION] = customer
    session.save()
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": desk.address}])


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(desk: Desk, size: Any, scheme: Scheme) -> None:
    customer, case, link = a_matter()
    page = desk.sign_in(None, size, scheme)
    faults: dict[str, list[str]] = {}

    def look(name: str, path: str) -> None:
        page.goto(path)
        found = violations(page)
        if found:
            faults[name] = found

    look("the door", "/portal/enter/")
    look("the code", "/portal/code/")
    look("a broken link", f"{link[:-3]}x/")
    look("the matter", link)
    look("the part to do", f"{link}task/{a_task(case)}/")
    page.locator("form button.primary").first.click()
    found = violations(page)
    if found:
        faults["after the first answer"] = found
    as_customer(page, desk, customer)
    look("the matters", "/portal/")
    look("a matter, signed in", f"/portal/matters/{case}/")
    look("a start", "/portal/start/card/")
    assert faults == {}
    assert desk.errors == []
