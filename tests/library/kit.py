"""The demo's service goals in memory: a case of one of them, and the people of the house."""

from pathlib import Path
from typing import Any

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.actor import PROGRAM, Actor
from caseloom.engine.case.refusal import Refused
from caseloom.engine.decision.published import Models, PublishedModel
from caseloom.engine.spec.history import Event
from caseloom.library.decisions import key_of, read_model
from tests.engine.case.kit import AGENT, Case

DEFINITIONS = Path(__file__).parents[2] / "src" / "caseloom" / "cli" / "demo" / "definitions"
CUSTOMER = {"name": "Maria Keller", "card ending": "4711", "segment": "standard"}


def demo_models() -> Models:
    """The demo's decision models, as they are published first."""
    models = map(read_model, (file.read_text() for file in DEFINITIONS.glob("*.dmn")))
    return {key_of(model): PublishedModel(1, model) for model in models}


def _agent(number: int, *roles: str, skills: tuple[str, ...] = (), teams: tuple[str, ...] = ()) -> Actor:
    return Actor(
        f"agent:{number}", "agent", f"Agent {number}", frozenset(("agent", *roles)), frozenset(skills), frozenset(teams)
    )


ADA = _agent(1, skills=("cards", "fees", "retention", "line test", "provisioning"))
BEN = _agent(2, skills=("fees",))
LEAD = _agent(3, "team lead", skills=("fees", "cards"))
PAULA = _agent(4, "supervisor", skills=("retention",))
TECHNICIAN = _agent(5, "technician", skills=("line test",))
NOVICE = _agent(6)
MARIA = Actor("customer:7", "customer", "Maria Keller")


class Matter(Case):
    """A case of one of the demo's service goals, opened as its channel does."""

    def __init__(self, goal: str, channel: str = "mail", alone: bool = False, **facts: Any) -> None:
        text = (DEFINITIONS / f"{goal.replace(' ', '-')}.yaml").read_text()
        super().__init__(text, (DEFINITIONS / "house.yaml").read_text(), demo_models())
        known = {**CUSTOMER, **{name.replace("_", " "): value for name, value in facts.items()}}
        contact = None if alone else 900
        self.open(MARIA if alone else ADA, channel=channel, contact=contact, customer_facts=known)

    def do(self, command: c.Command, actor: Actor = AGENT) -> tuple[Event, ...] | Refused:
        """Who is not named is Ada, who has all skills and no further role."""
        return super().do(command, ADA if actor is AGENT else actor)

    def choose(self, goal: str, option: str, actor: Actor = ADA) -> None:
        self.accept(c.ChooseOption(goal=self.goal(goal).id, option=option), actor)

    def write(self, task: str, actor: Actor = ADA) -> None:
        """Send the letter of a task, and have it taken."""
        item = self.task(task)
        spec = self.plans[self.key].task(task)
        assert spec is not None
        number = next(self._ids)
        words = c.SendMessage(
            contact=number, letter=spec.letter, item=item.id, to="maria@example.org", subject="About it", text="Dear …"
        )
        self.accept(words, actor)
        self.taken()

    def taken(self) -> None:
        """The other side takes whatever is on its way."""
        for number in list(self.state.messages):
            self.accept(c.SettleMessage(contact=number, status="accepted"), PROGRAM)

    def open_tasks(self) -> set[str]:
        return {item.key for item in self.state.items.values() if item.kind == "task" and item.status == "active"}

    def confirm(self) -> None:
        self.accept(c.ConfirmOutcome(), MARIA)

    def told_whom(self) -> set[str]:
        return {event.whom for event in self.told(e.Told)}
