"""Whatever stands in a model and whatever it is given, an evaluation gives a value, and looking it over ends."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseloom.engine.decision import model as m
from caseloom.engine.decision.lint import lint
from caseloom.engine.decision.suite import shown
from caseloom.engine.feel import Note, Value
from caseloom.interchange.dmn_reader import read_dmn
from caseloom.interchange.dmn_writer import write_dmn
from tests.engine.decision.models import literal, of_table, ready, with_inputs
from tests.engine.feel.test_evaluation_never_raises import values

POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER", "NONE")
texts = st.sampled_from(
    ["", "-", "1", '"a"', "x", "x + 1", "> 1", "not(1)", "[1..3]", "[3..1]", "null", "y.z", "(", "? > x", "f(x)"]
)
types = st.sampled_from([None, "number", "string", "tGone", "list<number>", "list<", "Any"])


def _outputs(count: int) -> st.SearchStrategy[tuple[m.OutputClause, ...]]:
    clause = st.builds(
        lambda name, type, allowed, default: m.OutputClause(
            name=name,
            type=type,
            allowed=m.UnaryTests(text=allowed) if allowed else None,
            default=literal(default) if default else None,
        ),
        st.sampled_from(["a", "b", None]),
        types,
        st.none() | texts,
        st.none() | texts,
    )
    return st.lists(clause, min_size=count, max_size=count).map(tuple)


@st.composite
def tables(draw: st.DrawFn) -> m.DecisionTable:
    outputs = draw(_outputs(draw(st.integers(1, 2))))
    row = st.tuples(
        st.lists(texts, min_size=2, max_size=2), st.lists(texts, min_size=len(outputs), max_size=len(outputs))
    )
    return of_table(
        draw(st.lists(row, max_size=4)),
        draw(st.sampled_from(POLICIES)),
        ["x", "y"],
        outputs,
        draw(st.sampled_from([None, "SUM", "MIN", "MAX", "COUNT", "AVERAGE"])),
        draw(st.dictionaries(st.sampled_from(["x", "y"]), texts, max_size=2)),
        {name: type for name, type in draw(st.dictionaries(st.sampled_from(["x", "y"]), types)).items() if type},
    )


def boxed(inner: st.SearchStrategy[m.Expression]) -> st.SearchStrategy[m.Expression]:
    entry = st.builds(
        lambda name, value: m.ContextEntry(variable=m.Variable(name=name) if name else None, value=value),
        st.sampled_from(["a", "b c", "x", None]),
        inner,
    )
    return st.one_of(
        st.builds(lambda entries: m.BoxedContext(entries=tuple(entries)), st.lists(entry, max_size=3)),
        st.builds(lambda items: m.BoxedList(items=tuple(items)), st.lists(inner, max_size=3)),
        st.builds(lambda a, b, c: m.Conditional(condition=a, then=b, otherwise=c), inner, inner, inner),
        st.builds(lambda a, b: m.BoxedFilter(source=a, match=b), inner, inner),
        st.builds(
            lambda word, a, b: m.Iteration(word=word, variable="i", source=a, body=b),
            st.sampled_from(["for", "some", "every"]),
            inner,
            inner,
        ),
        st.builds(
            lambda a, type: m.FunctionDefinition(parameters=(m.Variable(name="p", type=type),), body=a), inner, types
        ),
        st.builds(
            lambda a, b: m.Invocation(called=a, bindings=(m.Binding(parameter=m.Variable(name="p"), value=b),)),
            inner,
            inner,
        ),
    )


literals: st.SearchStrategy[m.Expression] = st.builds(literal, texts, types)
expressions: st.SearchStrategy[m.Expression] = st.recursive(literals | tables(), boxed, max_leaves=5)
relaxed = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@relaxed
@given(expressions, values, values)
def test_any_logic_over_any_values_gives_a_value(logic: m.Expression, x: Value, y: Value) -> None:
    model = ready(logic, "x", "y")
    notes: list[Note] = []
    value = model.evaluate("d", {"x": x, "y": y}, budget=5000, notes=notes)
    assert all(note.where for note in notes)
    assert isinstance(shown(value), str)
    assert all(str(finding) for finding in lint(model))


@relaxed
@given(expressions)
def test_any_logic_is_read_as_it_was_written(logic: m.Expression) -> None:
    prefixes = (("", "https://www.omg.org/spec/DMN/20230324/MODEL/"),)
    model = with_inputs(logic, "x", "y", prefixes=prefixes)
    assert read_dmn(write_dmn(model)) == model
