"""A major issue at the desk: affected cases are found and added, seen with their goal's standing, and told together."""

import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from caseloom.cases.mirroring import ASK, TELL
from caseloom.cases.queries import read_case
from caseloom.engine.case import commands as c
from caseloom.engine.case.events import MessageRequested
from caseloom.library.plans import the_plans
from caseloom.library.publishing import publish
from caseloom.sdk.stream import Answer
from caseloom.staff.models import Team
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history
from caseloom.web.desk import issue
from tests.cases.test_mirrors import perform
from tests.streams.kit import PROGRAM, a_case, a_customer, empty_streams, send
from tests.web.api.kit import a_user

pytestmark = pytest.mark.django_db(transaction=True)
HOUSE = "house rules: house\ntitle: The house\nteams: {service: Service}\n"
GOAL = """
service goal: fault
title: The line works
customer title: My line works
owner: process owner
team: service
facts:
  name: {personal: true, from customer: name}
  mast: {label: Mast}
goals:
  repaired: {title: The mast is repaired}
  calm: {title: The customer is calm, need: optional}
letters:
  known: {title: We know of it, subject: "Your line, {{ name }}", text: "Dear {{ name }},\\n\\nwe repair it."}
  place: {title: Where it is, subject: The mast, text: "It is mast {{ mast }}."}
"""


class Agent:
    """Somebody at the parent's sheet."""

    def __init__(self) -> None:
        self.browser = Client(raise_request_exception=True)
        self.browser.force_login(a_user("agent"))
        self.parent = opened("Head Office")
        self.sheet = f"/desk/cases/{self.parent}/issue/"

    def sees(self, path: str = "") -> str:
        answer = self.browser.get(self.sheet + path, headers={"HX-Request": "true"})
        assert answer.status_code == 200
        return words(answer.content.decode())

    def sends(self, path: str, status: int = 200, **fields: Any) -> str:
        answer = self.browser.post(self.sheet + path, fields, headers={"HX-Request": "true"})
        assert answer.status_code == status, answer.content.decode()
        return answer.content.decode()

    def to_the_end(self, path: str, **fields: Any) -> tuple[str, int]:
        page, portions = self.sends(path, **fields), 1
        while 'name="round"' in page:
            kept = html.unescape(page.split('name="round" value="')[1].split('"')[0])
            page, portions = self.sends(path, round=kept), portions + 1
        return words(page), portions


def opened(name: str, **fields: Any) -> int:
    return a_case(a_customer(name), "fault", house_version=1, customer_facts={"name": name}, **fields)


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def letters(case: int) -> list[tuple[str, str]]:
    history = read_history(the_door(), the_door().kinds["case"], case)
    return [
        (one.event.private.subject, one.event.private.text)
        for one in history
        if isinstance(one.event, MessageRequested)
    ]


def waits(case: int) -> bool:
    view = read_case(PROGRAM, case)
    return view is not None and any(goal.mirror is not None for goal in view.state.goals.values())


@pytest.fixture
def ada() -> Iterator[Agent]:
    empty_streams()
    the_plans.forget()
    for text in (HOUSE, GOAL):
        assert isinstance(publish(PROGRAM, text, thorough=False), Answer)
    yield Agent()


def test_nobody_is_affected_at_first_and_cases_of_the_same_kind_are_proposed(ada: Agent) -> None:
    case = opened("Jens Ott")
    over = opened("Ida Berg")
    send("case", over, c.TerminateCase(reason="moved away"))
    page = ada.sees()
    assert "Nobody yet." in page and "Jens Ott · The line works" in page
    assert f"#{over}" not in page, "a case that is over waits for nothing"
    assert f"#{case}" in ada.sees("?q=jens") and "No other open case is called so." in ada.sees("?q=nobody")


