"""Goal rules and reactions: when a goal is reached or late, and what follows from what."""

from collections.abc import Callable
from typing import Any, Final, Literal

from caseloom.engine.rules.language.english import ANY_GOAL
from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.tree import Node, Slot, Term, Value, Word, the_word
from caseloom.engine.rules.meaning.acts import Happening
from caseloom.engine.rules.meaning.comparable import checked
from caseloom.engine.rules.meaning.parts import GoalRuleSpec
from caseloom.engine.rules.meaning.said import Said
from caseloom.engine.spec.occurrences import WARNED
from caseloom.engine.spec.service_goal import ActionSpec, ClockSpec, ReactionSpec

Since = Literal["goal", "contact", "case"]
_SINCE: Final[dict[str, Since]] = {
    "within_contact": "contact",
    "within_contact_warned": "contact",
    "within_contact_unpaused": "contact",
    "within_case": "case",
    "within_start": "goal",
}
GOALS: Final = ("reached_when", *_SINCE)
_OCCURRENCES: Final = {
    "hear": "any contact",
    "answer": "any answer",
    "rate": "any perception",
    "close": "case closed",
    ANY_GOAL: "any goal",
}
_ENDINGS: Final = {
    "complete": "", "reach": "", "cancel": " is cancelled", "late": " is late", "warn": WARNED, "add": " is added",
}  # fmt: skip


def goal(said: Said) -> GoalRuleSpec:
    """When a goal is reached, or its clock."""
    key = said.word("goal")
    if said.kind == "reached_when":
        return GoalRuleSpec(says=said.says, goal=key, reached_when=said.condition)
    within, *warn = said.terms
    more: dict[str, Any] = {"pause": ()} if said.kind == "within_contact_unpaused" else {}
    clock = ClockSpec(within=within, since=_SINCE[said.kind], warn=warn[0] if warn else None, **more)
    return GoalRuleSpec(says=said.says, goal=key, clock=clock)


def reaction(said: Said) -> ReactionSpec:
    """What follows from what."""
    actions = next(slot for slot in said.node.slots if isinstance(slot, Node) and slot.kind in (*_ACTIONS, "and_then"))
    return ReactionSpec(
        says=said.says,
        when=said.condition,
        after=tuple(_occurrence(clause) for clause in said.clauses),
        do=tuple(_ACTIONS[action.kind](said, action.slots) for action in _each(actions)),
    )


def _occurrence(clause: Happening) -> str:
    if clause.condition:
        raise SentenceFault("A reaction waits for what happened, whoever did it to what; say the rest after “and”.")
    act = clause.word.key
    if act in _OCCURRENCES:
        return _OCCURRENCES[act]
    verb, _, key = act.partition(" ")
    if verb not in _ENDINGS or not key:
        raise SentenceFault(f"A reaction cannot wait for “{act}”; it can for work done, goals, lateness and contacts.")
    return key + _ENDINGS[verb]


def _each(actions: Node) -> list[Node]:
    if actions.kind != "and_then":
        return [actions]
    return [action for slot in actions.slots if isinstance(slot, Node) for action in _each(slot)]


def _key(slots: tuple[Slot, ...]) -> str:
    return next(slot.key for slot in slots if isinstance(slot, Word))


def _set(said: Said, slots: tuple[Slot, ...]) -> ActionSpec:
    # The amount stands before the fact: `amount` comes before `fact`.
    amount, fact = slots[0], the_word(slots[1])
    if fact.key not in said.vocabulary.facts:
        raise SentenceFault(f"“{fact.key}” is no fact of the case, so it cannot be set.")
    spec = said.vocabulary.facts[fact.key]
    checked(fact.key, spec.type, "exactly", amount, said.feel.type_of(amount), spec.choices)
    return ActionSpec(set_fact=fact.key, to=said.feel.amount(amount))


def _promise(said: Said, slots: tuple[Slot, ...]) -> ActionSpec:
    text = next(slot.text for slot in slots if isinstance(slot, Value))
    within = next(slot.text for slot in slots if isinstance(slot, Term))
    return ActionSpec(promise=text, within=within)


_ACTIONS: Final[dict[str, Callable[[Said, tuple[Slot, ...]], ActionSpec]]] = {
    "add_goal": lambda said, slots: ActionSpec(add_goal=_key(slots)),
    "add_task": lambda said, slots: ActionSpec(add_task=_key(slots)),
    "tell": lambda said, slots: ActionSpec(tell=_key(slots)),
    "set_fact": _set,
    "promise": _promise,
    "offer": lambda said, slots: ActionSpec(offer=_key(slots)),
}
