"""What the intake learns from: a message, and what it wanted."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec
import numpy as np
import numpy.typing as npt

ALONE = 5.0
"""What one person's examples for a goal may always count, in messages."""
SHARE = 0.25
"""… and as a share of what all others' examples for this goal count."""
DOUBTED = 20.0
"""What one person's examples that nothing else bears out may count together, in messages."""


class Example(msgspec.Struct, frozen=True):
    """A message with what it wanted.

    text: subject and text, as they came. goals: keys of the service goals; none where it fits none of ours.
    key: by which others find the message again (a contact's id); it is what explanations name.
    person: whose message it is, so that it can be forgotten. actor: who said what it wants; empty for history that
    nobody has said in so many words. moment: when; later wins nothing, it is kept for who asks.
    language: `en`, `de`, `other`, or empty to have it guessed.
    """

    text: str
    goals: tuple[str, ...] = ()
    key: str = ""
    person: str = ""
    actor: str = ""
    moment: datetime | None = None
    language: str = ""


def in_order(examples: Sequence[Example]) -> list[Example]:
    """One order for the same examples, however they came: the model must not depend on it."""
    return sorted(examples, key=lambda one: (one.text, one.goals, one.person, one.actor, one.key))


def actors_weights(examples: Sequence[Example]) -> npt.NDArray[np.float32]:
    """How much each example counts (at most 1), so that no one person outweighs the others.

    For each goal, what one person said counts `ALONE` messages or `SHARE` of what all others said, whichever is
    more. Where only one person has ever said anything, there is nobody to outweigh and all counts in full.
    """
    said = Counter((one.actor, one.goals) for one in examples)
    goals = Counter(one.goals for one in examples)
    actors = {one.actor for one in examples}
    if len(actors) < 2:
        return np.ones(len(examples), np.float32)
    weights = [
        min(1.0, max(ALONE, SHARE * (goals[one.goals] - said[one.actor, one.goals])) / said[one.actor, one.goals])
        if one.actor
        else 1.0
        for one in examples
    ]
    return np.array(weights, np.float32)


def doubted_weights(examples: Sequence[Example], borne_out: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """A factor for each example: what nothing else bears out counts `DOUBTED` messages a person together, at most."""
    doubted: dict[str, int] = defaultdict(int)
    for one, firm in zip(examples, borne_out, strict=True):
        if one.actor and not firm:
            doubted[one.actor] += 1
    factors = [
        1.0 if firm or not one.actor else min(1.0, DOUBTED / doubted[one.actor])
        for one, firm in zip(examples, borne_out, strict=True)
    ]
    return np.array(factors, np.float32)
