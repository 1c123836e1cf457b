"""The demo's data, as far as the database has none: definitions, staff, customers, the past."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

from django.db import connection
from msgspec import Struct

from caseloom.cli.demo import company, habits
from caseloom.cli.demo.addresses import SEED
from caseloom.cli.demo.clientele import HOW_MANY, Person, person
from caseloom.cli.demo.life import Life, Wish
from caseloom.cli.demo.past import Past, PastDoor, PastOrder
from caseloom.cli.demo.world import World
from caseloom.customers.customer import CreateCustomer, EndRelation
from caseloom.engine.case.refusal import Refused
from caseloom.library.models import DefinitionRow
from caseloom.library.publishing import publish
from caseloom.library.used import is_model, key_of, kind_of, read_model
from caseloom.sdk.access import program
from caseloom.sdk.stream import Answer
from caseloom.staff.models import Change
from caseloom.streams.door import the_door

RECORD: Final = "demo data"
Say = Callable[[str], None]
"""Hears lines of progress."""


class SeedingRefused(Exception):
    """The installed rules do not take the demo's data; start with an empty database."""


class Laid(Struct, frozen=True):
    """What was laid in. lives: all cases of the past, those that followed from others included."""

    customers: int
    lives: int
    fresh: bool


def seed(cases: int, password: str, now: datetime, say: Say, customers: int = HOW_MANY) -> Laid:
    """Lay in what is missing; a run that was cut off is taken up where it stopped.

    Raises:
        SeedingRefused: the library holds other definitions than the demo's.
    """
    _publish(say)
    company.hire(now, password)
    if _laid() >= cases:
        return Laid(customers, 0, False)
    anchor = company.hired_at() or now
    people = _create_customers(customers, anchor, say)
    with _unhurried_disk():
        lives = _live(World(SEED, anchor, people, the_door().ids), cases, say)
    Change.objects.create(actor="program:demo", record=RECORD, field="cases", before="", after=str(cases))
    return Laid(len(people), lives, True)


def _laid() -> int:
    """How many past cases the database holds already, by the audit of the run that laid them in."""
    found = Change.objects.filter(record=RECORD, field="cases").values_list("after", flat=True)
    return max((int(after) for after in found), default=-1)


def _publish(say: Say) -> None:
    known = set(DefinitionRow.objects.filter(version__gt=0).values_list("key", flat=True))
    for text in company.definitions():
        # What somebody has changed meanwhile, in the studio for one, stays as they left it.
        if _title(text).partition(": ")[2] in known:
            continue
        # The demo's own definitions are lived by the tests; a start need not wait for that.
        answer = publish(program("demo"), text, thorough=False)
        if isinstance(answer, Refused):
            raise SeedingRefused(f"{_title(text)}: {answer.message}")
        if not answer.repeated:
            say(f"published {_title(text)}")


def _title(text: str) -> str:
    if not is_model(text):
        return text.splitlines()[0]
    model = read_model(text)
    return f"{kind_of(model)}: {key_of(model)}"


def _create_customers(customers: int, now: datetime, say: Say) -> list[tuple[Person, int]]:
    people = [person(SEED, index, now) for index in range(customers)]
    door, access = PastDoor(the_door()), program("demo")
    found = []
    for start in range(0, customers, 100):
        batch = people[start : start + 100]
        orders = [
            PastOrder(
                "customer", number, _creation(one, number), _command(f"customer {one.index}"), access, at=one.since
            )
            for one in batch
            for number in [next(door.ids)]
        ]
        found += list(zip(batch, map(_accepted, door.handle_many(orders)), strict=True))
    say(f"{customers} customers")
    return found


def _creation(one: Person, number: int) -> CreateCustomer:
    return CreateCustomer(
        customer=number,
        name=one.name,
        language=one.language,
        segment=one.segment,
        identities=(("mail", one.mail), ("phone", one.phone), ("number", one.number)),
        facts=dict(one.facts),
    )


def _command(what: str) -> UUID:
    return uuid5(NAMESPACE_OID, f"demo {SEED} {what}")


def _accepted(verdict: Answer | Refused) -> int:
    if isinstance(verdict, Refused):
        raise SeedingRefused(verdict.message)
    return verdict.stream


@contextmanager
def _unhurried_disk() -> Iterator[None]:
    """Commits need not wait for the disk: what a crash takes away is laid in again."""
    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("reset synchronous_commit")


def _live(world: World, cases: int, say: Say) -> int:
    total = cases + open_cases(cases)
    past = Past(the_door(), lambda ended: say(f"{ended} of about {total} cases") if ended % 100 == 0 else None)

    def begin(wish: Wish) -> None:
        past.plan(wish.at, f"demo {SEED} {wish.name}", Life(world, wish, begin).live)

    for wish in (*_past_wishes(cases, world.now), *_present_wishes(open_cases(cases), world.now)):
        begin(wish)
    lives = past.run()
    _farewell(world)
    return lives


def open_cases(cases: int) -> int:
    """How many open cases stand at the end, beside the past ones."""
    return 60 if cases >= 600 else max(6, cases // 8)


def _past_wishes(cases: int, now: datetime) -> Sequence[Wish]:
    return [_wish(f"past {number}", now - timedelta(days=365), now - timedelta(days=1)) for number in range(cases)]


def _wish(name: str, earliest: datetime, latest: datetime, moves: int | None = None) -> Wish:
    rng = random.Random(f"{SEED} wish {name}")  # noqa: S311 - a made-up world, no secret
    goals = list(habits.WANTS)
    goal = rng.choices(goals, [habits.WANTS[key][0] for key in goals])[0]
    channels = list(habits.CHANNELS)
    channel = rng.choices(channels, list(habits.CHANNELS.values()))[0]
    return Wish(name, goal, channel, habits.opening(rng, earliest, latest, channel), None, moves)


def _present_wishes(count: int, now: datetime) -> Sequence[Wish]:
    """Cases of the last days that are left as they stand after a few moves."""
    days = (1, 1, 2, 4, 7, 10)
    return [
        _wish(f"open {number}", now - timedelta(days=days[number % 6]), now - timedelta(minutes=3), number * 7 % 11)
        for number in range(count)
    ]


def _farewell(world: World) -> None:
    """Customers whose account was closed have left."""
    door = PastDoor(the_door())
    orders = [
        PastOrder("customer", world.customers[index][1], EndRelation(), _command(f"left {index}"), world.program, at=at)
        for index, at in sorted(world.left.items())
    ]
    for verdict in door.handle_many(orders):
        _accepted(verdict)
