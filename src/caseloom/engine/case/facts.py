"""Facts: typed, checked and recorded with their source."""

from collections.abc import Mapping
from typing import Any, cast

from caseloom.engine.case import events as e
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.turn import Turn
from caseloom.engine.spec.service_goal import FactSpec
from caseloom.engine.spec.values import Value, ValueFault, has_type, parse_value, to_wire


def set_facts(turn: Turn, raw: Mapping[str, Any], source: str) -> Refused | None:
    """Check and record raw values; what is the same already is passed over. All or nothing."""
    values: list[tuple[str, FactSpec, Value]] = []
    for name, given in raw.items():
        spec = turn.plan.facts.get(name)
        if spec is None:
            return _unknown(turn, name)
        value = read(spec, name, given)
        if isinstance(value, Refused):
            return value
        values.append((name, spec, value))
    for name, spec, value in values:
        record(turn, name, spec, value, source)
    return None


def read(spec: FactSpec, name: str, given: Any) -> "Value | Refused":
    """The value that a person or program gave for a fact."""
    try:
        value = None if given is None or given == "" else parse_value(spec.type, given)
    except ValueFault as fault:
        return Refused("invalid", f"{spec.label or name}: {fault}", facts={"fact": name})
    if spec.choices and value is not None and value not in spec.choices:
        return Refused(
            "invalid",
            f"{spec.label or name} must be one of: {', '.join(spec.choices)}.",
            facts={"fact": name},
        )
    return value


def record(turn: Turn, name: str, spec: FactSpec, value: object, source: str) -> None:
    """Record a value, unless it is known already. One that does not fit the fact (a fault, another type, none of its
    choices) is unknown: a definition's slip is not to stand in the way of the case.
    """
    wire = to_wire(cast("Value", value)) if fits(spec, value) else None
    known = turn.state.facts.get(name)
    if (known is None and wire is None) or (known is not None and known.value == wire):
        return
    if spec.personal:
        turn.emit(
            e.FactSet(name=name, type=spec.type, source=source, personal=True, private=e.ValuePrivate(value=wire))
        )
    else:
        turn.emit(e.FactSet(name=name, type=spec.type, source=source, value=wire))


def stale(turn: Turn, seen: Mapping[str, Any]) -> Refused | None:
    """Whether a fact has changed since the actor looked."""
    for name, before in seen.items():
        spec = turn.plan.facts.get(name)
        if spec is None:
            return _unknown(turn, name)
        then = read(spec, name, before)
        known = turn.state.facts.get(name)
        if isinstance(then, Refused) or to_wire(then) != (known.value if known else None):
            now = known.value if known else None
            return Refused(
                "stale",
                f"{spec.label or name} was changed meanwhile, to “{now}”. Nothing is lost: look, then send it.",
                facts={"fact": name, "now": now, "changed by": known.source if known else ""},
                next=(NextStep("Look at the new value, then keep yours or take theirs"),),
            )
    return None


def _unknown(turn: Turn, name: str) -> Refused:
    known = ", ".join(sorted(turn.plan.facts)) or "none"
    return Refused("invalid", f"This case knows no fact “{name}”. Known are: {known}.", facts={"fact": name})


def fits(spec: FactSpec, value: object) -> bool:
    """Whether a result of FEEL may stand as this fact: of its type, and one of its choices."""
    if value is None:
        return True
    return has_type(value, spec.type) and (not spec.choices or value in spec.choices)
