"""What an expression reads from its scope is known before it is evaluated, and nothing else is asked for."""

from collections.abc import Iterator, Mapping

import pytest

from caseloom.engine.feel import Value, compile


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("refund.amount > limit", {("refund", "amount"), ("limit",)}),
        ('card status = "active"', {("card status",)}),
        ("for x in orders return x.n + y", {("orders",), ("y",)}),
        ("some x in orders satisfies x = z", {("orders",), ("z",)}),
        ("{a: b, c: a}.c", {("b",)}),
        ("(function(x) x + k)(1)", {("k",)}),
        ("count(orders)", {("orders",)}),
        ("orders[n > 5]", {("orders",), ("n",)}),
        ("a.b.c[1].d", {("a", "b", "c")}),
        ("1 + 2", set()),
    ],
)
def test_the_paths_are_those_that_the_text_names(text: str, paths: set[tuple[str, ...]]) -> None:
    expression = compile(text)
    assert expression.paths == paths
    assert expression.reads == {path[0] for path in paths}


def test_in_a_filter_only_declared_names_count_when_names_are_declared() -> None:
    assert compile("orders[n > limit]", ["orders", "limit"]).reads == {"orders", "limit"}


class Asked(Mapping[str, Value]):
    """A scope that remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getitem__(self, name: str) -> Value:
        self.asked.append(name)
        return True

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("a scope is never walked over")

    def __len__(self) -> int:
        raise AssertionError("a scope is never counted")


def test_a_scope_is_asked_only_for_what_is_needed() -> None:
    scope = Asked()
    assert compile("a or b").evaluate(scope) is True
    assert scope.asked == ["a"]
