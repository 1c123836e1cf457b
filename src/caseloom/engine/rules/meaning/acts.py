"""What an act of a sentence is to the engine: its acts, who can be kept from it, which object it is about."""

from typing import Final, NamedTuple

from caseloom.engine.rules.language.english import ANY_GOAL
from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.tree import Node, Word
from caseloom.engine.rules.language.vocabulary import Vocabulary
from caseloom.engine.rules.meaning.feel import Feel

_WORLD: Final = ("hear", "customer answers", "answer", "rate", "confirm", "deny", "break promise")
_WORLD_VERBS: Final = ("late ", "warn ", "accept ", "decline ")
_ABOUT_ITEM: Final = ("complete ", "start ", "cancel ", "reset ", "create ", "modify ", "delete ")
_CLAUSES: Final = ("happens", "happens_by", "happens_to")


class Happening(NamedTuple):
    """An act with what must hold for it to count. `condition` is FEEL."""

    word: Word
    condition: str | None = None


def names_of(word: Word, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The acts that a word stands for."""
    return tuple(f"reach {goal}" for goal in vocabulary.goals) if word.key == ANY_GOAL else (word.key,)


def is_the_worlds(word: Word) -> bool:
    """Whether nobody can be kept from it: it comes from outside, or from time."""
    return word.key in _WORLD or word.key.startswith(_WORLD_VERBS)


def require_ours(word: Word) -> None:
    """Raises `SentenceFault` for an act that no rule can forbid."""
    if is_the_worlds(word):
        raise SentenceFault(
            f"Nobody can be kept from “{word.key}”: it comes from outside. Say what must not be done then."
        )


def item_of(word: Word) -> str:
    """The task, stage or milestone of an act; empty for an act on something else."""
    verb = next((verb for verb in _ABOUT_ITEM if word.key.startswith(verb)), None)
    return word.key[len(verb) :] if verb else ""


def subject_of(words: list[Word], vocabulary: Vocabulary) -> str:
    """The list fact that those of the acts which are about an object are about.

    Raises:
        SentenceFault: they are about members of two lists.
    """
    subjects = sorted({vocabulary.subject_of(item_of(word)) for word in words} - {""})
    if len(subjects) > 1:
        raise SentenceFault(
            f"The rule speaks of one of “{subjects[0]}” and one of “{subjects[1]}”; say it in two rules."
        )
    return subjects[0] if subjects else ""


def measured(word: Word, qualifier: Node, vocabulary: Vocabulary) -> str:
    """The condition that a qualifier of an act's noun says: `refund > money(500, "EUR")`."""
    feel = Feel(vocabulary)
    item = item_of(word)
    fact = vocabulary.subject_of(item) or (word.key[4:] if word.key.startswith("set ") else "")
    fact = fact or (vocabulary.fact_called(vocabulary.object_of(item)) if item in vocabulary.tasks else "")
    if not fact:
        raise SentenceFault(f"What “{word.key}” is about is no fact, so it cannot be above or below anything.")
    if vocabulary.is_list(fact):
        if not vocabulary.subject_of(item):
            raise SentenceFault(
                f"“{fact}” is a list: give the task “{item}” `about: {fact}`, so that each is about one."
            )
        return feel.test(feel.member(fact), "", qualifier)
    if vocabulary.type_of(fact) == "object":
        return feel.test(f"{fact}.{vocabulary.word(fact).measure or 'amount'}", "", qualifier)
    return feel.test(fact, vocabulary.type_of(fact), qualifier)


def is_clause(node: object) -> bool:
    """Whether a slot is a clause that names an act."""
    return isinstance(node, Node) and node.kind in _CLAUSES


def happening(clause: Node, vocabulary: Vocabulary) -> Happening:
    """The act of a clause, and who must do it or to what."""
    word = next(slot for slot in clause.slots if isinstance(slot, Word))
    more = next((slot for slot in clause.slots if isinstance(slot, Node)), None)
    if more is None:
        return Happening(word)
    if clause.kind == "happens_by":
        return Happening(word, Feel(vocabulary).who(more))
    return Happening(word, measured(word, more, vocabulary))
