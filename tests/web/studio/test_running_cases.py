"""The running cases of a service goal in the studio: where they stand, tried, brought over, brought back."""

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from caseloom.cases.migration_plan import unplaced
from caseloom.cases.queries import read_case
from caseloom.engine.case import commands as c
from caseloom.library.plans import latest_versions, the_plans
from caseloom.staff.models import Team
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history
from caseloom.web.studio import running
from tests.streams.kit import PROGRAM, a_case, a_customer, send
from tests.web.api.kit import a_user
from tests.web.studio.kit import an_owner, published, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
HOUSE = "house rules: house\ntitle: The house\nroles: {process owner: An owner}\nteams: {moves: Moves}\n"
OLD = """
service goal: moving
title: The move
customer title: My move
owner: process owner
team: moves
facts:
  name: {personal: true, from customer: name}
goals:
  answered:
    title: Answered
    options:
      plain: {title: Plain, tasks: [read, write], automatic: true}
tasks:
  read: {title: Read it}
  write: {title: Write back}
"""
NEW = OLD.replace("[read, write]", "[read, reply, sign]").replace(
    "  write: {title: Write back}", "  reply: {title: Write back}\n  sign: {title: Sign it}"
)
PAGE, RUN = "/studio/moving/running/", "/studio/moving/running/go/"


@pytest.fixture
def owner() -> Client:
    published(HOUSE, OLD)
    latest_versions.forget()  # type: ignore[attr-defined]
    return signed_in(an_owner())


def cases_then_new(count: int, **fields: Any) -> list[int]:
    """So many cases under version 1, then version 2."""
    cases = [a_case(a_customer(f"Customer {n}"), "moving", house_version=1, **fields) for n in range(count)]
    published(NEW)
    latest_versions.forget()  # type: ignore[attr-defined]
    return cases


def sees(browser: Client, path: str = PAGE) -> str:
    return browser.get(path).content.decode()


