"""Small decision models for tests."""

from collections.abc import Mapping, Sequence

from caseloom.engine.decision import model as m
from caseloom.engine.decision.graph import DecisionModel, compile_model
from caseloom.engine.feel import Note, Value


def literal(text: str, type: str | None = None) -> m.LiteralExpression:
    return m.LiteralExpression(text=text, type=type)


def of_table(
    rules: Sequence[tuple[Sequence[str], Sequence[str]]],
    hit_policy: str = "UNIQUE",
    inputs: Sequence[str] = ("x",),
    outputs: Sequence[m.OutputClause] = (m.OutputClause(),),
    aggregation: str | None = None,
    allowed: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
) -> m.DecisionTable:
    """A table; each rule is its tests and its outputs."""
    limits, kinds = allowed or {}, types or {}
    return m.DecisionTable(
        hit_policy=hit_policy,
        aggregation=aggregation,
        inputs=tuple(
            m.InputClause(
                expression=literal(name, kinds.get(name)),
                allowed=m.UnaryTests(text=limits[name]) if name in limits else None,
            )
            for name in inputs
        ),
        outputs=tuple(outputs),
        rules=tuple(
            m.Rule(
                tests=tuple(m.UnaryTests(text=test) for test in tests),
                outputs=tuple(literal(output) for output in results),
                line=number,
            )
            for number, (tests, results) in enumerate(rules, 1)
        ),
    )


def with_inputs(logic: m.Expression | None, *inputs: str, **more: object) -> m.Model:
    """A model with one decision `d` that requires these inputs."""
    nodes: list[m.Node] = [m.InputData(id=name, name=name) for name in inputs]
    requirements = tuple(m.Requirement(kind="input", href=f"#{name}") for name in inputs)
    nodes.append(m.Decision(id="d", name="d", requirements=requirements, logic=logic))
    return m.Model(name="test", namespace="test", nodes=tuple(nodes), **more)  # type: ignore[arg-type]


def decide(logic: m.Expression, notes: list[Note] | None = None, **inputs: Value) -> Value:
    """The value of a decision with this logic."""
    return ready(logic, *inputs).evaluate("d", inputs, notes=notes)


def ready(logic: m.Expression, *inputs: str) -> DecisionModel:
    return compile_model(with_inputs(logic, *inputs))
