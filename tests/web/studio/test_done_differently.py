"""What people do differently, in the studio: shown with figures and cases, drafted, declined; and what is learned."""

import html
import re
import subprocess
import sys

import pytest
from django.db import connection
from django.test import Client

from caseloom.learning import versions
from caseloom.learning.models import ProposalRow
from caseloom.learning.proposals_found import refresh
from caseloom.library.plans import house_version, the_plans
from caseloom.staff.models import Change, Team
from caseloom.streams.door import the_door
from caseloom.streams.tail import Place
from tests.learning.proposal_kit import BEN, CALL, CLEO, DORA, a_repair, a_repair_shop, drifted
from tests.learning.test_learned import opened
from tests.web.api.kit import a_user
from tests.web.studio.kit import an_owner, signed_in, the_draft
from tests.web.test_statements_of_a_page import statements

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/studio/repair/differently/"


@pytest.fixture
def owner() -> Client:
    ProposalRow.objects.all().delete()
    for name in ("intake", "next step"):
        versions.forget_all(name)
    a_repair_shop()
    return signed_in(an_owner())


def proposed(usual: int = 24, otherwise: int = 12) -> tuple[int, list[int]]:
    """The number of the proposal, and the cases that it was found in."""
    cases = drifted(usual, otherwise)
    refresh(the_door(), "repair")
    return ProposalRow.objects.get().pk, cases


