"""Knowledge without a database: found by what is typed, weighed by what people said, missing where many ask."""

from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.cli import demo
from caseloom.cli.demo.mail_words import WANTS
from caseloom.interchange.yaml_text import read_service_goal
from caseloom.learning.knowledge_gaps import FEWEST, Asked, find_gaps
from caseloom.learning.knowledge_meaning import Meaning, Situation
from caseloom.learning.knowledge_shelf import Piece
from caseloom.learning.knowledge_votes import MOST, Vote, Votes
from caseloom.learning.knowledge_words import Index, Words, likeness, words_of

SHELF = {
    piece.article: piece
    for piece in (
        Piece(
            "card:pin", "card", "article", "pin", "A new PIN", "The PIN letter comes by post. A wrong PIN blocks it."
        ),
        Piece("card:letter:pin", "card", "letter", "pin", "Your PIN", "Your PIN comes by post."),
        Piece(
            "move:house", "move", "article", "house", "Moving house", "A new address needs a proof from the town hall."
        ),
        Piece("house:write", "house", "article", "write", "How we write", "Short sentences. Say a day."),
    )
}
INDEX = Index([(piece.title, piece.text) for piece in SHELF.values()])
NAMES = list(SHELF)
DAY = date(2026, 3, 2)


def _found(query: str) -> list[str]:
    return [NAMES[number] for number in INDEX.find(query, 8)]


def test_a_word_that_is_still_being_typed_finds() -> None:
    assert _found("addr") == ["move:house"]
    assert _found("moving hou") == ["move:house"]
    assert _found("pi")[0] in ("card:pin", "card:letter:pin")


def test_all_words_count_where_any_text_has_them() -> None:
    assert _found("pin wrong") == ["card:pin"]
    assert _found("proof nonsense") == ["move:house"]
    assert _found("zebra") == [] == _found("") == _found("12 !?")


@given(st.text(max_size=200))
def test_nothing_that_is_typed_breaks_the_search(query: str) -> None:
    assert set(_found(query)) <= set(NAMES)


@given(st.text(max_size=300), st.text(max_size=300))
def test_likeness_is_a_share(one: str, other: str) -> None:
    words = Words([one, other])
    assert 0 <= likeness(words.weights(one), words.weights(other)) <= 1 + 1e-9


def test_addresses_and_numbers_are_no_words() -> None:
    assert words_of("Write to maria.keller@example.org, IBAN DE02 1203 0000") == ["write", "iban"]


def _vote(article: str, helped: bool, case: int, person: str = "agent:1", goal: str = "active") -> Vote:
    return Vote(case, person, "card", goal, article, helped)


def test_what_helped_is_likelier_to_help_and_most_where_it_did() -> None:
    votes = Votes(_vote("card:pin", True, case, f"agent:{case}") for case in range(7))
    for case in (7, 8):
        votes.add(_vote("card:pin", False, case, f"agent:{case}"))
    count = votes.count("card:pin")
    assert (count.helped, count.of, count.used) == (7, 9, 0)
    here, elsewhere = votes.chance("card:pin", "card", "active"), votes.chance("card:pin", "move", "moved")
    assert here > elsewhere > votes.chance("house:write", "card", "active") == 0.5


def test_one_person_alone_makes_no_article_bad() -> None:
    votes = Votes(_vote("card:pin", False, case) for case in range(500))
    assert votes.count("card:pin").of == MOST
    for case in range(500, 504):
        votes.add(_vote("card:pin", True, case, f"agent:{case}"))
    assert votes.chance("card:pin", "card", "active") > 0.5


def test_in_one_case_the_newest_word_stands_and_a_use_is_no_word() -> None:
    votes = Votes([_vote("card:pin", False, 1), _vote("card:pin", True, 1)])
    assert votes.count("card:pin").helped == votes.count("card:pin").of == 1
    votes.add(Vote(1, "agent:1", "card", "active", "card:pin", said=False))
    assert votes.count("card:pin").used == 0
    votes.add(Vote(2, "agent:1", "card", "active", "card:pin", said=False))
    assert votes.count("card:pin").used == 1
    assert votes.verdicts() == {1: True}


def test_what_was_said_in_a_case_can_be_taken_back() -> None:
    votes, without = (Votes(_vote("card:pin", True, case, "agent:2") for case in cases) for cases in ((1, 2), (1,)))
    votes.forget([2])
    assert votes.count("card:pin") == without.count("card:pin")
    assert votes.chance("card:pin", "card", "active") == without.chance("card:pin", "card", "active")


