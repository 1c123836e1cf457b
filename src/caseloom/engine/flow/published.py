"""Flow models as definitions use them: in the version that they were published with."""

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

from caseloom.engine.spec.flow import FlowModel


class PublishedFlow(msgspec.Struct, frozen=True):
    """A version of a flow model; version 0 is a draft."""

    version: int
    model: FlowModel


FlowModels: TypeAlias = Mapping[str, PublishedFlow]
"""Key of a flow model → the version of it that a definition uses."""
