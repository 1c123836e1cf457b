"""Trees of any shape, for properties that hold of all expressions."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from caseloom.engine.feel import tree

NAMES = ("a", "b", "first name", "a-b", "profit and loss", "über", "item", "x1")
FUNCTIONS = (
    "count",
    "sum",
    "date and time",
    "string length",
    "sort",
    "min",
    "substring",
    "matches",
    "flatten",
)
PROPERTIES = ("a", "first name", "year", "time offset", "start included")

names = st.sampled_from(NAMES)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
numbers = st.one_of(
    st.integers(0, 12).map(Decimal),
    st.decimals(0, 10**9, places=3, allow_nan=False, allow_infinity=False),
    st.sampled_from([Decimal("9.99E+6144"), Decimal("1E-6143"), Decimal("1E+40")]),
)
moments = st.sampled_from(
    [
        "2026-03-29",
        "02:30:00",
        "2026-03-29T02:30:00@Europe/Berlin",
        "P1D",
        "-P2Y",
        "9999-12-31",
        "P999999999D",
        "?",
    ]
)
leaves: st.SearchStrategy[tree.Node] = st.one_of(
    st.builds(tree.Number, numbers),
    st.builds(tree.Text, texts),
    st.builds(tree.Boolean, st.booleans()),
    st.builds(tree.Null),
    st.builds(tree.Moment, moments),
    st.builds(tree.Name, names),
)
simple_types: st.SearchStrategy[tree.Node] = st.builds(
    tree.SimpleType, st.sampled_from(["number", "Any", "days and time duration", "string"])
)
types = st.recursive(
    simple_types,
    lambda inner: st.one_of(
        st.builds(tree.MemberType, st.sampled_from(["list", "range"]), inner),
        st.builds(tree.ContextType, st.lists(st.tuples(names, inner), min_size=1, max_size=2).map(tuple)),
        st.builds(tree.FunctionType, st.lists(inner, max_size=2).map(tuple), inner),
    ),
    max_leaves=3,
)


def _tuples(inner: st.SearchStrategy[tree.Node], least: int = 0) -> st.SearchStrategy[tuple[tree.Node, ...]]:
    return st.lists(inner, min_size=least, max_size=3).map(tuple)


def _tests(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    orders = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    return inner | st.builds(tree.OperatorTest, orders, inner)


def _logic(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    return _tuples(inner, 2).map(_and) | _tuples(inner, 2).map(_or)


def _and(operands: tuple[tree.Node, ...]) -> tree.Node:
    """A chain as it is parsed: what stands first is no chain of its own."""
    first, *rest = operands
    head = first.operands if isinstance(first, tree.And) else (first,)
    return tree.And((*head, *rest))  # type: ignore[arg-type]


def _or(operands: tuple[tree.Node, ...]) -> tree.Node:
    first, *rest = operands
    head = first.operands if isinstance(first, tree.Or) else (first,)
    return tree.Or((*head, *rest))  # type: ignore[arg-type]


def _named(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Up to two values under names that differ."""
    chosen = st.sampled_from([(), ("a",), ("first name",), ("a", "a-b"), ("x1", "profit and loss")])
    return st.tuples(chosen, inner, inner).map(lambda drawn: list(zip(drawn[0], drawn[1:], strict=False)))


def _calls(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    called = st.builds(tree.Name, st.sampled_from(FUNCTIONS)) | inner
    by_name = _named(inner)
    return st.builds(tree.Call, called, _tuples(inner)) | st.builds(
        lambda callee, pairs: tree.Call(callee, tuple(v for _, v in pairs), tuple(n for n, _ in pairs)),
        called,
        by_name,
    )


def _bodies(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    iterators = _tuples(st.builds(tree.Iterator, names, inner, st.none() | inner), 1)
    parameters = _named(st.none() | types).map(tuple)
    entries = st.lists(st.tuples(names | texts, inner), max_size=3).map(tuple)
    return st.one_of(
        st.builds(tree.For, iterators, inner),
        st.builds(tree.Quantified, st.booleans(), iterators, inner),
        st.builds(tree.Function, parameters, inner),
        st.builds(tree.ContextLiteral, entries),
    )


def _composed(inner: st.SearchStrategy[tree.Node]) -> st.SearchStrategy[tree.Node]:
    orders = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    return st.one_of(
        st.builds(tree.Arithmetic, st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner),
        st.builds(tree.Comparison, orders, inner, inner),
        st.builds(tree.Negation, inner),
        st.builds(tree.Between, inner, inner, inner),
        st.builds(tree.In, inner, _tuples(_tests(inner), 1)),
        st.builds(tree.If, inner, inner, inner),
        st.builds(tree.Path, inner, st.sampled_from(PROPERTIES)),
        st.builds(tree.Filter, inner, inner),
        st.builds(tree.ListLiteral, _tuples(inner)),
        st.builds(tree.Interval, st.booleans(), inner, inner, st.booleans()),
        st.builds(tree.OperatorRange, orders, inner),
        st.builds(tree.InstanceOf, inner, types),
        _logic(inner),
        _calls(inner),
        _bodies(inner),
    )


trees: st.SearchStrategy[tree.Node] = st.recursive(leaves, _composed, max_leaves=12)
unary_tests = st.builds(tree.UnaryTests, _tuples(_tests(trees), 1), st.booleans())
