"""Runs the automaton of a sentence beside a reading of the sentence, over all traces up to a length.

A reading is a short function that says, from the sentence alone and the whole history, whether the next step may be
made. What is refused does not happen.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from caseloom.engine.feel import NOW, compile, is_true
from caseloom.engine.rules.language.reader import read
from caseloom.engine.rules.meaning import meaning
from caseloom.engine.rules.order import START, Automaton, Memory, OrderSpec
from caseloom.engine.spec.term import parse_term
from caseloom.engine.spec.values import Money
from tests.engine.rules.language.sample import VOCABULARY

MONDAY: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONGEST: Final = 7
NAMES: Final = frozenset({*VOCABULARY.facts, "case", "actor", "perception", "customer has confirmed", NOW, "claim"})
ROLES: Final = {"lead": ["team lead"], "chief": ["supervisor"], "ann": ["clerk"], "bob": ["clerk"], "cleo": []}


class Step(msgspec.Struct, frozen=True):
    """Somebody does an act, `wait` hours after the step before; `amount` is the refund or claim then.

    `status` is the card’s; `claim` names the object of the act, where it is about one.
    """

    act: str
    actor: str = "ann"
    amount: int | None = None
    status: str | None = None
    wait: int = 0
    claim: str = ""
    hour: int = 0


History = tuple[Step, ...]
Reading = Callable[[History, Step], bool]
Late = Callable[[History, int], int]
"""(history, hour) → how often a term had run out by then."""


def later(moment: datetime, term: str) -> datetime:
    return moment + parse_term(term).plain


def at(hour: int) -> datetime:
    return MONDAY + timedelta(hours=hour)


def spec_of(sentence: str) -> OrderSpec:
    (part,) = meaning(read(sentence, "en", VOCABULARY), VOCABULARY)
    assert isinstance(part, OrderSpec)
    return part


def scope(step: Step) -> dict[str, Any]:
    """The names that a condition may read when the step is made."""
    amount = None if step.amount is None else Money(Decimal(step.amount), "EUR")
    actor = {"id": step.actor, "kind": "agent", "roles": ROLES.get(step.actor, []), "skills": [], "teams": []}
    return {
        **dict.fromkeys(NAMES),
        "refund": amount,
        "claim": {"amount": amount},
        "card status": step.status,
        "actor": actor,
        NOW: at(step.hour),
    }


class Traces:
    """All traces of the steps up to `LONGEST`, as a tree.

    A refused step ends its branch unless time goes by: nothing happened, so what follows is told from where it was.
    """

    def __init__(self, sentence: str, steps: tuple[Step, ...], reading: Reading, late: Late | None = None) -> None:
        self.spec = spec_of(sentence)
        self.automaton = Automaton(self.spec)
        self.steps = steps
        self.reading = reading
        self.late = late
        self.refused = self.happened = 0
        conditions = [None if letter.when is None else compile(letter.when, NAMES) for letter in self.spec.letters]
        self._letters: dict[Step, int | None] = {}
        for step in steps:
            fits = (
                number
                for number, letter in enumerate(self.spec.letters)
                if step.act in letter.acts
                and ((when := conditions[number]) is None or is_true(when.evaluate(scope(step))))
            )
            self._letters[step] = next(fits, None)

    def run(self, begun: History = ()) -> None:
        memories: dict[str, Memory] = {}
        for step in begun:
            memories = self._stepped(memories, step, self._number(step))
        self._go(begun, memories, 0, 0, 0)

    def _number(self, step: Step) -> int | None:
        return next((n for n, letter in enumerate(self.spec.letters) if step.act in letter.acts), None)

    def _go(self, history: History, memories: Mapping[str, Memory], hour: int, breaches: int, made: int) -> None:
        if made == LONGEST:
            return
        for kind in self.steps:
            now = hour + kind.wait
            step = msgspec.structs.replace(kind, hour=now)
            passed, more = self._expired(memories, now)
            if self.late is not None:
                assert breaches + more == self.late(history, now), (history, now)
            allowed = not self._forbidden(passed, step, self._letters[kind])
            assert allowed == self.reading(history, step), (history, step)
            if not allowed:
                self.refused += 1
                if kind.wait:
                    self._go(history, passed, now, breaches + more, made + 1)
                continue
            self.happened += 1
            if step.act != "close":
                then = self._stepped(passed, step, self._letters[kind])
                self._go((*history, step), then, now, breaches + more, made + 1)

    def _expired(self, memories: Mapping[str, Memory], hour: int) -> tuple[dict[str, Memory], int]:
        passed, count = dict(memories), 0
        for key, memory in memories.items():
            if memory.due is not None and at(hour) > memory.due:
                passed[key] = self.automaton.expire(memory, memory.due, later)
                count += 1
        return passed, count

    def _forbidden(self, memories: Mapping[str, Memory], step: Step, letter: int | None) -> bool:
        states = [memory.state for memory in memories.values()] or [0]
        if step.act == "close" and any(state in self.spec.unfinished for state in states):
            return True
        memory = memories.get(self._key(step), memories.get("", START))
        return letter is not None and (
            self.automaton.forbids(memory, letter, step.actor, at(step.hour), later) is not None
        )

    def _stepped(self, memories: Mapping[str, Memory], step: Step, letter: int | None) -> dict[str, Memory]:
        """An act that is about no object moves the memories of all, and of those that come later."""
        if letter is None:
            return dict(memories)
        common = memories.get("", START)
        moved = {step.claim: memories.get(step.claim, common)} if self._key(step) else {"": common, **memories}
        return {
            **memories,
            **{
                key: self.automaton.step(memory, letter, step.actor, at(step.hour), later)
                for key, memory in moved.items()
            },
        }

    def _key(self, step: Step) -> str:
        return step.claim if self.spec.subject else ""
