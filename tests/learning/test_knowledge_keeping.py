"""The learner keeps for each open case what may help, hears what was said of it, and finds what is missing."""

from uuid import uuid4

import pytest
from django.db import connection

from caseloom.channels.contact import ReceiveContact
from caseloom.channels.contact_events import Words
from caseloom.customers.customer import EraseCustomer
from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.learning import versions
from caseloom.learning.advisor import NAME
from caseloom.learning.intake.encoder import Encoder
from caseloom.learning.knowledge import Gaps, Ranking
from caseloom.learning.knowledge_keeping import KnowledgeKeeping
from caseloom.learning.queries import gaps_by_goal, known_of
from caseloom.learning.service import LearningService
from caseloom.library.definition import DraftDefinition, PublishDefinition
from caseloom.library.models import DefinitionRow
from caseloom.library.plans import house_version, latest, the_plans
from caseloom.sdk.access import Access, program
from caseloom.sdk.stream import Answer, Order
from caseloom.staff.models import Team
from caseloom.streams.door import the_door
from caseloom.streams.tail import Place, follow
from tests.channels.kit import NOW
from tests.learning.intake.kit import WordEncoder
from tests.streams.kit import a_customer, a_service_goal, can_be_followed, empty_streams, send

pytestmark = pytest.mark.django_db(transaction=True)
START = Place()
HOUSE = """
house rules: house
title: The house
knowledge:
  write: {title: How we write, text: Short sentences. Say a day.}
"""
CARD = """
service goal: card
title: The card works
customer title: My card works
owner: process owner
team: service
goals:
  active: {title: Card is active, knowledge: [activation]}
letters:
  pin: {title: A new PIN, subject: Your PIN, text: Your PIN comes by post.}
knowledge:
  activation: {title: Activating a card, text: At any machine of ours with card and PIN.}
  damaged: {title: A damaged card, text: A chip that is broken or bent needs a new card.}
"""
MOVE = """
service goal: move
title: A new address
customer title: I move
owner: process owner
team: service
goals:
  moved: {title: Moved}
knowledge:
  proof: {title: Proof of the address, text: A new address needs a paper from the town hall.}
"""


@pytest.fixture(autouse=True)
def _house() -> None:
    empty_streams()
    with connection.cursor() as cursor:
        cursor.execute("truncate knowledge_row, knowledge_gap")
    Team.objects.get_or_create(key="service", defaults={"title": "Service"})
    a_service_goal(HOUSE, "house")
    a_service_goal(CARD, "card")
    a_service_goal(MOVE, "move")


def _agent(number: int = 1) -> Access:
    return Access(Actor(f"agent:{number}", "agent", "Ada", frozenset(("agent",))), program("test").rights)


def _do(case: int, command: c.Command, who: int = 1) -> None:
    answer = the_door().handle(Order("case", case, command, uuid4(), _agent(who)))
    assert isinstance(answer, Answer), answer


def _opened(text: str, key: str = "card", customer: int = 0, team: str = "service") -> int:
    customer, contact, case = customer or a_customer(), next(the_door().ids), next(the_door().ids)
    said = Words(subject="Hello", text=text, own_text=text)
    send("contact", contact, ReceiveContact(
        contact=contact, customer=customer, channel="mail", at=NOW, words=said, case=case
    ))  # fmt: skip
    _do(case, c.OpenCase(
        case=case, customer=customer, service_goal=key, version=latest(key), house_version=house_version(),
        channel="mail", contact=contact, contact_at=NOW, team=team,
    ))  # fmt: skip
    return case


def _keeping(encoder: Encoder | None = None) -> KnowledgeKeeping:
    return KnowledgeKeeping(the_door(), lambda: encoder)


def _caught_up(keeping: KnowledgeKeeping, after: Place = START) -> Place:
    can_be_followed()
    while True:
        events, place = follow(the_door(), after)
        if place == after:
            break
        keeping.hear(events)
        after = place
    while keeping.work():
        pass
    return after


def _ranking(case: int) -> Ranking:
    found = known_of(case).ranking
    assert found is not None
    return found


def _names(case: int) -> list[str]:
    return [one.article for one in _ranking(case).articles]


@pytest.mark.parametrize("encoder", [None, WordEncoder()], ids=["by words", "with an encoder"])
def test_what_is_about_the_message_stands_first(encoder: Encoder | None) -> None:
    bent, moved = _opened("The chip of my card is bent and broken"), _opened("Which paper proves the new address?")
    _caught_up(_keeping(encoder))
    assert _names(bent)[0] == "card:damaged"
    assert _names(moved)[0] == "move:proof"
    assert _ranking(bent).near


def test_what_helped_people_comes_up_also_in_other_cases() -> None:
    cases = [_opened("My card, please") for _ in range(5)]
    keeping = _keeping()
    place = _caught_up(keeping)
    assert _names(cases[0])[0] == "card:activation"
    for number, case in enumerate(cases[1:], 1):
        _do(case, c.RateKnowledge(article="card:activation", helped=False), number)
        _do(case, c.RateKnowledge(article="card:damaged", helped=True), number)
    _caught_up(keeping, place)
    first = _ranking(cases[0]).articles[0]
    assert (first.article, first.helped, first.of) == ("card:damaged", 4, 4)


