"""The door that is in force: set once at start by `config`, asked for by every room above."""

from caseloom.streams.handle import Door


class NotInstalled(RuntimeError):
    """The rooms were not joined: `caseloom.config` has to start first."""


_installed: list[Door] = []


def install(door: Door) -> None:
    """Put this door in force."""
    _installed[:] = [door]


def the_door() -> Door:
    """The door in force.

    Raises:
        NotInstalled: none was installed.
    """
    if not _installed:
        raise NotInstalled("No door is installed; start through caseloom.config.")
    return _installed[0]
