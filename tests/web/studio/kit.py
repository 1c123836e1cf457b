"""A small house for tests of the studio: house rules, a service goal with remarks, a flow model, a decision model."""

from pathlib import Path
from typing import Any

from django.test import Client

from caseloom.library.drafts import Draft, find_draft
from caseloom.library.publishing import publish
from caseloom.sdk.stream import Answer
from caseloom.staff.models import Team, User
from tests.library.flows import BPMN
from tests.streams.kit import PROGRAM
from tests.web.desk.kit import a_person

HOUSE = """\
house rules: house
title: The house
roles: {agent: An agent, supervisor: A supervisor, process owner: An owner}
teams: {cards: Cards}
skills: {cards: Cards}
facts:
  customer name: {label: Name, personal: true, from customer: name}
"""
GOAL = """\
# Cards, as the board of 3 March wants them.
service goal: lost card
title: Lost card
customer title: My lost card is blocked and I get a new one
owner: process owner
team: cards   # until the new team is there
channels: [phone, mail]
self service: true
start form: [card ending]
confirm within: 14 days

facts:
  card ending: {label: Last four digits, customer label: "The last four digits on the card"}
  card status: {type: choice, choices: [active, blocked], initial: active, label: Card status}
  fee: {type: money, label: Fee}
  arrived: {type: boolean, label: New card arrived, customer label: "Has it arrived?"}

goals:
  # Every minute counts.
  blocked:
    title: The card is blocked
    customer title: Nobody can pay with your lost card
    reached when: card status = "blocked"
    clock: {within: 1 business hour, since: contact}
    script: Block first, then ask.
    options:
      block it:
        title: Block the card now   # the usual one
        tasks: [block the card, tell it]
  new card:
    title: The customer holds a new card
    customer title: You have your new card
    after: [blocked]
    reached when: arrived = true
    clock: {within: 6 business days}
    perception: How well did we help you?
    options:
      by mail: {title: By mail, tasks: [order the card, card has arrived]}

tasks:
  block the card:
    title: Block the card
    form: [card ending]
    must: [card ending]
    sets: {card status: '"blocked"'}
  tell it: {kind: letter, title: Confirm the block, letter: blocked, automatic: true, after: [block the card]}
  order the card: {title: Order the new card, form: [fee]}
  card has arrived:
    title: The customer says that it has arrived
    customer title: Tell us when your card is there
    by customer: true
    after: [order the card]
    form: [arrived]
    must: [arrived]

rules:
  - The card ending must have 4 digits.   # whatever they say
  - {rule: The fee must be at most 20 EUR., way on: Take a smaller fee}

letters:
  blocked:
    subject: Your card is blocked
    text: |
      Dear {{ customer name }},

      nobody can pay with it any more.
"""
WITH_FLOW = """\
service goal: refund
title: Money back
customer title: I get my money back
owner: process owner
team: cards
facts:
  amount: {type: number, initial: 20}
  approved: {type: boolean, label: Approved}
goals:
  paid:
    title: The money is back
    options:
      by the book: {title: By the book, tasks: [pay it back], automatic: true}
tasks:
  pay it back: {title: Pay it back, kind: flow, model: refunds, flow: refund}
"""
DMN = Path(__file__).parents[3] / "src/caseloom/cli/demo/definitions/refund-limits.dmn"


def an_owner() -> User:
    """The process owner, in a house with one team."""
    Team.objects.get_or_create(key="cards", defaults={"title": "Cards"})
    return a_person("quentin", ("process owner", "agent"))


def published(*texts: str) -> None:
    """Publish these definitions."""
    for text in texts:
        answer = publish(PROGRAM, text, thorough=False)
        assert isinstance(answer, Answer), answer


def a_house() -> None:
    published(HOUSE, GOAL, BPMN)


def the_draft(key: str = "lost card") -> Draft:
    found = find_draft(key)
    assert found is not None
    return found


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client
