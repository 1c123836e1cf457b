"""What could be done next in a case: the commands worth trying, by whom, with which values.

For those who search: the ways on from a refusal, and the checks of a definition before it is published.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Final

import msgspec

from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.engine.case.state import CaseState, Item
from caseloom.engine.decision.published import turning_points
from caseloom.engine.feel import Expression
from caseloom.engine.feel.tree import Call, Name, Node, Number, Text
from caseloom.engine.feel.walk import children
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.service_goal import FactSpec, StageSpec, TaskSpec

FORMS: Final = 24
"""How many fillings of one form are tried."""
STEP: Final = Decimal("0.01")
LONG: Final = 40
"""Texts that are longer are not tried."""
_COUNTED: Final = re.compile(r"\{(\d{1,2})[,}]")

Values = Mapping[str, tuple[Any, ...]]
"""Fact → the raw values that make a difference to some rule."""


class Hand(msgspec.Struct, frozen=True):
    """Somebody who could act. `who` says it to a person; empty for whoever acts now."""

    actor: Actor
    who: str = ""


class Move(msgspec.Struct, frozen=True):
    """A command that could be sent, and by whom; `label` says it to a person."""

    command: c.Command
    hand: Hand
    label: str


def hands_of(plan: Plan, actor: Actor) -> tuple[Hand, ...]:
    """The actor, a colleague like them, one for each role that the definition names, and the customer.

    A colleague with a role has the actor's roles and every skill beside it: who exactly it is, the house knows.
    """
    skills = actor.skills | frozenset(plan.house.skills)
    tasks = [item.spec for item in plan.items.values() if isinstance(item.spec, TaskSpec)]
    roles = dict.fromkeys((*plan.house.roles, *(task.role for task in tasks if task.role)))
    staff = actor.roles if actor.kind == "agent" else frozenset[str]()
    found = [Hand(actor), Hand(Actor("agent:colleague", "agent", "", staff, actor.skills), "another colleague")]
    if skills - actor.skills:
        found.append(Hand(Actor("agent:skilled", "agent", "", staff, skills), "a colleague with the skill"))
    found += [
        Hand(Actor(f"agent:{role}", "agent", "", staff | {role}, skills), role) for role in roles if role not in staff
    ]
    return tuple(found)


def values_of(plan: Plan) -> Values:
    """For each fact the values at which some rule of the plan may turn, and one beside them."""
    numbers: dict[str, set[Decimal]] = {}
    texts: dict[str, set[str]] = {}
    currencies: set[str] = set()
    for _, expression in _expressions(plan):
        found = list(_nodes(expression.tree))
        for name in expression.reads:
            numbers.setdefault(name, set()).update(node.value for node in found if isinstance(node, Number))
            texts.setdefault(name, set()).update(node.value for node in found if isinstance(node, Text))
        currencies.update(filter(None, map(_currency, found)))
    turns: dict[str, set[Decimal]] = {}
    for names, points in _turning_points(plan):
        for name in names:
            turns.setdefault(name, set()).update(node.value for node in points if isinstance(node, Number))
            texts.setdefault(name, set()).update(node.value for node in points if isinstance(node, Text))
    currency = min(currencies, default="EUR")
    return {
        name: _values(spec, numbers.get(name, set()), texts.get(name, set()), currency, turns.get(name, set()))
        for name, spec in plan.facts.items()
    }


def _turning_points(plan: Plan) -> Iterator[tuple[frozenset[str], tuple[Node, ...]]]:
    """For each decision the names that its inputs read, and where its tables turn."""
    for item in plan.items.values():
        if item.decision is not None:
            names = frozenset(name for _, given in item.decision.inputs for name in given.reads)
            yield names, turning_points(item.decision.published.model)


def _currency(node: Node) -> str:
    """The currency of a call of `money`, else nothing."""
    match node:
        case Call(callee=Name(name="money"), arguments=(_, Text(value=currency))):
            return currency
        case _:
            return ""


def readers_of(plan: Plan, rule: str | None = None) -> frozenset[str]:
    """The names that the plan's conditions read; with `rule`, those that this sentence reads."""
    return frozenset(name for says, found in _expressions(plan) if rule in (None, says) for name in found.reads)


def _expressions(plan: Plan) -> Iterator[tuple[str, Expression]]:
    """All conditions of a plan, each with the sentence that it belongs to (empty: to the definition's structure)."""
    yield from ((rule.spec.says, rule.require) for rule in plan.boundaries)
    yield from ((rule.spec.says, rule.require) for rule in plan.data_rules)
    found: list[tuple[str, Expression | None]] = [
        (order.spec.says, condition) for order in plan.orders for condition in order.conditions
    ]
    found += [(reaction.spec.says, reaction.when) for reaction in plan.reactions]
    found += [("", condition) for goal in plan.goals.values() for condition in (goal.reached, goal.entry.when)]
    found += [("", option.when) for goal in plan.goals.values() for option in goal.options.values()]
    found += [("", sentry.when) for item in plan.items.values() for sentry in (*item.entry, *item.exit)]
    yield from ((says, condition) for says, condition in found if condition is not None)


def _nodes(root: Node) -> Iterator[Node]:
    yield root
    for child in children(root):
        yield from _nodes(child)


