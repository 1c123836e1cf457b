"""Boundaries: what must never be crossed, asked at every act, whoever does it and by whatever way.

`Turn.emit` comes by here with each event that a rule watches: before it is folded for rules that guard the act by the
state, after it for those of order and time, whose memory it moves. What is forbidden ends the turn (`Crossed`). The
world (a customer who writes, a clock that runs out, a mail that went out already) is never refused: where it crosses a
boundary, `RuleBroken` says so in the history.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from caseloom.engine.case import events as e
from caseloom.engine.case.acts import Acts
from caseloom.engine.case.refusal import OVERRIDE, NextStep, Refused
from caseloom.engine.case.scope import ObjectScope, fact_words, object_of
from caseloom.engine.case.state import CaseState
from caseloom.engine.case.terms import later, term_of
from caseloom.engine.feel import Expression, Fault, is_true
from caseloom.engine.rules.order import START, Broken, Memory, OrderSpec
from caseloom.engine.rules.plan import BoundaryPlan, DataPlan, OrderPlan
from caseloom.engine.spec.acts import is_world
from caseloom.engine.spec.service_goal import BoundaryRuleSpec
from caseloom.engine.spec.values import Value

if TYPE_CHECKING:
    from caseloom.engine.case.turn import Turn


LONGEST_NAME: Final = 400
"""Characters of a timer's name at most, before its digest; with four bytes each they fit an index of the store."""


class Crossed(Exception):
    """An act crossed a boundary: the turn is over, and nothing of it has happened. Caught in `decide` alone."""

    def __init__(self, refused: Refused, folded: tuple[Acts, str] | None = None) -> None:
        super().__init__(refused.message)
        self.refused = refused
        self.folded = folded
        """The acts, and what they are about, where their event is folded already."""


# --- of the state -----------------------------------------------------------------------------------------------------


def check_boundary(turn: "Turn", rule: BoundaryPlan, guarded: bool = False, about: str = "") -> Refused | None:
    """Refuse what crosses a boundary. What is not known yet crosses none, except where an act is guarded."""
    verdict = rule.require.evaluate(_scope(turn, rule.spec.subject, rule.spec.each, about))
    if is_true(verdict) or (verdict is None and not guarded) or _overridden(turn, rule.spec.says, rule.spec.override):
        return None
    reason = f" ({verdict.message})" if isinstance(verdict, Fault) else ""
    return _refused(turn, rule.spec, _read(turn, rule.require), rule.spec.way_on, reason)


def check_data(turn: "Turn", rule: DataPlan) -> Refused | None:
    """Refuse what is no valid data. What is not known yet is valid."""
    verdict = rule.require.evaluate(turn.scope)
    if verdict is None or is_true(verdict):
        return None
    correct = NextStep(rule.spec.way_on or "Correct the value and send it again")
    facts = {} if turn.actor.kind == "customer" else _read(turn, rule.require)
    return Refused("data", rule.spec.says, rule.spec.says, facts, (correct,))


def _read(turn: "Turn", expression: Expression) -> dict[str, str]:
    return {name: fact_words(turn.state, name) for name in sorted(expression.reads) if name in turn.plan.facts}


def _refused(
    turn: "Turn", rule: BoundaryRuleSpec | OrderSpec, facts: Mapping[str, str], way_on: str, reason: str = ""
) -> Refused:
    """A customer is told the sentence and the way on: what the house knows and who did what is not theirs to read."""
    steps: tuple[NextStep, ...] = (NextStep(way_on),) if way_on else ()
    message = f"A rule of the house forbids it: {rule.says}"
    if turn.actor.kind == "customer":
        return Refused("boundary", message, rule.says, next=steps or (NextStep("Write to us", "LinkContact"),))
    steps += tuple(NextStep(OVERRIDE, who=role) for role in rule.override)
    return Refused("boundary", f"{message}{reason}", rule.says, dict(facts), steps)


