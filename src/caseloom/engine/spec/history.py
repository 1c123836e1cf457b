"""The bases of what is told for ever: a domain event and its personal fields.

Each event type has a stored name of its own with a version (`goal_reached.1`). Personal fields stand in the nested
struct `private` (its fields all have defaults: that is what remains when the person is erased); `streams.codec` seals
it under the key of the person that `person_of` names.
"""

from typing import ClassVar

import msgspec


class Private(msgspec.Struct, frozen=True, omit_defaults=True):
    """Personal fields of an event."""


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all events of a case. The envelope (time, actor, version, command) is the store's."""

    stored: ClassVar[str]
