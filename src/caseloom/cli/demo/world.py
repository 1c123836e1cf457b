"""The world that the simulated lives share: who works here, who the customers are, what they prefer."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from caseloom.cli.demo.clientele import Person
from caseloom.cli.demo.company import EMPLOYEES, TEAMS, Employee
from caseloom.cli.demo.habits import FOUR_EYES, HANDLING
from caseloom.engine.calendar import BusinessCalendar
from caseloom.engine.case.state import Item
from caseloom.engine.rules.plan import Plan
from caseloom.library.plans import house_version, latest, the_plans
from caseloom.sdk.access import Access, program
from caseloom.staff.access import of_customer, of_user
from caseloom.staff.calendars import business_calendar
from caseloom.staff.models import User

USUAL_MINUTES: Final = 50.0
LIKELY_HABIT: Final = 0.7


class Worker:
    """An employee with the access that they have on the desk."""

    def __init__(self, employee: Employee, access: Access) -> None:
        self.employee, self.access = employee, access

    @property
    def id(self) -> str:
        return self.access.actor.id

    def habit(self, option: str) -> float:
        """How much they like this way: their own, and always the same."""
        return random.Random(f"{self.employee.username} {option}").lognormvariate(0, LIKELY_HABIT)  # noqa: S311

    def fits(self, role: str, skill: str) -> bool:
        actor = self.access.actor
        return (not role or role in actor.roles) and (not skill or skill in actor.skills)


class World:
    """What every life asks. `customers` are (person, stream id)."""

    def __init__(self, seed: int, now: datetime, customers: Sequence[tuple[Person, int]], ids: Iterator[int]) -> None:
        self.seed, self.now, self.customers, self.ids = seed, now, customers, ids
        users = {user.username: user for user in User.objects.all()}
        working = [one for one in EMPLOYEES if "agent" in one.roles]
        self.workers = [Worker(one, of_user(users[one.username])) for one in working]
        self.by_id = {worker.id: worker for worker in self.workers}
        self.house = house_version()
        self.program = program("demo")
        self.left: dict[int, datetime] = {}

    def customer_at(self, rng: random.Random, at: datetime) -> int:
        """Somebody who is a customer at this moment: their index. A few of them ask often."""
        while True:
            index = min(int(rng.paretovariate(1.1) * len(self.customers) / 9), 10**6) % len(self.customers)
            if at < self.left.get(index, datetime.max.replace(tzinfo=at.tzinfo)):
                return index

    def access_of(self, index: int) -> Access:
        person, customer = self.customers[index]
        return of_customer(customer, person.name)

    def known_facts(self, index: int) -> Mapping[str, Any]:
        """What the house knows of a customer when a case is opened."""
        person, _ = self.customers[index]
        plain = {"name": person.name, "mail": person.mail, "phone": person.phone, "segment": person.segment}
        return {**plain, "language": person.language, "customer number": person.number, **person.facts}

    @staticmethod
    def version(service_goal: str) -> int:
        return latest(service_goal) if service_goal else 0

    def plan(self, service_goal: str, version: int) -> Plan:
        return the_plans(service_goal, version, self.house)

    @staticmethod
    def calendar(team: str) -> BusinessCalendar:
        return business_calendar(TEAMS[team][1] if team in TEAMS else "office")

    @staticmethod
    def minutes(team: str) -> float:
        return HANDLING.get(team, USUAL_MINUTES)

    def member(self, rng: random.Random, team: str) -> Worker:
        """Somebody of this team; the quick ones take more."""
        members = [worker for worker in self.workers if team in worker.employee.teams] or self.workers
        return rng.choices(members, [1 / worker.employee.pace for worker in members])[0]

    def performer(self, rng: random.Random, plan: Plan, item: Item, owner: str, before: str) -> Worker:
        """Who does this task: the owner where they may, else somebody of its team with the role and skill."""
        task = plan.task(item.key)
        role, skill = item.role, task.skill if task else ""
        able = [worker for worker in self.workers if worker.fits(role, skill) and self.sees(worker, plan)]
        if item.key in FOUR_EYES:
            able = [worker for worker in able if worker.id != before]
            owner = ""
        own = self.by_id.get(owner)
        if own is not None and own in able and item.team in ("", *own.employee.teams):
            return own
        near = [worker for worker in able if item.team in worker.employee.teams] if item.team else able
        return rng.choice(near or able)

    @staticmethod
    def sees(worker: Worker, plan: Plan) -> bool:
        """Whether they see cases of this plan at all."""
        return plan.service_goal is None or plan.service_goal.team not in worker.access.hidden