def _overridden(turn: "Turn", says: str, roles: tuple[str, ...]) -> bool:
    """Whether the actor may cross this rule and gives a reason; told once a turn."""
    if not turn.override.strip() or turn.actor.roles.isdisjoint(roles):
        return False
    if says not in turn.overridden:
        turn.overridden.add(says)
        turn.emit(e.RuleOverridden(rule=says, private=e.ReasonPrivate(reason=turn.override)))
    return True


# --- of acts ----------------------------------------------------------------------------------------------------------


def forbidden(turn: "Turn", act: str, about: str = "") -> Refused | None:
    """Why this act may not be done now, or None. Asked before what happens by itself, which then waits."""
    if act not in turn.plan.watched or turn.world:
        return None
    return _against_the_state(turn, (act,), about) or _against_the_order(turn, (act,), about)


def before(turn: "Turn", acts: Acts, about: str) -> None:
    """Ask the rules that guard an act by the state. Raises `Crossed`."""
    refused = None if turn.world else _against_the_state(turn, acts, about)
    if refused is not None:
        raise Crossed(refused)


def after(turn: "Turn", acts: Acts, about: str) -> None:
    """Move the automata of the rules of order and time that watch an act. Raises `Crossed`."""
    ours = tuple(act for act in acts if not is_world(act))
    refused = _against_the_order(turn, ours, about) if ours and not turn.world else None
    if refused is not None:
        raise Crossed(refused, (acts, about))
    for rule, letter in _letters(turn, acts, about):
        for name, stands in _memories(turn.state, rule, about_of(turn, rule.spec.subject, acts, about)):
            memory = _run_out(turn, rule, name, stands)
            broken = rule.automaton.forbids(memory, letter, turn.doer, turn.now, turn.later)
            moved = rule.automaton.step(memory, letter, turn.doer, turn.now, turn.later)
            if broken is not None and rule.spec.says not in turn.overridden:
                turn.emit(e.RuleBroken(rule=rule.spec.says, about=name, memory=moved))
            elif moved != memory:
                turn.emit(e.RuleAdvanced(rule=rule.spec.says, about=name, memory=moved))


def _against_the_state(turn: "Turn", acts: Acts, about: str) -> Refused | None:
    for act in acts:
        for rule in turn.plan.guards.get(act, ()) if not is_world(act) else ():
            refused = check_boundary(turn, rule, True, about_of(turn, rule.spec.subject, acts, about))
            if refused is not None:
                return refused
    return None


def _against_the_order(turn: "Turn", acts: Acts, about: str) -> Refused | None:
    if "close" in acts:
        for rule in turn.plan.orders:
            refused = _unfinished(turn, rule)
            if refused is not None:
                return refused
    for rule, letter in _letters(turn, acts, about):
        for name, memory in _memories(turn.state, rule, about_of(turn, rule.spec.subject, acts, about)):
            broken = rule.automaton.forbids(memory, letter, turn.doer, turn.now, turn.later)
            if broken is not None and not _overridden(turn, rule.spec.says, rule.spec.override):
                return _why(turn, rule, broken, name)
    return None


def _unfinished(turn: "Turn", rule: OrderPlan) -> Refused | None:
    for name, memory in turn.state.orders.get(rule.spec.says, {}).items():
        if memory.state in rule.spec.unfinished and not _overridden(turn, rule.spec.says, rule.spec.override):
            return _why(turn, rule, Broken("move", memory.deeds), name)
    return None


def _why(turn: "Turn", rule: OrderPlan, broken: Broken, name: str) -> Refused:
    facts = {name: fact_words(turn.state, name) for name in rule.reads if name in turn.plan.facts}
    if name:
        facts[rule.spec.each or "about"] = name
    if broken.by == "person":
        facts["done before by"] = ", ".join(dict.fromkeys(deed.actor for deed in broken.deeds))
    return _refused(turn, rule.spec, facts, rule.spec.way_on or _nearest(rule, broken))


def _nearest(rule: OrderPlan, broken: Broken) -> str:
    if broken.by == "person":
        wrong = {check.person for check in rule.spec.people}
        return "Let another person do it" if "different" in wrong else "Let the same person do it"
    return f"Wait until {broken.until:%d %B %Y %H:%M}" if broken.until is not None else ""


