"""The portal without JavaScript: a matter by its link, my part, writing, rating, confirming, starting alone."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client

from caseloom.cases.queries import read_case
from caseloom.channels.links import make_link_token
from caseloom.customers.customer import EraseCustomer, SetCustomerFacts
from caseloom.engine.case import commands as c
from caseloom.engine.case.state import CaseState
from caseloom.web.portal.entrance import SESSION
from tests.streams.kit import PROGRAM, a_case, a_customer, a_service_goal, send

pytestmark = pytest.mark.django_db(transaction=True)

CARD = """
service goal: card
title: Activate a card
customer title: My card works
owner: process owner
team: service
self service: true
start form: [card number, birthday]
confirm within: 5 days
facts:
  name: {personal: true, from customer: name}
  card number: {label: Card number, personal: true, from customer: card number}
  birthday: {label: Date of birth, type: date, personal: true}
  received: {label: "Did you receive the card?", type: boolean}
goals:
  received:
    title: Card received
    customer title: You have your card
    reached when: received = true
    perception: How was getting your card?
    options:
      ask: {title: Ask the customer, tasks: [say received], automatic: true}
tasks:
  say received:
    title: Customer says that it came
    customer title: Tell us whether your card came
    by customer: true
    form: [received]
    must: [received]
"""


@pytest.fixture
def no_jobs() -> Iterator[None]:
    """What these tests would have done outside is left to nobody."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")


@pytest.fixture
def customer() -> int:
    a_service_goal(CARD, "card")
    return a_customer("Maria Keller", "maria@example.org")


@pytest.fixture
def case(customer: int) -> int:
    return a_case(customer, "card")


def link(customer: int, case: int, at: datetime | None = None) -> str:
    return f"/portal/link/{make_link_token(customer, case, at or datetime.now(UTC))}/"


def state(case: int) -> CaseState:
    view = read_case(PROGRAM, case)
    assert view is not None
    return view.state


def get(path: str, status: int = 200) -> str:
    answer = Client().get(path)
    assert answer.status_code == status, answer.content[:500]
    return answer.content.decode()


def post(path: str, status: int = 302, **form: Any) -> str:
    answer = Client().post(path, form)
    assert answer.status_code == status, answer.content[:2000]
    return answer.content.decode()


def test_a_link_shows_the_matter_in_the_customers_words(customer: int, case: int) -> None:
    page = get(link(customer, case))
    assert "My card works" in page
    assert "You have your card" in page
    assert "Activate a card" not in page
    assert "Tell us whether your card came" in page


def test_an_expired_or_broken_link_says_how_to_get_a_new_one(customer: int, case: int) -> None:
    expired = link(customer, case, datetime.now(UTC) - timedelta(days=40))
    assert "expired" in get(expired, 410)
    assert "Mail me a code" in get(link(customer, case)[:-3] + "x/", 410)


def test_the_customer_does_their_part_one_question_a_step(customer: int, case: int) -> None:
    here = link(customer, case)
    item = next(item.id for item in state(case).items.values() if item.by_customer)
    assert "Did you receive the card?" in get(f"{here}task/{item}/")
    assert "Please answer" in post(f"{here}task/{item}/", 422, step="1")
    assert "Check your answers" in post(f"{here}task/{item}/", 200, step="1", **{"fact.received": "true"})
    post(f"{here}do/complete/", 302, item=item, **{"fact.received": "true"})
    assert state(case).goals[1].status == "reached"
    assert "How was getting your card?" in get(here)


def test_writing_becomes_a_contact_of_the_case(customer: int, case: int) -> None:
    here = link(customer, case)
    post(f"{here}write/", text="When does it come?")
    assert len(state(case).unanswered) == 1
    assert "When does it come?" in get(here)
    assert "Write a few words" in post(f"{here}write/", 422, text="  ")


