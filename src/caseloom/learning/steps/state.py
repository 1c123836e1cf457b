"""A learner as plain data, and back: what is kept in the database between two processes."""

from hashlib import blake2b
from typing import Final

import msgspec
import numpy as np

from caseloom.learning.steps.learner import TARGETS, Learner, OpenCase, Settings
from caseloom.learning.steps.step import Case

VERSION: Final = 1


class StateFaulty(ValueError):
    """It is no state of a learner, or of another version."""


class State(msgspec.Struct, frozen=True):
    """All that a learner knows. Weights are arrays of 64-bit floats; recent counts are hexadecimal, as they have any
    length."""

    version: int
    settings: Settings
    actions: list[str]
    counters: dict[int, int | dict[int, int]]
    recent: dict[int, dict[int, str]]
    shared: bytes
    own: dict[int, bytes]
    scale: list[list[float]]
    times: dict[int, dict[int, int]]
    losses: list[list[float]]
    errors: tuple[float, float, float]
    endings: dict[str, tuple[dict[int, tuple[int, int]], list[float], list[list[float]]]]
    choices: dict[int, dict[int, tuple[int, int]]]
    answers: list[tuple[int, int, dict[int, tuple[int, int]]]]
    evidence: dict[int, tuple[Case, ...]]
    open: list[tuple[Case, OpenCase]]


def dump(learner: Learner) -> bytes:
    """The state as MessagePack."""
    time = learner.time
    state = State(
        version=VERSION,
        settings=learner.settings,
        actions=learner.actions,
        counters=learner.counters.table,
        recent={key: {each: f"{n:x}" for each, n in entry.items()} for key, entry in learner.recent.table.items()},
        shared=learner.mixture.shared.tobytes(),
        own={code: weights.tobytes() for code, weights in learner.mixture.own.items()},
        scale=learner.scale.marks,
        times=time.table,
        losses=time.losses,
        errors=(time.ours, time.plains, time.width),
        endings={name: (each.table, each.weights, each.scale.marks) for name, each in learner.endings.items()},
        choices=learner.choices.table,
        answers=[(*place, people) for place, people in learner.answers.table.items()],
        evidence=learner.evidence.table,
        open=list(learner.open.items()),
    )
    return msgspec.msgpack.encode(state)


def load(data: bytes) -> Learner:
    """The learner of a state.

    Raises:
        StateFaulty: it is none, or of another version; learn anew from the events.
    """
    try:
        state = msgspec.msgpack.decode(data, type=State)
        if state.version != VERSION:
            raise StateFaulty(
                f"The state is of version {state.version}, expected is {VERSION}. Learn anew from the events."
            )
        return _learner(state)
    except (msgspec.DecodeError, ValueError, KeyError) as why:
        if isinstance(why, StateFaulty):
            raise
        raise StateFaulty(f"This is no state of a learner: {why}. Learn anew from the events.") from None


def _learner(state: State) -> Learner:
    learner = Learner(state.settings)
    learner.actions = state.actions
    learner.codes = {name: code for code, name in enumerate(state.actions)}
    learner.counters.table = state.counters
    learner.recent.table = {key: {each: int(n, 16) for each, n in entry.items()} for key, entry in state.recent.items()}
    shape = learner.mixture.shared.shape
    learner.mixture.shared = np.frombuffer(state.shared, dtype=np.float64).reshape(shape).copy()
    learner.mixture.own = {
        code: np.frombuffer(weights, dtype=np.float64).reshape(shape).copy() for code, weights in state.own.items()
    }
    learner.scale.marks = state.scale
    time = learner.time
    time.table, time.losses = state.times, state.losses
    time.ours, time.plains, time.width = state.errors
    for target in TARGETS:
        ending = learner.endings[target]
        ending.table, ending.weights, ending.scale.marks = state.endings[target]
    learner.choices.table = state.choices
    learner.answers.table = {(situation, action): people for situation, action, people in state.answers}
    learner.evidence.table = state.evidence
    learner.open = dict(state.open)
    return learner


def content_hash(data: bytes) -> str:
    """By which a version of the state is named."""
    return blake2b(data, digest_size=16).hexdigest()