def _letters(turn: "Turn", acts: Acts, about: str) -> Iterator[tuple[OrderPlan, int]]:
    """The rules that these acts are a letter of: of each the first letter that fits."""
    seen: set[int] = set()
    candidates = sorted({pair for act in acts for pair in turn.plan.order_letters.get(act, ())})
    for number, letter in candidates:
        rule = turn.plan.orders[number]
        if number in seen:
            continue
        condition = rule.conditions[letter]
        one = about_of(turn, rule.spec.subject, acts, about)
        if condition is None or is_true(condition.evaluate(_scope(turn, rule.spec.subject, rule.spec.each, one))):
            seen.add(number)
            yield rule, letter


def _scope(turn: "Turn", subject: str, each: str, about: str) -> Mapping[str, Value]:
    return ObjectScope(turn.scope, each, lambda: object_of(turn.scope, subject, about)) if subject else turn.scope


def about_of(turn: "Turn", subject: str, acts: Acts, about: str) -> str:
    """The id of the object that an act is about, for a rule that speaks of objects of the list `subject`; empty where
    the act is about none of them.
    """
    if not subject or not about:
        return ""
    task = turn.plan.task(acts[0].partition(" ")[2])
    return about if task is not None and task.about == subject else ""


def _memories(state: CaseState, rule: OrderPlan, about: str) -> list[tuple[str, Memory]]:
    """The memories that an act moves: that of its object, else all. An object without an act of its own yet stands
    where the empty name stands.
    """
    known = state.orders.get(rule.spec.says, {})
    common = known.get("", START)
    if about:
        return [(about, known.get(about, common))]
    return [("", common), *((name, memory) for name, memory in known.items() if name)]


# --- terms of rules ---------------------------------------------------------------------------------------------------


def timers(state: CaseState) -> dict[str, datetime]:
    """The timers of rules whose term runs, by their name."""
    if state.status in ("completed", "terminated", "suspended", "failed"):
        return {}
    return {
        timer_name(rule, about): memory.due
        for rule, memories in state.orders.items()
        for about, memory in memories.items()
        if memory.due is not None
    }


def timer_name(rule: str, about: str) -> str:
    """The name of the timer of a rule's term, for one object. What is too long for an index ends with its digest."""
    name = f"rule of {about}: {rule}" if about else f"rule: {rule}"
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[:LONGEST_NAME]} {sha256(f'{len(about)} {name}'.encode()).hexdigest()[:32]}"


def expire(turn: "Turn", name: str) -> None:
    """The term of a rule has run out: it is broken, and goes on from there."""
    for says, memories in turn.state.orders.items():
        for about, memory in list(memories.items()):
            if memory.due is None or timer_name(says, about) != name:
                continue
            rule = next((rule for rule in turn.plan.orders if rule.spec.says == says), None)
            if rule is None:
                turn.emit(e.RuleAdvanced(rule=says, about=about, memory=Memory(memory.state, memory.deeds)))
            else:
                _break(turn, rule, about, memory)
            return


def _run_out(turn: "Turn", rule: OrderPlan, about: str, memory: Memory) -> Memory:
    """The memory as it stands now. Its term may have run out before anybody came by to say so."""
    return memory if memory.due is None or memory.due >= stands_at(turn) else _break(turn, rule, about, memory)


def _break(turn: "Turn", rule: OrderPlan, about: str, memory: Memory) -> Memory:
    after = rule.automaton.expire(memory, turn.now, turn.later)
    turn.emit(e.RuleBroken(rule=rule.spec.says, about=about, memory=after, due=memory.due))
    return after


def later_by(turn: "Turn", since: datetime, term: str) -> datetime:
    """When a term has run out, in the case's calendar. What begins while the case stands still begins as it stood: it
    gets the time since then back with the rest.
    """
    return later(turn.moment.calendar, min(since, stands_at(turn)), term_of(term))


def stands_at(turn: "Turn") -> datetime:
    """The moment that it is for the terms of the case: they do not run while it is suspended, or has failed."""
    stood = turn.state.suspended_at if turn.state.status in ("suspended", "failed") else None
    return turn.now if stood is None else stood
