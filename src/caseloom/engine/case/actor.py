"""Who acts."""

from typing import Literal

import msgspec

ActorKind = Literal["agent", "customer", "partner", "program"]


class Actor(msgspec.Struct, frozen=True):
    """An agent, a customer, a partner or a program, with what rules may ask of them.

    `id` is pseudonymous (`agent:7`, `customer:1042`, `program:intake`); events hold it alone, never the name.
    """

    id: str
    kind: ActorKind
    name: str = ""
    roles: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()


PROGRAM = Actor("program:caseloom", "program", "Caseloom")
