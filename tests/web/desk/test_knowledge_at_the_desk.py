"""Knowledge in a case: ranked, searched, rated, used; on the page and over the API."""

from time import perf_counter
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from caseloom.cases.kind import CASES
from caseloom.learning.knowledge_keeping import KnowledgeKeeping
from caseloom.learning.knowledge_words import Index
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history
from tests.streams.kit import a_service_goal, empty_streams
from tests.web.api.kit import Caller
from tests.web.desk.kit import CARD, a_card_case, a_house, a_person

pytestmark = pytest.mark.django_db(transaction=True)
MOVE = CARD.replace("service goal: card", "service goal: move").replace("The new card works", "A new address")


@pytest.fixture
def case() -> int:
    empty_streams()
    a_house()
    a_service_goal(MOVE.replace("Which questions prove an identity", "Papers for the new address"), "move")
    return a_card_case()


def _client(*roles: str) -> Client:
    client = Client()
    client.force_login(a_person("ada", roles or ("agent",)))
    return client


def _told(case: int, stored: str) -> list[Any]:
    return [one.event for one in read_history(the_door(), CASES, case) if one.event.stored == stored]


def _rank() -> None:
    keeping = KnowledgeKeeping(the_door(), lambda: None)
    while keeping.work():
        pass


def test_before_anything_was_learned_the_article_of_the_goal_stands_there(case: int) -> None:
    page = _client().get(f"/desk/cases/{case}/").content.decode()
    assert "Which questions prove an identity" in page
    assert "Ask for the date of birth" in page
    assert "helped" not in page.split("Which questions prove an identity")[1].split("</summary>")[0]


def test_a_word_counts_for_the_next_case(case: int) -> None:
    client = _client()
    answer = client.post(f"/desk/cases/{case}/do/RateKnowledge/", {"article": "card:questions", "helped": "true"})
    assert answer.status_code == 302
    [said] = _told(case, "knowledge_rated.1")
    assert (said.helped, said.goal) == (True, "identity")
    other = a_card_case("Jens Ott")
    _rank()
    assert "helped 1 of 1 time" in client.get(f"/desk/cases/{other}/").content.decode()
    assert 'value="true" aria-pressed="true"' in client.get(f"/desk/cases/{case}/").content.decode()
    assert 'value="true" aria-pressed="true"' not in client.get(f"/desk/cases/{other}/").content.decode()


def test_the_search_finds_articles_of_other_service_goals_and_letters_of_this_one(case: int) -> None:
    client = _client()
    found = client.get(f"/desk/cases/{case}/knowledge/", {"q": "papers addr"}, headers={"HX-Request": "true"})
    assert "Papers for the new address" in found.content.decode()
    letter = client.get(f"/desk/cases/{case}/knowledge/", {"q": "code"}, headers={"HX-Request": "true"})
    assert "Write this letter" in letter.content.decode()
    nothing = client.get(f"/desk/cases/{case}/knowledge/", {"q": "zebra"})
    assert "Nothing has these words" in nothing.content.decode() and "<h1>" in nothing.content.decode()


@pytest.mark.parametrize("asked", ["", " ", "\0", "a" * 5_000, "💥<script>", "der die das"])
def test_nothing_that_is_typed_is_too_strange(case: int, asked: str) -> None:
    client = _client()
    answer = client.get(f"/desk/cases/{case}/knowledge/", {"q": asked}, headers={"HX-Request": "true"})
    assert answer.status_code == client.get(f"/desk/cases/{case}/knowledge/", {"q": asked}).status_code == 200
    assert "<script>" not in answer.content.decode()


def test_words_that_were_put_into_a_message_count_once_it_is_sent(case: int) -> None:
    sent = {
        "to": "maria@example.org", "subject": "Hello", "text": "Two of three are enough.", "command_id": str(uuid4()),
        "knowledge": "card:questions##" + "x" * 300,
    }  # fmt: skip
    client = _client()
    for _ in range(2):
        assert client.post(f"/desk/cases/{case}/do/SendMessage/", sent).status_code == 302
    assert [one.article for one in _told(case, "knowledge_used.1")] == ["card:questions"]


def test_the_api_gives_what_helps_and_what_has_the_words(case: int) -> None:
    caller = Caller("agent", teams=("cards",))
    said = {"article": "card:questions", "helped": False, "word": "Out of date"}
    assert caller.post(f"/cases/{case}/rate-knowledge", said).status_code == 200
    _rank()
    known = caller.get(f"/cases/{case}/knowledge").json()
    assert known["script"].startswith("Ask for the date of birth") and known["goal"] == "Identity is clear"
    [rated] = [one for one in known["articles"] if one["article"] == "card:questions"]
    assert (rated["helped"], rated["of"]) == (0, 1) and rated["chance"] < 0.5
    found = caller.get(f"/cases/{case}/knowledge?q=papers").json()["articles"]
    assert [one["article"] for one in found] == ["move:questions"]
    assert caller.get("/cases/99/knowledge").status_code == 404


def test_the_search_is_quick_among_hundreds_of_articles() -> None:
    words = [f"word{chr(97 + n % 26)}{chr(97 + n // 26 % 26)} matter subject" for n in range(300)]
    index = Index([(f"Title {text}", " ".join([text, *words[:40]])) for text in words])
    began = perf_counter()
    for _ in range(20):
        assert index.find("wordab matt", 8)
    assert (perf_counter() - began) / 20 < 0.02
