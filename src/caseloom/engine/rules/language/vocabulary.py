"""The vocabulary of a service goal under its house rules: the words that rules may use."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from caseloom.engine.rules.language.verbs import plural, singular, task_words
from caseloom.engine.spec.service_goal import FactSpec, HouseRules, ServiceGoal, TaskSpec, WordSpec
from caseloom.engine.spec.values import LIST_OF

S = TypeVar("S")
CASE: Final = "case"
"""The key of the word for the case itself."""
BUILT_IN_FACTS: Final = {
    "perception": "number",
    "case.contacts": "number",
    "case.answers": "number",
    "case.channel": "choice",
}
CHANNELS: Final = ("mail", "phone", "letter", "fax", "sms", "chat", "web form", "counter", "social")
_NO_WORD: Final = WordSpec()


class Vocabulary:
    """What a sentence may speak of. Immutable once made; the phrases of a language are worked out when first asked."""

    def __init__(self, service_goal: ServiceGoal | None, house: HouseRules) -> None:
        def merged(part: Callable[[HouseRules | ServiceGoal], Mapping[str, S]]) -> dict[str, S]:
            return {**part(house), **(part(service_goal) if service_goal else {})}

        self.facts: dict[str, FactSpec] = merged(lambda body: body.facts)
        self.goals = merged(lambda body: body.goals)
        self.tasks: dict[str, TaskSpec] = merged(lambda body: body.tasks)
        self.stages = merged(lambda body: body.stages)
        self.milestones = merged(lambda body: body.milestones)
        self.letters = merged(lambda body: body.letters)
        self.offers = merged(lambda body: body.offers)
        self.words: dict[str, WordSpec] = merged(lambda body: body.words)
        self.options = tuple(option for goal in self.goals.values() for option in goal.options)
        self.roles, self.teams, self.skills = tuple(house.roles), tuple(house.teams), tuple(house.skills)

    @classmethod
    def of(cls, service_goal: ServiceGoal | None, house: HouseRules) -> "Vocabulary":
        """The vocabulary of a case of this service goal; without one, of a case from nothing."""
        return cls(service_goal, house)

    @property
    def items(self) -> tuple[str, ...]:
        """The keys of tasks, stages and milestones."""
        return (*self.tasks, *self.stages, *self.milestones)

    def word(self, key: str) -> WordSpec:
        """The forms that the author gave."""
        return self.words.get(key, _NO_WORD)

    def type_of(self, fact: str) -> str:
        """The type of a fact or of a built-in one."""
        return BUILT_IN_FACTS[fact] if fact in BUILT_IN_FACTS else self.facts[fact].type

    def is_list(self, fact: str) -> bool:
        return fact in self.facts and self.facts[fact].type.startswith(LIST_OF)

    def member_name(self, fact: str) -> str:
        """What one member of a list fact is called, in sentences and in FEEL: `refund` of `refunds`."""
        return self.word(fact).name or singular(fact)

    def plural_name(self, fact: str) -> str:
        """What the members of a list fact are called together."""
        return self.word(fact).plural or plural(self.member_name(fact))

    def subject_of(self, item: str) -> str:
        """The list fact of whose members such a task is about one, or nothing."""
        about = self.tasks[item].about if item in self.tasks else ""
        return about if about and self.is_list(about) else ""

    def fact_called(self, noun: str) -> str:
        """The fact that a noun names (its key, name, synonym, singular), or nothing."""
        for key in self.facts:
            word = self.word(key)
            if noun in (key, word.name, *word.synonyms) or (self.is_list(key) and noun == self.member_name(key)):
                return key
        return ""

    def name_of(self, item: str) -> str:
        """What an item is called: its key, unless the author gave a name."""
        return self.word(item).name or item

    def object_of(self, item: str) -> str:
        """The noun that a task is done to: `refund` of `pay the refund`; nothing where its name has none."""
        done = done_parts(self.word(item).done)
        if done is not None:
            return done[0]
        parts = task_words(self.name_of(item))
        return parts.object if parts else ""


_DONE: Final = re.compile(r"(?:the|an?) (?P<noun>.+?) (?:is|has been) (?P<participle>.+)")


def done_parts(clause: str) -> tuple[str, str] | None:
    """The noun and the participle of `the refund is paid`."""
    found = _DONE.fullmatch(clause)
    return (found["noun"], found["participle"]) if found else None