def sees(browser: Client, path: str = PAGE) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def words(page: str) -> str:
    page = re.sub(r"<script.*?</script>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_proposal_says_what_by_whom_how_often_and_what_comes_of_it(owner: Client) -> None:
    _number, cases = proposed()
    page = sees(owner)
    said = words(page)
    assert f"They add “{CALL}”" in said
    assert "3 people did so in 12 of the last 36 cases for “It works”" in said and "“Mend it”" in said
    assert "Rated 4 or 5 : 100 % of 12 cases so, 50 % of 12 otherwise." in said
    assert "Like compared with like: +" in said and ": better ." in said
    assert "The draft has the step in “Mend it”, behind “Look at it”." in said
    assert [int(one) for one in re.findall(r'href="/desk/cases/(\d+)/"', page)] == cases[:-6:-1]
    assert '"data": [33]' in page and '<td class="number">33 %</td>' in page, "the chart and its table"


def test_the_front_page_counts_what_is_new(owner: Client) -> None:
    assert "Proposed" not in sees(owner, "/studio/")
    number, _ = proposed()
    assert "Repair: 1 thing that people do differently" in words(sees(owner, "/studio/"))
    owner.post(f"{PAGE}{number}/answer/", {"do": "later"})
    assert "do differently" not in words(sees(owner, "/studio/"))


def test_it_becomes_a_draft_that_opens_in_the_editor(owner: Client) -> None:
    number, _ = proposed()
    answer = owner.post(f"{PAGE}{number}/draft/")
    assert answer.status_code == 302 and answer["Location"].startswith("/studio/repair/edit/?at=")
    draft = the_draft("repair")
    assert draft.changed and CALL in draft.text and "# the usual one" in draft.text
    assert CALL in sees(owner, answer["Location"]), "the part is open"
    assert "Quentin Person made a draft of it." in words(sees(owner))
    again = owner.post(f"{PAGE}{number}/draft/")
    assert again.status_code == 422 and "The draft has the step already." in words(again.content.decode())
    text = the_draft("repair").text
    the_plans.forget()
    a_repair_shop(text)
    refresh(the_door(), "repair")
    assert "Nothing is done differently often enough" in words(sees(owner))


def test_a_draft_that_lost_the_option_is_left_alone(owner: Client) -> None:
    from caseloom.library.drafts import save_draft
    from tests.streams.kit import PROGRAM

    number, _ = proposed()
    draft = the_draft("repair")
    save_draft(PROGRAM, draft, draft.text.replace("mend it:", "fix it:"), draft.seen)
    answer = owner.post(f"{PAGE}{number}/draft/")
    assert answer.status_code == 422
    assert "The draft has no option “mend it” any more." in words(answer.content.decode())
    assert CALL not in the_draft("repair").text and ProposalRow.objects.get().state == "new"


def test_it_is_declined_with_a_reason_alone(owner: Client) -> None:
    number, _ = proposed()
    path = f"{PAGE}{number}/answer/"
    refused = owner.post(path, {"do": "declined", "reason": " "})
    assert refused.status_code == 422 and "Say why it is not for you" in words(refused.content.decode())
    assert owner.post(path, {"do": "declined", "reason": "x" * 501}).status_code == 422
    assert owner.post(path, {"do": "declined", "reason": "a\0b"}).status_code == 422
    assert ProposalRow.objects.get().state == "new"
    assert owner.post(path, {"do": "declined", "reason": "We call at once."}).status_code == 302
    assert "Not for us, says Quentin Person: We call at once." in words(sees(owner))


def test_nonsense_is_answered(owner: Client) -> None:
    number, _ = proposed()
    assert owner.post(f"{PAGE}{number}/answer/", {"do": "moon"}).status_code == 404
    assert owner.post(f"{PAGE}999999/answer/", {"do": "later"}).status_code == 404
    assert owner.post(f"{PAGE}999999/draft/").status_code == 404
    assert owner.get("/studio/none/differently/").status_code == 404
    assert ProposalRow.objects.get().state == "new"


def test_cases_that_the_owner_does_not_see_are_no_evidence_to_them(owner: Client) -> None:
    _number, cases = proposed()
    Team.objects.update_or_create(key="service", defaults={"title": "Service", "confidential": True})
    assert f"/desk/cases/{cases[-1]}/" not in sees(owner)


def test_only_who_publishes_sees_it(owner: Client) -> None:
    number, _ = proposed()
    agent = signed_in(a_user("agent", "supervisor"))
    assert agent.get(PAGE).status_code == 403 and agent.get("/studio/learned/").status_code == 403
    assert agent.post(f"{PAGE}{number}/draft/").status_code == 403
    assert agent.post("/studio/learned/roll-back/", {"name": "intake"}).status_code == 403
    assert "differently" not in sees(agent, "/studio/")


def test_what_is_learned_stands_there_with_its_switches(owner: Client) -> None:
    versions.save("intake", b"1", Place(), {"examples": 1234, "seconds": 2.5, "encoder": False})
    page = words(sees(owner, "/studio/learned/"))
    assert "1234 messages, 2.5 seconds, without sentence encoder" in page and "in force" in page
    assert "Go back to the version before" not in page, "there is none"
    assert "Repair at most 1 in 100 wrong on 0 – 1 %" in page
    opened("repair", now_is="repair"), opened("moving", now_is="repair")
    assert "on 1 0 % 1 %" in words(sees(owner, "/studio/learned/"))
    versions.save("intake", b"2", Place(), {"examples": 1300})
    assert "Go back to the version before" in words(sees(owner, "/studio/learned/"))
    assert owner.post("/studio/learned/roll-back/", {"name": "intake"}).status_code == 302
    assert "rolled back" in words(sees(owner, "/studio/learned/"))
    assert Change.objects.filter(record="learned intake", actor__startswith="agent:").exists()
    refused = owner.post("/studio/learned/roll-back/", {"name": "intake"})
    assert refused.status_code == 422 and "No earlier version" in words(refused.content.decode())


def test_more_wrong_openings_than_promised_are_told(owner: Client) -> None:
    for _ in range(3):
        case = opened("repair", now_is="repair")
        connection.cursor().execute("update case_row set service_goal = 'moving' where id = %s", (case,))
    assert "more than promised" in words(sees(owner, "/studio/learned/"))
    page = sees(owner, "/studio/learned/openings/?goal=repair&corrected=1")
    assert page.count("corrected</span>") == 3
    assert "Nothing of this kind" in words(sees(owner, "/studio/learned/openings/?goal=none&before=x"))


def test_the_switches_are_inputs_of_the_form(owner: Client) -> None:
    page = sees(owner, "/studio/repair/edit/?at=%5B%5D")
    assert 'name="f/learning/opens"' in page and 'name="f/learning/advice"' in page
    draft = the_draft("repair")
    fields = {"at": "[]", "seen": draft.seen, "f/learning/opens": "never", "f/learning/advice": "false"}
    assert owner.post("/studio/repair/change/", fields).status_code == 302
    from caseloom.library.publishing import check

    goal, places = check(the_draft("repair").text)
    assert places == () and goal.learning.opens == "never" and goal.learning.advice is False  # type: ignore[union-attr]
    assert the_plans("repair", 1, house_version()).service_goal.learning.advice  # type: ignore[union-attr]


@pytest.mark.parametrize("proposals", [1, 3])
def test_the_page_asks_as_often_whatever_there_is(owner: Client, proposals: int) -> None:
    for title in ("Call back", "Send a card", "Ring the shop")[:proposals]:
        for number in range(9):
            a_repair((BEN, CLEO, DORA)[number % 3], title)
    refresh(the_door(), "repair")
    assert ProposalRow.objects.count() == proposals
    sees(owner)
    assert statements(lambda: owner.get(PAGE)) == STATEMENTS
    assert statements(lambda: owner.get("/studio/learned/")) == STATEMENTS_LEARNED


STATEMENTS = 10
STATEMENTS_LEARNED = 6


def test_the_studio_imports_nothing_that_learns() -> None:
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'caseloom.config.settings'; django.setup();"
        "import caseloom.web.studio.urls; print('numpy' in sys.modules or 'sklearn' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
