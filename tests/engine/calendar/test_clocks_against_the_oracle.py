"""Clocks of goals and tasks, timers of flows and terms of rules against the oracle: random houses, random lives, both
sides of changes of the clocks, through the engine's own decide.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from multiprocessing import get_context
from operator import or_
from random import Random

import msgspec
import pytest

from caseloom.engine.calendar import BusinessCalendar, Slot
from caseloom.engine.case import clock_events as k
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.actor import PROGRAM, Actor
from caseloom.engine.case.clocks import timers
from caseloom.engine.case.decide import decide
from caseloom.engine.case.evolve import Stamp, evolve
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.engine.case.state import Clock as EngineClock
from caseloom.engine.case.turn import Moment
from caseloom.engine.flow.events import FlowEnded
from caseloom.engine.flow.published import PublishedFlow
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.flow import FlowModel
from caseloom.engine.spec.history import Event
from caseloom.interchange.yaml_text import read_house_rules, read_service_goal
from tests.engine.calendar.oracle import Clock, Schedule, Slots, live, open_minutes, window
from tests.engine.case.kit import AGENT, HEAD, HOUSE
from tests.engine.flow.kit import process
from tests.engine.flow.parts import E, S, catch, timer

MINUTES = 10 * 1440
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CHANGES = (
    ("Europe/Berlin", date(2026, 3, 29)), ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)), ("America/New_York", date(2026, 11, 1)),
    ("America/Santiago", date(2026, 4, 5)), ("America/Santiago", date(2026, 9, 6)),
    ("Africa/Cairo", date(2026, 4, 24)), ("Africa/Cairo", date(2026, 10, 30)),
    ("Australia/Lord_Howe", date(2026, 4, 5)), ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Australia/Sydney", date(2026, 4, 5)), ("Australia/Sydney", date(2026, 10, 4)),
    ("America/Havana", date(2026, 3, 8)), ("America/Havana", date(2026, 11, 1)),
    ("Asia/Beirut", date(2026, 3, 29)), ("Asia/Beirut", date(2026, 10, 25)),
    ("Pacific/Chatham", date(2026, 4, 5)), ("Pacific/Chatham", date(2026, 9, 27)),
    ("America/St_Johns", date(2026, 3, 8)), ("America/St_Johns", date(2026, 11, 1)),
    ("Africa/Casablanca", date(2026, 2, 15)), ("Africa/Casablanca", date(2026, 3, 22)),
    ("Antarctica/Troll", date(2026, 3, 29)), ("Asia/Tehran", date(2022, 3, 22)),
    ("America/Sao_Paulo", date(2018, 11, 4)), ("America/Sao_Paulo", date(2018, 2, 18)),
    ("Pacific/Apia", date(2011, 12, 30)), ("Asia/Kathmandu", date(2026, 5, 6)),
    ("Pacific/Kiritimati", date(2026, 7, 1)), ("UTC", date(2026, 3, 29)),
)  # fmt: skip
"""Days on which the clocks change: north and south, at midnight, by half an hour, by two, by a whole day; and zones
that are odd by themselves.
"""
WAITING = ("third", "us", "customer")
PLANS = 120
"""How many definitions the lives are drawn from."""


# --- random houses ----------------------------------------------------------------------------------------------------


def a_day(rng: Random) -> Slots:
    """None to four slots; now and then over each other, all day, or a minute long."""
    if rng.random() < 0.12:
        return [(0, 1440)]
    found = []
    for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 4))):
        opens = rng.randrange(0, 1440)
        found.append((opens, min(1440, opens + rng.choice((1, 30, 60, 180, 240, 480, 700)))))
    return found


def a_schedule(rng: Random, zone: str, around: date) -> Schedule:
    if rng.random() < 0.4:
        usual: Slots = rng.choice(([(540, 1020)], [(480, 720), (780, 1080)], [(0, 360), (720, 1440)], [(60, 240)]))
        weekly = {day: usual for day in range(rng.choice((5, 6, 7)))}
    else:
        weekly = {day: a_day(rng) for day in range(7)}
    if not any(weekly.values()):
        weekly[2] = [(540, 1020)]
    near = [around + timedelta(days=days) for days in range(-5, 6)]
    return Schedule(
        zone,
        weekly,
        set(rng.sample(near, rng.choice((0, 0, 1, 2)))),
        {day: a_day(rng) for day in rng.sample(near, rng.choice((0, 0, 1, 3)))},
    )


def calendar_of(schedule: Schedule) -> BusinessCalendar:
    def slots(of: Slots) -> tuple[Slot, ...]:
        return tuple(Slot(time(a // 60, a % 60), time(b // 60 % 24, b % 60)) for a, b in of)

    return BusinessCalendar(
        schedule.zone,
        {WEEKDAYS[day]: slots(of) for day, of in schedule.weekly.items()},
        frozenset(schedule.holidays),
        {day: slots(of) for day, of in schedule.exceptions.items()},
    )


# --- random definitions -----------------------------------------------------------------------------------------------


@dataclass
class Said:
    """A clock as the definition says it."""

    within: str
    warn: list[str] = field(default_factory=list)
    escalate: list[str] = field(default_factory=list)
    since: str = "goal"
    pause: tuple[str, ...] = ()
    calendar: str = ""

    @property
    def business(self) -> bool:
        return "business" in self.within

    def text(self) -> str:
        warn = f", warn: {self.warn[0] if len(self.warn) == 1 else self.warn}" if self.warn else ""
        escalate = f", escalate: {self.escalate}" if self.escalate else ""
        calendar = f", calendar: {self.calendar}" if self.calendar else ""
        pause = f"[{', '.join(self.pause)}]"
        return f"{{within: {self.within}, since: {self.since}, pause: {pause}{warn}{escalate}{calendar}}}".replace(
            "'", ""
        )

    def clock(self, schedule: Schedule, counts: bytes) -> Clock:
        single = len(self.warn) == 1 and not self.escalate
        before = {"" if single else term: minutes_of(term, schedule, self.business) for term in self.warn}
        after = {term: minutes_of(term, schedule, self.business) for term in self.escalate}
        return Clock(counts, minutes_of(self.within, schedule, self.business), before, after)


def minutes_of(term: str, schedule: Schedule, business: bool) -> int:
    number, *_, unit = term.split()
    day = schedule.business_day() if business else 1440
    return int(number) * {"minute": 1, "hour": 60, "day": day, "week": (5 if business else 7) * day}[unit.rstrip("s")]


def a_term(rng: Random, business: bool, short: bool = False) -> str:
    unit, most = rng.choice((("minutes", 900), ("hours", 30), ("hours", 8), ("days", 3)))
    if short:
        unit, most = rng.choice((("minutes", 240), ("hours", 4), ("days", 1)))
    number = rng.randint(1, most)
    return f"{number} {'business ' if business else ''}{unit if number > 1 else unit.rstrip('s')}"


def a_clock(rng: Random) -> Said:
    business = rng.random() < 0.75
    warn = {a_term(rng, business and rng.random() < 0.7, True) for _ in range(rng.choice((0, 1, 1, 2, 3)))}
    escalate = {a_term(rng, business and rng.random() < 0.9, True) for _ in range(rng.choice((0, 0, 1, 2)))}
    return Said(
        a_term(rng, business),
        sorted(warn),
        sorted(escalate),
        rng.choice(("goal", "goal", "contact", "case")),
        tuple(rng.sample(("us", "customer", "third"), rng.choice((0, 1, 1, 2)))),
        rng.choice(("", "", "other")),
    )


@dataclass
class Definition:
    plan: Plan
    goal: Said
    task: Said
    rule: str


@lru_cache(maxsize=1)
def definitions() -> list[Definition]:
    flow = process(S, catch("later", timer("x")), E, flows="start > later > end")
    step = flow.elements["later"].definitions[0]
    assert step.timer is not None
    replaced = msgspec.structs.replace
    told = replaced(step, timer=replaced(step.timer, value="pause"))
    flow = replaced(flow, elements={**flow.elements, "later": replaced(flow.elements["later"], definitions=(told,))})
    models = {"flows": PublishedFlow(1, FlowModel(key="flows", processes={"p": flow}))}
    house = read_house_rules(HOUSE)
    found, rng = [], Random(4)
    for _ in range(PLANS):
        goal, task, rule = a_clock(rng), a_clock(rng), a_term(rng, rng.random() < 0.7)
        text = f"""{HEAD}
