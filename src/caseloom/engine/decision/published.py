"""Decision tasks made ready: the published model that a task evaluates, what it hands in and what it sets (CMMN 1.1
§5.4.10.6).
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import msgspec

from caseloom.engine.decision import model as m
from caseloom.engine.decision.graph import DecisionModel
from caseloom.engine.decision.run import Compiled
from caseloom.engine.feel import Expression, FeelSyntaxError, Note, Value, compile_tests, tree
from caseloom.engine.feel.walk import children

RESULT = "result"
"""What a decision has come to, in the expressions under `sets`."""


class PublishedModel(msgspec.Struct, frozen=True):
    """A version of a decision model, compiled; version 0 is a draft."""

    version: int
    model: DecisionModel


Models: TypeAlias = Mapping[str, PublishedModel]
"""Key of a decision model → the version of it that a definition uses."""


class DecisionPlan(msgspec.Struct, frozen=True):
    """What a decision task does when it is entered."""

    key: str
    published: PublishedModel
    decision: str
    inputs: tuple[tuple[str, Expression], ...]
    sets: tuple[tuple[str, Expression], ...]

    def evaluate(self, inputs: Mapping[str, Value], notes: list[Note]) -> Value:
        """The value of the decision, or of the decision service, with `notes` of why it is null."""
        return evaluate(self.published.model, self.decision, inputs, notes)


def evaluate(model: DecisionModel, name: str, inputs: Mapping[str, Value], notes: list[Note]) -> Value:
    """The value of a decision or decision service by name. Raises `KeyError` when there is none."""
    service = model.named(name, m.DecisionService)
    return (model.evaluate if service is None else model.evaluate_service)(name, inputs, notes=notes)


def decisions_of(model: DecisionModel) -> tuple[str, ...]:
    """The names of the decisions and decision services that can be asked for, in the order of the model."""
    return tuple(one.name for one in model.nodes.values() if isinstance(one.node, m.Decision | m.DecisionService))


def inputs_of(model: DecisionModel, name: str) -> tuple[Compiled, ...]:
    """What a decision reads from outside, straight or by the decisions that it requires; for a decision service, its
    inputs. Raises `KeyError` when there is none.
    """
    start = model.named(name, m.Decision, m.DecisionService)
    if start is None:
        raise KeyError(name)
    if isinstance(start.node, m.DecisionService):
        hrefs = (*start.node.input_data, *start.node.input_decisions)
        return tuple(one for one in map(model.find, hrefs) if one is not None)
    return tuple({one.name: one for one in _read_by(model, start, set())}.values())


def _read_by(model: DecisionModel, one: Compiled, seen: set[str]) -> Iterator[Compiled]:
    if isinstance(one.node, m.InputData):
        yield one
    for requirement in getattr(one.node, "requirements", ()):
        if requirement.href not in seen:
            seen.add(requirement.href)
            required = model.find(requirement.href)
            if required is not None:
                yield from _read_by(model, required, seen)


def turning_points(model: DecisionModel) -> tuple[tree.Node, ...]:
    """The nodes of all the tests in the model's decision tables: the values at which a decision may turn."""
    found: list[tree.Node] = []
    for one in model.nodes.values():
        logic = getattr(one.node, "logic", None)
        for rule in logic.rules if isinstance(logic, m.DecisionTable) else ():
            for test in rule.tests:
                found += _nodes_of(test.text)
    return tuple(found)


def _nodes_of(text: str) -> Iterator[tree.Node]:
    try:
        ahead: list[tree.Node] = [compile_tests(text).tree]
    except FeelSyntaxError:
        return
    while ahead:
        node = ahead.pop()
        yield node
        ahead += children(node)
