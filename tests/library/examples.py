"""The service centre of examples/ in memory: a case of one of its service goals, as far as the first steps."""

from pathlib import Path
from typing import Any

from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.refusal import Refused
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.models import Used
from caseloom.engine.spec.history import Event
from caseloom.engine.spec.service_goal import ServiceGoal
from caseloom.interchange.yaml_text import read_house_rules, read_service_goal
from caseloom.library.used import draft_of, key_of, read_model
from tests.engine.case.kit import AGENT, Case
from tests.library.kit import MARIA, Matter

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "service-centre"
HOUSE_TEXT = (FOLDER / "house.yaml").read_text()
HOUSE = read_house_rules(HOUSE_TEXT)
MODELS = sorted((*FOLDER.glob("*.dmn"), *FOLDER.glob("*.bpmn")))
USED: Used = {key_of(model): draft_of(model) for model in (read_model(file.read_text()) for file in MODELS)}
FILES = sorted(file for file in FOLDER.glob("*.yaml") if file.stem != "house")
ANNA = Actor("agent:1", "agent", "Anna", frozenset(("agent",)), frozenset(("refunds",)), frozenset(("service centre",)))
KNOWN = {"name": "Maria Keller"}


def goal_of(file: Path) -> ServiceGoal:
    return read_service_goal(file.read_text())


class Example(Matter):
    """A case of one of the examples, that somebody opened in a chat."""

    def __init__(self, key: str, level: str = "", alone: bool = False, **facts: Any) -> None:
        Case.__init__(self, house=HOUSE_TEXT)
        goal = goal_of(FOLDER / f"{key.replace(' ', '-')}.yaml")
        self.plans[key] = compile_plan(goal, HOUSE, USED, USED)
        self.key = key
        known = {**KNOWN, **({"membership level": level} if level else {})}
        self.open(
            MARIA if alone else ANNA,
            channel="web form" if alone else "chat",
            contact=None if alone else 900,
            customer_facts=known,
            facts=facts,
        )

    def do(self, command: c.Command, actor: Actor = AGENT) -> tuple[Event, ...] | Refused:
        """Who is not named is Anna, who may refund and has no further role."""
        return Case.do(self, command, ANNA if actor is AGENT else actor)

    def crossed(self, task: str, **facts: Any) -> str:
        """The sentence that refuses this task, also to who plans it where no option leads to it."""
        if task not in self.open_tasks():
            self.accept(c.CreateTask(key=task))
        given = {name.replace("_", " "): value for name, value in facts.items()}
        refused = self.refuse(c.CompleteTask(item=self.task(task).id, facts=given))
        assert refused.next, "a refusal names the way on"
        return refused.rule or refused.message

    def closed(self) -> bool:
        """Whether that is the end, once the customer has confirmed where they are asked."""
        goal = self.plans[self.key].service_goal
        if self.status() == "active" and goal is not None and goal.confirm_within:
            self.confirm()
        return self.status() == "completed"


def identified(key: str, level: str = "") -> Example:
    case = Example(key, level)
    case.complete("open the account", account_id="FK 20")
    case.complete("verify the identity", identity="proved", order_id="3348917502")
    return case


def with_purchase(key: str, level: str = "") -> Example:
    case = Example(key, level)
    case.complete("open the account", account_id="FK 20")
    case.complete("validate the purchase", username="mkeller1", order_id="3348917502", purchase="valid")
    return case
