"""Given/when/then for the engine: a case in memory, with a clock that the test turns."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any, TypeVar

from caseloom.engine.calendar import BusinessCalendar, Slot
from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import PROGRAM, Actor
from caseloom.engine.case.clocks import timers
from caseloom.engine.case.decide import decide
from caseloom.engine.case.evolve import Stamp, evolve
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState, Goal, Item
from caseloom.engine.case.turn import Moment
from caseloom.engine.decision.published import Models
from caseloom.engine.flow.published import PublishedFlow
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.models import Used
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.flow import FlowModel, ProcessSpec
from caseloom.engine.spec.history import Event
from caseloom.engine.spec.service_goal import HouseRules
from caseloom.interchange.yaml_text import read_house_rules, read_service_goal

E = TypeVar("E", bound=Event)

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OFFICE = BusinessCalendar(
    "UTC",
    {day: (Slot(time(8), time(18)),) for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
    frozenset((date(2026, 3, 6),)),
)
AGENT = Actor("agent:1", "agent", "Ada", frozenset(("agent",)), frozenset(), frozenset(("service",)))
LEAD = Actor(
    "agent:2",
    "agent",
    "Leo",
    frozenset(("agent", "team lead")),
    frozenset(("credit",)),
    frozenset(("service",)),
)
MARIA = Actor("customer:7", "customer", "Maria")
HOUSE = """
house rules: house
title: The house
roles: {team lead: A team lead, supervisor: A supervisor}
teams: {service: Service, field: Field service}
skills: {credit: May decide on credit}
"""
HEAD = """
service goal: test
title: A test
customer title: My test
owner: process owner
team: service
"""


class Case:
    """One case: `do` sends a command and says what came of it."""

    def __init__(
        self, text: str = "", house: str = HOUSE, models: Models | None = None, flows: Sequence[ProcessSpec] = ()
    ) -> None:
        rules: HouseRules = read_house_rules(house)
        used: Used = {
            **(models or {}),
            "flows": PublishedFlow(1, FlowModel(key="flows", processes={one.id: one for one in flows})),
        }
        self.plans: dict[str, Plan] = {"": compile_plan(None, rules, None, used)}
        if text:
            goal = read_service_goal(text if "service goal:" in text else HEAD + text)
            self.plans[goal.service_goal] = compile_plan(goal, rules, used, used)
        self.key = list(self.plans)[-1]
        self.plan_of: Callable[[str, int], Plan] = lambda key, version: self.plans[key]
        self.now = MONDAY
        self.state = CaseState()
        self.history: list[tuple[Event, Stamp]] = []
        self.finished: dict[int, Item] = {}
        self._ids: Iterator[int] = count(5000)

    def open(self, actor: Actor = AGENT, **fields: Any) -> "Case":
        given = {
            "case": 100,
            "customer": 7,
            "service_goal": self.key,
            "version": 1 if self.key else 0,
            **fields,
        }
        outcome = self.do(c.OpenCase(**given), actor)
        assert not isinstance(outcome, Refused), outcome
        return self

    def do(self, command: c.Command, actor: Actor = AGENT) -> tuple[Event, ...] | Refused:
        """Decide on a copy of the state made by replay, as the door does, and keep what was accepted."""
        state = self.replay()
        moment = Moment(
            self.now, actor, lambda key, version, house: self.plan_of(key, version), OFFICE, self._ids, self.finished
        )
        outcome = decide(state, command, moment)
        if isinstance(outcome, Refused):
            return outcome
        stamp = Stamp(self.now, actor.id)
        self.history += [(event, stamp) for event in outcome]
        self.finished |= state.ended
        state.rest()
        self.state = state
        return outcome

    def accept(self, command: c.Command, actor: Actor = AGENT) -> tuple[Event, ...]:
        outcome = self.do(command, actor)
        assert not isinstance(outcome, Refused), outcome
        return outcome

    def refuse(self, command: c.Command, actor: Actor = AGENT) -> Refused:
        outcome = self.do(command, actor)
        assert isinstance(outcome, Refused), f"it was accepted: {outcome}"
        return outcome

    def replay(self) -> CaseState:
        state = CaseState()
        for event, stamp in self.history:
            evolve(state, event, stamp)
        state.rest()
        return state

    def pass_time(self, length: timedelta) -> None:
        """Turn the clock, sending each timer that comes due at its moment."""
        until = self.now + length
        while True:
            due = sorted((moment, name) for name, moment in timers(self.state).items() if moment <= until)
            if not due:
                break
            self.now = max(due[0][0], self.now)
            self.accept(c.TimerDue(timer=due[0][1]), PROGRAM)
        self.now = until

    def waits_for(self) -> str:
        return self.state.waits_for

    def status(self) -> str:
        return self.state.status

    def goal(self, key: str) -> Goal:
        found = self.state.goal_by_key(key)
        assert found is not None, f"there is no goal {key}"
        return found

    def task(self, key: str) -> Item:
        found = [item for item in self.state.items.values() if item.key == key or item.title == key]
        assert found, f"there is no open item {key}; open are {[item.key for item in self.state.items.values()]}"
        return found[-1]

    def complete(self, key: str, actor: Actor = AGENT, **facts: Any) -> tuple[Event, ...]:
        given = {name.replace("_", " "): value for name, value in facts.items()}
        return self.accept(c.CompleteTask(item=self.task(key).id, facts=given), actor)

    def told(self, kind: type[E]) -> list[E]:
        return [event for event, _ in self.history if isinstance(event, kind)]