def _situation(message: str, named: tuple[str, ...] = ()) -> Situation:
    own = frozenset({"card:pin", "card:letter:pin"})
    return Situation("card", "active", "The new card works. Card is active", message, frozenset(named), own)


def test_what_is_about_the_message_comes_first_wherever_it_is_from() -> None:
    meaning = Meaning(SHELF, None, {})
    ranking = meaning.ranking(_situation("We are moving. Which proof do you need for the new address?"), Votes())
    assert ranking.articles[0].article == "move:house" and ranking.near
    assert meaning.ranking(_situation("My PIN is wrong"), Votes()).articles[0].article == "card:pin"


def test_what_is_about_nothing_here_is_told() -> None:
    ranking = Meaning(SHELF, None, {}).ranking(_situation("Do zebras travel for free on the ferry?"), Votes())
    assert not ranking.near
    assert "move:house" not in [one.article for one in ranking.articles]


def test_what_did_not_help_goes_down() -> None:
    votes = Votes(_vote("card:pin", False, case, f"agent:{case}") for case in range(6))
    ranking = Meaning(SHELF, None, {}).ranking(_situation("A new PIN please"), votes)
    assert ranking.articles[0].article == "card:letter:pin"


def _ferry(number: int, customer: int | None = None) -> Asked:
    text = f"Do zebras travel free on the ferry, asks Xaver{'abcdefghij'[number % 10]}?"
    return Asked(number, customer or number, DAY + timedelta(weeks=number % 3), text, False)


def test_what_many_ask_and_nothing_helps_with_is_a_gap() -> None:
    others = [Asked(100 + n, 100 + n, DAY, "Where is my PIN letter?", True) for n in range(20)]
    found = find_gaps([*(_ferry(n) for n in range(8)), *others])
    [gap] = found.gaps
    assert (found.read, found.without) == (28, 8)
    assert {"zebras", "ferry"} <= set(gap.words)
    assert (gap.asked, gap.customers, gap.nothing_near) == (8, 8, 8)
    assert [count for _week, count in gap.weeks] == [3, 3, 2]


def test_a_gap_names_no_word_of_few_customers() -> None:
    [gap] = find_gaps([_ferry(n) for n in range(9)]).gaps
    assert not [word for word in gap.words if word.startswith("xaver")]


def test_one_customer_who_writes_often_is_no_gap() -> None:
    assert find_gaps([_ferry(n, customer=n % (FEWEST - 1) + 1) for n in range(40)]).gaps == ()


@pytest.mark.parametrize(("helped", "gaps"), [(False, 1), (True, 0), (None, 0)])
def test_an_article_that_was_near_and_did_not_help_leaves_a_gap(helped: bool | None, gaps: int) -> None:
    asked = [Asked(n, n, DAY, "The ferry takes no zebras", True, helped) for n in range(8)]
    assert len(find_gaps(asked).gaps) == gaps


def test_groups_about_different_things_stay_apart() -> None:
    bikes = [Asked(50 + n, 50 + n, DAY, "May I rent bicycles at the harbour?", False) for n in range(6)]
    found = find_gaps([*(_ferry(n) for n in range(7)), *bikes])
    assert [gap.asked for gap in found.gaps] == [7, 6]


def test_the_demo_companys_wants_find_their_articles_by_words_alone() -> None:
    shelf: dict[str, Piece] = {}
    for file in (Path(demo.__file__).parent / "definitions").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if text.startswith("service goal:"):
            goal = read_service_goal(text)
            for key, article in goal.knowledge.items():
                name = f"{goal.service_goal}:{key}"
                shelf[name] = Piece(name, goal.service_goal, "article", key, article.title, article.text)
    meaning, homes = Meaning(shelf, None, {}), {piece.home for piece in shelf.values()}
    places = []
    for key in homes & WANTS.keys():
        subjects, wants = WANTS[key]
        for subject, want in product(subjects[:2], wants):
            near = meaning.nearness(f"{subject}\n\n{want}")
            order = sorted(near, key=lambda name: -near[name])
            places.append(next(place for place, name in enumerate(order) if shelf[name].home == key))
    assert len(places) > 100
    assert sum(place == 0 for place in places) / len(places) >= 0.5
    assert sum(place < 3 for place in places) / len(places) >= 0.75