def asks(browser: Client, **fields: Any) -> str:
    answer = browser.post(RUN, fields, headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def to_the_end(browser: Client, **fields: Any) -> tuple[str, int]:
    """The last portion of a run, and how many there were."""
    page, portions = asks(browser, **fields), 1
    while 'id="trial-next"' in page:
        kept = html.unescape(page.split('id="trial-next"')[1].split('name="run" value="')[1].split('"')[0])
        page, portions = asks(browser, run=kept), portions + 1
    return page, portions


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def versions(cases: list[int]) -> list[int]:
    views = [read_case(PROGRAM, case) for case in cases]
    return [view.state.version for view in views if view is not None]


def test_the_page_says_how_many_stand_on_which_version(owner: Client) -> None:
    cases = cases_then_new(3)
    a_case(a_customer(), "moving", house_version=1, version=2)
    send("case", cases[2], c.TerminateCase(reason="not wanted"))
    page = words(sees(owner))
    assert "version 2 in force 1" in page and "version 1 2" in page, "what is over does not run"
    assert "Try it on 2 cases, without effect" in page


def test_what_has_no_place_is_listed_and_what_is_called_the_same_is_proposed(owner: Client) -> None:
    cases_then_new(1)
    page = sees(owner)
    row = page.split('name="items.write"')[1].split("</select>")[0]
    assert '<option value="=reply" selected>Write back</option>' in row
    assert '<option value="=sign">Sign it</option>' in row and '<option value="-">' in row
    assert "items.read" not in page, "what keeps its key has its place"


def test_a_dry_run_groups_the_verdicts_and_does_nothing(owner: Client) -> None:
    cases = cases_then_new(5)
    send("case", cases[4], c.CompleteTask(item=4))
    page, _ = to_the_end(owner, does="try", to=2)
    said = words(page)
    assert "1 of 5 cases would go over to version 2. Nothing has happened yet." in said
    assert "4 would stay: Version 2 has no place for what is open here: “Write back”." in said
    assert f'href="/desk/cases/{cases[0]}/"' in page
    assert versions(cases) == [1] * 5
    mapped, _ = to_the_end(owner, does="try", to=2, **{"items.write": "=reply"})
    assert "5 of 5 cases would go over" in words(mapped) and "would stay" not in mapped


def test_they_go_over_as_they_were_tried_and_come_back(owner: Client) -> None:
    cases = cases_then_new(4)
    tried, _ = to_the_end(owner, does="try", to=2, **{"items.write": "=reply"})
    goes = html.unescape(tried.rsplit('name="run" value="', 1)[1].split('"')[0])
    page, _ = to_the_end(owner, run=goes)
    assert "4 of 4 cases follow version 2 now." in words(page)
    assert versions(cases) == [2] * 4
    assert 'id="standing"' in page and "hx-swap-oob" in page, "the table above says so, too"
    again, _ = to_the_end(owner, run=goes)
    assert "There is no such case any more." in words(again), "sent once more, nothing happens twice"
    send("case", cases[0], c.CompleteTask(item=next(iter(_items(cases[0], "sign")))))
    back, _ = to_the_end(owner, does="back", to=2)
    said = words(back)
    assert "3 cases went back from version 2." in said and "1 stays:" in said
    assert versions(cases) == [2, 1, 1, 1]


def _items(case: int, key: str) -> list[int]:
    view = read_case(PROGRAM, case)
    assert view is not None
    return [item.id for item in view.state.items.values() if item.key == key]


def test_what_is_mapped_to_nothing_ends(owner: Client) -> None:
    cases = cases_then_new(2)
    tried, _ = to_the_end(owner, does="try", to=2, **{"items.write": "-"})
    to_the_end(owner, run=html.unescape(tried.rsplit('name="run" value="', 1)[1].split('"')[0]))
    assert versions(cases) == [2, 2] and not _items(cases[0], "write") and _items(cases[0], "reply")


def test_many_come_in_portions_and_none_is_missed(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = cases_then_new(7)
    monkeypatch.setattr(running, "CHUNK", 2)
    ticks = iter(range(10_000))
    monkeypatch.setattr(running, "monotonic", lambda: next(ticks) * 1.1)
    page, portions = to_the_end(owner, does="go", to=2, **{"items.write": "=reply"})
    assert portions > 3 and "7 of 7 cases follow version 2 now." in words(page)
    assert versions(cases) == [2] * 7


def test_the_history_says_for_whom_it_was_done(owner: Client) -> None:
    [case] = cases_then_new(1)
    to_the_end(owner, does="go", to=2, **{"items.write": "=reply"})
    last = [one for one in read_history(the_door(), the_door().kinds["case"], case) if "migrated" in one.event.stored]
    assert last[0].actor.startswith("program:migration for agent:")
    assert "Caseloom, for Quentin Person" in sees(owner, f"/desk/cases/{case}/")


def test_cases_of_a_confidential_team_are_neither_counted_nor_moved(owner: Client) -> None:
    Team(key="secret", title="Secret", confidential=True).save()
    cases = cases_then_new(2)
    hidden = a_case(a_customer(), "moving", house_version=1, version=1, team="secret")
    assert "Try it on 2 cases" in words(sees(owner))
    page, _ = to_the_end(owner, does="go", to=2, **{"items.write": "=reply"})
    assert str(hidden) not in page and versions([*cases, hidden]) == [2, 2, 1]


def test_nonsense_is_answered_and_moves_nothing(owner: Client) -> None:
    cases = cases_then_new(1)
    for fields in (
        {"does": "moon", "to": 2}, {"does": "go", "to": 9}, {"run": "{"}, {"run": json.dumps({"does": "go"})},
        {"run": "x" * 500_000}, {"does": "go"},
    ):  # fmt: skip
        assert owner.post(RUN, fields).status_code == 404, fields
    assert owner.get(f"{PAGE}?from=99&to=x").status_code == 200
    assert owner.get("/studio/house/running/").status_code == 404
    assert owner.get("/studio/none/running/").status_code == 404
    assert versions(cases) == [1]


def test_only_who_publishes_sees_it(owner: Client) -> None:
    cases = cases_then_new(1)
    agent = signed_in(a_user("agent", "supervisor"))
    assert agent.get(PAGE).status_code == 403
    assert agent.post(RUN, {"does": "go", "to": 2}).status_code == 403
    assert "Running cases" not in sees(agent, "/studio/moving/versions/")
    assert versions(cases) == [1]


def test_without_htmx_the_whole_page_tells_the_outcome(owner: Client) -> None:
    cases_then_new(1)
    page = owner.post(RUN, {"does": "try", "to": 2}).content.decode()
    assert "<h1>" in page and "would stay:" in page


def test_with_one_version_there_is_nothing_to_bring_over(owner: Client) -> None:
    assert "There is one version alone" in sees(owner)


def test_goals_ways_and_steps_without_a_place_are_found() -> None:
    published(HOUSE, OLD)
    published(
        OLD.replace("answered:", "replied:").replace("plain: {title: Plain", "quick: {title: Plain").replace(
            "  read: {title: Read it}", "  skim: {title: Skim it}"
        ).replace("[read,", "[skim,")
    )  # fmt: skip
    latest_versions.forget()  # type: ignore[attr-defined]
    found = {(one.part, one.key): one for one in unplaced(the_plans("moving", 1, 1), the_plans("moving", 2, 1))}
    assert found.keys() == {("goals", "answered"), ("items", "answered/plain"), ("items", "read")}
    assert found["goals", "answered"].near == "replied", "it is called the same"
    assert found["items", "answered/plain"].near == "replied/quick"
    assert found["items", "read"].near == "", "nothing is called so"
