"""`caseloom bench desk`: the pages of the desk over HTTP, with 10,000 and with 100,000 cases, from a `caseloom up` of
its own: one client alone, then eight while a hundred desks listen.
"""

import http.client
import os
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from uuid import uuid4

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections

from caseloom.cases.models import CaseRow
from caseloom.channels.contact import ReceiveContact
from caseloom.channels.contact_events import Words
from caseloom.cli.bench.sample import BENCH, accept
from caseloom.customers.customer import CreateCustomer
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.clock import now
from caseloom.foundation.ports import claim_port
from caseloom.library.plans import house_version, latest
from caseloom.library.publishing import publish
from caseloom.sdk.stream import Order
from caseloom.staff.models import Team, User
from caseloom.streams import store
from caseloom.streams.door import the_door

SIZES: Final = tuple(int(size) for size in os.environ.get("CASELOOM_BENCH_CASES", "10000,100000").split(","))
TEAMS: Final = 8
CASES_EACH: Final = 5
BATCH: Final = 50
"""Customers that are laid in with their cases by one call of the batch door."""
REQUESTS: Final = 200
CLIENTS: Final = 8
SECONDS: Final = 15.0
LISTENING: Final = 100
LIVE: Final = "/live/"
FIRST: Final = ("Maria", "Jonas", "Leyla", "Anton", "Klara", "Emil", "Sofia", "Mats", "Hanna", "Omar")
GOAL: Final = """
service goal: bench desk
title: The card works
customer title: My card works
owner: bench
team: team 0
facts:
  name: {personal: true, from customer: name}
  checked: {type: boolean}
  works: {type: boolean}
goals:
  known:
    title: Identity is clear
    reached when: checked = true
    clock: {within: 1 day}
    options: {ask: {title: Ask, automatic: true, tasks: [check]}, write: {title: Write, tasks: [check, send]}}
    script: Ask for the date of birth.
  works:
    title: The card works
    reached when: works = true
    clock: {within: 3 days}
    options: {look: {title: Look, tasks: [look]}}
tasks:
  check: {title: Check who it is, form: [checked], must: [checked]}
  send: {kind: letter, title: Write, letter: words}
  look: {title: Look at it, form: [works]}
letters:
  words: {title: A letter, subject: Your card, text: "Dear {{ name }}, it works."}
"""


def run(say: Callable[[str], None]) -> None:
    """Print one line a figure."""
    published = publish(BENCH, GOAL, thorough=False)
    if isinstance(published, Refused):
        raise RuntimeError(published.message)
    for number in range(TEAMS):
        Team.objects.get_or_create(key=f"team {number}", defaults={"title": f"Team {number}"})
    who, _new = User.objects.get_or_create(
        username="bench", defaults={"roles": ["agent"], "teams": ["team 0", "team 1"]}
    )
    desk = Desk(session_of(who))
    # With --here, what an earlier run laid in counts.
    desk.cases = list(CaseRow.objects.filter(service_goal="bench desk").order_by("id").values_list("id", flat=True))
    alone: list[dict[str, float]] = []
    with _up() as desk.port:
        for size in SIZES:
            began = time.monotonic()
            _fill(desk.cases, size)
            say(f"desk cases: {size} (laid in in {time.monotonic() - began:.0f} s)")
            alone.append(desk.alone())
            for page, median in alone[-1].items():
                say(f"desk {page} p50 with {size} cases: {median:.1f} ms")
        for page in alone[0]:
            say(f"desk {page} ratio: {alone[-1][page] / alone[0][page]:.2f}")
        desk.together(say)


# --- the cases --------------------------------------------------------------------------------------------------------


def _fill(cases: list[int], size: int) -> None:
    """Lay in customers with their cases and contacts by the batch door, until there are so many."""
    db = store.raw_connection()
    # What a crash would take away is laid in again.
    db.execute("set synchronous_commit = off")
    while len(cases) < size:
        orders: list[Order] = []
        for _ in range(BATCH):
            orders += _customer(cases)
        for verdict in the_door().handle_many(orders):
            if isinstance(verdict, Refused):
                raise RuntimeError(verdict.message)
    db.execute("reset synchronous_commit")
    db.execute("analyze")


