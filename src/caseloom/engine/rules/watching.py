"""Which rules watch which act, and what they hold back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from caseloom.engine.rules.plan import BoundaryPlan, OrderPlan, Part, Plan, Trigger

_BY_ITSELF: Final[Mapping[str, Part]] = {"reach": "goal reached", "complete": "item entry"}


def guards_of(boundaries: tuple[BoundaryPlan, ...]) -> dict[str, tuple[BoundaryPlan, ...]]:
    guards: dict[str, tuple[BoundaryPlan, ...]] = {}
    for rule in boundaries:
        for guard in rule.spec.guards:
            guards[guard] = (*guards.get(guard, ()), rule)
    return guards


def letters_of(orders: Sequence[OrderPlan]) -> dict[str, tuple[tuple[int, int], ...]]:
    letters: dict[str, tuple[tuple[int, int], ...]] = {}
    for number, order in enumerate(orders):
        for place, letter in enumerate(order.spec.letters):
            for act in letter.acts:
                letters[act] = (*letters.get(act, ()), (number, place))
    return letters


def awakens_of(
    boundaries: Sequence[BoundaryPlan], orders: Sequence[OrderPlan]
) -> tuple[dict[str, tuple[Trigger, ...]], dict[str, tuple[Trigger, ...]]]:
    """Of what happens by itself (a goal that is reached by its rule, a milestone) and is held back by a rule: what to
    look at again when the rule's facts change (by name), and when its acts are done (by act).
    """
    by_name: dict[str, tuple[Trigger, ...]] = {}
    by_act: dict[str, tuple[Trigger, ...]] = {}
    for rule in boundaries:
        for trigger in _held(rule.spec.guards):
            for name in rule.require.reads:
                by_name[name] = (*by_name.get(name, ()), trigger)
    for order in orders:
        acts_of_rule = [act for letter in order.spec.letters for act in letter.acts]
        for trigger in _held(acts_of_rule):
            for act in acts_of_rule:
                by_act[act] = (*by_act.get(act, ()), trigger)
    return by_name, by_act


def _held(guarded: Iterable[str]) -> list[Trigger]:
    parted = [act.partition(" ") for act in guarded]
    return [Trigger(_BY_ITSELF[verb], key) for verb, _, key in parted if verb in _BY_ITSELF and key]


def without(plan: Plan, sentences: frozenset[str]) -> Plan:
    """The plan as it would be without the rules of these sentences."""
    kept = {
        "boundary": [rule.spec.says not in sentences for rule in plan.boundaries],
        "data": [rule.spec.says not in sentences for rule in plan.data_rules],
        "reaction": [rule.spec.says not in sentences for rule in plan.reactions],
    }

    def stays(trigger: Trigger) -> bool:
        return kept[trigger.part][int(trigger.key)] if trigger.part in kept else True

    numbers = {old: new for new, old in enumerate(n for n, o in enumerate(plan.orders) if o.spec.says not in sentences)}
    letters = {
        act: tuple((numbers[order], letter) for order, letter in pairs if order in numbers)
        for act, pairs in plan.order_letters.items()
    }
    guards = {act: tuple(r for r in rules if r.spec.says not in sentences) for act, rules in plan.guards.items()}
    orders = tuple(plan.orders[number] for number in numbers)
    return msgspec.structs.replace(
        plan,
        orders=orders,
        order_letters=letters,
        guards=guards,
        watched=watched_of(guards, letters, orders),
        readers={name: tuple(filter(stays, triggers)) for name, triggers in plan.readers.items()},
        listeners={name: tuple(filter(stays, triggers)) for name, triggers in plan.listeners.items()},
    )


def watched_of(
    guards: Mapping[str, Sequence[BoundaryPlan]],
    letters: Mapping[str, Sequence[tuple[int, int]]],
    orders: Sequence[OrderPlan],
) -> frozenset[str]:
    """The acts that any of these rules asks about."""
    asked = [act for act, found in (*guards.items(), *letters.items()) if found]
    return frozenset((*asked, *(("close",) if any(order.spec.unfinished for order in orders) else ())))
