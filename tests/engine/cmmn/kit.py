"""One item `x` inside a stage `whole`, brought to any state of its lifecycle and moved by what the standard says."""

from typing import Any, Final

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.refusal import Refused
from tests.engine.case.kit import AGENT, Case

HOUSE: Final = """
house rules: house
title: The house
roles: {team lead: A team lead}
teams: {service: Service}
"""
ASKED: Final = (
    "manual start",
    "disable",
    "reenable",
    "complete",
    "terminate",
    "suspend",
    "resume",
    "fault",
    "reactivate",
    "occur",
)
"""Transitions that somebody asks for; the others follow from something else."""
CONTROL: Final = "when: go, exit: [{when: out, name: way out}]"
ITEMS: Final = {
    "task": f"tasks: {{guard: {{}}, x: {{{CONTROL}, manual: hand}}}}",
    "stage": f"stages: {{x: {{{CONTROL}, manual: hand, tasks: [inner], auto complete: false}}}}\n"
    "tasks: {guard: {}, inner: {manual: true}}",
    "milestone": "milestones: {x: {when: go}}\ntasks: {guard: {}}",
    "listener": "listeners: {x: {}}\ntasks: {guard: {}}",
}


class Item:
    """The item under test. `more` is put into the definition, `beside` are more members of the stage."""

    def __init__(self, kind: str, more: str = "", beside: str = "guard") -> None:
        body = ITEMS[kind]
        whole = f"  whole: {{title: Whole, auto complete: false, tasks: [x, {beside}]}}\n"
        stages = body.replace("stages: {x:", f"stages:\n{whole}  x:").replace("false}}\n", "false}\n")
        text = stages if kind == "stage" else f"stages:\n{whole}{body}"
        facts = "facts: {go: {type: boolean}, hand: {type: boolean}, out: {type: boolean}, note: {type: text}}"
        goal = "goals: {done: {title: Done, options: {plan: {title: Plan, automatic: true, tasks: [whole]}}}}"
        self.kind = kind
        self.case = Case(f"{facts}\n{goal}\n{text}\n{more}", HOUSE).open()
        self.id = self.case.task("x").id

    @property
    def status(self) -> str:
        item = self.case.state.items.get(self.id) or self.case.finished[self.id]
        return item.status

    @property
    def transitions(self) -> list[str]:
        return [ev.transition for ev in self.case.told(e.ItemTransitioned) if ev.item == self.id]

    def be(self, state: str) -> "Item":
        """Bring it to a state by legal transitions alone."""
        for step in _WAYS[state] if self.kind in ("task", "stage") else _POINT_WAYS[state]:
            outcome = self.do(step)
            assert not isinstance(outcome, Refused), outcome
        assert self.status == state
        return self

    def do(self, transition: str) -> Any:
        """Bring a transition about, or try to: what the command came to."""
        match transition:
            case "enable":
                return self.set(hand=True, go=True)
            case "start" | "occur" if transition == "start" or self.kind == "milestone":
                return self.set(hand=False, go=True)
            case "exit":
                return self.set(out=True)
            case "parent suspend":
                return self.ask("suspend", "whole")
            case "parent resume":
                if self.status == "suspended" and self.case.task("whole").status == "active":
                    self.ask("suspend", "whole")
                return self.ask("resume", "whole")
            case "parent terminate":
                return self.ask("terminate", "whole")
            case "complete" if self.kind == "task":
                return self.case.do(c.CompleteTask(item=self.id))
        return self.ask(transition)

    def set(self, **facts: Any) -> Any:
        """Set facts once more, so that whatever reads them is asked again."""
        self.case.accept(c.SetFacts(facts=dict.fromkeys(facts)))
        return self.case.do(c.SetFacts(facts=facts))

    def ask(self, transition: str, of: str = "") -> Any:
        number = self.case.task(of).id if of else self.id
        return self.case.do(c.TransitItem(item=number, transition=transition, reason="a test"), AGENT)  # type: ignore[arg-type]


_WAYS: Final[dict[str, tuple[str, ...]]] = {
    "available": (),
    "enabled": ("enable",),
    "disabled": ("enable", "disable"),
    "active": ("start",),
    "suspended": ("start", "suspend"),
    "failed": ("start", "fault"),
    "completed": ("start", "complete"),
    "terminated": ("start", "terminate"),
}
_POINT_WAYS: Final[dict[str, tuple[str, ...]]] = {
    "available": (),
    "suspended": ("suspend",),
    "completed": ("occur",),
    "terminated": ("terminate",),
}