def _customer(cases: list[int]) -> Iterator[Order]:
    ids, number = the_door().ids, len(cases)
    customer = next(ids)
    name = f"{FIRST[number // CASES_EACH % len(FIRST)]} Keller {number // CASES_EACH}"
    mail = f"customer{number}@example.org"
    yield _order("customer", customer, CreateCustomer(customer=customer, name=name, identities=(("mail", mail),)))
    for place in range(CASES_EACH):
        case, contact, at = next(ids), next(ids), now() - timedelta(minutes=(number + place) % 5000)
        team = f"team {(number + place) % TEAMS}"
        words = Words(subject=f"My card, {number + place}", text="It is refused at every counter.", address=mail)
        received = ReceiveContact(
            contact=contact, customer=customer, channel="mail", at=at, words=words, case=case, team=team
        )
        yield _order("contact", contact, received)
        opening = c.OpenCase(
            case=case, customer=customer, service_goal="bench desk", version=latest("bench desk"), contact_at=at,
            house_version=house_version(), team=team, contact=contact, customer_facts={"name": name},
        )  # fmt: skip
        yield _order("case", case, opening)
        cases.append(case)


def _order(kind: str, stream: int, command: object) -> Order:
    return Order(kind, stream, command, uuid4(), BENCH)


# --- the server -------------------------------------------------------------------------------------------------------


@contextmanager
def _up() -> Iterator[int]:
    """The whole product on this database; the port of its web server."""
    port = claim_port()
    command = [sys.executable, "-m", "caseloom.config.start", "up", "--bind", f"127.0.0.1:{port}"]
    env = {
        **os.environ,
        "CASELOOM_SMTP_LISTEN": f"127.0.0.1:{claim_port()}",
        "CASELOOM_URL": f"http://127.0.0.1:{port}",
    }
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    try:
        _wait(port)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait(port: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("The web server did not come up.")


def session_of(user: User) -> str:
    """The cookie of somebody who is signed in."""
    user.set_unusable_password()
    user.save()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


# --- the clients ------------------------------------------------------------------------------------------------------


class Desk:
    """Somebody's desk, over HTTP."""

    def __init__(self, cookie: str) -> None:
        self._headers = {"Cookie": f"sessionid={cookie}"}
        self.port = 0
        self.cases: list[int] = []

    def alone(self) -> dict[str, float]:
        """Page → median, in milliseconds, for one client on one connection."""
        connection, chance = self._connect(), random.Random(7)  # noqa: S311 - which page, no secret
        found = {}
        for page in ("worklist", "search", "case"):
            times = [self._time(connection, self._address(page, chance)) for _ in range(REQUESTS + 20)]
            found[page] = statistics.median(times[20:]) * 1000
        return found

    def together(self, say: Callable[[str], None]) -> None:
        """Eight clients on all pages while a hundred desks listen and cases change."""
        stop, times = threading.Event(), list[float]()
        heard = self._listen()
        threads = [threading.Thread(target=self._use, args=(number, stop, times)) for number in range(CLIENTS)]
        threads.append(threading.Thread(target=self._change, args=(stop,)))
        for thread in threads:
            thread.start()
        time.sleep(SECONDS)
        stop.set()
        for thread in threads:
            thread.join()
        say(f"desk listening: {len(heard)}")
        say(f"desk {CLIENTS} clients: {len(times) / SECONDS:.0f} pages/s")
        say(f"desk {CLIENTS} clients p50: {statistics.median(times) * 1000:.0f} ms")
        say(f"desk {CLIENTS} clients p95: {statistics.quantiles(times, n=20)[-1] * 1000:.0f} ms")

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def _address(self, page: str, chance: random.Random) -> str:
        if page == "worklist":
            return "/desk/?view=team"
        if page == "search":
            return f"/desk/search/?q={chance.choice(FIRST)}+keller+{chance.randrange(len(self.cases) // CASES_EACH)}"
        return f"/desk/cases/{chance.choice(self.cases)}/?view=team"

    def _time(self, connection: http.client.HTTPConnection, address: str) -> float:
        began = time.perf_counter()
        connection.request("GET", address, headers=self._headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address} answers {answer.status}")
        return time.perf_counter() - began

    def _use(self, number: int, stop: threading.Event, times: list[float]) -> None:
        connection, chance = self._connect(), random.Random(number)  # noqa: S311
        while not stop.is_set():
            page = chance.choice(("worklist", "search", "case", "case"))
            times.append(self._time(connection, self._address(page, chance)))

    def _change(self, stop: threading.Event) -> None:
        """Four notes a second, of which all desks hear."""
        chance = random.Random(0)  # noqa: S311
        while not stop.wait(0.25):
            accept(_order("case", chance.choice(self.cases), c.AddNote(text="She called again.")))
        connections.close_all()

    def _listen(self) -> list[http.client.HTTPConnection]:
        """A hundred open streams; a desk that finds its process full comes again, as in a browser."""
        streams: list[http.client.HTTPConnection] = []
        until = time.monotonic() + 60
        while len(streams) < LISTENING and time.monotonic() < until:
            connection = self._connect()
            connection.request("GET", LIVE, headers=self._headers)
            if connection.getresponse().status == 200:
                streams.append(connection)
            else:
                connection.close()
        return streams
