"""What the demo company's people have taken to doing lately, though no definition says so."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    "fault": ("Ring up and say what happens next", "ring up and say what happens next"),
}
"""Service goal → a step that its definition does not have, and that more and more people add: how they call it."""
SINCE: Final = timedelta(days=210)
"""So long before the present it began."""
BY_NOW: Final = 0.75
"""How many of those who like it do it by now."""
CHEERS: Final = 1.0
"""What it adds to a rating."""


def adds_a_step(rng: random.Random, service_goal: str, at: datetime, now: datetime, liking: float) -> bool:
    """Whether somebody who likes it so much (1: most do not like it better) adds the step at this moment."""
    began = now - SINCE
    if service_goal not in STEPS or at < began:
        return False
    return rng.random() < BY_NOW * (0.4 + 0.6 * ((at - began) / SINCE)) * min(liking, 1.0)


def title(service_goal: str, index: int) -> str:
    """How the step is called this time; most call it the same."""
    first, second = STEPS[service_goal]
    return second if index % 5 == 0 else first
