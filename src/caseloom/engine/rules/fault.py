"""Faults of a definition, each with its place in the file."""

import msgspec

Path = tuple[str | int, ...]


class Fault(msgspec.Struct, frozen=True):
    """What is wrong at one place of a definition, and what to do about it.

    `path` leads from the top of the file to the place: `("goals", "card works", "reached when")`.
    """

    path: Path
    message: str


class DefinitionFaulty(Exception):
    """A definition that cannot be used; `faults` names every place."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults
