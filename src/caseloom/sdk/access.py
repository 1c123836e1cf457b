"""Access: who asks, and how far their rights go. Every query and the door take one, so that none can be called without
it.
"""

from typing import Final, Literal

import msgspec

from caseloom.engine.case.actor import Actor

Right = Literal[
    "read cases",
    "work cases",
    "steer cases",
    "read customers",
    "erase customers",
    "read figures",
    "read library",
    "write library",
    "publish library",
    "manage quarantine",
    "manage staff",
    "operate",
    "own case",
]
"""What may be done, by area. The policy of who has which is `staff.access`."""


class Access(msgspec.Struct, frozen=True):
    """An actor with their rights.

    `customer` is set for a customer, who reaches only what is theirs; `case` narrows a link from a mail to one case.
    `hidden` are the confidential teams whose cases this actor does not see.
    """

    actor: Actor
    rights: frozenset[Right]
    customer: int | None = None
    case: int | None = None
    hidden: frozenset[str] = frozenset()

    def may(self, right: Right) -> bool:
        """Whether the actor has this right at all; which objects it reaches is the policy's."""
        return right in self.rights


PROGRAM_RIGHTS: Final[frozenset[Right]] = frozenset(
    (
        "read cases",
        "work cases",
        "steer cases",
        "read customers",
        "erase customers",
        "read library",
        "write library",
        "publish library",
        "manage quarantine",
        "own case",
        "read figures",
    )
)


def program(name: str) -> Access:
    """The access of a part of Caseloom itself: intake, sweeper, sender."""
    return Access(Actor(f"program:{name}", "program", name), PROGRAM_RIGHTS)
