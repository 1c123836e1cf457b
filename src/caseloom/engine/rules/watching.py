"""Which rules watch which act, and what they hold back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from caseloom.engine.rules.plan import BoundaryPlan, OrderPlan, Part, Trigger

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