def test_a_letter_that_was_sent_counts_a_little() -> None:
    case = _opened("My card, please")
    send_pin = c.SendMessage(
        contact=next(the_door().ids), to="maria@example.org", subject="Your PIN", text="It comes.", letter="pin"
    )
    _do(case, send_pin)
    _do(case, c.UseKnowledge(article="card:activation"))
    keeping = _keeping()
    _caught_up(keeping)
    counts = {one.article: (one.of, one.used) for one in _ranking(case).articles}
    assert counts["card:letter:pin"] == counts["card:activation"] == (0, 1)
    assert keeping.votes.chance("card:letter:pin", "card") > 0.5


def test_after_a_restart_all_stands_as_before() -> None:
    case = _opened("My card, please")
    _do(case, c.RateKnowledge(article="card:damaged", helped=False))
    first, again = _keeping(), _keeping()
    _caught_up(first)
    before = _ranking(case)
    assert not again.work() and again.votes.count("card:damaged") == first.votes.count("card:damaged")
    _caught_up(again)
    assert _ranking(case) == before


def test_a_case_that_has_ended_needs_no_knowledge() -> None:
    case = _opened("My card, please")
    keeping = _keeping()
    place = _caught_up(keeping)
    _do(case, c.ReachGoal(goal=1))
    _caught_up(keeping, place)
    assert known_of(case).ranking is None


def test_who_is_erased_leaves_no_word() -> None:
    customer = a_customer()
    case = _opened("The chip is bent and broken", customer=customer)
    _do(case, c.RateKnowledge(article="card:damaged", helped=True))
    keeping = _keeping()
    place = _caught_up(keeping)
    assert keeping.votes.count("card:damaged").of == 1 and _names(case)[0] == "card:damaged"
    send("customer", customer, EraseCustomer())
    _caught_up(keeping, place)
    fresh = _keeping()
    _caught_up(fresh)
    for one in (keeping, fresh):
        assert one.votes.count("card:damaged").of == 0
    assert _names(case)[0] == "card:activation"


def test_owners_who_want_no_advice_get_none() -> None:
    a_service_goal(MOVE.replace("move", "quiet").replace("goals:", "learning: {advice: false}\ngoals:", 1), "quiet")
    cases = [_opened("Do zebras travel free on the ferry?", "quiet") for _ in range(6)]
    _caught_up(_keeping())
    assert known_of(cases[0]).ranking is None
    assert "quiet" not in gaps_by_goal()


def _gaps(keeping: KnowledgeKeeping) -> dict[str, Gaps]:
    _caught_up(keeping)
    return gaps_by_goal()


@pytest.mark.parametrize("encoder", [None, WordEncoder()], ids=["by words", "with an encoder"])
def test_what_customers_ask_in_vain_is_told_to_the_owner(encoder: Encoder | None) -> None:
    asked = [_opened("Do zebras travel free on the ferry?") for _ in range(6)]
    for _ in range(6):
        _opened("The chip of my card is bent and broken")
    found = _gaps(_keeping(encoder))["card"]
    assert (found.read, found.without) == (12, 6)
    [gap] = found.gaps
    assert {"zebras", "ferry"} <= set(gap.words) and set(gap.cases) == set(asked)


def test_an_article_about_it_closes_the_gap() -> None:
    for _ in range(6):
        _opened("Do zebras travel free on the ferry?")
    keeping = _keeping()
    assert _gaps(keeping)["card"].gaps
    _published_again(CARD + "  ferry: {title: Zebras on the ferry, text: Zebras travel free.}\n")
    assert not _gaps(keeping)["card"].gaps


def _published_again(text: str) -> None:
    number = DefinitionRow.objects.get(key="card").pk
    send("definition", number, DraftDefinition(definition=number, key="card", kind="service goal", text=text))
    send("definition", number, PublishDefinition(title="card"))
    the_plans.forget()


def test_what_is_confidential_is_in_no_report() -> None:
    Team.objects.create(key="secret", title="Secret", confidential=True)
    for _ in range(8):
        _opened("Do zebras travel free on the ferry?", team="secret")
    assert "card" not in _gaps(_keeping())


def test_customers_names_are_no_subject() -> None:
    for _ in range(6):
        _opened("Do zebras travel free? Yours, Quintus Quux", customer=a_customer("Quintus Quux"))
    [gap] = _gaps(_keeping())["card"].gaps
    assert "zebras" in gap.words and not {"quintus", "quux"} & set(gap.words)


def test_the_learners_service_keeps_knowledge_with_the_rest() -> None:
    versions.forget_all(NAME)
    case = _opened("The chip of my card is bent and broken")
    service = LearningService(the_door(), lambda: None)
    can_be_followed()
    for _ in range(20):
        if not service.work():
            break
    assert _names(case)[0] == "card:damaged"
