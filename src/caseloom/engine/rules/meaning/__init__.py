"""What a sentence means: a tree to parts of a definition."""

from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.printer import write
from caseloom.engine.rules.language.tree import Node, Sentence, words
from caseloom.engine.rules.language.vocabulary import Vocabulary
from caseloom.engine.rules.meaning.consequences import GOALS, goal, reaction
from caseloom.engine.rules.meaning.order import order, orders
from caseloom.engine.rules.meaning.parts import GoalRuleSpec, Part
from caseloom.engine.rules.meaning.said import Said
from caseloom.engine.rules.meaning.state import boundary, data, states

__all__ = ["GoalRuleSpec", "Part", "meaning"]


def meaning(sentence: Sentence, vocabulary: Vocabulary, way_on: str = "") -> tuple[Part, ...]:
    """The parts that a sentence compiles to; each says the sentence in its own language.

    Raises:
        SentenceFault: the sentence is well formed, but means nothing here (a number is compared with money, a rule
            forbids what comes from outside …). Where one word is to blame, the fault names it and its place in the
            text that `write` gives.
    """
    says = write(sentence, sentence.language or "en", vocabulary)
    try:
        return _parts(sentence, vocabulary, says, way_on)
    except SentenceFault as fault:
        fault.at = max(says.find(fault.word), 0)
        raise


def _parts(sentence: Sentence, vocabulary: Vocabulary, says: str, way_on: str) -> tuple[Part, ...]:
    rule, override = _without_override(sentence.root)
    said = Said(rule, vocabulary, says, way_on, override)
    data_kinds, boundary_kinds = states()
    if said.kind in boundary_kinds:
        return (boundary(said),)
    if said.kind in orders():
        return (order(said),)
    if said.kind in ("must_be_known", "must_be_known_if"):
        return (data(said),)
    if override:
        raise SentenceFault("Only a rule that forbids an act can be overridden.")
    if said.kind in data_kinds:
        return (data(said),)
    if said.kind in GOALS:
        return (goal(said),)
    return (reaction(said),)


def _without_override(root: Node) -> tuple[Node, tuple[str, ...]]:
    if root.kind != "overridden":
        return root, ()
    inner, roles = sorted((slot for slot in root.slots if isinstance(slot, Node)), key=_is_roles)
    return inner, tuple(word.key for word in words(roles))


def _is_roles(node: Node) -> bool:
    return node.kind in ("role", "any_who")
