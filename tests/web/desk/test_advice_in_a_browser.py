"""What was learned, at the desk in a real browser: mails are read, one key corrects; advice is explained, answered."""

import os
import random
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from caseloom.cases.kind import CASES
from caseloom.cases.models import CaseRow
from caseloom.channels.contact import ReceiveContact
from caseloom.channels.contact_events import Words
from caseloom.channels.models import ContactRow
from caseloom.cli.demo.clientele import person
from caseloom.cli.demo.mail_words import written
from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.learning import versions
from caseloom.learning.advisor import NAME as NEXT_STEP
from caseloom.learning.advisor import Advisor
from caseloom.learning.intake_training import IntakeTraining
from caseloom.learning.mail_reader import NAME as INTAKE
from caseloom.library.plans import latest
from caseloom.sdk.access import Access, program
from caseloom.sdk.stream import Answer, Order
from caseloom.staff.models import Team, User
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history
from caseloom.streams.tail import Place, follow
from tests.channels.kit import NOW, mail, receive
from tests.streams.kit import a_customer, a_service_goal, can_be_followed, empty_streams, send
from tests.web.browser import DESKTOP, PHONE, Desk, Scheme, chromium, desk, violations
from tests.web.desk.kit import a_person

__all__ = ["chromium", "desk"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SHOTS = os.environ.get("CASELOOM_SHOTS", "")
GOALS = ("activate card", "lost card", "fault", "change address")
GOAL = """
service goal: {key}
title: {title}
customer title: {title}
owner: process owner
team: service
facts:
  product: {{choices: [lamp, radio], telling: true, label: Product}}
  new address: {{label: New address}}
goals:
  done:
    title: It is done
    options:
      call: {{title: Call them, tasks: [phone]}}
      write: {{title: Write to them, tasks: [note]}}
tasks:
  look: {{title: Look into it}}
  phone: {{title: Telephone}}
  note: {{title: Write a note}}
boundary rules:
  - says: A radio must not be settled in writing.
    guards: [choose write]
    require: product != "radio"
"""
BEN = Access(Actor("agent:77", "agent", "Ben", frozenset(("agent",))), program("test").rights)


@pytest.fixture
def ada() -> User:
    empty_streams()
    versions.forget_all(INTAKE)
    versions.forget_all(NEXT_STEP)
    Team.objects.get_or_create(key="service", defaults={"title": "Service"})
    for key in GOALS:
        a_service_goal(GOAL.format(key=key, title=key.capitalize()), key)
    return a_person("ada")


def _do(case: int, command: c.Command) -> Answer:
    answer = the_door().handle(Order("case", case, command, uuid4(), BEN))
    assert isinstance(answer, Answer), answer
    return answer


def _opened(key: str, product: str = "", words: tuple[str, str] = ("", "")) -> int:
    customer, contact, case = a_customer(), next(the_door().ids), next(the_door().ids)
    said = Words(subject=words[0] or "Hello", text=words[1] or "Hello", own_text=words[1])
    send("contact", contact, ReceiveContact(
        contact=contact, customer=customer, channel="mail", at=NOW, words=said, case=case
    ))  # fmt: skip
    _do(case, c.OpenCase(
        case=case, customer=customer, service_goal=key, version=latest(key), channel="mail", contact=contact,
        contact_at=NOW, title=words[0], facts={"product": product} if product else {},
    ))  # fmt: skip
    return case


def _past_mails() -> IntakeTraining:
    rng = random.Random(3)
    for key in GOALS:
        for _ in range(30):
            _opened(key, "", written(rng, key, person(1, 1, NOW)))
    training = IntakeTraining(the_door(), lambda: None)
    training.work()
    return training


def _past_work(advisor: Advisor) -> None:
    """Lamps are settled in writing, radios by telephone."""
    for number in range(16):
        product = "lamp" if number % 2 else "radio"
        case = _opened("fault", product)
        way = "write" if product == "lamp" else "call"
        _do(case, c.ChooseOption(goal=1, option=way))
        _do(case, c.CompleteTask(item=_task_of(case)))
    _heard(advisor)


def _task_of(case: int) -> int:
    made = [event for event in _told(case) if event.stored == "item_created.1" and event.kind == "task"]
    return int(made[-1].item)


def _heard(advisor: Advisor) -> None:
    can_be_followed()
    while True:
        events, place = follow(the_door(), advisor.reached)
        if place == advisor.reached:
            break
        advisor.hear(events, place)
    advisor.advise()


def _last_case() -> int:
    contact = ContactRow.objects.filter(direction="in").order_by("-id").first()
    assert contact is not None and contact.case_id is not None
    return contact.case_id


def _goal(case: int) -> str:
    return CaseRow.objects.get(pk=case).service_goal


def shot(page: Page, name: str) -> None:
    """Keep a picture where a folder is named for it."""
    if SHOTS:
        page.wait_for_timeout(150)
        page.screenshot(path=str(Path(SHOTS) / f"advice-{name.replace(' ', '-')}.png"))


def test_a_mail_opens_its_case_and_one_key_corrects_another(desk: Desk, ada: User) -> None:
    training = _past_mails()
    receive(mail("I lost my card on the train, please block it at once!", subject="My card is gone"))
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{_last_case()}/?view=all")
    expect(page.locator("#main h1")).to_have_text("Lost card")
    expect(page.get_by_text("Opened by itself")).to_be_visible()
    strange = "I lost the letter with the code of the new card, not the card, and only want to use it at last."
    receive(mail(strange, subject="The letter"))
    case = _last_case()
    page.goto(f"/desk/cases/{case}/?view=all")
    other = page.locator(".reading .guess").first
    meant = other.locator(".title").inner_text().splitlines()[0]
    assert _goal(case) != meant.lower()
    page.keyboard.press(str(other.get_attribute("data-key")))
    expect(page.locator("#main h1")).to_have_text(meant)
    assert _goal(case) == meant.lower()
    receive(mail(strange + " Thank you.", subject="The letter"))
    page.goto(f"/desk/cases/{_last_case()}/?view=all")
    if _goal(_last_case()) != meant.lower():
        # One person's word is asked about once more; a second one's opens by itself.
        expect(page.locator(".reading .guess").first).to_contain_text(meant)
    events, _place = follow(the_door(), Place())
    training.hear(events)
    training.work()
    assert desk.errors == []


def test_advice_is_explained_taken_and_declined(desk: Desk, ada: User) -> None:
    advisor = Advisor(the_door())
    _past_work(advisor)
    case = _opened("fault", "lamp")
    _heard(advisor)
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{case}/?view=all")
    first = page.locator(".advised > li").first
    expect(first).to_contain_text("Choose the way “Write to them”")
    first.locator("summary").click()
    expect(first.locator(".reasons")).to_contain_text("cases with")
    expect(first.get_by_role("link").first).to_be_visible()
    shot(page, "explained")
    page.keyboard.press("y")
    expect(page.locator(".task", has_text="Write a note")).to_be_visible()
    _heard(advisor)
    answers = [event.answer for event in _told(case) if event.stored == "advice_answered.1"]
    assert answers == ["taken"]
    page.reload()
    line = page.locator(".advised > li").first
    says = line.locator("b").inner_text()
    line.locator("summary").click()
    line.get_by_role("button", name="Not here").click()
    expect(line.get_by_role("alert").last).to_contain_text("Say why")
    line.get_by_label("Why not").fill("She asked for a call")
    line.get_by_role("button", name="Not here").click()
    expect(page.locator(".advised", has_text=says)).to_have_count(0)
    assert desk.errors == []


def test_what_a_rule_forbids_is_not_advised(desk: Desk, ada: User) -> None:
    advisor = Advisor(the_door())
    _past_work(advisor)
    case = _opened("fault", "radio")
    _heard(advisor)
    page = desk.sign_in(ada)
    page.goto(f"/desk/cases/{case}/?view=all")
    expect(page.locator(".advised")).to_contain_text("Call them")
    expect(page.locator(".advised")).not_to_contain_text("Write to them")


def _told(case: int) -> list[Any]:
    return [one.event for one in read_history(the_door(), CASES, case)]


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(size, scheme) for size in (DESKTOP, PHONE) for scheme in ("light", "dark")],
    ids=["desktop light", "desktop dark", "phone light", "phone dark"],
)
def test_axe_finds_nothing_in_advice_and_reading(desk: Desk, ada: User, size: Any, scheme: Scheme) -> None:
    advisor = Advisor(the_door())
    _past_work(advisor)
    _past_mails()
    text = "The internet is down since yesterday. We live at Lindenweg 4, 20144 Hamburg, call +49 40 5551234."
    receive(mail(text, subject="Lamps are dark"))
    case = _last_case()
    if _goal(case) != "fault":
        _do(case, c.ClassifyCase(service_goal="fault", version=latest("fault")))
    _heard(advisor)
    page = desk.sign_in(ada, size, scheme)
    page.goto(f"/desk/cases/{case}/?view=all")
    page.evaluate("document.querySelectorAll('#main details.small').forEach((one) => { one.open = true })")
    expect(page.locator(".reading")).to_be_visible()
    assert violations(page) == []
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"
    shot(page, f"{'phone' if size is PHONE else 'desktop'} {scheme}")
    assert desk.errors == []