def test_a_rating_and_a_confirmation_are_recorded_once(customer: int, case: int) -> None:
    send("case", case, c.SetFacts(facts={"received": True}))
    here = link(customer, case)
    page = get(here)
    assert "Is it done?" in page
    ids = re.findall(r'name="command_id" value="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    post(f"{here}do/rate/", score=2, words="slow", command_id=ids[1])
    post(f"{here}do/rate/", score=2, words="slow", command_id=ids[1])
    assert (state(case).perception, state(case).perceptions) == (2, 1)
    post(f"{here}do/confirm/", reached="true")
    assert state(case).status == "completed"
    assert "This is done." in get(here)


def test_a_link_opens_nothing_but_its_own_matter(customer: int, case: int) -> None:
    other = a_case(a_customer("Jens Ott"), "card")
    here = link(customer, case)
    post(f"{here}do/complete/", 422, item=99, **{"fact.received": "true"})
    assert Client().get(f"/portal/matters/{other}/").status_code == 302
    wrong = link(customer, other)
    assert Client().get(wrong).status_code == 404


def test_a_mailed_code_lets_in_and_a_customer_starts_alone(customer: int, monkeypatch: pytest.MonkeyPatch) -> None:
    mails: list[str] = []
    from dataclasses import replace

    from caseloom.web import handed as handing

    store = replace(handing.handed(), mail=lambda address, subject, text: mails.append(text))
    monkeypatch.setattr(handing, "_handed", [store])
    send("customer", customer, SetCustomerFacts(facts={"card number": "4711"}))
    browser = Client()
    browser.post("/portal/enter/", {"address": "Maria@example.org"})
    assert browser.post("/portal/code/", {"code": "000000x"}).status_code == 422
    code = re.findall(r"\d{6}", mails[0])[0]
    assert browser.post("/portal/code/", {"code": code})["Location"] == "/portal/"
    assert "My card works" in browser.get("/portal/").content.decode()
    first = browser.get("/portal/start/card/").content.decode()
    assert "Date of birth" in first
    assert "Card number" not in first
    done = browser.post("/portal/start/card/", {"send": "yes", "step": "1", "fact.birthday": "1990-04-01"})
    assert done.status_code == 302, done.content
    opened = int(re.findall(r"/portal/matters/(\d+)/", done["Location"])[0])
    assert state(opened).facts["card number"].value == "4711"
    assert state(opened).facts["birthday"].value == "1990-04-01"


def test_a_code_for_an_unknown_address_says_the_same_and_never_works(customer: int) -> None:
    browser = Client()
    known = browser.post("/portal/enter/", {"address": "nobody@example.org"})
    assert known["Location"] == "/portal/code/"
    assert browser.post("/portal/code/", {"code": "123456"}).status_code == 422


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 300_000])
def test_what_cannot_be_kept_is_told_and_not_lost(customer: int, case: int, text: str) -> None:
    body = urlencode({"text": text.encode("utf-8", "surrogatepass")})
    page = Client().post(f"{link(customer, case)}write/", body, content_type="application/x-www-form-urlencoded")
    assert page.status_code == (302 if text == "\ud800" else 422)


@pytest.mark.usefixtures("no_jobs")
def test_the_link_of_an_erased_customer_opens_nothing(customer: int, case: int) -> None:
    link = f"/portal/link/{make_link_token(customer, case, datetime.now(UTC))}/"
    assert Client().get(link).status_code == 200
    send("customer", customer, EraseCustomer())
    assert Client().get(link).status_code == 410
    assert Client().post(link + "write/", {"text": "Still here"}).status_code == 410


@pytest.mark.usefixtures("no_jobs")
def test_a_session_of_an_erased_customer_is_over(customer: int, case: int) -> None:
    client = Client()
    session = client.session
    session[SESSION] = customer
    session.save()
    assert client.get("/portal/").status_code == 200
    send("customer", customer, EraseCustomer())
    assert client.get("/portal/").status_code == 302
