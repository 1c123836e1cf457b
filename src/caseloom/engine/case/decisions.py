"""Decision tasks: a published decision model decides with what the case knows, as soon as the task is entered (CMMN 1.1
§5.4.10.6).
"""

from collections.abc import Mapping
from typing import Any, cast

from caseloom.engine.case import events as e
from caseloom.engine.case.boundaries import forbidden
from caseloom.engine.case.facts import fits, record
from caseloom.engine.case.scope import ObjectScope
from caseloom.engine.case.state import Item
from caseloom.engine.case.turn import Turn
from caseloom.engine.decision.published import RESULT, DecisionPlan
from caseloom.engine.feel import NOW, Fault, Note, Value
from caseloom.engine.feel.builtins.conversion import text_of
from caseloom.engine.spec.values import ValueFault, to_wire

DECISION = "decision "
"""How the source of a fact begins that a decision has set."""


def make(turn: Turn, item: Item, plan: DecisionPlan) -> str:
    """Decide, and set what follows: all facts or none. What kept it from that, in words; empty when it was done."""
    notes: list[Note] = []
    given = {name: expression.evaluate(turn.scope, notes=notes) for name, expression in plan.inputs}
    faulty = next((value for value in given.values() if isinstance(value, Fault)), None)
    result = plan.evaluate({**given, NOW: turn.now}, notes) if faulty is None else faulty
    values, wrong = _outcome(turn, item, plan, result, notes)
    grounds = e.DecisionMade.Grounds(
        {name: _kept(value) for name, value in given.items()}, _kept(result), tuple(map(str, notes))
    )
    turn.emit(
        e.DecisionMade(
            item=item.id,
            key=item.key,
            model=plan.key,
            version=plan.published.version,
            decision=plan.decision,
            private=grounds,
        )
    )
    for name, value in values.items() if not wrong else ():
        record(turn, name, turn.plan.facts[name], value, f"{DECISION}{plan.decision}")
    return wrong


def _outcome(
    turn: Turn, item: Item, plan: DecisionPlan, result: Value, notes: list[Note]
) -> tuple[Mapping[str, Value], str]:
    """The values of the facts that it sets, and what is wrong with them."""
    reasons = "; ".join(map(str, notes))
    if isinstance(result, Fault) or (result is None and notes):
        return {}, f"“{plan.decision}” could not be decided: {result if isinstance(result, Fault) else reasons}"
    scope = ObjectScope(cast("Mapping[str, Any]", turn.scope), RESULT, lambda: cast("Any", result))
    values: dict[str, Value] = {}
    for name, expression in plan.sets:
        why: list[Note] = []
        value = expression.evaluate(scope, notes=why)
        values[name] = value
        spec = turn.plan.facts[name]
        if isinstance(value, Fault) or (value is None and why) or not fits(spec, value):
            because = f": {'; '.join(map(str, why))}" if why else f": {_words(value)} is no {_wanted(spec)}"
            return {}, f"“{spec.label or name}” could not be set{because}"
    for act in (*(f"set {name}" for name in values), f"complete {item.key}"):
        refused = forbidden(turn, act)
        if refused is not None:
            return {}, refused.message
    return values, ""


def _wanted(spec: Any) -> str:
    return f"{spec.type} of: {', '.join(spec.choices)}" if spec.choices else str(spec.type)


def _words(value: Value) -> str:
    return str(value) if isinstance(value, Fault) else text_of(value) or "null"


def _kept(value: Value) -> Any:
    """A value as an event holds it; what no fact may have (a range, a function, a fault) stands as text."""
    try:
        return cast("dict[str, Any]", to_wire({"": cast("Any", value)}))[""]
    except ValueFault:
        return _words(value)