facts: {{pause: {{type: text}}}}
goals:
  answer:
    title: An answer
    clock: {goal.text()}
    options: {{way: {{title: A way, tasks: [work, run], automatic: true}}}}
tasks:
  work: {{waits for: third, due: {task.text()}}}
  run: {{kind: flow, model: flows, waits for: third}}
  ask: {{kind: wait}}
rules:
  - The task "work" must be done within {rule} of the opening.
"""
        found.append(Definition(compile_plan(read_service_goal(text), house, models), goal, task, rule))
    return found


# --- a life -----------------------------------------------------------------------------------------------------------


class Life:
    """One case under a random definition in a random house, lived twice: by the engine, and by the oracle."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = Random(seed)
        self.definition = rng.choice(definitions())
        zone, day = rng.choice(CHANGES)
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=5)
        self.begin = begin
        self.house, self.other = a_schedule(rng, zone, day), a_schedule(rng, rng.choice((zone, "UTC")), day)
        self.start = rng.randrange(1441, 4000)
        self.contact = self.start - rng.choice((0, 0, rng.randrange(0, 1441)))
        self.end = min(MINUTES - 1, self.start + rng.randrange(60, 9 * 1440))
        self.flow = a_term(rng, rng.random() < 0.7)
        self.calendar, self.second = calendar_of(self.house), calendar_of(self.other)
        self.state, self.ids = CaseState(), count(5000)
        self.history: list[tuple[Event, Stamp]] = []
        self.waits = [(self.start, "third")]
        self.stood: list[tuple[int, int]] = []
        self.moves: dict[str, list[tuple[int, int]]] = {"goal": [], "task": []}
        self.left: dict[str, dict[int, float]] = {"goal": {}, "task": {}}

    # the engine

    def moment(self, minute: int) -> datetime:
        return self.begin + timedelta(minutes=minute)

    def send(self, minute: int, command: c.Command, actor: Actor = AGENT) -> None:
        now = self.moment(minute)
        plan = self.definition.plan
        moment = Moment(now, actor, lambda *_: plan, self.calendar, self.ids, calendars=lambda key: self.second)
        outcome = decide(self.state, command, moment)
        assert not isinstance(outcome, Refused), (command, outcome)
        stamp = Stamp(now, actor.id)
        self.history += [(event, stamp) for event in outcome]
        self.state.rest()

    def ring(self, minute: int) -> None:
        """Every timer that has come by then, a warning before what it warns of."""
        until = self.moment(minute)
        while True:
            due = [(at, not name.endswith("warn"), name) for name, at in timers(self.state).items() if at <= until]
            if not due:
                return
            at, _, name = min(due)
            passed = max(at, self.history[-1][1].at) - self.begin
            assert passed.total_seconds() % 60 == 0
            self.send(int(passed.total_seconds() // 60), c.TimerDue(timer=name), PROGRAM)

    def live(self) -> None:
        opening = c.OpenCase(
            case=100, customer=7, service_goal="test", version=1, contact_at=self.moment(self.contact),
            facts={"pause": self.flow},
        )  # fmt: skip
        self.send(self.start, opening)
        self.ring(self.start)
        extra: int | None = None
        suspended = False
        # One doing a minute: a clock that goes on for no time at all is nothing that counting minutes can see.
        drawn = [self.rng.randrange(self.start + 1, self.end) for _ in range(self.rng.choice((0, 2, 5, 9, 14)))]
        minutes = sorted(set(drawn))
        for minute in minutes:
            self.ring(minute)
            what = self.rng.choice(
                ("us", "customer", "third", "us", "customer", "third", "stop", "stop", "goal", "task")
            )
            if suspended:
                if what in ("us", "customer", "stop"):
                    self.send(minute, c.ResumeCase())
                    self.stood[-1], suspended = (self.stood[-1][0], minute), False
            elif what == "stop":
                self.send(minute, c.SuspendCase(reason="so"))
                self.stood.append((minute, MINUTES))
                suspended = True
            elif what in ("goal", "task"):
                self._move(minute, what)
            else:
                extra = self._wait_for(minute, what, extra)
            self.ring(minute)
            self._look(minute)
        self.ring(self.end)

    def _move(self, minute: int, what: str) -> None:
        due = self.rng.randrange(minute + 1, min(minute + self.rng.choice((90, 1500, 5000)), MINUTES))
        command = (
            c.ModifyGoal(goal=next(iter(self.state.goals)), reason="so", due=self.moment(due))
            if what == "goal"
            else c.ModifyTask(item=self._task(), reason="so", due=self.moment(due))
        )
        self.send(minute, command)
        self.moves[what].append((minute, due))

    def _task(self) -> int:
        return next(item.id for item in self.state.items.values() if item.key == "work")

    def _wait_for(self, minute: int, whom: str, extra: int | None) -> int | None:
        if extra is not None:
            self.send(minute, c.CancelTask(item=extra, reason="so"))
        self.waits.append((minute, whom))
        if whom == "third":
            return None
        self.send(minute, c.CreateTask(key="ask") if whom == "customer" else c.CreateTask(title="Ours"))
        return max(self.state.items)

    def _look(self, minute: int) -> None:
        """What the engine says is left of clocks that stand still."""
        goal, task = next(iter(self.state.goals.values())), self.state.items[self._task()]
        holders: tuple[tuple[str, EngineClock | None], ...] = (("goal", goal.clock), ("task", task.clock))
        for what, clock in holders:
            self.left[what].pop(minute, None)
            if clock is not None and clock.left is not None:
                self.left[what][minute] = clock.left

    def told(self) -> dict[str, list[tuple[str, int]]]:
        """What the engine told, and in which minute."""
        found: dict[str, list[tuple[str, int]]] = {"goal": [], "task": [], "flow": [], "rule": []}
        for event, stamp in self.history:
            minute = int((stamp.at - self.begin).total_seconds() // 60)
            match event:
                case e.GoalWarned():
                    found["goal"].append((f"warned {event.term}", minute))
                case e.GoalBreached():
                    found["goal"].append(("late", minute))
                case k.GoalEscalated():
                    found["goal"].append((f"late by {event.term}", minute))
                case k.TaskWarned():
                    found["task"].append((f"warned {event.term}", minute))
                case e.TaskLate():
                    found["task"].append(("late", minute))
                case k.TaskEscalated():
                    found["task"].append((f"late by {event.term}", minute))
                case FlowEnded():
                    found["flow"].append(("late", minute))
                case e.RuleBroken():
                    found["rule"].append(("late", minute))
        return found

    # the oracle

    def counted(self) -> tuple[dict[str, list[tuple[str, int]]], dict[str, dict[int, int]]]:
        stood = bytearray(MINUTES)
        for since, until in self.stood:
            stood[since:until] = b"\1" * (until - since)
        waits = bytearray(MINUTES)
        for since, whom in self.waits:
            waits[since:] = bytes([WAITING.index(whom)]) * (MINUTES - since)
        opened = {"": self._open(self.house)}
        told: dict[str, list[tuple[str, int]]] = {}
        left: dict[str, dict[int, int]] = {}
        for what, said in (("goal", self.definition.goal), ("task", self.definition.task)):
            schedule = self.other if said.calendar else self.house
            if said.calendar and said.business:
                opened[said.calendar] = self._open(schedule)
            counts = opened[said.calendar] if said.business else b"\1" * MINUTES
            clock = said.clock(schedule, counts)
            since = self.contact if said.since == "contact" else self.start
            clock.elapsed = sum(counts[since : self.start])
            pausing = waits.translate(bytes([whom in said.pause for whom in WAITING]) + bytes(253))
            still = bytes(map(or_, stood, pausing))
            moves = [(at, lambda clock, at=at, due=due: clock.move(at, due)) for at, due in self.moves[what]]
            left[what] = live(clock, self.start, self.end, still, moves, self.left[what])
            told[what] = clock.told
        for what, term in (("flow", self.flow), ("rule", self.definition.rule)):
            business = "business" in term
            clock = Clock(opened[""] if business else b"\1" * MINUTES, minutes_of(term, self.house, business))
            live(clock, self.start, self.end, bytes(stood))
            told[what] = clock.told
        return told, left

    def _open(self, schedule: Schedule) -> bytes:
        return open_minutes(schedule, window(schedule.zone, self.begin, MINUTES))

    def faults(self) -> list[str]:
        """Where engine and oracle differ, and whether the events alone rebuild the case."""
        self.live()
        told, (counted, left) = self.told(), self.counted()
        found = [
            f"{what}: {told[what]} ≠ {counted[what]}" for what in told if sorted(told[what]) != sorted(counted[what])
        ]
        for what, seen in self.left.items():
            found += [
                f"{what} left at {minute}: {seconds} ≠ {left[what].get(minute)} minutes"
                for minute, seconds in seen.items()
                if seconds != 60 * left[what].get(minute, -1)
            ]
        again = CaseState()
        for event, stamp in self.history:
            evolve(again, event, stamp)
            again.rest()
        return found if again == self.state else [*found, "the events do not rebuild the state"]


def faults_of(seeds: range) -> list[str]:
    return [f"seed {seed}: {fault}" for seed in seeds for fault in Life(seed).faults()]


def chunks(seeds: range, size: int) -> Iterator[range]:
    for first in range(seeds.start, seeds.stop, size):
        yield range(first, min(first + size, seeds.stop))


def test_clocks_ring_when_counting_minutes_says_so() -> None:
    assert faults_of(range(2_000)) == []


@pytest.mark.nightly
def test_clocks_ring_when_counting_minutes_says_so_for_a_night() -> None:
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        faults = [fault for found in pool.map(faults_of, chunks(range(10_000, 110_000), 500)) for fault in found]
    assert faults == []
