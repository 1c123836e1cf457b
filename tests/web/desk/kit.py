"""A small house for tests of the desk: staff, a service goal with every kind of work, customers with mails."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from caseloom.channels.contact import ReceiveContact
from caseloom.channels.contact_events import Words
from caseloom.engine.case import commands as c
from caseloom.library.plans import the_plans
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Order
from caseloom.staff.models import Team, User
from caseloom.streams.door import the_door
from caseloom.web.desk import people
from tests.streams.kit import a_customer, a_service_goal, send

HOUSE = """
house rules: house
title: The house
roles: {team lead: A team lead, supervisor: A supervisor}
teams: {cards: Cards, back: Back office}
goals:
  win back: {title: The customer is content again, added only: true}
reactions:
  - says: When the perception is below 3, add the goal "win back" and tell the supervisor.
    when: perception < 3
    do: [{add goal: win back}, {tell: supervisor}]
"""
CARD = """
service goal: card
title: The new card works
customer title: My card works
owner: process owner
team: cards
facts:
  name: {personal: true, from customer: name}
  card status: {type: choice, choices: [ordered, delivered, active, lost], initial: delivered, label: Card status}
  cause: {type: choice, choices: [PIN unknown, card damaged, card lost], label: What is wrong}
  checked: {type: boolean, label: Identity checked}
  replacement fee: {type: money, label: Fee for the replacement}
  call back on: {type: date, label: Call back on}
goals:
  identity:
    title: Identity is clear
    reached when: checked = true
    clock: {within: 1 day, warn: 4 hours}
    options:
      by phone: {title: Ask by phone, tasks: [check identity], help: Three questions from the record}
      by letter: {title: Send a letter with a code, tasks: [code letter], when: card status != "lost"}
    script: Ask for the date of birth, the last booking and the address.
    knowledge: [questions]
  active:
    title: Card is active
    after: [identity]
    reached when: card status = "active"
    clock: {within: 2 days}
    options:
      new pin: {title: Send new PIN letter, tasks: [pin letter], help: The old PIN ends}
      new card: {title: Send a new card, tasks: [order card], when: 'cause = "card damaged" or cause = "card lost"'}
  confirmed:
    title: The customer is content
    after: [active]
    need: optional
tasks:
  check identity: {title: Check the identity, form: [checked, cause, call back on], must: [checked], required: true}
  code letter: {title: Send the code, kind: letter, letter: code}
  pin letter: {title: Send the PIN letter, kind: letter, letter: pin}
  order card: {title: Order a card, form: [replacement fee], role: team lead}
boundary rules:
  - says: A replacement must cost at most 20 EUR.
    require: 'replacement fee = null or replacement fee.amount <= 20'
    way on: Ask a team lead
letters:
  pin:
    title: Your new PIN
    subject: Your new PIN is on its way
    text: |
      Dear {{ name }},

      your new PIN comes by post by {{ call back on }}. Your card works with it at once.

      Kind regards
  code: {title: Your code, subject: Your code, text: "Dear {{ name }}, here is your code."}
knowledge:
  questions: {title: Which questions prove an identity, text: "Two of three are enough.\\n\\nNever ask for the PIN."}
offers:
  insurance: {title: Card insurance, text: Two euros a month, when: 'card status = "active"'}
"""


def a_house() -> None:
    """House rules, a service goal and two teams."""
    a_service_goal(HOUSE, "house")
    a_service_goal(CARD, "card")
    Team.objects.create(key="cards", title="Cards")
    Team.objects.create(key="back", title="Back office")
    people.staff_names.forget()  # type: ignore[attr-defined]
    people.active_staff.forget()  # type: ignore[attr-defined]
    people.team_titles.forget()  # type: ignore[attr-defined]
    the_plans.forget()


def a_person(username: str = "ada", roles: tuple[str, ...] = ("agent",), teams: tuple[str, ...] = ("cards",)) -> User:
    names = {
        "ada": ("Ada", "Lindqvist"),
        "leo": ("Leo", "Brandt"),
        "sue": ("Susanne", "Vogel"),
        "eve": ("Eve", "Adams"),
    }
    first, last = names.get(username, (username.title(), "Person"))
    user = User(username=username, first_name=first, last_name=last, roles=list(roles), teams=list(teams))
    user.set_unusable_password()
    user.save()
    people.staff_names.forget()  # type: ignore[attr-defined]
    people.active_staff.forget()  # type: ignore[attr-defined]
    return user


def a_mail(
    customer: int, case: int | None, subject: str, text: str, html: str | None = None, at: datetime | None = None
) -> int:
    """A mail that came in, recorded as a contact."""
    number = next(the_door().ids)
    words = Words(
        subject=subject, text=text, own_text=text, html=html, name="Maria Keller", address="maria@example.org"
    )
    moment = at or datetime.now(UTC)
    send(
        "contact",
        number,
        ReceiveContact(
            contact=number, customer=customer, channel="mail", at=moment, words=words, case=case, team="cards"
        ),
    )
    return number


def a_card_case(
    name: str = "Maria Keller", owner: str = "", ago: timedelta = timedelta(minutes=20), **fields: object
) -> int:
    """A case from a mail of a customer."""
    customer = a_customer(name, mail=f"{name.split()[0].lower()}{next(the_door().ids)}@example.org")
    case, at = next(the_door().ids), datetime.now(UTC) - ago
    contact = a_mail(
        customer,
        case,
        "My new card does not work",
        "Good morning,\n\nthe machine does not take my new card. I travel on Friday.\n\nMaria Keller",
        at=at,
    )
    opened: dict[str, object] = {
        "case": case, "customer": customer, "service_goal": "card", "version": 1, "house_version": 1, "channel": "mail",
        "title": "My new card does not work", "owner": owner, "contact_at": at, "contact": contact,
        "customer_facts": {"name": name}, **fields,
    }  # fmt: skip
    send("case", case, c.OpenCase(**opened))  # type: ignore[arg-type]
    return case


def do(access: Access, case: int, command: c.Command) -> object:
    """Send a command as somebody."""
    return the_door().handle(Order("case", case, command, uuid4(), access))


__all__ = ["a_card_case", "a_house", "a_mail", "a_person", "do"]
