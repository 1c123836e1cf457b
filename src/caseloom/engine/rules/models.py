"""The published models that a definition uses: decisions (DMN) and flows (BPMN), by their key in the library."""

from collections.abc import Mapping
from typing import TypeAlias

from caseloom.engine.decision.published import Models, PublishedModel
from caseloom.engine.flow.published import FlowModels, PublishedFlow

Used: TypeAlias = Mapping[str, PublishedModel | PublishedFlow]
"""Key → the version that a definition uses."""


def decisions_in(used: Used) -> Models:
    """The decision models among them."""
    return {key: one for key, one in used.items() if isinstance(one, PublishedModel)}


def flows_in(used: Used) -> FlowModels:
    """The flow models among them."""
    return {key: one for key, one in used.items() if isinstance(one, PublishedFlow)}
