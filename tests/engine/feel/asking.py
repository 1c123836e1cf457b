"""Asks an expression for its value."""

from collections.abc import Mapping

from caseloom.engine.feel import Note, Value, compile, compile_tests


def ask(text: str, scope: Mapping[str, Value] | None = None) -> Value:
    """The value of an expression; the names of the scope are known to it."""
    scope = scope or {}
    return compile(text, scope).evaluate(scope)


def notes_of(text: str, scope: Mapping[str, Value] | None = None) -> list[Note]:
    """Why the expression gave null."""
    scope, notes = scope or {}, list[Note]()
    compile(text, scope).evaluate(scope, notes=notes)
    return notes


def passes(tests: str, value: Value, scope: Mapping[str, Value] | None = None) -> Value:
    """Whether a value passes unary tests."""
    scope = scope or {}
    return compile_tests(tests, scope).evaluate(scope, value)