def test_chosen_cases_wait_for_the_goal_and_their_standing_is_seen(ada: Agent) -> None:
    cases = [opened(f"Customer {n}") for n in range(3)]
    page = words(ada.sends("join/", goal=1, need="required", cases=cases[:2]))
    assert "2 cases wait for this one now." in page and "Who is affected 2" in page
    assert [waits(case) for case in cases] == [True, True, False]
    perform(ASK)
    assert "Other cases wait for a goal of this one: 2 open" in words(
        ada.browser.get(f"/desk/cases/{ada.parent}/").content.decode()
    )
    send("case", ada.parent, c.ReachGoal(goal=1))
    perform(TELL)
    assert "2 reached" in ada.sees()
    child = words(ada.browser.get(f"/desk/cases/{cases[0]}/").content.decode())
    assert f"worked for in case {ada.parent}" in child


def test_all_that_the_search_finds_are_added_in_portions(ada: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [opened(f"Customer {n}") for n in range(7)]
    monkeypatch.setattr(issue, "CHUNK", 2)
    ticks = iter(range(10_000))
    monkeypatch.setattr(issue, "monotonic", lambda: next(ticks) * 1.1)
    page, portions = ada.to_the_end("join/", goal=1, all=1, q="")
    assert portions > 2 and "7 cases wait for this one now." in page
    assert all(waits(case) for case in cases)


def test_one_message_reaches_all_in_the_words_of_each(ada: Agent) -> None:
    cases = [opened(f"Customer {n}") for n in range(3)]
    ada.sends("join/", goal=1, cases=cases)
    shown = ada.browser.get(f"{ada.sheet}letter/?letter=known").content.decode()
    assert 'value="Your line, {{ name }}"' in shown
    preview = words(ada.sends("preview/", subject="Your line, {{ name }}", text="Dear {{ name }},\n\nwe repair it."))
    assert "Your line, Customer 0" in preview and "Dear Customer 0" in preview
    fields = {"subject": "Your line, {{ name }}", "text": "Dear {{ name }}, we repair it."}
    step = "6c1d9dbe-52a7-4d5c-8f0c-0d5a1f1d3c11"
    page, _ = ada.to_the_end("tell/", command_id=step, **fields)
    assert "On its way to 3 customers." in page
    assert [letters(case) for case in cases] == [
        [(f"Your line, Customer {n}", f"Dear Customer {n}, we repair it.")] for n in range(3)
    ]
    ada.to_the_end("tell/", command_id=step, **fields)
    assert [len(letters(case)) for case in cases] == [1, 1, 1], "sent once more, nobody gets it twice"


def test_a_portion_that_comes_twice_tells_nobody_twice(ada: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [opened(f"Customer {n}") for n in range(5)]
    ada.sends("join/", goal=1, cases=cases)
    monkeypatch.setattr(issue, "CHUNK", 1)
    ticks = iter(range(10_000))
    monkeypatch.setattr(issue, "monotonic", lambda: next(ticks) * 1.1)
    first = ada.sends("tell/", subject="It is repaired", text="Now.")
    kept = html.unescape(first.split('name="round" value="')[1].split('"')[0])
    ada.sends("tell/", round=kept)
    page, _ = ada.to_the_end("tell/", round=kept)
    assert "On its way to 5 customers." in page
    assert [len(letters(case)) for case in cases] == [1] * 5


def test_who_cannot_be_reached_is_named_with_the_reason(ada: Agent) -> None:
    cases = [opened(f"Customer {n}") for n in range(2)]
    send("case", cases[0], c.SetFacts(facts={"mast": "B 7"}))
    ada.sends("join/", goal=1, cases=cases)
    page, _ = ada.to_the_end("tell/", subject="The mast", text="It is mast {{ mast }}.")
    assert "On its way to 1 customer." in page and f"#{cases[1]} The case does not know: mast." in page
    assert letters(cases[0]) == [("The mast", "It is mast B 7.")] and letters(cases[1]) == []


def test_a_message_with_a_hole_is_not_sent_and_what_was_typed_stands(ada: Agent) -> None:
    case = opened("Jens Ott")
    ada.sends("join/", goal=1, cases=[case])
    page = ada.sends("tell/", 422, subject="Your line", text="It works by [date].")
    assert "Still to be filled in: [date]" in page and "It works by [date]." in page
    assert "Give it a subject, and words." in ada.sends("tell/", 422, subject=" ", text="x")
    assert "cannot be read" in ada.sends("preview/", 422, subject="x", text="{{ name + }}")
    assert letters(case) == []


def test_nonsense_changes_nothing(ada: Agent) -> None:
    case = opened("Jens Ott")
    assert "Choose the cases that it affects." in ada.sends("join/", 422, goal=1)
    assert "Choose the goal that they wait for." in ada.sends("join/", 422, goal=99, cases=[case])
    assert ada.browser.post(ada.sheet + "join/", {"round": "{"}).status_code == 404
    told = '{"does": "tell", "key": "6c1d9dbe-52a7-4d5c-8f0c-0d5a1f1d3c11"}'
    assert ada.browser.post(ada.sheet + "join/", {"round": told}).status_code == 404
    assert not waits(case)


def test_cases_of_a_confidential_team_are_neither_found_nor_told(ada: Agent) -> None:
    Team(key="secret", title="Secret", confidential=True).save()
    hidden, case = opened("Eve Adams", team="secret"), opened("Jens Ott")
    for one in (hidden, case):
        send("case", one, c.MirrorGoal(case=ada.parent, goal=1, title="The mast"))
    page = ada.sees()
    assert "Who is affected 1" in page and f"#{hidden}" not in page
    ada.to_the_end("tell/", subject="It is repaired", text="Now.")
    assert (len(letters(hidden)), len(letters(case))) == (0, 1)


def test_without_htmx_it_is_a_page_of_its_own(ada: Agent) -> None:
    case = opened("Jens Ott")
    page = ada.browser.post(ada.sheet + "join/", {"goal": 1, "cases": [case]}).content.decode()
    assert "<html" in page and "1 case waits for this one now." in words(page)
    assert ada.browser.get(ada.sheet).status_code == 200


# --- a goal of one other case -----------------------------------------------------------------------------------------


def test_a_goal_waits_for_one_of_another_case(ada: Agent) -> None:
    other = opened("Jens Ott")
    base = f"/desk/cases/{ada.parent}"
    found = words(ada.browser.get(f"{base}/other-goals/?q=jens&before=1").content.decode())
    assert "Jens Ott · The line works" in found
    page = ada.browser.get(f"{base}/other-goals/{other}/?before=1").content.decode()
    assert '<option value="1" selected>“The mast is repaired” waits for it</option>' in page
    sent = {"form": f"mirror-{other}", "case": other, "goal": 1, "before": 1, "title": "Their mast", "need": "required"}
    assert ada.browser.post(f"{base}/do/MirrorGoal/", sent, headers={"HX-Request": "true"}).status_code == 200
    view = read_case(PROGRAM, ada.parent)
    assert view is not None
    mirror = next(goal for goal in view.state.goals.values() if goal.mirror is not None)
    assert (mirror.title, view.state.goals[1].waits_on) == ("Their mast", (mirror.id,))
    refused = ada.browser.post(f"{base}/do/ReachGoal/", {"form": "f", "goal": 1}, headers={"HX-Request": "true"})
    assert refused.status_code == 422 and "waits for “Their mast”" in words(refused.content.decode())


def test_a_goal_is_shared_where_no_goal_waits_for_it(ada: Agent) -> None:
    other = opened("Jens Ott")
    sent = {"form": "f", "case": other, "goal": 2, "before": "", "title": "They are calm", "need": "optional"}
    base = f"/desk/cases/{ada.parent}"
    assert ada.browser.post(f"{base}/do/MirrorGoal/", sent, headers={"HX-Request": "true"}).status_code == 200
    view = read_case(PROGRAM, ada.parent)
    assert view is not None and view.state.goals[1].waits_on == ()
    assert ada.browser.get(f"{base}/other-goals/{ada.parent}/").status_code == 404, "a case shares nothing with itself"
