"""The sentences of a definition, read and turned into what the engine runs: each with its place in the file."""

import msgspec

from caseloom.engine.rules.fault import Fault, Path
from caseloom.engine.rules.parts import Part
from caseloom.engine.spec.service_goal import HouseRules, ServiceGoal


class Said(msgspec.Struct, frozen=True):
    """What the sentences mean, and what is wrong with them."""

    parts: tuple[tuple[Part, Path], ...] = ()
    faults: tuple[Fault, ...] = ()


def parts_of(house: HouseRules, service_goal: ServiceGoal | None) -> Said:
    """The parts of all sentences: of the house in the house's words, of the service goal in both."""
    return Said()
