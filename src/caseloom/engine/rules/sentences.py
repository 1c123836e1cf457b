"""The sentences of a definition, read and turned into what the engine runs: each with its place in the file."""

from collections.abc import Iterator
from typing import Final

import msgspec

from caseloom.engine.rules.fault import Fault, Path
from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.reader import read
from caseloom.engine.rules.language.vocabulary import Vocabulary
from caseloom.engine.rules.meaning import meaning
from caseloom.engine.rules.meaning.parts import Part
from caseloom.engine.spec.service_goal import HouseRules, RuleSpec, ServiceGoal

LANGUAGE: Final = "en"
"""The language of files; the others are views of the same tree."""


class Said(msgspec.Struct, frozen=True):
    """What the sentences mean, and what is wrong with them."""

    parts: tuple[tuple[Part, Path], ...] = ()
    faults: tuple[Fault, ...] = ()


def parts_of(house: HouseRules, service_goal: ServiceGoal | None) -> Said:
    """The parts of all sentences: those of the house in the house's words, the service goal's in both.

    What is said twice, by house and service goal or in one list, is one rule: by its sentence a rule is known in the
    history, so two of one name would count every act twice.
    """
    parts: dict[tuple[type[Part], str], tuple[Part, Path]] = {}
    faults: list[Fault] = []
    for vocabulary, rules in _bodies(house, service_goal):
        for number, rule in enumerate(rules):
            path: Path = ("rules", number)
            spec = RuleSpec(rule=rule) if isinstance(rule, str) else rule
            try:
                for part in meaning(read(spec.rule, LANGUAGE, vocabulary), vocabulary, spec.way_on):
                    parts[type(part), part.says] = (part, path)
            except SentenceFault as fault:
                faults.append(Fault(path, str(fault)))
    return Said(tuple(parts.values()), tuple(faults))


def _bodies(
    house: HouseRules, service_goal: ServiceGoal | None
) -> Iterator[tuple[Vocabulary, tuple[RuleSpec | str, ...]]]:
    if house.rules:
        yield Vocabulary.of(None, house), house.rules
    if service_goal is not None and service_goal.rules:
        yield Vocabulary.of(service_goal, house), service_goal.rules
