"""Decisions over the graph of requirements: boxed expressions, knowledge models, services, imports, types, bounds."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from caseloom.engine.decision import model as m
from caseloom.engine.decision.graph import compile_model
from caseloom.engine.decision.lint import lint
from caseloom.engine.feel import NOW, Fault, Note, Value
from tests.engine.decision.models import decide, literal, of_table, ready, with_inputs


def entry(name: str | None, value: m.Expression, type: str | None = None) -> m.ContextEntry:
    return m.ContextEntry(variable=m.Variable(name=name, type=type) if name else None, value=value)


def needs(*ids: str, kind: str = "decision") -> tuple[m.Requirement, ...]:
    return tuple(m.Requirement(kind=kind, href=f"#{id}") for id in ids)


def function(body: str, *parameters: str, type: str | None = None) -> m.FunctionDefinition:
    return m.FunctionDefinition(parameters=tuple(m.Variable(name=p) for p in parameters), body=literal(body, type))


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (literal("x + 1"), 3),
        (literal('"a"', "number"), None),
        (literal("[x]", "number"), 2),
        (m.BoxedContext(entries=(entry("a", literal("x")), entry("b", literal("a * 2")))), {"a": 2, "b": 4}),
        (m.BoxedContext(entries=(entry("a", literal("x")), entry(None, literal("a * 3")))), 6),
        (m.BoxedContext(entries=(entry("monthly fee", literal("x")), entry(None, literal("monthly fee - 1")))), 1),
        (m.BoxedList(items=(literal("x"), literal('"b"'))), [2, "b"]),
        (
            m.Relation(
                columns=(m.Variable(name="x"), m.Variable(name="y")),
                rows=(m.Row(cells=(literal("1"), literal("x"))), m.Row(cells=(literal("x"), literal("4")))),
            ),
            [{"x": 1, "y": 2}, {"x": 2, "y": 4}],
        ),
        (m.Conditional(condition=literal("x = 2"), then=literal('"two"'), otherwise=literal('"else"')), "two"),
        (m.BoxedFilter(source=literal("[1, 2, 3]"), match=literal("item >= x")), [2, 3]),
        (m.Iteration(word="for", variable="i", source=literal("[1, 2]"), body=literal("i * x")), [2, 4]),
        (m.Iteration(word="some", variable="i", source=literal("[1, 2]"), body=literal("i > x")), False),
        (m.Iteration(word="every", variable="i", source=literal("[1, 2]"), body=literal("i <= x")), True),
        (
            m.BoxedContext(
                entries=(entry("f", function("p * x", "p")), entry(None, literal("f(10)"))),
            ),
            20,
        ),
        (
            m.Invocation(
                called=m.BoxedContext(entries=(entry(None, function("p - q", "p", "q")),)),
                bindings=(
                    m.Binding(parameter=m.Variable(name="q"), value=literal("1")),
                    m.Binding(parameter=m.Variable(name="p"), value=literal("x")),
                ),
            ),
            1,
        ),
    ],
)
def test_a_boxed_expression_has_its_value(logic: m.Expression, expected: Value) -> None:
    assert decide(logic, x=Decimal(2)) == expected


def test_what_is_required_is_evaluated_once_and_only_when_it_is_read() -> None:
    nodes: tuple[m.Node, ...] = (
        m.Decision(id="slow", name="slow", logic=literal("count(for i in 1..1000 return i)")),
        m.Decision(id="twice", name="twice", requirements=needs("slow"), logic=literal("slow + slow + slow")),
        m.Decision(id="never", name="never", requirements=needs("slow"), logic=literal("if true then 1 else slow")),
    )
    model = compile_model(m.Model(name="m", namespace="m", nodes=nodes))
    assert model.evaluate("twice", {}, budget=1500) == 3000
    assert model.evaluate("never", {}, budget=10) == 1


def test_a_decision_sees_nothing_that_it_does_not_require() -> None:
    notes: list[Note] = []
    model = compile_model(with_inputs(literal("y"), "x"))
    assert model.evaluate("d", {"y": Decimal(1)}, notes=notes) is None
    assert [str(note) for note in notes] == ["decision 'd', line 1, column 1: There is no 'y' here."]
    assert [finding.message for finding in lint(model)] == ["There is no 'y' here. It requires 'x'."]


def test_a_circle_of_requirements_is_refused() -> None:
    nodes = (
        m.Decision(id="a", name="a", requirements=needs("b"), logic=literal("b"), line=3),
        m.Decision(id="b", name="b", requirements=needs("a"), logic=literal("a"), line=7),
    )
    with pytest.raises(m.ModelFault, match="requires its own value"):
        compile_model(m.Model(name="m", namespace="m", nodes=nodes))


def test_a_knowledge_model_may_call_itself_within_bounds() -> None:
    nodes: tuple[m.Node, ...] = (
        m.KnowledgeModel(id="f", name="fac", logic=function("if n <= 1 then 1 else n * fac(n - 1)", "n")),
        m.KnowledgeModel(id="g", name="forever", logic=function("forever(n + 1)", "n")),
        m.Decision(id="d", name="d", requirements=needs("f", kind="knowledge"), logic=literal("fac(20)")),
        m.Decision(id="e", name="e", requirements=needs("g", kind="knowledge"), logic=literal("forever(1)")),
    )
    model = compile_model(m.Model(name="m", namespace="m", nodes=nodes))
    assert model.evaluate("d", {}) == 2432902008176640000
    fault = model.evaluate("e", {})
    assert isinstance(fault, Fault)
    assert "deep" in fault.message
    assert fault.where == "knowledge model 'forever'"
    assert fault.line == 1


def service_model() -> m.Model:
    nodes: tuple[m.Node, ...] = (
        m.InputData(id="age", name="age", variable=m.Variable(name="age", type="number")),
        m.Decision(id="base", name="base", logic=literal("100")),
        m.Decision(
            id="fee",
            name="fee",
            requirements=(*needs("base"), *needs("age", kind="input")),
            logic=literal("base + age"),
        ),
        m.DecisionService(
            id="s", name="fee service", outputs=("#fee",), input_decisions=("#base",), input_data=("#age",)
        ),
        m.DecisionService(id="both", name="both", outputs=("#fee", "#base"), input_data=("#age",)),
        m.Decision(
            id="caller",
            name="caller",
            requirements=needs("s", kind="knowledge"),
            logic=literal("fee service(age: 5, base: 1)"),
        ),
    )
    return m.Model(name="m", namespace="m", nodes=nodes)


def test_a_decision_service_takes_the_values_of_its_input_decisions() -> None:
    model = compile_model(service_model())
    assert model.evaluate("fee", {"age": Decimal(5)}) == 105
    assert model.evaluate("caller", {"age": Decimal(70)}) == 6
    assert model.evaluate_service("fee service", {"age": Decimal(5), "base": Decimal(7)}) == 12
    assert model.evaluate_service("both", {"age": Decimal(5)}) == {"fee": 105, "base": 100}
    assert model.evaluate_service("both", {"age": "five"}) == {"fee": None, "base": 100}


def test_an_imported_model_is_read_by_its_name() -> None:
    items = (m.ItemDefinition(name="tAge", type="number", allowed=m.UnaryTests(text="[0..150]")),)
    shared = m.Model(
        name="shared",
        namespace="urn:shared",
        items=items,
        nodes=(
            m.InputData(id="who", name="who"),
            m.KnowledgeModel(id="greet", name="say hello", logic=function('"Hello " + name', "name")),
            m.Decision(
                id="greeting", name="greeting", requirements=needs("who", kind="input"), logic=literal('"Dear " + who')
            ),
        ),
    )
    decision = m.Decision(
        id="d",
        name="d",
        requirements=(
            m.Requirement(kind="knowledge", href="urn:shared#greet"),
            m.Requirement(kind="decision", href="urn:shared#greeting"),
        ),
        logic=literal('sh.greeting + ", " + sh.say hello("Eve")'),
    )
    typed = m.Decision(id="t", name="t", variable=m.Variable(name="t", type="sh.tAge"), logic=literal("200"))
    imports = (m.Import(name="sh", namespace="urn:shared", kind="https://www.omg.org/spec/DMN/20230324/MODEL/"),)
    main = m.Model(name="main", namespace="urn:main", imports=imports, nodes=(decision, typed))
    model = compile_model(main, [shared])
    assert model.evaluate("d", {"who": "Ann"}) == "Dear Ann, Hello Eve"
    assert model.evaluate("t", {}) is None
    alone = compile_model(main)
    assert "There is no model with the namespace 'urn:shared'." in [finding.message for finding in alone.findings]


PERSON = m.ItemDefinition(
    name="tPerson",
    components=(
        m.ItemDefinition(name="name", type="string"),
        m.ItemDefinition(name="age", type="number", allowed=m.UnaryTests(text=">= 0")),
        m.ItemDefinition(name="friends", type="tPerson", collection=True),
    ),
)


@pytest.mark.parametrize(
    ("text", "type", "expected"),
    [
        ('{name: "a", age: 1, friends: []}', "tPerson", True),
        ('{name: "a", age: -1, friends: []}', "tPerson", False),
        ('{name: "a", age: 1}', "tPerson", False),
        ('{name: "a", age: 1, friends: [{name: "b", age: 2, friends: null}]}', "tPerson", True),
        ('{name: "a", age: 1, friends: [{name: "b"}]}', "tPerson", False),
        ('["x", "y"]', "tNames", True),
        ('["x", "y", "z"]', "tNames", False),
        ('"x"', "tNames", True),
        ("function(a: string) 1", "tFunction", True),
        ("function(a: number) 1", "tFunction", False),
        ("[1, 2]", "list<number>", True),
        ('[1, "a"]', "list<number>", False),
    ],
)
def test_a_value_has_to_be_of_the_type_of_its_variable(text: str, type: str, expected: bool) -> None:
    items = (
        PERSON,
        m.ItemDefinition(
            name="tNames",
            type="string",
            collection=True,
            allowed=m.UnaryTests(text='"x", "y", "z"'),
            constraint=m.UnaryTests(text="count(?) < 3"),
        ),
        m.ItemDefinition(
            name="tFunction",
            function=m.FunctionItem(output="number", parameters=(m.Variable(name="p", type="string"),)),
        ),
    )
    decision = m.Decision(id="d", name="d", variable=m.Variable(name="d", type=type), logic=literal(text))
    model = compile_model(m.Model(name="m", namespace="m", items=items, nodes=(decision,)))
    assert lint(model) == []
    assert (model.evaluate("d", {}) is not None) is expected


def test_an_input_of_the_wrong_type_is_null_and_the_note_names_it() -> None:
    notes: list[Note] = []
    nodes: tuple[m.Node, ...] = (
        m.InputData(id="x", name="x", variable=m.Variable(name="x", type="number")),
        m.Decision(id="d", name="d", requirements=needs("x", kind="input"), logic=literal("x")),
    )
    model = compile_model(m.Model(name="m", namespace="m", nodes=nodes))
    assert model.evaluate("d", {"x": "one"}, notes=notes) is None
    assert notes[0].where == "input 'x'"


def test_all_steps_of_a_run_count_against_one_bound() -> None:
    rules = [(["count(for i in 1..100 return i) = 100"], ["1"])] * 20
    model = ready(of_table(rules, "COLLECT"), "x")
    fault = model.evaluate("d", {"x": Decimal(1)}, budget=500)
    assert isinstance(fault, Fault)
    assert "too many steps" in fault.message
    assert fault.where.startswith("decision 'd', rule ")


def test_the_moment_of_a_run_is_given() -> None:
    moment = datetime(2026, 3, 31, 9, tzinfo=UTC)
    assert ready(literal("string(today())")).evaluate("d", {NOW: moment}) == "2026-03-31"


def test_a_text_that_is_no_feel_breaks_its_own_decision_alone() -> None:
    nodes = (
        m.Decision(id="a", name="a", logic=m.LiteralExpression(text="1 +", line=12)),
        m.Decision(id="b", name="b", logic=literal("2")),
    )
    model = compile_model(m.Model(name="m", namespace="m", nodes=nodes))
    notes: list[Note] = []
    assert (model.evaluate("a", {}, notes=notes), model.evaluate("b", {})) == (None, 2)
    assert "ends too early" in notes[0].message
    assert [(finding.line, finding.where) for finding in model.findings] == [(12, "decision 'a'")]


@pytest.mark.parametrize(
    ("logic", "words"),
    [
        (literal("x + z"), "There is no 'z' here"),
        (literal('"a"', "number"), "a string is given where a number is wanted"),
        (literal("1", "tNothing"), "There is no type 'tNothing'"),
        (of_table([(['"a"'], ["1"]), (["> 1"], ["2"])], types={"x": "number"}), "It tests for a string"),
        (of_table([(["-"], ["1"])], "BEST"), "There is no hit policy 'BEST'"),
        (of_table([(["1"], ["1"])]), "No rule matches"),
        (of_table([(["< ("], ["1"])]), "ends too early"),
        (of_table([(["-"], ["1", "2"])], outputs=(m.OutputClause(), m.OutputClause())), "needs a name"),
    ],
)
def test_lint_names_what_is_wrong(logic: m.Expression, words: str) -> None:
    assert words in " ".join(str(finding) for finding in lint(ready(logic, "x")))


def test_a_requirement_that_is_not_there_is_a_finding_with_its_line() -> None:
    requirement = m.Requirement(kind="input", href="#gone", line=9)
    model = compile_model(
        m.Model(name="m", namespace="m", nodes=(m.Decision(id="d", name="d", requirements=(requirement,)),))
    )
    assert [(finding.line, finding.message) for finding in model.findings] == [
        (9, "It requires '#gone', which is not there.")
    ]


def test_a_chain_of_decisions_beyond_what_can_be_followed_is_said() -> None:
    nodes = tuple(
        m.Decision(
            id=f"d{n}",
            name=f"d{n}",
            requirements=needs(f"d{n - 1}") if n else (),
            logic=literal(f"d{n - 1} + 1" if n else "0"),
        )
        for n in range(5000)
    )
    model = m.Model(name="m", namespace="m", nodes=nodes[:200])
    compiled = compile_model(model)
    assert compiled.evaluate("d30", {}) == 30
    fault = compiled.evaluate("d199", {})
    assert isinstance(fault, Fault)
    assert "too deeply" in fault.message
    with pytest.raises(m.ModelFault, match="too deeply"):
        compile_model(m.Model(name="m", namespace="m", nodes=tuple(reversed(nodes))))


def test_boxed_expressions_nested_without_end_are_refused() -> None:
    logic: m.Expression = literal("1")
    for _ in range(2000):
        logic = m.BoxedList(items=(logic,))
    with pytest.raises(m.ModelFault, match="too deeply"):
        ready(logic)
