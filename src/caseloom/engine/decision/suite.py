"""Test cases of decisions in the form of the DMN TCK: what is given, what is expected, and how values compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from caseloom.engine.decision.graph import DecisionModel
from caseloom.engine.decision.model import DecisionService
from caseloom.engine.feel import NOW, Fault, FunctionValue, Note, Value
from caseloom.engine.feel.builtins.conversion import text_of
from caseloom.engine.feel.comparison import equal
from caseloom.engine.feel.faults import Faulted

# The runners of the kit take numbers as equal that differ by no more.
TOLERANCE = Decimal("1e-8")


@dataclass(frozen=True, slots=True)
class Expected:
    """A value that a decision has to have."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Case:
    """One test case. `service` is the name of the decision service to call, or None for decisions. `fault` says why a
    case cannot be run."""

    id: str
    inputs: Mapping[str, Value]
    results: tuple[Expected, ...]
    service: str | None = None
    fault: str | None = None

    @property
    def is_value_test(self) -> bool:
        """Whether it expects anything but null; an engine that knows nothing passes the others."""
        return any(result.value is not None for result in self.results)


@dataclass(frozen=True, slots=True)
class Failure:
    """A result that is not the expected one; `why` says what was noted on the way."""

    case: str
    name: str
    expected: Value
    got: Value
    why: str = ""

    def __str__(self) -> str:
        if not self.name:
            return f"{self.case}: {self.why}"
        why = f" ({self.why})" if self.why else ""
        return f"{self.case} {self.name}: expected {shown(self.expected)}, got {shown(self.got)}{why}"


def shown(value: Value) -> str:
    """A value in a line of a report."""
    if isinstance(value, Fault):
        return f"a fault: {value}"
    return "null" if value is None else text_of([value])[1:-1]  # type: ignore[index]


def failures(model: DecisionModel, case: Case, now: datetime) -> list[Failure]:
    """Runs a case at a moment; what differs from the expected."""
    if case.fault is not None:
        return [Failure(case.id, "", None, None, case.fault)]
    found = []
    for result in case.results:
        notes: list[Note] = []
        try:
            got = _got(model, case, {NOW: now, **case.inputs}, result.name, notes)
        except KeyError:
            found.append(Failure(case.id, result.name, result.value, None, "there is no such decision"))
            continue
        if not same(result.value, got):
            why = "; ".join(str(note) for note in notes[:2])
            found.append(Failure(case.id, result.name, result.value, got, why))
    return found


def _got(model: DecisionModel, case: Case, inputs: Mapping[str, Value], name: str, notes: list[Note]) -> Value:
    if case.service is None:
        found = model.named(name)
        if found is not None and isinstance(found.node, DecisionService):
            return model.evaluate_service(name, inputs, notes=notes)
        return model.evaluate(name, inputs, notes=notes)
    result = model.evaluate_service(case.service, inputs, notes=notes)
    service = model.named(case.service, DecisionService)
    several = service is not None and len(service.node.outputs) > 1  # type: ignore[union-attr]
    return result.get(name) if several and isinstance(result, Mapping) else result


def same(expected: Value, got: Value) -> bool:
    """Whether a result is the expected one: numbers to 1e-8, lists and contexts member by member."""
    if isinstance(expected, Decimal) and isinstance(got, Decimal):
        return expected == got or abs(expected - got) <= TOLERANCE
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        return set(expected) == set(got) and all(same(value, got[name]) for name, value in expected.items())
    if isinstance(expected, Sequence) and isinstance(got, Sequence) and not isinstance(expected, str):
        return len(expected) == len(got) and all(same(a, b) for a, b in zip(expected, got, strict=True))
    if isinstance(got, Fault | FunctionValue):
        return False
    try:
        return equal(expected, got) is True
    except Faulted:
        return False
