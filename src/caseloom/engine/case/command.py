"""The base of what actors may ask of a case."""

import msgspec


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all commands to a case. `named` lists the finished items that the door has to load for it."""

    override: str = ""
    """The reason for crossing a boundary rule that names the actor's role as one that may."""

    @property
    def named(self) -> tuple[int, ...]:
        return ()