def _values(
    spec: FactSpec, numbers: Iterable[Decimal], texts: Iterable[str], currency: str, turns: Iterable[Decimal]
) -> tuple[Any, ...]:
    if spec.choices:
        return spec.choices
    # The very values of the rules come first: at most 500 is met by 500.
    exact = sorted(numbers)
    # Where a decision turns, its bounds and what lies beyond them do: they are many.
    bounds = sorted(turns)
    bounds += [bounds[0] - STEP, bounds[-1] + STEP] if bounds else []
    around = list(dict.fromkeys((*exact, *(near for n in exact for near in (n - STEP, n + STEP)), *bounds)))
    match spec.type:
        case "boolean":
            return (True, False)
        case "number":
            return tuple(map(str, around)) or ("1",)
        case "money":
            return tuple(f"{number} {currency}" for number in around) or (f"1 {currency}",)
        case "text" | "choice":
            sizes = sorted({int(n) for n in numbers if 0 < n <= LONG} | {n for t in texts for n in _sizes(t)})
            return (*("1" * size for size in sizes), *sorted(texts), "a word")
        case "object":
            return ({"id": "1"},)
        case _:
            return _EXAMPLES.get(spec.type, ())


def _sizes(pattern: str) -> Iterator[int]:
    """The lengths that a pattern counts: 6 of `^[0-9]{6}$`."""
    return (int(found) for found in _COUNTED.findall(pattern) if 0 < int(found) <= LONG)


_EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    # One that has gone by and one to come: rules ask on which side of today a date lies.
    "date": ("2026-01-01", "2999-12-31"),
    "time": ("12:00:00",),
    "date and time": ("2026-01-01T12:00:00Z", "2999-12-31T12:00:00Z"),
    "days and time duration": ("P1D",),
    "years and months duration": ("P1Y",),
}


def moves(state: CaseState, plan: Plan, hands: tuple[Hand, ...], values: Values) -> Iterator[Move]:
    """Everything worth trying from here, what touches the work that is open first. Facts that no rule reads are given
    in forms alone.
    """
    read = readers_of(plan)
    for hand in hands:
        for item in state.items.values():
            yield from _of_item(item, plan, hand, values)
    for hand in hands:
        yield from _of_goals(state, plan, hand)
    for key, item_plan in plan.items.items():
        if isinstance(item_plan.spec, TaskSpec) and not item_plan.spec.about:
            title = item_plan.spec.title or key
            yield Move(c.CreateTask(key=key), hands[0], f"Add the task “{title}”")
    for name, candidates in values.items():
        known = state.facts.get(name)
        for value in candidates if name in read else ():
            if known is None or known.value != value:
                label = plan.facts[name].label or name
                yield Move(c.SetFacts(facts={name: value}), hands[0], f"Set “{label}” to {value}")


def _of_item(item: Item, plan: Plan, hand: Hand, values: Values) -> Iterator[Move]:
    known = plan.items.get(item.key)
    title = item.title or (known.spec.title if known else "") or item.key
    if item.kind != "task":
        yield from _of_plan_item(item, plan, hand, title)
        return
    if item.status == "enabled":
        yield Move(c.StartTask(item=item.id), hand, f"Start “{title}”")
    if item.status not in ("active", "failed"):
        return
    must = known.spec.must if known is not None and isinstance(known.spec, TaskSpec) else ()
    must = must or (known.writes if known is not None and known.decision is not None else ())
    for filling in islice(_fillings(item.form, frozenset(must), values), FORMS):
        yield Move(c.CompleteTask(item=item.id, facts=filling), hand, f"Complete “{title}”")


def _of_plan_item(item: Item, plan: Plan, hand: Hand, title: str) -> Iterator[Move]:
    """What people do with stages and event listeners; milestones are reached."""
    known = plan.items.get(item.key)
    if item.kind == "listener" and item.status == "available":
        yield Move(c.TransitItem(item=item.id, transition="occur"), hand, f"Raise “{title}”")
    if item.kind == "stage" and item.status == "enabled":
        yield Move(c.TransitItem(item=item.id, transition="manual start"), hand, f"Start “{title}”")
    if known is not None and isinstance(known.spec, StageSpec) and item.status == "active":
        for planned in known.plannable:
            yield Move(c.PlanItem(key=planned.spec.item, into=item.id), hand, f"Plan “{planned.spec.item}”")
        if not known.spec.auto_complete:
            yield Move(c.TransitItem(item=item.id, transition="complete"), hand, f"Complete “{title}”")


def _fillings(form: tuple[str, ...], must: frozenset[str], values: Values) -> Iterator[dict[str, Any]]:
    """What a form could be filled with: as little as it takes, then fact by fact each of its values."""
    least = {name: values[name][0] for name in form if name in must and values.get(name)}
    yield least
    for name in form:
        yield from ({**least, name: value} for value in values.get(name, ()) if least.get(name) != value)


def _of_goals(state: CaseState, plan: Plan, hand: Hand) -> Iterator[Move]:
    for goal in state.goals.values():
        known = plan.goals.get(goal.key)
        if goal.status != "active" or known is None:
            continue
        for key, option in known.options.items():
            if key != goal.option:
                yield Move(c.ChooseOption(goal=goal.id, option=key), hand, f"Choose “{option.spec.title}”")
        yield Move(c.ReachGoal(goal=goal.id), hand, f"Reach the goal “{goal.title or known.spec.title}”")
