"""What a migration has to be told: the parts of one version that have no place of the same key in another."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

from caseloom.engine.flow.plan import FlowPlan
from caseloom.engine.rules.plan import Plan

Part = Literal["goals", "items", "elements"]
Kind = Literal["goal", "way", "task", "stage", "milestone", "listener", "step"]
Named = tuple[str, str]
"""A key and its title."""
NOWHERE: Final = ("boundaryEvent",)
"""Kinds of steps on which nothing rests by itself."""


class Unplaced(msgspec.Struct, frozen=True):
    """A part without a place: what it may be mapped to (`choices`), and the one that is called the same (`near`, empty
    for none). `part` is the map of the plan that it belongs to.
    """

    part: Part
    key: str
    kind: Kind
    title: str
    choices: tuple[Named, ...]
    near: str


def unplaced(before: Plan, after: Plan) -> list[Unplaced]:
    """The parts of the version `before` that the version `after` has no place for."""
    return [*_goals(before, after), *_options(before, after), *_items(before, after), *_elements(before, after)]


def _goals(before: Plan, after: Plan) -> Iterator[Unplaced]:
    choices = [(key, goal.spec.title or key) for key, goal in after.goals.items()]
    for key, goal in before.goals.items():
        if key not in after.goals:
            yield _unplaced("goals", "goal", key, goal.spec.title or key, choices)


def _options(before: Plan, after: Plan) -> Iterator[Unplaced]:
    """An option moves with its goal; where that goes elsewhere, it may be any option there is."""
    for goal, plan in before.goals.items():
        around = {goal: after.goals[goal]} if goal in after.goals else after.goals
        choices = [
            (f"{key}/{name}", one.spec.title) for key, there in around.items() for name, one in there.options.items()
        ]
        for name, option in plan.options.items():
            if goal not in after.goals or name not in after.goals[goal].options:
                yield _unplaced("items", "way", f"{goal}/{name}", option.spec.title, choices)


def _items(before: Plan, after: Plan) -> Iterator[Unplaced]:
    """Tasks, stages, milestones and listeners; a task that is a step of a process goes with its element."""
    steps = {step.task for flow in (*before.flows.values(), *after.flows.values()) for step in flow.steps.values()}
    for key, item in before.items.items():
        if key in after.items or key in steps:
            continue
        choices = [
            (name, one.spec.title or name)
            for name, one in after.items.items()
            if one.kind == item.kind and name not in steps
        ]
        yield _unplaced("items", item.kind, key, item.spec.title or key, choices)


def _elements(before: Plan, after: Plan) -> Iterator[Unplaced]:
    for process, flow in before.flows.items():
        there = after.flows.get(process)
        if there is None:
            continue
        for name, step in flow.steps.items():
            same = there.steps.get(name)
            if name and step.kind not in NOWHERE and (same is None or same.kind != step.kind):
                yield _unplaced("elements", "step", name, step.title, _steps(there, step.kind))


def _steps(flow: FlowPlan, kind: str) -> list[Named]:
    return [(name, step.title) for name, step in flow.steps.items() if step.kind == kind]


def _unplaced(part: Part, kind: Kind, key: str, title: str, choices: Iterable[Named]) -> Unplaced:
    known = tuple(choices)
    same = [name for name, words in known if words.casefold() == title.casefold()]
    return Unplaced(part, key, kind, title, known, same[0] if len(same) == 1 else "")
