"""Short words for the elements of test processes."""

from typing import Any

from caseloom.engine.spec.flow import ElementSpec, EventDefinition, TimerSpec
from tests.engine.flow.kit import el

S, E = el("start", "startEvent"), el("end", "endEvent")


def users(*ids: str, **more: Any) -> tuple[ElementSpec, ...]:
    return tuple(el(id, "userTask", **more) for id in ids)


def definition(kind: str, name: str = "", **more: Any) -> EventDefinition:
    return EventDefinition(kind=kind, name=name, **more)  # type: ignore[arg-type]


def timer(value: str, kind: str = "duration") -> EventDefinition:
    return EventDefinition(kind="timer", timer=TimerSpec(kind=kind, value=f'"{value}"'))  # type: ignore[arg-type]


def when(condition: str) -> EventDefinition:
    return EventDefinition(kind="conditional", condition=condition)


def catch(id: str, *definitions: EventDefinition, **more: Any) -> ElementSpec:
    return el(id, "intermediateCatchEvent", definitions=definitions, **more)


def throw(id: str, *definitions: EventDefinition, **more: Any) -> ElementSpec:
    return el(id, "intermediateThrowEvent", definitions=definitions, **more)


def end(id: str, *definitions: EventDefinition, **more: Any) -> ElementSpec:
    return el(id, "endEvent", definitions=definitions, **more)


def start(id: str, *definitions: EventDefinition, **more: Any) -> ElementSpec:
    return el(id, "startEvent", definitions=definitions, **more)


def on(host: str, id: str, *definitions: EventDefinition, **more: Any) -> ElementSpec:
    """A boundary event."""
    return el(id, "boundaryEvent", attached_to=host, definitions=definitions, **more)
