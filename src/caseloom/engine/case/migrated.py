"""A case comes under another version of its definition, as it is told for ever."""

from caseloom.engine.spec.history import Event


class CaseMigrated(Event, frozen=True, kw_only=True):
    """The case goes on under another version of its service goal. `goals` and `items` have new keys, by number; steps
    of flows other elements, by `FLOW ELEMENT`.
    """

    stored = "case_migrated.1"
    version: int
    before: int
    goals: dict[int, str] = {}
    items: dict[int, str] = {}
    elements: dict[str, str] = {}
    back: bool = False
    """The case goes back to where it came from."""
