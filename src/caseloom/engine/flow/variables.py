"""Variables of flows: looked up from the inside out, then among the facts of the case."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, cast

from caseloom.engine.feel import Expression, Fault, Note, Value
from caseloom.engine.flow.host import Host
from caseloom.engine.flow.state import ROOT, Flow
from caseloom.engine.spec.values import ValueFault, from_tagged, to_tagged

COUNTS = {
    "numberOfInstances": lambda loop, node: loop.total,
    "numberOfActiveInstances": lambda loop, node: node.children,
    "numberOfCompletedInstances": lambda loop, node: loop.completed,
    "numberOfTerminatedInstances": lambda loop, node: loop.terminated,
}
"""What a completion condition may read of its loop (BPMN 2.0.2 §10.3.8, table 10.30)."""


BUILT_IN: Final[Mapping[str, Callable[[Flow, int], Value]]] = {
    "processInstanceId": lambda flow, node: str(flow.id),
    "executionId": lambda flow, node: f"{flow.id}.{node}",
    "currentActivityId": lambda flow, node: flow.nodes[node].element or None,
    "processDefinitionKey": lambda flow, node: flow.process,
}
"""What processes of other products read of the engine, where no variable and no fact has that name."""


class FlowScope(Mapping[str, Value]):
    """The names that an expression of a flow may read, seen from one node. `more` are names of the moment."""

    __slots__ = ("_around", "_flow", "_more", "_node")

    def __init__(
        self, around: Mapping[str, Value], flow: Flow, node: int, more: Mapping[str, Value] | None = None
    ) -> None:
        self._around, self._flow, self._node, self._more = around, flow, node, more

    def __getitem__(self, name: str) -> Value:
        if self._more and name in self._more:
            return self._more[name]
        nodes, number = self._flow.nodes, self._node
        while number >= ROOT:
            node = nodes[number]
            if name in node.variables:
                return cast("Value", from_tagged(node.variables[name]))
            if node.index and name == "loopCounter":
                return number_of(node.index)
            if node.loop is not None and name in COUNTS:
                return number_of(COUNTS[name](node.loop, node))
            number = node.scope
        value = self._around[name]
        return BUILT_IN[name](self._flow, self._node) if value is None and name in BUILT_IN else value

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        nodes, number = self._flow.nodes, self._node
        while number >= ROOT:
            yield from nodes[number].variables
            number = nodes[number].scope

    def __len__(self) -> int:
        return sum(1 for _ in self)


def number_of(count: int) -> Value:
    return cast("Value", from_tagged(["number", str(count)]))


def evaluate(host: Host, flow: Flow, node: int, expression: Expression, more: Mapping[str, Value] | None = None) -> Any:
    """The value of an expression, seen from a node; a `Fault` where there is none."""
    return expression.evaluate(FlowScope(host.scope, flow, node, more))


def explained(host: Host, flow: Flow, node: int, expression: Expression) -> tuple[Any, str]:
    """The value, and why it is null or no value, in words."""
    notes: list[Note] = []
    value = expression.evaluate(FlowScope(host.scope, flow, node), notes=notes)
    why = value.message if isinstance(value, Fault) else "; ".join(map(str, notes))
    return value, why


def wire_of(value: object) -> Any:
    """A value as a variable holds it. Raises `ValueFault` for a function, a range or a fault."""
    if isinstance(value, Fault):
        raise ValueFault(value.message)
    return to_tagged(cast("Any", value))


def owner(host: Host, flow: Flow, node: int, name: str) -> int:
    """The node whose variable this is, seen from one: the nearest that has it, else the process; -1 for a fact."""
    number = node
    while number >= ROOT:
        if name in flow.nodes[number].variables:
            return number
        number = flow.nodes[number].scope
    return -1 if host.declares(name) else ROOT
